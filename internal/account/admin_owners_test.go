package account_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
)

// deletes has a user deleted, for good where the life is zero.
func (w *world) deletes(p person, life time.Duration, owner account.LastOwner) error {
	w.Helper()
	return w.admin().DeleteUser(w.Context(), w.usersKey(), p.UserID, watchword.Precondition{}, of[time.Duration](life), owner)
}

func (w *world) disables(p person) {
	w.Helper()
	_, err := w.admin().Disable(w.Context(), w.usersKey(), p.UserID)
	w.ok(err)
}

// An invite to another address of theirs would be the way back, and as an owner.
func TestWhoIsPutOutHasOfferedNothing(t *testing.T) {
	onEach(t, func(w *world) {
		for name, out := range map[string]func(p person) error{
			"disabled":        func(p person) error { w.disables(p); return nil },
			"to be deleted":   func(p person) error { return w.deletes(p, grace, account.LastOwnerStays) },
			"forced":          func(p person) error { return w.deletes(p, grace, account.LastOwnerReplaced) },
			"deleted at once": func(p person) error { return w.deletes(p, 0, account.LastOwnerStays) },
		} {
			ada, host := w.person("ada-"+name[:3]), w.person("host-"+name[:3])
			w.joins(ada, host.own, watchword.RoleOwner)
			theirs := w.invite(ada, wish(host.own, "back@example.com", watchword.RoleOwner))
			own := w.invite(ada, wish(ada.own, "other@example.com", watchword.RoleMember))
			hosts := w.invite(host, wish(host.own, "guest@example.com", watchword.RoleMember))
			before := len(w.mails())
			w.ok(out(ada))
			if w.status(theirs.ID) != watchword.InviteRevoked {
				w.Errorf("%s: their invite is %s", name, w.status(theirs.ID))
			}
			if one, err := w.store.Read().Invite(w.Context(), own.ID); err == nil && one.Status(w.clock.Now()) != watchword.InviteRevoked {
				w.Errorf("%s: the one to their own account is %s", name, one.Status(w.clock.Now()))
			}
			if w.status(hosts.ID) != watchword.InvitePending || len(w.mails()) != before-2 {
				w.Errorf("%s: the host's is %s; %d mails wait, before %d", name, w.status(hosts.ID), len(w.mails()), before)
			}
			_, _, err := w.invites().Create(w.Context(), ada.Caller, wish(host.own, "more@example.com", watchword.RoleMember))
			if err == nil {
				w.Errorf("%s: they invite all the same", name)
			}
		}
	})
}

func TestNoInviteIsLeftOfOneWhoInvitesWhileTheyAreDisabled(t *testing.T) {
	onEach(t, func(w *world) {
		for round := range 8 {
			w.clock.Advance(24 * time.Hour) // the limit of invites
			ada := w.person("ada" + string(rune('a'+round)))
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					_, _, _ = w.invites().Create(w.Context(), ada.Caller, wish(ada.own, "back@example.com", watchword.RoleOwner))
				})
			}
			all.Go(func() { w.disables(ada) })
			all.Wait()
			pending := watchword.InviteFilter{AccountID: ada.own, Status: watchword.InvitePending}
			if list, _, err := w.store.Read().Invites(w.Context(), pending, watchword.Page{Limit: 9}); err != nil || len(list) != 0 {
				w.Fatalf("round %d: %d invites are left (%v)", round, len(list), err)
			}
		}
	})
}

