package store_test

import (
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// An act may have been refused because of what another in its group had written.
// Where the group's commit fails, that was never so: nobody is told otherwise.
func TestAGroupWhoseCommitFailsFailsWhole(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite, nil)
	ctx := t.Context()
	leading, goOn := make(chan struct{}), make(chan struct{})
	outcome := func(act func(*store.Conn) error) chan error {
		done := make(chan error, 1)
		go func() { done <- s.Tx(ctx, act) }()
		return done
	}
	first := outcome(func(*store.Conn) error { close(leading); <-goOn; return nil })
	<-leading
	spoiled := outcome(func(c *store.Conn) error { // a row that only the commit finds wrong
		if err := s.ExecInAct(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
			return err
		}
		_, err := c.InsertEmail(ctx, watchword.Email{UserID: "usr_nobody", Address: address(1), Exclusive: true})
		return err
	})
	refused := outcome(func(*store.Conn) error { return errRefused })
	good := outcome(func(c *store.Conn) error { return insertNamed(ctx, c, 2) })
	for s.Queued() < 3 {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Errorf("the group before: %v", err)
	}
	for name, done := range map[string]chan error{"spoiled": spoiled, "refused": refused, "good": good} {
		if err := <-done; err == nil || errors.Is(err, errRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := 1; i <= 2; i++ {
		if _, err := s.Read().UserByAddress(ctx, address(i)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("act %d left something: %v", i, err)
		}
	}
	if err := insertNamed1(ctx, s, 3); err != nil { // the writer goes on
		t.Error(err)
	}
}
