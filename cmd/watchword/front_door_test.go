package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// Whatever limit refuses, the audit record tells of it, and from where it was tried.
func TestEveryRefusalOfALimitIsSummedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "limits: {sign_in_per_ip: 6/1m, sign_up_per_ip: 1/1h, refresh_per_session: 1/1m}\n")
	p := w.program()
	in := p.signUp("ada@example.com")
	limited := func(times int, call func() answer) {
		t.Helper()
		for range times {
			call()
		}
		call().want(t, 429, "rate_limited")
		call().want(t, 429, "rate_limited")
	}
	limited(0, func() answer { return p.post("/auth/sign-up", signUpBody("bob@example.com", `"name":"Bob"`)) })
	in = p.post("/auth/refresh", refreshBody(in)).want(t, 200, "")
	limited(0, func() answer { return p.post("/auth/refresh", refreshBody(in)) })
	in = p.post("/auth/sign-in", credentials).want(t, 200, "")
	bearer := bearerOf(in)
	limited(5, func() answer {
		return p.post("/auth/password", `{"current_password":"wrong","password":"copper lantern 93 meadow"}`, bearer...)
	})
	limited(120, func() answer { return p.do("PATCH", "/auth/me", "{}", bearer...) })
	limited(5, func() answer { return p.post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`) })
	w.recordThrottled()
	events := w.program("Authorization", "Bearer "+w.apiKey(watchword.ScopeEventsRead)).get("/admin/events?limit=100&type=attempts.throttled")
	got := map[string]string{}
	for _, e := range events.want(t, 200, "").body["data"].([]any) {
		e := answer{body: e.(map[string]any)}
		if e.str("ip") != "127.0.0.1" {
			t.Errorf("from %q", e.str("ip"))
		}
		got[e.str("data", "rule")] += e.str("data", "attempts")
	}
	want := map[string]string{"sign_up": "2", "refresh": "2", "profile_change": "2", "wrong_password": "2", "sign_in": "2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
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
