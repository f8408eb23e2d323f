package storetest

import (
	"slices"
	"sync"
	"time"

	"watchword"
	"watchword/internal/store"
)

var memberChecks = map[string]func(*subject){
	"members are listed and read":              checkMembers,
	"memberships are listed page by page":      checkMembershipPages,
	"a role changes in its account alone":      checkMemberRole,
	"a member goes from its account alone":     checkDeleteMembership,
	"owners and members besides one are found": checkOthers,
	"a member is found by what the list shows": checkMemberByAddress,
	"an account is renamed and deleted":        checkAccountEnd,
	"of owners that leave under a lock: one":   checkLockedOwners,
}

// joins makes a user a member and answers the membership.
func (s *subject) joins(account watchword.AccountID, user watchword.UserID, role watchword.Role) watchword.MembershipID {
	s.Helper()
	s.ok(s.do(func(c *store.Conn) error { return c.InsertMembership(s.Context(), account, user, role) }))
	m, err := s.Read().Membership(s.Context(), user, account)
	s.ok(err)
	return m.ID
}

func checkMembers(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, other := s.account("engine", ada), s.account("other", eve)
	s.clock.Advance(time.Second)
	id := s.joins(account, eve, watchword.RoleMember)
	want := watchword.Member{
		ID: id, Role: watchword.RoleMember, JoinedAt: s.now(),
		User: watchword.User{ID: eve, Name: "Name of eve@example.com", Email: "eve@example.com"},
	}
	if m, err := s.Read().Member(ctx, account, id); err != nil || m != want {
		s.Errorf("got  %+v (%v)\nwant %+v", m, err, want)
	}
	_, err := s.Read().Member(ctx, other, id)
	s.is(err, store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteOtherEmails(ctx, eve, "") }))
	want.User.Email = ""
	list, err := s.Read().Members(ctx, account, watchword.Page{Limit: 9})
	if err != nil || len(list) != 2 || list[0] != want || list[1].User.ID != ada || list[1].Role != watchword.RoleOwner {
		s.Errorf("got %+v (%v)", list, err)
	}
	page := func(p watchword.Page) ([]watchword.Member, error) { return s.Read().Members(ctx, account, p) }
	ids := pages(s, 1, page, func(m watchword.Member) string { return string(m.ID) })
	if !slices.Equal(ids, []string{string(list[0].ID), string(list[1].ID)}) {
		s.Errorf("page by page: %v", ids)
	}
}

func checkMembershipPages(s *subject) {
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	var want []string
	for _, slug := range []string{"first", "second", "third", "fourth", "fifth"} {
		want = append([]string{string(s.account(slug, ada))}, want...)
		s.clock.Advance(time.Second)
		s.account("other-"+slug, eve)
		s.clock.Advance(time.Second)
	}
	got := pages(s, 2, func(p watchword.Page) ([]watchword.Membership, error) {
		return s.Read().Memberships(s.Context(), ada, p)
	}, func(m watchword.Membership) string { return string(m.Account.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got  %v\nwant %v", got, want)
	}
	list, err := s.Read().Memberships(s.Context(), ada, watchword.Page{Limit: 1})
	s.ok(err)
	one, err := s.Read().Membership(s.Context(), ada, list[0].Account.ID)
	if err != nil || list[0] != one || one.Account.Slug != "fifth" {
		s.Errorf("got  %+v\nwant %+v (%v)", list[0], one, err)
	}
}

func checkMemberRole(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, other := s.account("engine", ada), s.account("other", eve)
	id := s.joins(account, eve, watchword.RoleMember)
	set := func(account watchword.AccountID, id watchword.MembershipID) error {
		return s.do(func(c *store.Conn) error { return c.SetMemberRole(ctx, account, id, watchword.RoleAdmin) })
	}
	s.is(set(other, id), store.ErrNotFound)
	s.is(set(account, "mem_none"), store.ErrNotFound)
	if m, err := s.Read().Member(ctx, account, id); err != nil || m.Role != watchword.RoleMember {
		s.Errorf("got %+v (%v)", m, err)
	}
	s.ok(set(account, id))
	if m, err := s.Read().Member(ctx, account, id); err != nil || m.Role != watchword.RoleAdmin {
		s.Errorf("got %+v (%v)", m, err)
	}
}

func checkDeleteMembership(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account, other := s.account("engine", ada), s.account("other", eve)
	id := s.joins(account, eve, watchword.RoleMember)
	remove := func(account watchword.AccountID) error {
		return s.do(func(c *store.Conn) error { return c.DeleteMembership(ctx, account, id) })
	}
	s.is(remove(other), store.ErrNotFound)
	s.ok(remove(account))
	s.is(remove(account), store.ErrNotFound)
	if list, err := s.Read().Memberships(ctx, eve, watchword.Page{Limit: 9}); err != nil || len(list) != 1 || list[0].Account.ID != other {
		s.Errorf("got %+v (%v)", list, err)
	}
}

func checkOthers(s *subject) {
	ctx := s.Context()
	ada, eve, bob := s.user("ada@example.com"), s.user("eve@example.com"), s.user("bob@example.com")
	account := s.account("engine", ada)
	s.account("other", eve)
	first, err := s.Read().Membership(ctx, ada, account)
	s.ok(err)
	_, err = s.Read().OtherMember(ctx, account, first.ID)
	s.is(err, store.ErrNotFound)
	admin := s.joins(account, eve, watchword.RoleAdmin)
	if id, err := s.Read().OtherMember(ctx, account, first.ID); err != nil || id != admin {
		s.Errorf("got %q (%v)", id, err)
	}
	_, err = s.Read().OtherOwner(ctx, account, first.ID)
	s.is(err, store.ErrNotFound)
	if id, err := s.Read().OtherOwner(ctx, account, admin); err != nil || id != first.ID {
		s.Errorf("got %q (%v)", id, err)
	}
	second := s.joins(account, bob, watchword.RoleOwner)
	if id, err := s.Read().OtherOwner(ctx, account, first.ID); err != nil || id != second {
		s.Errorf("got %q (%v)", id, err)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, bob, watchword.UserDisabled) }))
	_, err = s.Read().OtherOwner(ctx, account, first.ID)
	s.is(err, store.ErrNotFound)
}

