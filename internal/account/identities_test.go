package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// offering are the identities of a server whose clients let people in by these.
func (w *world) offering(methods ...watchword.Method) account.Identities {
	return account.Identities{
		Store: w.store, Jobs: w.passwords.Jobs, Name: strings.ToUpper,
		Offered: func(m watchword.Method) bool { return slices.Contains(methods, m) },
	}
}

// links links a provider to a user.
func (w *world) links(user watchword.UserID, provider string) (linked watchword.Identity) {
	w.Helper()
	w.ok(w.store.Tx(w.Context(), func(c *store.Conn) (err error) {
		linked, err = account.Link(w.Context(), c, watchword.Origin{}, watchword.Identity{
			UserID: user, Provider: provider, Issuer: "https://" + provider + ".example", Subject: string(user),
		}, "")
		return err
	}))
	return linked
}

func (w *world) linked(user watchword.UserID) []watchword.Identity {
	w.Helper()
	list, err := w.store.Read().Identities(w.Context(), user)
	w.ok(err)
	return list
}

func TestAProviderIsUnlinked(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		forge, acme := w.links(ada.UserID, "forge"), w.links(ada.UserID, "acme")
		i := w.offering("magic_link", "forge", "acme")
		w.ok(i.Unlink(w.Context(), ada.Caller, forge.ID))
		if list := w.linked(ada.UserID); len(list) != 1 || list[0].ID != acme.ID {
			w.Errorf("left: %+v", list)
		}
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.IdentityUnlinked || mails[0].UserID != ada.UserID || mails[0].Subject != "FORGE" || mails[0].To != "" ||
			mails[0].IP == "" || mails[0].Agent == "" || mails[0].ClientID != "web" {
			w.Errorf("mails: %+v", mails)
		}
		e := w.events(watchword.EventIdentityUnlinked)
		if len(e) != 1 || e[0].UserID != ada.UserID || e[0].SessionID != ada.Session || e[0].Data["identity_id"] != string(forge.ID) || e[0].Data["provider"] != "forge" {
			w.Errorf("events: %+v", e)
		}
		w.is(i.Unlink(w.Context(), ada.Caller, forge.ID), account.ErrIdentityNotFound)
	})
}

func TestUnlinkingIsForTheOwnerWhoHasJustSignedIn(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.person("ada"), w.person("eve")
		forge := w.links(ada.UserID, "forge")
		i := w.offering("magic_link", "forge")
		w.is(i.Unlink(w.Context(), eve.Caller, forge.ID), account.ErrIdentityNotFound)
		w.is(i.Unlink(w.Context(), ada.Caller, "idn_none"), account.ErrIdentityNotFound)
		foreign := ada.Caller
		foreign.Session = eve.Session
		w.is(i.Unlink(w.Context(), foreign, forge.ID), account.ErrUserGone)
		w.clock.Advance(10*time.Minute + time.Second)
		w.is(i.Unlink(w.Context(), ada.Caller, forge.ID), account.ErrFreshSignIn)
		again := w.signsIn(ada.UserID)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeSession(w.Context(), ada.UserID, again.Session) }))
		w.is(i.Unlink(w.Context(), again, forge.ID), account.ErrUserGone)
		if len(w.linked(ada.UserID)) != 1 || len(w.mails()) != 0 || len(w.events(watchword.EventIdentityUnlinked)) != 0 {
			w.Error("a refusal has left something")
		}
	})
}

