package storetest

import (
	"errors"
	"reflect"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

var tokenChecks = map[string]func(*subject){
	"a token is read as written":           checkTokenRoundTrip,
	"of many uses of a token one wins":     checkTokenRace,
	"a token is of use for one purpose":    checkTokenUse,
	"tries of a code are counted first":    checkTries,
	"of many tries at once five count":     checkTryRace,
	"wrong codes are summed up":            checkWrongCodes,
	"a void takes what it names":           checkVoids,
	"a mail dies with its token":           checkDeadMails,
	"tokens go with what they are for":     checkTokensOfTheGone,
	"a token remembers its session":        checkTokenSession,
	"a login id names one token":           checkLoginID,
	"a purge leaves a token to its end":    checkPurgeToken,
	"a voided token is neither used again": checkVoidedUse,
}

// token inserts a live token, named by its digest.
func (s *subject) token(digest string, t store.OneTimeToken) store.OneTimeToken {
	s.Helper()
	t.Digest = []byte(digest)
	if t.Purpose == "" {
		t.Purpose = store.TokenMagicLink
	}
	if t.ExpiresAt.IsZero() {
		t.ExpiresAt = s.now().Add(time.Hour)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(s.Context(), t) }))
	return t
}

func (s *subject) tokenNow(digest string) store.OneTimeToken {
	s.Helper()
	t, err := s.Read().OneTimeToken(s.Context(), []byte(digest))
	s.ok(err)
	return t
}

func (s *subject) useToken(digest string, purpose store.TokenPurpose) error {
	return s.do(func(c *store.Conn) error {
		_, err := c.UseOneTimeToken(s.Context(), []byte(digest), purpose)
		return err
	})
}

func (s *subject) try(login string) (store.OneTimeToken, error) {
	return wrote(s, func(c *store.Conn) (store.OneTimeToken, error) {
		return c.TryCode(s.Context(), login, store.TokenMagicLink, 5)
	})
}

func checkTokenRoundTrip(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	list, err := s.Read().Emails(ctx, ada)
	s.ok(err)
	invite := s.pendingInvite(s.account("ada", ada), "ada@example.com")
	full := store.OneTimeToken{
		Purpose: store.TokenInvite, LoginID: "lgn_a", UserID: ada, EmailID: list[0].ID, InviteID: invite, Address: "ada@example.com",
		Reach: store.ReachMailed, ClientID: "web", Binding: []byte{0, 1, 255}, CodeMAC: []byte{255, 0}, SecretKeyID: "00c0ffee",
		Newcomers: store.NewcomersCreated, Locale: "de", RedirectURI: "https://app.example.com/?a=b", State: `"quoted" ✓`, CodeChallenge: "c",
		AMR: []watchword.AMR{watchword.AMROneTime, watchword.AMRPassword}, AccountID: "acc_a",
	}
	want := s.token("full", full)
	want.CreatedAt = s.now()
	if got := s.tokenNow("full"); !reflect.DeepEqual(got, want) {
		s.Errorf("got  %+v\nwant %+v", got, want)
	}
	s.token("bare", store.OneTimeToken{Reach: store.ReachHandedOver, Newcomers: store.NewcomersRefused})
	bare := s.tokenNow("bare")
	if bare.Reach != store.ReachHandedOver || bare.Newcomers != store.NewcomersRefused || bare.UserID != "" || bare.Binding != nil || !bare.Live(s.now()) {
		s.Errorf("got %+v", bare)
	}
	_, err = s.Read().OneTimeToken(ctx, []byte("none"))
	s.is(err, store.ErrNotFound)
	s.is(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, want) }), store.ErrDuplicate)
}

func checkTokenRace(s *subject) {
	s.token("t", store.OneTimeToken{})
	const rivals = 100
	outcomes := make(chan error, rivals)
	for range rivals {
		go func() {
			outcomes <- s.Tx(s.Context(), func(c *store.Conn) error {
				_, err := c.UseOneTimeToken(s.Context(), []byte("t"), store.TokenMagicLink)
				return err
			})
		}()
	}
	won := 0
	for range rivals {
		if err := <-outcomes; err == nil {
			won++
		} else if !errors.Is(err, store.ErrNotFound) {
			s.Error(err)
		}
	}
	if won != 1 {
		s.Errorf("%d won", won)
	}
}

