package main

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/config"
	"watchword/internal/delivery"
	"watchword/internal/mail"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/ui"
)

// keepMail puts a mail into the inbox, whether or not the server shows one.
func (w *world) keepMail(m mail.Rendered) watchword.MessageID {
	w.t.Helper()
	id := watchword.NewID[watchword.MessageID](w.clock.Now(), rand.Reader)
	if err := (delivery.Inbox{Store: w.store}).Keep(context.Background(), id, m); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestDevelopersReadAndClearTheInbox(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		w.keepMail(mail.Rendered{To: "ada@example.com", Subject: "Sign in", Code: "123456"})
		p := w.program()
		got := p.get("/dev/inbox/messages?to=Ada@Example.com").want(t, 200, "")
		if !strings.Contains(got.text, `"subject":"Sign in"`) || !strings.Contains(got.text, `"code":"123456"`) {
			t.Errorf("%s", got.text)
		}
		if page := p.get("/dev/inbox").want(t, 200, ""); !strings.Contains(page.text, "Sign in") {
			t.Errorf("%s", page.text)
		}
		// Postgres takes no text with a NUL.
		p.get("/dev/inbox?to=%00&message=%00").want(t, 200, "")
		p.get("/dev/inbox/messages/%00/html").want(t, 404, "not_found")
		p.do(http.MethodDelete, "/dev/inbox/messages", "").want(t, 204, "")
		if got := p.get("/dev/inbox/messages").want(t, 200, ""); got.text != `{"messages":[]}` {
			t.Errorf("%s", got.text)
		}
	})
}

// Under serve a mail in the inbox would be a live token for whoever asks.
func TestServeHasNoInbox(t *testing.T) {
	t.Parallel()
	for mode, there := range map[config.Mode]bool{config.Dev: true, config.Serve: false} {
		w := newWorld(t, store.SQLite, "", func(c *config.Config) { c.Mode = mode })
		everything := "Bearer " + w.apiKey(watchword.Scopes()...)
		for _, pattern := range slices.Sorted(maps.Keys(ui.InboxRules())) {
			id := w.keepMail(mail.Rendered{To: "ada@example.com"})
			method, path, _ := strings.Cut(pattern, " ")
			got := w.program().do(method, strings.Replace(path, "{id}", string(id), 1), "", "Authorization", everything)
			if absent := got.status == 404 && got.str("code") == "not_found"; absent == there {
				t.Errorf("%s, %s: %d %s", mode, pattern, got.status, got.text)
			}
		}
	}
}

func TestNoForeignPageReadsOrClearsTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	id := w.keepMail(mail.Rendered{To: "ada@example.com"})
	for _, origin := range []string{"http://localhost:3000", "http://127.0.0.1:3000", "https://evil.example"} {
		for _, path := range []string{"/dev/inbox", "/dev/inbox/messages", "/dev/inbox/messages/" + string(id) + "/html"} {
			got := w.program().get(path, "Origin", origin, "Sec-Fetch-Site", "cross-site").want(t, 200, "")
			if got.header.Get("Access-Control-Allow-Origin") != "" || got.header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("%s lets pages of %s read it: %v", path, origin, got.header)
			}
		}
		w.program().do(http.MethodOptions, "/dev/inbox/messages", "", "Origin", origin, "Access-Control-Request-Method", "DELETE").
			want(t, 403, "cross_origin_refused")
	}
	w.program().do(http.MethodDelete, "/dev/inbox/messages", "", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").
		want(t, 403, "cross_origin_refused")
}

func TestTheInboxIsBehindTheKeyWhereOthersReachTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "", func(c *config.Config) { c.AllowRemote = true })
	id := w.keepMail(mail.Rendered{To: "ada@example.com", Subject: "Sign in", HTML: "Sign in"})
	key := "Bearer " + w.apiKey(watchword.ScopeMailRead, watchword.ScopeMailWrite)
	for _, path := range []string{"/dev/inbox", "/dev/inbox/messages", "/dev/inbox/messages/" + string(id) + "/html"} {
		if got := w.program().get(path).want(t, 401, ""); strings.Contains(got.text, "Sign in") {
			t.Errorf("%s without a key: %s", path, got.text)
		}
		if got := w.program().get(path, "Authorization", key).want(t, 200, ""); !strings.Contains(got.text, "Sign in") {
			t.Errorf("%s with the key: %s", path, got.text)
		}
	}
	w.program().do(http.MethodDelete, "/dev/inbox/messages", "").want(t, 401, "unauthenticated")
	w.program().do(http.MethodDelete, "/dev/inbox/messages", "", "Authorization", key).want(t, 204, "")
}
