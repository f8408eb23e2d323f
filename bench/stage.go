package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"watchword/internal/mail/mailtest"
)

const (
	// password is that of every user, strong enough for the sign-up rules.
	password = "marble-Otter-29-canyon-Willow"
	// sessionCount is how many sessions the scenarios walk: each costs a hash to start.
	sessionCount = 256
	signInConns  = 8
	signInTime   = 2 * time.Minute
)

// stage is what the scenarios play on: a running server with seeded users and,
// once signed in, sessions.
type stage struct {
	address  string
	users    int
	sessions []*session
	signUps  atomic.Int64
	links    []mailtest.Mail
	opened   atomic.Int64 // of the links

	known     atomic.Int64 // people of the provider who have been here
	newcomers atomic.Int64
}

// session is one chain of refresh tokens. Only one connection at a time walks it.
type session struct {
	email   string
	access  string
	refresh string
}

func userEmail(n int) string { return fmt.Sprintf("user%07d@bench.example", n) }

func userName(n int) string { return fmt.Sprintf("Bench User %d", n) }

// dice is a connection's own choice of users, the same in every run.
func dice(part int) *rand.Rand { return rand.New(rand.NewPCG(uint64(part), 0x77617463)) }

// share is the part of the sessions that one of several connections walks.
func (s *stage) share(part, parts int) []*session {
	var own []*session
	for i := part; i < len(s.sessions); i += parts {
		own = append(own, s.sessions[i])
	}
	return own
}

var errTooFewSessions = errors.New("could not start enough sessions")

// openSessions signs in random users, before anything is measured.
func (s *stage) openSessions(ctx context.Context, count int) error {
	lists := make([][]*session, signInConns)
	l := load{address: s.address, connections: signInConns, window: signInTime, limit: int64(count)}
	t, err := l.run(ctx, func(part int) journey {
		random := dice(part)
		return func(c *conn) error {
			started, err := signInAs(c, userEmail(random.IntN(s.users)))
			if err == nil {
				lists[part] = append(lists[part], started)
			}
			return err
		}
	})
	if err != nil {
		return err
	}
	s.sessions = s.sessions[:0]
	for _, list := range lists {
		s.sessions = append(s.sessions, list...)
	}
	if len(s.sessions) < count {
		return fmt.Errorf("%w: %v", errTooFewSessions, t.faults)
	}
	return nil
}

// renew refreshes every session once, so that no access token expires while
// the next scenario is measured.
func (s *stage) renew(ctx context.Context) error {
	parts := min(signInConns, len(s.sessions))
	l := load{address: s.address, connections: parts, window: signInTime, limit: int64(len(s.sessions))}
	t, err := l.run(ctx, func(part int) journey { return refresh(s, part, parts) })
	if err == nil && t.failed() > 0 {
		err = fmt.Errorf("renew sessions: %v", t.faults)
	}
	return err
}
