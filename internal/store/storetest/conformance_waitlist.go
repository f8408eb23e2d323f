package storetest

import (
	"slices"
	"strings"
	"time"

	"watchword"
	"watchword/internal/store"
)

var waitlistChecks = map[string]func(*subject){
	"a feature is made once, changed and deleted":     checkFeature,
	"features are listed newest first and counted":    checkFeatureList,
	"members alone join, once, and what is open":      checkJoin,
	"places are counted in one account":               checkLockPlaces,
	"a place goes with its membership":                checkPlaceOfNoMember,
	"one's own places are of one account":             checkOwnEntries,
	"a waitlist is listed in its order and filtered":  checkEntries,
	"a profile shows the places of the one account":   checkWaitlistOfProfile,
	"entries are deleted batch by batch":              checkDeleteEntries,
	"the names that tokens may have to hold add up":   checkClaimNames,
	"a job that is queued for later is claimed later": checkLaterJob,
}

// feature makes a feature that users can wait for.
func (s *subject) feature(f watchword.Feature) watchword.Feature {
	s.Helper()
	made, err := wrote(s, func(c *store.Conn) (watchword.Feature, error) { return c.InsertFeature(s.Context(), f) })
	s.ok(err)
	return made
}

func (s *subject) waits(user watchword.UserID, account watchword.AccountID, feature watchword.FeatureName) (watchword.WaitlistEntry, error) {
	s.Helper()
	s.clock.Advance(time.Millisecond) // each entry has its place
	return wrote(s, func(c *store.Conn) (watchword.WaitlistEntry, error) {
		return c.InsertWaitlistEntry(s.Context(), user, account, feature)
	})
}

func (s *subject) wait(user watchword.UserID, account watchword.AccountID, feature watchword.FeatureName) watchword.WaitlistEntry {
	s.Helper()
	e, err := s.waits(user, account, feature)
	s.ok(err)
	return e
}

// queue lets users of these names wait in accounts of their own.
func (s *subject) queue(feature watchword.FeatureName, names ...string) (list []watchword.WaitlistEntry) {
	s.Helper()
	for _, name := range names {
		user := s.user(name + "@example.com")
		list = append(list, s.wait(user, s.account(name, user), feature))
	}
	return list
}

func checkFeature(s *subject) {
	ctx := s.Context()
	want := watchword.Feature{Name: "search", Title: "Search", Description: "Ü", AddClaim: true}
	made := s.feature(want)
	want.ID, want.CreatedAt, want.UpdatedAt = made.ID, s.now(), s.now()
	if got, err := s.Read().Feature(ctx, "search"); err != nil || got != want || got != made {
		s.Errorf("got  %+v (%v)\nwant %+v", got, err, want)
	}
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		_, err := c.InsertFeature(ctx, watchword.Feature{Name: "search"})
		s.is(err, store.ErrDuplicate)
		_, err = c.Feature(ctx, "search") // the transaction goes on
		return err
	}))
	s.clock.Advance(time.Second)
	want.Title, want.Description, want.AddClaim, want.ClosedAt, want.UpdatedAt = "T", "D", false, s.now(), s.now()
	s.ok(s.do(func(c *store.Conn) error { return c.UpdateFeature(ctx, want) }))
	locked, err := wrote(s, func(c *store.Conn) (watchword.Feature, error) { return c.LockFeature(ctx, "search") })
	if err != nil || locked != want {
		s.Errorf("got  %+v (%v)\nwant %+v", locked, err, want)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteFeature(ctx, "search") }))
	for _, act := range []func(*store.Conn) error{
		func(c *store.Conn) error { return c.DeleteFeature(ctx, "search") },
		func(c *store.Conn) error { return c.UpdateFeature(ctx, want) },
		func(c *store.Conn) error { _, err := c.LockFeature(ctx, "search"); return err },
	} {
		s.is(s.do(act), store.ErrNotFound)
	}
	_, err = s.Read().Feature(ctx, "search")
	s.is(err, store.ErrNotFound)
}

