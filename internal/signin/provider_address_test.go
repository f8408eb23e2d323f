package signin_test

import (
	"errors"
	"slices"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

func TestAProvenAddressLeadsToItsOwner(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		owner := w.verifiedUser(address).Grant
		w.exec("DELETE FROM jobs")
		r := w.in("acme", ada())
		u := r.Grant.User
		if r.IsNewUser || u.ID != owner.User.ID || u.Name != owner.User.Name || !u.HasPassword || !slices.Equal(w.identities(u.ID), []string{"acme"}) {
			w.Errorf("got %+v", r)
		}
		if r.Device != (watchword.DeviceOwner{Address: address, UserID: u.ID, PasswordVersion: store.FirstPasswordVersion}) {
			w.Errorf("the device is %+v", r.Device)
		}
		if !slices.Contains(w.live(u.ID), owner.Session.ID) || len(w.events(watchword.EventUserReclaimed)) != 0 {
			w.Error("the owner was wiped")
		}
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.IdentityLinked || mails[0].UserID != u.ID || mails[0].Subject != "Acme" || mails[0].IP == "" ||
			mails[0].ClientID != "web" || mails[0].EmailID != "" {
			w.Errorf("mails: %+v", mails)
		}
		linked := w.events(watchword.EventIdentityLinked)
		if len(linked) != 1 || linked[0].UserID != u.ID || linked[0].Data["provider"] != "acme" || linked[0].Data["identity_id"] == "" || len(linked[0].Data) != 2 {
			w.Errorf("events: %+v", linked)
		}
		w.in("acme", ada())
		if len(w.mails()) != 1 || len(w.events(watchword.EventIdentityLinked)) != 1 {
			w.Error("the owner is told again")
		}
	})
}

// Any verified address is its owner's; the notice goes where they have proven to
// be told.
func TestAProvenSecondAddressLeadsToItsOwner(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for name, primaryProven := range map[string]bool{"both": true, "second": false} {
			owner := w.verifiedUser(name + "@example.com").Grant.User.ID
			e := watchword.Email{UserID: owner, Address: name + "-second@example.com"}
			w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) (err error) {
				if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
					return err
				}
				_, err = c.VerifyEmail(w.Context(), e)
				return err
			}))
			if !primaryProven {
				w.exec("UPDATE emails SET verified_at = NULL WHERE address = 'second@example.com'")
			}
			w.exec("DELETE FROM jobs")
			r := w.in("acme", upstreamtest.User{Subject: name, Email: e.Address, EmailVerified: true})
			mails := w.mails()
			if r.Grant.User.ID != owner || len(mails) != 1 || (mails[0].EmailID == "") != primaryProven || !primaryProven && mails[0].EmailID != e.ID {
				w.Errorf("%s: got %+v, mails %+v", name, r.Grant.User, mails)
			}
			w.Verification = signin.VerificationRequired // and one of them is
			w.in("acme", upstreamtest.User{Subject: name})
			w.Verification = signin.VerificationOptional
		}
	})
}

// Whoever has made a user with somebody's address keeps nothing there.
func TestAProvenAddressWipesASquatter(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		s := w.squat(address)
		r := w.in("acme", ada())
		u := r.Grant.User
		if r.IsNewUser || u.ID != s.User.ID || !u.EmailVerified || u.HasPassword || !slices.Equal(w.identities(u.ID), []string{"acme"}) {
			w.Errorf("got %+v, identities %v", u, w.identities(u.ID))
		}
		if e := w.email(u.ID); e.Address != address || !e.Verified() {
			w.Errorf("the address: %+v", e)
		}
		if live := w.live(u.ID); len(live) != 1 || live[0] != r.Grant.Session.ID {
			w.Errorf("%d sessions", len(live))
		}
		if _, err := w.signIn(address, password); !errors.Is(err, signin.ErrInvalidCredentials) {
			w.Errorf("the squatter's password lets in (%v)", err)
		}
		if _, err := w.Sessions.Refresh(w.Context(), session.Presented{Token: s.RefreshToken}); !errors.Is(err, session.ErrSessionRevoked) {
			w.Errorf("the squatter refreshes (%v)", err)
		}
		for _, token := range s.tokens {
			w.dead(token)
		}
		if list := w.events(watchword.EventUserReclaimed); len(list) != 1 || list[0].UserID != u.ID {
			w.Errorf("events: %+v", list)
		}
		for _, m := range w.mails() {
			if m.Template == mail.IdentityLinked {
				w.Error("who has just come is told that they have")
			}
		}
		if r.Device.PasswordVersion <= store.FirstPasswordVersion {
			w.Errorf("the device is %+v", r.Device)
		}
	})
}

