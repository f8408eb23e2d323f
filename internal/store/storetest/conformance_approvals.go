package storetest

import (
	"math"
	"slices"

	"watchword"
	"watchword/internal/store"
)

var approvalChecks = map[string]func(*subject){
	"the first in the queue are approved, once":     checkApproveFirst,
	"users, accounts and addresses are approved":    checkApproveNamed,
	"claims name what is approved in their account": checkClaimedFeatures,
}

func entryIDs(list []store.Approved) (ids []watchword.WaitlistEntryID) {
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}

func checkApproveFirst(s *subject) {
	ctx := s.Context()
	s.feature(watchword.Feature{Name: "search"})
	all := s.queue("search", "a", "b", "c", "d", "e")
	first := func(through watchword.WaitlistEntryID, n int64) []watchword.WaitlistEntryID {
		list, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveFirst(ctx, "search", through, n) })
		s.ok(err)
		return entryIDs(list)
	}
	waiting := func(through watchword.WaitlistEntryID, most, want int64, last watchword.WaitlistEntryID) {
		s.Helper()
		if n, id, err := s.Read().FirstWaiting(ctx, "search", through, most); err != nil || n != want || id != last {
			s.Errorf("%d, the last %s (%v), want %d, %s", n, id, err, want, last)
		}
	}
	waiting(store.EveryEntry, 3, 3, all[2].ID)
	waiting(store.EveryEntry, math.MaxInt64, 5, all[4].ID)
	waiting(all[1].ID, 3, 2, all[1].ID)
	if got := first(store.EveryEntry, 2); !slices.Equal(got, []watchword.WaitlistEntryID{all[0].ID, all[1].ID}) {
		s.Errorf("got %v", got)
	}
	waiting(store.EveryEntry, 1, 1, all[2].ID)
	if got := first(all[3].ID, 9); !slices.Equal(got, []watchword.WaitlistEntryID{all[2].ID, all[3].ID}) {
		s.Errorf("got %v", got)
	}
	if n, err := s.Read().CountWaiting(ctx, "search"); err != nil || n != 1 {
		s.Errorf("%d wait (%v)", n, err)
	}
	if got := first(store.EveryEntry, 9); !slices.Equal(got, []watchword.WaitlistEntryID{all[4].ID}) {
		s.Errorf("got %v", got)
	}
	if got := first(store.EveryEntry, 9); len(got) != 0 {
		s.Errorf("got %v", got)
	}
	waiting(store.EveryEntry, 1, 0, "")
}

func checkApproveNamed(s *subject) {
	ctx := s.Context()
	s.feature(watchword.Feature{Name: "search"})
	s.feature(watchword.Feature{Name: "other"})
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, own := s.account("engine", ada), s.account("own", eve)
	s.joins(account, eve, watchword.RoleMember)
	s.email(watchword.Email{UserID: eve, Address: "proven@example.com", Exclusive: true, VerifiedAt: s.now()})
	s.email(watchword.Email{UserID: eve, Address: "claim@example.com"})
	s.wait(eve, own, "other")
	one, two, three := s.wait(ada, account, "search"), s.wait(eve, account, "search"), s.wait(eve, own, "search")
	approve := func(act func(*store.Conn) ([]store.Approved, error)) []watchword.WaitlistEntryID {
		list, err := wrote(s, act)
		s.ok(err)
		for _, a := range list {
			if a.Reachable || a.UserID == "" || a.AccountID == "" {
				s.Errorf("%+v", a)
			}
		}
		return entryIDs(list)
	}
	byAddress := func(address string) []watchword.WaitlistEntryID {
		return approve(func(c *store.Conn) ([]store.Approved, error) { return c.ApproveAddress(ctx, "search", address) })
	}
	for through, want := range map[watchword.WaitlistEntryID]watchword.WaitlistEntry{store.EveryEntry: two, one.ID: one} {
		n, last, err := s.Read().WaitingOfAccount(ctx, "search", account, through)
		if err != nil || last != want.ID || (n == 2) != (want == two) {
			s.Errorf("%d wait, the last %s (%v)", n, last, err)
		}
	}
	if got := byAddress("claim@example.com"); len(got) != 0 {
		s.Errorf("a claimed address stands for %v", got)
	}
	if got := approve(func(c *store.Conn) ([]store.Approved, error) {
		return c.ApproveAccount(ctx, "search", account, store.EveryEntry, 1)
	}); !slices.Equal(got, []watchword.WaitlistEntryID{one.ID}) {
		s.Errorf("got %v", got)
	}
	if got := approve(func(c *store.Conn) ([]store.Approved, error) {
		return c.ApproveAccount(ctx, "search", account, one.ID, 9)
	}); len(got) != 0 {
		s.Errorf("got %v", got)
	}
	if got := byAddress("proven@example.com"); !slices.Equal(got, []watchword.WaitlistEntryID{two.ID, three.ID}) {
		s.Errorf("got %v", got)
	}
	if got := approve(func(c *store.Conn) ([]store.Approved, error) { return c.ApproveUser(ctx, "search", eve) }); len(got) != 0 {
		s.Errorf("got %v", got)
	}
	if n, err := s.Read().CountWaiting(ctx, "other"); err != nil || n != 1 {
		s.Errorf("%d wait for the other feature (%v)", n, err)
	}
	emails, err := s.Read().Emails(ctx, eve)
	s.ok(err)
	for _, e := range emails {
		if e.Primary {
			s.ok(s.do(func(c *store.Conn) error { _, err := c.VerifyEmail(ctx, e); return err }))
		}
	}
	list, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveUser(ctx, "other", eve) })
	if err != nil || len(list) != 1 || !list[0].Reachable || list[0].UserID != eve || list[0].AccountID != own {
		s.Errorf("%+v (%v)", list, err)
	}
}

