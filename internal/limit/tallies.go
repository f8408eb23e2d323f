package limit

import "time"

// tallies counts wrong answers in the memory of this node.
type tallies struct{ table[*tally] }

func (ts *tallies) begin(p policy, key digest, now time.Duration) ruling {
	s := ts.locked(key)
	defer s.mu.Unlock()
	return find(s, key, now).begin(p, now)
}

// settle ends an attempt. A wrong answer counts even if its entry is gone: it
// had to make room, or was forgotten.
func (ts *tallies) settle(p policy, key digest, id int64, how outcome, now time.Duration) {
	s := ts.locked(key)
	defer s.mu.Unlock()
	t, known := s.held[key]
	known = known && !t.idle(now)
	if !known && how != wrong {
		return
	}
	t = find(s, key, now)
	flew := t.land(id)
	switch {
	case how == right:
		t.clear()
	case how == wrong && (flew || !known):
		t.miss(p, now)
	}
	done(s, key, t)
}

// miss counts a wrong answer to an attempt that was admitted elsewhere.
func (ts *tallies) miss(p policy, key digest, now time.Duration) {
	s := ts.locked(key)
	defer s.mu.Unlock()
	t := find(s, key, now)
	t.miss(p, now)
	done(s, key, t)
}

// clear forgets the wrong answers, not what is in flight.
func (ts *tallies) clear(key digest) {
	s := ts.locked(key)
	defer s.mu.Unlock()
	if t, ok := s.held[key]; ok {
		t.clear()
		done(s, key, t)
	}
}

// find is a key's tally. One whose row has grown too old is made afresh.
func find(s *shard[*tally], key digest, now time.Duration) *tally {
	t, ok := s.held[key]
	if ok && !t.idle(now) {
		return t
	}
	delete(s.held, key)
	t = &tally{}
	s.add(key, t, now)
	return t
}

// done wakes who waits, and drops a tally that says nothing any more.
func done(s *shard[*tally], key digest, t *tally) {
	t.wake()
	if t.blank() {
		delete(s.held, key)
	}
}
