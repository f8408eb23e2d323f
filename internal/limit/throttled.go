package limit

import "sync"

// maxSums bounds what a Throttled holds between two drains.
const maxSums = 1000

// Sum is how often a key was refused under a rule. An empty Key stands for all
// those that there was no room to tell apart.
type Sum struct {
	Rule, Key string
	Count     int
}

// Throttled sums refused attempts up, so that a flood leaves a few lines in the
// audit record and not one for each attempt. The limiter keeps one of all that it
// refuses, by the network that it came from. The zero value is ready; it is safe
// for concurrent use.
type Throttled struct {
	mu   sync.Mutex
	sums map[source]int
}

type source struct{ rule, key string }

// Note counts one refused attempt. rule is a constant of the program.
func (t *Throttled) Note(rule, key string) { t.add(rule, key, 1) }

// Restore takes back what was drained and could not be kept elsewhere.
func (t *Throttled) Restore(sums []Sum) {
	for _, sum := range sums {
		t.add(sum.Rule, sum.Key, sum.Count)
	}
}

func (t *Throttled) add(rule, key string, count int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sums == nil {
		t.sums = make(map[source]int)
	}
	from := source{rule, key}
	if _, known := t.sums[from]; !known && len(t.sums) >= maxSums {
		from.key = ""
	}
	t.sums[from] += count
}

// Drain returns the sums since the last drain, in no order, and begins anew.
func (t *Throttled) Drain() []Sum {
	t.mu.Lock()
	sums := t.sums
	t.sums = nil
	t.mu.Unlock()
	drained := make([]Sum, 0, len(sums))
	for from, count := range sums {
		drained = append(drained, Sum{Rule: from.rule, Key: from.key, Count: count})
	}
	return drained
}
