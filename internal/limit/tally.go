package limit

import (
	"slices"
	"time"
)

// policy says how wrong answers in a row are met.
type policy struct {
	wrong   int           // answers in a row that may be wrong before any wait
	hold    time.Duration // the first wait; each further wrong answer doubles it
	longest time.Duration // wait
	lease   time.Duration // after which an attempt without outcome counts as wrong
	memory  time.Duration // after the last admitted attempt, then a row is forgotten
}

func contractPolicy() policy {
	return policy{
		wrong: 5, hold: time.Second, longest: 15 * time.Minute,
		lease: 10 * time.Second, memory: 24 * time.Hour,
	}
}

// stricter is the policy of a node that counts alone while Redis is away.
func (p policy) stricter() policy {
	p.wrong = halfUp(p.wrong)
	return p
}

// holdAfter is the wait that the last of so many wrong answers in a row brings.
func (p policy) holdAfter(wrong int) time.Duration {
	wait := p.hold
	for range wrong - p.wrong {
		if wait *= 2; wait >= p.longest {
			return p.longest
		}
	}
	return wait
}

// verdict is what becomes of an attempt.
type verdict uint8

const (
	admitted  verdict = iota // with an id, to be settled
	refused                  // with a wait
	undecided                // by others in flight: look again later
)

type ruling struct {
	verdict verdict
	id      int64
	wait    time.Duration
	again   <-chan struct{} // closed when looking again may help
}

// outcome is how an attempt ended. The text is what the script is told.
type outcome string

const (
	right outcome = "right"
	wrong outcome = "wrong"
	void  outcome = "void" // never decided: not counted
)

// tally is one key's wrong answers in a row and its attempts in flight. An
// attempt is known by the instant of its admission, made unique. In Redis the
// scripts do the same; the tests run both side by side.
type tally struct {
	wrong   int
	until   time.Duration // no attempt before, once there are too many wrong ones
	flying  []time.Duration
	touched time.Duration
	memory  time.Duration
	changed chan struct{} // for those who wait; nil while nobody does
}

func (t *tally) begin(p policy, now time.Duration) ruling {
	t.lapse(p, now)
	if t.wrong >= p.wrong && t.until > now {
		return ruling{verdict: refused, wait: t.until - now}
	}
	// What may be in flight is what may still go wrong; after a wait, one.
	if len(t.flying) >= max(p.wrong-t.wrong, 1) {
		return ruling{verdict: undecided, again: t.change()}
	}
	id := now
	if n := len(t.flying); n > 0 {
		id = max(now, t.flying[n-1]+1)
	}
	t.flying = append(t.flying, id)
	t.memory, t.touched = p.memory, now
	return ruling{verdict: admitted, id: int64(id)}
}

// lapse counts attempts whose outcome nobody reported as wrong: otherwise it
// would pay to make the server lose them.
func (t *tally) lapse(p policy, now time.Duration) {
	for len(t.flying) > 0 && t.flying[0]+p.lease <= now {
		t.flying = slices.Delete(t.flying, 0, 1)
		t.miss(p, now)
	}
}

func (t *tally) miss(p policy, now time.Duration) {
	t.memory, t.touched = p.memory, now
	if t.wrong++; t.wrong >= p.wrong {
		t.until = now + p.holdAfter(t.wrong)
	}
}

// land ends a flight and says whether the attempt was still in one.
func (t *tally) land(id int64) bool {
	at := slices.Index(t.flying, time.Duration(id))
	if at >= 0 {
		t.flying = slices.Delete(t.flying, at, at+1)
	}
	return at >= 0
}

func (t *tally) clear() { t.wrong, t.until = 0, 0 }

func (t *tally) change() <-chan struct{} {
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return t.changed
}

func (t *tally) wake() {
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

func (t *tally) blank() bool                 { return t.wrong == 0 && len(t.flying) == 0 }
func (t *tally) idle(now time.Duration) bool { return t.touched+t.memory <= now }
func (t *tally) weight() int                 { return t.wrong + len(t.flying) }
