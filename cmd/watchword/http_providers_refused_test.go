package main

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// wantRefused says that people get a page and programs a problem, and that the
// browser goes nowhere.
func wantRefused(t *testing.T, name string, got answer, status int, code string) {
	t.Helper()
	html := strings.HasPrefix(got.header.Get("Content-Type"), "text/html")
	if got.status != status || html == (code != "") || got.str("code") != code || got.header.Get("Location") != "" {
		t.Errorf("%s: %d, leads to %q, want %d %q: %s", name, got.status, got.header.Get("Location"), status, code, got.text)
	}
	if got.carries() != "nothing" {
		t.Errorf("%s: it carries %s", name, got.carries())
	}
	if got.header.Get("Cache-Control") != "no-store" || html && strings.Contains(got.text, "<script") {
		t.Errorf("%s: %v\n%s", name, got.header, got.text)
	}
}

func TestWhatIsWrongWithARequestIsNeverRedirected(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newAbroad(t, engine, "")
		before := w.rows()
		without := func(query url.Values, names ...string) url.Values {
			for _, name := range names {
				query.Del(name)
			}
			return query
		}
		for name, c := range map[string]struct {
			provider string
			query    url.Values
			status   int
			code     string
		}{
			"unknown provider":           {"nobody", byCode(), 404, "provider_not_found"},
			"the password":               {"password", byCode(), 404, "provider_not_found"},
			"in upper case":              {"ACME", byCode(), 404, "provider_not_found"},
			"one that is not offered":    {"forge", url.Values{"client_id": {"shop"}}, 404, "provider_not_found"},
			"unknown client":             {"acme", plus(byCode(), "client_id", "nobody"), 404, "client_not_found"},
			"client in upper case":       {"acme", plus(byCode(), "client_id", "WEB"), 404, "client_not_found"},
			"another client's page":      {"acme", plus(byCode(), "client_id", "shop"), 400, "redirect_uri_not_allowed"},
			"a code for nowhere":         {"acme", without(byCode(), "redirect_uri"), 400, "redirect_uri_not_allowed"},
			"a challenge for nowhere":    {"acme", without(byCode(), "redirect_uri", "response_type"), 400, "redirect_uri_not_allowed"},
			"no challenge":               {"acme", without(byCode(), "code_challenge", "code_challenge_method"), 400, "pkce_required"},
			"a method without challenge": {"acme", without(byCode(), "code_challenge", "response_type"), 400, "pkce_required"},
			"no method":                  {"acme", without(byCode(), "code_challenge_method"), 400, "pkce_required"},
			"the plain method":           {"acme", plus(byCode(), "code_challenge_method", "plain"), 400, "pkce_required"},
			"a method in lower case":     {"acme", plus(byCode(), "code_challenge_method", "s256"), 400, "pkce_required"},
			"a short challenge":          {"acme", plus(byCode(), "code_challenge", "evil"), 422, "validation_failed"},
			"a token":                    {"acme", plus(byCode(), "response_type", "token"), 400, "unsupported_response_type"},
			"an ID token":                {"acme", plus(byCode(), "response_type", "code id_token"), 400, "unsupported_response_type"},
			"a prompt of no kind":        {"acme", plus(byCode(), "prompt", "evil"), 422, "validation_failed"},
			"a long state":               {"acme", plus(byCode(), "state", strings.Repeat("evil", 129)), 422, "validation_failed"},
			"a state of two lines":       {"acme", plus(byCode(), "state", "evil\r\nSet-Cookie: evil"), 422, "validation_failed"},
			"a long nonce":               {"acme", plus(byCode(), "nonce", strings.Repeat("evil", 65)), 422, "validation_failed"},
			"a long hint":                {"acme", plus(byCode(), "login_hint", strings.Repeat("evil", 81)), 422, "validation_failed"},
			"an invite that is none":     {"acme", plus(byCode(), "invite_token", "evil"), 400, "token_invalid"},
		} {
			for _, v := range ways {
				page, problem := w.person().get(v.to(c.provider, c.query)), w.person().get(v.to(c.provider, c.query), namesJSON...)
				wantRefused(t, name+", a page", page, c.status, "")
				wantRefused(t, name+", a problem", problem, c.status, c.code)
				for _, got := range []answer{page, problem} {
					if strings.Contains(got.text, "evil") || strings.Contains(got.text, "nobody") || len(got.header.Values("Set-Cookie")) > 0 {
						t.Errorf("%s: %v\n%s", name, got.header, got.text)
					}
				}
			}
		}
		for _, connection := range []string{"", "connection=&"} {
			path := "/oauth2/authorize?" + connection + byCode().Encode()
			wantRefused(t, "no connection", w.person().get(path), 400, "")
			wantRefused(t, "no connection", w.person().get(path, namesJSON...), 400, "connection_required")
		}
		if diff := cmp.Diff(before, w.rows()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
		if len(w.at.Requests()) > 0 {
			t.Errorf("a provider was asked: %+v", w.at.Requests())
		}
	})
}

