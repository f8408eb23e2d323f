package web

import (
	"sync/atomic"

	"watchword"
)

// ErrDraining is what /readyz answers once the server is on its way out.
var ErrDraining = watchword.NewError(watchword.KindUnavailable, "draining",
	"The server is shutting down.")

// Readiness says whether new work is welcome. One is shared by all servers of a
// process and /readyz. The zero value is ready.
type Readiness struct{ draining atomic.Bool }

// Drain turns readiness off, for good.
func (r *Readiness) Drain() { r.draining.Store(true) }

// Draining says whether Drain was called.
func (r *Readiness) Draining() bool { return r.draining.Load() }

// Check is nil, or ErrDraining.
func (r *Readiness) Check() error {
	if r.Draining() {
		return ErrDraining
	}
	return nil
}
