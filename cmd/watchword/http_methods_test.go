package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// shops are two clients that offer different ways in, and providers, in an order
// that is not that of their names.
const shops = `
public_url: https://auth.example.com
default_client: web
clients:
  - {id: web, name: My app, origins: ["https://app.example.com"], redirect_uris: ["https://app.example.com/callback?x=1&y=2"]}
  - {id: till, name: Till, origins: ["https://till.example.com"], methods: [magic_link, acme]}
  - {id: door, methods: [password]}
providers:
  - {id: forge, name: Forge, type: oauth2, authorize_url: "https://forge.example/a", token_url: "https://forge.example/t", userinfo_url: "https://forge.example/u", claims: {subject: id}, client_id: x, client_secret: y}
  - {id: acme, name: Acme, type: oidc, issuer: "https://idp.acme.example", client_id: x, client_secret: y}
`

const strictPasswords = "passwords: {min_length: 12, min_score: 4, require_classes: true}\n"

func TestLoginMethodsAreThoseOfTheClientThatAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+shops+strictPasswords)
	const policy = `"policy":{"min_length":12,"max_length":128,"min_score":4,"require_classes":true}`
	const web = `{"client":{"id":"web","name":"My app"},` +
		`"password":{"enabled":true,"submit_url":"https://auth.example.com/auth/sign-in","sign_up_url":"https://auth.example.com/auth/sign-up",` +
		`"reset_url":"https://auth.example.com/auth/send-password-reset",` + policy + `},` +
		`"magic_link":{"enabled":true,"submit_url":"https://auth.example.com/auth/send-magic-link"},"passkey":{"enabled":false},"providers":[` +
		`{"id":"forge","name":"Forge","type":"oauth2","authorize_url":"https://auth.example.com/auth/forge/authorize?client_id=web","callback_url":"https://auth.example.com/auth/forge/callback"},` +
		`{"id":"acme","name":"Acme","type":"oidc","authorize_url":"https://auth.example.com/auth/acme/authorize?client_id=web","callback_url":"https://auth.example.com/auth/acme/callback"}],` +
		`"sign_up":{"mode":"open"}}` + "\n"
	const till = `{"client":{"id":"till","name":"Till"},` +
		`"password":{"enabled":false,"submit_url":null,"sign_up_url":null,"reset_url":null,` + policy + `},` +
		`"magic_link":{"enabled":true,"submit_url":"https://auth.example.com/auth/send-magic-link"},"passkey":{"enabled":false},"providers":[` +
		`{"id":"acme","name":"Acme","type":"oidc","authorize_url":"https://auth.example.com/auth/acme/authorize?client_id=till","callback_url":"https://auth.example.com/auth/acme/callback"}],` +
		`"sign_up":{"mode":"open"}}` + "\n"
	const door = `{"client":{"id":"door","name":"door"},` +
		`"password":{"enabled":true,"submit_url":"https://auth.example.com/auth/sign-in","sign_up_url":"https://auth.example.com/auth/sign-up",` +
		`"reset_url":"https://auth.example.com/auth/send-password-reset",` + policy + `},` +
		`"magic_link":{"enabled":false,"submit_url":null},"passkey":{"enabled":false},"providers":[],"sign_up":{"mode":"open"}}` + "\n"
	for client, want := range map[string]string{"": web, "web": web, "till": till, "door": door} {
		for _, body := range []string{"", "{}"} {
			got := w.app().post("/auth/login-methods", body, "X-Client-Id", client).want(t, 200, "")
			if diff := cmp.Diff(want, got.text); diff != "" {
				t.Errorf("%s:\n%s", client, diff)
			}
		}
	}
	w.app().post("/auth/login-methods", "{}", "X-Client-Id", "nobody").want(t, 404, "client_not_found")
}

