package main

import (
	"net/url"
	"strings"
	"testing"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// Our own page for a new password, as a browser without JavaScript uses it.
func TestNewPasswordIsChosenOnOurPage(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited+"\npasswords: {min_length: 14}")
		before := w.member("ada@example.com")
		l := w.resetLink("ada@example.com", "")
		if l.path != "/reset-password" {
			t.Fatalf("the mail leads to %s", l.Link)
		}
		for _, headers := range [][]string{nil, {"Accept", "application/json"}, {"Sec-Purpose", "prefetch"}} {
			got := w.visitor().get(l.query(), headers...)
			if got.status != 200 || !strings.Contains(got.text, "At least 14 characters") || !strings.Contains(got.text, `autocomplete="new-password"`) {
				t.Errorf("%v: %d %s", headers, got.status, got.text)
			}
		}
		choose := func(password string) answer {
			return w.visitor().submit(l.path, l.form()+"&password="+url.QueryEscape(password))
		}
		for _, weak := range []string{"", "short", "thirteen-char", "password1234567", "ada@example.com", strings.Repeat("x7", 65), "aaaaaaaaaaaaaaaa"} {
			got := choose(weak)
			if got.status != 422 || !strings.Contains(got.text, `role="alert"`) || !strings.Contains(got.text, `aria-invalid="true"`) || !strings.Contains(got.text, l.form()[6:]) ||
				weak != "" && strings.Contains(got.text, weak+`"`) || got.header.Get("Referrer-Policy") != "same-origin" || got.header.Get("Content-Security-Policy") != pageCSP {
				t.Errorf("%q: %d %s", weak, got.status, got.text)
			}
			if !w.unused(l) {
				t.Fatalf("%q has used the link up", weak)
			}
		}
		done := choose("a new and better one 58")
		if done.status != 200 || !strings.Contains(done.text, "Your password is changed") || len(done.header.Values("Set-Cookie")) > 0 || strings.Contains(done.text, "<form") {
			t.Errorf("%d %s", done.status, done.text)
		}
		wantAnswerHeaders(t, "done", done)
		if notice := w.post.take("ada@example.com"); notice.Link != "" || !strings.Contains(notice.Subject, "password") {
			t.Errorf("the notice: %+v", notice)
		}
		w.app().post("/auth/refresh", refreshBody(before)).want(t, 401, "session_revoked")
		w.app().post("/auth/sign-in", credentials).want(t, 401, "invalid_credentials")
		w.app().post("/auth/sign-in", `{"email":"ada@example.com","password":"a new and better one 58"}`).want(t, 200, "")
		if again := choose("yet another good one 59"); again.status != 410 || strings.Contains(again.text, "<form") {
			t.Errorf("%d %s", again.status, again.text)
		}
	})
}

// The client's own page, which then calls the operation.
func TestNewPasswordIsChosenOnTheClientsPage(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		w.member("ada@example.com")
		w.app().post("/auth/send-password-reset", withFields("ada@example.com", leadsToApp)).want(t, 202, "")
		mail := w.post.take("ada@example.com")
		if !strings.HasPrefix(mail.Link, appPage+"?token=otk_") {
			t.Fatalf("the mail leads to %s", mail.Link)
		}
		body := func(password string) string { return `{"token":"` + mail.Token() + `","password":"` + password + `"}` }
		page := []string{"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"}
		w.app().post("/auth/reset-password", body("short"), page...).want(t, 422, "password_too_weak")
		got := w.app().post("/auth/reset-password", body("a new and better one 58"), page...).want(t, 200, "")
		if got.str("status") != "password_changed" || got.body["sessions_revoked"] != 1.0 || got.carries() != "nothing" || len(got.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s", got.text)
		}
		w.app().post("/auth/reset-password", body("a new and better one 58"), page...).want(t, 410, "token_used")
	})
}
