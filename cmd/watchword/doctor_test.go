package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// examination is what doctor printed as JSON.
type examination struct {
	outcome
	OK     bool      `json:"ok"`
	Checks []finding `json:"checks"`
}

// examine runs doctor for dev.
func (o *operator) examine(args ...string) examination {
	o.t.Helper()
	e := examination{outcome: o.run("", append([]string{"doctor", "--json", "--mode", "dev"}, args...)...)}
	if err := json.Unmarshal([]byte(e.out), &e); err != nil {
		o.t.Fatalf("%v: %s%s", err, e.out, e.err)
	}
	return e
}

// want fails the test unless the check came to the status and its message says so.
func (e examination) want(t *testing.T, check string, s status, says string) {
	t.Helper()
	for _, f := range e.Checks {
		if f.Check == check && f.Status == s && strings.Contains(f.Message, says) {
			if s == statusFail && f.Mend == "" {
				t.Errorf("%s: nothing says how to mend it", check)
			}
			return
		}
	}
	t.Errorf("no %s of %s that says %q:\n%s%s", s, check, says, e.out, e.err)
}

func TestDoctorFindsAServerWell(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, "")
		w.program().signUp("ada@example.com")
		e := w.operator().examine()
		if e.code != 0 || !e.OK {
			t.Errorf("exit code %d\n%s%s", e.code, e.out, e.err)
		}
		for _, check := range []string{"settings", "database", "clock", "jobs", "secret", "keys", "cookies"} {
			e.want(t, check, statusOK, "")
		}
	})
}

func TestDoctorPrintsALineForEachCheckAndHowToMendIt(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	got := o.run("", "doctor", "--public-url", "http://auth.example.com", "--rate-limits", "off").want(t, 1)
	for _, want := range []string{
		"FAIL  settings   --public-url: must begin with https://",
		"                 mend: put a TLS proxy in front",
		"FAIL  settings   smtp: is required",
		"warn  settings   --rate-limits: are OFF",
		"ok    secret     the first start makes it",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("nothing of %q in\n%s", want, got.out)
		}
	}
	if !strings.Contains(got.err, "2 faults") {
		t.Errorf("the end: %s", got.err)
	}
}

func TestDoctorMakesNothing(t *testing.T) {
	t.Parallel()
	t.Run("files", func(t *testing.T) {
		t.Parallel()
		o := newOperator(t, store.SQLite)
		o.data = filepath.Join(t.TempDir(), "data")
		o.location = filepath.Join(o.data, "watchword.db")
		e := o.examine()
		e.want(t, "database", statusWarn, "there is no database yet")
		e.want(t, "secret", statusOK, "the first start makes it")
		if _, err := os.Stat(o.data); !os.IsNotExist(err) || e.code != 0 {
			t.Errorf("exit code %d, %v", e.code, err)
		}
	})
	t.Run("tables", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			return
		}
		o := &operator{t: t, engine: store.Postgres, location: storetest.Postgres(t), data: t.TempDir(), environ: []string{"WATCHWORD_SECRET=" + testSecret}}
		o.examine().want(t, "database", statusWarn, "there is no database yet")
		if n := countRows(t, store.Postgres, o.location, "pg_tables WHERE schemaname = 'public'"); n != 0 {
			t.Errorf("%d tables were made", n)
		}
	})
}

// change does something to a database that no command does.
func (o *operator) change(statement string) {
	o.t.Helper()
	storetest.Exec(o.t, o.engine, o.location, statement)
}

func TestDoctorFindsWhatIsWrongInTheDatabase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, change string
		check        string
		status       status
		says         string
	}{
		{"an older schema", "DELETE FROM goose_db_version WHERE version_id > 1", "database", statusWarn, "older version"},
		{"a newer schema", "UPDATE goose_db_version SET version_id = 999 WHERE version_id = 1", "database", statusFail, "newer"},
		{"keys that nobody rotates", "UPDATE signing_keys SET signs_at = 1", "keys", statusWarn, "due for rotation"},
		{"a mail that nobody sends", "UPDATE jobs SET created_at = 1", "jobs", statusWarn, "jobs of kind mail wait"},
		{"a mail that failed", "UPDATE jobs SET failed_at = 1", "jobs", statusWarn, "failed for good"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
				w := newWorld(t, engine, noMailServer)
				w.program().signUp("ada@example.com")
				w.mailFailed()
				o := w.operator()
				o.change(test.change)
				e := o.examine()
				e.want(t, test.check, test.status, test.says)
				if bad := test.status == statusFail; e.OK == bad || (e.code == 1) != bad {
					t.Errorf("exit code %d, ok %t", e.code, e.OK)
				}
			})
		})
	}
}

func TestDoctorFindsAWrongSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	o := w.operator()

	o.environ = []string{"WATCHWORD_SECRET=" + nextSecret}
	o.examine().want(t, "secret", statusFail, "does not open the signing keys")
	o.environ = nil // nor is there one in the data folder
	o.examine().want(t, "secret", statusFail, "it is missing")
	if _, err := os.Stat(filepath.Join(o.data, "secret")); !os.IsNotExist(err) {
		t.Errorf("doctor made a secret: %v", err)
	}
	o = rotating(o)
	o.examine().want(t, "secret", statusWarn, "still sealed under the previous secret")
	o.run("", "admin", "reseal").want(t, 0)
	o.examine().want(t, "secret", statusOK, "it opens what is sealed")
}

func TestDoctorFindsAClockThatWentBack(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		o := newOperator(t, engine)
		o.environ = []string{"WATCHWORD_SECRET=" + testSecret}
		clock := storetest.NewClock()
		clock.Advance(time.Hour)
		s := storetest.OpenAt(t, engine, o.location, clock.Now)
		err := s.Tx(t.Context(), func(c *store.Conn) error {
			return event.Record(t.Context(), c, watchword.Origin{}, watchword.Event{Type: watchword.EventUserCreated, Actor: event.ActorSystem})
		})
		if err != nil {
			t.Fatal(err)
		}
		o.examine().want(t, "clock", statusFail, "is off by")
	})
}

func TestDoctorComparesItsClockWithTheDatabases(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		off    time.Duration
		status status
	}{{0, statusOK}, {-10 * time.Second, statusWarn}, {10 * time.Second, statusWarn}, {-time.Minute, statusFail}, {time.Minute, statusFail}} {
		t.Run(test.off.String(), func(t *testing.T) {
			t.Parallel()
			for _, engine := range storetest.Engines() {
				if engine != store.Postgres {
					continue // it has no clock of its own
				}
				d := &doctor{surroundings: surroundings{random: rand.Reader, clock: func() time.Time { return time.Now().Add(test.off) }}}
				d.checkClock(t.Context(), storetest.Open(t, engine, nil))
				if d.findings[0].Status != test.status {
					t.Errorf("%+v, want %s", d.findings[0], test.status)
				}
			}
		})
	}
}

func TestDoctorFindsADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	o := &operator{t: t, engine: store.Postgres, location: "postgres://user:canary@127.0.0.1:1/watchword", data: t.TempDir(), environ: []string{"WATCHWORD_SECRET=" + testSecret}}
	e := o.examine()
	e.want(t, "database", statusFail, "")
	if e.code != 1 || strings.Contains(e.out+e.err, "canary") {
		t.Errorf("exit code %d\n%s%s", e.code, e.out, e.err)
	}
}

func TestDoctorFindsFoldersThatAreNotAsTheyMustBe(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	o.data = t.TempDir()
	o.location = filepath.Join(o.data, "watchword.db")
	if err := os.Chmod(o.data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.data, "secret"), []byte(testSecret+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	e := o.examine()
	e.want(t, "folder", statusWarn, "open to other users")
	e.want(t, "secret", statusWarn, "can be read by other users")
	e.want(t, "disk", statusOK, "")

	o.location = filepath.Join(o.data, "secret", "watchword.db")
	o.examine().want(t, "folder", statusFail, "no folder")
	left, err := os.ReadDir(o.data)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left in the folder, %v", len(left), err)
	}
}

func TestDoctorFindsCookiesThatBrowsersDrop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		public, domain, origin string
		status                 status
	}{
		{"https://auth.example.com", "", "https://app.example.com", statusOK},
		{"https://auth.example.co.uk", "example.co.uk", "https://example.co.uk", statusOK},
		{"https://auth.example.co.uk", "co.uk", "https://auth.example.co.uk", statusFail},
		{"https://auth.example.com", "", "https://example.org", statusWarn},
		{"https://auth.example.com", "", "http://127.0.0.1:3000", statusWarn},
		{"https://ada.github.io", "", "https://bob.github.io", statusWarn},
	} {
		settings := fmt.Sprintf("public_url: %q\ncookies: {domain: %q}\nclients: [{id: web, origins: [%q]}]\n", test.public, test.domain, test.origin)
		file := filepath.Join(t.TempDir(), "watchword.yaml")
		if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		o := newOperator(t, store.SQLite)
		o.examine("--config", file).want(t, "cookies", test.status, "")
	}
}
