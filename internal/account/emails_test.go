package account_test

import (
	"crypto/rand"
	"errors"
	"fmt"
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

// adds gives a person one more address; proves verifies it.
func (w *world) adds(p person, address string) watchword.Email {
	w.Helper()
	w.clock.Advance(time.Second) // or what is made at once sorts by chance
	e, err := w.emails().Add(w.Context(), p.Caller, address)
	w.ok(err)
	return e
}

func (w *world) proves(e watchword.Email) {
	w.Helper()
	w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error { _, err := c.VerifyEmail(w.Context(), e); return err }))
}

// primary is a user's.
func (w *world) primary(p person) watchword.Email {
	w.Helper()
	list, err := w.store.Read().Emails(w.Context(), p.UserID)
	w.ok(err)
	for _, e := range list {
		if e.Primary {
			return e
		}
	}
	w.Fatal("no address is primary")
	return watchword.Email{}
}

// An added address is a claim, whoever has it: it blocks nobody and lets nobody in.
func TestAnAddedAddressIsAClaimUntilItIsVerified(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		for i, address := range []string{" Lovelace@Example.com", "bob@example.com"} {
			e := w.adds(ada, address)
			if e.Verified() || e.Primary || e.Exclusive || e.UserID != ada.UserID || e.ID == "" {
				w.Errorf("%+v", e)
			}
			if row, err := w.store.Read().Email(w.Context(), e.ID); err != nil || row != e {
				w.Errorf("got %+v (%v), want %+v", row, err, e)
			}
			if n := len(w.mails()); n != i+1 {
				w.Errorf("%d mails wait", n)
			}
		}
		if owner, err := w.store.Read().UserByAddress(w.Context(), "bob@example.com"); err != nil || owner != bob.UserID {
			w.Errorf("the owner is %s (%v)", owner, err)
		}
		m := w.mails()[0]
		got := w.token(m.Token)
		if m.Template != mail.VerifyEmail || m.UserID != ada.UserID || m.Locale != "en" || m.ClientID != "web" ||
			got.Purpose != store.TokenVerifyEmail || got.Address != "lovelace@example.com" || got.UserID != ada.UserID || got.Reach != store.ReachMailed ||
			got.Newcomers != store.NewcomersRefused || len(got.Binding) != 0 || !got.ExpiresAt.Equal(got.CreatedAt.Add(24*time.Hour)) {
			w.Errorf("%+v %+v", m, got)
		}
		if e := w.events(watchword.EventEmailAdded); len(e) != 2 || e[0].UserID != ada.UserID || e[0].Data["email_id"] == "" || len(e[0].Data) != 1 {
			w.Errorf("%+v", e)
		}
	})
}

func TestAddressesAreAddedByThoseWhoHaveProvenOne(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		unproven, err := w.create(account.NewUser{Address: "unproven@example.com"}, "")
		w.ok(err)
		_, err = w.emails().Add(w.Context(), w.signsIn(unproven.UserID), "more@example.com")
		w.is(err, account.ErrEmailUnverified)
		_, err = w.emails().Add(w.Context(), ada.Caller, "nobody")
		w.is(err, account.ErrAddress)
		for _, address := range []string{"ada@example.com", "ADA@example.com"} {
			_, err = w.emails().Add(w.Context(), ada.Caller, address)
			w.is(err, account.ErrEmailAdded)
		}
		// Whose provider gave no address has to begin with one.
		nameless := w.person("nameless")
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteOtherEmails(w.Context(), nameless.UserID, "") }))
		e := w.adds(nameless, "first@example.com")
		w.proves(e)
		if got, err := w.emails().MakePrimary(w.Context(), nameless.Caller, e.ID); err != nil || !got.Primary {
			w.Errorf("%+v (%v)", got, err)
		}
		if n := len(w.mails()); n != 1 {
			w.Errorf("%d mails wait, want the verification alone", n)
		}
		w.adds(ada, "more@example.com")
		_, err = w.emails().Add(w.Context(), ada.Caller, "more@example.com")
		w.is(err, account.ErrEmailAdded)
		w.ok(w.emails().Remove(w.Context(), ada.Caller, w.last(ada).ID))
		_, err = w.emails().Add(w.Context(), ada.Caller, "more@example.com") // the mail counts
		w.is(err, limit.ErrLimited)
	})
}

// last is the address that a person has added last.
func (w *world) last(p person) watchword.Email {
	w.Helper()
	list, err := w.store.Read().Emails(w.Context(), p.UserID)
	w.ok(err)
	return list[len(list)-1]
}

func TestAUserHasTenAddressesAtTheMost(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		for i := range 9 {
			w.adds(ada, fmt.Sprintf("more%d@example.com", i))
		}
		_, err := w.emails().Add(w.Context(), ada.Caller, "one-more@example.com")
		w.is(err, account.ErrTooManyEmails)
		w.ok(w.emails().Remove(w.Context(), ada.Caller, w.last(ada).ID))
		w.adds(ada, "one-more@example.com")
	})
}

