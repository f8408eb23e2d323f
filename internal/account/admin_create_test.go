package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
)

func TestAnAdministratorMakesUsers(t *testing.T) {
	onEach(t, func(w *world) {
		made, err := w.admin().CreateUser(w.Context(), w.usersKey(), account.AdminNewUser{
			Email: " Grace@Example.COM ", Proof: account.EmailVouched, Password: secret.NewString(password), AccountName: "Navy",
			Profile:       account.ProfileChange{Name: of("Grace Hopper"), Locale: of("en"), Metadata: []byte(`{"a": 1}`)},
			AdminMetadata: []byte(`{"plan": "pro"}`),
		})
		w.ok(err)
		if made.Email != "grace@example.com" || !made.EmailVerified || !made.HasPassword || made.Name != "Grace Hopper" || made.Metadata != `{"a":1}` ||
			made.AdminMetadata != `{"plan":"pro"}` || len(made.Memberships) != 1 || made.Memberships[0].Account.Name != "Navy" ||
			made.Memberships[0].Role != watchword.RoleOwner {
			w.Errorf("got %+v", made)
		}
		w.told(watchword.EventUserCreated, "key:key_users", made.ID)
		e := w.told(watchword.EventEmailVerified, "key:key_users", made.ID)
		if e.IP != "192.0.2.9" || e.UserAgent != "Admin/1.0" || e.RequestID != "req" {
			w.Errorf("got %+v", e)
		}
		if mails := w.mails(); len(mails) != 0 {
			w.Errorf("mailed %+v", mails)
		}
		bare, err := w.admin().CreateUser(w.Context(), w.usersKey(), account.AdminNewUser{})
		if err != nil || bare.Email != "" || bare.HasPassword || bare.AdminMetadata != "{}" {
			w.Errorf("got %+v (%v)", bare, err)
		}
	})
}

func TestAnAddressIsTakenUnlessNobodyProvedItAndSomebodyVouches(t *testing.T) {
	onEach(t, func(w *world) {
		squatter := w.unprovenAda()
		in := account.AdminNewUser{Email: "ada@example.com", Proof: account.EmailUnproven}
		_, err := w.admin().CreateUser(w.Context(), w.usersKey(), in)
		w.is(err, account.ErrEmailTaken)
		if said := (*watchword.Error)(nil); !errors.As(err, &said) || strings.Contains(said.Message, "Sign in") {
			w.Errorf("said %q", said.Message) // which is not for administrators to do
		}
		w.session(squatter)
		in.Proof = account.EmailVouched
		made, err := w.admin().CreateUser(w.Context(), w.usersKey(), in)
		w.ok(err)
		if holder, err := w.store.Read().UserByAddress(w.Context(), "ada@example.com"); err != nil || holder != made.ID {
			w.Errorf("held by %s (%v)", holder, err)
		}
		if w.record(squatter).HasPassword || len(w.live(squatter)) != 0 {
			w.Error("who gave the address and never proved it goes on")
		}
		if e := w.told(watchword.EventEmailDisplaced, "key:key_users", squatter); e.Data["sessions_ended"] != "1" || e.IP != "192.0.2.9" {
			w.Errorf("got %+v", e)
		}
		_, err = w.admin().CreateUser(w.Context(), w.usersKey(), in)
		w.is(err, account.ErrEmailTaken)
		if n := len(w.events(watchword.EventUserCreated)); n != 2 {
			w.Errorf("%d users", n)
		}
	})
}

func TestWhoIsInvitedChoosesAPassword(t *testing.T) {
	onEach(t, func(w *world) {
		in := account.AdminNewUser{Email: "grace@example.com", Proof: account.EmailUnproven, Welcome: account.WelcomeMail}
		made, err := w.admin().CreateUser(w.Context(), w.usersKey(), in)
		w.ok(err)
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.Welcome || mails[0].Token == "" {
			w.Fatalf("mailed %+v", mails)
		}
		w.clock.Advance(inviteLife - time.Minute)
		_, err = w.resets().Reset(w.Context(), account.Reset{Token: secret.NewString(mails[0].Token), Password: secret.NewString(password)})
		w.ok(err)
		if after := w.record(made.ID); !after.HasPassword || !after.EmailVerified {
			w.Errorf("got %+v", after)
		}
		_, err = w.admin().CreateUser(w.Context(), w.usersKey(), account.AdminNewUser{Welcome: account.WelcomeMail})
		if watchword.KindOf(err) != watchword.KindInvalid {
			w.Errorf("without an address: %v", err)
		}
	})
}

func TestARepeatedCreationMakesOneUser(t *testing.T) {
	onEach(t, func(w *world) {
		in := account.AdminNewUser{Email: "grace@example.com", Proof: account.EmailVouched, Call: w.call("one")}
		const callers = 8
		ids := make([]watchword.UserID, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				made, err := w.admin().CreateUser(w.Context(), w.usersKey(), in)
				if err != nil {
					w.Error(err)
				}
				ids[i] = made.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] {
				w.Errorf("made %v", ids)
			}
		}
		in.Call = w.call("two")
		_, err := w.admin().CreateUser(w.Context(), w.usersKey(), in)
		w.is(err, account.ErrEmailTaken)
	})
}

// As often as it is sent, it counts as one mail and costs one hash.
func TestARepeatedCreationCostsNothing(t *testing.T) {
	onEach(t, func(w *world) {
		in := account.AdminNewUser{
			Email: "grace@example.com", Proof: account.EmailUnproven, Password: secret.NewString(password), Welcome: account.WelcomeMail, Call: w.call("one"),
		}
		a := w.admin()
		made, err := a.CreateUser(w.Context(), w.usersKey(), in)
		w.ok(err)
		a.Hasher = nil // whoever hashes now panics
		for range 10 {
			again, err := a.CreateUser(w.Context(), w.usersKey(), in)
			if err != nil || again.ID != made.ID {
				w.Fatalf("made %s (%v)", again.ID, err)
			}
		}
		if n := len(w.mails()); n != 1 {
			w.Errorf("%d mails", n)
		}
	})
}