func checkClaimedFeatures(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, second := s.account("engine", ada), s.account("second", ada)
	s.joins(account, eve, watchword.RoleMember)
	for _, name := range []watchword.FeatureName{"zeta", "alpha", "waiting"} {
		s.feature(watchword.Feature{Name: name, AddClaim: true})
		s.wait(ada, account, name)
	}
	s.feature(watchword.Feature{Name: "silent"})
	s.wait(ada, account, "silent")
	s.wait(ada, second, "waiting")
	s.wait(eve, account, "waiting")
	for _, name := range []watchword.FeatureName{"zeta", "alpha", "silent"} {
		_, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveUser(ctx, name, ada) })
		s.ok(err)
	}
	want := []watchword.FeatureName{"alpha", "zeta"}
	mail := "ada@example.com"
	row := s.session(ada, watchword.Claims{AccountID: account, Role: watchword.RoleOwner, Email: mail})
	if !slices.Equal(row.Features, want) {
		s.Errorf("a new session: %v", row.Features)
	}
	for _, claims := range []watchword.Claims{{AccountID: second, Role: watchword.RoleOwner, Email: mail}, {Email: mail}} {
		if other := s.session(ada, claims); len(other.Features) != 0 {
			s.Errorf("in %q: %v", claims.AccountID, other.Features)
		}
	}
	if other := s.session(eve, watchword.Claims{AccountID: account}); len(other.Features) != 0 {
		s.Errorf("of another user: %v", other.Features)
	}
	// What changes later makes nothing stale, and does not change what stands.
	_, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveUser(ctx, "waiting", ada) })
	s.ok(err)
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteWaitlistEntry(ctx, ada, account, "zeta") }))
	v, err := s.rotate(rotation(row))
	if err != nil || !slices.Equal(v.Features, want) {
		s.Errorf("after a refresh: %v (%v)", v.Features, err)
	}
	s.ok(s.do(func(c *store.Conn) error {
		return c.SwitchSession(ctx, v.Session, watchword.Claims{AccountID: account, Role: watchword.RoleOwner}, "k")
	}))
	if v, err = s.Read().Session(ctx, row.ID); err != nil || !slices.Equal(v.Features, []watchword.FeatureName{"alpha", "waiting"}) {
		s.Errorf("after a switch: %v (%v)", v.Features, err)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.SwitchSession(ctx, v.Session, watchword.Claims{}, "k") }))
	if v, err = s.Read().Session(ctx, row.ID); err != nil || len(v.Features) != 0 {
		s.Errorf("after a switch to no account: %v (%v)", v.Features, err)
	}
}
