package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// mailSettings leave the limits of mails as they are.
func mailSettings(post *postbox) string { return "smtp: " + post.URL() + appAndShop }

// retryAfter is what a 429 says, zero for anything else.
func (a answer) retryAfter() time.Duration {
	if a.status != 429 {
		return 0
	}
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return -1
	}
	return time.Duration(seconds) * time.Second
}

// A mailbox gets one mail a minute and five an hour of each purpose; and nobody
// learns from that whether it is somebody's.
func TestMailsToOneAddressAreFewAndKnownAndUnknownAreCountedAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, appAndShop)
	w.app().signUp("ada@example.com")
	for _, path := range []string{"/auth/send-magic-link", "/auth/send-password-reset"} { // each purpose anew
		send := func(email string) answer { return w.app().post(path, withFields(email, "")) }
		var last time.Duration
		for n := range 7 {
			known, unknown := send("ada@example.com"), send("nobody@example.com")
			again := send(" ADA@example.com ") // however it is written
			if n < 5 && (known.status != 202 || again.retryAfter() != time.Minute) || n >= 5 && known.status != 429 {
				t.Errorf("%s, %d: %d %s, then %s", path, n, known.status, known.text, again.retryAfter())
			}
			if diff := cmp.Diff(known.face(), unknown.face()); diff != "" {
				t.Errorf("%s: known and unknown differ:\n%s", path, diff)
			}
			last = known.retryAfter()
			w.clock.Advance(time.Minute)
		}
		w.clock.Advance(last - time.Minute - time.Second)
		send("ada@example.com").want(t, 429, "rate_limited")
		w.clock.Advance(time.Second) // as it was told
		send("ada@example.com").want(t, 202, "")
		w.clock.Advance(time.Hour)
	}
}

func TestOwnVerificationMailsAreFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, appAndShop)
	up := w.app().signUp("ada@example.com")
	send := func() answer {
		up = w.app().post("/auth/refresh", refreshBody(up)).want(t, 200, "")
		return w.app().post("/auth/send-email-verification", "", "Authorization", "Bearer "+up.str("access_token"))
	}
	for range 5 {
		if got := send().want(t, 202, ""); got.str("status") != "sent" || got.body["resend_after"] != 60.0 || got.str("expires_at") != w.clock.Now().Add(24*time.Hour).Format(time.RFC3339) {
			t.Errorf("%s", got.text)
		}
		if again := send(); again.retryAfter() != time.Minute {
			t.Errorf("at once: %s", again.text)
		}
		w.clock.Advance(time.Minute)
	}
	if got := send(); got.retryAfter() <= time.Minute {
		t.Errorf("the sixth: %d %s", got.status, got.header.Get("Retry-After"))
	}
}

// From one network go twenty mails an hour, whatever for and to whom.
func TestMailsFromOneNetworkAreFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, appAndShop+"\ntrusted_proxies: [127.0.0.1/32]")
	send := func(n int, ip string) answer {
		path := []string{"/auth/send-magic-link", "/auth/send-password-reset"}[n%2]
		return w.app().post(path, withFields(fmt.Sprintf("user-%d@example.com", n), ""), "X-Forwarded-For", ip)
	}
	for n := range 20 {
		send(n, "2001:db8:1:2::"+strconv.Itoa(n+1)).want(t, 202, "") // one /64
	}
	got := send(20, "2001:db8:1:2:ffff::1").want(t, 429, "rate_limited")
	if got.retryAfter() < time.Minute || got.retryAfter() > time.Hour {
		t.Errorf("Retry-After %s", got.retryAfter())
	}
	send(20, "2001:db8:1:3::1").want(t, 202, "") // a refusal is not counted against the address
	w.clock.Advance(got.retryAfter())
	send(21, "2001:db8:1:2::1").want(t, 202, "")
}

// A network opens twenty links a minute, HEAD and GET alike; a link that was
// refused for it works afterwards.
func TestLinksAreOpenedOnlySoOften(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		post := newPostbox(t)
		w := &town{newWorld(t, engine, mailSettings(post)+"\ntrusted_proxies: [127.0.0.1/32]"), post}
		l := w.magicLink("ada@example.com", "")
		paths := []string{"/auth/sign-in/token?token=x", "/auth/accept-invite?token=x", "/auth/verify-email?token=x", "/reset-password?token=x", l.query()}
		for n := range 20 {
			w.visitor().do([]string{"GET", "HEAD"}[n%2], paths[n%5], "", "X-Forwarded-For", "192.0.2.1")
		}
		json := w.app().get(l.query(), "Accept", "application/json", "X-Forwarded-For", "192.0.2.1").want(t, 429, "rate_limited")
		page := w.visitor().get(l.query(), "Accept", browserAccept, "X-Forwarded-For", "192.0.2.1", "Cookie", l.binding)
		reset := w.visitor().get("/reset-password?token=x", "X-Forwarded-For", "192.0.2.1")
		for name, got := range map[string]answer{"page": page, "reset": reset} {
			if got.retryAfter() != json.retryAfter() || got.retryAfter() < 1 || !strings.Contains(got.text, "<h1>Too many attempts</h1>") {
				t.Errorf("%s: %d after %s, JSON after %s: %s", name, got.status, got.retryAfter(), json.retryAfter(), got.text)
			}
		}
		w.app().get(l.query(), "Accept", "application/json", "X-Forwarded-For", "192.0.2.2").want(t, 200, "")
		w.clock.Advance(time.Minute)
		w.app().get(l.query(), "Accept", "application/json", "X-Forwarded-For", "192.0.2.1").want(t, 410, "token_used")
	})
}
