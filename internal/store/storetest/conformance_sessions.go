package storetest

import (
	"reflect"
	"slices"
	"time"

	"watchword"
	"watchword/internal/store"
)

var sessionChecks = map[string]func(*subject){
	"a session is read as written":            checkSessionRoundTrip,
	"a session tells what is live of it":      checkSessionView,
	"fresh claims move a session on":          checkSwitchSession,
	"a session ends once, and only its own":   checkRevokeSession,
	"all sessions end but one":                checkRevokeSessions,
	"sessions are listed whole, newest first": checkSessionPages,
}

func checkSessionRoundTrip(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	row := s.session(ada, watchword.Claims{Email: "ada@example.com"})
	v, err := s.Read().Session(ctx, row.ID)
	s.ok(err)
	if !reflect.DeepEqual(v.Session, row) {
		s.Errorf("got  %+v\nwant %+v", v.Session, row)
	}
	if v.NeedsClient != store.ClientUnauthenticated || v.Account.ID != "" || v.Role != "" {
		s.Errorf("got %+v", v)
	}
	s.is(s.do(func(c *store.Conn) error { return c.InsertSession(ctx, &row, store.ClientUnauthenticated) }), store.ErrDuplicate)
	row.ID, row.UserID = "ses_other", "usr_nobody"
	s.is(s.do(func(c *store.Conn) error { return c.InsertSession(ctx, &row, store.ClientUnauthenticated) }), store.ErrNotFound)
	_, err = s.Read().Session(ctx, "ses_none")
	s.is(err, store.ErrNotFound)

	row.UserID = ada
	s.ok(s.do(func(c *store.Conn) error { return c.InsertSession(ctx, &row, store.ClientAuthenticated) }))
	if v, err := s.Read().Session(ctx, row.ID); err != nil || v.NeedsClient != store.ClientAuthenticated {
		s.Errorf("got %q (%v)", v.NeedsClient, err)
	}
}

func checkSessionView(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account := s.account("engine", ada)
	s.ok(s.do(func(c *store.Conn) error { return c.SetLastAccount(ctx, ada, account) }))
	s.ok(s.do(func(c *store.Conn) error { return c.GrantAdministrator(ctx, ada) }))
	// Claims that are no longer true: what is live must not come from them.
	row := s.session(ada, watchword.Claims{AccountID: account, Role: watchword.RoleMember, Email: "old@example.com", EmailVerified: true})
	v, err := s.Read().Session(ctx, row.ID)
	s.ok(err)
	if v.Role != watchword.RoleOwner || v.User.Email != "ada@example.com" || v.User.EmailVerified || !v.User.Administrator ||
		v.User.Status != watchword.UserActive || v.LastAccount != account || v.Account.Slug != "engine" {
		s.Errorf("got %+v", v)
	}
	if v.Claims != row.Claims {
		s.Errorf("the claims are %+v, want %+v", v.Claims, row.Claims)
	}
}

func checkSwitchSession(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account := s.account("engine", ada)
	row := s.session(ada, watchword.Claims{Email: "old@example.com"})
	fresh := watchword.Claims{AccountID: account, Role: watchword.RoleOwner, Email: "ada@example.com"}
	s.clock.Advance(time.Hour)
	s.ok(s.do(func(c *store.Conn) error { return c.SwitchSession(ctx, row, fresh, "0badcafe") }))
	s.is(s.do(func(c *store.Conn) error { return c.SwitchSession(ctx, row, fresh, "0badcafe") }), store.ErrNotFound)

	v, err := s.Read().Session(ctx, row.ID)
	s.ok(err)
	want := row
	want.Claims, want.Generation, want.ClaimsSince, want.SecretKeyID = fresh, 2, 2, "0badcafe"
	want.RotatedAt, want.IdleExpiresAt = s.now(), s.now().Add(idleLife)
	if !reflect.DeepEqual(v.Session, want) {
		s.Errorf("got  %+v\nwant %+v", v.Session, want)
	}

	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, row.ID) }))
	s.is(s.do(func(c *store.Conn) error { return c.SwitchSession(ctx, v.Session, fresh, "0badcafe") }), store.ErrNotFound)
}

func checkRevokeSession(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	row := s.session(ada, watchword.Claims{})
	s.is(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, eve, row.ID) }), store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, row.ID) }))
	revoked := s.now()
	s.clock.Advance(time.Minute)
	s.is(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, row.ID) }), store.ErrNotFound)
	if v, err := s.Read().Session(ctx, row.ID); err != nil || !v.RevokedAt.Equal(revoked) {
		s.Errorf("revoked at %v (%v), want %v", v.RevokedAt, err, revoked)
	}
}

func checkRevokeSessions(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	var mine []watchword.SessionID
	for range 4 {
		mine = append(mine, s.session(ada, watchword.Claims{}).ID)
	}
	theirs := s.session(eve, watchword.Claims{}).ID
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, mine[0]) }))
	for _, want := range []int64{2, 0} { // of four one had ended and one stays
		if n, err := wrote(s, func(c *store.Conn) (int64, error) { return c.RevokeSessions(ctx, ada, mine[1]) }); err != nil || n != want {
			s.Errorf("ended %d (%v), want %d", n, err, want)
		}
	}
	if n, err := wrote(s, func(c *store.Conn) (int64, error) { return c.RevokeSessions(ctx, ada, "") }); err != nil || n != 1 {
		s.Errorf("ended %d (%v), want 1", n, err)
	}
	if v, err := s.Read().Session(ctx, theirs); err != nil || !v.RevokedAt.IsZero() {
		s.Errorf("the session of another user has ended (%v)", err)
	}
}

func checkSessionPages(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	var want []string
	for i := range 11 {
		s.clock.Advance(time.Second)
		row := s.session(ada, watchword.Claims{})
		s.session(eve, watchword.Claims{})
		if i%4 == 3 {
			s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, row.ID) }))
			continue
		}
		want = append([]string{string(row.ID)}, want...)
	}
	list := func(p watchword.Page) ([]watchword.Session, string, error) { return s.Read().Sessions(ctx, ada, p) }
	id := func(row watchword.Session) string { return string(row.ID) }
	for _, size := range []int{1, 3, len(want), 100} {
		if got := turned(s, size, list, id); !slices.Equal(got, want) {
			s.Errorf("in pages of %d: got %v, want %v", size, got, want)
		}
	}
	s.clock.Advance(idleLife)
	if list, _, err := list(watchword.Page{Limit: 100}); err != nil || len(list) != 0 {
		s.Errorf("%d sessions (%v) outlived their idle life", len(list), err)
	}
}