func TestAProvenAddressInTheUsersOwnBrowserWipesNothing(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		s := w.squat(address)
		back := w.back(w.begin(w.to("acme")), ada())
		back.Holder = holding(s.Grant)
		r, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		if r.Grant.User.ID != s.User.ID || !r.Grant.User.EmailVerified || len(w.identities(s.User.ID)) != 2 || len(w.events(watchword.EventUserReclaimed)) != 0 {
			w.Errorf("got %+v, identities %v", r.Grant.User, w.identities(s.User.ID))
		}
		if _, err := w.signIn(address, password); err != nil {
			w.Errorf("the password is gone: %v", err)
		}
	})
}

func TestASessionThatHasEndedSparesNoSquatter(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		s, other := w.squat(address), w.verifiedUser("eve@example.com").Grant
		back := w.back(w.begin(w.to("acme")), ada())
		w.ok(w.Sessions.SignOut(w.Context(), session.Caller{UserID: s.User.ID, SessionID: s.Session.ID}, session.SignOutThis, w.somewhere()))
		back.Holder = holding(s.Grant)
		if w.engine == store.SQLite {
			back.Holder.SessionID = other.Session.ID
		}
		_, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		if len(w.events(watchword.EventUserReclaimed)) != 1 {
			w.Error("nothing was wiped")
		}
	})
}

// What is no proof links nobody: not what an untrusted provider says, not what a
// trusted one does not say for sure, not a word on a domain it is not trusted for.
func TestAnUnprovenAddressLinksNobody(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		verified, unproven := w.verifiedUser(address).Grant.User.ID, w.signUp("unproven@example.com").Grant
		said := func(value any) map[string]any { return map[string]any{"email_verified": value} }
		for name, test := range map[string]struct {
			provider string
			claims   map[string]any
			is       bool
		}{
			"an untrusted provider": {"forge", nil, true},
			"another domain":        {"other", nil, true},
			"not verified there":    {"acme", nil, false},
			"a word for true":       {"acme", said("true"), true},
			"a number for true":     {"acme", said(1), true},
			"null":                  {"acme", said(nil), true},
		} {
			for _, email := range []string{address, "unproven@example.com", "ADA@Example.com"} {
				as := upstreamtest.User{Subject: "9", Email: email, EmailVerified: test.is, Claims: test.claims}
				back := w.back(w.begin(w.to(test.provider)), as)
				back.Holder = holding(unproven) // who is signed in says nothing of who came back
				e := w.refuses(signin.ErrLinkRequired, w.finishing(back))
				if e.UserID != "" || e.Data["method"] != test.provider {
					w.Errorf("%s: the event is %+v", name, e)
				}
			}
		}
		if len(w.identities(verified))+len(w.identities(unproven.User.ID)) != 0 {
			w.Error("somebody was linked")
		}
	})
}

// A provider's word is about a mailbox as it writes it. Here groß@ is written
// gross@, and is another mailbox where letters are taken to the letter.
func TestProofOfALookalikeIsNoProof(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		owner := w.verifiedUser("gross@example.com").Grant.User.ID
		squatted := w.signUp("kelvin@example.com").Grant.User.ID
		for _, email := range []string{"groß@example.com", "GROß@example.com", "ｇross@example.com", "\u212aelvin@example.com"} {
			as := upstreamtest.User{Subject: "9", Email: email, EmailVerified: true}
			w.refuses(signin.ErrLinkRequired, w.finishing(w.back(w.begin(w.to("acme")), as)))
		}
		fresh := w.in("acme", upstreamtest.User{Subject: "10", Email: "stra\u00dfe@example.com", EmailVerified: true}).Grant.User
		if fresh.EmailVerified || fresh.Email != "strasse@example.com" {
			w.Errorf("a lookalike was taken for proven: %+v", fresh)
		}
		if r := w.in("acme", upstreamtest.User{Subject: "11", Email: " GrosS@EXAMPLE.com", EmailVerified: true}); r.Grant.User.ID != owner {
			w.Errorf("case keeps the owner out: %+v", r.Grant.User)
		}
		if len(w.identities(squatted)) != 0 {
			w.Error("a lookalike was linked")
		}
	})
}

