package client

import (
	"context"
	"maps"
	"time"

	"watchword"
)

const (
	catchUpEvery = time.Second // at most: whoever makes up ids gets no query for each
	catchUpTime  = 5 * time.Second
	maxGone      = 4096
)

// ErrUnsettled is told instead of a no that might be wrong.
var ErrUnsettled = watchword.NewError(watchword.KindUnavailable, "unavailable",
	"The server cannot tell at the moment whether there is this client application. Try again.").After(catchUpEvery)

// Lookup is Find for whoever would refuse somebody because their client is not
// known: it may have been made on another node this moment. One that is missing is
// looked for in the database before it is said not to be there, all that are
// missing at once together. An error says that it could not be found out: a no
// would end sessions that are good.
func (r *Registry) Lookup(ctx context.Context, id watchword.ClientID) (watchword.Client, bool, error) {
	if c, ok := r.Find(id); ok {
		return c, true, nil
	}
	if err := r.catchUp(ctx, id); err != nil {
		return watchword.Client{}, false, err
	}
	c, ok := r.Find(id)
	return c, ok, nil
}

// catchUp reads the clients anew if this one might be among them.
func (r *Registry) catchUp(ctx context.Context, id watchword.ClientID) error {
	if r.settled(id) {
		return nil
	}
	r.missing.Lock()
	defer r.missing.Unlock()
	if r.settled(id) {
		return nil // whoever was first has asked for all who waited
	}
	now := r.clock()
	if since := now.Sub(r.caughtUp); since >= 0 && since < catchUpEvery {
		return ErrUnsettled
	}
	r.caughtUp = now
	// Others may wait for it: it does not end with whoever was first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catchUpTime)
	defer cancel()
	return r.reload(ctx, id)
}

// settled says whether the database would tell nothing new of an id: there is such
// a client, there was one, or it is no id of the database.
func (r *Registry) settled(id watchword.ClientID) bool {
	if _, err := watchword.IDToBytes(id); err != nil {
		return true
	}
	s := r.present.Load()
	_, known := s.clients[id]
	return known || s.gone[id]
}

// without are the ids that the next snapshot does not have though they were known
// here or asked for. No id is given twice, so none of them comes back: their sessions
// have ended, and asking again is in vain.
func (s *snapshot) without(next *snapshot, asked watchword.ClientID) map[watchword.ClientID]bool {
	gone := make(map[watchword.ClientID]bool, len(s.gone))
	if len(s.gone) < maxGone {
		maps.Copy(gone, s.gone)
	}
	for id := range s.clients {
		gone[id] = true
	}
	if asked != "" {
		gone[asked] = true
	}
	maps.DeleteFunc(gone, func(id watchword.ClientID, _ bool) bool { return next.clients[id] != nil })
	return gone
}
