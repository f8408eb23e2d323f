package session

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/store"
)

// Me is everything about the caller, from live rows in one round trip.
// ErrSessionRevoked where the session no longer lives.
func (s *Service) Me(ctx context.Context, caller Caller) (watchword.Profile, error) {
	me, err := s.Store.Read().Profile(ctx, caller.SessionID, caller.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return watchword.Profile{}, ErrSessionRevoked.Because(err)
	}
	if err != nil {
		return watchword.Profile{}, err
	}
	if _, err := s.client(ctx, me.Session.ClientID); err != nil {
		return watchword.Profile{}, err
	}
	if !me.Live(s.Clock()) {
		return watchword.Profile{}, ErrSessionRevoked
	}
	return me, nil
}
