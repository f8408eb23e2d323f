package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// waitlistKey is a key that administers waitlists and nothing else.
func (w *world) waitlistKey() *browser {
	w.t.Helper()
	return w.app("Authorization", "Bearer "+w.apiKey(watchword.ScopeWaitlistRead, watchword.ScopeWaitlistWrite))
}

func TestFeaturesAreMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		key := w.waitlistKey()
		const body = `{"feature":"search","title":"Beta search","description":"Soon"}`
		made := key.post("/admin/waitlist", body, "Idempotency-Key", "k1").want(t, 201, "")
		tag := made.header.Get("ETag")
		if made.str("feature") != "search" || made.str("title") != "Beta search" || made.body["add_claim"] != false || made.body["closed"] != false ||
			made.body["closed_at"] != nil || made.body["waiting"] != 0.0 || made.body["approved"] != 0.0 || tag == "" {
			t.Errorf("%s %s", tag, made.text)
		}
		if again := key.post("/admin/waitlist", body, "Idempotency-Key", "k1").want(t, 201, ""); again.text != made.text || again.header.Get("ETag") != tag {
			t.Errorf("got  %s\nwant %s", again.text, made.text)
		}
		key.post("/admin/waitlist", `{"feature":"other"}`, "Idempotency-Key", "k1").want(t, 409, "idempotency_key_reused")
		key.post("/admin/waitlist", body).want(t, 409, "already_exists")
		if got := key.get("/admin/waitlist/search").want(t, 200, ""); got.text != made.text || got.header.Get("ETag") != tag {
			t.Errorf("got  %s\nwant %s", got.text, made.text)
		}
		closed := key.do("PATCH", "/admin/waitlist/search", `{"closed":true,"add_claim":true}`, "If-Match", tag).want(t, 200, "")
		if closed.body["closed"] != true || closed.str("closed_at") == "" || closed.str("title") != "Beta search" || closed.header.Get("ETag") == tag {
			t.Errorf("%s", closed.text)
		}
		for _, method := range []string{"PATCH", "DELETE"} {
			stale := ""
			if method == "PATCH" {
				stale = `{"title":"Other"}`
			}
			key.do(method, "/admin/waitlist/search", stale, "If-Match", tag).want(t, 412, "precondition_failed")
			key.do(method, "/admin/waitlist/search", stale, "If-Match", "W/"+closed.header.Get("ETag")).want(t, 412, "precondition_failed")
		}
		ada := w.app().signUp("ada@example.com")
		w.as(ada, "PUT", "/waitlist/search", "").want(t, 409, "feature_closed")
		key.do("PATCH", "/admin/waitlist/search", `{"closed":false}`, "If-Match", "*").want(t, 200, "")
		w.as(ada, "PUT", "/waitlist/search", "").want(t, 201, "")
		if got := key.get("/admin/waitlist/search").want(t, 200, ""); got.body["waiting"] != 1.0 {
			t.Errorf("%s", got.text)
		}

		want := []string{"search"}
		for _, name := range []string{"c", "a", "b"} {
			w.clock.Advance(time.Second)
			key.post("/admin/waitlist", `{"feature":"`+name+`"}`).want(t, 201, "")
			want = append([]string{name}, want...)
		}
		var seen []string
		for path := "/admin/waitlist?limit=3"; path != ""; {
			got := key.get(path).want(t, 200, "")
			seen, path = append(seen, got.features()...), ""
			if cursor := got.str("next_cursor"); cursor != "" {
				path = "/admin/waitlist?limit=3&cursor=" + cursor
			}
		}
		if !slices.Equal(seen, want) {
			t.Errorf("got %v, want %v", seen, want)
		}
		key.do("DELETE", "/admin/waitlist/search", "").want(t, 204, "")
		key.get("/admin/waitlist/search").want(t, 404, "unknown_feature")
		key.do("DELETE", "/admin/waitlist/search", "").want(t, 404, "unknown_feature")
		key.post("/admin/waitlist", body, "Idempotency-Key", "k1").want(t, 404, "unknown_feature")
		key.do("PATCH", "/admin/waitlist/search", "{}").want(t, 404, "unknown_feature")
		key.get("/admin/waitlist/search/entries").want(t, 404, "unknown_feature")
		key.get("/admin/waitlist/search/entries", "Accept", "text/csv").want(t, 404, "unknown_feature")
		key.post("/admin/waitlist/search/approve", `{"all":true}`).want(t, 404, "unknown_feature")
		if got := w.as(ada, "GET", "/waitlist", "").want(t, 200, "").features(); len(got) != 0 {
			t.Errorf("%v", got)
		}
	})
}

