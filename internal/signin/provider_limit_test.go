package signin_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

// Signing up at a provider is signing up: one network gets no further that way, and
// sends no more mails to strangers.
func TestSigningUpAtAProviderCountsAsSigningUp(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		here := w.somewhere()
		come := func(subject, email string) error {
			in := w.to("forge")
			in.Origin = here
			back := w.back(w.begin(in), upstreamtest.User{Subject: subject, Email: email})
			back.Origin = here
			_, err := w.FinishProvider(w.Context(), back)
			return err
		}
		for n := range w.Limits.SignUpPerIP.Count {
			subject := strconv.Itoa(n)
			w.ok(come(subject, subject+"@example.com"))
		}
		users, mails := w.count("users"), len(w.mails())
		w.is(come("one more", "one-more@example.com"), limit.ErrLimited)
		if list := w.events(watchword.EventSignInFailed); len(list) != 0 {
			w.Errorf("besides the limiter's sum there are events %+v", list)
		}
		if sums := w.Limiter.Throttled().Drain(); len(sums) != 1 || sums[0].Rule != w.Limits.SignUpPerIP.Name || sums[0].Count != 1 {
			w.Errorf("summed up is %+v", sums)
		}
		w.ok(come("0", "0@example.com")) // who is known signs in
		if w.count("users") != users || len(w.mails()) != mails {
			w.Errorf("%d users after %d, %d mails after %d", w.count("users"), users, len(w.mails()), mails)
		}
	})
}

// A count may wait for Redis: under the one writer everybody would wait along, and
// a transaction that is repeated would be counted twice and lose its mail.
func TestMailsAreCountedOutsideTheTransaction(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		var users []int // that others see while a mail is counted
		w.Verify.Mails.Limiter = limit.New(limit.Config{DigestKey: []byte("limits"), Now: func() time.Time {
			users = append(users, w.count("users"))
			return w.clock.Now()
		}})
		users = nil
		w.in("forge", ada())
		if len(users) == 0 || slices.Min(users) != 1 || len(w.mails()) != 1 {
			w.Errorf("others see %v users; mails %+v", users, w.mails())
		}
	})
}

// Whoever is in stays in, though their mail could not be queued.
func TestANewcomerIsInWithoutTheirMail(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		way := w.begin(w.to("forge"))
		back := w.back(way, ada())
		w.exec("ALTER TABLE jobs RENAME TO jobs_away")
		r, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		if !r.IsNewUser || r.Grant.RefreshToken.IsZero() || r.Next != signin.NextVerifyEmail {
			w.Errorf("got %+v", r)
		}
		// But what says that a mail was sent must be true.
		w.Verification = signin.VerificationRequired
		w.clock.Advance(time.Minute)
		back = w.back(w.begin(w.to("forge")), ada())
		_, err = w.FinishProvider(w.Context(), back)
		w.is(err, store.ErrUnavailable)
	})
}
