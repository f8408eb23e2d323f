package storetest

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchword"
	"watchword/internal/store"
)

var adminChecks = map[string]func(*subject){
	"users are listed whole, newest first, by status":    checkUserPages,
	"users are found by the beginning of an address":     checkUsersByAddress,
	"users are found by the beginning of their name":     checkUsersByName,
	"a user is found once":                               checkUserFoundOnce,
	"a search goes on where its page ended":              checkSearchPages,
	"records of users are read whole, in the order":      checkUserRecords,
	"every change of a user moves their revision on":     checkUserRevisions,
	"users to be deleted are found when it is time":      checkUsersToDelete,
	"accounts are found by slug and by name":             checkAccountSearch,
	"accounts are listed whole, newest first":            checkAccountPages,
	"all live sessions are listed, newest first":         checkAllSessions,
	"invites are listed by account and status":           checkInviteFilter,
	"an heir is an admin before others, then the oldest": checkHeir,
	"an idempotency key is recorded once while it lives": checkIdempotencyKey,
}

// named makes a user with this name, and a primary address that is claimed or not.
func (s *subject) named(name, address string, exclusive bool) watchword.UserID {
	s.Helper()
	s.clock.Advance(time.Second)
	id, err := wrote(s, func(c *store.Conn) (watchword.UserID, error) {
		return c.InsertUser(s.Context(), store.NewUser{Name: name})
	})
	s.ok(err)
	if address != "" {
		s.email(watchword.Email{UserID: id, Address: address, Primary: true, Exclusive: exclusive})
	}
	return id
}

func (s *subject) disable(id watchword.UserID) {
	s.Helper()
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(s.Context(), id, watchword.UserDisabled) }))
}

func checkUserPages(s *subject) {
	var all, disabled, active []string
	for i := range 7 {
		id := s.named("", fmt.Sprintf("user%d@example.com", i), true)
		all = append([]string{string(id)}, all...)
		if i%3 == 0 {
			s.disable(id)
			disabled = append([]string{string(id)}, disabled...)
		} else {
			active = append([]string{string(id)}, active...)
		}
	}
	for status, want := range map[watchword.UserStatus][]string{"": all, watchword.UserDisabled: disabled, watchword.UserActive: active} {
		got := turned(s, 2, func(p watchword.Page) ([]watchword.UserID, string, error) {
			return s.Read().UserIDs(s.Context(), status, p)
		},
			func(id watchword.UserID) string { return string(id) })
		if !slices.Equal(got, want) {
			s.Errorf("%q: got %v, want %v", status, got, want)
		}
	}
}

// found are the users of a way to search, by their names.
func (s *subject) found(list []store.FoundUser, _ store.Hit, err error) (names []string) {
	s.Helper()
	s.ok(err)
	for _, one := range list {
		user, err := s.Read().User(s.Context(), one.UserID)
		s.ok(err)
		names = append(names, user.Name)
	}
	return names
}

func (s *subject) finds(what string, got []string, want ...string) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func checkUsersByAddress(s *subject) {
	ctx := s.Context()
	s.named("zoe", "zoe@example.com", true)
	s.named("ada2", "ada@example.org", true)
	s.named("ada1", "ada@example.com", true)
	s.disable(s.named("adam", "adam@example.com", true))
	s.named("claims", "adc@example.com", false)
	for text, want := range map[string][]string{
		"ad": {"ada1", "ada2", "adam"}, "ada@": {"ada1", "ada2"}, "ada@example.org": {"ada2"}, "adb": nil, "%": nil, "_da": nil, "zoe@example.com": {"zoe"},
	} {
		s.finds(text, s.found(s.Read().UsersByAddress(ctx, store.Search{Text: text, Limit: 9}, "")), want...)
	}
	s.finds("disabled", s.found(s.Read().UsersByAddress(ctx, store.Search{Text: "ad", Limit: 9}, watchword.UserDisabled)), "adam")
	s.finds("active", s.found(s.Read().UsersByAddress(ctx, store.Search{Text: "ad", Limit: 9}, watchword.UserActive)), "ada1", "ada2")
	s.finds("claims", s.found(s.Read().UsersByClaim(ctx, store.Search{Text: "ad", Limit: 9}, "")), "claims")
}