func TestLoginMethodsTakeAlongWhatProvidersNeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+shops)
	token := "otk_" + strings.Repeat("A", 43)
	got := w.app().post("/auth/login-methods",
		`{"redirect_uri":"https://app.example.com/callback?x=1&y=2","email":"Ada+x@example.com","invite_token":"`+token+`"}`).want(t, 200, "")
	for _, p := range got.body["providers"].([]any) {
		u, err := url.Parse(p.(map[string]any)["authorize_url"].(string))
		if err != nil {
			t.Fatal(err)
		}
		want := url.Values{
			"client_id": {"web"}, "redirect_uri": {"https://app.example.com/callback?x=1&y=2"}, "login_hint": {"ada+x@example.com"}, "invite_token": {token},
		}
		if diff := cmp.Diff(want, u.Query()); diff != "" {
			t.Error(diff)
		}
	}
	refused := func(body string, status int, code string, headers ...string) {
		t.Helper()
		w.app().post("/auth/login-methods", body, headers...).want(t, status, code)
	}
	refused(`{"redirect_uri":"https://evil.example.com/"}`, 400, "redirect_uri_not_allowed")
	refused(`{"redirect_uri":"https://app.example.com/callback?x=1&y=2"}`, 400, "redirect_uri_not_allowed", "X-Client-Id", "till")
	refused(`{"invite_token":"otk_x"}`, 400, "token_invalid")
	refused(`{"email":"ada"}`, 422, "validation_failed")
}

// here is where the server of the test listens, of a URL that it gave.
func (w *world) here(text string) string {
	w.t.Helper()
	path, ok := strings.CutPrefix(text, w.url)
	if !ok {
		w.t.Fatalf("%q does not begin with the public URL", text)
	}
	return path
}

func TestTheURLsWorkWhenFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	m := w.app().post("/auth/login-methods", "").want(t, 200, "")
	w.app().post(w.here(m.str("password", "sign_up_url")), signUpBody("ada@example.com", `"name":"X"`)).want(t, 201, "")
	w.app().post(w.here(m.str("password", "submit_url")), credentials).want(t, 200, "")
	w.app().post(w.here(m.str("password", "reset_url")), withFields("ada@example.com", "")).want(t, 202, "")
	w.app().post(w.here(m.str("magic_link", "submit_url")), withFields("ada@example.com", "")).want(t, 202, "")

	follow := func(email string, statuses map[string]int) {
		t.Helper()
		bodies := map[string]string{"password": signUpBody(email, `"name":"X"`), "magic_link": withFields(email, "")}
		if statuses["password"] == http.StatusOK {
			bodies["password"] = credentials
		}
		checked := w.app().post("/auth/check-email", withFields(email, "")).want(t, 200, "")
		for _, step := range checked.body["methods"].([]any) {
			step, _ := step.(map[string]any)
			kind := step["type"].(string)
			w.app().post(w.here(step["url"].(string)), bodies[kind]).want(t, statuses[kind], "")
			delete(statuses, kind)
		}
		if len(statuses) > 0 {
			t.Errorf("%s is not told of %v", email, statuses)
		}
	}
	w.clock.Advance(time.Minute) // past the last mail
	follow("ada@example.com", map[string]int{"password": 200, "magic_link": 202})
	follow("new@example.com", map[string]int{"password": 201, "magic_link": 202})
}

func TestCheckEmailTellsHowToGoOn(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous+shops)
		w.app().signUp("ada@example.com")
		const magicLink = `{"type":"magic_link","url":"https://auth.example.com/auth/send-magic-link"}`
		for _, c := range []struct{ email, client, want string }{
			{"ada@example.com", "", `{"exists":true,"methods":[{"type":"password","url":"https://auth.example.com/auth/sign-in"},` + magicLink + `],"next":"password"}`},
			{"ada@example.com", "till", `{"exists":true,"methods":[` + magicLink + `],"next":"magic_link"}`},
			{"new@example.com", "till", `{"exists":false,"methods":[{"type":"provider","provider":"acme","url":"https://auth.example.com/auth/acme/authorize?client_id=till"},` +
				magicLink + `],"next":"sign_up"}`},
		} {
			got := w.app().post("/auth/check-email", withFields(c.email, ""), "X-Client-Id", c.client).want(t, 200, "")
			if diff := cmp.Diff(c.want+"\n", got.text); diff != "" {
				t.Errorf("%s at %q:\n%s", c.email, c.client, diff)
			}
		}
		w.app().post("/auth/check-email", withFields("ada@example.com", ""), "X-Client-Id", "nobody").want(t, 404, "client_not_found")
	})
}

