package account_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

func TestOfParallelChangesOfOneRevisionOneIsMade(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		want := watchword.InRevisions(w.record(id).Revision())
		var done, refused atomic.Int64
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				change := account.UserChange{Profile: account.ProfileChange{Name: of("Countess")}}
				after, err := w.admin().UpdateUser(w.Context(), w.usersKey(), id, want, change)
				switch {
				case err == nil && want.Holds(after.Revision()) != nil:
					done.Add(1)
				case watchword.KindOf(err) == watchword.KindPrecondition:
					refused.Add(1)
				default:
					w.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if done.Load() != 1 || refused.Load() != 9 {
			w.Errorf("%d made, %d refused", done.Load(), refused.Load())
		}
	})
}

// What an administrator looks at is not only the row: what its owner changes of
// addresses and identities makes a copy old as well.
func TestWhatUsersChangeOfThemselvesMovesTheirRevisionOn(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		before := w.record(ada.UserID).Revision()
		moved := func(what string) {
			w.Helper()
			after := w.record(ada.UserID).Revision()
			if after == before {
				w.Errorf("%s: still the same revision", what)
			}
			before = after
		}
		added, err := w.emails().Add(w.Context(), ada.Caller, "second@example.com")
		w.ok(err)
		moved("an address added")
		w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
			_, err := account.Prove(w.Context(), c, watchword.Origin{}, added, account.Holder{UserID: ada.UserID, SessionID: ada.Session})
			return err
		}))
		moved("an address proven")
		_, err = w.emails().MakePrimary(w.Context(), ada.Caller, added.ID)
		w.ok(err)
		moved("another primary address")
		w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
			_, err := account.Link(w.Context(), c, watchword.Origin{}, watchword.Identity{UserID: ada.UserID, Provider: "acme", Issuer: "i", Subject: "7"}, "")
			return err
		}))
		moved("an identity linked")
	})
}

func TestAnAdministratorReplacesTheAddress(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		old := w.record(id).Emails[0]
		link := w.link(id, old.ID, store.TokenResetPassword)
		after, err := w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, account.UserChange{
			Email: of("King@Example.org"), Proof: account.EmailVouched,
		})
		w.ok(err)
		if after.Email != "king@example.org" || !after.EmailVerified || len(after.Emails) != 1 {
			w.Errorf("got %+v", after)
		}
		if !w.void(link) {
			w.Error("a link to the old address still works")
		}
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.EmailChanged || mails[0].To != "ada@example.com" || mails[0].Subject != "king@example.org" {
			w.Errorf("mailed %+v", mails)
		}
		for _, typ := range []watchword.EventType{watchword.EventEmailAdded, watchword.EventEmailVerified, watchword.EventPrimaryChanged, watchword.EventEmailRemoved} {
			w.told(typ, "key:key_users", id)
		}
		// The old address is free again, and the new one is somebody's.
		_, err = w.create(account.NewUser{Address: "ada@example.com"}, "")
		w.ok(err)
		_, err = w.create(account.NewUser{Address: "king@example.org"}, "")
		w.is(err, account.ErrEmailTaken)
	})
}

func TestAnAddressWithoutAProofIsHeldAndUnproven(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		_, err := w.create(account.NewUser{Address: "bob@example.com"}, "")
		w.ok(err)
		change := func(email string) (watchword.UserRecord, error) {
			return w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, account.UserChange{Email: &email})
		}
		_, err = change("bob@example.com")
		w.is(err, account.ErrEmailTaken)
		if got := w.record(id); got.Email != "ada@example.com" || len(got.Emails) != 1 {
			w.Errorf("after a refusal: %+v", got)
		}
		after, err := change("king@example.org")
		w.ok(err)
		if after.EmailVerified || !after.Emails[0].Exclusive {
			w.Errorf("got %+v", after.Emails)
		}
		after, err = w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, account.UserChange{Proof: account.EmailVouched})
		if err != nil || !after.EmailVerified {
			w.Errorf("got %+v (%v)", after, err)
		}
		_, err = w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, account.UserChange{Proof: account.EmailUnproven})
		if watchword.KindOf(err) != watchword.KindInvalid || !w.record(id).EmailVerified {
			w.Errorf("got %v", err)
		}
	})
}

