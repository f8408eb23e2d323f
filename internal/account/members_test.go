package account_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
)

var roles = []watchword.Role{watchword.RoleOwner, watchword.RoleAdmin, watchword.RoleMember}

// Nobody grants or touches a role above their own, and members manage nobody.
func TestRolesAreGrantedAndTouchedUpToOnesOwn(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		for i, mine := range roles {
			actor := w.person("actor" + string(mine))
			w.joins(actor, ada.own, mine)
			for j, theirs := range roles {
				target := w.person("target" + string(mine) + string(theirs))
				id := w.joins(target, ada.own, theirs)
				for k, wanted := range roles {
					may := mine != watchword.RoleMember && j >= i && k >= i
					got, err := w.accounts().SetRole(w.Context(), actor.Caller, ada.own, id, wanted)
					if may && (err != nil || got.Role != wanted || got.User.ID != target.UserID) {
						w.Errorf("%s makes %s %s: %+v, %v", mine, theirs, wanted, got, err)
					}
					if !may && !errors.Is(err, account.ErrInsufficientRole) {
						w.Errorf("%s makes %s %s: %v", mine, theirs, wanted, err)
					}
					if may { // back, by one who may
						_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, id, theirs)
						w.ok(err)
					}
					if now := w.membership(target, ada.own).Role; now != theirs {
						w.Fatalf("%s could make %s %s", mine, theirs, now)
					}
				}
				err := w.accounts().Remove(w.Context(), actor.Caller, ada.own, id)
				if may := mine != watchword.RoleMember && j >= i; may != (err == nil) || err != nil && !errors.Is(err, account.ErrInsufficientRole) {
					w.Errorf("%s removes %s: %v", mine, theirs, err)
				}
			}
		}
	})
}

func TestEverybodyMayLeaveAndTheLastOwnerStays(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		first := w.membership(ada, ada.own).ID
		w.is(w.accounts().Remove(w.Context(), ada.Caller, ada.own, first), account.ErrLastOwner) // alone, too
		for _, role := range roles {
			id := w.joins(bob, ada.own, role)
			w.ok(w.accounts().Remove(w.Context(), bob.Caller, ada.own, id))
			w.is(w.accounts().Remove(w.Context(), bob.Caller, ada.own, id), account.ErrAccountNotFound)
		}
		w.joins(bob, ada.own, watchword.RoleAdmin)
		w.is(w.accounts().Remove(w.Context(), ada.Caller, ada.own, first), account.ErrLastOwner)
		for _, lower := range roles[1:] {
			_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, first, lower)
			w.is(err, account.ErrLastOwner)
		}
		_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, first, watchword.RoleOwner) // as it is
		w.ok(err)
		if n := w.owners(ada.own); n != 1 {
			w.Errorf("%d owners", n)
		}
		_, err = w.accounts().SetRole(w.Context(), ada.Caller, ada.own, w.membership(bob, ada.own).ID, watchword.RoleOwner)
		w.ok(err)
		w.ok(w.accounts().Remove(w.Context(), ada.Caller, ada.own, first))
		if n := len(w.events(watchword.EventMemberLeft)); n != len(roles)+1 {
			w.Errorf("%d left", n)
		}
	})
}

func TestChangesOfMembersAreRecorded(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		id := w.joins(bob, ada.own, watchword.RoleMember)
		for range 2 { // the second changes nothing
			_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, id, watchword.RoleAdmin)
			w.ok(err)
		}
		w.ok(w.accounts().Remove(w.Context(), ada.Caller, ada.own, id))
		changed, removed := w.events(watchword.EventMemberRoleChanged), w.events(watchword.EventMemberRemoved)
		if len(changed) != 1 || len(removed) != 1 {
			w.Fatalf("%+v %+v", changed, removed)
		}
		for _, e := range append(changed, removed...) {
			if e.UserID != bob.UserID || e.Actor != "user:"+string(ada.UserID) || e.AccountID != ada.own || e.SessionID != ada.Session ||
				e.Data["member_id"] != string(id) || e.RequestID != "req" {
				w.Errorf("%+v", e)
			}
		}
		if d := changed[0].Data; d["role"] != "admin" || d["previous_role"] != "member" {
			w.Errorf("%v", d)
		}
	})
}

