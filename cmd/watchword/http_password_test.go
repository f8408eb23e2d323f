package main

import (
	"fmt"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const newPassword = "copper lighthouse 77 meadow"

func change(current, wish string) string {
	return fmt.Sprintf(`{"current_password":%q,"password":%q}`, current, wish)
}

func TestPasswordChangeEndsTheOtherSessionsAndKeepsThisOne(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		app := w.app()
		there := app.signUp("ada@example.com")
		here := app.post("/auth/sign-in", credentials).want(t, 200, "")
		app.post("/auth/password", change(testPassword, newPassword), bearerOf(here)...).want(t, 204, "")
		app.get("/auth/me", bearerOf(there)...).want(t, 401, "session_revoked")
		app.post("/auth/refresh", refreshBody(there)).want(t, 401, "session_revoked")
		app.get("/auth/me", bearerOf(here)...).want(t, 200, "")
		app.post("/auth/refresh", refreshBody(here)).want(t, 200, "")
		app.post("/auth/sign-in", credentials).want(t, 401, "invalid_credentials")
		app.post("/auth/sign-in", fmt.Sprintf(`{"email":"ada@example.com","password":%q}`, newPassword)).want(t, 200, "")
		app.post("/auth/password", change(newPassword, testPassword), bearerOf(there)...).want(t, 401, "session_revoked")
	})
}

func TestRefusedPasswordChangeSaysWhyAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	here := app.signUp("ada@example.com")
	there := app.post("/auth/sign-in", credentials).want(t, 200, "")
	try := func(body string) answer { return app.post("/auth/password", body, bearerOf(here)...) }
	missing := try(`{"password":"`+newPassword+`"}`).want(t, 422, "validation_failed")
	if f := (badValue{status: 422, code: "required", field: "current_password"}).fault(missing); f != "" {
		t.Errorf("%s: %s", f, missing.text)
	}
	for _, weak := range []string{"short", "passwordpassword", "ada@example.com", "Test Person 1", "aaaaaaaaaaaaaaaa"} {
		got := try(change(testPassword, weak)).want(t, 422, "password_too_weak")
		if errors, _ := got.body["errors"].([]any); len(errors) == 0 {
			t.Errorf("%q: no errors: %s", weak, got.text)
		}
	}
	for range 5 {
		try(change("not the password", newPassword)).want(t, 403, "invalid_credentials")
	}
	if got := try(change(testPassword, newPassword)).want(t, 429, "rate_limited"); got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	app.get("/auth/me", bearerOf(there)...).want(t, 200, "")
	app.post("/auth/sign-in", credentials).want(t, 200, "") // guesses here lock nobody out there
}
