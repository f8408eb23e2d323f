package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// features are those of a list of places or features.
func (a answer) features() (list []string) {
	data, _ := a.body["data"].([]any)
	for _, row := range data {
		row, _ := row.(map[string]any)
		name, _ := row["feature"].(string)
		list = append(list, name)
	}
	return list
}

func TestAWaitlistIsJoinedOnceAndLeft(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.app().signUp("ada@example.com")
		const none = `{"feature":"search","signed_up":false,"status":null,"joined_at":null}`
		if got := w.as(ada, "GET", "/waitlist/search", "").want(t, 200, ""); strings.TrimSpace(got.text) != none {
			t.Errorf("%s", got.text)
		}
		then := w.clock.Now().Format(time.RFC3339)
		inside := `{"feature":"search","signed_up":true,"status":"waiting","joined_at":"` + then + `"}`
		for _, step := range []struct {
			method string
			status int
		}{{"PUT", 201}, {"PUT", 200}, {"POST", 200}, {"GET", 200}} {
			if got := w.as(ada, step.method, "/waitlist/search", "").want(t, step.status, ""); strings.TrimSpace(got.text) != inside {
				t.Errorf("%s: %s", step.method, got.text)
			}
			w.clock.Advance(time.Minute)
		}
		w.as(ada, "POST", "/waitlist/beta", "").want(t, 201, "")
		w.clock.Advance(time.Second)
		w.as(ada, "PUT", "/waitlist/alpha", "{}").want(t, 201, "")
		var seen []string
		for path := "/waitlist?limit=2"; path != ""; {
			got := w.as(ada, "GET", path, "").want(t, 200, "")
			seen, path = append(seen, got.features()...), ""
			if cursor := got.str("next_cursor"); cursor != "" {
				path = "/waitlist?limit=2&cursor=" + cursor
			}
		}
		if want := []string{"alpha", "beta", "search"}; !slices.Equal(seen, want) {
			t.Errorf("got %v, want %v", seen, want)
		}
		me := w.as(ada, "GET", "/auth/me", "").want(t, 200, "").body["waitlist"].([]any)
		if row := me[0].(map[string]any); len(me) != 3 || len(row) != 3 || row["feature"] != "search" || row["status"] != "waiting" || row["joined_at"] != then {
			t.Errorf("%v", me)
		}
		for range 2 {
			w.as(ada, "DELETE", "/waitlist/search", "").want(t, 204, "")
		}
		w.as(ada, "DELETE", "/waitlist/nothing", "").want(t, 204, "")
		if got := w.as(ada, "GET", "/waitlist/search", "").want(t, 200, ""); strings.TrimSpace(got.text) != none {
			t.Errorf("%s", got.text)
		}
	})
}

func TestOnlyListedFeaturesAreJoinedUnlessTheSettingsSayOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+"waitlist: {open_features: false, features: [beta-search]}\n")
	ada := w.app().signUp("ada@example.com")
	w.as(ada, "PUT", "/waitlist/beta-search", "").want(t, 201, "")
	for _, method := range []string{"PUT", "POST"} {
		w.as(ada, method, "/waitlist/new", "").want(t, 404, "unknown_feature")
	}
	w.as(ada, "GET", "/waitlist/new", "").want(t, 200, "")
}

// By no path, query, body or header does a call reach what is not of the user and
// the account of its token.
func TestAWaitlistIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada, eve := w.app().signUp("ada@example.com"), w.app().signUp("eve@example.com")
		for _, who := range []answer{ada, eve} {
			w.as(who, "PUT", "/waitlist/shared", "").want(t, 201, "")
		}
		w.clock.Advance(time.Second)
		w.as(ada, "PUT", "/waitlist/secret", "").want(t, 201, "")
		user, account := ada.str("user", "id"), ada.str("account", "id")
		query := "?user_id=" + user + "&account_id=" + account + "&user=" + user + "&account=" + account + "&acc=" + account + "&sub=" + user
		body := `{"user_id":"` + user + `","account_id":"` + account + `","user":"` + user + `","acc":"` + account + `"}`
		headers := slices.Concat(bearerOf(eve), []string{
			"X-User-Id", user, "X-Account-Id", account, "X-Account", account, "X-End-User-IP", "192.0.2.77",
			"Cookie", "access_token=" + ada.str("access_token") + "; refresh_token=" + ada.str("refresh_token"),
		})
		call := func(method, path, body string) answer { return w.app().do(method, path+query, body, headers...) }
		if got := call("GET", "/waitlist", "").want(t, 200, "").features(); !slices.Equal(got, []string{"shared"}) {
			t.Errorf("%v", got)
		}
		if got := call("GET", "/waitlist/secret", "").want(t, 200, ""); got.body["signed_up"] != false {
			t.Errorf("%s", got.text)
		}
		for _, method := range []string{"PUT", "POST", "DELETE"} {
			call(method, "/waitlist/mine", body).want(t, 422, "validation_failed")
		}
		call("PUT", "/waitlist/mine", "").want(t, 201, "")
		call("POST", "/waitlist/mine", "").want(t, 200, "")
		call("DELETE", "/waitlist/shared", "").want(t, 204, "")
		call("DELETE", "/waitlist/secret", "").want(t, 204, "")
		for _, path := range []string{
			"/waitlist/" + account + "/secret", "/waitlist/secret/" + user, "/accounts/" + account + "/waitlist", "/users/" + user + "/waitlist/secret",
			"/waitlist/..%2F" + account,
		} {
			if got := w.app().do("GET", path, "", bearerOf(eve)...); got.status != 404 && got.status != 422 {
				t.Errorf("%s: %d %s", path, got.status, got.text)
			}
		}
		if got := w.as(ada, "GET", "/waitlist", "").want(t, 200, "").features(); !slices.Equal(got, []string{"secret", "shared"}) {
			t.Errorf("ada's: %v", got)
		}
		if got := w.as(eve, "GET", "/waitlist", "").want(t, 200, "").features(); !slices.Equal(got, []string{"mine"}) {
			t.Errorf("eve's: %v", got)
		}
	})
}

