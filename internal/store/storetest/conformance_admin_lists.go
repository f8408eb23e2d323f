package storetest

import (
	"slices"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

var noHash = secret.StoredHash("hash")

// owned makes an account of this name and slug.
func (s *subject) owned(name, slug string) watchword.AccountID {
	s.Helper()
	s.clock.Advance(time.Second)
	a := watchword.Account{ID: s.Read().NewAccountID(), Name: name, Slug: slug}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertAccount(s.Context(), a) }))
	return a.ID
}

func checkAccountSearch(s *subject) {
	ctx := s.Context()
	s.owned("Engines", "engines-1")
	s.owned("Engines", "other-2")
	s.owned("Engines", "another-3")
	s.owned("Ölmühle", "olmuhle-4")
	slugs := func(list []store.FoundAccount, _ store.Hit, err error) (slugs []string) {
		s.Helper()
		s.ok(err)
		for _, one := range list {
			slugs = append(slugs, one.Account.Slug)
		}
		return slugs
	}
	s.finds("slug", slugs(s.Read().AccountsBySlug(ctx, store.Search{Text: "engines", Limit: 9})), "engines-1")
	s.finds("name", slugs(s.Read().AccountsByName(ctx, store.Search{Text: "engines", Limit: 9}, "engines")), "other-2", "another-3")
	s.finds("folded name", slugs(s.Read().AccountsByName(ctx, store.Search{Text: store.NameKey("ÖLM"), Limit: 9}, "ölm")), "olmuhle-4")
	first, _, err := s.Read().AccountsByName(ctx, store.Search{Text: "engines", Limit: 1}, "engines")
	s.ok(err)
	s.finds("next page", slugs(s.Read().AccountsByName(ctx, store.Search{Text: "engines", After: first[0].Hit, Limit: 9}, "engines")), "another-3")
	first, _, err = s.Read().AccountsBySlug(ctx, store.Search{Text: "", Limit: 3})
	s.ok(err)
	s.finds("next page by slug", slugs(s.Read().AccountsBySlug(ctx, store.Search{Text: "", After: first[2].Hit, Limit: 9})), "other-2")
	renamed := first[0].Account
	s.ok(s.do(func(c *store.Conn) error { return c.RenameAccount(ctx, renamed.ID, "New Name") }))
	s.finds("renamed", slugs(s.Read().AccountsByName(ctx, store.Search{Text: "new", Limit: 9}, "new")), renamed.Slug)
}