// A key that reads waitlists changes none.
func TestReadingWaitlistsIsNotWriting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	w.waitlistKey().post("/admin/waitlist", `{"feature":"search"}`).want(t, 201, "")
	reader := w.app("Authorization", "Bearer "+w.apiKey(watchword.ScopeWaitlistRead))
	writer := w.app("Authorization", "Bearer "+w.apiKey(watchword.ScopeWaitlistWrite))
	for _, path := range []string{"/admin/waitlist", "/admin/waitlist/search", "/admin/waitlist/search/entries"} {
		reader.get(path).want(t, 200, "")
		writer.get(path).want(t, 403, "insufficient_scope")
	}
	writer.get("/admin/waitlist/search/entries", "Accept", "text/csv").want(t, 403, "insufficient_scope")
	reader.post("/admin/waitlist", `{"feature":"x"}`).want(t, 403, "insufficient_scope")
	reader.do("PATCH", "/admin/waitlist/search", `{"closed":true}`).want(t, 403, "insufficient_scope")
	reader.post("/admin/waitlist/search/approve", `{"all":true}`).want(t, 403, "insufficient_scope")
	reader.do("DELETE", "/admin/waitlist/search", "").want(t, 403, "insufficient_scope")
}

func TestApprovalsReachThoseWhoWait(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		key := w.waitlistKey()
		key.post("/admin/waitlist", `{"feature":"search","title":"Beta-Suche","add_claim":true}`).want(t, 201, "")
		key.post("/admin/waitlist", `{"feature":"silent"}`).want(t, 201, "")
		people := map[string]answer{}
		for _, name := range []string{"ada", "bob", "cid", "dan", "eve", "fay"} {
			people[name] = w.proven(name + "@example.com")
			w.as(people[name], "PUT", "/waitlist/search", "").want(t, 201, "")
			w.clock.Advance(time.Second)
		}
		w.as(people["ada"], "PATCH", "/auth/me", `{"locale":"de"}`).want(t, 200, "")
		w.as(people["ada"], "PUT", "/waitlist/silent", "").want(t, 201, "")
		approve := func(feature, body string) answer {
			return key.post("/admin/waitlist/"+feature+"/approve", body)
		}
		for _, step := range []struct {
			body string
			want float64
		}{
			{`{"count":1}`, 1},
			{`{"emails":["Bob@Example.com","nobody@example.com"]}`, 1},
			{`{"user_ids":["` + people["cid"].str("user", "id") + `","usr_x"]}`, 1},
			{`{"account_ids":["` + people["dan"].str("account", "id") + `"]}`, 1},
			{`{"percent":50}`, 1},
			{`{"all":true}`, 1},
			{`{"all":true}`, 0},
		} {
			if got := approve("search", step.body).want(t, 200, ""); got.body["approved"] != step.want || got.body["pending"] != 0.0 {
				t.Errorf("%s: %s", step.body, got.text)
			}
		}
		approve("silent", `{"all":true}`).want(t, 200, "")
		for _, body := range []string{
			`{}`, `{"count":1,"all":true}`, `{"count":0}`, `{"percent":101}`, `{"percent":1.5}`, `{"user_ids":[]}`, `{"all":false}`, `{"emails":["nobody"]}`,
			`{"user_ids":[` + strings.TrimSuffix(strings.Repeat(`"u",`, 1001), ",") + `]}`, `{"count":null}`,
		} {
			approve("search", body).want(t, 422, "validation_failed")
		}
		ada := people["ada"]
		if got := w.as(ada, "GET", "/waitlist/search", "").want(t, 200, ""); got.str("status") != "approved" {
			t.Errorf("%s", got.text)
		}
		if me := w.as(ada, "GET", "/auth/me", "").want(t, 200, ""); !strings.Contains(me.text, `"feature":"search","status":"approved"`) {
			t.Errorf("%s", me.text)
		}
		w.claimOf(ada, key)

		w.settled()
		for to, want := range map[string][]string{
			"ada@example.com": {"Beta-Suche: für Sie freigeschaltet", "silent: für Sie freigeschaltet"}, "bob@example.com": {"Beta-Suche is ready for you"},
		} {
			var subjects []string
			for _, m := range w.program().get("/dev/inbox/messages?to=" + to).body["messages"].([]any) {
				if subject := m.(map[string]any)["subject"].(string); !strings.HasPrefix(subject, "Confirm") {
					subjects = append(subjects, subject)
				}
			}
			if slices.Sort(subjects); !slices.Equal(subjects, want) {
				t.Errorf("to %s: %q, want %q", to, subjects, want)
			}
		}
	})
}

