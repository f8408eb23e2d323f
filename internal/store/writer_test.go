package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

var errRefused = errors.New("refused")

// insertNamed makes a user with an exclusive address and an account, three statements.
func insertNamed(ctx context.Context, c *store.Conn, i int) error {
	user, err := c.InsertUser(ctx, store.NewUser{Name: fmt.Sprint(i)})
	if err != nil {
		return err
	}
	account := watchword.Account{ID: c.NewAccountID(), Name: "a", Slug: fmt.Sprintf("slug-%d", i)}
	if err := c.InsertAccount(ctx, account); err != nil {
		return err
	}
	_, err = c.InsertEmail(ctx, watchword.Email{UserID: user, Address: address(i), Primary: true, Exclusive: true})
	return err
}

func address(i int) string { return fmt.Sprintf("user%d@example.com", i) }

// Transactions that are committed together must stay each other's strangers: one
// that fails, or panics, takes nothing of its own into the commit and nothing of
// the others out of it.
func TestTransactionsInOneGroupFailAlone(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		ctx := t.Context()
		const n = 200
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				switch i % 4 {
				case 1:
					err := s.Tx(ctx, func(c *store.Conn) error {
						return errors.Join(insertNamed(ctx, c, i), errRefused)
					})
					if !errors.Is(err, errRefused) {
						t.Errorf("act %d: %v, want its own error", i, err)
					}
				case 2:
					func() {
						defer func() {
							if recover() != i {
								t.Errorf("act %d: its panic did not come back to its caller", i)
							}
						}()
						_ = s.Tx(ctx, func(c *store.Conn) error {
							_ = insertNamed(ctx, c, i)
							panic(i)
						})
					}()
				default:
					if err := s.Tx(ctx, func(c *store.Conn) error { return insertNamed(ctx, c, i) }); err != nil {
						t.Errorf("act %d: %v", i, err)
					}
				}
			})
		}
		wg.Wait()
		for i := range n {
			_, err := s.Read().UserByAddress(ctx, address(i))
			kept := i%4 == 0 || i%4 == 3
			if kept != (err == nil) || !kept && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("act %d: kept %v, and reading it says %v", i, kept, err)
			}
		}
	})
}

// A statement that changes nothing is no reason to undo those beside it.
func TestStatementsThatFindNothingDoNotUndoTheirGroup(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		ctx := t.Context()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if i%2 == 0 {
					err := s.Write(ctx, func(c *store.Conn) error { return c.RevokeAPIKey(ctx, "key_of_nobody") })
					if !errors.Is(err, store.ErrNotFound) {
						t.Errorf("revoking nothing: %v", err)
					}
					return
				}
				err := s.Write(ctx, func(c *store.Conn) error {
					return c.InsertEvent(ctx, watchword.Event{Type: watchword.EventUserCreated})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		events, _, err := s.Read().Events(ctx, watchword.EventFilter{}, watchword.Page{Limit: 100})
		if err != nil || len(events) != 50 {
			t.Errorf("%d events (%v), want 50", len(events), err)
		}
	})
}
