package signin_test

import (
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestARightPasswordStartsASession(t *testing.T) {
	onEach(t, func(w *world) {
		up := w.signUp(address)
		r, err := w.signIn("  ADA@Example.com ", password)
		w.ok(err)
		if r.Grant.User.ID != up.Grant.User.ID || r.Device != up.Device || r.IsNewUser || r.Next != signin.NextVerifyEmail {
			w.Errorf("got %+v", r)
		}
		if a, err := w.Sessions.Keys.OpenAccess(r.Grant.AccessToken); err != nil || a.AMR[0] != watchword.AMRPassword || a.AuthTime != w.clock.Now().Unix() {
			w.Errorf("got %+v (%v)", a, err)
		}
		w.exec("UPDATE emails SET verified_at = 1")
		if r, err := w.signIn(address, password); err != nil || r.Next != "" {
			w.Errorf("next is %q (%v)", r.Next, err)
		}
	})
}

// Whoever guesses must not learn whether an address is known: not from the answer,
// and not from what it cost.
func TestAWrongPasswordCostsWhatAnUnknownAddressCosts(t *testing.T) {
	onEach(t, func(w *world) {
		var wire *storetest.Wire
		if w.engine == store.Postgres {
			var tapped string
			tapped, wire = storetest.Tap(w.TB, w.location)
			w.Service = newNode(w.TB, w.engine, tapped, w.clock).Service
		}
		w.signUp(address)
		w.signUp("disabled@example.com")
		w.exec("UPDATE users SET status = 'disabled' WHERE id IN (SELECT user_id FROM emails WHERE address = 'disabled@example.com')")
		w.signUp("bare@example.com")
		w.exec("UPDATE users SET password_hash = '' WHERE id IN (SELECT user_id FROM emails WHERE address = 'bare@example.com')")
		type cost struct {
			hashes       uint64
			events, rows int
			asked        int64
			answer       string
		}
		costOf := func(email string) (c cost) {
			hashes, events, rows, asked := w.Hasher.Stats().Done, len(w.events(watchword.EventSignInFailed)), w.count("sessions")+w.count("jobs"), int64(0)
			if wire != nil {
				asked = wire.RoundTrips()
			}
			_, err := w.signIn(email, "not the password at all")
			if wire != nil {
				c.asked = wire.RoundTrips() - asked
			}
			c.hashes, c.events = w.Hasher.Stats().Done-hashes, len(w.events(watchword.EventSignInFailed))-events
			c.rows, c.answer = w.count("sessions")+w.count("jobs")-rows, err.Error()
			return c
		}
		for range 20 { // every connection knows its statements
			costOf("warm" + w.somewhere().IP + "@example.com")
		}
		want := costOf("nobody@example.com")
		if want.hashes != 1 || want.events != 1 || want.rows != 0 || wire != nil && want.asked != 2 {
			w.Errorf("an unknown address costs %+v", want)
		}
		for _, email := range []string{address, "disabled@example.com", "bare@example.com"} {
			if got := costOf(email); got != want {
				w.Errorf("%s costs %+v, want %+v", email, got, want)
			}
		}
	})
}

func TestOnlyARightPasswordTellsOfTheUser(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		w.Verification = signin.VerificationRequired
		_, err := w.signIn(address, another)
		w.is(err, signin.ErrInvalidCredentials)
		_, err = w.signIn(address, password)
		w.is(err, signin.ErrEmailUnverified)
		w.exec("UPDATE users SET status = 'disabled'")
		_, err = w.signIn(address, another)
		w.is(err, signin.ErrInvalidCredentials)
		_, err = w.signIn(address, password)
		w.is(err, signin.ErrUserDisabled)
		w.exec("UPDATE users SET status = 'active'")
		w.exec("UPDATE emails SET verified_at = 1")
		_, err = w.signIn(address, password)
		w.ok(err)
	})
}

// The link of the sign-up may be lost or have expired, and nobody signed in can ask
// for another.
func TestWhoMustVerifyTheirAddressFirstIsMailedALink(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.signUp(address).Grant.User.ID
		w.Verification = signin.VerificationRequired
		woken := 0
		w.Verify.Jobs.Wake = func() { woken++ }
		w.mailsALinkOnlySoOften(user, func() error { _, err := w.signIn(address, password); return err })
		if woken != 5 {
			w.Errorf("woken %d times", woken)
		}
		_, err := w.signIn(address, another)
		w.is(err, signin.ErrInvalidCredentials)
		w.Discovery = signin.DiscoveryPrivate // where a right password is told from a wrong one by nothing
		before := w.count("jobs")
		w.clock.Advance(2 * time.Hour)
		_, err = w.signIn(address, password)
		w.is(err, signin.ErrInvalidCredentials)
		if n := w.count("jobs"); n != before {
			w.Errorf("%d mails more", n-before)
		}
		w.Discovery = signin.DiscoveryOpen
		_, err = w.signIn(address, password)
		w.is(err, signin.ErrEmailUnverified)
		_, err = w.Verify.Confirm(w.Context(), secret.NewString(w.letter(mail.VerifyEmail, address).Token), w.somewhere())
		w.ok(err)
		_, err = w.signIn(address, password)
		w.ok(err)
	})
}

