package main

import (
	"net/http"
	"testing"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/event"
	"watchword/internal/store"
)

const siblings = `
default_client: web
clients:
  - {id: web, name: Web, type: public, origins: ["https://app.example.com"]}
  - {id: blog, name: Blog, type: public, origins: ["https://blog.example.com"]}
`

// A cookie is of one client. The pages of another, which name themselves rightly
// and may be same-site, can neither read nor change what it opens.
func TestAnotherClientsPagesCannotUseACookieSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, siblings)
	page := w.browser()
	page.signUp("ada@example.com")
	page.get("/auth/csrf/init").want(t, 200, "")
	token := page.get("/auth/csrf/token").str("csrf_token")
	own := []string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "same-site"}
	foreign := []string{"Origin", "https://blog.example.com", "X-Client-Id", "blog", "Sec-Fetch-Site", "same-site"}
	page.get("/auth/me", own...).want(t, 200, "")
	page.get("/auth/csrf/token", own...).want(t, 200, "")
	page.get("/auth/me", foreign...).want(t, 403, "cross_origin_refused")
	page.get("/auth/csrf/token", foreign...).want(t, 403, "cross_origin_refused")
	page.do(http.MethodPatch, "/auth/me", `{"name":"X"}`, append(foreign, "X-CSRF-Token", token)...).want(t, 403, "cross_origin_refused")
	page.do(http.MethodPatch, "/auth/me", `{"name":"X"}`, append(own, "X-CSRF-Token", token)...).want(t, 200, "")
}

// The data folder of a developer may become that of a real server. Its key, short
// and printed and for everything, must not come along.
func TestAKeyMadeByDevIsGoodUnderDevAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	_, key, err := w.apiKeys.Create(t.Context(), apikey.New{Name: "development", Scopes: watchword.Scopes(), Actor: event.ActorDevelopment})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.apiKeys.Authenticate(t.Context(), key); err != nil {
		t.Errorf("under dev: %v", err)
	}
	serving := w.apiKeys
	serving.Environment = ""
	if _, err := serving.Authenticate(t.Context(), key); watchword.KindOf(err) != watchword.KindUnauthenticated {
		t.Errorf("under serve: %v", err)
	}
}

// Whoever tries out a right password leaves a trace, though no session starts.
func TestARefusalAfterARightPasswordIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	p := w.program()
	p.signUp("ada@example.com")
	p.post("/auth/sign-in", `{"email":"ada@example.com","password":"`+testPassword+`","account_id":"acc_of_nobody"}`).want(t, 403, "not_a_member")
	events := w.program("Authorization", "Bearer "+w.apiKey(watchword.ScopeEventsRead)).get("/admin/events?type=sign_in.failed")
	list, _ := events.want(t, 200, "").body["data"].([]any)
	if len(list) != 1 {
		t.Fatalf("events: %s", events.text)
	}
	data, _ := list[0].(map[string]any)["data"].(map[string]any)
	if data["reason"] != "not_a_member" {
		t.Errorf("data: %v", data)
	}
}