// An owner who cannot come in looks after nothing; enabled, they do again.
func TestADisabledOwnerIsNoneWhoStays(t *testing.T) {
	onEach(t, func(w *world) {
		for name, out := range map[string]func(p person) error{
			"disabled":      func(p person) error { w.disables(p); return nil },
			"to be deleted": func(p person) error { return w.deletes(p, grace, account.LastOwnerStays) },
		} {
			ada, bob, eve := w.person("ada-"+name[:3]), w.person("bob-"+name[:3]), w.person("eve-"+name[:3])
			theirs, mine := w.joins(bob, ada.own, watchword.RoleOwner), w.membership(ada, ada.own).ID
			w.joins(eve, ada.own, watchword.RoleMember)
			w.ok(out(bob))
			for what, act := range map[string]func() error{
				"leave": func() error { return w.accounts().Remove(w.Context(), ada.Caller, ada.own, mine) },
				"step down": func() error {
					_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, mine, watchword.RoleAdmin)
					return err
				},
				"delete themselves": func() error { return w.profiles.Delete(w.Context(), ada.Caller) },
				"be deleted":        func() error { return w.deletes(ada, grace, account.LastOwnerStays) },
				"be deleted now":    func() error { return w.deletes(ada, 0, account.LastOwnerStays) },
			} {
				if err := act(); !errors.Is(err, account.ErrLastOwner) {
					w.Errorf("%s beside an owner who is %s: %v", what, name, err)
				}
			}
			_, err := w.admin().Enable(w.Context(), w.usersKey(), bob.UserID)
			w.ok(err)
			_, err = w.accounts().SetRole(w.Context(), ada.Caller, ada.own, mine, watchword.RoleAdmin)
			w.ok(err)
			_, err = w.admin().SetMemberRole(w.Context(), w.usersKey(), ada.own, mine, watchword.Precondition{}, watchword.RoleOwner)
			w.ok(err)
			w.ok(out(bob))
			w.ok(w.accounts().Remove(w.Context(), ada.Caller, ada.own, theirs)) // the disabled one may go
		}
	})
}

func TestOfTwoOwnersWhoAreToBeDeletedAtOnceOneStays(t *testing.T) {
	onEach(t, func(w *world) {
		for round := range 8 {
			ada, bob, eve := w.person("ada"+string(rune('a'+round))), w.person("bob"+string(rune('a'+round))), w.person("eve"+string(rune('a'+round)))
			w.joins(bob, ada.own, watchword.RoleOwner)
			w.joins(eve, ada.own, watchword.RoleMember)
			var all sync.WaitGroup
			outcomes := make([]error, 2)
			for i, p := range []person{ada, bob} {
				all.Go(func() { outcomes[i] = w.deletes(p, grace, account.LastOwnerStays) })
			}
			all.Wait()
			refused := 0
			for _, err := range outcomes {
				if errors.Is(err, account.ErrLastOwner) {
					refused++
				} else if err != nil {
					w.Fatal(err)
				}
			}
			if refused != 1 {
				w.Fatalf("round %d: %d were refused", round, refused)
			}
		}
	})
}

func TestAnAccountIsHandedToWhoCanComeIn(t *testing.T) {
	onEach(t, func(w *world) {
		ada, owner, admin, member := w.person("ada"), w.person("owner"), w.person("admin"), w.person("member")
		w.joins(owner, ada.own, watchword.RoleOwner)
		w.joins(admin, ada.own, watchword.RoleAdmin)
		w.clock.Advance(time.Second)
		w.joins(member, ada.own, watchword.RoleMember)
		w.disables(owner)
		w.disables(admin)
		w.ok(w.deletes(ada, 0, account.LastOwnerReplaced))
		if got := w.membership(member, ada.own).Role; got != watchword.RoleOwner {
			w.Errorf("the heir is %q", got)
		}
		if got := w.membership(admin, ada.own).Role; got != watchword.RoleAdmin {
			w.Errorf("the disabled one is %q", got)
		}

		// Where nobody can come in somebody has it all the same, whom enabling brings back.
		w.disables(member)
		w.ok(w.deletes(owner, 0, account.LastOwnerReplaced))
		w.ok(w.deletes(member, 0, account.LastOwnerReplaced))
		if got := w.membership(admin, ada.own).Role; got != watchword.RoleOwner {
			w.Errorf("the last one is %q", got)
		}
	})
}