func checkFeatureList(s *subject) {
	ctx := s.Context()
	var want []string
	for _, name := range []watchword.FeatureName{"a", "z", "m", "b", "y"} {
		s.clock.Advance(time.Millisecond)
		want = append([]string{string(s.feature(watchword.Feature{Name: name}).ID)}, want...)
	}
	s.queue("m", "ada", "bob", "eve")
	_, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveFirst(ctx, "m", store.EveryEntry, 2) })
	s.ok(err)
	got := pages(s, 2, func(p watchword.Page) ([]watchword.Feature, error) { return s.Read().Features(ctx, p) },
		func(f watchword.Feature) string { return string(f.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
	list, err := s.Read().Features(ctx, watchword.Page{Limit: 9})
	s.ok(err)
	for _, f := range list {
		one, err := s.Read().Feature(ctx, f.Name)
		if err != nil || one != f {
			s.Errorf("got  %+v (%v)\nwant %+v", one, err, f)
		}
		if f.Name == "m" && (f.Waiting != 1 || f.Approved != 2) || f.Name != "m" && f.Waiting+f.Approved != 0 {
			s.Errorf("%+v", f)
		}
	}
}

func checkJoin(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, other := s.account("engine", ada), s.account("other", eve)
	s.feature(watchword.Feature{Name: "search"})
	closed := s.feature(watchword.Feature{Name: "closed"})
	closed.ClosedAt = s.now()
	s.ok(s.do(func(c *store.Conn) error { return c.UpdateFeature(ctx, closed) }))

	if got, err := s.Read().Standing(ctx, ada, account, "search"); err != nil || got.Feature.Name != "search" || got.Entry.ID != "" || !got.Feature.ClosedAt.IsZero() {
		s.Errorf("%+v (%v)", got, err)
	}
	if got, err := s.Read().Standing(ctx, ada, account, "nothing"); err != nil || got != (store.Standing{}) {
		s.Errorf("%+v (%v)", got, err)
	}
	if got, err := s.Read().Standing(ctx, ada, account, "closed"); err != nil || !got.Feature.ClosedAt.Equal(closed.ClosedAt) {
		s.Errorf("%+v (%v)", got, err)
	}
	want := s.wait(ada, account, "search")
	if got, err := s.Read().Standing(ctx, ada, account, "search"); err != nil || got.Entry != want || !want.JoinedAt.Equal(s.now()) {
		s.Errorf("got  %+v (%v)\nwant %+v", got.Entry, err, want)
	}
	for name, try := range map[string]struct {
		user    watchword.UserID
		account watchword.AccountID
		feature watchword.FeatureName
	}{
		"again": {ada, account, "search"}, "in another's account": {ada, other, "search"}, "nobody": {"usr_none", account, "search"},
		"what is closed": {ada, account, "closed"}, "what is not there": {ada, account, "nothing"},
	} {
		if _, err := s.waits(try.user, try.account, try.feature); watchword.KindOf(err) != watchword.KindConflict {
			s.Errorf("%s: %v", name, err)
		}
		if try.account == other || try.user != ada {
			_, err := s.Read().Standing(ctx, try.user, try.account, try.feature)
			s.is(err, store.ErrNotFound)
		}
	}
	if got, err := s.Read().Standing(ctx, ada, account, "search"); err != nil || got.Entry != want {
		s.Errorf("got  %+v (%v)\nwant %+v", got.Entry, err, want)
	}
	leave := func(user watchword.UserID, account watchword.AccountID) error {
		return s.do(func(c *store.Conn) error { return c.DeleteWaitlistEntry(ctx, user, account, "search") })
	}
	s.is(leave(eve, account), store.ErrNotFound)
	s.is(leave(ada, other), store.ErrNotFound)
	s.ok(leave(ada, account))
	s.is(leave(ada, account), store.ErrNotFound)
}

func checkPlaceOfNoMember(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, own := s.account("engine", ada), s.account("own", eve)
	member := s.joins(account, eve, watchword.RoleMember)
	s.feature(watchword.Feature{Name: "search"})
	s.wait(eve, account, "search")
	s.wait(eve, own, "search")
	s.wait(ada, account, "search")
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteMembership(ctx, account, member) }))
	left := func() (list []string) {
		all, _, err := s.Read().Entries(ctx, "search", watchword.WaitlistFilter{}, watchword.Page{Limit: 9})
		s.ok(err)
		for _, e := range all {
			list = append(list, string(e.AccountID)+" "+e.User.Email)
		}
		return list
	}
	if got, want := left(), []string{string(own) + " eve@example.com", string(account) + " ada@example.com"}; !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteAccount(ctx, own) }))
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteUser(ctx, ada) }))
	if got := left(); len(got) != 0 {
		s.Errorf("left: %v", got)
	}
}

