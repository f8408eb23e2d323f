package storetest

import (
	"errors"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

var proofChecks = map[string]func(*subject){
	"a proven address is its user's alone":  checkVerify,
	"a proof displaces an unproven sign-up": checkDisplacement,
	"of many who prove an address: one":     checkVerifyRace,
	"the primary address is one of one's":   checkMakePrimary,
	"addresses are taken away":              checkDeleteEmails,
	"a password is replaced and taken away": checkReplacePassword,
}

func (s *subject) verify(e watchword.Email) error {
	return s.Tx(s.Context(), func(c *store.Conn) error { _, err := c.VerifyEmail(s.Context(), e); return err })
}

func (s *subject) emailNow(id watchword.EmailID) watchword.Email {
	s.Helper()
	e, err := s.Read().Email(s.Context(), id)
	s.ok(err)
	return e
}

func checkVerify(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	list, err := s.Read().Emails(ctx, ada)
	s.ok(err)
	proven := s.now()
	s.ok(s.verify(list[0]))
	s.clock.Advance(time.Hour)
	s.ok(s.verify(list[0])) // again
	e := s.emailNow(list[0].ID)
	if !e.VerifiedAt.Equal(proven) || !e.Exclusive || !e.Primary || e.UserID != ada || e.Address != "ada@example.com" {
		s.Errorf("got %+v", e)
	}
	eve := s.user("eve@example.com")
	claim := watchword.Email{UserID: eve, Address: "ada@example.com"}
	claim.ID = s.email(claim)
	s.is(s.verify(claim), store.ErrDuplicate)
	if e := s.emailNow(claim.ID); e.Verified() || e.Exclusive {
		s.Errorf("got %+v", e)
	}
	_, err = s.Read().Email(ctx, "eml_none")
	s.is(err, store.ErrNotFound)
}

func checkDisplacement(s *subject) {
	ctx := s.Context()
	squatter, owner := s.user("ada@example.com"), s.user("owner@example.com")
	list, err := s.Read().Emails(ctx, squatter)
	s.ok(err)
	s.token("theirs", store.OneTimeToken{Purpose: store.TokenVerifyEmail, UserID: squatter, EmailID: list[0].ID, Address: "ada@example.com"})
	_, cred, err := s.Read().UserWithCredential(ctx, squatter)
	s.ok(err)
	s.ok(s.do(func(c *store.Conn) error { return c.SetPassword(ctx, cred, secret.StoredHash("theirs")) }))
	sessions := map[watchword.UserID]watchword.Session{squatter: s.session(squatter, watchword.Claims{}), owner: s.session(owner, watchword.Claims{})}
	claim := watchword.Email{UserID: owner, Address: "ada@example.com"}
	claim.ID = s.email(claim)
	s.ok(s.verify(claim))
	for user, session := range sessions {
		if row, err := s.Read().Session(ctx, session.ID); err != nil || row.RevokedAt.IsZero() != (user == owner) {
			s.Errorf("the session of %s: %+v (%v)", user, row, err)
		}
	}
	if _, now, err := s.Read().UserWithCredential(ctx, squatter); err != nil || !now.Hash.IsZero() || now.PasswordVersion <= cred.PasswordVersion+1 {
		s.Errorf("the squatter's password: %+v (%v)", now, err)
	}
	if e := s.emailNow(list[0].ID); e.Exclusive || e.Verified() || !e.Primary {
		s.Errorf("the squatter's: %+v", e)
	}
	if t := s.tokenNow("theirs"); t.VoidedAt.IsZero() {
		s.Error("their link lives")
	}
	if holder, err := s.Read().UserByAddress(ctx, "ada@example.com"); err != nil || holder != owner {
		s.Errorf("%s has it (%v)", holder, err)
	}
	s.is(s.verify(list[0]), store.ErrDuplicate)
	if cred, err := s.Read().CredentialFor(ctx, "ada@example.com"); err != nil || cred.UserID != owner || cred.EmailID != claim.ID || !cred.EmailVerified {
		s.Errorf("got %+v (%v)", cred, err)
	}
}

func checkVerifyRace(s *subject) {
	rivals := []watchword.Email{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		e := watchword.Email{UserID: s.user(name + "@example.com"), Address: "ada@example.com"}
		e.ID = s.email(e)
		rivals = append(rivals, e)
	}
	squatter := s.user("ada@example.com")
	list, err := s.Read().Emails(s.Context(), squatter)
	s.ok(err)
	rivals = append(rivals, list[0])
	outcomes := make([]error, len(rivals))
	done := make(chan struct{})
	for n, e := range rivals {
		go func() {
			outcomes[n] = s.verify(e)
			done <- struct{}{}
		}()
	}
	for range rivals {
		<-done
	}
	won := 0
	for n, err := range outcomes {
		e := s.emailNow(rivals[n].ID)
		if e.Verified() != (err == nil) || e.Exclusive && err != nil {
			s.Errorf("got %v, but it is %+v", err, e)
		}
		if err == nil {
			won++
		} else if !errors.Is(err, store.ErrDuplicate) {
			s.Error(err)
		}
	}
	if won != 1 {
		s.Errorf("%d won", won)
	}
}

func checkMakePrimary(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	second := s.email(watchword.Email{UserID: ada, Address: "second@example.com", Exclusive: true, VerifiedAt: s.now()})
	make1 := func(user watchword.UserID, id watchword.EmailID) error {
		return s.Tx(ctx, func(c *store.Conn) error { return c.MakePrimary(ctx, user, id) })
	}
	for range 2 { // again changes nothing
		s.ok(make1(ada, second))
		if u, err := s.Read().User(ctx, ada); err != nil || u.Email != "second@example.com" || !u.EmailVerified {
			s.Errorf("got %+v (%v)", u, err)
		}
	}
	s.is(make1(eve, second), store.ErrNotFound)
	s.is(make1(ada, "eml_none"), store.ErrNotFound)
	for user, want := range map[watchword.UserID]string{ada: "second@example.com", eve: "eve@example.com"} {
		if u, err := s.Read().User(ctx, user); err != nil || u.Email != want {
			s.Errorf("got %q (%v), want %q", u.Email, err, want)
		}
	}
}

func checkDeleteEmails(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	var claims []watchword.EmailID
	for _, address := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		claims = append(claims, s.email(watchword.Email{UserID: ada, Address: address}))
	}
	s.is(s.do(func(c *store.Conn) error { return c.DeleteEmail(ctx, eve, claims[0]) }), store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteEmail(ctx, ada, claims[0]) }))
	s.is(s.do(func(c *store.Conn) error { return c.DeleteEmail(ctx, ada, claims[0]) }), store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteOtherEmails(ctx, ada, claims[1]) }))
	for user, want := range map[watchword.UserID]string{ada: "b@example.com", eve: "eve@example.com"} {
		if list, err := s.Read().Emails(ctx, user); err != nil || len(list) != 1 || list[0].Address != want {
			s.Errorf("got %+v (%v), want %q", list, err, want)
		}
	}
}

