package store_test

import (
	"testing"
	"time"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		storetest.Conformance(t, func(t *testing.T, clock func() time.Time) *store.Store {
			return storetest.Open(t, engine, clock)
		})
	})
}
