package storetest

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

var inviteChecks = map[string]func(*subject){
	"an invite is read as written":        checkInviteRoundTrip,
	"an invite is accepted once":          checkAcceptInvite,
	"of many who accept an invite: one":   checkInviteRace,
	"an invite is taken back or extended": checkRevokeInvite,
	"invites are listed newest first":     checkInviteList,
	"a token needs its invite":            checkTokenOfNoInvite,
}

// pendingInvite asks an address into an account for an hour.
func (s *subject) pendingInvite(account watchword.AccountID, address string) watchword.InviteID {
	s.Helper()
	id, err := wrote(s, func(c *store.Conn) (watchword.InviteID, error) {
		return c.InsertInvite(s.Context(), watchword.Invite{
			Account: watchword.Account{ID: account}, Address: address, Role: watchword.RoleMember, Delivery: watchword.DeliverMail, ExpiresAt: s.now().Add(time.Hour),
		})
	})
	s.ok(err)
	return id
}

func (s *subject) inviteNow(id watchword.InviteID) watchword.Invite {
	s.Helper()
	i, err := s.Read().Invite(s.Context(), id)
	s.ok(err)
	return i
}

func (s *subject) acceptInvite(id watchword.InviteID, user watchword.UserID) error {
	return s.do(func(c *store.Conn) error { return c.AcceptInvite(s.Context(), id, user) })
}

func checkInviteRoundTrip(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account, made := s.account("engine", ada), s.now()
	want := watchword.Invite{
		Account: watchword.Account{ID: account}, Address: "eve@example.com", Role: watchword.RoleAdmin, Delivery: watchword.DeliverLink, InvitedBy: ada,
		ClientID: "web", Locale: "de", RedirectURI: "https://app.example.com/", State: "ü", CodeChallenge: "c", ExpiresAt: made.Add(time.Hour),
	}
	id, err := wrote(s, func(c *store.Conn) (watchword.InviteID, error) { return c.InsertInvite(ctx, want) })
	s.ok(err)
	want.ID, want.CreatedAt, want.InviterName = id, made, "Name of ada@example.com"
	want.Account = watchword.Account{ID: account, Name: "Name of engine", Slug: "engine", CreatedAt: made}
	if got := s.inviteNow(id); got != want {
		s.Errorf("got  %+v\nwant %+v", got, want)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteUser(ctx, ada) })) // the invite outlives who made it
	if got := s.inviteNow(id); got.InviterName != "" || got.InvitedBy != ada {
		s.Errorf("got %+v", got)
	}
	_, err = s.Read().Invite(ctx, "inv_none")
	s.is(err, store.ErrNotFound)
	_, err = wrote(s, func(c *store.Conn) (watchword.InviteID, error) {
		return c.InsertInvite(ctx, watchword.Invite{Account: watchword.Account{ID: "acc_none"}})
	})
	s.is(err, store.ErrNotFound)
}

func checkAcceptInvite(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	id := s.pendingInvite(s.account("ada", ada), "ada@example.com")
	s.ok(s.do(func(c *store.Conn) error { return c.LockInvite(ctx, id) }))
	s.is(s.do(func(c *store.Conn) error { return c.LockInvite(ctx, "inv_none") }), store.ErrNotFound)
	s.ok(s.acceptInvite(id, ada))
	if i := s.inviteNow(id); !i.AcceptedAt.Equal(s.now()) || i.AcceptedBy != ada || i.Status(s.now()) != watchword.InviteAccepted {
		s.Errorf("got %+v", i)
	}
	s.is(s.acceptInvite(id, ada), store.ErrNotFound)
	s.is(s.acceptInvite("inv_none", ada), store.ErrNotFound)
	late := s.pendingInvite(s.account("late", ada), "ada@example.com")
	s.clock.Advance(time.Hour)
	s.is(s.acceptInvite(late, ada), store.ErrNotFound)
	if i := s.inviteNow(late); i.Status(s.now()) != watchword.InviteExpired {
		s.Errorf("got %+v", i)
	}
}

