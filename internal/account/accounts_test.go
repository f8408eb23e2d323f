package account_test

import (
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
)

func TestWhoeverMakesAnAccountOwnsIt(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		w.clock.Advance(time.Second)
		made, err := w.accounts().Create(w.Context(), ada.Caller, "  Analytical Engines ")
		w.ok(err)
		if made.Role != watchword.RoleOwner || made.Account.Name != "Analytical Engines" || made.Account.Slug == "" || made.UserID != ada.UserID {
			w.Errorf("%+v", made)
		}
		if got, err := w.accounts().Get(w.Context(), ada.Caller, made.Account.ID); err != nil || got != made {
			w.Errorf("got %+v (%v), want %+v", got, err, made)
		}
		for _, bad := range []string{"", "  ", "A\nB"} {
			_, err := w.accounts().Create(w.Context(), ada.Caller, bad)
			if watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%q: %v", bad, err)
			}
			if _, err := w.accounts().Rename(w.Context(), ada.Caller, made.Account.ID, &bad); watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%q: %v", bad, err)
			}
		}
		list, next, err := w.accounts().List(w.Context(), ada.Caller, watchword.Page{Limit: 1})
		w.ok(err)
		rest, end, err := w.accounts().List(w.Context(), ada.Caller, watchword.Page{Limit: 1, Before: next})
		w.ok(err)
		if len(list) != 1 || list[0] != made || next == "" || len(rest) != 1 || rest[0].Account.ID != ada.own || end != "" {
			w.Errorf("%+v %q %+v %q", list, next, rest, end)
		}
	})
}

func TestOneUserMakesSoManyAccountsADay(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		for range 20 {
			_, err := w.accounts().Create(w.Context(), ada.Caller, "One more")
			w.ok(err)
		}
		_, err := w.accounts().Create(w.Context(), ada.Caller, "One more")
		w.is(err, limit.ErrLimited)
		_, err = w.accounts().Create(w.Context(), bob.Caller, "Another's")
		w.ok(err)
		w.clock.Advance(24*time.Hour + time.Second)
		_, err = w.accounts().Create(w.Context(), ada.Caller, "One more")
		w.ok(err)
	})
}

// Each act of each role, and of somebody who is not in the account.
func TestAccountsAreManagedByRole(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		renamed := "Renamed"
		for _, test := range []struct {
			act  string
			do   func(account.Caller) error
			want map[watchword.Role]error
		}{
			{
				"get", func(c account.Caller) error { _, err := w.accounts().Get(w.Context(), c, ada.own); return err },
				map[watchword.Role]error{"": account.ErrAccountNotFound, "member": nil, "admin": nil, "owner": nil},
			},
			{
				"members", func(c account.Caller) error {
					_, _, err := w.accounts().Members(w.Context(), c, ada.own, watchword.Page{Limit: 9})
					return err
				},
				map[watchword.Role]error{"": account.ErrAccountNotFound, "member": nil, "admin": nil, "owner": nil},
			},
			{
				"rename", func(c account.Caller) error {
					_, err := w.accounts().Rename(w.Context(), c, ada.own, &renamed)
					return err
				},
				map[watchword.Role]error{"": account.ErrAccountNotFound, "member": account.ErrInsufficientRole, "admin": nil, "owner": nil},
			},
			{
				"invites", func(c account.Caller) error {
					_, _, err := w.invites().List(w.Context(), c, ada.own, watchword.Page{Limit: 9})
					return err
				},
				map[watchword.Role]error{"": account.ErrAccountNotFound, "member": account.ErrInsufficientRole, "admin": nil, "owner": nil},
			},
			{
				"invite", func(c account.Caller) error {
					w.clock.Advance(time.Hour)
					_, _, err := w.invites().Create(w.Context(), c, wish(ada.own, "new@example.com", watchword.RoleMember))
					return err
				},
				map[watchword.Role]error{"": account.ErrAccountNotFound, "member": account.ErrInsufficientRole, "admin": nil, "owner": nil},
			},
			{
				"delete", func(c account.Caller) error { return w.accounts().Delete(w.Context(), c, ada.own) },
				map[watchword.Role]error{"": account.ErrAccountNotFound, "member": account.ErrInsufficientRole, "admin": account.ErrInsufficientRole, "owner": nil},
			},
		} {
			for _, role := range []watchword.Role{"", watchword.RoleMember, watchword.RoleAdmin, watchword.RoleOwner} {
				p := w.person(test.act + string(role))
				if role != "" {
					w.joins(p, ada.own, role)
				}
				if err := test.do(p.Caller); !errors.Is(err, test.want[role]) {
					w.Errorf("%q does %s: got %v, want %v", role, test.act, err, test.want[role])
				}
			}
		}
		if n := len(w.events(watchword.EventAccountUpdated)); n != 1 {
			w.Errorf("%d changes of a name to the same one are recorded", n)
		}
	})
}

func TestADeletedAccountTakesItsInvitesAndTheirMailsAlong(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		w.joins(bob, ada.own, watchword.RoleAdmin)
		gone := w.invite(ada, wish(ada.own, "new@example.com", watchword.RoleMember))
		stays := w.invite(bob, wish(bob.own, "new@example.com", watchword.RoleMember))
		w.ok(w.accounts().Delete(w.Context(), ada.Caller, ada.own))
		_, err := w.accounts().Get(w.Context(), bob.Caller, ada.own)
		w.is(err, account.ErrAccountNotFound)
		if _, err := w.store.Read().Invite(w.Context(), gone.ID); watchword.KindOf(err) != watchword.KindNotFound {
			w.Errorf("the invite is there: %v", err)
		}
		if w.status(stays.ID) != watchword.InvitePending || len(w.waiting()) != 1 {
			w.Errorf("%d mails wait, want one", len(w.waiting()))
		}
		if e := w.events(watchword.EventAccountDeleted); len(e) != 1 || e[0].AccountID != ada.own || e[0].UserID != ada.UserID {
			w.Errorf("%+v", e)
		}
		w.is(w.accounts().Delete(w.Context(), ada.Caller, ada.own), account.ErrAccountNotFound)
	})
}