func checkUsersByName(s *subject) {
	ctx := s.Context()
	for _, name := range []string{"Zoë", "ÉLODIE Dupont", "Ada King", "ada lovelace", "Ａｄａ wide", "Straße", "", strings.Repeat("ﷺ", 200)} {
		s.named(name, "", false)
	}
	for text, want := range map[string][]string{
		"ADA": {"Ada King", "ada lovelace", "Ａｄａ wide"}, "ada k": {"Ada King"}, "élo": {"ÉLODIE Dupont"}, "strass": {"Straße"}, "zoe": nil, "king": nil,
	} {
		search := store.Search{Text: store.NameKey(text), Limit: 9}
		s.finds(text, s.found(s.Read().UsersByName(ctx, search, "nobody@example.com", "")), want...)
	}
	changed := s.named("Before", "", false)
	user, err := s.Read().User(ctx, changed)
	s.ok(err)
	user.Name = "Afterwards"
	s.ok(s.do(func(c *store.Conn) error { return c.SaveProfile(ctx, user) }))
	s.finds("renamed", s.found(s.Read().UsersByName(ctx, store.Search{Text: "after", Limit: 9}, "nobody@", "")), "Afterwards")
	user.Name = "Later"
	s.ok(s.do(func(c *store.Conn) error { return c.SaveUser(ctx, user) }))
	s.finds("renamed again", s.found(s.Read().UsersByName(ctx, store.Search{Text: "later", Limit: 9}, "nobody@", "")), "Later")
}

func checkUserFoundOnce(s *subject) {
	ctx := s.Context()
	id := s.named("ada", "ada@example.com", true)
	s.email(watchword.Email{UserID: id, Address: "ada@example.org", Exclusive: true, VerifiedAt: s.now()})
	s.email(watchword.Email{UserID: id, Address: "ada@example.net"})
	other := s.named("adb", "adb@example.com", false)
	s.email(watchword.Email{UserID: other, Address: "adb@example.net"})
	search := store.Search{Text: "ad", Limit: 9}
	s.finds("by address", s.found(s.Read().UsersByAddress(ctx, search, "")), "ada")
	s.finds("by claim", s.found(s.Read().UsersByClaim(ctx, search, "")), "adb")
	s.finds("by name", s.found(s.Read().UsersByName(ctx, search, "ad", "")))
	s.finds("by another address", s.found(s.Read().UsersByAddress(ctx, store.Search{Text: "ada@example.org", Limit: 9}, "")), "ada")
	s.finds("by name alone", s.found(s.Read().UsersByName(ctx, search, "ad@", "")), "ada", "adb")
}

func checkSearchPages(s *subject) {
	ctx := s.Context()
	for i := range 5 {
		s.named("same name", fmt.Sprintf("p%d@example.com", i), true)
	}
	for range 3 { // several may claim one address
		s.named("same name", "pc@example.com", false)
	}
	for what, way := range map[string]struct {
		find func(store.Search) ([]store.FoundUser, store.Hit, error)
		want int
	}{
		"address": {func(q store.Search) ([]store.FoundUser, store.Hit, error) { return s.Read().UsersByAddress(ctx, q, "") }, 5},
		"claim":   {func(q store.Search) ([]store.FoundUser, store.Hit, error) { return s.Read().UsersByClaim(ctx, q, "") }, 3},
		"name": {func(q store.Search) ([]store.FoundUser, store.Hit, error) {
			q.Text = "same"
			return s.Read().UsersByName(ctx, q, "nobody@", "")
		}, 8},
	} {
		seen := map[watchword.UserID]bool{}
		search := store.Search{Text: "p", Limit: 2}
		for {
			list, _, err := way.find(search)
			s.ok(err)
			for _, one := range list {
				if seen[one.UserID] {
					s.Errorf("by %s: %s is found twice", what, one.UserID)
				}
				seen[one.UserID] = true
				search.After = one.Hit
			}
			if len(list) < search.Limit {
				break
			}
		}
		if len(seen) != way.want {
			s.Errorf("by %s: %d of %d", what, len(seen), way.want)
		}
	}
}

func checkUserRecords(s *subject) {
	ctx := s.Context()
	ada, bob := s.user("ada@example.com"), s.user("bob@example.com")
	s.clock.Advance(time.Second)
	second := s.email(watchword.Email{UserID: ada, Address: "second@example.com"})
	s.account("engines", ada)
	identity := watchword.Identity{UserID: bob, Provider: "acme", Issuer: "https://acme.example", Subject: "7", Email: "bob@acme.example"}
	_, err := wrote(s, func(c *store.Conn) (watchword.IdentityID, error) { return c.InsertIdentity(ctx, identity) })
	s.ok(err)
	user, err := s.Read().User(ctx, ada)
	s.ok(err)
	user.Picture, user.Locale, user.Metadata, user.AdminMetadata = "https://example.com/a.png", "en", `{"a":1}`, `{"plan":"pro"}`
	s.ok(s.do(func(c *store.Conn) error { return c.SaveUser(ctx, user) }))
	list, err := s.Read().UserRecords(ctx, []watchword.UserID{bob, watchword.NewID[watchword.UserID](s.now(), rand.Reader), "usr_x", ada})
	s.ok(err)
	if len(list) != 2 || list[0].ID != bob || list[1].ID != ada {
		s.Fatalf("got %+v", list)
	}
	want, err := s.Read().User(ctx, ada)
	s.ok(err)
	if got := list[1]; got.User != want || got.AdminMetadata != `{"plan":"pro"}` || got.Email != "ada@example.com" || len(got.Emails) != 2 || got.Emails[1].ID != second ||
		len(got.Memberships) != 1 || got.Memberships[0].Account.Slug != "engines" || len(got.Identities) != 0 {
		s.Errorf("got %+v, want %+v", got, want)
	}
	if got := list[0]; len(got.Emails) != 1 || len(got.Memberships) != 0 || len(got.Identities) != 1 || got.Identities[0].Subject != "7" {
		s.Errorf("got %+v", got)
	}
	_, err = s.Read().UserRecord(ctx, "usr_x")
	s.is(err, store.ErrNotFound)
}

