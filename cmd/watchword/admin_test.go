package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// operator is somebody at the command line, beside the servers of a database.
type operator struct {
	t        *testing.T
	engine   store.Engine
	location string
	data     string
	environ  []string
}

func newOperator(t *testing.T, engine store.Engine) *operator {
	t.Helper()
	return &operator{t: t, engine: engine, location: storetest.Location(t, engine), data: t.TempDir()}
}

// operator is one beside this world's servers.
func (w *world) operator() *operator {
	return &operator{
		t: w.t, engine: w.engine, location: w.location, data: w.t.TempDir(), environ: []string{"WATCHWORD_SECRET=" + testSecret},
	}
}

// outcome is what a command printed and how it ended.
type outcome struct {
	code     int
	out, err string
}

// run runs a command on the database. stdin is empty for none.
func (o *operator) run(stdin string, args ...string) outcome {
	o.t.Helper()
	var out, err bytes.Buffer
	code := run(o.onDatabase(args), o.environ, streams{strings.NewReader(stdin), &out, &err})
	return outcome{code, out.String(), err.String()}
}

func (o *operator) onDatabase(args []string) []string {
	database := o.location
	if o.engine == store.SQLite {
		database = "sqlite:" + database
	}
	return slices.Concat(args, []string{"--database", database, "--data", o.data})
}

// want fails the test unless the command ended so.
func (o outcome) want(t *testing.T, code int) outcome {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", o.code, code, o.out, o.err)
	}
	return o
}

// json is what the command printed as JSON.
func (o outcome) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(o.out), &v); err != nil {
		t.Fatalf("%v: %s", err, o.out)
	}
	return v
}

func TestKeysAreMadeListedAndRevokedBesideARunningServer(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		o := w.operator()
		o.environ = nil // no secret is needed

		made := o.run("", "admin", "keys", "create", "--name", "audit", "--scopes", "events:read, metrics:read", "--expires", "90d").want(t, 0)
		key := strings.TrimSpace(made.out)
		if !strings.HasPrefix(key, "wk_") || strings.ContainsAny(key, " \n") || strings.Contains(made.err, key) {
			t.Fatalf("the standard output must be the key alone: %q, %q", made.out, made.err)
		}
		if !strings.Contains(made.err, "never again") {
			t.Errorf("it must be said that the key is shown once: %s", made.err)
		}
		w.program().get("/admin/events", "Authorization", "Bearer "+key).want(t, 200, "")

		listed := o.run("", "admin", "keys", "list").want(t, 0).out
		if !strings.Contains(listed, "audit") || !strings.Contains(listed, "events:read, metrics:read") || strings.Contains(listed, key) {
			t.Errorf("listed:\n%s", listed)
		}
		var list []listedKey
		if err := json.Unmarshal([]byte(o.run("", "admin", "keys", "list", "--json").want(t, 0).out), &list); err != nil || len(list) != 1 {
			t.Fatalf("%d keys, %v", len(list), err)
		}
		if list[0].State != keyLive || list[0].CreatedBy != "cli" || list[0].ExpiresAt == nil || list[0].LastUsedAt == nil || list[0].RevokedAt != nil {
			t.Errorf("listed %+v", list[0])
		}

		id := string(list[0].ID)
		o.run("", "admin", "keys", "revoke", id).want(t, 0)
		w.program().get("/admin/events", "Authorization", "Bearer "+key).want(t, 401, "api_key_invalid")
		if again := o.run("", "admin", "keys", "revoke", id).want(t, 1); again.err != "watchword: There is no such live API key.\n" {
			t.Errorf("revoked again: %s", again.err)
		}
		if listed := o.run("", "admin", "keys", "list").out; !strings.Contains(listed, "revoked") {
			t.Errorf("listed:\n%s", listed)
		}
		w.wantEvents(watchword.EventAPIKeyRevoked, watchword.EventAPIKeyCreated)
	})
}

// wantEvents fails the test unless the newest events from the command line are of
// these types, newest first.
func (w *world) wantEvents(types ...watchword.EventType) {
	w.t.Helper()
	list, err := w.store.Read().Events(w.t.Context(), watchword.EventFilter{}, watchword.Page{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	var got []watchword.EventType
	for _, e := range list {
		if e.Actor == event.ActorCommandLine {
			got = append(got, e.Type)
		}
	}
	if len(got) < len(types) || !slices.Equal(got[:len(types)], types) {
		w.t.Errorf("the newest events from the command line are %v, want %v", got, types)
	}
}

func TestACommandThatIsWronglyGivenSaysWhy(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	o.run("", "migrate").want(t, 0)
	for _, test := range []struct {
		code int
		says string
		args []string
	}{
		{1, "metrics:read", []string{"admin", "keys", "create", "--name", "a", "--scopes", "metrics:all"}},
		{1, "--expires", []string{"admin", "keys", "create", "--name", "a", "--scopes", "metrics:read", "--expires", "soon"}},
		{1, "--expires", []string{"admin", "keys", "create", "--name", "a", "--scopes", "metrics:read", "--expires", "0d"}},
		{1, "name", []string{"admin", "keys", "create", "--name", "", "--scopes", "metrics:read"}},
		{2, "--scopes", []string{"admin", "keys", "create", "--name", "a"}},
		{2, "KEY_ID", []string{"admin", "keys", "revoke"}},
		{1, "no such user", []string{"admin", "users", "grant-admin", "nobody@example.com"}},
		{1, "not a valid email", []string{"admin", "users", "grant-admin", "a@b@c"}},
		{1, "no such file", []string{"admin", "import-users", "/nonexistent/users.jsonl"}},
		{2, "mode", []string{"doctor", "--mode", "production"}},
		{2, "", []string{"admin"}},
		{2, "", []string{"administer"}},
	} {
		got := o.run("", test.args...).want(t, test.code)
		if !strings.Contains(got.err, test.says) {
			t.Errorf("%v: %s", test.args, got.err)
		}
	}
}

func TestAnAdministratorIsMadeByAddressOrID(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		ada := w.program().signUp("ada@example.com")
		events := func() answer {
			return w.program().get("/admin/events", "Authorization", "Bearer "+ada.str("access_token"))
		}
		events().want(t, 403, "")
		o := w.operator()
		o.environ = nil

		if refused := o.run("", "admin", "users", "grant-admin", "ADA@example.com").want(t, 1); !strings.Contains(refused.err, "proven") {
			t.Errorf("said %s", refused.err)
		}
		events().want(t, 403, "")
		granted := o.run("", "admin", "users", "grant-admin", "ADA@example.com", "--unverified").want(t, 0)
		if !strings.Contains(granted.out, "is an administrator now") {
			t.Errorf("said %s%s", granted.out, granted.err)
		}
		events().want(t, 200, "")
		again := o.run("", "admin", "users", "grant-admin", ada.str("user", "id"), "--json").want(t, 0).json(t)
		if again["changed"] != false || again["administrator"] != true {
			t.Errorf("granted again: %v", again)
		}
		o.run("", "admin", "users", "revoke-admin", ada.str("user", "id")).want(t, 0)
		events().want(t, 403, "")
		w.wantEvents(watchword.EventAdminRevoked, watchword.EventAdminGranted)
	})
}
