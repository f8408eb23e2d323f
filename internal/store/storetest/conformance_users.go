package storetest

import (
	"reflect"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

var userChecks = map[string]func(*subject){
	"a user is read as written":            checkUserRoundTrip,
	"the guard of a session start":         checkSessionGuard,
	"a password is changed once":           checkSetPassword,
	"a rehash never replaces a newer hash": checkRehash,
	"status and flag change once":          checkUserFlags,
	"a deleted user takes what is theirs":  checkDeleteUser,
	"the ways in of who holds an address":  checkWaysIn,
}

func checkUserRoundTrip(s *subject) {
	ctx := s.Context()
	id, err := wrote(s, func(c *store.Conn) (watchword.UserID, error) {
		return c.InsertUser(ctx, store.NewUser{
			Name: "Ada ‖ Lovelace 👩‍💻", Locale: "en-GB", PasswordHash: secret.StoredHash("$hash$"),
		})
	})
	s.ok(err)
	u, cred, err := s.Read().UserWithCredential(ctx, id)
	s.ok(err)
	want := watchword.User{
		ID: id, Status: watchword.UserActive, Name: "Ada ‖ Lovelace 👩‍💻", Locale: "en-GB",
		Metadata: "{}", AdminMetadata: "{}", HasPassword: true, CreatedAt: s.now(), UpdatedAt: s.now(),
	}
	if u != want {
		s.Errorf("got  %+v\nwant %+v", u, want)
	}
	if cred.Hash.Reveal() != "$hash$" || cred.PasswordVersion != store.FirstPasswordVersion || cred.UserID != id || cred.EmailVerified {
		s.Errorf("credential: %+v", cred)
	}

	u.Name, u.Picture, u.Locale, u.Metadata = "Ada", "https://example.com/a.png", "de", `{"theme":"dark"}`
	s.ok(s.do(func(c *store.Conn) error { return c.SaveProfile(ctx, u) }))
	u.UpdatedAt = s.now().Add(time.Microsecond) // the clock stands still
	if again, err := s.Read().User(ctx, id); err != nil || again != u {
		s.Errorf("got  %+v (%v)\nwant %+v", again, err, u)
	}

	const nobody = watchword.UserID("usr_nobody")
	_, err = s.Read().User(ctx, nobody)
	s.is(err, store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.SaveProfile(ctx, watchword.User{ID: nobody}) }), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.LockUser(ctx, nobody) }), store.ErrNotFound)
}

func checkWaysIn(s *subject) {
	ctx := s.Context()
	ways := func(address string, want store.WaysIn) {
		s.Helper()
		if got, err := s.Read().WaysInOf(ctx, address); err != nil || !reflect.DeepEqual(got, want) {
			s.Errorf("%s: got %+v (%v), want %+v", address, got, err, want)
		}
	}
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	ways("ada@example.com", store.WaysIn{})
	cred, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	s.ok(s.do(func(c *store.Conn) error { return c.SetPassword(ctx, cred, secret.StoredHash("$hash$")) }))
	ways("ada@example.com", store.WaysIn{HasPassword: true})
	for _, subject := range []string{"1", "2"} {
		_, err := wrote(s, func(c *store.Conn) (watchword.IdentityID, error) {
			return c.InsertIdentity(ctx, watchword.Identity{UserID: ada, Provider: "google", Issuer: "https://idp.example", Subject: subject})
		})
		s.ok(err)
	}
	ways("ada@example.com", store.WaysIn{HasPassword: true, Providers: []string{"google", "google"}})
	ways("eve@example.com", store.WaysIn{})

	// A second address that is theirs leads to the same; one that is claimed, to nobody.
	s.email(watchword.Email{UserID: ada, Address: "second@example.com", Exclusive: true, VerifiedAt: s.now()})
	ways("second@example.com", store.WaysIn{HasPassword: true, Providers: []string{"google", "google"}})
	s.email(watchword.Email{UserID: eve, Address: "claim@example.com"})
	for _, address := range []string{"claim@example.com", "nobody@example.com"} {
		_, err := s.Read().WaysInOf(ctx, address)
		s.is(err, store.ErrNotFound)
	}
}

func checkSessionGuard(s *subject) {
	ctx := s.Context()
	id := s.user("ada@example.com")
	cred, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	last, err := wrote(s, func(c *store.Conn) (watchword.AccountID, error) { return c.BeginSession(ctx, cred) })
	s.ok(err)
	if last != "" {
		s.Errorf("the last account of a new user is %q", last)
	}
	if u, err := s.Read().User(ctx, id); err != nil || !u.LastSignInAt.Equal(s.now()) {
		s.Errorf("last sign-in at %v (%v), want %v", u.LastSignInAt, err, s.now())
	}

	account := s.account("ada", id)
	s.ok(s.do(func(c *store.Conn) error { return c.SetLastAccount(ctx, id, account) }))
	if last, err = wrote(s, func(c *store.Conn) (watchword.AccountID, error) { return c.BeginSession(ctx, cred) }); err != nil || last != account {
		s.Errorf("got the last account %q (%v), want %q", last, err, account)
	}

	older := cred
	older.PasswordVersion--
	_, err = wrote(s, func(c *store.Conn) (watchword.AccountID, error) { return c.BeginSession(ctx, older) })
	s.is(err, store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, id, watchword.UserDisabled) }))
	_, err = wrote(s, func(c *store.Conn) (watchword.AccountID, error) { return c.BeginSession(ctx, cred) })
	s.is(err, store.ErrNotFound)
}

