package signin_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// private is a world that tells nobody which addresses it knows, with one that it does.
func private(t *testing.T, test func(w *world, owner watchword.UserID)) {
	t.Helper()
	onEach(t, func(w *world) {
		owner := w.signUp(address).Grant.User.ID
		w.exec("DELETE FROM jobs")
		w.Discovery = signin.DiscoveryPrivate
		test(w, owner)
	})
}

// join signs up under private discovery and answers the job that is to finish it.
func (w *world) join(email string) store.Job {
	w.Helper()
	before := map[watchword.MessageID]bool{}
	for _, j := range w.jobs(job.KindSignUp) {
		before[j.ID] = true
	}
	_, err := w.SignUp(w.Context(), w.joining(email))
	w.is(err, signin.ErrCheckEmail)
	for _, j := range w.jobs(job.KindSignUp) {
		if !before[j.ID] {
			return j
		}
	}
	w.Fatal("nothing was queued")
	return store.Job{}
}

func TestAPrivateSignUpCostsAlikeForAll(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		var wire *storetest.Wire
		if w.engine == store.Postgres {
			var tapped string
			tapped, wire = storetest.Tap(w.TB, w.location)
			w.Service = newNode(w.TB, w.engine, tapped, w.clock).Service
			w.Discovery = signin.DiscoveryPrivate
		}
		type cost struct {
			hashes             uint64
			jobs, rows, events int
			asked              int64
		}
		costOf := func(email string) (c cost) {
			hashes, jobs, rows, events := w.Hasher.Stats().Done, w.count("jobs"), w.count("users"), w.count("events")
			in := w.joining(email)
			if wire != nil {
				c.asked = -wire.RoundTrips()
			}
			_, err := w.SignUp(w.Context(), in)
			w.is(err, signin.ErrCheckEmail)
			if wire != nil {
				c.asked += wire.RoundTrips()
			}
			c.hashes, c.jobs, c.rows, c.events = w.Hasher.Stats().Done-hashes, w.count("jobs")-jobs, w.count("users")-rows, w.count("events")-events
			return c
		}
		for range 20 { // every connection knows its statements
			costOf(w.somewhere().IP + "@example.com")
		}
		unknown, known := costOf("new@example.com"), costOf(address)
		if unknown != known || unknown.hashes != 1 || unknown.jobs != 1 || unknown.rows != 0 || unknown.events != 0 {
			w.Errorf("an unknown address costs %+v, a known one %+v", unknown, known)
		}
	})
}

// How long a hash takes tells whether it was imported, and so that the address
// is known. Failures are answered a whole number of seconds after they came.
func TestAPrivateFailureIsAnsweredAtWholeSeconds(t *testing.T) {
	private(t, func(w *world, owner watchword.UserID) {
		w.exec("UPDATE emails SET verified_at = created_at")
		imported, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		w.ok(err)
		var paused time.Duration
		w.paused = func(d time.Duration) {
			if s := w.Hasher.Stats(); s.Running != 0 {
				w.Error("a hash slot is held")
			}
			paused += d
		}
		try := func(email, password string, work time.Duration) (time.Duration, error) {
			w.Helper()
			in := w.wish(email, password)
			in.Device = func(watchword.DeviceOwner) string { w.clock.Advance(work); return "" }
			paused = 0
			_, err := w.Password(w.Context(), in)
			return paused, err
		}
		for work, want := range map[time.Duration]time.Duration{
			40 * time.Millisecond: 960 * time.Millisecond, 900 * time.Millisecond: 100 * time.Millisecond, 1300 * time.Millisecond: 700 * time.Millisecond,
		} {
			w.exec("UPDATE users SET password_hash = $1 WHERE id = $2", string(imported), string(owner))
			for _, email := range []string{address, "nobody@example.com"} {
				got, err := try(email, another, work)
				w.is(err, signin.ErrInvalidCredentials)
				if got != want {
					w.Errorf("%s after %v: paused for %v, want %v", email, work, got, want)
				}
			}
			got, err := try(address, password, work)
			w.ok(err)
			if got != 0 {
				w.Error("a success was delayed")
			}
		}
		w.Discovery = signin.DiscoveryOpen
		if got, err := try(address, another, 0); got != 0 || !errors.Is(err, signin.ErrInvalidCredentials) {
			w.Errorf("paused for %v under open discovery: %v", got, err)
		}
	})
}

func TestAPrivateSignUpIsFinishedOnce(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		j := w.join("new@example.com")
		for range 3 { // the runner died before it could tell, each time
			w.ok(w.FinishSignUp(w.Context(), j))
		}
		mails := w.mails()
		if w.count("users") != 2 || w.count("accounts") != 2 || len(mails) != 1 || mails[0].Template != mail.VerifyEmail || mails[0].Token == "" {
			w.Errorf("%d users, mails %+v", w.count("users"), mails)
		}
		if e := w.events(watchword.EventUserCreated); len(e) != 2 || e[0].IP == "" && e[1].IP == "" {
			w.Errorf("events: %+v", e)
		}
		if len(w.jobs(job.KindSignUp)) != 0 {
			w.Error("the job waits still")
		}
		if n := w.count("sessions"); n != 1 {
			w.Errorf("%d sessions: a private sign-up starts none", n)
		}
		// Until somebody has proven to read the address, its password is as good as
		// a wrong one: signing up and then in must not tell that it was free.
		_, err := w.signIn("new@example.com", password)
		w.is(err, signin.ErrInvalidCredentials)
	})
}

