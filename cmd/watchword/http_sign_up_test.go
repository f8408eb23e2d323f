package main

import (
	"fmt"
	"strings"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func signUpBody(email, more string) string {
	return adding(fmt.Sprintf(`{"email":%q,"password":%q}`, email, testPassword), more)
}

func TestSignUpMakesAUserAndAnAccountAndSignsIn(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		got := w.app().post("/auth/sign-up", signUpBody(" ADA@Example.COM", `"name":" Ada Lovelace ","account_name":"Engines"`)).want(t, 201, "")
		if got.body["is_new_user"] != true || got.str("next") != "verify_email" || got.str("user", "email") != "ada@example.com" ||
			got.str("user", "name") != "Ada Lovelace" || got.str("account", "name") != "Engines" || got.str("account", "role") != "owner" {
			t.Errorf("%s", got.text)
		}
		w.app().post("/auth/sign-up", signUpBody("ada@EXAMPLE.com", `"name":"Eve"`)).want(t, 409, "email_taken")
		w.app().post("/auth/sign-up", signUpBody("ada+tag@example.com", `"name":"Ada"`)).want(t, 201, "") // another address
	})
}

func TestNewUserSpeaksTheLanguageGivenElseThatOfTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	for i, test := range []struct{ given, accept, want string }{
		{"de-at", "fr", "de-AT"},
		{"", "fr-CH, fr;q=0.9, en;q=0.8", "fr-CH"},
		{"", "en;q=0.1, pt-BR;q=0.5", "pt-BR"},
		{"", "*", "en"},
		{"", "*, it;q=0.5", "it"},
		{"", "x-klingon", "en"},
		{"", "nonsense here!", "en"},
		{"", strings.Repeat("de-", 5000), "en"},
		{"", "", "en"},
	} {
		body := signUpBody(fmt.Sprintf("user%d@example.com", i), fmt.Sprintf(`"locale":%q`, test.given))
		got := w.app().post("/auth/sign-up", body, "Accept-Language", test.accept).want(t, 201, "")
		if got.str("user", "locale") != test.want {
			t.Errorf("%+v: %s", test, got.str("user", "locale"))
		}
	}
}

func TestSignUpIsClosedOrForTheInvited(t *testing.T) {
	t.Parallel()
	for mode, code := range map[string]string{"closed": "signup_disabled", "invite_only": "invite_required"} {
		w := newWorld(t, store.SQLite, generous+"sign_up: {mode: "+mode+"}")
		before := len(w.rows())
		w.app().post("/auth/sign-up", signUpBody("ada@example.com", `"name":"Ada"`)).want(t, 403, code)
		if mode == "invite_only" {
			w.app().post("/auth/sign-up", signUpBody("ada@example.com", `"invite_token":"otk_made_up"`)).want(t, 400, "token_invalid")
		}
		if after := len(w.rows()); after != before {
			t.Errorf("%s: something was written", mode)
		}
	}
}

func TestWeakPasswordIsRefusedWithReasons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	for _, weak := range []string{"short", "password123", "ada@example.com", "watchword watchword", strings.Repeat("x7", 65), "aaaaaaaaaaaaa"} {
		got := w.app().post("/auth/sign-up", fmt.Sprintf(`{"email":"ada@example.com","password":%q}`, weak)).want(t, 422, "password_too_weak")
		errors, _ := got.body["errors"].([]any)
		if len(errors) == 0 || errors[0].(map[string]any)["field"] != "password" {
			t.Errorf("%q: %s", weak, got.text)
		}
	}
}

// Only after a right password is anybody told more than that it was wrong.
func TestUnverifiedAddressDoesNotSignInWhereItMustBeVerified(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+"sign_up: {require_verified_email: true}")
	w.app().post("/auth/sign-up", signUpBody("ada@example.com", `"name":"Ada"`))
	w.app().post("/auth/sign-in", credentials).want(t, 403, "email_unverified")
	w.app().post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`).want(t, 401, "invalid_credentials")
	w.alter("UPDATE emails SET verified_at = created_at")
	if in := w.app().post("/auth/sign-in", credentials).want(t, 200, ""); in.str("next") != "" {
		t.Errorf("%s", in.text)
	}
}

func TestSignInIsOnlyByTheMethodsOfTheClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+`
default_client: web
clients:
  - {id: web, name: Web}
  - {id: links, name: Links, methods: [magic_link]}
`)
	w.app().signUp("ada@example.com")
	w.app().post("/auth/sign-in", credentials, "X-Client-Id", "links").want(t, 403, "method_not_offered")
	w.app().post("/auth/sign-up", signUpBody("bob@example.com", `"name":"Bob"`), "X-Client-Id", "links").want(t, 403, "method_not_offered")
}

func TestTooManyTriesAreToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "limits: {sign_in_per_ip: 7/1m, sign_up_per_ip: 1/1h}")
	w.app().signUp("ada@example.com")
	if got := w.app().post("/auth/sign-up", signUpBody("bob@example.com", `"name":"Bob"`)).want(t, 429, "rate_limited"); got.header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	wrong := `{"email":"ada@example.com","password":"a wrong one"}`
	for range 5 {
		w.app().post("/auth/sign-in", wrong).want(t, 401, "invalid_credentials")
	}
	locked := w.app().post("/auth/sign-in", credentials).want(t, 429, "rate_limited") // even a right one
	if locked.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", locked.header.Get("Retry-After"))
	}
	w.app().post("/auth/sign-in", wrong).want(t, 429, "rate_limited")
	byIP := w.app().post("/auth/sign-in", `{"email":"bob@example.com","password":"a wrong one"}`).want(t, 429, "rate_limited")
	if byIP.header.Get("Retry-After") == "1" {
		t.Errorf("the eighth of seven a minute: Retry-After %q", byIP.header.Get("Retry-After"))
	}
}

// Somebody else's guesses do not lock a browser out in which the owner has
// signed in before.
func TestOwnersBrowserHasACounterOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	page.signUp("ada@example.com")
	for range 5 {
		w.app().post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`).want(t, 401, "invalid_credentials")
	}
	w.app().post("/auth/sign-in", credentials).want(t, 429, "rate_limited")
	page.post("/auth/sign-in", credentials).want(t, 200, "")
}