func checkTokenUse(s *subject) {
	s.token("t", store.OneTimeToken{Purpose: store.TokenResetPassword})
	s.is(s.useToken("t", store.TokenMagicLink), store.ErrNotFound)
	s.is(s.useToken("none", store.TokenResetPassword), store.ErrNotFound)
	err := s.Tx(s.Context(), func(c *store.Conn) error {
		t, err := c.UseOneTimeToken(s.Context(), []byte("t"), store.TokenResetPassword)
		if !t.UsedAt.Equal(s.now()) {
			s.Errorf("used at %v", t.UsedAt)
		}
		s.ok(err)
		return errOnPurpose // its effect failed
	})
	s.is(err, errOnPurpose)
	s.ok(s.useToken("t", store.TokenResetPassword))
	s.is(s.useToken("t", store.TokenResetPassword), store.ErrNotFound)
	if t := s.tokenNow("t"); !t.UsedAt.Equal(s.now()) || t.Live(s.now()) {
		s.Errorf("got %+v", t)
	}
	s.token("late", store.OneTimeToken{})
	s.clock.Advance(time.Hour)
	s.is(s.useToken("late", store.TokenMagicLink), store.ErrNotFound) // at its very end
}

func checkTries(s *subject) {
	s.token("t", store.OneTimeToken{LoginID: "lgn_t"})
	for n := range int64(4) {
		t, err := s.try("lgn_t")
		s.ok(err)
		if t.Tries != n+1 || !t.VoidedAt.IsZero() {
			s.Errorf("try %d: %+v", n+1, t)
		}
	}
	s.is(s.useTried("t", errOnPurpose), errOnPurpose) // its effect failed: the try is not counted either
	s.ok(s.useTried("t", nil))
	if t := s.tokenNow("t"); t.Tries != 4 || !t.UsedAt.Equal(s.now()) || !t.VoidedAt.IsZero() {
		s.Errorf("right at the last try: %+v", t)
	}
	_, err := s.try("lgn_t")
	s.is(err, store.ErrNotFound)
	for _, login := range []string{"", "lgn_none"} {
		_, err := s.try(login)
		s.is(err, store.ErrNotFound)
	}
	_, err = wrote(s, func(c *store.Conn) (store.OneTimeToken, error) {
		return c.TryCode(s.Context(), "lgn_t", store.TokenInvite, 5)
	})
	s.is(err, store.ErrNotFound)
	s.token("late", store.OneTimeToken{LoginID: "lgn_late"})
	s.clock.Advance(time.Hour)
	_, err = s.try("lgn_late")
	s.is(err, store.ErrNotFound)
}

// useTried tries a code that is right.
func (s *subject) useTried(digest string, end error) error {
	return s.Tx(s.Context(), func(c *store.Conn) error {
		if _, err := c.TryCode(s.Context(), "lgn_"+digest, store.TokenMagicLink, 5); err != nil {
			return err
		}
		if err := c.UseTriedToken(s.Context(), []byte(digest)); err != nil {
			return err
		}
		if err := c.UseTriedToken(s.Context(), []byte(digest)); !errors.Is(err, store.ErrNotFound) {
			s.Errorf("used twice: %v", err)
		}
		return end
	})
}

func checkTryRace(s *subject) {
	s.token("t", store.OneTimeToken{LoginID: "lgn_t"})
	const rivals = 60
	outcomes := make(chan error, rivals)
	for range rivals {
		go func() {
			_, err := s.try("lgn_t")
			outcomes <- err
		}()
	}
	counted := 0
	for range rivals {
		if err := <-outcomes; err == nil {
			counted++
		} else if !errors.Is(err, store.ErrNotFound) {
			s.Error(err)
		}
	}
	if t := s.tokenNow("t"); counted != 5 || t.Tries != 5 || t.VoidedAt.IsZero() {
		s.Errorf("%d counted: %+v", counted, t)
	}
}

