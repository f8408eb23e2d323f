package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestUsersMoveToAnotherServerWithTheirPasswords(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		from := newWorld(t, engine, "")
		from.program().signUp("ada@example.com")
		from.program().signUp("bob@example.com")
		file := filepath.Join(t.TempDir(), "everything.jsonl")
		report := from.operator().run("", "admin", "export", file, "--json").want(t, 0).json(t)
		if report["lines"] != float64(8) { // each a user, an address, an account, a membership
			t.Errorf("reported %v", report)
		}
		from.wantEvents(watchword.EventDataExported)
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v: others can read the hashes", info.Mode(), err)
		}
		again := from.operator().run("", "admin", "export", file).want(t, 1)
		if !strings.Contains(again.err, "nothing is overwritten") {
			t.Errorf("said %s", again.err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if piped := from.operator().run("", "admin", "export").want(t, 0); piped.out != string(text) || !strings.Contains(piped.err, "8 lines exported") {
			t.Errorf("the standard output is another export than the file, or nothing was said: %s", piped.err)
		}

		other := map[store.Engine]store.Engine{store.SQLite: storetest.Engines()[len(storetest.Engines())-1], store.Postgres: store.SQLite}[engine]
		to := newWorld(t, other, "")
		o := to.operator()
		o.run(string(text), "admin", "import", "-", "--dry-run", "--json").want(t, 0).wantImport(t, 8, 0, 0)
		if n := countRows(t, other, to.location, "users"); n != 0 {
			t.Errorf("a dry run wrote %d users", n)
		}
		o.run("", "admin", "import", file, "--json").want(t, 0).wantImport(t, 8, 0, 0)
		o.run("", "admin", "import", file, "--json").want(t, 0).wantImport(t, 0, 8, 0)
		to.wantEvents(watchword.EventDataImported)
		if out := o.run("", "admin", "export").want(t, 0).out; out != string(text) {
			t.Errorf("it came out as\n%s\nwant\n%s", out, text)
		}
		to.program().post("/auth/sign-in", `{"email":"ada@example.com","password":"`+testPassword+`"}`).want(t, 200, "")
	})
}

func TestAnImportOfEverythingNamesBadLinesAndStopsWhereAsked(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	o.run("", "migrate").want(t, 0)
	const text = `{"type":"header","format":"watchword-export","version":1}
{"type":"canary"}
{"type":"account","id":"acc_00000000000000000000000000","name":"","slug":"s","created_at":"2024-01-02T03:04:05Z","updated_at":"2024-01-02T03:04:05Z"}
{"type":"end"}
`
	stopped := o.run(text, "admin", "import", "-", "--stop-on-error").want(t, 1)
	if n := countRows(t, store.SQLite, o.location, "accounts"); n != 0 || !strings.Contains(stopped.err, "nothing behind it was read") {
		t.Errorf("%d accounts, %s", n, stopped.err)
	}
	got := o.run(text, "admin", "import", "-").want(t, 1)
	if n := countRows(t, store.SQLite, o.location, "accounts"); n != 1 || !strings.Contains(got.err, "line 2: type: ") || strings.Contains(got.err, "canary") {
		t.Errorf("%d accounts, %s", n, got.err)
	}
	if got := o.run(people(0, 1), "admin", "import", "-").want(t, 1); !strings.Contains(got.err, "import-users") {
		t.Errorf("of what is no export it says %s", got.err)
	}
}