func TestAPrivateSignUpWithAKnownAddressTellsItsOwner(t *testing.T) {
	private(t, func(w *world, owner watchword.UserID) {
		j := w.join(address)
		for range 3 {
			w.ok(w.FinishSignUp(w.Context(), j))
		}
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.AccountExists || mails[0].UserID != owner || mails[0].Token != "" {
			w.Errorf("mails: %+v", mails)
		}
		for _, table := range []string{"users", "emails", "accounts", "memberships"} {
			if n := w.count(table); n != 1 {
				w.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

func TestOfParallelPrivateSignUpsOneMakesTheUser(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		jobs := []store.Job{w.join("new@example.com"), w.join("new@example.com"), w.join("new@example.com")}
		var wait sync.WaitGroup
		for _, j := range append(jobs, jobs...) { // each by two runners
			wait.Go(func() {
				if err := w.FinishSignUp(w.Context(), j); err != nil {
					w.Error(err)
				}
			})
		}
		wait.Wait()
		count := map[mail.Template]int{}
		for _, m := range w.mails() {
			count[m.Template]++
		}
		// The link of the first is void: the others cannot tell it from one of theirs.
		if w.count("users") != 2 || count[mail.VerifyEmail] != 0 || count[mail.AccountExists] != 2 {
			w.Errorf("%d users, mails %v", w.count("users"), count)
		}
	})
}

func TestAPrivateSignUpIsRefusedAlikeForAll(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		for _, email := range []string{address, "new@example.com"} {
			in := w.joining(email)
			in.Password = w.wish("", "password12").Password
			_, err := w.SignUp(w.Context(), in)
			if watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%s: %v", email, err)
			}
			w.SignUpMode = signin.SignUpClosed
			_, err = w.SignUp(w.Context(), w.joining(email))
			w.is(err, signin.ErrSignUpDisabled)
			w.SignUpMode = signin.SignUpOpen
		}
		if n := w.count("jobs"); n != 0 {
			w.Errorf("%d jobs", n)
		}
	})
}

func TestAJobThatCannotBeReadIsParked(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		j := w.join("new@example.com")
		j.Payload[len(j.Payload)-1] ^= 1
		w.is(w.FinishSignUp(w.Context(), j), job.ErrPermanent)
	})
}

// Strangers must not fill a mailbox: what is over the limit of the address is
// spared, and nobody learns of it.
func TestPrivateSignUpsMailAnOwnerOnlySoOften(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		for range 7 {
			w.ok(w.FinishSignUp(w.Context(), w.join(address)))
		}
		if n := len(w.mails()); n != 5 {
			w.Errorf("%d mails", n)
		}
	})
}

// Whoever signs up second would take the first one's link for their own, and
// confirm a password that is not theirs.
func TestASecondPrivateSignUpVoidsTheLinkOfTheFirst(t *testing.T) {
	private(t, func(w *world, _ watchword.UserID) {
		for email, told := range map[string]int{"new@example.com": 1, "spared@example.com": 0} {
			w.ok(w.FinishSignUp(w.Context(), w.join(email)))
			first := w.letter(mail.VerifyEmail, email)
			if told == 0 { // so many have tried that the owner is mailed no more
				for range w.Limits.NoticePerAddress.Count {
					w.ok(w.Limiter.Take(w.Context(), w.Limits.NoticePerAddress, email, w.somewhere()))
				}
			}
			w.exec("DELETE FROM jobs WHERE done_at IS NOT NULL")
			before := len(w.mails())
			w.ok(w.FinishSignUp(w.Context(), w.join(email)))
			w.dead(first.Token) // in the queue, too
			if got := len(w.mails()) - before + 1; got != told {
				w.Errorf("%s: %d mails were queued, want %d", email, got, told)
			}
			_, err := w.Verify.Confirm(w.Context(), secret.NewString(first.Token), w.somewhere())
			w.is(err, account.ErrTokenUsed)
		}
	})
}

// Only for known addresses it would tell which those are.
func TestAHandedOverInviteAsksAllToSignInUnderPrivateDiscovery(t *testing.T) {
	onEach(t, func(w *world) {
		team := w.team()
		w.signUp(address)
		w.verifiedUser("verified@example.com")
		w.Discovery = signin.DiscoveryPrivate
		for _, email := range []string{"new@example.com", address, "verified@example.com"} {
			i := w.invite(team, email, store.ReachHandedOver)
			_, err := w.accept(i, nobody)
			w.is(err, signin.ErrSignInRequired)
			if !w.token(i.token.Reveal()).Live(w.clock.Now()) || w.count("users") != 3 {
				w.Errorf("%s: a refusal has left something", email)
			}
		}
		r, err := w.accept(w.invite(team, "new@example.com", store.ReachMailed), nobody)
		w.ok(err)
		if !r.IsNewUser {
			w.Errorf("got %+v", r)
		}
	})
}