func TestOneOfTheUsersOwnAddressesBecomesThePrimaryOne(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		added, err := w.emails().Add(w.Context(), ada.Caller, "second@example.com")
		w.ok(err)
		after, err := w.admin().UpdateUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, account.UserChange{Email: of("second@example.com")})
		w.ok(err)
		if len(after.Emails) != 1 || after.Emails[0].ID != added.ID || !after.Emails[0].Primary || !after.Emails[0].Exclusive {
			w.Errorf("got %+v", after.Emails)
		}
	})
}

func TestANewPasswordEndsWhatTheOldOneBegan(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.session(id)
		link := w.link(id, w.record(id).Emails[0].ID, store.TokenMagicLink)
		cred, err := w.store.Read().CredentialFor(w.Context(), "ada@example.com")
		w.ok(err)
		change := account.UserChange{Password: secret.NewString("password")}
		_, err = w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, change)
		if watchword.KindOf(err) != watchword.KindInvalid || len(w.live(id)) != 1 {
			w.Errorf("a weak password: %v", err)
		}
		change.Password = secret.NewString(another)
		_, err = w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, change)
		w.ok(err)
		if len(w.live(id)) != 0 || !w.void(link) {
			w.Error("sessions or links go on")
		}
		err = w.store.Tx(w.Context(), func(c *store.Conn) error { _, err := c.BeginSession(w.Context(), cred); return err })
		w.is(err, store.ErrNotFound) // a sign-in under way with the old one
		fresh, err := w.store.Read().CredentialFor(w.Context(), "ada@example.com")
		w.ok(err)
		if verdict, err := w.passwords.Hasher.Verify(w.Context(), fresh.Hash, secret.NewString(another)); err != nil || !verdict.Matches() {
			w.Errorf("the new password does not match (%v)", err)
		}
		if e := w.told(watchword.EventPasswordChanged, "key:key_users", id); e.Data["sessions_ended"] != "1" {
			w.Errorf("got %v", e.Data)
		}
		if mails := w.mails(); len(mails) != 1 || mails[0].Template != mail.PasswordChange {
			w.Errorf("mailed %+v", mails)
		}
	})
}

func TestAResetMailGoesToWhoHoldsTheAddress(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.session(id)
		expires, err := w.admin().SendReset(w.Context(), w.usersKey(), id, account.OldPasswordKept)
		w.ok(err)
		if !expires.Equal(w.clock.Now().Add(30*time.Minute)) || !w.record(id).HasPassword || len(w.live(id)) != 1 {
			w.Errorf("expires %v", expires)
		}
		mails := w.mails()
		if len(mails) != 1 || mails[0].Template != mail.ResetPassword {
			w.Fatalf("mailed %+v", mails)
		}
		w.told(watchword.EventResetRequested, "key:key_users", id)
		_, err = w.admin().SendReset(w.Context(), w.usersKey(), id, account.OldPasswordCleared)
		w.ok(err)
		if w.record(id).HasPassword || len(w.live(id)) != 0 {
			w.Error("the password or a session is still there")
		}
		tokens := w.mails()
		if len(tokens) != 1 || tokens[0].Token == mails[0].Token {
			w.Fatalf("waiting: %+v", tokens)
		}
		_, err = w.resets().Reset(w.Context(), account.Reset{Token: secret.NewString(tokens[0].Token), Password: secret.NewString(another)})
		w.ok(err)
	})
}

