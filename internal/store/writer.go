package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"watchword/internal/store/internal/sqlgen"
)

// writer is the one writer of a SQLite database. It commits in groups: whoever
// comes while a commit is under way waits, and all who wait share the next one.
// A commit costs one sync of the disk (30 µs to 10 ms), however many acts it
// holds; alone, an act waits for nobody. Nothing is answered before its commit.
type writer struct {
	conn *sql.Conn // the writing connection, held for good
	kept *statements
	q    *sqlgen.Queries

	mu    sync.Mutex
	queue []*act
	led   bool // somebody is committing
}

// act is one caller's part of a group.
type act struct {
	run    func(*Conn) error
	scope  scope
	conn   func() *Conn
	err    error
	panics any
	turn   chan turn
}

// scope says what of an act must be undone if it fails.
type scope uint8

const (
	statement   scope = iota // it is one statement, which is whole or not at all
	transaction              // several: they are undone together
)

type turn uint8

const (
	done turn = iota // the act's group has committed, or failed
	lead             // the act is to commit the next group
)

// maxGroup bounds how long the last act of a group waits for the others.
const maxGroup = 128

// groupStatements are prepared beforehand: a rollback must be ready when things fail.
var groupStatements = []string{
	"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT act", "RELEASE act", "ROLLBACK TO act",
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	kept := newStatements(conn)
	w := &writer{conn: conn, kept: kept, q: sqlgen.New(kept)}
	for _, text := range groupStatements {
		if _, err := kept.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // kept with the others
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

func (w *writer) close() error {
	return errors.Join(w.kept.close(), w.conn.Close())
}

// do runs an act and returns once it is committed.
func (w *writer) do(a *act) error {
	a.turn = make(chan turn, 1)
	w.mu.Lock()
	w.queue = append(w.queue, a)
	mustWait := w.led
	w.led = true
	w.mu.Unlock()
	if !mustWait || <-a.turn == lead {
		w.leadGroup()
	}
	if a.panics != nil {
		panic(a.panics) // in the caller's own goroutine
	}
	return a.err
}

// leadGroup commits one group and hands the lead to whoever waits first.
func (w *writer) leadGroup() {
	w.mu.Lock()
	n := min(len(w.queue), maxGroup)
	group := w.queue[:n:n]
	w.queue = w.queue[n:]
	w.mu.Unlock()

	w.commit(group)

	w.mu.Lock()
	if len(w.queue) > 0 {
		w.queue[0].turn <- lead
	} else {
		w.led = false
		w.queue = nil // lets go of the array
	}
	w.mu.Unlock()
	for _, a := range group {
		a.turn <- done // the leader's own is read by nobody
	}
}

func (w *writer) commit(group []*act) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		failAll(group, translate("begin", err))
		return
	}
	kept := 0
	for _, a := range group {
		w.perform(a, len(group))
		// A full disk or a broken one can roll the whole transaction back in the
		// middle of a statement. What followed would be committed by itself and
		// yet reported as failed, so the group ends here.
		if errors.Is(a.err, ErrUnavailable) {
			_ = w.exec("ROLLBACK")
			failAll(group, a.err)
			return
		}
		if a.err == nil || a.scope == statement {
			kept++
		}
	}
	if kept == 0 { // a sole act that failed, or a group of them
		_ = w.exec("ROLLBACK")
		return
	}
	if err := w.exec("COMMIT"); err != nil {
		_ = w.exec("ROLLBACK") // a full disk: the transaction may still be open
		failAll(group, translate("commit", err))
	}
}

// perform runs one act. In a group, one that fails undoes its own statements and
// nobody else's.
func (w *writer) perform(a *act, groupSize int) {
	guarded := a.scope == transaction && groupSize > 1
	if guarded {
		if err := w.exec("SAVEPOINT act"); err != nil {
			a.err = translate("savepoint", err)
			return
		}
	}
	a.err = a.attempt()
	if !guarded {
		return
	}
	var err error
	if a.err != nil {
		err = w.exec("ROLLBACK TO act")
	}
	// Half of an act must not get into the commit: what cannot be undone alone is
	// undone with its group.
	if err = errors.Join(err, w.exec("RELEASE act")); err != nil && !errors.Is(a.err, ErrUnavailable) {
		a.err = translate("end of an act", err)
	}
}

// attempt keeps an act that panics from taking its group along.
func (a *act) attempt() (err error) {
	defer func() {
		if a.panics = recover(); a.panics != nil {
			err = fmt.Errorf("an act on the database panicked: %v", a.panics)
		}
	}()
	return a.run(a.conn())
}

func (w *writer) exec(text string) error {
	_, err := w.kept.ExecContext(context.Background(), text)
	return err
}

// failAll gives the group's fate to each of its acts: even one that was refused
// may have been so because of what is now undone.
func failAll(group []*act, err error) {
	for _, a := range group {
		a.err = err
	}
}