func checkOwnEntries(s *subject) {
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, second := s.account("engine", ada), s.account("second", ada)
	s.joins(account, eve, watchword.RoleMember)
	var want []string
	for _, name := range []watchword.FeatureName{"b", "a", "d", "c", "e"} {
		s.feature(watchword.Feature{Name: name})
		want = append([]string{string(s.wait(ada, account, name).ID)}, want...)
		s.wait(ada, second, name)
		s.wait(eve, account, name)
	}
	got := pages(s, 2, func(p watchword.Page) ([]watchword.WaitlistEntry, error) {
		return s.Read().OwnEntries(s.Context(), ada, account, p)
	}, func(e watchword.WaitlistEntry) string { return string(e.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
}

func checkEntries(s *subject) {
	ctx := s.Context()
	s.feature(watchword.Feature{Name: "search"})
	s.feature(watchword.Feature{Name: "other"})
	ada := s.user("ada@example.com")
	account := s.account("engine", ada)
	s.queue("other", "zoe")
	first := s.queue("search", "bob", "cid")
	eve := s.user("eve@example.com")
	s.joins(account, eve, watchword.RoleMember)
	third, fourth := s.wait(eve, account, "search"), s.wait(ada, account, "search")
	s.clock.Advance(time.Second)
	_, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveUser(ctx, "search", eve) })
	s.ok(err)
	list := func(f watchword.WaitlistFilter) []string {
		return turned(s, 1, func(p watchword.Page) ([]watchword.WaitlistEntry, string, error) {
			return s.Read().Entries(ctx, "search", f, p)
		},
			func(e watchword.WaitlistEntry) string { return string(e.ID) })
	}
	for name, test := range map[string]struct {
		filter watchword.WaitlistFilter
		want   []watchword.WaitlistEntry
	}{
		"all":                   {watchword.WaitlistFilter{}, append(slices.Clone(first), third, fourth)},
		"those who wait":        {watchword.WaitlistFilter{Status: watchword.WaitlistWaiting}, append(slices.Clone(first), fourth)},
		"approved":              {watchword.WaitlistFilter{Status: watchword.WaitlistApproved}, []watchword.WaitlistEntry{third}},
		"of an account":         {watchword.WaitlistFilter{AccountID: account}, []watchword.WaitlistEntry{third, fourth}},
		"who wait in it":        {watchword.WaitlistFilter{AccountID: account, Status: watchword.WaitlistWaiting}, []watchword.WaitlistEntry{fourth}},
		"of no account":         {watchword.WaitlistFilter{AccountID: "acc_none"}, nil},
		"of a status of no one": {watchword.WaitlistFilter{Status: "none"}, nil},
	} {
		var want []string
		for _, e := range test.want {
			want = append(want, string(e.ID))
		}
		if got := list(test.filter); !slices.Equal(got, want) {
			s.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteOtherEmails(ctx, eve, "") }))
	third.Status, third.ApprovedAt, third.User.Name = watchword.WaitlistApproved, s.now(), "Name of eve@example.com"
	for _, f := range []watchword.WaitlistFilter{{}, {Status: watchword.WaitlistApproved}, {AccountID: account}} {
		all, _, err := s.Read().Entries(ctx, "search", f, watchword.Page{Limit: 9})
		s.ok(err)
		if !slices.Contains(all, third) {
			s.Errorf("%+v is not in %+v", third, all)
		}
	}
}

