package main

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// The verifier of leadsWithPKCE's challenge, from RFC 7636 appendix B.
const pkceVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// tokenCall asks the token endpoint, which takes forms.
func (w *world) tokenCall(form url.Values, headers ...string) answer {
	w.t.Helper()
	return w.app().submit("/oauth2/token", form.Encode(), headers...)
}

// pkceCode is the code that a magic link leads back to the client's page with;
// headers say whose.
func (w *town) pkceCode(email string, headers ...string) string {
	w.t.Helper()
	l := w.magicLink(email, leadsWithPKCE, headers...)
	b := w.program()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	got := b.submit(l.path, "token="+url.QueryEscape(l.Token()))
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusSeeOther || to.Query().Get("iss") != w.url || to.Query().Get("state") != "s+1 &2" || to.Query().Get("code") == "" {
		w.t.Fatalf("%d, leads to %q: %s", got.status, got.header.Get("Location"), got.text)
	}
	if strings.Contains(strings.Join(got.header.Values("Set-Cookie"), " "), "access_token") {
		w.t.Error("it sets session cookies besides")
	}
	return to.Query().Get("code")
}

func exchange(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"web"}, "code": {code}, "redirect_uri": {appPage}, "code_verifier": {pkceVerifier},
	}
}

func with(form url.Values, key, value string) url.Values {
	form.Set(key, value)
	return form
}

func TestACodeIsExchangedAndItsSessionRefreshedAtTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		code := w.pkceCode("ada@example.com")
		for name, c := range map[string]struct {
			form   url.Values
			status int
			code   string
		}{
			"no grant type":                 {with(exchange(code), "grant_type", ""), 400, "invalid_request"},
			"another grant":                 {with(exchange(code), "grant_type", "password"), 400, "unsupported_grant_type"},
			"no client":                     {with(exchange(code), "client_id", ""), 401, "invalid_client"},
			"unknown client":                {with(exchange(code), "client_id", "nobody"), 401, "invalid_client"},
			"a public client with a secret": {with(exchange(code), "client_secret", "x"), 401, "invalid_client"},
			"another client":                {with(exchange(code), "client_id", "shop"), 400, "invalid_grant"},
			"another redirect":              {with(exchange(code), "redirect_uri", appPage+"/"), 400, "invalid_grant"},
			"another verifier":              {with(exchange(code), "code_verifier", strings.Repeat("a", 43)), 400, "invalid_grant"},
			"made up":                       {exchange("otk_" + strings.Repeat("A", 43)), 400, "invalid_grant"},
			"twice": {func() url.Values {
				form := exchange(code)
				form.Add("code", "other")
				return form
			}(), 400, "invalid_request"},
		} {
			got := w.tokenCall(c.form)
			if got.status != c.status || got.str("error") != c.code || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
			if (c.status == 401) != (got.header.Get("WWW-Authenticate") != "") {
				t.Errorf("%s: WWW-Authenticate %q", name, got.header.Get("WWW-Authenticate"))
			}
		}
		// None of them has used the code up.
		got := w.tokenCall(exchange(code)).want(t, 200, "")
		if got.str("token_type") != "Bearer" || got.body["expires_in"] != 600.0 || got.header.Get("Set-Cookie") != "" {
			t.Errorf("got %s", got.text)
		}
		me := w.app().get("/auth/me", "Authorization", "Bearer "+got.str("access_token")).want(t, 200, "")
		if me.str("user", "email") != "ada@example.com" {
			t.Errorf("they are %s", me.text)
		}
		refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {"web"}, "refresh_token": {got.str("refresh_token")}}
		again := w.tokenCall(refresh).want(t, 200, "")
		if again.str("refresh_token") == got.str("refresh_token") {
			t.Error("the refresh token is the same")
		}
		if got := w.tokenCall(with(refresh, "client_id", "shop")); got.str("error") != "invalid_grant" {
			t.Errorf("another client refreshes: %s", got.text)
		}
		// Whoever uses the code a second time ends what came of it.
		if got := w.tokenCall(exchange(code)); got.status != 400 || got.str("error") != "invalid_grant" {
			t.Errorf("a second use: %d %s", got.status, got.text)
		}
		refresh = url.Values{"grant_type": {"refresh_token"}, "client_id": {"web"}, "refresh_token": {again.str("refresh_token")}}
		if got := w.tokenCall(refresh); got.status != 400 || got.str("error") != "invalid_grant" {
			t.Errorf("its session lives: %d %s", got.status, got.text)
		}
	})
}

// basic is a client's authentication by header (RFC 6749 §2.3.1: form-encoded).
func basic(id, secret string) []string { return rawBasic(url.QueryEscape(id), url.QueryEscape(secret)) }

func rawBasic(user, password string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}
}

// A confidential client's sessions refresh with its secret and no other way.
func TestAConfidentialClientRefreshesByItsSecret(t *testing.T) {
	t.Parallel()
	const secret = "a secret of thirty-two characters or more"
	w := newWorld(t, store.SQLite, "default_client: web\nclients:\n  - {id: web}\n  - {id: backend, type: confidential, secret: \""+secret+"\"}\n"+generous)
	in := w.app("X-Client-Id", "backend").signUp("ada@example.com")
	w.app().post("/auth/refresh", `{"refresh_token":"`+in.str("refresh_token")+`"}`).want(t, 401, "client_auth_required")
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {in.str("refresh_token")}}
	if got := w.tokenCall(form, basic("backend", "wrong")...); got.status != 401 || got.str("error") != "invalid_client" {
		t.Errorf("a wrong secret: %d %s", got.status, got.text)
	}
	if got := w.tokenCall(form, basic("web", "")...); got.str("error") != "invalid_grant" {
		t.Errorf("another client: %d %s", got.status, got.text)
	}
	w.tokenCall(form, basic("backend", secret)...).want(t, 200, "")
}

