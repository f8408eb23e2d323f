package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// wantFlowCookie says that an answer sets or ends exactly one cookie of a way.
func wantFlowCookie(t *testing.T, got answer, maxAge int) {
	t.Helper()
	list := got.flowCookies()
	if len(list) != 1 {
		t.Errorf("%d cookies of ways: %q", len(list), got.header.Values("Set-Cookie"))
		return
	}
	c := list[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != maxAge || (len(c.Value) == 43) != (maxAge > 0) {
		t.Errorf("%s", c)
	}
}

// wantUnseen says that an answer is kept out of caches and of other sites' logs.
func wantUnseen(t *testing.T, got answer) {
	t.Helper()
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("Cache-Control %q, Referrer-Policy %q", got.header.Get("Cache-Control"), got.header.Get("Referrer-Policy"))
	}
}

// sent looks at where a browser is sent, and answers it.
func (w *abroad) sent(got answer, at string) string {
	w.t.Helper()
	to, with := got.led(w.t)
	challenge := with.Get("code_challenge")
	want := url.Values{
		"client_id": {"watchword-test"}, "redirect_uri": {w.url + "/auth/acme/callback"}, "response_type": {"code"}, "scope": {"openid email profile"},
		"state": {with.Get("state")}, "nonce": {with.Get("nonce")}, "code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, with); to != at || diff != "" || len(with.Get("state")) != 43 || len(with.Get("nonce")) != 43 || len(challenge) != 43 || challenge == byCode().Get("code_challenge") {
		w.t.Errorf("people are sent to %s\n%s", got.header.Get("Location"), diff)
	}
	return got.header.Get("Location")
}

func onEachWay(t *testing.T, test func(t *testing.T, w *abroad, v way)) {
	t.Helper()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newAbroad(t, engine, "")
		for name, v := range ways {
			t.Run(name, func(t *testing.T) { test(t, w, v) })
		}
	})
}

func TestAWayByCodeLeadsBackWithACode(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		b := w.person()
		begun := b.get(v.to("acme", byCode()))
		wantFlowCookie(t, begun, 600)
		wantUnseen(t, begun)
		back := b.get(v.on("acme", w.back(w.sent(begun, w.at.AuthorizeURL()), ada())))
		to, with := back.led(t)
		code := with.Get("code")
		if diff := cmp.Diff(url.Values{"code": {code}, "state": {"s+1 &2"}, "iss": {w.url}}, with); to != appPage || diff != "" {
			t.Errorf("it leads to %s\n%s", to, diff)
		}
		wantFlowCookie(t, back, -1)
		wantUnseen(t, back)
		if len(back.header.Values("Set-Cookie")) != 1 {
			t.Errorf("cookies: %q", back.header.Values("Set-Cookie"))
		}
		got := w.tokenCall(exchange(code)).want(t, 200, "")
		me := w.me(got)
		id := jwtPart(t, got.str("id_token"), 1)
		if me.str("user", "email") != "ada@example.com" || id["nonce"] != "the client's" || id["sub"] != me.str("user", "id") || got.str("scope") != "openid email" {
			t.Errorf("%s %s", got.text, me.text)
		}
		if amr := me.body["session"].(map[string]any)["amr"]; !cmp.Equal(amr, []any{"fed"}) {
			t.Errorf("they have shown %v", amr)
		}
		if again := w.tokenCall(exchange(code)); again.str("error") != "invalid_grant" {
			t.Errorf("a second use: %s", again.text)
		}
		w.as(got, "GET", "/auth/me", "").want(t, 401, "session_revoked")
		if got := w.tokenCall(refreshForm(got)); got.str("error") != "invalid_grant" {
			t.Errorf("its session refreshes: %s", got.text)
		}
	})
}

// A challenge alone asks for a code, too.
func TestAChallengeAsksForACode(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		query := byCode()
		for _, left := range []string{"response_type", "client_id", "state", "scope", "nonce"} {
			query.Del(left)
		}
		b := w.person()
		sent := b.get(v.to("forge", query)).want(t, 303, "").header.Get("Location")
		_, with := b.get(v.on("forge", w.back(sent, ada()))).led(t)
		if diff := cmp.Diff(url.Values{"code": {with.Get("code")}, "iss": {w.url}}, with); diff != "" {
			t.Error(diff)
		}
		if got := w.tokenCall(exchange(with.Get("code"))).want(t, 200, ""); got.body["id_token"] != nil {
			t.Errorf("an ID token that nobody asked for: %s", got.text)
		}
		w.clock.Advance(time.Minute)
		sent = b.get(v.to("forge", query)).want(t, 303, "").header.Get("Location")
		_, with = b.get(v.on("forge", w.back(sent, ada()))).led(t)
		w.clock.Advance(time.Minute)
		if got := w.tokenCall(exchange(with.Get("code"))); got.str("error") != "invalid_grant" {
			t.Errorf("after its minute: %s", got.text)
		}
	})
}