// Many at once are counted one by one, and the same address twice is one address.
func TestParallelAddressesAreAddedOneByOne(t *testing.T) {
	onEach(t, func(w *world) {
		ada, emails := w.person("ada"), w.emails()
		emails.Verification.Mails.Limiter = limit.Off()
		for i := range 7 { // eight with the first one
			w.adds(ada, fmt.Sprintf("more%d@example.com", i))
		}
		for round := range 15 {
			var added [8]error
			var acts []func() error
			for i := range added {
				acts = append(acts, func() error {
					_, added[i] = emails.Add(w.Context(), ada.Caller, fmt.Sprintf("rival%d@example.com", i/2))
					return added[i]
				})
			}
			w.race(len(acts), acts...)
			for _, err := range added {
				if err != nil && !errors.Is(err, account.ErrEmailAdded) && !errors.Is(err, account.ErrTooManyEmails) {
					w.Errorf("round %d: %v", round, err)
				}
			}
			list, err := w.store.Read().Emails(w.Context(), ada.UserID)
			w.ok(err)
			if len(list) != 10 {
				w.Fatalf("round %d: %d addresses", round, len(list))
			}
			for _, e := range list {
				if strings.HasPrefix(e.Address, "rival") {
					w.ok(emails.Remove(w.Context(), ada.Caller, e.ID))
				}
			}
		}
	})
}

func TestANewPrimaryAddressIsToldToTheOldOne(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		old := w.primary(ada)
		e := w.adds(ada, "lovelace@example.com")
		_, err := w.emails().MakePrimary(w.Context(), ada.Caller, e.ID)
		w.is(err, account.ErrAddressUnverified)
		w.proves(e)
		before := len(w.mails())
		w.clock.Advance(time.Second)
		for range 2 { // the second changes nothing
			got, err := w.emails().MakePrimary(w.Context(), ada.Caller, e.ID)
			if err != nil || !got.Primary || !got.Verified() || got.ID != e.ID {
				w.Errorf("%+v (%v)", got, err)
			}
		}
		if got := w.primary(ada); got.ID != e.ID {
			w.Errorf("the primary address is %s", got.Address)
		}
		mails := w.mails()
		if len(mails) != before+1 {
			w.Fatalf("%d mails, want one", len(mails)-before)
		}
		if m := mails[before]; m.Template != mail.EmailChanged || m.UserID != ada.UserID || m.To != "ada@example.com" || m.Subject != "lovelace@example.com" ||
			m.IP != "192.0.2.1" || m.Agent != "Test/1.0" || m.Token != "" {
			w.Errorf("%+v", m)
		}
		if e := w.events(watchword.EventPrimaryChanged); len(e) != 1 || e[0].Data["previous_email_id"] != string(old.ID) {
			w.Errorf("%+v", e)
		}
		_, err = w.emails().MakePrimary(w.Context(), ada.Caller, "eml_none")
		w.is(err, account.ErrEmailNotFound)
		_, err = w.emails().MakePrimary(w.Context(), w.person("bob").Caller, e.ID)
		w.is(err, account.ErrEmailNotFound)
	})
}

// halfProven is a user whose primary address was never proven and whose other one
// was, as happens to whoever made a user with somebody else's.
func (w *world) halfProven() (person, watchword.EmailID) {
	w.Helper()
	made, err := w.create(account.NewUser{Address: "theirs@example.com"}, "")
	w.ok(err)
	var id watchword.EmailID
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) (err error) {
		id, err = c.InsertEmail(w.Context(), watchword.Email{
			UserID: made.UserID, Address: "mine@example.com", Exclusive: true, VerifiedAt: w.clock.Now(),
		})
		return err
	}))
	return person{w.signsIn(made.UserID), made.Account.ID}, id
}

// An address that was never proven may be a stranger's, who has no business with
// the change.
func TestAnUnverifiedOldAddressIsToldNothing(t *testing.T) {
	onEach(t, func(w *world) {
		p, id := w.halfProven()
		_, err := w.emails().MakePrimary(w.Context(), p.Caller, id)
		w.ok(err)
		if n := len(w.mails()); n != 0 {
			w.Errorf("%d mails", n)
		}
	})
}

func TestAnAddressIsRemovedWithWhatIsUnderWayToIt(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		e := w.adds(ada, "lovelace@example.com")
		token := w.mailed().Token
		w.is(w.emails().Remove(w.Context(), w.person("bob").Caller, e.ID), account.ErrEmailNotFound)
		w.is(w.emails().Remove(w.Context(), ada.Caller, w.primary(ada).ID), account.ErrEmailPrimary)
		w.ok(w.emails().Remove(w.Context(), ada.Caller, e.ID))
		w.is(w.emails().Remove(w.Context(), ada.Caller, e.ID), account.ErrEmailNotFound)
		if n := len(w.mails()); n != 0 {
			w.Errorf("%d mails wait", n)
		}
		if _, err := w.store.Read().OneTimeToken(w.Context(), secret.Digest(secret.NewString(token))); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("the link is still known: %v", err)
		}
		if e := w.events(watchword.EventEmailRemoved); len(e) != 1 || e[0].UserID != ada.UserID {
			w.Errorf("%+v", e)
		}
	})
}

