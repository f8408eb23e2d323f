package signin_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
)

// squatter is somebody who has signed up with another's address, and all that
// they have put there to come back by.
type squatter struct {
	session.Grant
	tokens []string // that lead in, or to another address
	codes  signin.LinkSent
	code   string
}

// squat makes a squatter with everything that a user can have.
func (w *world) squat(email string) squatter {
	w.Helper()
	s := squatter{Grant: w.signUp(email).Grant}
	_, err := w.signIn(email, password)
	w.ok(err)
	user := s.User.ID
	w.exec("INSERT INTO identities VALUES ('idn_'||'" + string(user) + "', '" + string(user) + "', 'forge', 'https://forge.example', '" + string(user) + "', '', 1)")
	w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
		e := watchword.Email{UserID: user, Address: "squatter-of-" + email}
		if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
			return err
		}
		_, err := w.Verify.Queue(w.Context(), c, e, "web", "", account.Return{})
		return err
	}))
	s.tokens = append(s.tokens, w.letter(mail.VerifyEmail, email).Token, w.letter(mail.VerifyEmail, "squatter-of-"+email).Token, w.sendReset(email).Token)
	codes, m := w.sendLink(w.wishLink(email))
	s.tokens, s.codes, s.code = append(s.tokens, m.Token), codes, m.Code
	return s
}

// ways are those that prove a mailbox, each ready to be gone by whoever holds
// what was mailed.
func (w *world) ways(email string) map[string]func(holder account.Holder) error {
	w.Helper()
	in := func(holder account.Holder) signin.Arrival {
		a := w.opening()
		a.Holder = holder
		return a
	}
	sent, m := w.sendLink(w.wishLink(email))
	invite := w.invite(w.team(), email, store.ReachMailed)
	reset := w.sendReset(email)
	return map[string]func(account.Holder) error{
		"link": func(h account.Holder) error {
			_, err := w.MagicLink(w.Context(), secret.NewString(m.Token), in(h))
			return err
		},
		"code": func(h account.Holder) error {
			_, err := w.MagicCode(w.Context(), sent.LoginID, secret.NewString(m.Code), in(h))
			return err
		},
		"reset": func(h account.Holder) error {
			_, err := w.resets().Reset(w.Context(), account.Reset{Token: secret.NewString(reset.Token), Password: secret.NewString(another), Holder: h})
			return err
		},
		"mailed invite": func(h account.Holder) error {
			_, err := w.AcceptInvite(w.Context(), invite.token, in(h))
			return err
		},
	}
}

var wayNames = []string{"link", "code", "reset", "mailed invite"}

// dead says that a token opens nothing and that no mail carries it any more.
func (w *world) dead(text string) {
	w.Helper()
	digest := secret.Digest(secret.NewString(text))
	t, err := w.Store.Read().OneTimeToken(w.Context(), digest)
	if !errors.Is(err, store.ErrNotFound) && (err != nil || t.Live(w.clock.Now())) {
		w.Errorf("a %s token lives (%v)", t.Purpose, err)
	}
	for _, j := range w.jobs(job.KindMail) {
		var m mail.Message
		w.ok(job.Decode(w.Keyring, j, &m))
		if m.Token == text {
			w.Errorf("a mail with a %s token waits", t.Purpose)
		}
	}
}