func checkSetPassword(s *subject) {
	ctx := s.Context()
	id := s.user("ada@example.com")
	cred, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	if !cred.Hash.IsZero() {
		s.Error("a user without a password has a hash")
	}
	s.ok(s.do(func(c *store.Conn) error { return c.SetPassword(ctx, cred, secret.StoredHash("$first$")) }))
	s.is(s.do(func(c *store.Conn) error { return c.SetPassword(ctx, cred, secret.StoredHash("$second$")) }), store.ErrNotFound)
	_, err = wrote(s, func(c *store.Conn) (watchword.AccountID, error) { return c.BeginSession(ctx, cred) })
	s.is(err, store.ErrNotFound)

	after, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	if after.Hash.Reveal() != "$first$" || after.PasswordVersion != cred.PasswordVersion+1 {
		s.Errorf("credential: version %d", after.PasswordVersion)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, id, watchword.UserDisabled) }))
	s.is(s.do(func(c *store.Conn) error { return c.SetPassword(ctx, after, secret.StoredHash("$third$")) }), store.ErrNotFound)
}

func checkRehash(s *subject) {
	ctx := s.Context()
	s.user("ada@example.com")
	before, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	imported, better := secret.StoredHash("$imported$"), secret.StoredHash("$better$")
	s.ok(s.do(func(c *store.Conn) error { return c.SetPassword(ctx, before, imported) }))
	s.is(s.do(func(c *store.Conn) error {
		return c.Rehash(ctx, before.UserID, secret.StoredHash("$another$"), better)
	}), store.ErrNotFound)
	if now, err := s.Read().CredentialFor(ctx, "ada@example.com"); err != nil || now.Hash.Reveal() != imported.Reveal() {
		s.Error("a rehash replaced the hash of another password")
	}
	s.ok(s.do(func(c *store.Conn) error { return c.Rehash(ctx, before.UserID, imported, better) }))
	now, err := s.Read().CredentialFor(ctx, "ada@example.com")
	s.ok(err)
	if now.Hash.Reveal() != better.Reveal() || now.PasswordVersion != before.PasswordVersion+1 {
		s.Error("a rehash must replace its own hash, and is no change of password")
	}
}

func checkUserFlags(s *subject) {
	ctx := s.Context()
	id := s.user("ada@example.com")
	s.is(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, id, watchword.UserActive) }), store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, id, watchword.UserDisabled) }))
	s.is(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, id, watchword.UserDisabled) }), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.SaveProfile(ctx, watchword.User{ID: id, Metadata: "{}"}) }), store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, "usr_nobody", watchword.UserDisabled) }), store.ErrNotFound)

	s.ok(s.do(func(c *store.Conn) error { return c.GrantAdministrator(ctx, id) }))
	s.is(s.do(func(c *store.Conn) error { return c.GrantAdministrator(ctx, id) }), store.ErrNotFound)
	u, err := s.Read().User(ctx, id)
	s.ok(err)
	if u.Status != watchword.UserDisabled || !u.Administrator {
		s.Errorf("got %+v", u)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeAdministrator(ctx, id) }))
	s.is(s.do(func(c *store.Conn) error { return c.RevokeAdministrator(ctx, id) }), store.ErrNotFound)
}

func checkDeleteUser(s *subject) {
	ctx := s.Context()
	id := s.user("ada@example.com")
	account := s.account("ada", id)
	row := s.session(id, watchword.Claims{AccountID: account, Role: watchword.RoleOwner, Email: "ada@example.com"})
	s.ok(s.do(func(c *store.Conn) error {
		return c.InsertOneTimeToken(ctx, store.OneTimeToken{
			Digest: []byte("digest"), Purpose: store.TokenVerifyEmail, UserID: id, ExpiresAt: s.now().Add(fullLife),
		})
	}))
	s.ok(s.do(func(c *store.Conn) error {
		return c.InsertEvent(ctx, watchword.Event{Type: watchword.EventUserCreated, UserID: id})
	}))

	s.ok(s.do(func(c *store.Conn) error { return c.DeleteUser(ctx, id) }))
	s.is(s.do(func(c *store.Conn) error { return c.DeleteUser(ctx, id) }), store.ErrNotFound)
	_, err := s.Read().Session(ctx, row.ID)
	s.is(err, store.ErrNotFound)
	_, err = s.Read().UserByAddress(ctx, "ada@example.com")
	s.is(err, store.ErrNotFound)
	_, err = s.Read().Membership(ctx, id, account)
	s.is(err, store.ErrNotFound)
	left := watchword.Account{ID: s.Read().NewAccountID(), Slug: "ada"}
	s.is(s.do(func(c *store.Conn) error { return c.InsertAccount(ctx, left) }), store.ErrDuplicate)
	if events, _, err := s.Read().Events(ctx, watchword.EventFilter{UserID: id}, watchword.Page{Limit: 9}); err != nil || len(events) != 1 {
		s.Errorf("%d events (%v) outlived their user, want 1", len(events), err)
	}
	s.user("ada@example.com") // the address is free again
}
