package storetest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/store"
)

var providerChecks = map[string]func(*subject){
	"a way to a provider is read as written":                     checkFlow,
	"a way to a provider is used once":                           checkFlowUse,
	"of parallel returns one goes on":                            checkFlowRace,
	"a way to a provider goes with its user":                     checkFlowOfUser,
	"a purge takes old ways to providers":                        checkPurgeFlows,
	"an identity is read as written":                             checkIdentity,
	"a subject is linked once":                                   checkIdentityTwice,
	"of parallel links of one subject one is made":               checkIdentityRace,
	"an identity is unlinked by its user alone":                  checkUnlink,
	"nobody's tokens go with those of a user without an address": checkAddresslessTokens,
}

func (s *subject) flow(digest string, f store.ProviderFlow) store.ProviderFlow {
	s.Helper()
	f.StateDigest, f.Provider, f.Purpose, f.Binding = []byte(digest), "forge", store.FlowSignIn, []byte("cookie")
	if f.UserID != "" {
		f.Purpose = store.FlowLink
	}
	f.ExpiresAt = s.now().Add(10 * time.Minute)
	s.ok(s.do(func(c *store.Conn) error { return c.InsertProviderFlow(s.Context(), f) }))
	return f
}

func (s *subject) useFlow(digest string) error {
	s.Helper()
	return s.do(func(c *store.Conn) error { return c.UseProviderFlow(s.Context(), []byte(digest)) })
}

func checkFlow(s *subject) {
	ada := s.user("ada@example.com")
	bare := s.flow("bare", store.ProviderFlow{})
	full := s.flow("full", store.ProviderFlow{
		SecretKeyID: "00c0ffee", UserID: ada, SessionID: "ses_1", ClientID: "web", RedirectURI: "https://app.example.com/cb", State: "s",
		CodeChallenge: "challenge", Scope: "openid", Nonce: "n", InviteDigest: []byte("invite"), Locale: "de",
	})
	for _, want := range []store.ProviderFlow{bare, full} {
		want.CreatedAt = s.now()
		got, err := s.Read().ProviderFlow(s.Context(), want.StateDigest)
		s.ok(err)
		if diff := cmp.Diff(want, got); diff != "" {
			s.Error(diff)
		}
	}
	_, err := s.Read().ProviderFlow(s.Context(), []byte("none"))
	s.is(err, store.ErrNotFound)
}

func checkFlowUse(s *subject) {
	s.flow("used", store.ProviderFlow{})
	late := s.flow("late", store.ProviderFlow{})
	s.is(s.useFlow("none"), store.ErrNotFound)
	s.ok(s.useFlow("used"))
	s.is(s.useFlow("used"), store.ErrNotFound)
	if f, err := s.Read().ProviderFlow(s.Context(), []byte("used")); err != nil || !f.UsedAt.Equal(s.now()) {
		s.Errorf("got %+v (%v)", f, err)
	}
	s.clock.Advance(late.ExpiresAt.Sub(s.now()))
	s.is(s.useFlow("late"), store.ErrNotFound)
	if f, err := s.Read().ProviderFlow(s.Context(), []byte("late")); err != nil || !f.UsedAt.IsZero() {
		s.Errorf("got %+v (%v)", f, err)
	}
}

// won counts how many of several acts at once succeed; the others must answer lost.
func (s *subject) won(times int, lost error, act func(n int) error) (won int) {
	s.Helper()
	outcomes := make([]error, times)
	var wait sync.WaitGroup
	for n := range times {
		wait.Go(func() { outcomes[n] = act(n) })
	}
	wait.Wait()
	for _, err := range outcomes {
		if err == nil {
			won++
		} else if !errors.Is(err, lost) {
			s.Error(err)
		}
	}
	return won
}

func checkFlowRace(s *subject) {
	s.flow("one", store.ProviderFlow{})
	if won := s.won(12, store.ErrNotFound, func(int) error { return s.useFlow("one") }); won != 1 {
		s.Errorf("%d went on", won)
	}
}

func checkFlowOfUser(s *subject) {
	ada := s.user("ada@example.com")
	s.flow("hers", store.ProviderFlow{UserID: ada})
	s.flow("nobody's", store.ProviderFlow{})
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteUser(s.Context(), ada) }))
	_, err := s.Read().ProviderFlow(s.Context(), []byte("hers"))
	s.is(err, store.ErrNotFound)
	_, err = s.Read().ProviderFlow(s.Context(), []byte("nobody's"))
	s.ok(err)
}

func checkPurgeFlows(s *subject) {
	for _, digest := range []string{"a", "b", "c"} {
		s.flow(digest, store.ProviderFlow{})
	}
	s.clock.Advance(time.Minute)
	young := s.flow("young", store.ProviderFlow{})
	for _, want := range []bool{true, false} {
		more, err := s.Purge(s.Context(), store.Retention{OneTime: young.ExpiresAt, BatchSize: 2})
		s.ok(err)
		if more != want {
			s.Errorf("more to purge: %v, want %v", more, want)
		}
	}
	for digest, want := range map[string]error{"a": store.ErrNotFound, "b": store.ErrNotFound, "c": store.ErrNotFound, "young": nil} {
		_, err := s.Read().ProviderFlow(s.Context(), []byte(digest))
		s.is(err, want)
	}
}