func checkReplacePassword(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	version := func() int64 {
		_, cred, err := s.Read().UserWithCredential(ctx, ada)
		s.ok(err)
		return cred.PasswordVersion
	}
	before := version()
	s.ok(s.do(func(c *store.Conn) error { return c.ResetPassword(ctx, ada, secret.StoredHash("$new$")) }))
	if u, cred, err := s.Read().UserWithCredential(ctx, ada); err != nil || !u.HasPassword || cred.Hash.Reveal() != "$new$" || cred.PasswordVersion != before+1 {
		s.Errorf("version %d after %d (%v)", cred.PasswordVersion, before, err)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.ClearPassword(ctx, ada) }))
	if u, err := s.Read().User(ctx, ada); err != nil || u.HasPassword || version() != before+2 {
		s.Errorf("version %d after %d: %+v (%v)", version(), before, u, err)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, ada, watchword.UserDisabled) }))
	s.is(s.do(func(c *store.Conn) error { return c.ResetPassword(ctx, ada, secret.StoredHash("$x$")) }), store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.ClearPassword(ctx, ada) })) // a wipe spares nobody
	if version() != before+3 {
		s.Error("sign-ins under way go on")
	}
	for _, act := range []func(*store.Conn) error{
		func(c *store.Conn) error { return c.ResetPassword(ctx, "usr_nobody", secret.StoredHash("$x$")) },
		func(c *store.Conn) error { return c.ClearPassword(ctx, "usr_nobody") },
	} {
		s.is(s.do(act), store.ErrNotFound)
	}
}

func checkVoidedUse(s *subject) {
	ada := s.user("ada@example.com")
	s.token("t", store.OneTimeToken{UserID: ada, LoginID: "lgn_t"})
	s.ok(s.do(func(c *store.Conn) error { return c.VoidTokens(s.Context(), ada) }))
	s.is(s.useToken("t", store.TokenMagicLink), store.ErrNotFound)
	_, err := s.try("lgn_t")
	s.is(err, store.ErrNotFound)
	first := s.tokenNow("t").VoidedAt
	s.clock.Advance(time.Second)
	s.ok(s.do(func(c *store.Conn) error { return c.VoidTokens(s.Context(), ada) }))
	if t := s.tokenNow("t"); !t.VoidedAt.Equal(first) || t.Live(s.now()) {
		s.Errorf("got %+v", t)
	}
}