func checkWrongCodes(s *subject) {
	ctx := s.Context()
	s.token("untried", store.OneTimeToken{LoginID: "lgn_untried", Address: "ada@example.com"})
	s.clock.Advance(time.Second)
	began := s.now()
	type sums struct {
		wrong  int64
		oldest time.Time
	}
	sum := func(address string, purpose store.TokenPurpose, since time.Time) (all sums) {
		var err error
		all.wrong, all.oldest, err = s.Read().WrongCodes(ctx, address, purpose, since)
		s.ok(err)
		return all
	}
	for n := range 3 {
		login := strconv.Itoa(n)
		s.token(login, store.OneTimeToken{LoginID: "lgn_" + login, Address: "ada@example.com"})
		for range n + 1 {
			_, err := s.try("lgn_" + login)
			s.ok(err)
		}
		s.clock.Advance(time.Minute)
	}
	s.ok(s.useTried("2", nil)) // a right one is no wrong one
	for since, want := range map[time.Time]sums{
		began.Add(-time.Minute): {6, began}, began: {5, began.Add(time.Minute)}, began.Add(time.Minute): {3, began.Add(2 * time.Minute)}, began.Add(time.Hour): {},
	} {
		if got := sum("ada@example.com", store.TokenMagicLink, since); got != want {
			s.Errorf("since %v: %v, want %v", since.Sub(began), got, want)
		}
	}
	if sum("eve@example.com", store.TokenMagicLink, time.Time{}) != (sums{}) || sum("ada@example.com", store.TokenInvite, time.Time{}) != (sums{}) {
		s.Error("what is another's was counted")
	}
}

func checkVoids(s *subject) {
	ctx := s.Context()
	ada, eve := s.user("ada@example.com"), s.user("eve@example.com")
	claim := s.email(watchword.Email{UserID: ada, Address: "claim@example.com"})
	invite := s.pendingInvite(s.account("ada", ada), "ada@example.com")
	for name, void := range map[string]struct {
		act  func(c *store.Conn) error
		want string
	}{
		"a user's":             {func(c *store.Conn) error { return c.VoidTokens(ctx, ada) }, "user reset claim"},
		"nobody's":             {func(c *store.Conn) error { return c.VoidTokens(ctx, "") }, ""},
		"an address's":         {func(c *store.Conn) error { return c.VoidAddressTokens(ctx, "ada@example.com") }, "user reset early"},
		"an email's":           {func(c *store.Conn) error { return c.VoidEmailTokens(ctx, claim) }, "claim"},
		"an invite's":          {func(c *store.Conn) error { return c.VoidInviteTokens(ctx, invite) }, "invite"},
		"resets by address":    {func(c *store.Conn) error { return c.VoidTokensOf(ctx, store.TokenResetPassword, "ada@example.com", "") }, "reset"},
		"resets by user":       {func(c *store.Conn) error { return c.VoidTokensOf(ctx, store.TokenResetPassword, "x@example.com", ada) }, "reset"},
		"links by address":     {func(c *store.Conn) error { return c.VoidTokensOf(ctx, store.TokenMagicLink, "ada@example.com", "") }, "user early"},
		"a stranger's address": {func(c *store.Conn) error { return c.VoidTokensOf(ctx, store.TokenResetPassword, "x@example.com", "") }, ""},
	} {
		prefix := name + ":"
		s.token(prefix+"user", store.OneTimeToken{UserID: ada, Address: "ada@example.com"})
		s.token(prefix+"reset", store.OneTimeToken{Purpose: store.TokenResetPassword, UserID: ada, Address: "ada@example.com"})
		s.token(prefix+"claim", store.OneTimeToken{Purpose: store.TokenVerifyEmail, UserID: ada, EmailID: claim, Address: "claim@example.com"})
		s.token(prefix+"early", store.OneTimeToken{Address: "ada@example.com"})
		s.token(prefix+"invite", store.OneTimeToken{Purpose: store.TokenInvite, InviteID: invite, UserID: ada, Address: "ada@example.com"})
		s.token(prefix+"other", store.OneTimeToken{UserID: eve, Address: "eve@example.com"})
		s.token(prefix+"used", store.OneTimeToken{UserID: ada, EmailID: claim, InviteID: invite, Address: "ada@example.com"})
		s.ok(s.useToken(prefix+"used", store.TokenMagicLink))
		s.ok(s.do(void.act))
		voided := ""
		for _, which := range []string{"user", "reset", "claim", "early", "invite", "other", "used"} {
			if t := s.tokenNow(prefix + which); !t.VoidedAt.IsZero() {
				voided += " " + which
			}
		}
		if voided != "" {
			voided = voided[1:]
		}
		if voided != void.want {
			s.Errorf("%s: voided %q, want %q", name, voided, void.want)
		}
		s.ok(s.do(func(c *store.Conn) error { return c.VoidTokens(ctx, ada) })) // the next finds none of these
		s.ok(s.do(func(c *store.Conn) error { return c.VoidAddressTokens(ctx, "ada@example.com") }))
		s.ok(s.do(func(c *store.Conn) error { return c.VoidInviteTokens(ctx, invite) }))
	}
}

