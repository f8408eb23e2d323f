package account_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

func web() watchword.Client {
	return watchword.Client{ID: "web", RedirectURIs: []string{"https://app.example.com/reset"}}
}

func (w *world) limits() account.MailLimits {
	return account.MailLimits{
		Limiter:    w.passwords.Limiter,
		PerAddress: limit.Rule{Name: "mail_address", Count: 5, Per: time.Hour}, PerIP: limit.Rule{Name: "mail", Count: 20, Per: time.Hour},
	}
}

func (w *world) resets() account.Resets {
	p := w.passwords
	return account.Resets{
		Store: w.store, Jobs: p.Jobs, Mails: w.limits(), Limiter: p.Limiter, Hasher: p.Hasher, Policy: p.Policy, Life: 30 * time.Minute, Random: rand.Reader,
	}
}

// sendReset asks for a reset, a minute after the last, and answers the newest
// message that it has queued.
func (w *world) sendReset(email string) mail.Message {
	w.Helper()
	w.clock.Advance(time.Minute)
	w.ok(w.resets().SendReset(w.Context(), account.ResetRequest{Email: email, Client: web(), Origin: watchword.Origin{IP: "192.0.2.9"}}))
	return w.newest()
}

// newest is the message of the job that was queued last.
func (w *world) newest() mail.Message {
	w.Helper()
	list := w.mails()
	if len(list) == 0 {
		w.Fatal("no mail waits")
	}
	return list[len(list)-1]
}

func (w *world) reset(m mail.Message, password string) (int64, error) {
	return w.resets().Reset(w.Context(), account.Reset{
		Token: secret.NewString(m.Token), Password: secret.NewString(password), Origin: watchword.Origin{IP: "192.0.2.9", UserAgent: "test"},
	})
}

// proven makes a user with a password who has verified their address.
func (w *world) proven(email string) account.Created {
	w.Helper()
	made, err := w.create(account.NewUser{Address: email, Name: "Ada Lovelace", VerifiedAt: w.clock.Now()}, password)
	w.ok(err)
	return made
}

func (w *world) hasPassword(user watchword.UserID, password string) bool {
	w.Helper()
	_, cred, err := w.store.Read().UserWithCredential(w.Context(), user)
	w.ok(err)
	verdict, err := w.passwords.Hasher.Verify(w.Context(), cred.Hash, secret.NewString(password))
	w.ok(err)
	return verdict.Matches()
}

func TestAResetReplacesThePasswordAndEndsAllElse(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.proven("ada@example.com").UserID
		w.session(user)
		w.session(user)
		m := w.sendReset(" ADA@example.com ")
		if m.Template != mail.ResetPassword || m.UserID != "" {
			w.Errorf("the message: %+v", m)
		}
		ended, err := w.reset(m, another)
		w.ok(err)
		if ended != 2 || len(w.live(user)) != 0 || !w.hasPassword(user, another) || w.hasPassword(user, password) {
			w.Errorf("%d sessions have ended, %d live", ended, len(w.live(user)))
		}
		notice := w.mails()
		if len(notice) != 1 || notice[0].Template != mail.PasswordChange || notice[0].UserID != user || notice[0].Token != "" || notice[0].IP != "192.0.2.9" {
			w.Errorf("mails: %+v", notice)
		}
		if e := w.events(watchword.EventPasswordReset); len(e) != 1 || e[0].UserID != user || e[0].Data["sessions_ended"] != "2" {
			w.Errorf("events: %+v", e)
		}
		_, err = w.reset(m, password)
		w.is(err, account.ErrTokenUsed)
		if !w.hasPassword(user, another) {
			w.Error("a used link has done its work again")
		}
	})
}

func TestAPasswordThatIsRefusedKeepsTheLink(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.proven("ada@example.com").UserID
		w.session(user)
		m := w.sendReset("ada@example.com")
		for _, weak := range []string{"", "short", "password12", "ada@example.com", "Ada Lovelace", "watchword watchword"} {
			if _, err := w.reset(m, weak); watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%q: %v", weak, err)
			}
		}
		if len(w.live(user)) != 1 || !w.hasPassword(user, password) {
			w.Error("a refusal has changed something")
		}
		if address, err := w.resets().Usable(w.Context(), secret.NewString(m.Token)); err != nil || address != "ada@example.com" {
			w.Errorf("the link: %q, %v", address, err)
		}
		_, err := w.reset(m, another)
		w.ok(err)
	})
}

func TestANewerResetLinkVoidsOlderOnes(t *testing.T) {
	onEach(t, func(w *world) {
		w.proven("ada@example.com")
		first := w.sendReset("ada@example.com")
		second := w.sendReset("ada@example.com")
		_, err := w.reset(first, another)
		w.is(err, account.ErrTokenUsed)
		if list := w.mails(); len(list) != 1 || list[0].Token != second.Token {
			w.Errorf("%d mails wait", len(list))
		}
		w.sendReset("eve@example.com") // of somebody else
		_, err = w.reset(second, another)
		w.ok(err)
	})
}