// mailsALinkOnlySoOften says that a refused sign-in mails a link each time, and five
// within an hour.
func (w *world) mailsALinkOnlySoOften(user watchword.UserID, signIn func() error) {
	w.Helper()
	w.clock.Advance(time.Hour)
	w.exec("DELETE FROM jobs")
	for n := range 7 {
		w.clock.Advance(time.Minute)
		w.is(signIn(), signin.ErrEmailUnverified)
		w.is(signIn(), signin.ErrEmailUnverified) // nor twice a minute
		if mails := w.mails(); len(mails) != min(n+1, 5) || mails[0].Template != mail.VerifyEmail || mails[0].UserID != user {
			w.Fatalf("after %d times there wait %+v", n+1, mails)
		}
	}
	if t := w.token(w.letter(mail.VerifyEmail, address).Token); len(t.Binding) != 0 || t.ClientID != "web" {
		w.Errorf("the link is %+v", t)
	}
}

func TestPasswordsAreComparedExactly(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		for _, near := range []string{password + " ", " " + password, password[:len(password)-1], "Violet tambourine 41 harvest", ""} {
			_, err := w.signIn(address, near)
			w.is(err, signin.ErrInvalidCredentials)
			w.clock.Advance(15 * 60e9) // past the wait for wrong ones
		}
	})
}

func TestAClientOffersItsMethodsAlone(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		in := w.wish(address, password)
		in.Client.Methods = []watchword.Method{watchword.MethodMagicLink}
		_, err := w.Password(w.Context(), in)
		w.is(err, signin.ErrMethodNotOffered)
		up := w.joining("eve@example.com")
		up.Client.Methods = in.Client.Methods
		_, err = w.SignUp(w.Context(), up)
		w.is(err, signin.ErrMethodNotOffered)
	})
}

func TestAStrangersAccountIsRefusedAfterARightPassword(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		theirs := w.signUp("eve@example.com").Grant.Account.ID
		in := w.wish(address, password)
		in.AccountID = theirs
		_, err := w.Password(w.Context(), in)
		w.is(err, session.ErrNotAMember)
		in = w.wish(address, another)
		in.AccountID = theirs
		_, err = w.Password(w.Context(), in)
		w.is(err, signin.ErrInvalidCredentials)
	})
}

func TestAnAddedAddressDoesNotSignIn(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.signUp(address).Grant.User.ID
		w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error {
			_, err := c.InsertEmail(w.Context(), watchword.Email{UserID: id, Address: "claimed@example.com"})
			return err
		}))
		_, err := w.signIn("claimed@example.com", password)
		w.is(err, signin.ErrInvalidCredentials)
	})
}

func TestAnImportedPasswordIsHashedAnewAtSignIn(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		imported, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		w.ok(err)
		w.exec("UPDATE users SET password_hash = $1", string(imported))
		_, err = w.signIn(address, another)
		w.is(err, signin.ErrInvalidCredentials)
		before, err := w.Store.Read().CredentialFor(w.Context(), address)
		w.ok(err)
		if before.Hash.Reveal() != string(imported) {
			w.Fatal("a wrong password replaced the hash")
		}
		r, err := w.signIn(address, password)
		w.ok(err)
		after, err := w.Store.Read().CredentialFor(w.Context(), address)
		w.ok(err)
		if after.Hash.Reveal() == string(imported) || after.PasswordVersion != before.PasswordVersion {
			w.Errorf("hashed anew: %v; version %d, was %d", after.Hash.Reveal() != string(imported), after.PasswordVersion, before.PasswordVersion)
		}
		_, err = w.Sessions.Me(w.Context(), session.Caller{UserID: r.Grant.User.ID, SessionID: r.Grant.Session.ID})
		w.ok(err) // no change of password: the session stays
		_, err = w.signIn(address, password)
		w.ok(err)
		if n := len(w.events(watchword.EventPasswordRehashed)); n != 1 {
			w.Errorf("%d events", n)
		}
	})
}

func TestAFailedSignInIsRecorded(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.signUp(address).Grant.User.ID
		_, err := w.signIn(address, another)
		w.is(err, signin.ErrInvalidCredentials)
		e := w.events(watchword.EventSignInFailed)[0]
		if e.UserID != id || e.Actor != "system" || e.IP == "" || e.Data["method"] != "password" || e.ClientID != "web" {
			w.Errorf("got %+v", e)
		}
	})
}