func checkTokensOfTheGone(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	claim := s.email(watchword.Email{UserID: ada, Address: "claim@example.com"})
	s.token("user", store.OneTimeToken{UserID: ada})
	s.token("claim", store.OneTimeToken{EmailID: claim})
	s.token("nobody", store.OneTimeToken{})
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteEmail(ctx, ada, claim) }))
	_, err := s.Read().OneTimeToken(ctx, []byte("claim"))
	s.is(err, store.ErrNotFound)
	s.ok(s.do(func(c *store.Conn) error { return c.DeleteUser(ctx, ada) }))
	_, err = s.Read().OneTimeToken(ctx, []byte("user"))
	s.is(err, store.ErrNotFound)
	s.tokenNow("nobody")
	t := store.OneTimeToken{Digest: []byte("late"), Purpose: store.TokenMagicLink, UserID: ada, ExpiresAt: s.now()}
	s.is(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, t) }), store.ErrNotFound)
}

func checkTokenSession(s *subject) {
	s.token("t", store.OneTimeToken{})
	s.ok(s.do(func(c *store.Conn) error { return c.SetTokenSession(s.Context(), []byte("t"), "ses_a") }))
	if t := s.tokenNow("t"); t.SessionID != "ses_a" {
		s.Errorf("got %+v", t)
	}
}

func checkLoginID(s *subject) {
	ctx := s.Context()
	s.token("t", store.OneTimeToken{LoginID: "lgn_t"})
	if t, err := s.Read().OneTimeTokenOfLogin(ctx, "lgn_t"); err != nil || string(t.Digest) != "t" {
		s.Errorf("got %+v (%v)", t, err)
	}
	s.token("bare", store.OneTimeToken{})
	s.token("bare too", store.OneTimeToken{}) // many have none
	for _, login := range []string{"", "lgn_none"} {
		_, err := s.Read().OneTimeTokenOfLogin(ctx, login)
		s.is(err, store.ErrNotFound)
	}
	again := store.OneTimeToken{Digest: []byte("again"), Purpose: store.TokenMagicLink, LoginID: "lgn_t", ExpiresAt: s.now()}
	s.is(s.do(func(c *store.Conn) error { return c.InsertOneTimeToken(ctx, again) }), store.ErrDuplicate)
}

func checkPurgeToken(s *subject) {
	s.token("t", store.OneTimeToken{})
	s.ok(s.useToken("t", store.TokenMagicLink)) // the answer "used" is told until then
	s.clock.Advance(time.Hour)
	for _, gone := range []bool{false, true} {
		_, err := s.Purge(s.Context(), store.Retention{OneTime: s.now(), BatchSize: 9})
		s.ok(err)
		if _, err := s.Read().OneTimeToken(s.Context(), []byte("t")); errors.Is(err, store.ErrNotFound) != gone {
			s.Errorf("gone: %v, want %v", err, gone)
		}
		s.clock.Advance(time.Microsecond)
	}
}
