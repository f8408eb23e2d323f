package storetest

import (
	"slices"
	"time"

	"watchword"
	"watchword/internal/store"
)

var eraseChecks = map[string]func(*subject){
	"mails are erased with what they are of":  checkErase,
	"invites are taken back from who may not": checkRevokeInvitesBy,
}

// mailed queues a mail that carries a token.
func (s *subject) mailed(t store.OneTimeToken) watchword.MessageID {
	s.Helper()
	t.Purpose, t.ExpiresAt = store.TokenInvite, s.now().Add(time.Hour)
	s.ok(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(s.Context(), t) }))
	id := s.Read().NewJobID()
	s.ok(s.do(func(c *store.Conn) error {
		return c.InsertJob(s.Context(), store.Job{ID: id, Kind: "mail", TokenDigest: t.Digest, Payload: []byte("live"), ExpiresAt: t.ExpiresAt})
	}))
	return id
}

func (s *subject) invite(account watchword.AccountID, by watchword.UserID, role watchword.Role) watchword.InviteID {
	s.Helper()
	id, err := wrote(s, func(c *store.Conn) (watchword.InviteID, error) {
		return c.InsertInvite(s.Context(), watchword.Invite{
			Account: watchword.Account{ID: account}, Address: "invited@example.com", Role: role, Delivery: watchword.DeliverMail,
			InvitedBy: by, ExpiresAt: s.now().Add(time.Hour),
		})
	})
	s.ok(err)
	return id
}

func checkErase(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	engine, other := s.account("engine", ada), s.account("other", ada)
	emails, err := s.Read().Emails(ctx, ada)
	s.ok(err)
	first, second, foreign := s.invite(engine, ada, watchword.RoleMember), s.invite(engine, ada, watchword.RoleMember), s.invite(other, ada, watchword.RoleMember)
	waiting := map[watchword.MessageID]string{
		s.mailed(store.OneTimeToken{Digest: []byte("1"), InviteID: first}):                    "first invite",
		s.mailed(store.OneTimeToken{Digest: []byte("2"), InviteID: second}):                   "second invite",
		s.mailed(store.OneTimeToken{Digest: []byte("3"), InviteID: foreign}):                  "invite of the other account",
		s.mailed(store.OneTimeToken{Digest: []byte("4"), UserID: ada, EmailID: emails[0].ID}): "address",
		s.mailed(store.OneTimeToken{Digest: []byte("5"), UserID: ada}):                        "user",
		s.mailed(store.OneTimeToken{Digest: []byte("6"), UserID: eve}):                        "other user",
		s.mailed(store.OneTimeToken{Digest: []byte("7"), Address: "nobody@example.com"}):      "nobody",
		s.job("mail"): "no token",
	}
	for _, step := range []struct {
		act  func(*store.Conn) error
		gone []string
	}{
		{func(c *store.Conn) error { return c.EraseInviteMails(ctx, first) }, []string{"first invite"}},
		{func(c *store.Conn) error { return c.EraseAccountMails(ctx, engine) }, []string{"second invite"}},
		{func(c *store.Conn) error { return c.EraseEmailMails(ctx, emails[0].ID) }, []string{"address"}},
		{func(c *store.Conn) error { return c.EraseUserMails(ctx, ada) }, []string{"user"}},
	} {
		s.ok(s.do(step.act))
		left, err := s.Read().WaitingJobs(ctx, "", 99)
		s.ok(err)
		for id, of := range waiting {
			if slices.Contains(step.gone, of) {
				delete(waiting, id)
			}
		}
		if len(left) != len(waiting) {
			s.Fatalf("after erasing %v %d jobs wait, want %d", step.gone, len(left), len(waiting))
		}
		for _, j := range left {
			if waiting[j.ID] == "" {
				s.Errorf("after erasing %v a wrong one is gone", step.gone)
			}
		}
	}
	if claimed := s.claim("mail", 99); len(claimed) != len(waiting) {
		s.Errorf("%d are sent, want %d", len(claimed), len(waiting))
	}
}

func checkRevokeInvitesBy(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	engine, other := s.account("engine", ada), s.account("other", ada)
	expired := s.invite(engine, ada, watchword.RoleOwner)
	s.clock.Advance(time.Hour)
	owner, member := s.invite(engine, ada, watchword.RoleOwner), s.invite(engine, ada, watchword.RoleMember)
	accepted := s.invite(engine, ada, watchword.RoleOwner)
	s.ok(s.do(func(c *store.Conn) error { return c.AcceptInvite(ctx, accepted, eve) }))
	foreign, hers := s.invite(other, ada, watchword.RoleOwner), s.invite(engine, eve, watchword.RoleOwner)
	revoke := func(role watchword.Role) []watchword.InviteID {
		s.Helper()
		list, err := wrote(s, func(c *store.Conn) ([]watchword.InviteID, error) { return c.RevokeInvitesBy(ctx, engine, ada, role) })
		s.ok(err)
		return list
	}
	if got := revoke(watchword.RoleOwner); !slices.Equal(got, []watchword.InviteID{owner}) {
		s.Errorf("of owners: got %v, want %v", got, owner)
	}
	if got := revoke(store.AnyRole); !slices.Equal(got, []watchword.InviteID{member}) {
		s.Errorf("of all: got %v, want %v", got, member)
	}
	for id, want := range map[watchword.InviteID]watchword.InviteStatus{
		expired: watchword.InviteExpired, owner: watchword.InviteRevoked, member: watchword.InviteRevoked,
		accepted: watchword.InviteAccepted, foreign: watchword.InvitePending, hers: watchword.InvitePending,
	} {
		if i, err := s.Read().Invite(ctx, id); err != nil || i.Status(s.now()) != want {
			s.Errorf("%s is %s (%v), want %s", id, i.Status(s.now()), err, want)
		}
	}
}
