package store_test

import (
	"errors"
	"testing"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// What every request does must cost one round trip: each further one is a
// millisecond where the database is on another machine.
func TestHotOperationsTakeOneRoundTrip(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		s, wire := storetest.OpenTapped(t)
		ctx, row := t.Context(), aSession(t, s)
		err := s.Write(ctx, func(c *store.Conn) error {
			_, err := c.InsertEmail(ctx, watchword.Email{UserID: row.UserID, Address: "ada@example.com", Exclusive: true})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, act := range map[string]func() error{
			"profile": func() error { _, err := s.Read().Profile(ctx, row.ID, row.UserID); return err },
			"session": func() error { _, err := s.Read().Session(ctx, row.ID); return err },
			"ways in": func() error { _, err := s.Read().WaysInOf(ctx, "ada@example.com"); return err },
			"rotate": func() error {
				row.Generation++
				return s.Write(ctx, func(c *store.Conn) error {
					_, err := c.RotateSession(ctx, store.Rotation{ID: row.ID, Generation: row.Generation - 1, Nonce: row.Nonce, Client: store.ClientUnauthenticated})
					return err
				})
			},
			"standing": func() error {
				if _, err := s.Read().Standing(ctx, row.UserID, row.Claims.AccountID, "search"); !errors.Is(err, store.ErrNotFound) {
					return err
				}
				return nil
			},
			"events": func() error {
				_, _, err := s.Read().Events(ctx, watchword.EventFilter{UserID: row.UserID}, watchword.Page{Limit: 20})
				return err
			},
		} {
			for range 2 * s.MaxConns() { // until every connection knows the statement
				if err := act(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			before := wire.RoundTrips()
			const times = 10
			for range times {
				if err := act(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if trips := wire.RoundTrips() - before; trips != times {
				t.Errorf("%s: %d round trips for %d calls", name, trips, times)
			}
		}
	})
}