// RFC 6749 §3.1: no parameter twice. What does not read as a query is refused, too.
func TestAParameterTwiceIsRefused(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	b := w.person()
	callback := w.back(b.leave("acme", byCookie()), ada())
	before := w.rows()
	for _, v := range ways {
		for _, accept := range []string{browserAccept, "application/json"} {
			for name := range plus(byCode(), "prompt", "login", "login_hint", "ada") {
				got := b.get(v.to("acme", byCode())+"&"+name+"=a&"+name+"=b", "Accept", accept)
				if got.status != 400 || got.str("code") != "bad_request" || len(got.header.Values("Set-Cookie")) > 0 {
					t.Errorf("%s twice: %d %s", name, got.status, got.text)
				}
			}
			for _, name := range []string{"code", "state", "iss", "error", "user"} {
				for _, double := range []string{"&" + name + "=a&" + name + "=b", "&" + name + "=%zz", "&" + name + "=%00"} {
					if got := b.get(v.on("acme", callback)+double, "Accept", accept); got.status != 400 || got.str("code") != "bad_request" {
						t.Errorf("%s: %d %s", double, got.status, got.text)
					}
				}
			}
		}
	}
	if diff := cmp.Diff(before, w.rows()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	b.get(callback).want(t, 303, "")
}

// Whoever looks goes nowhere, and uses nothing up.
func TestHeadActsOnNothing(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	b := w.person()
	callback := w.back(b.leave("acme", byCookie()), ada())
	asked := w.at.Asked("/token")
	before := w.rows()
	for _, v := range ways {
		for _, path := range []string{v.to("acme", byCode()), v.on("acme", callback)} {
			for _, accept := range []string{browserAccept, "application/json"} {
				got := b.do(http.MethodHead, path, "", "Accept", accept)
				if got.status != 200 || len(got.header.Values("Set-Cookie")) > 0 || got.header.Get("Location") != "" {
					t.Errorf("HEAD %s: %d %v", path, got.status, got.header)
				}
			}
		}
	}
	if diff := cmp.Diff(before, w.rows()); diff != "" || w.at.Asked("/token") != asked {
		t.Errorf("it has acted:\n%s", diff)
	}
	b.get(callback).want(t, 303, "")
}

// A foreign page could have somebody's browser begin, and read where it leads.
func TestOnlyTheClientsPagesBeginByJSON(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	before := w.standing()
	for _, v := range ways {
		for name, c := range map[string]struct {
			query   url.Values
			headers []string
			allowed bool
		}{
			"listed":           {byCode(), []string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"}, true},
			"our own":          {byCode(), []string{"Sec-Fetch-Site", "same-origin"}, true},
			"foreign":          {byCode(), []string{"Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site"}, false},
			"same site":        {byCode(), []string{"Sec-Fetch-Site", "same-site"}, false},
			"another client's": {byCode(), []string{"Origin", "https://shop.example.com", "Sec-Fetch-Site", "cross-site"}, false},
			"of another one":   {url.Values{"client_id": {"shop"}}, []string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"}, false},
		} {
			got := w.app().get(v.to("acme", c.query), append(namesJSON, c.headers...)...)
			if c.allowed != (got.status == 200) || !c.allowed && (got.status != 403 || got.str("code") != "cross_origin_refused" || len(got.header.Values("Set-Cookie")) > 0) {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
			if readable := got.header.Get("Access-Control-Allow-Origin") == "https://app.example.com"; readable != (name == "listed" || name == "of another one") {
				t.Errorf("%s: readable for %q", name, got.header.Get("Access-Control-Allow-Origin"))
			}
		}
		// People come to begin from wherever.
		w.person().get(v.to("acme", byCode()), "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document").want(t, 303, "")
	}
	if diff := cmp.Diff(before, w.standing()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// Apple's answer, and others', is posted by a page of theirs, with which no Lax
// cookie comes: it leads to where the cookie does.
func TestAPostedAnswerLeadsToWhereTheCookieComes(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newAbroad(t, engine, "")
		for _, v := range ways {
			b := w.person()
			callback := w.back(b.leave("acme", byCookie()), ada())
			_, form, _ := strings.Cut(callback, "?")
			before, asked := w.rows(), len(w.at.Requests())
			posted := func(form string, headers ...string) answer {
				path := strings.ReplaceAll(v.callback, "{provider}", "acme")
				headers = append([]string{"Origin", w.at.Issuer(), "Sec-Fetch-Site", "cross-site", "Content-Type", formType}, headers...)
				return w.visitor("Accept", browserAccept).conforming().post(path, form, headers...)
			}
			for _, headers := range [][]string{nil, {"Origin", "null"}, {"Accept", "application/json"}, {"Cookie", "access_token=x"}} {
				got := posted(form+"&id_token=evil&scope=evil&user=%7B%22name%22%3A1%7D", headers...)
				to, with := got.led(t)
				want, _ := url.ParseQuery(form)
				if diff := cmp.Diff(plus(want, "user", `{"name":1}`), with); to != strings.ReplaceAll(v.callback, "{provider}", "acme") || diff != "" {
					t.Errorf("it leads to %s\n%s", got.header.Get("Location"), diff)
				}
				if len(got.header.Values("Set-Cookie")) > 0 || got.header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%v", got.header)
				}
				wantUnseen(t, got)
			}
			for name, c := range map[string]struct {
				body    string
				headers []string
				status  int
				code    string
			}{
				"JSON":         {`{"state":"x"}`, []string{"Content-Type", "application/json"}, 415, "unsupported_media_type"},
				"parts":        {form, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, "unsupported_media_type"},
				"text":         {form, []string{"Content-Type", "text/plain"}, 415, "unsupported_media_type"},
				"code twice":   {form + "&code=evil", nil, 400, "bad_request"},
				"state twice":  {form + "&state=evil", nil, 400, "bad_request"},
				"NUL":          {form + "&error=evil%00", nil, 400, "bad_request"},
				"no UTF-8":     {form + "&error=evil%ff", nil, 400, "bad_request"},
				"torn":         {form + "&error=evil%z", nil, 400, "malformed_form"},
				"long":         {form + "&user=" + strings.Repeat("evil", 2<<10), nil, 400, "bad_request"},
				"far too long": {form + "&x=" + strings.Repeat("evil", 16<<10), nil, 413, "body_too_large"},
			} {
				if got := posted(c.body, c.headers...).want(t, c.status, c.code); strings.Contains(got.text, "evil") || got.header.Get("Location") != "" {
					t.Errorf("%s: %v %s", name, got.header, got.text)
				}
			}
			if diff := cmp.Diff(before, w.rows()); diff != "" || len(w.at.Requests()) != asked {
				t.Errorf("it has acted:\n%s", diff)
			}
			// With the cookie of who began, even: the browser is led on.
			got := b.submit(v.on("acme", callback), form, "Origin", w.at.Issuer(), "Sec-Fetch-Site", "cross-site")
			if got := b.get(got.want(t, 303, "").header.Get("Location")).want(t, 303, ""); got.carries() != "cookie" {
				t.Errorf("it carries %s", got.carries())
			}
		}
	})
}

func TestACallbackIsForTheBrowserThatBeganAndOnce(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		b, stranger := w.person(), w.person()
		stranger.leave("acme", byCookie()) // who is on a way of their own
		callback := v.on("acme", w.back(b.leave("acme", byCookie()), ada()))
		path, text, _ := strings.Cut(callback, "?")
		query, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		but := func(name, value string) string { return path + "?" + plus(maps.Clone(query), name, value).Encode() }
		before, asked := w.standing(), w.at.Asked("/token")
		refused := func(name string, who *browser, path string) {
			t.Helper()
			wantRefused(t, name, who.get(path), 400, "")
			wantRefused(t, name, who.get(path, namesJSON...), 400, "oauth_state_invalid")
		}
		refused("another browser", stranger, callback)
		refused("no cookie", w.person(), callback)
		refused("another provider", b, v.on("forge", callback))
		refused("no state", b, path+"?code=x")
		refused("nothing", b, path)
		refused("a state of our shape", b, but("state", strings.Repeat("A", 43)))
		refused("a state cut short", b, but("state", query.Get("state")[:42]))
		refused("a long state", b, but("state", strings.Repeat("A", 2000)))
		b.get(v.on("nobody", callback), namesJSON...).want(t, 404, "provider_not_found")
		if diff := cmp.Diff(before, w.standing()); diff != "" || w.at.Asked("/token") != asked {
			t.Errorf("something was done:\n%s", diff)
		}
		// None of them has used it up.
		b.get(callback).want(t, 303, "")
		before, asked = w.standing(), w.at.Asked("/token")
		refused("a second time", b, callback)
		refused("its state with another code", b, but("code", "evil"))
		if diff := cmp.Diff(before, w.standing()); diff != "" || w.at.Asked("/token") != asked {
			t.Errorf("something was done:\n%s", diff)
		}
	})
}

// The cookie alone would be enough for a second use: it is put back.
func TestAStateIsUsedOnceAndWithinTenMinutes(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		b := w.person()
		begun := b.get(v.to("acme", byCookie()))
		cookie := begun.flowCookies()[0]
		held := []string{"Cookie", cookie.Name + "=" + cookie.Value}
		callback := v.on("acme", w.back(begun.header.Get("Location"), ada()))
		b.get(callback).want(t, 303, "")
		wantRefused(t, "a second use", w.person().get(callback, append(namesJSON, held...)...), 400, "oauth_state_invalid")
		page := w.person().get(callback, held...)
		wantRefused(t, "a second use", page, 400, "")
		if want := `href="https://app.example.com/in?error=access_denied&amp;iss=` + url.QueryEscape(w.url) + `&amp;state=s`; !strings.Contains(page.text, want) {
			t.Errorf("the page does not lead back: %s", page.text)
		}

		begun = b.get(v.to("acme", byCookie()))
		callback = v.on("acme", w.back(begun.header.Get("Location"), ada()))
		w.clock.Advance(10 * time.Minute)
		before := w.standing()
		cookie = begun.flowCookies()[0]
		got := w.person().get(callback, append(namesJSON, "Cookie", cookie.Name+"="+cookie.Value)...)
		wantRefused(t, "too late", got, 400, "oauth_state_expired")
		wantFlowCookie(t, got, -1)
		page = w.person().get(callback, "Cookie", cookie.Name+"="+cookie.Value)
		wantRefused(t, "too late", page, 400, "")
		if diff := cmp.Diff(before, w.standing()); diff != "" || !strings.Contains(page.text, "That took too long") {
			t.Errorf("%s\n%s", page.text, diff)
		}
		if n := len(slices.DeleteFunc(w.told("sign_in.failed"), func(row string) bool { return !strings.Contains(row, "oauth_state_expired") })); n < 2 {
			t.Errorf("%d events", n)
		}
	})
}