func TestAWayByCookiesLeadsBackSignedIn(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		for _, headers := range [][]string{nil, append(namesJSON, "X-Session-Mode", "token")} { // never a token in a URL
			b := w.person()
			begun := b.get(v.to("acme", byCookie()))
			wantFlowCookie(t, begun, 600)
			back := b.get(v.on("acme", w.back(w.sent(begun, w.at.AuthorizeURL()), ada())), headers...)
			to, with := back.led(t)
			if diff := cmp.Diff(url.Values{"state": {"s+1 &2"}}, with); to != appPage || diff != "" {
				t.Errorf("it leads to %s\n%s", to, diff)
			}
			wantFlowCookie(t, back, -1)
			wantUnseen(t, back)
			if back.carries() != "cookie" || strings.Contains(back.header.Get("Location"), "ey") {
				t.Errorf("it carries %s: %s", back.carries(), back.header.Get("Location"))
			}
			if me := b.get("/auth/me").want(t, 200, ""); me.str("user", "email") != "ada@example.com" {
				t.Errorf("%s", me.text)
			}
			b.post("/auth/refresh", "", b.csrf()...).want(t, 200, "")
		}
	})
}

func TestAProgramGetsAddressAndSessionAsJSON(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		for mode, want := range map[string]string{"": "both", "both": "both", "token": "token", "cookie": "cookie"} {
			b := w.person()
			begun := b.get(v.to("acme", nil), namesJSON...).want(t, 200, "")
			if len(begun.body) != 2 || !strings.Contains(begun.text, begun.str("authorize_url")) || begun.str("expires_at") != w.clock.Now().Add(10*time.Minute).UTC().Format(time.RFC3339) || begun.header.Get("Location") != "" {
				t.Errorf("%s", begun.text)
			}
			wantFlowCookie(t, begun, 600)
			wantUnseen(t, begun)
			back := b.get(v.on("acme", w.back(begun.str("authorize_url"), ada())), append(namesJSON, "X-Session-Mode", mode)...).want(t, 200, "")
			if back.carries() != want || !cmp.Equal(back.body["amr"], []any{"fed"}) || back.str("user", "name") != "Ada Lovelace" ||
				back.str("user", "picture") != "https://pictures.example/ada.png" || back.str("account", "role") != "owner" {
				t.Errorf("in mode %q it carries %s: %s", mode, back.carries(), back.text)
			}
			wantUnseen(t, back)
		}
	})
}

// Nobody is left before JSON, or before nothing.
func TestABrowserWithoutAWayBackGetsAPage(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		for _, accept := range []string{browserAccept, "", "*/*"} {
			b := w.person()
			sent := b.get(v.to("acme", nil), "Accept", accept).want(t, 303, "").header.Get("Location")
			got := b.get(v.on("acme", w.back(sent, ada())), "Accept", accept, "X-Session-Mode", "token").want(t, 200, "")
			if !strings.Contains(got.text, "You are signed in") || got.carries() != "cookie" || strings.Contains(got.text, "<script") {
				t.Errorf("%q carries %s: %s", accept, got.carries(), got.text)
			}
			wantAnswerHeaders(t, accept, got)
		}
	})
}

// Tabs go their ways side by side, and who goes another way first goes on after.
func TestWaysOfOneBrowserDoNotMeet(t *testing.T) {
	t.Parallel()
	w := newAbroad(t, store.SQLite, "")
	b := w.person()
	first, second := b.leave("acme", byCookie()), b.leave("forge", byCookie())
	back := w.back(second, as("8", "eve@example.com"))
	b.get(back).want(t, 303, "")
	got := b.get(w.back(first, ada()))
	wantFlowCookie(t, got, -1)
	if me := b.get("/auth/me").want(t, 200, ""); me.str("user", "email") != "ada@example.com" || got.status != 303 {
		t.Errorf("%d %s", got.status, me.text)
	}
	if left := b.holdsFlows(); left != 0 {
		t.Errorf("the browser holds %d cookies of ways", left)
	}
}

// Whoever turns back at the provider is the client's to talk to.
func TestWhoeverTurnsBackIsLedBackWithAnError(t *testing.T) {
	t.Parallel()
	onEachWay(t, func(t *testing.T, w *abroad, v way) {
		for said, want := range map[string]string{
			"access_denied": "access_denied", "login_required": "login_required", "consent_required": "consent_required",
			"interaction_required": "interaction_required", "account_selection_required": "account_selection_required",
			"server_error": "server_error", "invalid_scope": "server_error", "<script>evil": "server_error", "x&code=evil": "server_error",
		} {
			w.at.Behave(answering(func(q url.Values) { q.Set("error", said) }))
			for mode, query := range map[string]url.Values{"code": byCode(), "cookie": byCookie()} {
				b := w.person()
				before := w.standing()
				callback := w.cancelled(b.get(v.to("acme", query)).header.Get("Location"))
				got := b.get(v.on("acme", callback))
				to, with := got.led(t)
				if diff := cmp.Diff(url.Values{"error": {want}, "state": {"s+1 &2"}, "iss": {w.url}}, with); to != appPage || diff != "" {
					t.Errorf("%s, by %s: it leads to %s\n%s", said, mode, to, diff)
				}
				wantFlowCookie(t, got, -1)
				wantUnseen(t, got)
				if diff := cmp.Diff(before, w.standing()); diff != "" || got.carries() != "nothing" {
					t.Errorf("%s: it carries %s\n%s", said, got.carries(), diff)
				}
			}
			b := w.person()
			page := b.get(v.on("acme", w.cancelled(b.get(v.to("acme", nil)).header.Get("Location")))).want(t, 502, "")
			if strings.Contains(page.text, "evil") || strings.Contains(page.text, "You turned back at <strong>Acme</strong>") != (said == "access_denied") {
				t.Errorf("%s: %s", said, page.text)
			}
			b.get(v.on("acme", w.cancelled(b.get(v.to("acme", nil)).header.Get("Location"))), namesJSON...).want(t, 502, "provider_error")
		}
	})
}