func (s *subject) link(user watchword.UserID, provider, subject string) (watchword.IdentityID, error) {
	s.Helper()
	return wrote(s, func(c *store.Conn) (watchword.IdentityID, error) {
		return c.InsertIdentity(s.Context(), watchword.Identity{
			UserID: user, Provider: provider, Issuer: "https://" + provider + ".example", Subject: subject, Email: "ada@" + provider + ".example",
		})
	})
}

func checkIdentity(s *subject) {
	ada := s.user("ada@example.com")
	var want []watchword.Identity
	for _, provider := range []string{"forge", "acme"} {
		id, err := s.link(ada, provider, "7")
		s.ok(err)
		one := watchword.Identity{
			ID: id, UserID: ada, Provider: provider, Issuer: "https://" + provider + ".example", Subject: "7",
			Email: "ada@" + provider + ".example", CreatedAt: s.now(),
		}
		want = append(want, one)
		got, err := s.Read().IdentityOf(s.Context(), one.Issuer, one.Subject)
		s.ok(err)
		if diff := cmp.Diff(one, got); diff != "" {
			s.Error(diff)
		}
		s.clock.Advance(time.Second)
	}
	got, err := s.Read().Identities(s.Context(), ada)
	s.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		s.Error(diff)
	}
	if list, err := s.Read().Identities(s.Context(), s.user("eve@example.com")); err != nil || len(list) != 0 {
		s.Errorf("got %+v (%v)", list, err)
	}
	// A subject is one of its issuer alone, to the letter.
	for _, of := range [][2]string{{"https://forge.example", "8"}, {"https://other.example", "7"}, {"https://FORGE.example", "7"}, {"https://forge.example", "7 "}} {
		_, err := s.Read().IdentityOf(s.Context(), of[0], of[1])
		s.is(err, store.ErrNotFound)
	}
}

func checkIdentityTwice(s *subject) {
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	s.ok(second(s.link(ada, "forge", "7")))
	s.ok(s.Tx(s.Context(), func(c *store.Conn) error {
		for _, user := range []watchword.UserID{ada, eve} {
			_, err := c.InsertIdentity(s.Context(), watchword.Identity{UserID: user, Provider: "renamed", Issuer: "https://forge.example", Subject: "7"})
			if !errors.Is(err, store.ErrDuplicate) {
				s.Errorf("%s: got %v", user, err)
			}
		}
		_, err := c.IdentityOf(s.Context(), "https://forge.example", "7") // the transaction goes on
		return err
	}))
	s.is(second(s.link("usr_nobody", "forge", "8")), store.ErrNotFound)
}

func second[T any](_ T, err error) error { return err }

func checkIdentityRace(s *subject) {
	var rivals []watchword.UserID
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		rivals = append(rivals, s.user(name+"@example.com"))
	}
	won := s.won(len(rivals), store.ErrDuplicate, func(n int) error { return second(s.link(rivals[n], "forge", "7")) })
	if won != 1 {
		s.Errorf("%d links were made", won)
	}
}

func checkUnlink(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	var ids []watchword.IdentityID
	for _, provider := range []string{"forge", "acme"} {
		id, err := s.link(ada, provider, "7")
		s.ok(err)
		ids = append(ids, id)
	}
	s.is(s.do(func(c *store.Conn) error { return c.DeleteIdentity(ctx, eve, ids[0]) }), store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteIdentity(ctx, ada, ids[0]) }))
	s.is(s.do(func(c *store.Conn) error { return c.DeleteIdentity(ctx, ada, ids[0]) }), store.ErrNotFound)
	list, err := s.Read().Identities(ctx, ada)
	s.ok(err)
	if !slices.EqualFunc(list, ids[1:], func(i watchword.Identity, id watchword.IdentityID) bool { return i.ID == id }) {
		s.Errorf("left: %+v", list)
	}
	s.ok(second(s.link(eve, "forge", "7"))) // it is nobody's again
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteUser(ctx, eve) }))
	_, err = s.Read().IdentityOf(ctx, "https://forge.example", "7")
	s.is(err, store.ErrNotFound)
}

func checkAddresslessTokens(s *subject) {
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	for digest, user := range map[string]watchword.UserID{"ada's": ada, "eve's": eve} {
		s.token(digest, store.OneTimeToken{Purpose: store.TokenAuthorizationCode, UserID: user, Scope: "openid", Nonce: "of the client"})
	}
	s.ok(s.do(func(c *store.Conn) error { return c.VoidTokensOf(s.Context(), store.TokenAuthorizationCode, "", ada) }))
	if hers, others := s.tokenNow("ada's"), s.tokenNow("eve's"); hers.VoidedAt.IsZero() || !others.VoidedAt.IsZero() {
		s.Errorf("hers: %+v, eve's: %+v", hers, others)
	} else if others.Scope != "openid" || others.Nonce != "of the client" {
		s.Errorf("a code is read as %+v", others)
	}
}