// claimOf looks at the claim features of somebody who has just been approved: it
// is made at sign-in and by a switch, and by nothing else.
func (w *world) claimOf(ada answer, key *browser) {
	w.t.Helper()
	says := func(when string, a answer, want ...any) {
		w.t.Helper()
		_, claims := w.claims(a.str("access_token"))
		got, there := claims["features"].([]any)
		if !slices.Equal(got, want) || there != (len(want) > 0) {
			w.t.Errorf("%s: %v, want %v", when, claims["features"], want)
		}
	}
	app := w.app()
	kept := app.post("/auth/refresh", refreshBody(ada)).want(w.t, 200, "")
	says("a refresh", kept)
	switched := app.post("/auth/switch-account", refreshBody(kept)).want(w.t, 200, "")
	says("a switch", switched, "search")
	in := app.post("/auth/sign-in", credentials).want(w.t, 200, "")
	says("a sign-in", in, "search")
	says("another's sign-in", app.post("/auth/sign-up", `{"email":"new@example.com","password":"`+testPassword+`"}`).want(w.t, 201, ""))
	made := app.do("POST", "/accounts", `{"name":"Other"}`, bearerOf(in)...).want(w.t, 201, "")
	says("another account", app.post("/auth/switch-account", switchBody(in, watchword.AccountID(made.str("id")))).want(w.t, 200, ""))

	// Whatever changes: the claims stand, and nothing is stale.
	key.do("PATCH", "/admin/waitlist/search", `{"add_claim":false}`).want(w.t, 200, "")
	after := app.post("/auth/refresh", refreshBody(switched)).want(w.t, 200, "")
	says("a refresh after the change", after, "search")
	says("a switch after the change", app.post("/auth/switch-account", refreshBody(after)).want(w.t, 200, ""))
}

