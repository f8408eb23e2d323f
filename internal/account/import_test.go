package account_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// people are n lines of an import.
func people(n int) *bytes.Buffer {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"email":"user%d@example.com","name":"User"}`+"\n", i)
	}
	return &b
}

type refusals map[int]error

func importer(s *store.Store, refused refusals) account.Importer {
	return account.Importer{
		Store: s, Random: rand.Reader,
		Refused:  func(line int, why error) { refused[line] = why },
		Progress: func(account.ImportTally) {},
	}
}

func wantTally(t *testing.T, got account.ImportTally, imported, present, refused int) {
	t.Helper()
	if got.Imported != imported || got.Present != present || got.Refused != refused {
		t.Errorf("imported %d, present %d, refused %d; want %d, %d, %d",
			got.Imported, got.Present, got.Refused, imported, present, refused)
	}
}

func imports(t *testing.T, s *store.Store) []watchword.Event {
	t.Helper()
	list, _, err := s.Read().Events(t.Context(), watchword.EventFilter{Type: watchword.EventUserImported}, watchword.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestImportingTwiceMakesNobodyTwice(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		for _, want := range []struct{ imported, present int }{{2000, 0}, {0, 2000}} {
			tally, err := importer(s, refusals{}).Run(t.Context(), people(2000))
			if err != nil {
				t.Fatal(err)
			}
			wantTally(t, tally, want.imported, want.present, 0)
		}
		if events := imports(t, s); len(events) != 8 || events[0].Data["users"] != "250" || events[0].Actor != "cli" {
			t.Errorf("%d events, the last %+v; want one for each batch that made users", len(events), events)
		}
	})
}

func TestABadLineCostsNoOther(t *testing.T) {
	t.Parallel()
	text := `{"email":"a@example.com"}
not json
{"email":"A@EXAMPLE.com"}
{"email":"b@example.com","password_hash":"plain"}
{"email":"b@example.com"}
{"email":"taken@example.com"}

{"email":"c@example.com"}`
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		if _, err := importer(s, refusals{}).Run(t.Context(), strings.NewReader(`{"email":"taken@example.com"}`)); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []account.ImportMode{account.ImportDryRun, account.ImportWrites} {
			refused := refusals{}
			i := importer(s, refused)
			i.Mode = mode
			tally, err := i.Run(t.Context(), strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			wantTally(t, tally, 3, 1, 3)
			if tally.Lines != 8 || refused[2] == nil || refused[3] == nil || refused[4] == nil {
				t.Errorf("mode %d: %d lines, refused %v", mode, tally.Lines, refused)
			}
			if duplicate, ok := errors.AsType[*watchword.Error](refused[3]); !ok || duplicate.Fields[0].Code != "duplicate" {
				t.Errorf("the address of line 1 again: %v", refused[3])
			}
		}
	})
}

func TestADryRunWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		dry := importer(s, refusals{})
		dry.Mode = account.ImportDryRun
		tally, err := dry.Run(t.Context(), people(300))
		if err != nil {
			t.Fatal(err)
		}
		wantTally(t, tally, 300, 0, 0)
		if _, err := s.Read().UserByAddress(t.Context(), "user0@example.com"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a user is there: %v", err)
		}
		if n := len(imports(t, s)); n != 0 {
			t.Errorf("%d events", n)
		}
	})
}

// Without conditional inserts the loser of a race would lose its whole batch on
// Postgres.
func TestImportsAtOnceShareTheWork(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		location := storetest.Location(t, engine)
		const files, users = 4, 1000
		tallies := make([]account.ImportTally, files)
		var racing sync.WaitGroup
		for i := range files {
			s := storetest.OpenAt(t, engine, location, nil)
			racing.Go(func() {
				var err error
				if tallies[i], err = importer(s, refusals{}).Run(context.Background(), people(users)); err != nil {
					t.Error(err)
				}
			})
		}
		racing.Wait()
		imported := 0
		for _, tally := range tallies {
			imported += tally.Imported
			if tally.Imported+tally.Present != users || tally.Refused != 0 {
				t.Errorf("%+v", tally)
			}
		}
		if imported != users {
			t.Errorf("%d users were imported, want each of the %d once", imported, users)
		}
		for _, table := range []string{"users", "emails", "accounts", "memberships"} {
			if n := countRows(t, engine, location, table); n != users {
				t.Errorf("%d rows of %s, want %d: the losers of races left something behind", n, table, users)
			}
		}
	})
}

func countRows(t *testing.T, engine store.Engine, location, table string) (n int) {
	t.Helper()
	driver := "sqlite"
	if engine == store.Postgres {
		driver = "pgx"
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnImportIsWhatSignUpWouldHaveMade(t *testing.T) {
	t.Parallel()
	s, ctx := storetest.Open(t, store.SQLite, nil), t.Context()
	line := `{"email":"ada@example.com","email_verified":true,"name":"Ada","account":{"name":"Engines"},"locale":"de","metadata":{"plan":"pro"}}`
	if _, err := importer(s, refusals{}).Run(ctx, strings.NewReader(line)); err != nil {
		t.Fatal(err)
	}
	id, err := s.Read().UserByAddress(ctx, "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	user, err := s.Read().User(ctx, id)
	if err != nil || user.Name != "Ada" || !user.EmailVerified || user.Locale != "de" || user.Metadata != `{"plan":"pro"}` || user.HasPassword {
		t.Errorf("%+v, %v", user, err)
	}
	member, err := s.Read().DefaultMembership(ctx, id, "")
	if err != nil || member.Role != watchword.RoleOwner || member.Account.Name != "Engines" || !strings.HasPrefix(member.Account.Slug, "engines-") {
		t.Errorf("%+v, %v", member, err)
	}
}

// cut is a file that cannot be read to its end.
type cut struct{ io.Reader }

var errCut = errors.New("the disk is gone")

func (c cut) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errCut
	}
	return n, err
}

func TestAnImportThatEndsEarlySaysHowFarItCame(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite, nil)
	tally, err := importer(s, refusals{}).Run(t.Context(), cut{people(600)})
	if !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	wantTally(t, tally, 500, 0, 0) // the batch that was not full is lost

	ctx, cancel := context.WithCancel(t.Context())
	stopped := importer(s, refusals{})
	stopped.Progress = func(account.ImportTally) { cancel() }
	tally, err = stopped.Run(ctx, people(2000))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	wantTally(t, tally, 0, 250, 0)
}

// oneSlug draws the same ending for every slug at first.
type oneSlug struct{ zeros int }

func (r *oneSlug) Read(p []byte) (int, error) {
	if len(p) == 5 && r.zeros > 0 { // the ending of a slug
		r.zeros--
		clear(p)
		return len(p), nil
	}
	return rand.Read(p)
}

func TestASlugThatIsTakenIsDrawnAnew(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		i := importer(s, refusals{})
		i.Random = &oneSlug{zeros: 3}
		tally, err := i.Run(t.Context(), people(10))
		if err != nil {
			t.Fatal(err)
		}
		wantTally(t, tally, 10, 0, 0)
	})
}