func TestProofOfTheMailboxWipesASquatter(t *testing.T) {
	for _, way := range wayNames {
		t.Run(way, func(t *testing.T) {
			onEach(t, func(w *world) {
				s := w.squat(address)
				before := w.live(s.User.ID)
				w.ok(w.ways(address)[way](nobody))
				e := w.email(s.User.ID)
				if e.Address != address || !e.Verified() || !e.Primary || !e.Exclusive {
					w.Errorf("the address: %+v", e)
				}
				if _, err := w.signIn(address, password); !errors.Is(err, signin.ErrInvalidCredentials) {
					w.Errorf("the squatter's password lets in (%v)", err)
				}
				after := w.live(s.User.ID)
				for _, id := range before {
					if slices.Contains(after, id) {
						w.Error("a session of the squatter goes on")
					}
				}
				if want := map[bool]int{true: 0, false: 1}[way == "reset"]; len(after) != want {
					w.Errorf("%d sessions, want %d", len(after), want)
				}
				if _, err := w.Sessions.Refresh(w.Context(), session.Presented{Token: s.RefreshToken}); !errors.Is(err, session.ErrSessionRevoked) {
					w.Errorf("the squatter refreshes (%v)", err)
				}
				if n := w.count("identities"); n != 0 {
					w.Errorf("%d identities", n)
				}
				for _, token := range s.tokens {
					w.dead(token)
				}
				if _, err := w.try(s.codes, s.code); !errors.Is(err, account.ErrTokenUsed) {
					w.Errorf("the squatter's code lets in (%v)", err)
				}
				if _, err := w.Store.Read().Membership(w.Context(), s.User.ID, s.Account.ID); err != nil {
					w.Errorf("the account is gone: %v", err)
				}
				if list := w.events(watchword.EventUserReclaimed); len(list) != 1 || list[0].UserID != s.User.ID || list[0].Data["sessions_ended"] != "2" {
					w.Errorf("events: %+v", list)
				}
			})
		})
	}
}

// Where the same browser holds a live session of the user it is one person.
func TestProofInTheUsersOwnBrowserWipesNothing(t *testing.T) {
	for _, way := range wayNames {
		t.Run(way, func(t *testing.T) {
			onEach(t, func(w *world) {
				s := w.squat(address)
				w.ok(w.ways(address)[way](holding(s.Grant)))
				list, err := w.Store.Read().Emails(w.Context(), s.User.ID)
				w.ok(err)
				if len(list) != 2 {
					w.Errorf("addresses: %+v", list)
				}
				for _, e := range list {
					if e.Verified() != (e.Address == address) {
						w.Errorf("address: %+v", e)
					}
				}
				right := map[bool]string{true: another, false: password}[way == "reset"]
				if _, err := w.signIn(address, right); err != nil {
					w.Errorf("the password is gone: %v", err)
				}
				if w.count("identities") != 1 || len(w.events(watchword.EventUserReclaimed)) != 0 {
					w.Error("something was wiped")
				}
			})
		})
	}
}

// A session that ended between the question and the act is no session: the wipe
// that ended it must not be undone by it.
func TestASessionThatHasEndedIsNobodys(t *testing.T) {
	for _, way := range wayNames {
		t.Run(way, func(t *testing.T) {
			onEach(t, func(w *world) {
				s, other := w.squat(address), w.verifiedUser("eve@example.com").Grant
				ways := w.ways(address)
				w.ok(w.Sessions.SignOut(w.Context(), session.Caller{UserID: s.User.ID, SessionID: s.Session.ID}, session.SignOutThis, w.somewhere()))
				forged := account.Holder{UserID: s.User.ID, SessionID: other.Session.ID}
				holder := holding(s.Grant)
				if w.engine == store.SQLite {
					holder = forged // nor is the session of somebody else
				}
				w.ok(ways[way](holder))
				if len(w.events(watchword.EventUserReclaimed)) != 1 {
					w.Error("nothing was wiped")
				}
			})
		})
	}
}

func TestAVerifiedUserIsNeverWiped(t *testing.T) {
	for _, way := range wayNames {
		t.Run(way, func(t *testing.T) {
			onEach(t, func(w *world) {
				owner := w.verifiedUser(address).Grant
				w.ok(w.ways(address)[way](nobody))
				if len(w.events(watchword.EventUserReclaimed)) != 0 {
					w.Error("a verified user was wiped")
				}
				if way == "reset" {
					return // which ends all sessions and replaces the password by itself
				}
				if _, err := w.signIn(address, password); err != nil || !slices.Contains(w.live(owner.User.ID), owner.Session.ID) {
					w.Errorf("password or session is gone (%v)", err)
				}
			})
		})
	}
}

