package account_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

func (w *world) verification() account.Verification {
	return account.Verification{Store: w.store, Jobs: w.passwords.Jobs, Mails: w.limits(), Client: knows(web()), Life: 24 * time.Hour, Random: rand.Reader}
}

// knows finds one client by its id.
func knows(client watchword.Client) func(watchword.ClientID) (watchword.Client, bool) {
	return func(id watchword.ClientID) (watchword.Client, bool) { return client, id == client.ID }
}

func (w *world) ask(user watchword.UserID, email string) (mail.Message, error) {
	w.clock.Advance(time.Minute)
	_, err := w.verification().Send(w.Context(), account.VerificationRequest{UserID: user, Email: email, Client: web()})
	if err != nil {
		return mail.Message{}, err
	}
	return w.newest(), nil
}

func (w *world) confirm(m mail.Message) (account.Verified, error) {
	return w.verification().Confirm(w.Context(), secret.NewString(m.Token), watchword.Origin{})
}

func (w *world) deny(m mail.Message) error {
	return w.verification().Deny(w.Context(), secret.NewString(m.Token), watchword.Origin{})
}

// claim adds an address to a user, and has the mail queued that verifies it.
func (w *world) claim(user watchword.UserID, address string) mail.Message {
	w.Helper()
	w.clock.Advance(time.Millisecond)
	w.ok(w.store.Tx(w.Context(), func(c *store.Conn) (err error) {
		e := watchword.Email{UserID: user, Address: address}
		if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
			return err
		}
		_, err = w.verification().Queue(w.Context(), c, e, "web", "", account.Return{})
		return err
	}))
	return w.newest()
}

func (w *world) addresses(user watchword.UserID) map[string]watchword.Email {
	w.Helper()
	list, err := w.store.Read().Emails(w.Context(), user)
	w.ok(err)
	by := map[string]watchword.Email{}
	for _, e := range list {
		by[e.Address] = e
	}
	return by
}

func TestAVerificationIsAnsweredTheSameEveryTime(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		m, err := w.ask(user, "")
		w.ok(err)
		first, err := w.confirm(m)
		w.ok(err)
		if first.Email != "ada@example.com" || !first.At.Equal(w.clock.Now()) {
			w.Errorf("got %+v", first)
		}
		for _, later := range []time.Duration{time.Second, time.Hour, 48 * time.Hour} { // after its end, too
			w.clock.Advance(later)
			if again, err := w.confirm(m); err != nil || again != first {
				w.Errorf("got %+v (%v), want %+v", again, err, first)
			}
		}
		if len(w.events(watchword.EventEmailVerified)) != 1 || len(w.mails()) != 0 {
			w.Error("it was done twice, or a mail waits still")
		}
		w.is(w.deny(m), account.ErrTokenUsed)
		_, err = w.ask(user, "")
		w.is(err, account.ErrEmailVerified)
	})
}

func TestTwoLinksOfOneAddressVerifyItOnce(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		first, err := w.ask(user, "")
		w.ok(err)
		second, err := w.ask(user, "ADA@example.com")
		w.ok(err)
		done, err := w.confirm(first)
		w.ok(err)
		w.clock.Advance(time.Hour)
		w.is(w.deny(second), account.ErrTokenUsed) // a verified user is not wiped by saying so
		if !w.hasPassword(user, password) {
			w.Error("a verified user was wiped")
		}
		if again, err := w.confirm(second); err != nil || !again.At.Equal(done.At) {
			w.Errorf("got %+v (%v), want %+v", again, err, done)
		}
	})
}

func TestALinkThatIsNoneVerifiesNothing(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		m, err := w.ask(user, "")
		w.ok(err)
		_, err = w.confirm(mail.Message{Token: "otk_made-up"})
		w.is(err, account.ErrTokenInvalid)
		_, err = w.confirm(w.sendReset("ada@example.com"))
		w.is(err, account.ErrTokenInvalid)
		w.clock.Advance(24 * time.Hour)
		_, err = w.confirm(m)
		w.is(err, account.ErrTokenExpired)
		w.is(w.deny(m), account.ErrTokenExpired)
		if w.addresses(user)["ada@example.com"].Verified() {
			w.Error("it was verified")
		}
	})
}

func TestAVerificationIsForOnesOwnAddressesAndOnlySoOften(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		w.unproven("eve@example.com")
		_, err := w.ask(user, "eve@example.com")
		w.is(err, account.ErrEmailNotFound)
		_, err = w.verification().Send(w.Context(), account.VerificationRequest{UserID: "usr_nobody", Client: web()})
		w.is(err, account.ErrNoEmail)
		_, err = w.verification().Send(w.Context(), account.VerificationRequest{UserID: user, Client: web(), Return: account.Return{RedirectURI: "https://evil.example/"}})
		w.is(err, account.ErrRedirectNotAllowed)
		if len(w.mails()) != 0 {
			w.Error("a mail was queued")
		}
		_, err = w.ask(user, "")
		w.ok(err)
		_, err = w.verification().Send(w.Context(), account.VerificationRequest{UserID: user, Client: web()})
		w.is(err, limit.ErrLimited)
	})
}

