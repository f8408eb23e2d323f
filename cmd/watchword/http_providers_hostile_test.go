package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/upstream/upstreamtest"
)

func claiming(name string, value any) upstreamtest.Hooks {
	return upstreamtest.Hooks{Claims: func(c map[string]any) {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}}
}

func signing(sign func(claims map[string]any) string) upstreamtest.Hooks {
	return upstreamtest.Hooks{Sign: sign}
}

// answersAt has a path answered by something else.
func answersAt(path string, status int, body string) upstreamtest.Hooks {
	return upstreamtest.Hooks{Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // who asked may have had enough
		return true
	}}
}

func unsigned(header string, claims map[string]any) string {
	payload, _ := json.Marshal(claims) // of maps and texts
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
}

// hostilities are what acme may say that must not be believed.
func (w *abroad) hostilities() map[string]upstreamtest.Hooks {
	w.t.Helper()
	sign := func(algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
		_, id := w.at.Key()
		text, err := upstreamtest.Sign(algorithm, jose.JSONWebKey{Key: key, KeyID: id}, claims)
		if err != nil {
			w.t.Error(err)
		}
		return text
	}
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	huge := `{"x":"` + strings.Repeat("x", 2<<20) + `"}`
	return map[string]upstreamtest.Hooks{
		"nonce of another":     claiming("nonce", "another"),
		"no nonce":             claiming("nonce", nil),
		"audience of another":  claiming("aud", "another"),
		"audiences":            claiming("aud", []string{upstreamtest.ClientID, "another"}),
		"issuer of another":    claiming("iss", w.other.Issuer()),
		"no issuer":            claiming("iss", nil),
		"no subject":           claiming("sub", nil),
		"an empty subject":     claiming("sub", ""),
		"a blank subject":      {Claims: func(c map[string]any) { c["sub"] = "\x00" }, Userinfo: func(c map[string]any) { c["sub"] = "\x00" }},
		"a subject of no text": claiming("sub", 7),
		"expired":              claiming("exp", w.clock.Now().Unix()-3600),
		"signed by another":    signing(func(c map[string]any) string { return sign(jose.ES256, foreign, c) }),
		"bent": signing(func(c map[string]any) string {
			key, _ := w.at.Key()
			s := sign(jose.ES256, key, c)
			return s[:len(s)-8] + "AAAAAAAA"
		}),
		"alg none": signing(func(c map[string]any) string { return unsigned(`{"alg":"none"}`, c) }),
		"alg None": signing(func(c map[string]any) string { return unsigned(`{"alg":"None","typ":"JWT"}`, c) }),
		"HS256 with the public key": signing(func(c map[string]any) string {
			key, _ := w.at.Key()
			der, err := x509.MarshalPKIXPublicKey(key.Public())
			if err != nil {
				w.t.Error(err)
			}
			return sign(jose.HS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), c)
		}),
		"HS256 with our secret":        signing(func(c map[string]any) string { return sign(jose.HS256, []byte(upstreamtest.ClientSecret), c) }),
		"no ID token":                  {Token: func(a map[string]any) { delete(a, "id_token") }},
		"userinfo of another":          {Userinfo: func(c map[string]any) { c["sub"] = "8" }},
		"userinfo of nobody":           {Userinfo: func(c map[string]any) { delete(c, "sub") }},
		"iss of another at the return": answering(func(q url.Values) { q.Set("iss", w.other.Issuer()) }),
		"no iss at the return":         answering(func(q url.Values) { q.Del("iss") }),
		"no code":                      answering(func(q url.Values) { q.Del("code") }),
		"a code of its own making":     answering(func(q url.Values) { q.Set("code", "made-up") }),
		"a large answer":               answersAt("/token", 200, huge),
		"a large person":               answersAt("/userinfo", 200, huge),
		"no JSON":                      answersAt("/token", 200, "<html>"),
		"a redirect":                   answersAt("/token", 307, ""),
		"a fault":                      answersAt("/token", 500, "evil"),
		"a refusal":                    answersAt("/userinfo", 401, "evil"),
	}
}

