package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// backedUp is where a backup of the store lies.
func backedUp(t *testing.T, s *store.Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup ?#%.db")
	if err := s.BackUp(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// addUser makes a user with an address, in one transaction.
func addUser(s *store.Store, address string) error {
	return s.Tx(context.Background(), func(c *store.Conn) error {
		id, err := c.InsertUser(context.Background(), store.NewUser{})
		if err != nil {
			return err
		}
		_, err = c.InsertEmail(context.Background(), watchword.Email{UserID: id, Address: address, Primary: true, Exclusive: true})
		return err
	})
}

func TestABackupUnderLoadIsOfOneMomentAndWhole(t *testing.T) {
	t.Parallel()
	location := storetest.Location(t, store.SQLite)
	s := storetest.OpenAt(t, store.SQLite, location, nil)
	for i := range 500 {
		if err := addUser(s, "before"+string(rune('a'+i))+"@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := addUser(s, "w"+string(rune('a'+w))+string(rune('a'+i))+"@example.com"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var backups []string
	for range 5 {
		backups = append(backups, backedUp(t, s))
	}
	close(stop)
	writers.Wait()
	for _, path := range backups {
		if v, err := store.InspectBackup(t.Context(), path); err != nil || v.From != v.To {
			t.Fatalf("version %+v, %v", v, err)
		}
		users, emails := storetest.Count(t, store.SQLite, path, "users"), storetest.Count(t, store.SQLite, path, "emails")
		if users < 500 || users != emails {
			t.Errorf("the backup holds %d users and %d addresses: it is of more than one moment", users, emails)
		}
	}
}

func TestARestoredDatabaseIsTheBackup(t *testing.T) {
	t.Parallel()
	location := storetest.Location(t, store.SQLite)
	open := func() *store.Store {
		s, err := store.Open(t.Context(), store.Options{Engine: store.SQLite, Location: location, Clock: storetest.NewClock().Now, Random: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	if err := addUser(s, "a@example.com"); err != nil {
		t.Fatal(err)
	}
	backup := backedUp(t, s)
	want := storetest.Rows(t, store.SQLite, location, "SELECT * FROM users")
	storetest.Exec(t, store.SQLite, location, "UPDATE users SET name = 'changed'")
	if err := store.Restore(t.Context(), backup, location); !errors.Is(err, store.ErrInUse) {
		t.Fatalf("restored over a database that is open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Broken off it leaves what was there.
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Restore(canceled, backup, location); err == nil {
		t.Fatal("restored although it was broken off")
	}
	if rows := storetest.Rows(t, store.SQLite, location, "SELECT * FROM users WHERE name = 'changed'"); len(rows) != 1 {
		t.Fatalf("broken off it left %v", rows)
	}
	if err := store.Restore(t.Context(), backup, location); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(location); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if got := storetest.Rows(t, store.SQLite, location, "SELECT * FROM users"); len(got) != 1 || got[0] != want[0] {
		t.Errorf("restored %v, want %v", got, want)
	}
	s = open()
	defer func() { _ = s.Close() }()
	if err := addUser(s, "b@example.com"); err != nil {
		t.Errorf("it cannot be written: %v", err)
	}
}

func TestWhatIsNoBackupIsNotRestored(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite, nil)
	for i := range 200 {
		if err := addUser(s, "user"+string(rune('a'+i))+"@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		spoil func(path string) error
		want  error
	}{
		"text": {func(path string) error {
			return os.WriteFile(path, []byte("something else, and long enough to be read"), 0o600)
		}, store.ErrNoBackup},
		"nothing": {func(path string) error { return os.WriteFile(path, nil, 0o600) }, store.ErrNoBackup},
		"another's database": {func(path string) error {
			storetest.Exec(t, store.SQLite, path, "DROP TABLE goose_db_version")
			return nil
		}, store.ErrNoBackup},
		"a newer one's": {func(path string) error {
			storetest.Exec(t, store.SQLite, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
			return nil
		}, store.ErrNewerSchema},
		"cut off": {func(path string) error { return os.Truncate(path, 40<<10) }, store.ErrBroken},
		"damaged": {func(path string) error {
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }()
			for page := int64(2); page < 30; page++ {
				if _, err := file.WriteAt(make([]byte, 512), page*4096); err != nil {
					return err
				}
			}
			return nil
		}, store.ErrBroken},
		"with a log": {func(path string) error { return os.WriteFile(path+"-wal", []byte("log"), 0o600) }, store.ErrNoBackup},
		"gone":       {os.Remove, os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			path := backedUp(t, s)
			if err := test.spoil(path); err != nil {
				t.Fatal(err)
			}
			if _, err := store.InspectBackup(t.Context(), path); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestPostgresIsBackedUpByItsOwnTools(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "backup.db")
		if err := storetest.Open(t, store.Postgres, nil).BackUp(t.Context(), path); !errors.Is(err, store.ErrNotSQLite) {
			t.Errorf("got %v", err)
		}
	})
}