func TestAClaimThatIsProvenDisplacesAnUnprovenSignUp(t *testing.T) {
	onEach(t, func(w *world) {
		squatter := w.unprovenAda()
		owner := w.proven("owner@example.com").UserID
		theirs, err := w.ask(squatter, "")
		w.ok(err)
		m := w.claim(owner, "ada@example.com")
		_, err = w.confirm(m)
		w.ok(err)
		if holder, err := w.store.Read().UserByAddress(w.Context(), "ada@example.com"); err != nil || holder != owner {
			w.Errorf("%s has it (%v), want %s", holder, err, owner)
		}
		if e := w.addresses(squatter)["ada@example.com"]; e.Exclusive || e.Verified() {
			w.Errorf("the squatter's: %+v", e)
		}
		w.told(watchword.EventEmailDisplaced, "user:"+string(owner), squatter)
		_, err = w.confirm(theirs)
		w.is(err, account.ErrTokenUsed)
		later, err := w.ask(squatter, "") // asked for after they were displaced
		w.ok(err)
		_, err = w.confirm(later)
		w.is(err, account.ErrTokenUsed)
		if e := w.addresses(owner)["ada@example.com"]; !e.Verified() || !e.Exclusive {
			w.Errorf("the owner's: %+v", e)
		}
	})
}

func TestOfManyClaimantsTheFirstToVerifyWins(t *testing.T) {
	onEach(t, func(w *world) {
		const claimants = 8
		type rival struct {
			user watchword.UserID
			mail mail.Message
		}
		rivals := []rival{{user: w.unprovenAda()}} // the one who signed up with it
		m, err := w.ask(rivals[0].user, "")
		w.ok(err)
		rivals[0].mail = m
		for n := range claimants {
			user := w.proven(string(rune('a'+n)) + "@example.com").UserID
			rivals = append(rivals, rival{user, w.claim(user, "ada@example.com")})
		}
		outcomes := make([]error, len(rivals))
		done := make(chan int)
		for n, r := range rivals {
			go func() {
				_, outcomes[n] = w.confirm(r.mail)
				done <- n
			}()
		}
		for range rivals {
			<-done
		}
		holder, err := w.store.Read().UserByAddress(w.Context(), "ada@example.com")
		w.ok(err)
		won := 0
		for n, err := range outcomes {
			e := w.addresses(rivals[n].user)["ada@example.com"]
			if e.Verified() != (err == nil) || (holder == rivals[n].user) != (err == nil) {
				w.Errorf("got %v, but the address is %+v", err, e)
			}
			switch {
			case err == nil:
				won++
			case !errors.Is(err, account.ErrTokenUsed):
				w.Errorf("a rival got %v", err)
			}
		}
		if won != 1 || len(w.events(watchword.EventEmailVerified)) != 1 {
			w.Errorf("%d won", won)
		}
	})
}

func TestAMereClaimIsTakenAwayFromWhoeverMadeIt(t *testing.T) {
	onEach(t, func(w *world) {
		claimant := w.proven("eve@example.com").UserID
		w.session(claimant)
		m := w.claim(claimant, "ada@example.com")
		second, err := w.ask(claimant, "ada@example.com")
		w.ok(err)
		w.ok(w.deny(m))
		if left := w.addresses(claimant); len(left) != 1 || !left["eve@example.com"].Verified() {
			w.Errorf("addresses: %+v", left)
		}
		if len(w.live(claimant)) != 1 || !w.hasPassword(claimant, password) || len(w.mails()) != 0 {
			w.Error("more than the claim is gone, or a mail for it waits")
		}
		for _, link := range []mail.Message{m, second} {
			if _, err := w.confirm(link); !errors.Is(err, account.ErrTokenInvalid) {
				w.Errorf("got %v", err)
			}
		}
		if e := w.events(watchword.EventEmailDisowned); len(e) != 1 || e[0].UserID != claimant {
			w.Errorf("events: %+v", e)
		}
	})
}

func TestLookingAtALinkUsesNothingUp(t *testing.T) {
	onEach(t, func(w *world) {
		links := account.Links{Store: w.store, Limiter: w.passwords.Limiter, Client: knows(web()), Provider: strings.ToUpper}
		from := watchword.Origin{IP: "192.0.2.1"}
		user := w.unprovenAda()
		m, err := w.ask(user, "")
		w.ok(err)
		look := func(kind account.LinkKind, m mail.Message) (account.LinkView, error) {
			return links.Look(w.Context(), kind, secret.NewString(m.Token), from)
		}
		view, err := look(account.LinkVerify, m)
		w.ok(err)
		if view.Address != "a•••@example.com" || view.UserID != user || view.Claimed || view.Refusal != nil || len(view.Binding) == 0 {
			w.Errorf("got %+v", view)
		}
		claim := w.claim(w.proven("eve@example.com").UserID, "ada@example.com")
		if view, err := look(account.LinkVerify, claim); err != nil || !view.Claimed {
			w.Errorf("got %+v (%v)", view, err)
		}
		_, err = look(account.LinkSignIn, m)
		w.is(err, account.ErrTokenInvalid)
		_, err = w.confirm(m)
		w.ok(err)
		for range 17 {
			_, err = look(account.LinkVerify, mail.Message{Token: "otk_made-up"})
			w.is(err, account.ErrTokenInvalid)
		}
		_, err = look(account.LinkVerify, m)
		w.is(err, limit.ErrLimited)
	})
}