func TestAVerificationLinkWipesNothing(t *testing.T) {
	onEach(t, func(w *world) {
		s := w.squat(address)
		done, err := w.Verify.Confirm(w.Context(), secret.NewString(s.tokens[0]), w.somewhere())
		w.ok(err)
		if done.Email != address || !done.At.Equal(w.clock.Now()) || w.count("identities") != 1 || len(w.live(s.User.ID)) != 2 {
			w.Errorf("got %+v", done)
		}
		if _, err := w.signIn(address, password); err != nil {
			w.Error(err)
		}
	})
}

func TestThisWasNotMeWipes(t *testing.T) {
	onEach(t, func(w *world) {
		s := w.squat(address)
		w.ok(w.Verify.Deny(w.Context(), secret.NewString(s.tokens[0]), w.somewhere()))
		if e := w.email(s.User.ID); e.Verified() || e.Address != address {
			w.Errorf("the address: %+v", e)
		}
		if len(w.live(s.User.ID)) != 0 || w.count("identities") != 0 || len(w.events(watchword.EventUserReclaimed)) != 1 {
			w.Error("something of the squatter is left")
		}
		for _, token := range s.tokens {
			w.dead(token)
		}
		if _, err := w.signIn(address, password); !errors.Is(err, signin.ErrInvalidCredentials) {
			w.Errorf("the password lets in (%v)", err)
		}
		_, err := w.Verify.Confirm(w.Context(), secret.NewString(s.tokens[0]), w.somewhere())
		w.is(err, account.ErrTokenUsed)
		w.is(w.Verify.Deny(w.Context(), secret.NewString(s.tokens[0]), w.somewhere()), account.ErrTokenUsed)
		_, m := w.sendLink(w.wishLink(address)) // whoever reads the mailbox comes in
		r, err := w.open(m)
		w.ok(err)
		if r.Grant.User.ID != s.User.ID || r.Grant.User.HasPassword {
			w.Errorf("got %+v", r)
		}
	})
}

func TestNoSignInSurvivesAWipe(t *testing.T) {
	onEach(t, func(w *world) {
		other := newNode(w.TB, w.engine, w.location, w.clock)
		for round := range 12 {
			email := string(rune('a'+round)) + "@example.com"
			squatted := w.signUp(email).Grant
			_, m := w.sendLink(w.wishLink(email))
			var come signin.Result
			var wait sync.WaitGroup
			for range 3 {
				wait.Go(func() {
					if _, err := w.signIn(email, password); err != nil && !errors.Is(err, signin.ErrInvalidCredentials) {
						w.Errorf("a sign-in got %v", err)
					}
				})
			}
			wait.Go(func() {
				_, _ = w.Sessions.Refresh(w.Context(), session.Presented{Token: squatted.RefreshToken})
			})
			wait.Go(func() {
				var err error
				if come, err = other.open(m); err != nil {
					w.Errorf("the link got %v", err)
				}
			})
			wait.Wait()
			if live := w.live(squatted.User.ID); len(live) != 1 || live[0] != come.Grant.Session.ID {
				w.Fatalf("%d sessions, want that of the link alone", len(live))
			}
		}
	})
}

// Whatever comes first, the answers agree with what is left: the password stays
// exactly where its user was confirmed.
func TestConfirmingAndDisowningAndWipingAgree(t *testing.T) {
	onEach(t, func(w *world) {
		other := newNode(w.TB, w.engine, w.location, w.clock)
		for round := range 12 {
			email := string(rune('a'+round)) + "@example.com"
			user := w.signUp(email).Grant.User.ID
			token := secret.NewString(w.letter(mail.VerifyEmail, email).Token)
			_, m := w.sendLink(w.wishLink(email))
			var confirmed, denied, opened error
			var wait sync.WaitGroup
			wait.Go(func() { _, confirmed = w.Verify.Confirm(w.Context(), token, w.somewhere()) })
			wait.Go(func() { denied = other.Verify.Deny(w.Context(), token, w.somewhere()) })
			wait.Go(func() { _, opened = other.open(m) })
			wait.Wait()
			for _, err := range []error{confirmed, denied, opened} {
				if err != nil && !errors.Is(err, account.ErrTokenUsed) {
					w.Fatal(err)
				}
			}
			u, err := w.Store.Read().User(w.Context(), user)
			w.ok(err)
			if confirmed == nil && denied == nil || u.HasPassword != (confirmed == nil) || u.EmailVerified != (confirmed == nil || opened == nil) {
				w.Fatalf("confirmed: %v, denied: %v, opened: %v, but the user is %+v", confirmed, denied, opened, u)
			}
		}
	})
}

