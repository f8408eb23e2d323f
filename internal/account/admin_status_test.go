package account_test

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
)

func TestDisablingEndsAllThatAUserHasBegun(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.session(id)
		w.session(id)
		link := w.link(id, w.record(id).Emails[0].ID, store.TokenMagicLink)
		for range 2 { // the second finds nothing to do
			after, err := w.admin().Disable(w.Context(), w.usersKey(), id)
			if err != nil || after.Status != watchword.UserDisabled {
				w.Fatalf("got %+v (%v)", after, err)
			}
		}
		if len(w.live(id)) != 0 || !w.void(link) {
			w.Error("sessions or links go on")
		}
		if e := w.told(watchword.EventUserDisabled, "key:key_users", id); e.Data["sessions_ended"] != "2" {
			w.Errorf("got %v", e.Data)
		}
		for range 2 {
			after, err := w.admin().Enable(w.Context(), w.usersKey(), id)
			if err != nil || after.Status != watchword.UserActive {
				w.Fatalf("got %+v (%v)", after, err)
			}
		}
		w.told(watchword.EventUserEnabled, "key:key_users", id)
		if len(w.live(id)) != 0 {
			w.Error("enabling has brought a session back")
		}
	})
}

// A sign-in that is under way either fails or is ended with the others.
func TestNoSessionIsLeftOfASignInWhileItsUserIsDisabledOrDeleted(t *testing.T) {
	onEach(t, func(w *world) {
		for _, end := range []func(id watchword.UserID) error{
			func(id watchword.UserID) error {
				_, err := w.admin().Disable(w.Context(), w.usersKey(), id)
				return err
			},
			func(id watchword.UserID) error {
				return w.admin().DeleteUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, of[time.Duration](grace), account.LastOwnerStays)
			},
		} {
			id := w.person("ada" + string(rune('a'+len(w.events(watchword.EventUserCreated))))).UserID
			_, cred, err := w.store.Read().UserWithCredential(w.Context(), id)
			w.ok(err)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() { _ = w.begin(cred) })
			}
			all.Go(func() { w.ok(end(id)) })
			all.Wait()
			if live := w.live(id); len(live) != 0 {
				w.Errorf("%d sessions are left", len(live))
			}
			w.is(w.begin(cred), store.ErrNotFound)
		}
	})
}

// begin starts a session as every way in does.
func (w *world) begin(cred store.Credential) error {
	return w.store.Tx(w.Context(), func(c *store.Conn) error {
		if _, err := c.BeginSession(w.Context(), cred); err != nil {
			return err
		}
		return c.InsertSession(w.Context(), &watchword.Session{
			ID: watchword.NewID[watchword.SessionID](c.Now(), rand.Reader), UserID: cred.UserID, Generation: 1, Nonce: []byte("0123456789abcdef"),
			IdleExpiresAt: c.Now().Add(time.Hour), ExpiresAt: c.Now().Add(time.Hour),
		}, store.ClientUnauthenticated)
	})
}

func TestADeletedUserCanBeBroughtBackUntilTheGraceIsOver(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		remove := func() {
			w.Helper()
			w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, of[time.Duration](grace), account.LastOwnerStays))
		}
		remove()
		got := w.record(ada.UserID)
		if got.Status != watchword.UserDisabled || !got.DeleteAt.Equal(w.clock.Now().Add(grace)) || len(w.live(ada.UserID)) != 0 {
			w.Errorf("got %+v", got)
		}
		if e := w.told(watchword.EventDeletionScheduled, "key:key_users", ada.UserID); e.Data["delete_at"] != got.DeleteAt.Format(time.RFC3339) {
			w.Errorf("got %v", e.Data)
		}
		w.clock.Advance(grace - time.Second)
		w.ok(w.admin().DeleteDue(w.Context()))
		after, err := w.admin().Enable(w.Context(), w.usersKey(), ada.UserID)
		if err != nil || after.Status != watchword.UserActive || !after.DeleteAt.IsZero() {
			w.Errorf("got %+v (%v)", after, err)
		}
		if e := w.told(watchword.EventUserEnabled, "key:key_users", ada.UserID); e.Data["deletion"] != "cancelled" {
			w.Errorf("got %v", e.Data)
		}
		w.clock.Advance(2 * grace)
		w.ok(w.admin().DeleteDue(w.Context()))
		w.record(ada.UserID)

		remove()
		w.clock.Advance(grace)
		w.ok(w.admin().DeleteDue(w.Context()))
		_, err = w.admin().User(w.Context(), ada.UserID)
		w.is(err, account.ErrUserNotFound)
		_, err = w.admin().Account(w.Context(), ada.own)
		w.is(err, account.ErrNoAccount)
		w.told(watchword.EventUserDeleted, "system", ada.UserID)
		w.told(watchword.EventAccountDeleted, "system", "")
	})
}

// Disabling says nothing of a deletion.
func TestDisablingDoesNotCancelADeletion(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, of[time.Duration](grace), account.LastOwnerStays))
		before := w.record(id)
		after, err := w.admin().Disable(w.Context(), w.usersKey(), id)
		if diff := cmp.Diff(before, after); err != nil || diff != "" {
			w.Errorf("something was changed (%v):\n%s", err, diff)
		}
		w.clock.Advance(grace)
		w.ok(w.admin().DeleteDue(w.Context()))
		_, err = w.admin().User(w.Context(), id)
		w.is(err, account.ErrUserNotFound)
	})
}