// A token says for ten minutes that its user is in the account; the row decides.
func TestARemovedMemberIsRefusedUntilTheClaimsAreMadeAfresh(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada, bob := w.proven("ada@example.com"), w.proven("bob@example.com")
		team := w.joins(bob, ada, watchword.RoleMember)
		w.as(bob, "PUT", "/waitlist/own", "").want(t, 201, "")
		inside := w.app().post("/auth/switch-account", switchBody(bob, team)).want(t, 200, "")
		w.as(inside, "PUT", "/waitlist/search", "").want(t, 201, "")
		if got := w.as(inside, "GET", "/waitlist", "").want(t, 200, "").features(); !slices.Equal(got, []string{"search"}) {
			t.Errorf("in the team: %v", got)
		}
		// The older token still stands in the account that it names.
		if got := w.as(bob, "GET", "/waitlist", "").want(t, 200, "").features(); !slices.Equal(got, []string{"own"}) {
			t.Errorf("by the older token: %v", got)
		}
		w.as(ada, "DELETE", w.memberPath(ada, bob), "").want(t, 204, "")
		for _, call := range []struct{ method, path string }{
			{"GET", "/waitlist"}, {"GET", "/waitlist/search"}, {"PUT", "/waitlist/search"}, {"POST", "/waitlist/new"}, {"DELETE", "/waitlist/search"},
		} {
			w.as(inside, call.method, call.path, "").want(t, 403, "no_account_context")
		}
		if got := w.as(ada, "GET", "/waitlist/search", "").want(t, 200, ""); got.body["signed_up"] != false {
			t.Errorf("%s", got.text)
		}
		fresh := w.app().post("/auth/switch-account", refreshBody(inside)).want(t, 200, "")
		if got := w.as(fresh, "GET", "/waitlist", "").want(t, 200, "").features(); !slices.Equal(got, []string{"own"}) {
			t.Errorf("after a switch: %v", got)
		}
		w.as(fresh, "DELETE", fresh.accountPath(), "").want(t, 204, "")
		w.as(fresh, "PUT", "/waitlist/search", "").want(t, 403, "no_account_context")
		nowhere := w.app().post("/auth/switch-account", refreshBody(fresh)).want(t, 200, "")
		w.as(nowhere, "GET", "/waitlist", "").want(t, 403, "no_account_context") // whose token names none
	})
}

func TestWaitlistsNeedALiveSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada := w.app().signUp("ada@example.com")
	w.as(ada, "PUT", "/waitlist/search", "").want(t, 201, "")
	w.as(ada, "POST", "/auth/sign-out", "").want(t, 204, "")
	w.settled() // or a mail that is sent looks like something written
	before := w.rows()
	for _, call := range []struct{ method, path string }{
		{"GET", "/waitlist"}, {"GET", "/waitlist/search"}, {"PUT", "/waitlist/new"}, {"POST", "/waitlist/new"}, {"DELETE", "/waitlist/search"},
	} {
		w.as(ada, call.method, call.path, "").want(t, 401, "session_revoked")
		w.app().do(call.method, call.path, "").want(t, 401, "unauthenticated")
	}
	if diff := cmp.Diff(before, w.rows()); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

func TestAHundredJoinsAtOnceAreOnePlace(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.app().signUp("ada@example.com")
		const callers = 100
		answers := make([]answer, callers)
		var wait sync.WaitGroup
		for i := range answers {
			wait.Go(func() {
				answers[i] = w.as(ada, []string{http.MethodPut, http.MethodPost}[i%2], "/waitlist/search", "")
			})
		}
		wait.Wait()
		first := 0
		for _, got := range answers {
			if got.status == 201 {
				first++
			} else if got.status != 200 {
				t.Errorf("%d %s", got.status, got.text)
			}
			if got.text != answers[0].text {
				t.Errorf("got  %s\nwant %s", got.text, answers[0].text)
			}
		}
		rows := 0
		for _, row := range w.rows() {
			if strings.HasPrefix(row, "waitlist_entries: ") {
				rows++
			}
		}
		if first != 1 || rows != 1 {
			t.Errorf("%d were told to be first, %d rows", first, rows)
		}
	})
}