// Whatever a provider says that must not be, nobody is let in by it, known or
// not; it is written down; and everybody else goes on.
func TestWhatAProviderMustNotSayLetsNobodyIn(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newAbroad(t, engine, "")
		w.in("acme", ada())
		w.member("local@example.com")
		local := strings.Replace(credentials, "ada@", "local@", 1)
		for name, behave := range w.hostilities() {
			before, told := w.standing(), len(w.told(watchword.EventSignInFailed))
			for who, person := range map[string]upstreamtest.User{"somebody known": ada(), "a stranger": as("666", "evil@example.com"), "who says they are local": as("667", "local@example.com")} {
				b := w.person()
				sent := b.leave("acme", byCode())
				w.at.Behave(behave)
				got := b.get(w.back(sent, person), namesJSON...)
				wantRefused(t, name+", "+who, got, 502, "provider_error")
				wantFlowCookie(t, got, -1)
				if strings.Contains(got.text, "evil") {
					t.Errorf("%s: %s", name, got.text)
				}
				w.at.Behave(upstreamtest.Hooks{})
			}
			if diff := cmp.Diff(before, w.standing()); diff != "" {
				t.Errorf("%s: something was written:\n%s", name, diff)
			}
			events := w.told(watchword.EventSignInFailed)[told:]
			for _, e := range events {
				if !strings.Contains(e, `"method":"acme"`) || !strings.Contains(e, `"reason":"provider_error"`) {
					t.Errorf("%s: the event says %s", name, e)
				}
			}
			if len(events) != 3 {
				t.Errorf("%s: %d events", name, len(events))
			}
			w.app().post("/auth/sign-in", local).want(t, 200, "")
			w.in("acme", ada()) // who behaves again is believed again
		}
		if strings.Contains(w.log.String(), "evil") {
			t.Error("the log repeats what a provider says")
		}
	})
}

// A browser is shown why, and the way back to where it came from.
func TestAProviderThatFailsLeavesAWayBack(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	b := w.person()
	sent := b.leave("acme", byCode())
	w.at.Behave(answersAt("/token", 500, ""))
	got := b.get(w.back(sent, ada()))
	wantRefused(t, "at the return", got, 502, "")
	back := `href="https://app.example.com/in?error=server_error&iss=` + url.QueryEscape(w.url) + `&state=s%2B1+%262"`
	if !strings.Contains(got.text, "Acme could not sign you in") || !strings.Contains(html.UnescapeString(got.text), back) || !strings.Contains(got.text, "Back to My app") {
		t.Errorf("%s", got.text)
	}
	german := b.get(w.back(b.leave("acme", nil), ada()), "Accept-Language", "de")
	if german.status != 502 || !strings.Contains(german.text, `<html lang="de">`) || strings.Contains(german.text, "app.example.com") {
		t.Errorf("%d %s", german.status, german.text)
	}
}

// One that is down is not waited for by anybody else, at the start and at the end.
func TestAProviderThatIsDownKeepsNobodyElseOut(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	w.member("ada@example.com")
	b := w.person()
	sent := b.leave("acme", byCookie())
	callback := w.back(sent, ada())
	if err := w.at.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, "at the return", b.get(callback, namesJSON...), 502, "provider_error")
	w.app().post("/auth/sign-in", credentials).want(t, 200, "")
	w.in("other", as("9", "eve@example.com"))

	if err := w.other.Close(); err != nil {
		t.Fatal(err)
	}
	fresh := newNode(t, store.SQLite, w.location, w.clock, w.settings) // which has never asked them
	before := w.standing()
	for range 7 { // and on, when nobody asks any more
		for _, v := range ways {
			wantRefused(t, "at the start", fresh.visitor("Accept", browserAccept).get(v.to("other", byCode())), 502, "")
			got := fresh.app().get(v.to("other", byCode()), namesJSON...)
			wantRefused(t, "at the start", got, 502, "provider_error")
			if len(got.header.Values("Set-Cookie")) > 0 {
				t.Errorf("cookies: %q", got.header.Values("Set-Cookie"))
			}
		}
	}
	if diff := cmp.Diff(before, w.standing()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	fresh.app().post("/auth/sign-in", credentials).want(t, 200, "")
	m := fresh.app().post("/auth/login-methods", "").want(t, 200, "")
	if n := len(m.body["providers"].([]any)); n != 3 {
		t.Errorf("%d providers are offered", n)
	}
}

// While one takes its time, others come and go.
func TestASlowProviderIsWaitedForByItsOwnPeopleAlone(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	w.member("ada@example.com")
	b := w.person()
	callback := w.back(b.leave("acme", byCookie()), ada())
	asked, answer := make(chan struct{}), make(chan struct{})
	w.at.Behave(upstreamtest.Hooks{Intercept: func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			close(asked)
			<-answer
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
		return r.URL.Path == "/token"
	}})
	status := make(chan int)
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+callback, http.NoBody) // of our own making
		response, err := b.client.Do(r)
		if err != nil {
			status <- 0
			return
		}
		_ = response.Body.Close()
		status <- response.StatusCode
	}()
	<-asked
	w.app().post("/auth/sign-in", credentials).want(t, 200, "")
	w.in("other", as("9", "eve@example.com"))
	close(answer)
	if got := <-status; got != 502 {
		t.Errorf("who waited got %d", got)
	}
}