// An invite that somebody has made for themselves would be the way back in after
// they were removed, or back up.
func TestInvitesThatTheirMakerMayOfferNoLongerAreTakenBack(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		for name, test := range map[string]struct {
			lose func(person, watchword.MembershipID) error
			left map[watchword.Role]watchword.InviteStatus
		}{
			"removed": {
				func(_ person, id watchword.MembershipID) error {
					return w.accounts().Remove(w.Context(), ada.Caller, ada.own, id)
				},
				map[watchword.Role]watchword.InviteStatus{"owner": "revoked", "admin": "revoked", "member": "revoked"},
			},
			"left": {
				func(p person, id watchword.MembershipID) error {
					return w.accounts().Remove(w.Context(), p.Caller, ada.own, id)
				},
				map[watchword.Role]watchword.InviteStatus{"owner": "revoked", "admin": "revoked", "member": "revoked"},
			},
			"deleted": {
				func(p person, _ watchword.MembershipID) error { return w.profiles.Delete(w.Context(), p.Caller) },
				map[watchword.Role]watchword.InviteStatus{"owner": "revoked", "admin": "revoked", "member": "revoked"},
			},
			"made admin": {
				func(_ person, id watchword.MembershipID) error {
					_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, id, watchword.RoleAdmin)
					return err
				},
				map[watchword.Role]watchword.InviteStatus{"owner": "revoked", "admin": "pending", "member": "pending"},
			},
			"made member": {
				func(_ person, id watchword.MembershipID) error {
					_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, id, watchword.RoleMember)
					return err
				},
				map[watchword.Role]watchword.InviteStatus{"owner": "revoked", "admin": "revoked", "member": "revoked"},
			},
		} {
			w.clock.Advance(time.Hour) // the limits of mails
			kept := w.invite(ada, wish(ada.own, "kept@example.com", watchword.RoleMember))
			boss := w.person("boss-" + name[len(name)-4:])
			id := w.joins(boss, ada.own, watchword.RoleOwner)
			made := map[watchword.Role]watchword.Invite{}
			for _, role := range roles {
				made[role] = w.invite(boss, wish(ada.own, string(role)+"@example.com", role))
			}
			mails := len(w.waiting())
			w.ok(test.lose(boss, id))
			for role, want := range test.left {
				if got := w.status(made[role].ID); got != want {
					w.Errorf("%s: the invite to %s is %s, want %s", name, role, got, want)
				}
				if want == watchword.InviteRevoked {
					mails--
				}
			}
			if got := len(w.waiting()); got != mails {
				w.Errorf("%s: %d mails wait, want %d", name, got, mails)
			}
			if got := w.status(kept.ID); got != watchword.InvitePending {
				w.Errorf("%s: somebody else's invite is %s", name, got)
			}
		}
	})
}

// Two owners who go, remove or demote each other at once: each counts the other.
func TestOwnersThatRaceLeaveAnOwnerBehind(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		for round := range 20 {
			id := w.person("host" + string(rune('a'+round))).own
			host, err := w.store.Read().Members(w.Context(), id, watchword.Page{Limit: 1})
			w.ok(err)
			a, b := w.joins(ada, id, watchword.RoleOwner), w.joins(bob, id, watchword.RoleOwner)
			w.ok(w.accounts().Remove(w.Context(), ada.Caller, id, host[0].ID))
			acts := []func() error{
				func() error { return w.accounts().Remove(w.Context(), ada.Caller, id, a) },
				func() error { return w.accounts().Remove(w.Context(), bob.Caller, id, b) },
				func() error { return w.accounts().Remove(w.Context(), ada.Caller, id, b) },
				func() error {
					_, err := w.accounts().SetRole(w.Context(), bob.Caller, id, b, watchword.RoleMember)
					return err
				},
				func() error {
					_, err := w.accounts().SetRole(w.Context(), bob.Caller, id, a, watchword.RoleAdmin)
					return err
				},
			}
			w.race(round, acts...)
			if n := w.owners(id); n < 1 {
				w.Fatalf("round %d: %d owners are left", round, n)
			}
		}
	})
}

// race runs acts at once, all but a different one each round, and lets pass what
// may be refused.
func (w *world) race(round int, acts ...func() error) {
	w.Helper()
	begin := make(chan struct{})
	var wait sync.WaitGroup
	for i, act := range acts {
		if i == round%(len(acts)+1) {
			continue
		}
		wait.Go(func() {
			<-begin
			err := act()
			if kind := watchword.KindOf(err); err != nil && kind != watchword.KindNotFound && kind != watchword.KindForbidden && kind != watchword.KindConflict && kind != watchword.KindUnauthenticated {
				w.Errorf("act %d: %v", i, err)
			}
		})
	}
	close(begin)
	wait.Wait()
}

// A removal that commits before a change of role is not undone by it, and one who
// lost their role meanwhile changes nothing with it.
func TestARemovalAndAChangeOfRoleThatRaceAgree(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve, bob := w.person("ada"), w.person("eve"), w.person("bob")
		for round := range 20 {
			admin, id := w.joins(eve, ada.own, watchword.RoleAdmin), w.joins(bob, ada.own, watchword.RoleMember)
			var promoted, removed, dismissed error
			w.race(3,
				func() error {
					_, promoted = w.accounts().SetRole(w.Context(), eve.Caller, ada.own, id, watchword.RoleAdmin)
					return promoted
				},
				func() error { removed = w.accounts().Remove(w.Context(), ada.Caller, ada.own, id); return removed },
				func() error {
					dismissed = w.accounts().Remove(w.Context(), ada.Caller, ada.own, admin)
					return dismissed
				},
			)
			w.ok(removed)
			w.ok(dismissed)
			for _, p := range []person{bob, eve} {
				if m := w.membership(p, ada.own); m.ID != "" {
					w.Fatalf("round %d: %s is still %s", round, p.UserID, m.Role)
				}
			}
			if promoted != nil && !errors.Is(promoted, account.ErrMemberNotFound) && !errors.Is(promoted, account.ErrAccountNotFound) {
				w.Errorf("round %d: %v", round, promoted)
			}
			w.clock.Advance(time.Second)
		}
	})
}
