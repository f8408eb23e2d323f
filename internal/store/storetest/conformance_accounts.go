package storetest

import (
	"time"

	"watchword"
	"watchword/internal/store"
)

var accountChecks = map[string]func(*subject){
	"a membership is read as written":       checkMembership,
	"the default account: last, then first": checkDefaultMembership,
}

func checkMembership(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	id := s.account("engine", ada)
	joined := s.now()
	m, err := s.Read().Membership(ctx, ada, id)
	s.ok(err)
	want := watchword.Membership{
		ID: m.ID, UserID: ada, Role: watchword.RoleOwner, JoinedAt: joined,
		Account: watchword.Account{ID: id, Name: "Name of engine", Slug: "engine", CreatedAt: joined},
	}
	if m != want || m.ID == "" {
		s.Errorf("got  %+v\nwant %+v", m, want)
	}
	_, err = s.Read().Membership(ctx, eve, id)
	s.is(err, store.ErrNotFound)

	join := func(account watchword.AccountID, user watchword.UserID) error {
		return s.do(func(c *store.Conn) error { return c.InsertMembership(ctx, account, user, watchword.RoleMember) })
	}
	s.is(join(id, ada), store.ErrDuplicate)
	s.is(join("acc_none", ada), store.ErrNotFound)
	s.is(join(id, "usr_nobody"), store.ErrNotFound)
	taken := watchword.Account{ID: s.Read().NewAccountID(), Slug: "engine"}
	s.is(s.do(func(c *store.Conn) error { return c.InsertAccount(ctx, taken) }), store.ErrDuplicate)
}

func checkDefaultMembership(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	_, err := s.Read().DefaultMembership(ctx, ada, "")
	s.is(err, store.ErrNotFound)
	var accounts []watchword.AccountID
	for _, slug := range []string{"first", "second", "third"} {
		accounts = append(accounts, s.account(slug, ada))
		s.clock.Advance(time.Second)
	}
	for last, want := range map[watchword.AccountID]watchword.AccountID{
		"": accounts[0], accounts[0]: accounts[0], accounts[2]: accounts[2], "acc_left": accounts[0],
	} {
		if m, err := s.Read().DefaultMembership(ctx, ada, last); err != nil || m.Account.ID != want {
			s.Errorf("after %q: got %q (%v), want %q", last, m.Account.ID, err, want)
		}
	}
}
