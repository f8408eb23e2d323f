package storetest

import (
	"reflect"
	"time"

	"watchword"
	"watchword/internal/store"
)

var profileChecks = map[string]func(*subject){
	"a profile is all there is of a caller": checkProfile,
	"a profile needs its session and user":  checkProfileOfNobody,
}

func checkProfile(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	s.account("others", eve)
	account := s.account("engine", ada)
	s.clock.Advance(time.Second)
	s.email(watchword.Email{UserID: ada, Address: "second@example.com", Exclusive: true, VerifiedAt: s.now()})
	second := s.account("second", ada)
	cred, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	_, err = wrote(s, func(c *store.Conn) (watchword.AccountID, error) { return c.BeginSession(ctx, cred) })
	s.ok(err)
	row := s.session(ada, watchword.Claims{AccountID: account, Role: watchword.RoleOwner, Email: "ada@example.com"})

	me, err := s.Read().Profile(ctx, row.ID, ada)
	s.ok(err)
	user, err := s.Read().User(ctx, ada)
	s.ok(err)
	user.AdminMetadata, user.UpdatedAt = "", time.Time{} // not theirs to see
	if me.User != user {
		s.Errorf("got  %+v\nwant %+v", me.User, user)
	}
	if !me.Live(s.now()) || me.Live(row.IdleExpiresAt) {
		s.Errorf("the session lives until %v, want %v", me.Session.ExpiresAt, row.IdleExpiresAt)
	}
	if me.Session.ID != row.ID || me.Session.ClientID != row.ClientID || me.Session.Mode != row.Mode || me.Session.Claims.AccountID != account ||
		!reflect.DeepEqual(me.Session.AMR, row.AMR) || !me.Session.AuthTime.Equal(row.AuthTime) {
		s.Errorf("session: %+v", me.Session)
	}
	if len(me.Emails) != 2 || me.Emails[0].Address != "ada@example.com" || !me.Emails[0].Primary || me.Emails[0].Verified() ||
		me.Emails[1].Address != "second@example.com" || me.Emails[1].Primary || !me.Emails[1].VerifiedAt.Equal(s.now()) {
		s.Errorf("addresses: %+v", me.Emails)
	}
	if len(me.Memberships) != 2 || me.Memberships[1].Account.ID != second {
		s.Errorf("memberships: %+v", me.Memberships)
	}
	for _, m := range me.Memberships {
		if read, err := s.Read().Membership(ctx, ada, m.Account.ID); err != nil || m != read {
			s.Errorf("got  %+v\nwant %+v (%v)", m, read, err)
		}
	}
	if me.Identities == nil || len(me.Identities) != 0 {
		s.Errorf("identities: %+v", me.Identities)
	}

	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, row.ID) }))
	if me, err := s.Read().Profile(ctx, row.ID, ada); err != nil || me.Live(s.now()) {
		s.Errorf("an ended session lives (%v)", err)
	}
}

func checkProfileOfNobody(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	row := s.session(ada, watchword.Claims{})
	_, err := s.Read().Profile(ctx, "ses_none", ada)
	s.is(err, store.ErrNotFound)
	_, err = s.Read().Profile(ctx, row.ID, "usr_nobody")
	s.is(err, store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, ada, watchword.UserDisabled) }))
	if me, err := s.Read().Profile(ctx, row.ID, ada); err != nil || me.Live(s.now()) {
		s.Errorf("the session of a disabled user lives (%v)", err)
	}
}