// What one provider has said is of no use at another, whoever mixes them up.
func TestProvidersCannotBeMixedUp(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	w.in("acme", ada())
	before := w.standing()
	query := func(path string) url.Values {
		_, text, _ := strings.Cut(path, "?")
		q, _ := url.ParseQuery(text) // of our own making
		return q
	}
	at := func(provider string, q url.Values) string { return "/auth/" + provider + "/callback?" + q.Encode() }
	// Begun at other, which leads the browser to acme and so gets acme's code for
	// its own state; and a code of acme's that comes to other's callback.
	b := w.person()
	otherWay, acmeWay := query(b.leave("other", nil)), query(b.leave("acme", nil))
	stolen := query(w.back(w.at.AuthorizeURL()+"?"+otherWay.Encode(), ada()))
	wantRefused(t, "acme's code at other", b.get(at("other", stolen), namesJSON...), 502, "provider_error")
	wantRefused(t, "without iss", b.get(at("acme", url.Values{"code": stolen["code"], "state": acmeWay["state"]}), namesJSON...), 502, "provider_error")
	acmeWay = query(b.leave("acme", nil))
	theirs := query(w.back(b.leave("other", nil), as("7", "ada@example.com")))
	wantRefused(t, "other's code and iss with acme's state", b.get(at("acme", url.Values{"code": theirs["code"], "iss": theirs["iss"], "state": acmeWay["state"]}), namesJSON...), 502, "provider_error")
	wantRefused(t, "other's state at acme", b.get(at("acme", theirs), namesJSON...), 400, "oauth_state_invalid")
	// A code of somebody else's way at the same provider: its nonce is another's.
	mine, victims := query(w.back(b.leave("acme", nil), ada())), query(w.back(w.person().leave("acme", nil), ada()))
	mine.Set("code", victims.Get("code"))
	wantRefused(t, "a code of another's way", b.get(at("acme", mine), namesJSON...), 502, "provider_error")
	if diff := cmp.Diff(before, w.standing()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
	// Another provider's subject of the same name is another person.
	if got := w.in("other", as("7", "other@example.com")); got.str("user", "email") != "other@example.com" {
		t.Errorf("%s", got.text)
	}
}

// What is said of the address and is not the word true is no proof of it.
func TestAnAddressThatIsNotProvenLinksNobody(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newAbroad(t, engine, "")
		verified := w.member("ada@example.com")
		w.app().signUp("new@example.com")
		before := w.standing()
		said := func(value any) upstreamtest.Hooks {
			change := func(c map[string]any) {
				if c["email_verified"] = value; value == nil {
					delete(c, "email_verified")
				}
			}
			return upstreamtest.Hooks{Claims: change, Userinfo: change}
		}
		for name, c := range map[string]struct {
			provider string
			says     upstreamtest.Hooks
		}{
			"absent":             {"acme", said(nil)},
			"false":              {"acme", said(false)},
			"the text true":      {"acme", said("true")},
			"the number 1":       {"acme", said(1)},
			"a list":             {"acme", said([]any{true})},
			"a stranger's word":  {"forge", said(true)},
			"about another host": {"other", said(true)},
		} {
			for _, email := range []string{"ada@example.com", "new@example.com", "ADA@EXAMPLE.com"} {
				for _, query := range []url.Values{nil, byCode(), byCookie()} {
					w.at.Behave(c.says)
					b := w.person()
					callback := w.back(b.leave(c.provider, query), as("666", email))
					got := b.get(callback, namesJSON...)
					wantRefused(t, name, got, 409, "account_link_required")
					w.at.Behave(upstreamtest.Hooks{})
				}
			}
		}
		if diff := cmp.Diff(before, w.standing()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
		if events := w.told(watchword.EventSignInFailed); len(events) != 7*3*3 || !strings.Contains(events[0], `"reason":"account_link_required"`) {
			t.Errorf("%d events", len(events))
		}
		if me := w.me(verified); len(me.providersOf()) != 0 {
			t.Errorf("%s", me.text)
		}
		page := w.come(w.person(), "forge", byCookie(), as("666", "ada@example.com")).want(t, 409, "")
		if !strings.Contains(page.text, "You have an account already") || !strings.Contains(page.text, "Back to My app") {
			t.Errorf("%s", page.text)
		}
	})
}