func TestWhoWaitsIsListedInTheOrderOfTheQueue(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		key := w.waitlistKey()
		key.post("/admin/waitlist", `{"feature":"search"}`).want(t, 201, "")
		var people []answer
		for i := range 5 {
			w.clock.Advance(time.Second)
			people = append(people, w.app().signUp(fmt.Sprintf("p%d@example.com", i)))
			w.as(people[i], "PUT", "/waitlist/search", "").want(t, 201, "")
		}
		for range 3 { // no answer came, and it is sent again
			got := key.post("/admin/waitlist/search/approve", `{"count":2}`, "Idempotency-Key", "first").want(t, 200, "")
			if got.body["approved"] != 2.0 || got.body["pending"] != 0.0 {
				t.Errorf("%s", got.text)
			}
		}
		key.post("/admin/waitlist/search/approve", `{"count":3}`, "Idempotency-Key", "first").want(t, 409, "idempotency_key_reused")
		key.post("/admin/waitlist", `{"feature":"other"}`).want(t, 201, "")
		key.post("/admin/waitlist/other/approve", `{"count":2}`, "Idempotency-Key", "first").want(t, 409, "idempotency_key_reused")
		listed := func(query string) (list []string) {
			for cursor := ""; ; {
				got := key.get("/admin/waitlist/search/entries?limit=2"+query+cursor).want(t, 200, "")
				for _, row := range got.body["data"].([]any) {
					list = append(list, row.(map[string]any)["user"].(map[string]any)["email"].(string)[:2])
				}
				if got.str("next_cursor") == "" {
					return list
				}
				cursor = "&cursor=" + got.str("next_cursor")
			}
		}
		for query, want := range map[string]string{
			"": "p0 p1 p2 p3 p4", "&status=waiting": "p2 p3 p4", "&status=approved": "p0 p1",
			"&account_id=" + people[3].str("account", "id"): "p3", "&status=approved&account_id=" + people[3].str("account", "id"): "",
		} {
			if got := strings.Join(listed(query), " "); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
		row := key.get("/admin/waitlist/search/entries?limit=1").body["data"].([]any)[0].(map[string]any)
		user := row["user"].(map[string]any)
		if row["status"] != "approved" || row["account_id"] != people[0].str("account", "id") || row["approved_at"] == nil || row["joined_at"] == nil ||
			user["id"] != people[0].str("user", "id") || user["name"] != "Test Person" || len(row) != 6 || len(user) != 3 {
			t.Errorf("%v", row)
		}
	})
}

func TestAWaitlistComesAsAFileForSpreadsheets(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		key := w.waitlistKey()
		key.post("/admin/waitlist", `{"feature":"beta.search"}`).want(t, 201, "")
		names := []string{`=HYPERLINK("https://evil.example")`, "Ada, \"Countess\"", "-1", "Ünï"}
		for i, name := range names {
			who := w.app().post("/auth/sign-up", asJSON(t, map[string]string{"email": fmt.Sprintf("p%d@example.com", i), "password": testPassword, "name": name})).want(t, 201, "")
			w.as(who, "PUT", "/waitlist/beta.search", "").want(t, 201, "")
			w.clock.Advance(time.Second)
		}
		key.post("/admin/waitlist/beta.search/approve", `{"count":1}`).want(t, 200, "")
		got := key.get("/admin/waitlist/beta.search/entries?limit=1", "Accept", "text/csv").want(t, 200, "")
		if got.header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" || got.header.Get("Content-Disposition") != `attachment; filename="beta.search.csv"` ||
			!slices.Contains(got.header.Values("Vary"), "Accept") || strings.Count(got.text, "\r\n") != 5 {
			t.Errorf("%v\n%q", got.header, got.text)
		}
		rows, err := csv.NewReader(strings.NewReader(got.text)).ReadAll()
		if err != nil || len(rows) != 5 {
			t.Fatalf("%v: %q", err, got.text)
		}
		if head := strings.Join(rows[0], " "); head != "id user_id email name account_id status joined_at approved_at" {
			t.Errorf("%s", head)
		}
		for i, want := range []string{`'=HYPERLINK("https://evil.example")`, names[1], "'-1", names[3]} {
			if row := rows[i+1]; row[3] != want || row[2] != fmt.Sprintf("p%d@example.com", i) || (row[5] == "approved") != (i == 0) || (row[7] != "") != (i == 0) {
				t.Errorf("%q", row)
			}
		}
		filtered := key.get("/admin/waitlist/beta.search/entries?status=approved", "Accept", "text/csv").want(t, 200, "")
		if strings.Count(filtered.text, "\r\n") != 2 {
			t.Errorf("%q", filtered.text)
		}
		for _, accept := range []string{"*/*", "application/json, text/csv;q=0.5", "text/html"} {
			if got := key.get("/admin/waitlist/beta.search/entries", "Accept", accept).want(t, 200, ""); got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %v", accept, got.header)
			}
		}
		empty := key.post("/admin/waitlist", `{"feature":"empty"}`).want(t, 201, "")
		if file := key.get("/admin/waitlist/"+empty.str("feature")+"/entries", "Accept", "text/csv").want(t, 200, ""); strings.Count(file.text, "\r\n") != 1 {
			t.Errorf("%q", file.text)
		}
	})
}