func checkAccountPages(s *subject) {
	var want []string
	for _, slug := range []string{"a", "b", "c", "d", "e"} {
		want = append([]string{string(s.owned("name", slug))}, want...)
	}
	got := pages(s, 2, func(p watchword.Page) ([]watchword.Account, error) { return s.Read().Accounts(s.Context(), p) },
		func(a watchword.Account) string { return string(a.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
	one, err := s.Read().Account(s.Context(), watchword.AccountID(want[0]))
	if err != nil || one.Name != "name" || one.Slug != "e" || !one.CreatedAt.Equal(s.now()) || !one.UpdatedAt.Equal(s.now()) {
		s.Errorf("got %+v (%v)", one, err)
	}
	_, err = s.Read().Account(s.Context(), "acc_x")
	s.is(err, store.ErrNotFound)
}

func checkAllSessions(s *subject) {
	ada, bob := s.user("ada@example.com"), s.user("bob@example.com")
	account := s.account("engines", ada)
	var want []string
	for i, user := range []watchword.UserID{ada, bob, ada, bob} {
		s.clock.Advance(time.Second)
		row := s.session(user, watchword.Claims{AccountID: account})
		if i == 1 {
			s.ok(s.do(func(c *store.Conn) error { return c.RevokeSession(s.Context(), user, row.ID) }))
			continue
		}
		want = append([]string{string(row.ID)}, want...)
	}
	got := turned(s, 2, func(p watchword.Page) ([]watchword.Session, string, error) {
		return s.Read().AllSessions(s.Context(), p)
	},
		func(row watchword.Session) string { return string(row.ID) })
	if !slices.Equal(got, want) {
		s.Errorf("got %v, want %v", got, want)
	}
	list, _, err := s.Read().AllSessions(s.Context(), watchword.Page{Limit: 1})
	if err != nil || list[0].UserID != bob || list[0].Claims.AccountID != account || list[0].ClientID != "web" {
		s.Errorf("got %+v (%v)", list, err)
	}
	s.clock.Advance(idleLife)
	if list, _, err := s.Read().AllSessions(s.Context(), watchword.Page{Limit: 9}); err != nil || len(list) != 0 {
		s.Errorf("got %+v (%v)", list, err)
	}
}

func checkInviteFilter(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	one, two := s.account("one", ada), s.account("two", ada)
	ids := map[watchword.InviteStatus]watchword.InviteID{}
	for _, status := range []watchword.InviteStatus{watchword.InvitePending, watchword.InviteAccepted, watchword.InviteRevoked, watchword.InviteExpired} {
		s.clock.Advance(time.Second)
		life := time.Hour
		if status == watchword.InviteExpired {
			life = time.Minute
		}
		id, err := wrote(s, func(c *store.Conn) (watchword.InviteID, error) {
			return c.InsertInvite(ctx, watchword.Invite{Account: watchword.Account{ID: one}, Address: "x@example.com", Role: watchword.RoleMember, ExpiresAt: s.now().Add(life)})
		})
		s.ok(err)
		ids[status] = id
	}
	s.ok(s.do(func(c *store.Conn) error { return c.AcceptInvite(ctx, ids[watchword.InviteAccepted], ada) }))
	s.ok(s.do(func(c *store.Conn) error { return c.RevokeInvite(ctx, one, ids[watchword.InviteRevoked]) }))
	s.clock.Advance(time.Minute)
	for status, id := range ids {
		for account, want := range map[watchword.AccountID]int{one: 1, two: 0, "": 1} {
			list, _, err := s.Read().Invites(ctx, watchword.InviteFilter{AccountID: account, Status: status}, watchword.Page{Limit: 9})
			if err != nil || len(list) != want || want == 1 && (list[0].ID != id || list[0].Status(s.now()) != status) {
				s.Errorf("%s of %q: got %+v (%v)", status, account, list, err)
			}
		}
	}
	if list, _, err := s.Read().Invites(ctx, watchword.InviteFilter{}, watchword.Page{Limit: 9}); err != nil || len(list) != 4 {
		s.Errorf("got %+v (%v)", list, err)
	}
}

func checkHeir(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	account := s.account("engines", ada)
	owner, err := s.Read().Membership(ctx, ada, account)
	s.ok(err)
	_, err = s.Read().Heir(ctx, account, owner.ID)
	s.is(err, store.ErrNotFound)
	disable := func(c *store.Conn, id watchword.UserID) error { return c.SetStatus(ctx, id, watchword.UserDisabled) }
	remove := func(c *store.Conn, id watchword.UserID) error { return c.ScheduleDeletion(ctx, id, s.now()) }
	for _, step := range []struct {
		name string
		role watchword.Role
		put  func(*store.Conn, watchword.UserID) error
		want string
	}{
		{"goes", watchword.RoleOwner, remove, "goes"},
		{"out", watchword.RoleMember, disable, "out"},
		{"outside", watchword.RoleOwner, disable, "outside"},
		{"first", watchword.RoleMember, nil, "first"},
		{"second", watchword.RoleMember, nil, "first"},
		{"third", watchword.RoleAdmin, nil, "third"},
		{"fourth", watchword.RoleAdmin, nil, "third"},
	} {
		s.clock.Advance(time.Second)
		id := s.user(step.name + "@example.com")
		s.ok(s.do(func(c *store.Conn) error { return c.InsertMembership(ctx, account, id, step.role) }))
		if step.put != nil {
			s.ok(s.do(func(c *store.Conn) error { return step.put(c, id) }))
		}
		heir, err := s.Read().Heir(ctx, account, owner.ID)
		s.ok(err)
		user, err := s.Read().User(ctx, heir.User.ID)
		if err != nil || user.Email != step.want+"@example.com" || heir.ID == "" || heir.Role == "" {
			s.Errorf("after %s: got %+v, %s (%v)", step.name, heir, user.Email, err)
		}
	}
}

func checkIdempotencyKey(s *subject) {
	ctx := s.Context()
	key := store.IdempotencyKey{Digest: []byte("digest"), Request: []byte("request"), Resource: "usr_1", Sealed: []byte{}, ExpiresAt: s.now().Add(time.Hour)}
	insert := func(k store.IdempotencyKey) error {
		return s.do(func(c *store.Conn) error { return c.InsertIdempotencyKey(ctx, k) })
	}
	_, err := s.Read().IdempotencyKey(ctx, key.Digest)
	s.is(err, store.ErrNotFound)
	s.ok(insert(key))
	other := key
	other.Resource, other.ExpiresAt = "usr_2", s.now().Add(3*time.Hour)
	s.clock.Advance(time.Hour - time.Microsecond)
	s.is(insert(other), store.ErrDuplicate)
	if got, err := s.Read().IdempotencyKey(ctx, key.Digest); err != nil || got.Resource != "usr_1" || string(got.Request) != "request" {
		s.Errorf("got %+v (%v)", got, err)
	}
	s.clock.Advance(time.Microsecond)
	s.ok(insert(other))
	if got, err := s.Read().IdempotencyKey(ctx, key.Digest); err != nil || got.Resource != "usr_2" || !got.ExpiresAt.Equal(other.ExpiresAt) {
		s.Errorf("got %+v (%v)", got, err)
	}
}
