package main

import (
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestAPersonSignsUpInStaysInAndSignsOut(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		p := w.program()
		p.signUp("ada@example.com")
		in := p.post("/auth/sign-in", `{"email":" ADA@Example.com ","password":"`+testPassword+`"}`).want(t, 200, "")
		me := p.get("/auth/me", "Authorization", "Bearer "+in.str("access_token")).want(t, 200, "")
		if me.str("user", "email") != "ada@example.com" {
			t.Fatalf("me: %s", me.text)
		}
		next := p.post("/auth/refresh", `{"refresh_token":"`+in.str("refresh_token")+`"}`).want(t, 200, "")
		if next.str("refresh_token") == in.str("refresh_token") {
			t.Fatal("the refresh token did not change")
		}
		p.post("/auth/sign-out", "", "Authorization", "Bearer "+next.str("access_token")).want(t, 204, "")
		p.get("/auth/me", "Authorization", "Bearer "+next.str("access_token")).want(t, 401, "session_revoked")
		p.post("/auth/refresh", `{"refresh_token":"`+next.str("refresh_token")+`"}`).want(t, 401, "session_revoked")
	})
}

// What one transaction did is told in the order in which it did it.
func TestEventsOfOneTransactionKeepTheirOrder(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		for _, name := range []string{"ada", "grace", "joan"} {
			w.program().signUp(name + "@example.com")
			w.clock.Advance(time.Second)
		}
		events := w.program("Authorization", "Bearer "+w.apiKey(watchword.ScopeEventsRead)).get("/admin/events?limit=100").want(t, 200, "")
		var types []string
		for _, e := range events.body["data"].([]any) {
			if typ, _ := e.(map[string]any)["type"].(string); typ == "user.created" || typ == "session.started" {
				types = append(types, typ)
			}
		}
		want := strings.Repeat("session.started user.created ", 3)
		if got := strings.Join(types, " ") + " "; got != want {
			t.Errorf("newest first: %s, want %s", got, want)
		}
	})
}

// What was throttled in the last minute before a stop is in the audit record too.
func TestThrottledAttemptsAreRecordedBeforeAStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "limits: {sign_in_per_ip: 1/1m}\n")
	for range 3 {
		w.program().post("/auth/sign-in", `{"email":"nobody@example.com","password":"a wrong one"}`)
	}
	w.recordThrottled()
	events := w.program("Authorization", "Bearer "+w.apiKey(watchword.ScopeEventsRead)).get("/admin/events?type=attempts.throttled")
	if n := strings.Count(events.want(t, 200, "").text, `"attempts":"2"`); n != 1 {
		t.Errorf("events: %s", events.text)
	}
}
