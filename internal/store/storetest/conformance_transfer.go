package storetest

import (
	"bytes"
	"crypto/rand"

	"watchword"
	"watchword/internal/store"
)

var transferChecks = map[string]func(*subject){
	"a row in the way lets a batch go on":                   checkImportInTheWay,
	"a row that refers to nothing is not brought in":        checkImportDangling,
	"a client is brought in with its secrets or not at all": checkImportClient,
	"a snapshot shows one moment":                           checkSnapshot,
}

func (s *subject) userRow() store.UserRow {
	return store.UserRow{
		User: watchword.User{
			ID: watchword.NewID[watchword.UserID](s.now(), rand.Reader), Status: watchword.UserActive, Name: "Ada", Metadata: "{}", AdminMetadata: "{}",
			CreatedAt: s.now(), UpdatedAt: s.now(),
		},
		PasswordVersion: 7,
	}
}

func checkImportInTheWay(s *subject) {
	ctx, one, two := s.Context(), s.userRow(), s.userRow()
	address := func(of watchword.UserID) watchword.Email {
		return watchword.Email{
			ID: watchword.NewID[watchword.EmailID](s.now(), rand.Reader), UserID: of, Address: "a@example.com", Exclusive: true, CreatedAt: s.now(),
		}
	}
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		s.ok(c.ImportUser(ctx, one))
		s.is(c.ImportUser(ctx, one), store.ErrDuplicate)
		s.ok(c.ImportUser(ctx, two))
		s.ok(c.ImportEmail(ctx, address(one.ID)))
		s.is(c.ImportEmail(ctx, address(two.ID)), store.ErrDuplicate)
		return nil
	}))
	if list, err := s.Read().UserRows(ctx, "", 10); err != nil || len(list) != 2 || list[0].PasswordVersion != 7 {
		s.Errorf("%+v, %v", list, err)
	}
	if got, err := s.Read().UserByAddress(ctx, "a@example.com"); err != nil || got != one.ID {
		s.Errorf("%s, %v", got, err)
	}
	// Whoever searches finds those who were brought in, too.
	found, _, err := s.Read().UsersByName(ctx, store.Search{Text: store.NameKey("Ad"), Limit: 10}, "\U0010ffff", "")
	if err != nil || len(found) != 2 {
		s.Errorf("found %v, %v", found, err)
	}
}

func checkImportDangling(s *subject) {
	ctx := s.Context()
	m := watchword.Membership{
		ID: watchword.NewID[watchword.MembershipID](s.now(), rand.Reader), UserID: s.userRow().ID, Role: watchword.RoleOwner, JoinedAt: s.now(),
		Account: watchword.Account{ID: watchword.NewID[watchword.AccountID](s.now(), rand.Reader)},
	}
	s.is(s.Tx(ctx, func(c *store.Conn) error { return c.ImportMembership(ctx, m) }), store.ErrNotFound)
}

func checkImportClient(s *subject) {
	ctx := s.Context()
	row := func() store.ClientRow {
		cl := store.ClientRow{Secrets: []store.ClientSecretRow{{Digest: bytes.Repeat([]byte{1}, 32), CreatedAt: s.now()}}}
		cl.ID, cl.Client.Type, cl.CreatedAt, cl.UpdatedAt = watchword.NewID[watchword.ClientID](s.now(), rand.Reader), watchword.ClientConfidential, s.now(), s.now()
		return cl
	}
	one, two := row(), row()
	s.ok(s.Tx(ctx, func(c *store.Conn) error {
		s.ok(c.ImportClient(ctx, one))
		s.is(c.ImportClient(ctx, two), store.ErrDuplicate)
		return nil
	}))
	list, err := s.Read().ClientRows(ctx, "", 10)
	if err != nil || len(list) != 1 || list[0].ID != one.ID || len(list[0].Secrets) != 1 {
		s.Errorf("%+v, %v", list, err)
	}
	if owner, err := s.Read().ClientOfSecret(ctx, one.Secrets[0].Digest); err != nil || owner != one.ID {
		s.Errorf("%s, %v", owner, err)
	}
}

func checkSnapshot(s *subject) {
	ctx := s.Context()
	s.user("a@example.com")
	seen := func(c *store.Conn) int {
		list, err := c.EmailRows(ctx, "", 10)
		s.ok(err)
		return len(list)
	}
	s.ok(s.Snapshot(ctx, func(c *store.Conn) error {
		before := seen(c)
		s.user("b@example.com") // by somebody else, meanwhile
		if after := seen(c); before != 1 || after != 1 {
			s.Errorf("%d addresses, then %d", before, after)
		}
		return nil
	}))
	if n := seen(s.Read()); n != 2 {
		s.Errorf("%d addresses, want 2", n)
	}
}
