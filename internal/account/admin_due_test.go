package account

import (
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// Whoever was brought back after the look, or put off, is not deleted.
func TestWhoIsNotDueAnyMoreIsNotDeleted(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		a := Administration{Store: storetest.Open(t, engine, clock.Now)}
		for name, change := range map[string]func(*store.Conn, watchword.UserID) error{
			"brought back": func(c *store.Conn, id watchword.UserID) error {
				return c.SetStatus(t.Context(), id, watchword.UserActive)
			},
			"put off": func(c *store.Conn, id watchword.UserID) error {
				return c.ScheduleDeletion(t.Context(), id, c.Now().Add(time.Hour))
			},
		} {
			var id watchword.UserID
			err := a.Store.Tx(t.Context(), func(c *store.Conn) (err error) {
				if id, err = c.InsertUser(t.Context(), store.NewUser{}); err != nil {
					return err
				}
				if err := c.ScheduleDeletion(t.Context(), id, c.Now()); err != nil {
					return err
				}
				return change(c, id)
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := a.deleteDue(t.Context(), id); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := a.Store.Read().User(t.Context(), id); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
