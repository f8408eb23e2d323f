package signin_test

import (
	"strconv"
	"testing"

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
		w.ok(come("0", "0@example.com")) // who is known signs in
		if w.count("users") != users || len(w.mails()) != mails {
			w.Errorf("%d users after %d, %d mails after %d", w.count("users"), users, len(w.mails()), mails)
		}
	})
}
