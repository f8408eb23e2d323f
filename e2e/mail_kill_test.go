package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"watchword/internal/mail/mailtest"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// A mail that was promised is sent, be the server killed over it: those that
// waited, and those that were just being sent.
func TestKillingTheServerLosesNoMail(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		post, err := mailtest.Serve(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = post.Close() })
		i := devInstall(t, "--rate-limits", "off", "--smtp", post.URL()).on(engine)
		s := i.start()
		post.Become(mailtest.Hangs)
		const mails = 12 // more than are sent at once
		for n := range mails {
			s.post("/auth/send-magic-link", fmt.Sprintf(`{"email":"user-%d@example.com"}`, n)).want(t, 202, "")
		}
		eventually(t, "mails under way", func() bool { return post.Hanging() > 0 })
		s.kill()
		post.Become(mailtest.Accepts)
		s = i.start()
		i.releaseJobs(engine)
		ctx, cancel := context.WithTimeout(t.Context(), endLimit)
		defer cancel()
		for n := range mails {
			m, err := post.Take(ctx, fmt.Sprintf("user-%d@example.com", n))
			if err != nil {
				t.Fatal(err)
			}
			s.post("/auth/sign-in/token", `{"token":"`+m.Token()+`"}`).want(t, 200, "")
		}
		s.stop()
		if left := i.liveMails(engine); left != 0 {
			t.Errorf("%d mails still hold their token", left)
		}
	})
}

// releaseJobs takes from a server that was killed what it had claimed: it would
// hold it for minutes.
func (i *install) releaseJobs(engine store.Engine) {
	i.t.Helper()
	db := i.database(engine)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), "UPDATE jobs SET locked_until = 0"); err != nil {
		i.t.Fatal(err)
	}
}

// liveMails is how many queued mails still hold what they say.
func (i *install) liveMails(engine store.Engine) (n int) {
	i.t.Helper()
	db := i.database(engine)
	defer func() { _ = db.Close() }()
	err := db.QueryRowContext(context.Background(), "SELECT count(*) FROM jobs WHERE kind = 'mail' AND (done_at IS NULL OR length(payload) > 0)").Scan(&n)
	if err != nil {
		i.t.Fatal(err)
	}
	return n
}

// database opens the installation's database beside the server.
func (i *install) database(engine store.Engine) *sql.DB {
	i.t.Helper()
	driver, location := "sqlite", i.data("watchword.db")+"?_pragma=busy_timeout(60000)"
	if engine == store.Postgres {
		driver = "pgx"
		for _, variable := range i.run.env {
			if url, ok := strings.CutPrefix(variable, "WATCHWORD_DATABASE="); ok {
				location = url
			}
		}
	}
	db, err := sql.Open(driver, location)
	if err != nil {
		i.t.Fatal(err)
	}
	return db
}
