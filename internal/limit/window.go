package limit

import "time"

// window is one key of one rule: when its attempts of the last stretch of time
// passed, oldest first. Refused attempts leave no trace, so that trying on does
// not prolong the wait.
type window struct {
	passed []time.Duration
	per    time.Duration
}

// take lets an attempt pass (0) or says how long until one may.
func (w *window) take(rule Rule, now time.Duration) time.Duration {
	w.per = rule.Per
	w.forget(now)
	if len(w.passed) < rule.Count {
		w.passed = append(w.passed, now)
		return 0
	}
	return w.passed[len(w.passed)-rule.Count] + rule.Per - now
}

func (w *window) forget(now time.Duration) {
	live := 0
	for live < len(w.passed) && w.passed[live]+w.per <= now {
		live++
	}
	w.passed = append(w.passed[:0], w.passed[live:]...)
}

func (w *window) idle(now time.Duration) bool {
	return len(w.passed) == 0 || w.passed[len(w.passed)-1]+w.per <= now
}

func (w *window) weight() int { return len(w.passed) }

// windows is one rule's table.
type windows struct{ table[*window] }

func (ws *windows) take(rule Rule, key digest, now time.Duration) time.Duration {
	s := ws.locked(key)
	defer s.mu.Unlock()
	w, ok := s.held[key]
	if !ok {
		w = &window{}
		s.add(key, w, now)
	}
	return w.take(rule, now)
}