func TestTheLastWayInStays(t *testing.T) {
	onEach(t, func(w *world) {
		const (
			none     = ""
			claim    = "claim"
			signUp   = "unverified"
			verified = "verified"
		)
		for n, test := range []struct {
			address  string
			password bool
			others   []string
			offered  []watchword.Method
			stays    bool
		}{
			{address: none, offered: []watchword.Method{"magic_link", "password", "forge"}, stays: true},
			{address: signUp, offered: []watchword.Method{"magic_link", "password", "forge"}, stays: true},
			{address: claim, offered: []watchword.Method{"magic_link", "password", "forge"}, stays: true},
			// By mail, where it is offered.
			{address: verified, offered: []watchword.Method{"magic_link", "forge"}},
			{address: verified, offered: []watchword.Method{"password", "forge"}, stays: true},
			// By a password, beside an address that signs in.
			{address: verified, password: true, offered: []watchword.Method{"password", "forge"}},
			{address: signUp, password: true, offered: []watchword.Method{"password", "forge"}},
			{address: claim, password: true, offered: []watchword.Method{"password", "forge"}, stays: true},
			{address: none, password: true, offered: []watchword.Method{"password", "forge"}, stays: true},
			{address: verified, password: true, offered: []watchword.Method{"forge"}, stays: true},
			// By another provider that is still set up.
			{address: none, others: []string{"acme"}, offered: []watchword.Method{"forge", "acme"}},
			{address: none, others: []string{"gone"}, offered: []watchword.Method{"forge", "acme"}, stays: true},
			{address: none, others: []string{"gone", "acme"}, offered: []watchword.Method{"acme"}},
		} {
			u := account.NewUser{Name: "Ada"}
			if test.address != none {
				u.Address, u.Claimed = fmt.Sprintf("ada%d@example.com", n), test.address == claim
			}
			if test.address == verified {
				u.VerifiedAt = w.clock.Now()
			}
			made, err := w.create(u, map[bool]string{true: password}[test.password])
			w.ok(err)
			forge := w.links(made.UserID, "forge")
			for _, other := range test.others {
				w.links(made.UserID, other)
			}
			err = w.offering(test.offered...).Unlink(w.Context(), w.signsIn(made.UserID), forge.ID)
			if left := len(w.linked(made.UserID)) - len(test.others); errors.Is(err, account.ErrLastMethod) != test.stays || !test.stays && err != nil || (left == 1) != test.stays {
				w.Errorf("%+v: got %v, %d left", test, err, left)
			}
		}
	})
}

// Two who each take what the other leaves must not leave nothing.
func TestOfTheLastTwoProvidersOneStays(t *testing.T) {
	onEach(t, func(w *world) {
		for range 6 {
			made, err := w.create(account.NewUser{Name: "Ada"}, "")
			w.ok(err)
			caller := w.signsIn(made.UserID)
			i := w.offering("forge", "acme")
			ids := []watchword.IdentityID{w.links(made.UserID, "forge").ID, w.links(made.UserID, "acme").ID}
			outcomes := make([]error, 2)
			var wait sync.WaitGroup
			for n, id := range ids {
				wait.Go(func() { outcomes[n] = i.Unlink(w.Context(), caller, id) })
			}
			wait.Wait()
			if (outcomes[0] == nil) == (outcomes[1] == nil) || len(w.linked(made.UserID)) != 1 {
				w.Errorf("got %v, %d left", outcomes, len(w.linked(made.UserID)))
			}
		}
	})
}

// An address that nobody has proven may be a stranger's mailbox.
func TestOnlyAProvenAddressIsToldOfAnUnlinking(t *testing.T) {
	onEach(t, func(w *world) {
		for _, u := range []account.NewUser{{Address: "unproven@example.com"}, {Address: "claim@example.com", Claimed: true}, {}} {
			made, err := w.create(u, "")
			w.ok(err)
			forge := w.links(made.UserID, "forge")
			w.links(made.UserID, "acme")
			w.ok(w.offering("acme").Unlink(w.Context(), w.signsIn(made.UserID), forge.ID))
		}
		if mails := w.mails(); len(mails) != 0 {
			w.Errorf("mails: %+v", mails)
		}
	})
}

func TestAUserMayHaveNoAddress(t *testing.T) {
	onEach(t, func(w *world) {
		for range 2 { // it is nobody else's either
			made, err := w.create(account.NewUser{Picture: "https://pictures.example/a.png"}, "")
			w.ok(err)
			u, err := w.store.Read().User(w.Context(), made.UserID)
			w.ok(err)
			if made.EmailID != "" || u.Email != "" || u.EmailVerified || u.Picture != "https://pictures.example/a.png" || made.Account.Name != "Account" {
				w.Errorf("made %+v: %+v", made, u)
			}
		}
	})
}

// A claim is in nobody's way, and gives way to whoever comes first.
func TestAUserMayBeMadeWithAClaim(t *testing.T) {
	onEach(t, func(w *world) {
		w.ada()
		for range 2 {
			made, err := w.create(account.NewUser{Address: "ada@example.com", Claimed: true}, "")
			w.ok(err)
			e, err := w.store.Read().Email(w.Context(), made.EmailID)
			w.ok(err)
			if e.Exclusive || !e.Primary || e.Verified() {
				w.Errorf("it is %+v", e)
			}
		}
		_, err := w.create(account.NewUser{Address: "ada@example.com"}, "")
		w.is(err, account.ErrEmailTaken)
	})
}
