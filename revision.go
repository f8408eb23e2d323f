package watchword

import (
	"slices"
	"strconv"
	"time"
)

// Revision names a state of something that is changed by several: the time of its
// last change.
type Revision string

// RevisionOf is the revision of something last changed at a time.
func RevisionOf(changed time.Time) Revision {
	return Revision(strconv.FormatInt(changed.UnixMicro(), 36))
}

// ErrPrecondition says that somebody else was quicker (RFC 9110 §13.1.1).
var ErrPrecondition = NewError(KindPrecondition, "precondition_failed",
	"It has been changed since you read it. Read it again, then repeat your change.")

// Precondition is the states in which a change is still wanted. The zero one is
// any state.
type Precondition struct {
	revisions []Revision
}

// InRevisions is the precondition that something is still in one of these states.
func InRevisions(list ...Revision) Precondition { return Precondition{revisions: list} }

// Any says whether the change is wanted in any state.
func (p Precondition) Any() bool { return p.revisions == nil }

// Holds is ErrPrecondition where the present state is another one.
func (p Precondition) Holds(present Revision) error {
	if p.Any() || slices.Contains(p.revisions, present) {
		return nil
	}
	return ErrPrecondition
}