func checkMemberByAddress(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	account := s.account("engine", ada)
	s.account("other", eve)
	s.email(watchword.Email{UserID: ada, Address: "second@example.com", Exclusive: true, VerifiedAt: s.now()})
	s.email(watchword.Email{UserID: ada, Address: "claim@example.com"})
	first, err := s.Read().Membership(ctx, ada, account)
	s.ok(err)
	if id, err := s.Read().MemberByAddress(ctx, account, "ada@example.com"); err != nil || id != first.ID {
		s.Errorf("got %q (%v)", id, err)
	}
	for _, address := range []string{"second@example.com", "claim@example.com", "eve@example.com", "nobody@example.com"} {
		_, err := s.Read().MemberByAddress(ctx, account, address)
		s.is(err, store.ErrNotFound)
	}
}

func checkAccountEnd(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account := s.account("engine", ada)
	s.ok(s.do(func(c *store.Conn) error { return c.RenameAccount(ctx, account, "Analytical") }))
	if m, err := s.Read().Membership(ctx, ada, account); err != nil || m.Account.Name != "Analytical" || m.Account.Slug != "engine" {
		s.Errorf("got %+v (%v)", m, err)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.LockAccount(ctx, account) }))
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteAccount(ctx, account) }))
	_, err := s.Read().Membership(ctx, ada, account)
	s.is(err, store.ErrNotFound)
	for _, act := range []func(*store.Conn) error{
		func(c *store.Conn) error { return c.RenameAccount(ctx, account, "x") },
		func(c *store.Conn) error { return c.LockAccount(ctx, account) },
		func(c *store.Conn) error { return c.DeleteAccount(ctx, account) },
	} {
		s.is(s.do(act), store.ErrNotFound)
	}
}

// What LockAccount is for: everybody looks for another owner and goes, and the
// last finds none.
func checkLockedOwners(s *subject) {
	ctx := s.Context()
	account := s.account("engine", s.user("ada@example.com"))
	for _, address := range []string{"b@example.com", "c@example.com", "d@example.com"} {
		s.joins(account, s.user(address), watchword.RoleOwner)
	}
	list, err := s.Read().Members(ctx, account, watchword.Page{Limit: 9})
	s.ok(err)
	var wait sync.WaitGroup
	for _, m := range list {
		wait.Go(func() {
			err := s.Tx(ctx, func(c *store.Conn) error {
				if err := c.LockAccount(ctx, account); err != nil {
					return err
				}
				if _, err := c.OtherOwner(ctx, account, m.ID); err != nil {
					return err
				}
				return c.DeleteMembership(ctx, account, m.ID)
			})
			if err != nil {
				s.is(err, store.ErrNotFound)
			}
		})
	}
	wait.Wait()
	if left, err := s.Read().Members(ctx, account, watchword.Page{Limit: 9}); err != nil || len(left) != 1 {
		s.Errorf("%d owners are left (%v), want 1", len(left), err)
	}
}
