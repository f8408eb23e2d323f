package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"watchword"
)

// What operations answer besides success. Callers turn the first two into the
// error that fits their act; the third goes to whoever asked, as a 503.
var (
	ErrNotFound    = watchword.NewError(watchword.KindNotFound, "not_found", "There is no such thing here.")
	ErrDuplicate   = watchword.NewError(watchword.KindConflict, "already_exists", "There is one already.")
	ErrUnavailable = watchword.NewError(watchword.KindUnavailable, "unavailable",
		// Not that nothing was changed: the answer to a commit may be what was lost.
		"The server cannot reach its database at the moment. Try again.").After(retryAfter)
)

const retryAfter = 2 * time.Second

// errAgain marks a transaction that lost against another and may be run anew.
var errAgain = errors.New("the transaction lost against another")

func retryable(err error) bool { return errors.Is(err, errAgain) }

// translate makes a driver's error ours. The driver's text stays hidden in the
// cause: it may hold values.
func translate(act string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	cause := fmt.Errorf("%s: %w", act, err)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "23505":
			return ErrDuplicate.Because(redactedPG(act, pg))
		case "23503": // the row that was referred to has just been deleted
			return ErrNotFound.Because(redactedPG(act, pg))
		case "40001", "40P01":
			return ErrUnavailable.Because(fmt.Errorf("%w: %w", errAgain, redactedPG(act, pg)))
		}
		return ErrUnavailable.Because(redactedPG(act, pg))
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return ErrDuplicate.Because(cause)
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return ErrNotFound.Because(cause)
		}
	}
	return ErrUnavailable.Because(cause)
}

// redactedPG keeps what helps and drops Detail, which quotes the row's values.
func redactedPG(act string, e *pgconn.PgError) error {
	return fmt.Errorf("%s: postgres %s: %s (constraint %q)", act, e.Code, e.Message, e.ConstraintName)
}

// inserted is ErrDuplicate where a row made way for one that is there already.
// The transaction goes on: on Postgres a failed statement would have ended it.
func inserted(act string, n int64, err error) error {
	if err == nil && n == 0 {
		return ErrDuplicate
	}
	return translate(act, err)
}

// affected is ErrNotFound where a guarded write changed nothing.
func affected(act string, n int64, err error) error {
	if err != nil {
		return translate(act, err)
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}