const (
	shopkeeperSecret = "a secret of 32 characters: or + more%"
	withBackend      = unlimited + `  - {id: backend, type: confidential, secret: "` + shopkeeperSecret + `", redirect_uris: ["` + appPage + `"]}` + "\n"
)

// Whoever fails to prove which client they are takes nothing away from it.
func TestAClientThatDoesNotAuthenticateUsesNoCodeUp(t *testing.T) {
	t.Parallel()
	w := newTown(t, store.SQLite, withBackend)
	code := w.pkceCode("ada@example.com", "X-Client-Id", "backend")
	form := func(more ...string) url.Values {
		f := exchange(code)
		f.Del("client_id")
		for i := 0; i < len(more); i += 2 {
			f.Add(more[i], more[i+1])
		}
		return f
	}
	bearer := []string{"Authorization", "Bearer " + shopkeeperSecret}
	for name, c := range map[string]struct {
		form    url.Values
		headers []string
		status  int
		code    string
	}{
		"no secret":                       {form("client_id", "backend"), nil, 401, "invalid_client"},
		"an empty secret":                 {form("client_id", "backend", "client_secret", ""), nil, 401, "invalid_client"},
		"a wrong secret":                  {form("client_id", "backend", "client_secret", shopkeeperSecret+"x"), nil, 401, "invalid_client"},
		"a wrong secret in the header":    {form(), basic("backend", "x"), 401, "invalid_client"},
		"an empty secret in the header":   {form(), basic("backend", ""), 401, "invalid_client"},
		"the secret of nobody":            {form(), basic("nobody", shopkeeperSecret), 401, "invalid_client"},
		"the secret under a public name":  {form(), basic("web", shopkeeperSecret), 401, "invalid_client"},
		"the secret as a bearer":          {form("client_id", "backend"), bearer, 401, "invalid_client"},
		"the secret in both":              {form("client_secret", shopkeeperSecret), basic("backend", shopkeeperSecret), 400, "invalid_request"},
		"two names":                       {form("client_id", "web"), basic("backend", shopkeeperSecret), 400, "invalid_request"},
		"a header that is not encoded":    {form(), []string{"Authorization", "Basic YmFja2VuZDol"}, 400, "invalid_request"},
		"a public client of another code": {form("client_id", "web"), nil, 400, "invalid_grant"},
	} {
		got := w.tokenCall(c.form, c.headers...)
		if got.status != c.status || got.str("error") != c.code {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	got := w.tokenCall(form("client_id", "backend"), basic("backend", shopkeeperSecret)...).want(t, 200, "")
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {"backend"}, "client_secret": {shopkeeperSecret}, "refresh_token": {got.str("refresh_token")}}
	w.tokenCall(refresh).want(t, 200, "")
}

// RFC 6749 §3.2: a form, in the body.
func TestTheTokenEndpointTakesFormsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	in := w.app().signUp("ada@example.com")
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {"web"}, "refresh_token": {in.str("refresh_token")}}.Encode()
	for name, c := range map[string]struct {
		query, media, body string
		status             int
		code               string
	}{
		"JSON":              {"", "application/json", `{"grant_type":"refresh_token"}`, 415, "invalid_request"},
		"bad JSON":          {"", "application/json", `{`, 415, "invalid_request"},
		"text":              {"", "text/plain", form, 415, "invalid_request"},
		"parts":             {"", "multipart/form-data; boundary=x", form, 415, "invalid_request"},
		"a form that leaks": {"?" + form, formType, "", 401, "invalid_client"},
		"a torn form":       {"", formType, form + "&x=%zz", 400, "invalid_request"},
		"a long form":       {"", formType, form + "&x=" + strings.Repeat("x", 64<<10), 413, "invalid_request"},
		"a parameter twice": {"", formType, form + "&scope=openid&scope=email", 400, "invalid_request"},
	} {
		got := w.app().do(http.MethodPost, "/oauth2/token"+c.query, c.body, "Content-Type", c.media)
		if got.status != c.status || got.str("error") != c.code || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	if got := w.app().do(http.MethodGet, "/oauth2/token?"+form, ""); got.status != 405 {
		t.Errorf("by GET: %d %s", got.status, got.text)
	}
	// What it does not know counts for nothing.
	w.app().submit("/oauth2/token", form+"&resource=x").want(t, 200, "")
}

// Pages of public clients exchange their codes themselves, wherever they are.
func TestPagesOfAnyOriginReadTheTokenEndpointWithoutCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	in := w.app().signUp("ada@example.com")
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {"web"}, "refresh_token": {in.str("refresh_token")}}
	page := []string{"Origin", "https://anywhere.example", "Sec-Fetch-Site", "cross-site"}
	ask := w.app().do(http.MethodOptions, "/oauth2/token", "", append(page, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization")...).want(t, 204, "")
	for name, h := range map[string]http.Header{"preflight": ask.header, "answer": w.tokenCall(form, page...).want(t, 200, "").header, "error": w.tokenCall(form, page...).header} {
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", name, h)
		}
	}
	if allowed := ask.header; !strings.Contains(allowed.Get("Access-Control-Allow-Methods"), "POST") || !strings.Contains(allowed.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("%v", allowed)
	}
}