// A link to sign in would otherwise make a second user of its reader.
func TestWithAnAddressGoTheLinksThatSignInThere(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.person("ada"), w.person("eve")
		e := w.adds(ada, "lovelace@example.com")
		w.proves(e)
		w.clock.Advance(time.Minute) // one mail a minute to an address
		claim := w.adds(eve, "lovelace@example.com")
		link := account.NewToken(rand.Reader)
		w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
			expires := c.Now().Add(10 * time.Minute)
			err := c.InsertOneTimeToken(w.Context(), store.OneTimeToken{
				Digest: secret.Digest(link), Purpose: store.TokenMagicLink, UserID: ada.UserID, Address: e.Address,
				Reach: store.ReachMailed, Newcomers: store.NewcomersCreated, ExpiresAt: expires,
			})
			if err != nil {
				return err
			}
			return w.passwords.Jobs.EnqueueMail(w.Context(), c, mail.Message{Template: mail.MagicLink, Token: link.Reveal()}, expires)
		}))
		live := func() (token, waits bool) {
			waits = slices.ContainsFunc(w.mails(), func(m mail.Message) bool { return m.Token == link.Reveal() })
			return w.token(link.Reveal()).Live(w.clock.Now()), waits
		}
		w.ok(w.emails().Remove(w.Context(), eve.Caller, claim.ID)) // who only claimed it
		if token, waits := live(); !token || !waits {
			w.Errorf("a claim has voided the owner's link: live %v, waits %v", token, waits)
		}
		w.ok(w.emails().Remove(w.Context(), ada.Caller, e.ID))
		if token, waits := live(); token || waits {
			w.Errorf("live %v, waits %v", token, waits)
		}
	})
}

func TestTheOnlyVerifiedAddressStays(t *testing.T) {
	onEach(t, func(w *world) {
		p, id := w.halfProven()
		w.is(w.emails().Remove(w.Context(), p.Caller, id), account.ErrLastVerified)
		unproven := w.primary(p).ID
		_, err := w.emails().MakePrimary(w.Context(), p.Caller, id)
		w.ok(err)
		w.is(w.emails().Remove(w.Context(), p.Caller, id), account.ErrEmailPrimary)
		w.ok(w.emails().Remove(w.Context(), p.Caller, unproven))
	})
}

// Whoever finds a browser open, or a token, must not take the user over with it.
func TestChangesOfAddressesNeedAFreshSignIn(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		e := w.adds(ada, "lovelace@example.com")
		w.proves(e)
		acts := map[string]func(account.Caller) error{
			"add":    func(c account.Caller) error { _, err := w.emails().Add(w.Context(), c, "new@example.com"); return err },
			"remove": func(c account.Caller) error { return w.emails().Remove(w.Context(), c, e.ID) },
			"make primary": func(c account.Caller) error {
				_, err := w.emails().MakePrimary(w.Context(), c, e.ID)
				return err
			},
			"delete": func(c account.Caller) error { return w.profiles.Delete(w.Context(), c) },
		}
		stale := w.signsIn(ada.UserID)
		w.clock.Advance(10*time.Minute + time.Microsecond)
		ended, foreign, unknown := w.signsIn(ada.UserID), w.signsIn(ada.UserID), w.signsIn(ada.UserID)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeSession(w.Context(), ada.UserID, ended.Session) }))
		foreign.Session, unknown.Session = w.signsIn(bob.UserID).Session, "ses_none"
		for name, act := range acts {
			w.is(act(stale), account.ErrFreshSignIn)
			for _, gone := range []account.Caller{ended, foreign, unknown} {
				if err := act(gone); !errors.Is(err, account.ErrUserGone) {
					w.Errorf("%s: %v", name, err)
				}
			}
		}
		disabled := w.signsIn(ada.UserID)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.SetStatus(w.Context(), ada.UserID, watchword.UserDisabled) }))
		for name, act := range acts {
			if err := act(disabled); !errors.Is(err, account.ErrUserGone) {
				w.Errorf("%s: %v", name, err)
			}
		}
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.SetStatus(w.Context(), ada.UserID, watchword.UserActive) }))
		fresh := w.signsIn(ada.UserID)
		w.clock.Advance(10 * time.Minute) // no older than that
		for _, name := range []string{"add", "make primary", "delete"} {
			w.ok(acts[name](fresh))
		}
	})
}
