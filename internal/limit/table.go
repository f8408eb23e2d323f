package limit

import (
	"sync"
	"time"
)

const (
	shardCount = 64
	// shardKeys bounds a table to 65,536 keys, a few megabytes.
	shardKeys  = 1024
	sampleSize = 8
)

// entry is what a table holds for one key.
type entry interface {
	// idle says whether nothing is lost by forgetting the entry.
	idle(now time.Duration) bool
	// weight is how many attempts would be forgotten with it.
	weight() int
}

// table holds entries by key, in shards that are locked apart, and never more
// than shardCount*shardKeys of them. Instants are times since the limiter's start.
type table[E entry] struct {
	shards [shardCount]shard[E]
}

type shard[E entry] struct {
	mu   sync.Mutex
	held map[digest]E
}

// locked is the shard of a key, locked: the caller unlocks it.
func (t *table[E]) locked(key digest) *shard[E] {
	s := &t.shards[key[0]%shardCount]
	s.mu.Lock()
	return s
}

func (s *shard[E]) add(key digest, e E, now time.Duration) {
	s.makeRoom(now)
	if s.held == nil {
		s.held = make(map[digest]E)
	}
	s.held[key] = e
}

// makeRoom looks at a few entries in random order. It drops the idle ones, which
// keeps the shard near the size it needs, and in a full shard also the lightest
// of the others. So a flood of fresh keys pushes out its own kind: a key that is
// at its limit only goes when every sampled one is at least as heavy.
func (s *shard[E]) makeRoom(now time.Duration) {
	var lightest digest
	least, seen := 0, 0
	for key, e := range s.held {
		if e.idle(now) {
			delete(s.held, key)
			continue
		}
		if weight := e.weight(); seen == 0 || weight < least {
			lightest, least = key, weight
		}
		if seen++; seen == sampleSize {
			break
		}
	}
	if len(s.held) >= shardKeys {
		delete(s.held, lightest)
	}
}
