package main

import (
	"net/http"
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func bearerOf(a answer) []string { return []string{"Authorization", "Bearer " + a.str("access_token")} }

// ids lists the ids of a list's rows.
func (a answer) ids() (list []string) {
	data, _ := a.body["data"].([]any)
	for _, row := range data {
		row, _ := row.(map[string]any)
		id, _ := row["id"].(string)
		list = append(list, id)
	}
	return list
}

func TestSessionsAreListedNewestFirstPageByPage(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		app := w.app("User-Agent", "Test/1.0")
		newest := app.signUp("ada@example.com")
		var made []string
		for range 5 {
			made = append([]string{newest.str("session_id")}, made...)
			w.clock.Advance(time.Second)
			newest = app.post("/auth/sign-in", credentials).want(t, 200, "")
		}
		made = append([]string{newest.str("session_id")}, made...)
		w.app().signUp("bob@example.com")

		var seen []string
		for path := "/auth/sessions?limit=4"; path != ""; {
			got := app.get(path, bearerOf(newest)...).want(t, 200, "")
			seen = append(seen, got.ids()...)
			path = ""
			if cursor := got.str("next_cursor"); cursor != "" {
				path = "/auth/sessions?limit=4&cursor=" + cursor
			}
		}
		if len(seen) != len(made) {
			t.Fatalf("got %v, want %v", seen, made)
		}
		for i := range made {
			if seen[i] != made[i] {
				t.Errorf("%d: got %s, want %s", i, seen[i], made[i])
			}
		}
		row := app.get("/auth/sessions?limit=1", bearerOf(newest)...).body["data"].([]any)[0].(map[string]any)
		now := w.clock.Now().Format(time.RFC3339)
		if row["current"] != true || row["client_id"] != "web" || row["ip"] != "127.0.0.1" || row["user_agent"] != "Test/1.0" ||
			row["created_at"] != now || row["last_seen_at"] != now || row["expires_at"] != newest.str("refresh_expires_at") {
			t.Errorf("%v", row)
		}
	})
}

func TestSessionIsRevokedByItsOwnerAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	here := app.signUp("ada@example.com")
	there := app.post("/auth/sign-in", credentials).want(t, 200, "")
	bob := app.signUp("bob@example.com")
	revoke := func(who, whose answer) answer {
		return app.do(http.MethodDelete, "/auth/sessions/"+whose.str("session_id"), "", bearerOf(who)...)
	}
	revoke(bob, there).want(t, 404, "session_not_found")
	revoke(here, bob).want(t, 404, "session_not_found")
	revoke(here, there).want(t, 204, "")
	revoke(here, there).want(t, 404, "session_not_found")
	app.get("/auth/me", bearerOf(there)...).want(t, 401, "session_revoked")
	app.post("/auth/refresh", refreshBody(there)).want(t, 401, "session_revoked")
	revoke(there, here).want(t, 401, "session_revoked") // an ended session ends no other
	app.get("/auth/me", bearerOf(here)...).want(t, 200, "")
	if ids := app.get("/auth/sessions", bearerOf(here)...).ids(); len(ids) != 1 || ids[0] != here.str("session_id") {
		t.Errorf("%v", ids)
	}
	revoke(here, here).want(t, 204, "")
	app.get("/auth/me", bearerOf(here)...).want(t, 401, "session_revoked")
}

func TestSignOutEndsThisSessionOrAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	first := app.signUp("ada@example.com")
	in := func() answer { return app.post("/auth/sign-in", credentials).want(t, 200, "") }
	second, third := in(), in()
	app.post("/auth/sign-out", "", bearerOf(first)...).want(t, 204, "")
	app.post("/auth/sign-out", "", bearerOf(first)...).want(t, 204, "") // is what was wanted
	app.get("/auth/me", bearerOf(first)...).want(t, 401, "session_revoked")
	app.get("/auth/me", bearerOf(second)...).want(t, 200, "")
	app.post("/auth/sign-out", `{"all":true}`, bearerOf(first)...).want(t, 204, "")
	app.get("/auth/me", bearerOf(second)...).want(t, 200, "") // an ended session ends no other
	app.post("/auth/sign-out", `{"all":true}`, bearerOf(second)...).want(t, 204, "")
	for _, a := range []answer{second, third} {
		app.get("/auth/me", bearerOf(a)...).want(t, 401, "session_revoked")
		app.post("/auth/refresh", refreshBody(a)).want(t, 401, "session_revoked")
	}
}

// People sign out after lunch, too.
func TestBrowserSignsOutByItsRefreshCookieOnceTheAccessTokenExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	in := page.signUp("ada@example.com")
	csrf := page.csrf()
	w.clock.Advance(time.Hour)
	w.app().post("/auth/sign-out", "", bearerOf(in)...).want(t, 401, "token_expired")
	page.post("/auth/sign-out", "").want(t, 403, "csrf_missing")
	// A bearer wins over the cookies, even one that opens nothing.
	page.post("/auth/sign-out", "", append(csrf, bearerOf(in)...)...).want(t, 401, "token_expired")
	page.post("/auth/sign-out", "", csrf...).want(t, 204, "")
	w.app().post("/auth/refresh", refreshBody(in)).want(t, 401, "session_revoked")
	page.post("/auth/sign-out", "", page.csrf()...).want(t, 401, "unauthenticated")
}