// The mail that follows a refusal comes after it: by then there may be nothing left
// to verify.
func TestAnUnaskedMailIsForAnAddressThatIsStillUnproven(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		e := w.addresses(user)["ada@example.com"]
		woken := 0
		v := w.verification()
		v.Jobs.Wake = func() { woken++ }
		send := func(want int) {
			w.Helper()
			w.clock.Advance(time.Minute)
			woken = 0
			before := len(w.mails())
			w.ok(v.SendUnasked(w.Context(), account.Unasked{Email: e, Client: "web"}))
			if n := len(w.mails()) - before; n != want || woken != want {
				w.Errorf("%d mails, woken %d times, want %d", n, woken, want)
			}
		}
		send(1)
		if list := w.events(watchword.EventVerificationSent); len(list) != 1 || list[0].UserID != user || list[0].Actor != "system" {
			w.Errorf("events: %+v", list)
		}
		w.ok(v.SendUnasked(w.Context(), account.Unasked{}))
		_, err := w.confirm(w.newest())
		w.ok(err)
		send(0)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteUser(w.Context(), user) }))
		send(0)
	})
}

// Whoever is asked to confirm must know by which ways somebody else would then be in.
func TestALinkTellsHowItsUserComesIn(t *testing.T) {
	onEach(t, func(w *world) {
		links := account.Links{Store: w.store, Limiter: w.passwords.Limiter, Client: knows(web()), Provider: strings.ToUpper}
		for name, test := range map[string]struct {
			password  string
			providers []string
		}{
			"a password": {password, nil}, "a provider": {"", []string{"forge"}}, "both": {password, []string{"acme", "forge"}}, "nothing": {"", nil},
		} {
			email := strings.ReplaceAll(name, " ", ".") + "@example.com"
			made, err := w.create(account.NewUser{Address: email}, test.password)
			w.ok(err)
			w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
				for _, p := range test.providers {
					if _, err := c.InsertIdentity(w.Context(), watchword.Identity{UserID: made.UserID, Provider: p, Issuer: p, Subject: email}); err != nil {
						return err
					}
				}
				return nil
			}))
			m, err := w.ask(made.UserID, "")
			w.ok(err)
			view, err := links.Look(w.Context(), account.LinkVerify, secret.NewString(m.Token), watchword.Origin{})
			w.ok(err)
			var want []string
			for _, p := range test.providers {
				want = append(want, strings.ToUpper(p))
			}
			if view.HasPassword != (test.password != "") || !slices.Equal(view.Providers, want) {
				w.Errorf("%s: got %+v", name, view)
			}
		}
	})
}

// Somebody else may have the page by then.
func TestAVerificationLeadsToNoPageThatWasTakenOffTheList(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.unprovenAda()
		back := account.Return{RedirectURI: "https://app.example.com/reset", State: "s"}
		_, err := w.verification().Send(w.Context(), account.VerificationRequest{UserID: user, Client: web(), Return: back})
		w.ok(err)
		token := secret.NewString(w.newest().Token)
		none := web()
		none.RedirectURIs = nil
		for _, c := range []struct {
			client watchword.Client
			want   account.Return
		}{{none, account.Return{}}, {watchword.Client{ID: "another"}, account.Return{}}, {web(), back}} {
			v := w.verification()
			v.Client = knows(c.client)
			links := account.Links{Store: w.store, Limiter: w.passwords.Limiter, Client: v.Client, Provider: strings.ToUpper}
			if view, err := links.Look(w.Context(), account.LinkVerify, token, watchword.Origin{}); err != nil || view.RedirectURI != c.want.RedirectURI {
				w.Errorf("the page's form may lead to %q (%v)", view.RedirectURI, err)
			}
			for range 2 { // a repeat, too
				if done, err := v.Confirm(w.Context(), token, watchword.Origin{}); err != nil || done.Return != c.want {
					w.Errorf("got %+v (%v), want %+v", done, err, c.want)
				}
			}
		}
	})
}

func TestAnAddressIsMasked(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@example.com": "a•••@example.com", "a@example.com": "a•••@example.com", "éva@example.com": "é•••@example.com", "nothing": "•••", "": "•••",
	} {
		if got := account.Masked(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}