// Also while the clock stands still.
func checkUserRevisions(s *subject) {
	ctx := s.Context()
	id := s.user("ada@example.com")
	last := s.now()
	for name, change := range map[string]func(*store.Conn) error{
		"profile":        func(c *store.Conn) error { return c.SaveProfile(ctx, watchword.User{ID: id}) },
		"user":           func(c *store.Conn) error { return c.SaveUser(ctx, watchword.User{ID: id}) },
		"password":       func(c *store.Conn) error { return c.ReplacePassword(ctx, id, noHash) },
		"reset":          func(c *store.Conn) error { return c.ResetPassword(ctx, id, noHash) },
		"cleared":        func(c *store.Conn) error { return c.ClearPassword(ctx, id) },
		"administrator":  func(c *store.Conn) error { return c.GrantAdministrator(ctx, id) },
		"what is theirs": func(c *store.Conn) error { return c.TouchUser(ctx, id) },
		"to be deleted":  func(c *store.Conn) error { return c.ScheduleDeletion(ctx, id, s.now()) },
		"enabled": func(c *store.Conn) error {
			_ = c.ScheduleDeletion(ctx, id, s.now())
			return c.SetStatus(ctx, id, watchword.UserActive)
		},
	} {
		_ = s.do(func(c *store.Conn) error { return c.SetStatus(ctx, id, watchword.UserActive) })
		s.ok(s.Tx(ctx, change))
		user, err := s.Read().User(ctx, id)
		s.ok(err)
		if !user.UpdatedAt.After(last) || user.Revision() == watchword.RevisionOf(last) {
			s.Errorf("%s: from %v to %v", name, last, user.UpdatedAt)
		}
		last = user.UpdatedAt
	}
	account := s.account("engines", id)
	for range 2 {
		before, err := s.Read().Account(ctx, account)
		s.ok(err)
		s.ok(s.do(func(c *store.Conn) error { return c.RenameAccount(ctx, account, "Another") }))
		after, err := s.Read().Account(ctx, account)
		s.ok(err)
		if !after.UpdatedAt.After(before.UpdatedAt) {
			s.Errorf("account: from %v to %v", before.UpdatedAt, after.UpdatedAt)
		}
	}
	s.is(s.do(func(c *store.Conn) error { return c.TouchUser(ctx, "usr_x") }), store.ErrNotFound)
}

func checkUsersToDelete(s *subject) {
	ctx := s.Context()
	later, sooner, never := s.user("later@example.com"), s.user("sooner@example.com"), s.user("never@example.com")
	for id, in := range map[watchword.UserID]time.Duration{later: 2 * time.Hour, sooner: time.Hour, never: time.Hour} {
		s.ok(s.do(func(c *store.Conn) error { return c.ScheduleDeletion(ctx, id, s.now().Add(in)) }))
	}
	s.ok(s.do(func(c *store.Conn) error { return c.SetStatus(ctx, never, watchword.UserActive) }))
	if user, err := s.Read().User(ctx, never); err != nil || !user.DeleteAt.IsZero() || user.Status != watchword.UserActive {
		s.Errorf("got %+v (%v)", user, err)
	}
	if user, err := s.Read().User(ctx, later); err != nil || !user.DeleteAt.Equal(s.now().Add(2*time.Hour)) || user.Status != watchword.UserDisabled {
		s.Errorf("got %+v (%v)", user, err)
	}
	for _, step := range []struct {
		after time.Duration
		want  []watchword.UserID
	}{{0, nil}, {time.Hour, []watchword.UserID{sooner}}, {time.Hour, []watchword.UserID{sooner, later}}} {
		s.clock.Advance(step.after)
		if got, err := s.Read().UsersToDelete(ctx, 9); err != nil || !slices.Equal(got, step.want) {
			s.Errorf("got %v (%v), want %v", got, err, step.want)
		}
	}
}