// A call that is sent again, or somebody else's, puts nothing off; another grace does.
func TestDeletingAgainKeepsTheEndUnlessAGraceIsGiven(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		again := func(life *time.Duration) time.Time {
			w.Helper()
			w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, life, account.LastOwnerStays))
			return w.record(ada.UserID).DeleteAt
		}
		end := again(nil)
		if !end.Equal(w.clock.Now().Add(grace)) {
			w.Errorf("deleted at %v", end)
		}
		w.clock.Advance(time.Hour)
		if got := again(nil); !got.Equal(end) {
			w.Errorf("put off to %v", got)
		}
		w.told(watchword.EventDeletionScheduled, "key:key_users", ada.UserID)
		late := again(of(2 * grace))
		if !late.Equal(w.clock.Now().Add(2 * grace)) {
			w.Errorf("with a grace: %v", late)
		}
		if got := again(nil); !got.Equal(late) {
			w.Errorf("drawn forward to %v", got)
		}
		w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, of(time.Duration(0)), account.LastOwnerStays))
		_, err := w.admin().User(w.Context(), ada.UserID)
		w.is(err, account.ErrUserNotFound)
	})
}

func TestWhoIsTheLastOwnerIsNotDeletedUnlessSomebodyTakesOver(t *testing.T) {
	onEach(t, func(w *world) {
		ada, first, admin := w.person("ada"), w.person("first"), w.person("admin")
		w.joins(first, ada.own, watchword.RoleMember)
		w.clock.Advance(time.Second)
		w.joins(admin, ada.own, watchword.RoleAdmin)
		for _, life := range []time.Duration{0, grace} {
			err := w.admin().DeleteUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, of[time.Duration](life), account.LastOwnerStays)
			w.is(err, account.ErrLastOwner)
		}
		if got := w.record(ada.UserID); got.Status != watchword.UserActive || !got.DeleteAt.IsZero() || len(w.live(ada.UserID)) != 1 {
			w.Errorf("after a refusal: %+v", got)
		}
		w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, of[time.Duration](0), account.LastOwnerReplaced))
		if m := w.membership(admin, ada.own); m.Role != watchword.RoleOwner {
			w.Errorf("the heir is %q", m.Role)
		}
		if e := w.told(watchword.EventMemberRoleChanged, "key:key_users", admin.UserID); e.Data["role"] != "owner" {
			w.Errorf("got %v", e.Data)
		}
		w.told(watchword.EventMemberRemoved, "key:key_users", ada.UserID)
		w.told(watchword.EventUserDeleted, "key:key_users", ada.UserID)
	})
}

// During the grace the other owner may have been disabled.
func TestWhoHasBecomeTheLastOwnerGoesWhenTheirTimeHasCome(t *testing.T) {
	onEach(t, func(w *world) {
		ada, owner, member := w.person("ada"), w.person("owner"), w.person("member")
		w.joins(owner, ada.own, watchword.RoleOwner)
		w.joins(member, ada.own, watchword.RoleMember)
		w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), ada.UserID, watchword.Precondition{}, of[time.Duration](time.Hour), account.LastOwnerStays))
		_, err := w.admin().Disable(w.Context(), w.usersKey(), owner.UserID)
		w.ok(err)
		w.clock.Advance(time.Hour)
		w.ok(w.admin().DeleteDue(w.Context()))
		if m := w.membership(member, ada.own); m.Role != watchword.RoleOwner {
			w.Errorf("the heir is %q", m.Role)
		}
		_, err = w.admin().User(w.Context(), ada.UserID)
		w.is(err, account.ErrUserNotFound)
	})
}

func TestDeletingNeedsTheRevisionThatIsNamed(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		seen := watchword.InRevisions(w.record(id).Revision())
		_, err := w.admin().UpdateUser(w.Context(), w.usersKey(), id, seen, account.UserChange{Profile: account.ProfileChange{Name: of("Countess")}})
		w.ok(err)
		for _, life := range []time.Duration{0, grace} {
			w.is(w.admin().DeleteUser(w.Context(), w.usersKey(), id, seen, of[time.Duration](life), account.LastOwnerStays), watchword.ErrPrecondition)
		}
		now := watchword.InRevisions(w.record(id).Revision())
		w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), id, now, of[time.Duration](0), account.LastOwnerStays))
		w.is(w.admin().DeleteUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, of[time.Duration](0), account.LastOwnerStays), account.ErrUserNotFound)
	})
}

func TestNodesThatDeleteAtOnceDeleteEachUserOnce(t *testing.T) {
	onEach(t, func(w *world) {
		for _, name := range []string{"ada", "bob", "eve"} {
			w.ok(w.admin().DeleteUser(w.Context(), w.usersKey(), w.person(name).UserID, watchword.Precondition{}, of[time.Duration](time.Hour), account.LastOwnerStays))
		}
		w.clock.Advance(time.Hour)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := w.admin().DeleteDue(w.Context()); err != nil {
					w.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(w.events(watchword.EventUserDeleted)); n != 3 {
			w.Errorf("%d deletions of 3 users", n)
		}
	})
}
