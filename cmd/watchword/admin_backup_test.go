package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"watchword"
	"watchword/internal/config"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestABackupIsRestoredAndTokensAheadOfItAreNoTheft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	o := w.operator()
	moved, still := w.program().signUp("moved@example.com"), w.program().signUp("still@example.com")
	backup := filepath.Join(t.TempDir(), "backup.db")
	said := o.run("", "admin", "backup", backup).want(t, 0)
	if !strings.Contains(said.out, "The server secret is not in it") {
		t.Errorf("said %s", said.out)
	}
	w.wantEvents(watchword.EventDataBackedUp)
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can read it", info.Mode(), err)
	}
	if again := o.run("", "admin", "backup", backup).want(t, 1); !strings.Contains(again.err, "nothing is overwritten") {
		t.Errorf("said %s", again.err)
	}
	if names := namesIn(t, filepath.Dir(backup)); len(names) != 1 {
		t.Errorf("beside the backup lies %v", names)
	}
	ahead := w.program().post("/auth/refresh", refreshBody(moved)).want(t, 200, "")
	w.program().signUp("later@example.com")

	if refused := o.run("", "admin", "restore", backup, "--yes").want(t, 1); !strings.Contains(refused.err, "stop the server") {
		t.Errorf("beside a running server it says %s", refused.err)
	}
	stopped := o.copyOf(backup)
	if refused := stopped.run("", "admin", "restore", backup).want(t, 1); !strings.Contains(refused.err, "--yes") {
		t.Errorf("over a database it says %s", refused.err)
	}
	storetest.Exec(t, store.SQLite, stopped.location, "DELETE FROM users")
	stopped.run("", "admin", "restore", backup, "--yes").want(t, 0)

	restored := newNode(t, store.SQLite, stopped.location, w.clock, "", func(cfg *config.Config) { cfg.PublicURL = w.url })
	restored.wantEvents(watchword.EventDataRestored)
	restored.program().post("/auth/refresh", refreshBody(ahead)).want(t, 401, "session_revoked")
	restored.program().post("/auth/refresh", refreshBody(still)).want(t, 200, "")
	restored.program().post("/auth/sign-in", `{"email":"moved@example.com","password":"`+testPassword+`"}`).want(t, 200, "")
	if n := storetest.Count(t, store.SQLite, stopped.location, "events WHERE type = 'refresh_token.ahead'"); n != 1 {
		t.Errorf("%d events of a token that is ahead", n)
	}
	if n := countRows(t, store.SQLite, stopped.location, "users"); n != 2 {
		t.Errorf("%d users were restored, want 2", n)
	}
}

// copyOf is an operator of a database that is a copy of a backup, with no server.
func (o *operator) copyOf(backup string) *operator {
	o.t.Helper()
	text, err := os.ReadFile(backup)
	if err != nil {
		o.t.Fatal(err)
	}
	other := *o
	other.location = filepath.Join(o.t.TempDir(), "watchword.db")
	if err := os.WriteFile(other.location, text, 0o600); err != nil {
		o.t.Fatal(err)
	}
	return &other
}

func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func bytesIn(t *testing.T, folder string) (size int64) {
	t.Helper()
	for _, name := range namesIn(t, folder) {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil { // it may be gone again
			size += info.Size()
		}
	}
	return size
}

func TestARestoreMakesTheDatabaseWhereThereIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	w.program().signUp("ada@example.com")
	o := w.operator()
	backup := filepath.Join(t.TempDir(), "backup.db")
	o.run("", "admin", "backup", backup).want(t, 0)
	o.location = filepath.Join(t.TempDir(), "data", "watchword.db")
	o.run("", "admin", "restore", backup).want(t, 0)
	if n := countRows(t, store.SQLite, o.location, "users"); n != 1 {
		t.Errorf("%d users, want 1", n)
	}
	o.location = filepath.Join(t.TempDir(), "other", "watchword.db")
	refused := o.run("", "admin", "restore", os.Args[0]).want(t, 1)
	if _, err := os.Stat(o.location); !errors.Is(err, os.ErrNotExist) || !strings.Contains(refused.err, "no backup of Watchword") {
		t.Errorf("of what is no backup it says %s (%v)", refused.err, err)
	}
}

func TestPostgresIsLeftToItsOwnTools(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	o.engine, o.location = store.Postgres, "postgres://nobody@127.0.0.1:1/none"
	for _, args := range [][]string{{"admin", "backup", "a.db"}, {"admin", "restore", "a.db"}} {
		if got := o.run("", args...).want(t, 1); !strings.Contains(got.err, "pg_dump") {
			t.Errorf("%v: %s", args, got.err)
		}
	}
}

// What stands under the name that was asked for is a whole backup, or nothing.
func TestABackupThatIsKilledLeavesNothingUnderItsName(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	o.run("", "migrate").want(t, 0)
	// Large enough that it takes a while to copy.
	storetest.Exec(t, store.SQLite, o.location, `INSERT INTO inbox_messages
		SELECT 'msg_'||i, 'a', '', hex(randomblob(8192)), '', '[]', '', i
		FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i FROM n)`)
	folder := t.TempDir()
	backup := filepath.Join(folder, "backup.db")
	killed, _ := o.child("admin", "backup", backup)
	begun := false
	for range 60_000 { // minutes: a child that fails shall not hang the suite
		if begun = bytesIn(t, folder) > 1<<20; begun {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := killed.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	if !begun {
		t.Fatal("the child backs nothing up")
	}
	if _, err := os.Stat(backup); !errors.Is(err, os.ErrNotExist) {
		if _, err := store.InspectBackup(t.Context(), backup); err != nil {
			t.Errorf("the killed backup left under its name what cannot be restored: %v", err)
		}
		return
	}
	o.run("", "admin", "backup", backup).want(t, 0)
	if _, err := store.InspectBackup(t.Context(), backup); err != nil {
		t.Error(err)
	}
}
