package storetest

import (
	"watchword"
	"watchword/internal/store"
)

var addressChecks = map[string]func(*subject){
	"an exclusive address has one owner":    checkExclusiveAddress,
	"an added address is a mere claim":      checkAddedAddress,
	"a user has one primary address":        checkPrimaryAddress,
	"an address needs its user":             checkAddressOfNobody,
	"a taken address leaves Tx as it was":   checkTakenAddressInTx,
	"of parallel owners of an address: one": checkAddressRace,
}

func checkExclusiveAddress(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	id, err := wrote(s, func(c *store.Conn) (watchword.UserID, error) { return c.InsertUser(ctx, store.NewUser{Name: "Eve"}) })
	s.ok(err)
	_, err = wrote(s, func(c *store.Conn) (watchword.EmailID, error) {
		return c.InsertEmail(ctx, watchword.Email{UserID: id, Address: "ada@example.com", Exclusive: true})
	})
	s.is(err, store.ErrDuplicate)
	if owner, err := s.Read().UserByAddress(ctx, "ada@example.com"); err != nil || owner != ada {
		s.Errorf("the owner is %q (%v), want %q", owner, err, ada)
	}
	_, err = s.Read().UserByAddress(ctx, "eve@example.com")
	s.is(err, store.ErrNotFound)
	_, err = s.Read().CredentialFor(ctx, "eve@example.com")
	s.is(err, store.ErrNotFound)

	s.email(watchword.Email{UserID: id, Address: "eve@example.com", Primary: true, Exclusive: true, VerifiedAt: s.now()})
	u, cred, err := s.Read().UserWithCredential(ctx, id)
	s.ok(err)
	if u.Email != "eve@example.com" || !u.EmailVerified || !cred.EmailVerified {
		s.Errorf("got %+v", u)
	}
}

func checkAddedAddress(s *subject) {
	ctx := s.Context()
	eve, mallory := s.user("eve@example.com"), s.user("mallory@example.com")
	for _, user := range []watchword.UserID{eve, mallory} { // claimed by two, owned by none
		s.email(watchword.Email{UserID: user, Address: "ada@example.com"})
	}
	_, err := s.Read().UserByAddress(ctx, "ada@example.com")
	s.is(err, store.ErrNotFound)
	_, err = s.Read().CredentialFor(ctx, "ada@example.com")
	s.is(err, store.ErrNotFound)
	ada := s.user("ada@example.com") // a claim blocks nobody
	if owner, err := s.Read().UserByAddress(ctx, "ada@example.com"); err != nil || owner != ada {
		s.Errorf("the owner is %q (%v), want %q", owner, err, ada)
	}
	_, err = wrote(s, func(c *store.Conn) (watchword.EmailID, error) {
		return c.InsertEmail(ctx, watchword.Email{UserID: eve, Address: "ada@example.com"})
	})
	s.is(err, store.ErrDuplicate) // the same claim twice
}

func checkPrimaryAddress(s *subject) {
	ada := s.user("ada@example.com")
	_, err := wrote(s, func(c *store.Conn) (watchword.EmailID, error) {
		return c.InsertEmail(s.Context(), watchword.Email{UserID: ada, Address: "lovelace@example.com", Primary: true, Exclusive: true})
	})
	s.is(err, store.ErrDuplicate)
}

func checkAddressOfNobody(s *subject) {
	_, err := wrote(s, func(c *store.Conn) (watchword.EmailID, error) {
		return c.InsertEmail(s.Context(), watchword.Email{UserID: "usr_nobody", Address: "ada@example.com", Exclusive: true})
	})
	s.is(err, store.ErrNotFound)
}

func checkTakenAddressInTx(s *subject) {
	ctx := s.Context()
	s.user("ada@example.com")
	var id watchword.UserID
	s.ok(s.Tx(ctx, func(c *store.Conn) (err error) {
		if id, err = c.InsertUser(ctx, store.NewUser{Name: "Eve"}); err != nil {
			return err
		}
		_, err = c.InsertEmail(ctx, watchword.Email{UserID: id, Address: "ada@example.com", Exclusive: true})
		s.is(err, store.ErrDuplicate)
		_, err = c.InsertEmail(ctx, watchword.Email{UserID: id, Address: "eve@example.com", Exclusive: true})
		return err
	}))
	if owner, err := s.Read().UserByAddress(ctx, "eve@example.com"); err != nil || owner != id {
		s.Errorf("the owner is %q (%v), want %q", owner, err, id)
	}
}

func checkAddressRace(s *subject) {
	ctx := s.Context()
	const rivals = 20
	outcomes := make(chan error, rivals)
	for range rivals {
		go func() {
			outcomes <- s.Tx(ctx, func(c *store.Conn) error {
				id, err := c.InsertUser(ctx, store.NewUser{Name: "Rival"})
				if err != nil {
					return err
				}
				_, err = c.InsertEmail(ctx, watchword.Email{UserID: id, Address: "ada@example.com", Exclusive: true})
				return err
			})
		}()
	}
	winners := 0
	for range rivals {
		if err := <-outcomes; err == nil {
			winners++
		} else {
			s.is(err, store.ErrDuplicate)
		}
	}
	if winners != 1 {
		s.Errorf("%d won, want 1", winners)
	}
}
