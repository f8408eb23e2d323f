package session

import (
	"context"
	"sync"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/token"
)

// repeatsPerRefresh is how often, at most, each refresh that the limit allows may
// be asked for again.
const repeatsPerRefresh = 10

// admit counts a refresh. Tabs that present one token at once are one refresh, and
// all get its answer: the first to present a generation is counted by the limit,
// the others by a wider one, since they change nothing.
func (s *Service) admit(ctx context.Context, presented token.Refresh, from watchword.Origin) error {
	a := s.admissions.of(presented)
	first := false
	a.once.Do(func() {
		first = true
		if a.err = s.Limiter.Take(ctx, s.RefreshLimit, string(presented.SessionID), from); a.err != nil {
			s.admissions.forget(presented) // it is counted anew when it comes back
		}
	})
	if first || a.err != nil {
		return a.err
	}
	repeats := limit.Rule{
		Name: s.RefreshLimit.Name + "_repeat", Count: repeatsPerRefresh * s.RefreshLimit.Count, Per: s.RefreshLimit.Per,
	}
	return s.Limiter.Take(ctx, repeats, string(presented.SessionID), from)
}

// admission is what the limit said to a session's generation.
type admission struct {
	once sync.Once
	err  error
}

type generation struct {
	session string
	number  int64
}

// admissions are the latest: two lots of at most admissionsKept. When the young
// one is full the old one goes, and what was in it would be counted once more.
// The zero value is ready.
type admissions struct {
	mu         sync.Mutex
	young, old map[generation]*admission
}

const admissionsKept = 4096

func (all *admissions) of(presented token.Refresh) *admission {
	g := generation{string(presented.SessionID), presented.Generation}
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, lot := range []map[generation]*admission{all.young, all.old} {
		if a, ok := lot[g]; ok {
			return a
		}
	}
	if all.young == nil || len(all.young) >= admissionsKept {
		all.young, all.old = map[generation]*admission{}, all.young
	}
	a := &admission{}
	all.young[g] = a
	return a
}

func (all *admissions) forget(presented token.Refresh) {
	g := generation{string(presented.SessionID), presented.Generation}
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.young, g)
	delete(all.old, g)
}
