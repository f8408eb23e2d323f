package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// types lists the types of a list of events.
func (a answer) types() (list []string) {
	data, _ := a.body["data"].([]any)
	for _, row := range data {
		row, _ := row.(map[string]any)
		text, _ := row["type"].(string)
		list = append(list, text)
	}
	return list
}

func TestEventsAreFilteredAndPaged(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		key := []string{"Authorization", "Bearer " + w.apiKey(watchword.ScopeEventsRead)}
		app := w.app("User-Agent", "Test/1.0")
		ada := app.signUp("ada@example.com")
		w.clock.Advance(time.Minute)
		noon := w.clock.Now()
		app.post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`).want(t, 401, "")
		w.clock.Advance(time.Minute)
		app.signUp("bob@example.com")
		app.post("/auth/sign-out", "", bearerOf(ada)...).want(t, 204, "")

		list := func(query string) answer { return app.get("/admin/events"+query, key...).want(t, 200, "") }
		of := func(name, value string) string { return "?" + url.Values{name: {value}}.Encode() }
		for query, want := range map[string][]string{
			of("user_id", ada.str("user", "id")):                             {"session.ended", "sign_in.failed", "session.started", "account.created", "user.created"},
			of("type", "sign_in.failed"):                                     {"sign_in.failed"},
			of("type", "nothing.happened"):                                   nil,
			of("account_id", ada.str("account", "id")):                       {"session.started", "account.created", "user.created"},
			of("since", noon.Format(time.RFC3339)):                           {"session.ended", "session.started", "account.created", "user.created", "sign_in.failed"},
			of("since", noon.Add(1).Format(time.RFC3339)):                    {"session.ended", "session.started", "account.created", "user.created", "sign_in.failed"},
			of("since", "2106-01-01T00:00:00Z"):                              nil,
			of("since", "4300-01-01T00:00:00Z"):                              nil,
			of("until", "1900-01-01T00:00:00Z"):                              nil,
			of("user_id", "usr_x' OR '1'='1"):                                nil,
			of("until", noon.Format(time.RFC3339)) + "&type=session.started": {"session.started"},
		} {
			got := list(query).types()
			slices.Sort(got) // those of one transaction have one time
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", query, got, want)
			}
		}
		all := list("?limit=100").types()
		for _, query := range []string{of("since", "1900-01-01T00:00:00Z"), of("until", "4300-01-01T00:00:00Z"), of("since", "1960-01-01T01:00:00+01:00")} {
			if got := list(query).types(); !slices.Equal(got, all) {
				t.Errorf("%s: got %v, want %v", query, got, all)
			}
		}
		var paged []string
		for query := "?limit=3"; query != ""; {
			page := list(query)
			paged = append(paged, page.types()...)
			query = ""
			if cursor := page.str("next_cursor"); cursor != "" {
				query = "?limit=3&cursor=" + cursor
			}
		}
		if !slices.Equal(paged, all) {
			t.Errorf("page by page: got %v, want %v", paged, all)
		}
	})
}

func TestEventTellsWhoDidWhatFromWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app("User-Agent", "Test/1.0")
	ada := app.signUp("ada@example.com")
	failed := app.post("/auth/sign-in", `{"email":"nobody@example.com","password":"a wrong one"}`).want(t, 401, "")
	key := []string{"Authorization", "Bearer " + w.apiKey(watchword.ScopeEventsRead)}
	first := func(typ string) map[string]any {
		data, _ := app.get("/admin/events?type="+typ, key...).want(t, 200, "").body["data"].([]any)
		if len(data) == 0 {
			t.Fatalf("no %s", typ)
		}
		return data[0].(map[string]any)
	}
	started := first("session.started")
	if started["user_id"] != ada.str("user", "id") || started["account_id"] != ada.str("account", "id") || started["session_id"] != ada.str("session_id") ||
		started["actor"] != "user:"+ada.str("user", "id") || started["client_id"] != "web" || started["ip"] != "127.0.0.1" ||
		started["user_agent"] != "Test/1.0" || started["request_id"] != ada.header.Get("X-Request-Id") {
		t.Errorf("%v", started)
	}
	failure := first("sign_in.failed")
	if failure["user_id"] != nil || failure["session_id"] != nil || failure["actor"] != "system" || failure["request_id"] != failed.header.Get("X-Request-Id") {
		t.Errorf("%v", failure)
	}
	for _, row := range w.rows() {
		if strings.HasPrefix(row, "events: ") && strings.Contains(row, "nobody@example.com") {
			t.Errorf("what a stranger typed is in the record: %s", row)
		}
	}
}

// An administrator by flag needs no key, and loses it all with the flag.
func TestAdministratorsReadEventsByTheirFlag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	in := page.signUp("ada@example.com")
	page.get("/admin/events").want(t, 403, "not_an_administrator")
	id := watchword.UserID(in.str("user", "id"))
	flag := func(change func(*store.Conn) error) {
		t.Helper()
		if err := w.store.Tx(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	flag(func(c *store.Conn) error { return c.GrantAdministrator(t.Context(), id) })
	page.get("/admin/events").want(t, 200, "")                     // by cookie
	w.app().get("/admin/events", bearerOf(in)...).want(t, 200, "") // by bearer
	w.app().get("/metrics", bearerOf(in)...).want(t, 401, "")      // which is for keys
	flag(func(c *store.Conn) error { return c.RevokeAdministrator(t.Context(), id) })
	page.get("/admin/events").want(t, 403, "not_an_administrator")
	flag(func(c *store.Conn) error { return c.GrantAdministrator(t.Context(), id) })
	page.post("/auth/sign-out", "", page.csrf()...).want(t, 204, "")
	w.app().get("/admin/events", bearerOf(in)...).want(t, 401, "session_revoked") // the token still lives
}

// Whoever runs an API is handed the tokens of all who use it, administrators too.
func TestATokenForAnotherAPIAdministersNothing(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous+`
default_client: web
clients:
  - {id: web, name: Web}
  - {id: third, name: Third, audience: https://api.third.example}
`)
		ada := w.app().signUp("ada@example.com")
		page := w.page("X-Client-Id", "third")
		third := page.post("/auth/sign-in", credentials).want(t, 200, "")
		page.get("/admin/events").want(t, 403, "wrong_audience") // before the flag, and alike with it
		err := w.store.Tx(t.Context(), func(c *store.Conn) error {
			return c.GrantAdministrator(t.Context(), watchword.UserID(ada.str("user", "id")))
		})
		if err != nil {
			t.Fatal(err)
		}
		page.get("/admin/events").want(t, 403, "wrong_audience")
		w.as(third, "GET", "/admin/users", "").want(t, 403, "wrong_audience")
		w.as(third, "GET", "/auth/me", "").want(t, 200, "")
		w.as(ada, "GET", "/admin/users", "").want(t, 200, "")
	})
}

func TestMetricsAreForKeysAndNameNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	in := app.signUp("ada@example.com")
	app.get("/auth/me", bearerOf(in)...).want(t, 200, "")
	app.do("DELETE", "/auth/sessions/"+in.str("session_id"), "", bearerOf(in)...).want(t, 204, "")
	app.get("/some/path/of/ada@example.com?q=ada@example.com").want(t, 404, "not_found")
	app.get("/metrics").want(t, 401, "unauthenticated")
	app.get("/metrics", "Authorization", "Bearer "+w.apiKey(watchword.ScopeEventsRead)).want(t, 403, "insufficient_scope")
	got := app.get("/metrics", "Authorization", "Bearer "+w.apiKey(watchword.ScopeMetricsRead)).want(t, 200, "").text
	for _, name := range []string{"watchword_http_requests_total", "watchword_hash_done_total", "watchword_db_connections_open", "watchword_jobs_waiting", "go_goroutines"} {
		if !strings.Contains(got, "\n"+name) {
			t.Errorf("no %s", name)
		}
	}
	for _, private := range []string{"ada@", "usr_", "ses_", "acc_", "127.0.0.1", "/some/path"} {
		if strings.Contains(got, private) {
			t.Errorf("the metrics hold %s", private)
		}
	}
	if !strings.Contains(got, `route="/auth/sessions/{id}"`) || !strings.Contains(got, `route="unmatched"`) {
		t.Error("routes are not counted by their patterns")
	}
}
