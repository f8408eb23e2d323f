package main

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/upstream/upstreamtest"
)

// many is how many do the same at once.
const many = 50

// atOnce has many act together, and answers what each got.
func atOnce(n int, act func(i int) answer) []answer {
	got, start := make([]answer, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			got[i] = act(i)
		})
	}
	close(start)
	all.Wait()
	return got
}

// tally counts answers by status and code.
func tally(list []answer) map[string]int {
	counts := map[string]int{}
	for _, a := range list {
		code := a.str("code") + a.str("error")
		counts[strings.TrimSpace(strconv.Itoa(a.status)+" "+code)]++
	}
	return counts
}

// rowsOf is how many rows of a table there are.
func (w *world) rowsOf(table string) (n int) {
	w.t.Helper()
	for _, row := range w.rows() {
		if strings.HasPrefix(row, table+": ") {
			n++
		}
	}
	return n
}

func TestOfManyUsesOfAStateOneSucceeds(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		b := w.person()
		callback := w.back(b.leave("acme", nil), ada())
		cookie := "" // each sends it, whoever was first
		for _, c := range b.client.Jar.Cookies(w.request("GET", "/", "").URL) {
			cookie += c.Name + "=" + c.Value + "; "
		}
		got := atOnce(many, func(int) answer {
			return w.visitor("Accept", "application/json", "Cookie", cookie).get(callback)
		})
		if diff := cmp.Diff(map[string]int{"200": 1, "400 oauth_state_invalid": many - 1}, tally(got)); diff != "" {
			t.Error(diff)
		}
		if w.rowsOf("sessions") != 1 || w.rowsOf("users") != 1 || w.at.Asked("/token") != 1 {
			t.Errorf("%d sessions, %d users, the provider was asked %d times", w.rowsOf("sessions"), w.rowsOf("users"), w.at.Asked("/token"))
		}
	})
}

func TestWhoComesManyTimesAtOnceIsOneUser(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		browsers, callbacks := make([]*browser, many), make([]string, many)
		for i := range many {
			browsers[i] = w.person()
			callbacks[i] = w.back(browsers[i].leave([]string{"acme", "forge"}[i%2], nil), ada())
		}
		got := atOnce(many, func(i int) answer { return browsers[i].get(callbacks[i], namesJSON...) })
		// Forge's word is no proof: where acme's person was first, it links nobody; and
		// where forge's was, acme's takes over, once.
		counts := tally(got)
		users := map[string]bool{}
		fresh := 0
		for i, a := range got {
			switch {
			case a.status == 200:
				users[a.str("user", "id")] = true
				if a.body["is_new_user"] == true {
					fresh++
				}
			case i%2 == 0:
				t.Errorf("acme's person was refused: %d %s", a.status, a.text)
			}
		}
		if counts["200"]+counts["409 account_link_required"] != many || len(users) != 1 || fresh != 1 {
			t.Errorf("%v, %d users, %d of them new", counts, len(users), fresh)
		}
		me := w.me(w.in("acme", ada()))
		if !cmp.Equal(me.providersOf(), []string{"acme"}) || w.rowsOf("users") != 1 || w.rowsOf("identities") != 1 || me.body["user"].(map[string]any)["email_verified"] != true {
			t.Errorf("%d users: %s", w.rowsOf("users"), me.text)
		}
	})
}

func TestOfManyUsesOfACodeOneSucceedsAndNoSessionIsLeft(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		_, with := w.come(w.person(), "acme", byCode(), ada()).led(t)
		got := atOnce(many, func(int) answer { return w.tokenCall(exchange(with.Get("code"))) })
		if diff := cmp.Diff(map[string]int{"200": 1, "400 invalid_grant": many - 1}, tally(got)); diff != "" {
			t.Error(diff)
		}
		for _, a := range got {
			if a.status != 200 {
				continue
			}
			w.as(a, "GET", "/auth/me", "").want(t, 401, "session_revoked")
			if got := w.tokenCall(refreshForm(a)); got.str("error") != "invalid_grant" {
				t.Errorf("its session refreshes: %s", got.text)
			}
		}
		if n := len(w.told(watchword.EventCodeReplayed)); n != 1 {
			t.Errorf("%d events of a replay", n)
		}
	})
}

// meanwhile does something while a provider is asked who has come back.
func (w *abroad) meanwhile(do func()) {
	var begun atomic.Bool // a once would wait for itself: others come meanwhile
	w.at.Behave(upstreamtest.Hooks{Token: func(map[string]any) {
		if begun.CompareAndSwap(false, true) {
			do()
		}
	}})
}

func TestADisableWhileSomebodyIsOnTheirWayKeepsThemOut(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		w.in("acme", ada())
		for name, query := range map[string]string{"session": "", "code": byCode().Encode()} {
			w.alter("UPDATE users SET status = 'active'")
			b := w.person()
			sent := b.get("/auth/acme/authorize?"+query).want(t, 303, "").header.Get("Location")
			before := w.rowsOf("sessions")
			w.meanwhile(func() { w.alter("UPDATE users SET status = 'disabled'") })
			wantRefused(t, name, b.get(w.back(sent, ada()), namesJSON...), 403, "user_disabled")
			if n := w.rowsOf("sessions"); n != before {
				t.Errorf("%s: %d sessions, were %d", name, n, before)
			}
		}
	})
}

// Whoever has squatted on an address by a provider that proves nothing is out as
// soon as its owner comes, and does not come in again on a way of before.
func TestAWipeWhileASquatterIsOnTheirWayKeepsThemOut(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		eve := as("666", "ada@example.com")
		first := w.in("forge", eve)
		b := w.person()
		callback := w.back(b.leave("forge", nil), eve)
		w.meanwhile(func() { w.in("acme", ada()) })
		wantRefused(t, "a way of before", b.get(callback, namesJSON...), 409, "account_link_required")
		w.as(first, "GET", "/auth/me", "").want(t, 401, "session_revoked")

		// Together, in whatever order.
		bob := upstreamtest.User{Subject: "9", Email: "bob@example.com", EmailVerified: true}
		eve.Email, eve.Subject = bob.Email, "667"
		w.in("forge", eve)
		browsers, callbacks := make([]*browser, 20), make([]string, 20)
		for i := range browsers {
			browsers[i] = w.person()
			if i == 10 {
				callbacks[i] = w.back(browsers[i].leave("acme", nil), bob)
				continue
			}
			callbacks[i] = w.back(browsers[i].leave("forge", nil), eve)
		}
		got := atOnce(len(browsers), func(i int) answer { return browsers[i].get(callbacks[i], namesJSON...) })
		for i, a := range got {
			switch {
			case i == 10:
				if me := w.me(a.want(t, 200, "")); !cmp.Equal(me.providersOf(), []string{"acme"}) {
					t.Errorf("%s", me.text)
				}
			case a.status == 200:
				w.as(a, "GET", "/auth/me", "").want(t, 401, "session_revoked")
			default:
				a.want(t, 409, "account_link_required")
			}
		}
	})
}