// Not even asking the same again tells, with the tag of the answer to another.
func TestAPrivateCheckIsTheClientsForEveryAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+shops+"account_discovery: private")
	w.privateUser("ada@example.com")
	const want = `{"exists":null,"methods":[{"type":"password","url":"https://auth.example.com/auth/sign-in"},` +
		`{"type":"provider","provider":"forge","url":"https://auth.example.com/auth/forge/authorize?client_id=web"},` +
		`{"type":"provider","provider":"acme","url":"https://auth.example.com/auth/acme/authorize?client_id=web"},` +
		`{"type":"magic_link","url":"https://auth.example.com/auth/send-magic-link"}],"next":"password"}` + "\n"
	known := w.app().post("/auth/check-email", withFields("ada@example.com", "")).want(t, 200, "")
	unknown := w.app().post("/auth/check-email", withFields("nobody@example.com", "")).want(t, 200, "")
	if diff := cmp.Diff(known.face(), unknown.face()); diff != "" || known.text != want {
		t.Errorf("%s\n%s", known.text, diff)
	}
	tag := known.header.Get("ETag")
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		w.app().post("/auth/check-email", withFields(email, ""), "If-None-Match", tag).want(t, 304, "")
	}
}

func TestChecksAreCountedByNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "limits: {check_email_per_ip: 2/1m}")
	for _, email := range []string{"ada@example.com", "eve@example.com"} {
		w.app().post("/auth/check-email", withFields(email, "")).want(t, 200, "")
	}
	got := w.app().post("/auth/check-email", withFields("ada@example.com", "")).want(t, 429, "rate_limited")
	if got.header.Get("Retry-After") != "60" || got.header.Get("Cache-Control") != "no-store" || got.header.Get("ETag") != "" {
		t.Errorf("%v", got.header)
	}
	// A backend's users have each their own.
	backend := []string{"Authorization", "Bearer " + w.apiKey("users:write"), "X-End-User-IP", "192.0.2.7"}
	w.app().post("/auth/check-email", withFields("ada@example.com", ""), backend...).want(t, 200, "")
}

func TestAskingTheSameAgainIsCheap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+shops)
	page := []string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"}
	for _, path := range []string{"/auth/login-methods", "/auth/check-email"} {
		body := withFields("ada@example.com", "")
		first := w.app().post(path, body, page...).want(t, 200, "")
		tag := first.header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) {
			t.Errorf("%s: the tag %s is not strong", path, tag)
		}
		again := w.app().post(path, body, append(page, "If-None-Match", tag)...).want(t, 304, "")
		if again.text != "" || again.header.Get("Content-Type") != "" {
			t.Errorf("%s: %v %q", path, again.header, again.text)
		}
		for _, answer := range []answer{first, again} {
			h := answer.header
			if h.Get("Cache-Control") != "private, no-cache" || h.Get("Vary") != "Origin, X-Client-Id" || h.Get("ETag") != tag ||
				h.Get("Access-Control-Allow-Origin") != "https://app.example.com" || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag") {
				t.Errorf("%s: %v", path, h)
			}
		}
		other := w.app().post(path, body, "X-Client-Id", "till", "If-None-Match", tag).want(t, http.StatusOK, "")
		if other.header.Get("ETag") == tag {
			t.Errorf("%s: two clients have one tag", path)
		}
	}
}