// An address that was added and never verified is its adder's wish alone.
func TestAClaimStandsInNobodysWay(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		claimer := w.verifiedUser("claimer@example.com").Grant.User.ID
		for _, provider := range []string{"acme", "forge"} {
			email := provider + "@example.com"
			claim := watchword.Email{UserID: claimer, Address: email}
			w.ok(w.Store.Write(w.Context(), func(c *store.Conn) (err error) {
				claim.ID, err = c.InsertEmail(w.Context(), claim)
				return err
			}))
			r := w.in(provider, upstreamtest.User{Subject: provider, Email: email, EmailVerified: true})
			if !r.IsNewUser || r.Grant.User.ID == claimer || r.Grant.User.EmailVerified != (provider == "acme") {
				w.Errorf("%s: got %+v", provider, r.Grant.User)
			}
			err := w.Store.Tx(w.Context(), func(c *store.Conn) error { _, err := c.VerifyEmail(w.Context(), claim); return err })
			if proven := provider == "acme"; proven != errors.Is(err, store.ErrDuplicate) || !proven && err != nil {
				w.Errorf("%s: proving the claim afterwards got %v", provider, err)
			}
		}
		if n := len(w.identities(claimer)); n != 0 {
			w.Errorf("%d identities of the claimer", n)
		}
	})
}

// A squatter can come by a provider, too: their user is the mailbox owner's once
// it is proven, and their identity no way back.
func TestASquatterByAProviderIsWiped(t *testing.T) {
	for _, way := range append(slices.Clone(wayNames), "provider") {
		t.Run(way, func(t *testing.T) {
			onEachAbroad(t, func(w *abroad) {
				squatter := upstreamtest.User{Subject: "666", Email: address, Name: "Eve"}
				s := w.in("forge", squatter).Grant
				if way == "provider" {
					w.in("acme", ada())
				} else {
					w.exec("UPDATE users SET password_hash = 'x'") // or there is nothing to reset
					w.ok(w.ways(address)[way](nobody))
				}
				if slices.Contains(w.identities(s.User.ID), "forge") || slices.Contains(w.live(s.User.ID), s.Session.ID) {
					w.Error("the squatter is in still")
				}
				w.refuses(signin.ErrLinkRequired, w.finishing(w.back(w.begin(w.to("forge")), squatter)))
			})
		})
	}
}

// The same, where the squatter's address was displaced by somebody else's proof
// of an added one.
func TestAUserWhoseAddressIsProvenByAnotherKeepsTheirProviderAlone(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		first := w.in("forge", upstreamtest.User{Subject: "666", Email: address})
		owner := w.verifiedUser("owner@example.com").Grant.User.ID
		e := watchword.Email{UserID: owner, Address: address}
		w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) (err error) {
			if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
				return err
			}
			_, err = account.Prove(w.Context(), c, w.somewhere(), e, nobody)
			return err
		}))
		if len(w.live(first.Grant.User.ID)) != 0 {
			w.Error("a session says still that the address is theirs")
		}
		r := w.in("forge", upstreamtest.User{Subject: "666", Email: address})
		if r.Grant.User.ID != first.Grant.User.ID || r.Grant.User.EmailVerified || r.Device != (watchword.DeviceOwner{}) {
			w.Errorf("got %+v", r.Grant.User)
		}
		if r := w.in("acme", ada()); r.Grant.User.ID != owner {
			w.Errorf("the address leads to %+v", r.Grant.User)
		}
	})
}