func checkWaitlistOfProfile(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, second := s.account("engine", ada), s.account("second", ada)
	s.joins(account, eve, watchword.RoleMember)
	var want []watchword.WaitlistEntry
	for _, name := range []watchword.FeatureName{"zeta", "alpha"} {
		s.feature(watchword.Feature{Name: name})
		want = append(want, s.wait(ada, account, name))
		s.wait(eve, account, name)
	}
	s.wait(ada, second, "zeta")
	_, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) {
		return c.ApproveAccount(ctx, "zeta", account, store.EveryEntry, 1)
	})
	s.ok(err)
	want[0].Status = watchword.WaitlistApproved
	me, err := s.Read().Profile(ctx, s.session(ada, watchword.Claims{AccountID: account}).ID, ada)
	if err != nil || !slices.Equal(me.Waitlist, want) {
		s.Errorf("got  %+v (%v)\nwant %+v", me.Waitlist, err, want)
	}
	me, err = s.Read().Profile(ctx, s.session(ada, watchword.Claims{}).ID, ada)
	if err != nil || me.Waitlist == nil || len(me.Waitlist) != 0 {
		s.Errorf("without an account: %+v (%v)", me.Waitlist, err)
	}
}

func checkLockPlaces(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account, second := s.account("engine", ada), s.account("second", ada)
	for _, name := range []watchword.FeatureName{"a", "b", "c"} {
		s.feature(watchword.Feature{Name: name})
		s.wait(ada, account, name)
	}
	s.wait(ada, second, "a")
	_, err := wrote(s, func(c *store.Conn) ([]store.Approved, error) { return c.ApproveUser(ctx, "a", ada) })
	s.ok(err)
	for id, want := range map[watchword.AccountID]int64{account: 3, second: 1} {
		err := s.Tx(ctx, func(c *store.Conn) error {
			n, err := c.LockPlaces(ctx, ada, id)
			if n != want {
				s.Errorf("%d places (%v), want %d", n, err, want)
			}
			return err
		})
		s.ok(err)
	}
	s.is(s.Tx(ctx, func(c *store.Conn) error { _, err := c.LockPlaces(ctx, ada, "acc_none"); return err }), store.ErrNotFound)
}

func checkDeleteEntries(s *subject) {
	ctx := s.Context()
	s.feature(watchword.Feature{Name: "search"})
	s.feature(watchword.Feature{Name: "other"})
	s.queue("other", "zoe")
	s.queue("search", "a", "b", "c")
	for _, want := range []int64{2, 1, 0} {
		n, err := wrote(s, func(c *store.Conn) (int64, error) { return c.DeleteEntries(ctx, "search", 2) })
		if err != nil || n != want {
			s.Errorf("%d were deleted (%v), want %d", n, err, want)
		}
	}
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteFeature(ctx, "other") })) // and who waits for it
	if n, err := s.Read().CountWaiting(ctx, "other"); err != nil || n != 0 {
		s.Errorf("%d wait for nothing (%v)", n, err)
	}
}

func checkClaimNames(s *subject) {
	s.feature(watchword.Feature{Name: "silent"})
	if n, err := s.Read().ClaimNames(s.Context()); err != nil || n != 0 {
		s.Errorf("%d (%v)", n, err)
	}
	s.feature(watchword.Feature{Name: "ab", AddClaim: true})
	s.feature(watchword.Feature{Name: watchword.FeatureName(strings.Repeat("x", 64)), AddClaim: true})
	if n, err := s.Read().ClaimNames(s.Context()); err != nil || n != 5+67 {
		s.Errorf("%d (%v)", n, err)
	}
}

func checkLaterJob(s *subject) {
	ctx := s.Context()
	job := store.Job{ID: s.Read().NewJobID(), Kind: "k", Payload: []byte("p"), RunAt: s.now().Add(time.Minute), ExpiresAt: s.now().Add(time.Hour)}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertJob(ctx, job) }))
	for _, want := range []int{0, 1} {
		jobs, err := wrote(s, func(c *store.Conn) ([]store.Job, error) { return c.ClaimJobs(ctx, "k", 9, s.now().Add(time.Hour)) })
		if err != nil || len(jobs) != want {
			s.Errorf("%d jobs are due (%v), want %d", len(jobs), err, want)
		}
		s.clock.Advance(time.Minute)
	}
}