func checkInviteRace(s *subject) {
	ada := s.user("ada@example.com")
	id := s.pendingInvite(s.account("ada", ada), "ada@example.com")
	const rivals = 30
	outcomes := make(chan error, rivals)
	for n := range rivals {
		go func() { outcomes <- s.acceptInvite(id, watchword.UserID(strconv.Itoa(n))) }()
	}
	won := 0
	for range rivals {
		if err := <-outcomes; err == nil {
			won++
		} else if !errors.Is(err, store.ErrNotFound) {
			s.Error(err)
		}
	}
	if won != 1 {
		s.Errorf("%d won", won)
	}
}

func checkRevokeInvite(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account, other := s.account("ada", ada), s.account("other", ada)
	revoke := func(of watchword.AccountID, id watchword.InviteID) error {
		return s.do(func(c *store.Conn) error { return c.RevokeInvite(ctx, of, id) })
	}
	extend := func(of watchword.AccountID, id watchword.InviteID) error {
		return s.do(func(c *store.Conn) error { return c.ExtendInvite(ctx, of, id, s.now().Add(2*time.Hour)) })
	}
	id := s.pendingInvite(account, "eve@example.com")
	for _, act := range []func(watchword.AccountID, watchword.InviteID) error{revoke, extend} {
		s.is(act(other, id), store.ErrNotFound)
		s.is(act(account, "inv_none"), store.ErrNotFound)
	}
	s.clock.Advance(time.Hour) // it has expired
	s.ok(extend(account, id))
	if i := s.inviteNow(id); i.Status(s.now()) != watchword.InvitePending || !i.ExpiresAt.Equal(s.now().Add(2*time.Hour)) {
		s.Errorf("got %+v", i)
	}
	s.ok(revoke(account, id))
	if i := s.inviteNow(id); i.Status(s.now()) != watchword.InviteRevoked || !i.RevokedAt.Equal(s.now()) {
		s.Errorf("got %+v", i)
	}
	s.is(revoke(account, id), store.ErrNotFound)
	s.is(extend(account, id), store.ErrNotFound)
	s.is(s.acceptInvite(id, ada), store.ErrNotFound)
	accepted := s.pendingInvite(account, "eve@example.com")
	s.ok(s.acceptInvite(accepted, ada))
	s.is(revoke(account, accepted), store.ErrNotFound)
	s.is(extend(account, accepted), store.ErrNotFound)
	expired := s.pendingInvite(account, "eve@example.com")
	s.clock.Advance(time.Hour)
	s.ok(revoke(account, expired))
}

func checkInviteList(s *subject) {
	ada := s.user("ada@example.com")
	account, other := s.account("ada", ada), s.account("other", ada)
	var want []string
	for range 5 {
		s.clock.Advance(time.Millisecond)
		want = append(want, string(s.pendingInvite(account, "eve@example.com"))) // several for one address
		s.pendingInvite(other, "eve@example.com")
	}
	slices.Reverse(want)
	got := turned(s, 2, func(p watchword.Page) ([]watchword.Invite, string, error) {
		return s.Read().Invites(s.Context(), watchword.InviteFilter{AccountID: account}, p)
	},
		func(i watchword.Invite) string { return string(i.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
	list, _, err := s.Read().Invites(s.Context(), watchword.InviteFilter{AccountID: account}, watchword.Page{Limit: 1})
	s.ok(err)
	if i := list[0]; i.Account.ID != account || i.Address != "eve@example.com" || i.Role != watchword.RoleMember || i.Delivery != watchword.DeliverMail {
		s.Errorf("got %+v", i)
	}
}

func checkTokenOfNoInvite(s *subject) {
	ada := s.user("ada@example.com")
	id := s.pendingInvite(s.account("ada", ada), "eve@example.com")
	s.token("t", store.OneTimeToken{Purpose: store.TokenInvite, InviteID: id})
	if s.tokenNow("t").InviteID != id {
		s.Error("the token does not know its invite")
	}
	t := store.OneTimeToken{Digest: []byte("none"), Purpose: store.TokenInvite, InviteID: "inv_none", ExpiresAt: s.now()}
	s.is(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(s.Context(), t) }), store.ErrNotFound)
}
