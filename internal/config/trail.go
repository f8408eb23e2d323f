package config

import "strings"

// place is where a value was given.
type place struct {
	source string
	line   int
}

// trail remembers where every value was given and which were found faulty, so
// that nothing is complained of twice.
type trail struct {
	places map[string]place
	faulty map[string]bool
	faults Faults
}

func newTrail() *trail {
	return &trail{places: map[string]place{}, faulty: map[string]bool{}}
}

func (t *trail) mark(key string, at place) { t.places[key] = at }

// placeOf is where key was given, else where what it belongs to was.
func (t *trail) placeOf(key string) place {
	if t == nil {
		return place{}
	}
	for ; key != ""; key = parent(key) {
		if at, given := t.places[key]; given {
			return at
		}
	}
	return place{}
}

// given says whether anybody set key.
func (t *trail) given(key string) bool {
	if t == nil {
		return false
	}
	_, ok := t.places[key]
	return ok
}

// bad says whether key, or what it belongs to, was found faulty.
func (t *trail) bad(key string) bool {
	if t == nil {
		return false
	}
	for ; key != ""; key = parent(key) {
		if t.faulty[key] {
			return true
		}
	}
	return false
}

// unread says whether the settings file as a whole could not be read.
func (t *trail) unread() bool { return t != nil && t.faulty[""] }

// fault records a fault of a value that could not even be read.
func (t *trail) fault(key string, at place, message, mend string) {
	t.faulty[key] = true
	t.faults = append(t.faults, Fault{Source: at.source, Line: at.line, Key: key, Message: message, Mend: mend})
}

// parent is the key that key belongs to: a.b[1] belongs to a.b, that to a.
func parent(key string) string {
	return key[:max(0, strings.LastIndexAny(key, ".["))]
}