// An address that changes hands while its token is being used must not let one
// user in as the other.
func TestAnAddressThatChangesHandsLetsNobodyInAsAnother(t *testing.T) {
	t.Parallel()
	storePostgres(t, func(w *world) {
		squatted := w.signUp(address).Grant
		invite := w.invite(w.team(), address, store.ReachHandedOver)
		owner := w.verifiedUser("owner@example.com").Grant.User.ID
		accepted := make(chan error, 1)
		var r signin.Result
		w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
			if err := c.LockUser(w.Context(), squatted.User.ID); err != nil {
				return err
			}
			go func() {
				var err error
				r, err = w.accept(invite, holding(squatted)) // has looked who has the address, and waits for them
				accepted <- err
			}()
			w.untilSomebodyWaits()
			e := watchword.Email{UserID: owner, Address: address}
			var err error
			if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
				return err
			}
			_, err = c.VerifyEmail(w.Context(), e)
			return err
		}))
		// Whoever was displaced has no session any more.
		w.is(<-accepted, signin.ErrSignInRequired)
		if !r.Grant.RefreshToken.IsZero() || len(w.live(owner)) != 1 {
			w.Fatal("somebody is in as the owner")
		}
	})
}

func storePostgres(t *testing.T, test func(w *world)) {
	t.Helper()
	if testing.Short() {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(newWorld(t, store.Postgres))
	})
}

// Links that were asked for before anybody had the address are outstanding, too.
func TestAWipeTakesLinksFromBeforeTheUser(t *testing.T) {
	onEach(t, func(w *world) {
		_, early := w.sendLink(w.wishLink(address))
		w.signUp(address)
		reset := w.sendReset(address)
		_, err := w.resets().Reset(w.Context(), account.Reset{Token: secret.NewString(reset.Token), Password: secret.NewString(another)})
		w.ok(err)
		w.dead(early.Token)
		if w.count("one_time_tokens WHERE used_at IS NULL AND voided_at IS NULL") != 0 {
			w.Error("something is outstanding")
		}
	})
}

// Invites say nothing of a user: they outlive a wipe.
func TestAWipeLeavesInvites(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		invite := w.invite(w.team(), address, store.ReachMailed)
		_, m := w.sendLink(w.wishLink(address))
		come, err := w.open(m)
		w.ok(err)
		r, err := w.accept(invite, holding(come.Grant))
		w.ok(err)
		if r.Grant.Account.ID != invite.account.ID || r.Grant.User.ID != come.Grant.User.ID {
			w.Errorf("got %+v", r)
		}
	})
}

func TestALinkIsForTheUserItWasAskedFor(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		sent, m := w.sendLink(w.wishLink(address))
		owner := w.verifiedUser("owner@example.com").Grant.User.ID
		w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) (err error) {
			e := watchword.Email{UserID: owner, Address: address}
			if e.ID, err = c.InsertEmail(w.Context(), e); err != nil {
				return err
			}
			_, err = c.VerifyEmail(w.Context(), e)
			return err
		}))
		_, err := w.open(m)
		w.is(err, account.ErrTokenUsed)
		_, err = w.try(sent, m.Code)
		w.is(err, account.ErrTokenUsed)
		if len(w.live(owner)) != 1 {
			w.Error("a link of another user lets in")
		}
	})
}
