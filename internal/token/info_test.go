package token_test

import (
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
)

func TestKeysAreListedAsTheyStand(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock := storetest.NewClock()
		a, b := nodes(t, engine, clock)
		want := func(statuses ...token.KeyStatus) {
			t.Helper()
			list, next, err := b.List(t.Context(), watchword.Page{Limit: 9}) // which has not heard of it by itself
			if err != nil || next != "" {
				t.Fatal(next, err)
			}
			var got []token.KeyStatus
			for _, key := range list {
				got = append(got, key.Status)
			}
			if !slices.Equal(got, statuses) {
				t.Errorf("got %v, want %v", got, statuses)
			}
		}
		want(token.KeySigning)
		next, err := a.Rotate(t.Context(), watchword.Administrator{}, token.RotateAhead)
		if err != nil {
			t.Fatal(err)
		}
		want(token.KeyPublished, token.KeySigning)
		if again, err := b.Rotate(t.Context(), watchword.Administrator{}, token.RotateAhead); err != nil || again.ID != next.ID {
			t.Errorf("another node makes %+v (%v) while %s waits", again, err, next.ID)
		}
		if _, err := b.Rotate(t.Context(), watchword.Administrator{}, token.RotateNow); err != nil {
			t.Fatal(err)
		}
		want(token.KeySigning, token.KeyRetired, token.KeyRetired)
		clock.Advance(publishAhead + tokenLife + margin)
		want(token.KeySigning)
	})
}

func TestKeysAreListedInPages(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	keys := openKeys(t, jose.ES256, clock)
	for range 4 {
		clock.Advance(time.Second)
		if _, err := keys.Rotate(t.Context(), watchword.Administrator{}, token.RotateNow); err != nil {
			t.Fatal(err)
		}
	}
	want := published(keys)
	slices.Reverse(want)
	for limit := 1; limit <= 6; limit++ {
		var got []string
		for next := ""; ; {
			list, cursor, err := keys.List(t.Context(), watchword.Page{Before: next, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range list {
				got = append(got, key.ID)
			}
			if next = cursor; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) || len(want) != 5 {
			t.Errorf("by %d: got %v, want %v", limit, got, want)
		}
	}
	for _, cursor := range []string{"x", "0", "-1", "1.5", want[0], "99999999999999999999"} {
		if _, _, err := keys.List(t.Context(), watchword.Page{Before: cursor, Limit: 3}); watchword.KindOf(err) != watchword.KindInvalid {
			t.Errorf("%s: %v", cursor, err)
		}
	}
}