func TestAResetVoidsWhatIsOutstanding(t *testing.T) {
	onEach(t, func(w *world) {
		made := w.proven("ada@example.com")
		m := w.sendReset("ada@example.com")
		digests := map[store.TokenPurpose][]byte{}
		w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
			for _, purpose := range []store.TokenPurpose{store.TokenMagicLink, store.TokenVerifyEmail, store.TokenResetPassword, store.TokenAuthorizationCode, store.TokenInvite} {
				token := account.NewToken(rand.Reader)
				digests[purpose] = secret.Digest(token)
				t := store.OneTimeToken{Digest: secret.Digest(token), Purpose: purpose, UserID: made.UserID, Address: "ada@example.com", ExpiresAt: c.Now().Add(time.Hour)}
				if err := c.InsertOneTimeToken(w.Context(), t); err != nil {
					return err
				}
				if err := w.passwords.Jobs.EnqueueMail(w.Context(), c, mail.Message{Template: mail.MagicLink, Token: token.Reveal()}, t.ExpiresAt); err != nil {
					return err
				}
			}
			return nil
		}))
		_, err := w.reset(m, another)
		w.ok(err)
		for purpose, digest := range digests {
			t, err := w.store.Read().OneTimeToken(w.Context(), digest)
			w.ok(err)
			if t.VoidedAt.IsZero() != (purpose == store.TokenInvite) { // which says nothing of a user
				w.Errorf("%s: voided at %v", purpose, t.VoidedAt)
			}
		}
		if n := len(w.mails()); n != 2 { // the invite's and the notice
			w.Errorf("%d mails wait", n)
		}
	})
}

func TestAResetOfAnUnprovenUserProvesAndWipes(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		w.session(user)
		ended, err := w.reset(w.sendReset("ada@example.com"), another)
		w.ok(err)
		u, err := w.store.Read().User(w.Context(), user)
		w.ok(err)
		if ended != 1 || !u.EmailVerified || !w.hasPassword(user, another) || len(w.events(watchword.EventUserReclaimed)) != 1 {
			w.Errorf("%d have ended; %+v", ended, u)
		}
	})
}

func TestWhoHasNoPasswordIsToldHowTheySignIn(t *testing.T) {
	onEach(t, func(w *world) {
		_, err := w.create(account.NewUser{Address: "ada@example.com", VerifiedAt: w.clock.Now()}, "")
		w.ok(err)
		if m := w.sendReset("ada@example.com"); m.Template != mail.ResetNoPassword {
			w.Errorf("the message: %+v", m)
		}
	})
}

func TestADisabledUserCannotReset(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.proven("ada@example.com").UserID
		m := w.sendReset("ada@example.com")
		status := func(s watchword.UserStatus) {
			w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.SetStatus(w.Context(), user, s) }))
		}
		status(watchword.UserDisabled)
		_, err := w.reset(m, another)
		w.is(err, account.ErrUserDisabled)
		status(watchword.UserActive)
		_, err = w.reset(m, another)
		w.ok(err)
	})
}

func TestALateOrForeignTokenResetsNothing(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.proven("ada@example.com").UserID
		for _, m := range []mail.Message{{}, {Token: "otk_made-up"}, w.sendReset("nobody@example.com")} {
			hashes := w.passwords.Hasher.Stats().Done
			_, err := w.reset(m, another)
			w.is(err, account.ErrTokenInvalid)
			if w.passwords.Hasher.Stats().Done != hashes {
				w.Error("it was hashed")
			}
		}
		m := w.sendReset("ada@example.com")
		w.clock.Advance(30 * time.Minute)
		_, err := w.reset(m, another)
		w.is(err, account.ErrTokenExpired)
		if !w.hasPassword(user, password) {
			w.Error("the password is another")
		}
	})
}

// Nothing renames an address, but if it were, an older link would prove nothing of it.
func TestALinkForAnotherAddressThanTheUsersResetsNothing(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.proven("ada@example.com").UserID
		token := account.NewToken(rand.Reader)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error {
			return c.InsertOneTimeToken(w.Context(), store.OneTimeToken{
				Digest: secret.Digest(token), Purpose: store.TokenResetPassword, UserID: user, EmailID: w.addresses(user)["ada@example.com"].ID,
				Address: "before@example.com", ExpiresAt: c.Now().Add(time.Hour),
			})
		}))
		_, err := w.reset(mail.Message{Token: token.Reveal()}, another)
		w.is(err, account.ErrTokenUsed)
		if !w.hasPassword(user, password) {
			w.Error("the password is another")
		}
	})
}

func TestOfManyResetsByOneLinkOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		w.proven("ada@example.com")
		m := w.sendReset("ada@example.com")
		const times = 40
		outcomes := make(chan error, times)
		for range times {
			go func() {
				_, err := w.reset(m, another)
				outcomes <- err
			}()
		}
		won := 0
		for range times {
			if err := <-outcomes; err == nil {
				won++
			} else if !errors.Is(err, account.ErrTokenUsed) {
				w.Errorf("one got %v", err)
			}
		}
		if won != 1 || len(w.events(watchword.EventPasswordReset)) != 1 {
			w.Errorf("%d won", won)
		}
	})
}

// The owner is no guesser: after a reset they need not wait.
func TestAResetEndsTheRowOfWrongPasswords(t *testing.T) {
	onEach(t, func(w *world) {
		made := w.proven("ada@example.com")
		// Whoever adds an address would otherwise have its guessers forgiven by a reset of their own.
		w.claim(made.UserID, "claimed@example.com")
		m := w.sendReset("ada@example.com")
		keys := map[string]error{
			"address:ada@example.com": nil, "address:claimed@example.com": limit.ErrLimited, "address:eve@example.com": limit.ErrLimited,
		}
		for key := range keys {
			for range 5 {
				attempt, err := w.passwords.Limiter.Begin(w.Context(), key, watchword.Origin{})
				w.ok(err)
				attempt.Failed(w.Context())
			}
			_, err := w.passwords.Limiter.Begin(w.Context(), key, watchword.Origin{})
			w.is(err, limit.ErrLimited)
		}
		_, err := w.reset(m, another)
		w.ok(err)
		for key, want := range keys {
			attempt, err := w.passwords.Limiter.Begin(w.Context(), key, watchword.Origin{})
			w.is(err, want)
			if err == nil {
				attempt.Abandoned(w.Context())
			}
		}
	})
}

func TestAsRegardsResetsAllAddressesAreAlike(t *testing.T) {
	onEach(t, func(w *world) {
		w.proven("ada@example.com")
		w.unproven("unverified@example.com")
		made, err := w.create(account.NewUser{Address: "bare@example.com"}, "")
		w.ok(err)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.SetStatus(w.Context(), made.UserID, watchword.UserDisabled) }))
		for _, email := range []string{"ada@example.com", "unverified@example.com", "bare@example.com", "nobody@example.com"} {
			jobs, events := len(w.mails()), len(w.events(watchword.EventResetRequested))
			m := w.sendReset(email)
			digest, err := account.TokenDigest(secret.NewString(m.Token))
			w.ok(err)
			t, err := w.store.Read().OneTimeToken(w.Context(), digest)
			w.ok(err)
			if len(w.mails()) != jobs+1 || len(w.events(watchword.EventResetRequested)) != events+1 || t.Address != email || m.UserID != "" {
				w.Errorf("%s: %+v", email, m)
			}
		}
	})
}

func (w *world) unproven(email string) watchword.UserID {
	w.Helper()
	made, err := w.create(account.NewUser{Address: email}, password)
	w.ok(err)
	return made.UserID
}

// onRead does an act when it is first read from.
type onRead struct{ act func() }

func (r *onRead) Read(p []byte) (int, error) {
	if act := r.act; act != nil {
		r.act = nil
		act()
	}
	return rand.Read(p)
}

// A deletion between the look and the mail must not make the answer another.
func TestWhoIsDeletedWhileTheyAskIsNobody(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.proven("ada@example.com").UserID
		resets := w.resets()
		resets.Random = &onRead{func() { // the token is made after the look
			w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteUser(w.Context(), user) }))
		}}
		w.ok(resets.SendReset(w.Context(), account.ResetRequest{Email: "ada@example.com", Client: web(), Origin: watchword.Origin{IP: "192.0.2.9"}}))
		t := w.token(w.newest().Token)
		if t.UserID != "" || t.Address != "ada@example.com" {
			w.Errorf("%+v", t)
		}
	})
}

func TestWhatAResetRequestRefuses(t *testing.T) {
	onEach(t, func(w *world) {
		links := web()
		links.Methods = []watchword.Method{watchword.MethodMagicLink}
		for name, c := range map[string]struct {
			in   account.ResetRequest
			want error
		}{
			"a client without passwords": {account.ResetRequest{Email: "ada@example.com", Client: links}, account.ErrMethodNotOffered},
			"a foreign page":             {account.ResetRequest{Email: "ada@example.com", Client: web(), Return: account.Return{RedirectURI: "https://evil.example/"}}, account.ErrRedirectNotAllowed},
			"no address":                 {account.ResetRequest{Email: "ada@", Client: web()}, watchword.InvalidField("", "", "")},
		} {
			if err := w.resets().SendReset(w.Context(), c.in); !errors.Is(err, c.want) {
				w.Errorf("%s: %v", name, err)
			}
		}
		if len(w.mails()) != 0 {
			w.Error("a mail was queued")
		}
		in := account.ResetRequest{Email: "ada@example.com", Client: web(), Return: account.Return{RedirectURI: "https://app.example.com/reset"}}
		w.ok(w.resets().SendReset(w.Context(), in))
		w.is(w.resets().SendReset(w.Context(), in), limit.ErrLimited)
	})
}
