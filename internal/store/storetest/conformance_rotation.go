package storetest

import (
	"reflect"
	"sync"
	"time"

	"watchword"
	"watchword/internal/store"
)

var rotationChecks = map[string]func(*subject){
	"a rotation advances and tells all":         checkRotation,
	"a rotation never outlives the session":     checkRotationAtTheEnd,
	"a rotation needs all to be as claimed":     checkRotationGuards,
	"a rotation needs true claims":              checkRotationClaims,
	"of parallel rotations one advances":        checkRotationRace,
	"a session without address or account goes": checkBareRotation,
}

func checkRotation(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account := s.account("engine", ada)
	row := s.session(ada, watchword.Claims{AccountID: account, Role: watchword.RoleOwner, Email: "ada@example.com"})
	s.clock.Advance(time.Hour)
	v, err := s.rotate(rotation(row))
	s.ok(err)
	want := row
	want.Generation, want.SecretKeyID, want.RotatedAt, want.IdleExpiresAt = 2, "0badcafe", s.now(), s.now().Add(idleLife)
	if !reflect.DeepEqual(v.Session, want) {
		s.Errorf("got  %+v\nwant %+v", v.Session, want)
	}
	// What the statement answers is what a second look would find.
	again, err := s.Read().Session(ctx, row.ID)
	s.ok(err)
	again.LastAccount, again.User.Administrator = v.LastAccount, v.User.Administrator // not told
	if !reflect.DeepEqual(v, again) {
		s.Errorf("rotating tells %+v\nreading tells %+v", v, again)
	}
	_, err = s.rotate(rotation(row))
	s.is(err, store.ErrNotFound)
}

func checkRotationAtTheEnd(s *subject) {
	row := s.session(s.user("ada@example.com"), watchword.Claims{Email: "ada@example.com"})
	present := rotation(row)
	for s.now().Before(row.ExpiresAt.Add(-idleLife)) {
		s.clock.Advance(idleLife - time.Microsecond)
		v, err := s.rotate(present)
		s.ok(err)
		present.Generation = v.Generation
		if v.IdleExpiresAt.After(row.ExpiresAt) || !v.ExpiresAt.Equal(row.ExpiresAt) {
			s.Fatalf("ends %v and %v, want none after %v", v.IdleExpiresAt, v.ExpiresAt, row.ExpiresAt)
		}
	}
	s.clock.Advance(row.ExpiresAt.Sub(s.now()))
	_, err := s.rotate(present)
	s.is(err, store.ErrNotFound)
}

func checkRotationGuards(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	row := s.session(ada, watchword.Claims{Email: "ada@example.com"})
	for name, spoil := range map[string]func(*store.Rotation){
		"session":        func(r *store.Rotation) { r.ID = "ses_none" },
		"generation":     func(r *store.Rotation) { r.Generation++ },
		"nonce":          func(r *store.Rotation) { r.Nonce = []byte("another nonce 16") },
		"client":         func(r *store.Rotation) { r.ClientID = "other" },
		"authentication": func(r *store.Rotation) { r.Client = store.ClientAuthenticated },
	} {
		r := rotation(row)
		spoil(&r)
		if _, err := s.rotate(r); err == nil {
			s.Errorf("rotated with a wrong %s", name)
		}
	}
	idle := rotation(row)
	s.clock.Advance(idleLife)
	_, err := s.rotate(idle)
	s.is(err, store.ErrNotFound)

	ended := s.session(ada, watchword.Claims{Email: "ada@example.com"})
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(ctx, ada, ended.ID) }))
	_, err = s.rotate(rotation(ended))
	s.is(err, store.ErrNotFound)

	live := s.session(ada, watchword.Claims{Email: "ada@example.com"})
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, ada, watchword.UserDisabled) }))
	_, err = s.rotate(rotation(live))
	s.is(err, store.ErrNotFound)

	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, ada, watchword.UserActive) }))
	unnamed := rotation(live)
	unnamed.ClientID = "" // any client's
	_, err = s.rotate(unnamed)
	s.ok(err)
}

func checkRotationClaims(s *subject) {
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	mine, theirs := s.account("engine", ada), s.account("others", eve)
	s.email(watchword.Email{UserID: ada, Address: "second@example.com", Exclusive: true, VerifiedAt: s.now()})
	for name, claims := range map[string]watchword.Claims{
		"another role":            {AccountID: mine, Role: watchword.RoleAdmin, Email: "ada@example.com"},
		"an account of others":    {AccountID: theirs, Role: watchword.RoleOwner, Email: "ada@example.com"},
		"an account that is gone": {AccountID: "acc_gone", Role: watchword.RoleOwner, Email: "ada@example.com"},
		"an address of others":    {Email: "eve@example.com"},
		"a second address":        {Email: "second@example.com", EmailVerified: true},
		"unverified as verified":  {Email: "ada@example.com", EmailVerified: true},
		"no address":              {},
	} {
		_, err := s.rotate(rotation(s.session(ada, claims)))
		if err == nil {
			s.Errorf("rotated with the claim of %s", name)
			continue
		}
		s.is(err, store.ErrNotFound)
	}
}

func checkRotationRace(s *subject) {
	ctx := s.Context()
	row := s.session(s.user("ada@example.com"), watchword.Claims{Email: "ada@example.com"})
	var wait sync.WaitGroup
	results := make(chan error, 40)
	for range cap(results) {
		wait.Go(func() {
			_, err := s.rotate(rotation(row))
			results <- err
		})
	}
	wait.Wait()
	close(results)
	advanced := 0
	for err := range results {
		if err == nil {
			advanced++
		} else {
			s.is(err, store.ErrNotFound)
		}
	}
	if v, err := s.Read().Session(ctx, row.ID); err != nil || advanced != 1 || v.Generation != 2 {
		s.Errorf("%d advanced, to generation %d (%v)", advanced, v.Generation, err)
	}
}

func checkBareRotation(s *subject) {
	ctx := s.Context()
	id, err := wrote(s, func(c *store.Conn) (watchword.UserID, error) {
		return c.InsertUser(ctx, store.NewUser{Name: "No address"})
	})
	s.ok(err)
	row := s.session(id, watchword.Claims{})
	v, err := s.rotate(rotation(row))
	s.ok(err)
	if v.User.Email != "" || v.User.EmailVerified || v.Account.ID != "" || v.User.Name != "No address" {
		s.Errorf("got %+v", v)
	}
	s.email(watchword.Email{UserID: id, Address: "late@example.com", Primary: true, Exclusive: true})
	next := rotation(row)
	next.Generation = 2
	_, err = s.rotate(next) // claims no address, and now there is one
	s.is(err, store.ErrNotFound)
}
