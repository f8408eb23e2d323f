package main

import (
	"strings"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// A mark taken from a stolen browser must not give guesses at a newer password.
// The browser in which the owner changed it is marked anew.
func TestAMarkedBrowserIsAStrangerAfterAPasswordChange(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		page := w.page()
		old := page.signUp("ada@example.com").cookie("__Host-device")
		const newer = "copper lantern 93 meadow"
		signIn := func(password, mark string) answer {
			return w.app().post("/auth/sign-in", strings.Replace(credentials, testPassword, password, 1), "Cookie", "__Host-device="+mark)
		}
		for range 5 {
			signIn("a wrong password", "").want(t, 401, "invalid_credentials")
		}
		signIn(testPassword, "").want(t, 429, "rate_limited") // a stranger
		signIn(testPassword, old.Value).want(t, 200, "")
		changed := page.post("/auth/password", `{"current_password":"`+testPassword+`","password":"`+newer+`"}`, page.csrf()...).want(t, 204, "")
		signIn(newer, old.Value).want(t, 429, "rate_limited")
		mark := changed.cookie("__Host-device")
		if mark == nil {
			t.Fatal("the browser was not marked anew")
		}
		signIn(newer, mark.Value).want(t, 200, "")
	})
}

// A program that changes a password for somebody is not their browser.
func TestABearerIsNotMarked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	access := w.app().signUp("ada@example.com").str("access_token")
	changed := w.app("Authorization", "Bearer "+access).
		post("/auth/password", `{"current_password":"`+testPassword+`","password":"copper lantern 93 meadow"}`).want(t, 204, "")
	if set := changed.header.Values("Set-Cookie"); set != nil {
		t.Errorf("it set %q", set)
	}
}