// crowd has 600 users of the name wait.
func (w *world) crowd(feature, account, name string) {
	w.t.Helper()
	const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) "
	for _, insert := range []string{
		`INSERT INTO users (id, status, name, picture, locale, metadata, admin_metadata, administrator, password_hash, password_version, last_account_id, created_at, updated_at)
			SELECT 'usr_'||i, 'active', '` + name + `', '', '', '{}', '{}', FALSE, '', 1, '', i, i FROM n`,
		`INSERT INTO memberships (id, account_id, user_id, role, joined_at) SELECT 'mem_'||i, '` + account + `', 'usr_'||i, 'member', i FROM n`,
		`INSERT INTO waitlist_entries SELECT 'wle_'||(1000 + i), '` + feature + `', '` + account + `', 'usr_'||i, 'waiting', i, NULL FROM n`,
	} {
		w.alter(strings.Replace(insert, "SELECT", numbers+"SELECT", 1))
	}
}

// It would hold up each restart else, and have it end as a failure.
func TestAReaderOfAFileWhoSleepsDoesNotHoldTheEndOfTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	w.waitlistKey().post("/admin/waitlist", `{"feature":"search"}`).want(t, 201, "")
	w.crowd("search", w.app().signUp("ada@example.com").str("account", "id"), strings.Repeat("x", 50_000)) // more than lies in buffers
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := w.webServer(w.config(generous), slog.New(slog.DiscardHandler), listener, w.handler)
	server.Start(t.Context())
	reader, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	_, err = fmt.Fprintf(reader, "GET /admin/waitlist/search/entries HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nAccept: text/csv\r\n\r\n",
		w.apiKey(watchword.ScopeWaitlistRead))
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReaderSize(reader, 16).ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Fatalf("%q (%v)", line, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// Half a file must not look whole.
func TestAFileThatCannotBeWrittenToItsEndBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	w.waitlistKey().post("/admin/waitlist", `{"feature":"search"}`).want(t, 201, "")
	account := w.app().signUp("ada@example.com").str("account", "id")
	w.crowd("search", account, "")
	w.alter(`UPDATE waitlist_entries SET joined_at = 'damaged' WHERE id = 'wle_1600'`) // long after the file has begun
	r := w.request("GET", "/admin/waitlist/search/entries", "", "Authorization", "Bearer "+w.apiKey(watchword.ScopeWaitlistRead), "Accept", "text/csv")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	file, err := io.ReadAll(response.Body)
	if err == nil || response.StatusCode != http.StatusOK || !strings.Contains(string(file), "wle_1001,") {
		t.Errorf("%d, %d bytes, %v", response.StatusCode, len(file), err)
	}
	if !strings.Contains(w.log.String(), "could not be written to its end") {
		t.Error("the log says nothing of it")
	}
	w.alter(`UPDATE waitlist_entries SET joined_at = 'damaged' WHERE id = 'wle_1001'`) // before it has
	w.app().do("GET", "/admin/waitlist/search/entries", "", "Authorization", r.Header.Get("Authorization"), "Accept", "text/csv").want(t, 503, "unavailable")
}
