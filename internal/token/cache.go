package token

import "sync"

// cache remembers tokens whose signature was good, by digest, so that checking
// one costs a hash and not a curve operation. It holds two generations of at
// most cacheSize entries; when the young one is full the old one goes.
//
// A cached token is still refused after its end, for a dead session, and when its
// key has left the set: what is remembered is that this key signed these bytes.
type cache struct {
	mu         sync.RWMutex
	young, old map[[32]byte]checked
}

// checked is a token's claims, and the key that signed them.
type checked struct {
	Access
	keyID string
}

const cacheSize = 8192

func newCache() *cache {
	return &cache{young: make(map[[32]byte]checked), old: map[[32]byte]checked{}}
}

func (c *cache) get(digest [32]byte) (checked, bool) {
	c.mu.RLock()
	a, ok := c.young[digest]
	fromOld := false
	if !ok {
		a, ok = c.old[digest]
		fromOld = ok
	}
	c.mu.RUnlock()
	if fromOld {
		c.put(digest, a) // still in use: keep it for another generation
	}
	return a, ok
}

func (c *cache) put(digest [32]byte, a checked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[[32]byte]checked, cacheSize)
	}
	c.young[digest] = a
}