func TestWhoCannotBeMailedGetsNoReset(t *testing.T) {
	onEach(t, func(w *world) {
		nobody, err := w.create(account.NewUser{}, "")
		w.ok(err)
		claims, err := w.create(account.NewUser{Address: "claim@example.com", Claimed: true}, "")
		w.ok(err)
		for _, id := range []watchword.UserID{nobody.UserID, claims.UserID} {
			if _, err := w.admin().SendReset(w.Context(), w.usersKey(), id, account.OldPasswordKept); watchword.KindOf(err) != watchword.KindConflict {
				w.Errorf("got %v", err)
			}
		}
		id := w.ada()
		_, err = w.admin().Disable(w.Context(), w.usersKey(), id)
		w.ok(err)
		_, err = w.admin().SendReset(w.Context(), w.usersKey(), id, account.OldPasswordKept)
		w.is(err, account.ErrUserDisabled)
		_, err = w.admin().SendReset(w.Context(), w.usersKey(), "usr_x", account.OldPasswordKept)
		w.is(err, account.ErrUserNotFound)
		if mails := w.mails(); len(mails) != 0 {
			w.Errorf("mailed %+v", mails)
		}
	})
}

func TestAMailboxIsNotFilledByAdministrators(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		var limited bool
		for range 6 {
			_, err := w.admin().SendReset(w.Context(), w.usersKey(), id, account.OldPasswordKept)
			limited = limited || watchword.KindOf(err) == watchword.KindLimited
		}
		if !limited {
			w.Error("six mails in an hour")
		}
	})
}

func TestUsersAreFoundPageAfterPage(t *testing.T) {
	onEach(t, func(w *world) {
		var want []watchword.UserID
		add := func(u account.NewUser) {
			made, err := w.create(u, "")
			w.ok(err)
			want = append(want, made.UserID)
		}
		for _, address := range []string{"ada1@example.com", "ada2@example.com", "ada3@example.com"} {
			add(account.NewUser{Address: address, Name: "Ada with an address"})
		}
		add(account.NewUser{Address: "ada4@example.com", Claimed: true})
		for range 3 {
			w.clock.Advance(time.Second) // names of a kind come in the order of their making
			add(account.NewUser{Name: "ADA Byron"})
		}
		_, err := w.create(account.NewUser{Address: "bob@example.com", Name: "Bob"}, "")
		w.ok(err)
		for _, limit := range []int{1, 2, 3, 4, 7, 9} {
			var got []watchword.UserID
			page := watchword.Page{Limit: limit}
			for {
				list, next, err := w.admin().Users(w.Context(), watchword.UserFilter{Text: " aDa"}, page)
				w.ok(err)
				for _, u := range list {
					got = append(got, u.ID)
				}
				if page.Before = next; next == "" {
					break
				}
				if len(list) != limit {
					w.Fatalf("a page of %d with %d", limit, len(list))
				}
			}
			if !slices.Equal(got, want) {
				w.Errorf("in pages of %d: got %v, want %v", limit, got, want)
			}
		}
	})
}

func TestAnIDFindsOneUserAndAStrangeCursorIsRefused(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.ada()
		for range 2 {
			w.person([]string{"bob", "bo"}[len(w.events(watchword.EventUserCreated))-1])
		}
		users := func(text, cursor string, status watchword.UserStatus) ([]watchword.UserRecord, string, error) {
			return w.admin().Users(w.Context(), watchword.UserFilter{Text: text, Status: status}, watchword.Page{Before: cursor, Limit: 1})
		}
		if list, next, err := users(string(ada), "", ""); err != nil || len(list) != 1 || list[0].ID != ada || next != "" {
			w.Errorf("got %v %q (%v)", list, next, err)
		}
		if list, _, err := users(string(ada), "", watchword.UserDisabled); err != nil || len(list) != 0 {
			w.Errorf("got %v (%v)", list, err)
		}
		if list, _, err := users("usr_00000000000000000000000000", "", ""); err != nil || len(list) != 0 {
			w.Errorf("got %v (%v)", list, err)
		}
		_, next, err := users("bo", "", "")
		w.ok(err)
		for text, cursor := range map[string]string{
			"": next, "ada": next, "bo": string(ada), "b": "AAAA", "bob": "MABib2IA!",
		} {
			if _, _, err := users(text, cursor, ""); watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%q from %q: %v", text, cursor, err)
			}
		}
	})
}
