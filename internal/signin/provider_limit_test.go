package signin_test

import (
	"strconv"
	"testing"

	"watchword"
	"watchword/internal/limit"
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
