package account_test

import (
	"cmp"
	"errors"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
)

func TestWhoeverDeletesThemselvesTakesAlongWhatIsTheirsAlone(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		team := bob.own
		w.joins(ada, team, watchword.RoleAdmin)
		w.adds(ada, "more@example.com")
		other := w.signsIn(ada.UserID)
		w.ok(w.profiles.Delete(w.Context(), ada.Caller))
		for _, session := range []watchword.SessionID{ada.Session, other.Session} {
			if _, err := w.store.Read().Session(w.Context(), session); watchword.KindOf(err) != watchword.KindNotFound {
				w.Errorf("a session is there: %v", err)
			}
		}
		if _, err := w.store.Read().User(w.Context(), ada.UserID); watchword.KindOf(err) != watchword.KindNotFound {
			w.Errorf("the user is there: %v", err)
		}
		for _, address := range []string{"ada@example.com", "more@example.com"} {
			if _, err := w.store.Read().UserByAddress(w.Context(), address); watchword.KindOf(err) != watchword.KindNotFound {
				w.Errorf("the address is taken: %v", err)
			}
		}
		w.ok(w.accountGone(ada.own))
		if list, _, err := w.accounts().Members(w.Context(), bob.Caller, team, watchword.Page{Limit: 9}); err != nil || len(list) != 1 {
			w.Errorf("the team has %d members (%v)", len(list), err)
		}
		if n := len(w.mails()); n != 0 {
			w.Errorf("%d mails wait for nobody", n)
		}
		for typ, account := range map[watchword.EventType]watchword.AccountID{
			watchword.EventUserDeleted: "", watchword.EventAccountDeleted: ada.own, watchword.EventMemberLeft: team,
		} {
			if e := w.events(typ); len(e) != 1 || e[0].UserID != ada.UserID || e[0].AccountID != account {
				w.Errorf("%s: %+v", typ, e)
			}
		}
		w.is(w.profiles.Delete(w.Context(), ada.Caller), account.ErrUserGone)
		w.person("ada") // the address is free
	})
}

// accountGone is an error where the account is there.
func (w *world) accountGone(id watchword.AccountID) error {
	w.Helper()
	err := w.store.Tx(w.Context(), func(c *store.Conn) error { return c.LockAccount(w.Context(), id) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return errors.Join(errors.New("the account is there"), err)
}

func TestNobodyDeletesThemselvesFromUnderOthers(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		id := w.joins(bob, ada.own, watchword.RoleAdmin)
		w.is(w.profiles.Delete(w.Context(), ada.Caller), account.ErrLastOwner)
		if m := w.membership(ada, ada.own); m.Role != watchword.RoleOwner {
			w.Errorf("%+v", m)
		}
		_, err := w.accounts().SetRole(w.Context(), ada.Caller, ada.own, id, watchword.RoleOwner)
		w.ok(err)
		w.ok(w.profiles.Delete(w.Context(), ada.Caller))
		if n := w.owners(ada.own); n != 1 {
			w.Errorf("%d owners", n)
		}
	})
}

func TestOneWithHundredsOfAccountsCanDeleteThemselves(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		var oldest, last watchword.AccountID
		w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
			for range 205 {
				id := c.NewAccountID()
				a := watchword.Account{ID: id, Name: "One of many", Slug: "many-" + string(id)}
				if err := c.InsertAccount(w.Context(), a); err != nil {
					return err
				}
				if err := c.InsertMembership(w.Context(), id, ada.UserID, watchword.RoleOwner); err != nil {
					return err
				}
				oldest, last = cmp.Or(oldest, id), id
			}
			return nil
		}))
		w.ok(w.profiles.Delete(w.Context(), ada.Caller))
		for _, id := range []watchword.AccountID{ada.own, oldest, last} {
			w.ok(w.accountGone(id))
		}
	})
}

// Owners who delete themselves, leave and make accounts at once.
func TestDeletionsThatRaceLeaveNoAccountWithoutAnOwner(t *testing.T) {
	onEach(t, func(w *world) {
		for round := range 12 {
			w.clock.Advance(time.Second)
			name := string(rune('a' + round))
			ada, bob, eve := w.person("ada"+name), w.person("bob"+name), w.person("eve"+name)
			w.joins(bob, ada.own, watchword.RoleOwner)
			w.joins(eve, ada.own, watchword.RoleMember)
			mine, theirs := w.membership(bob, ada.own).ID, w.membership(eve, ada.own).ID
			var made watchword.Membership
			w.race(round%3+4,
				func() error { return w.profiles.Delete(w.Context(), ada.Caller) },
				func() error { return w.profiles.Delete(w.Context(), bob.Caller) },
				func() error { return w.accounts().Remove(w.Context(), bob.Caller, ada.own, mine) },
				func() error { return w.accounts().Remove(w.Context(), eve.Caller, ada.own, theirs) },
				func() error {
					var err error
					made, err = w.accounts().Create(w.Context(), ada.Caller, "Made meanwhile")
					return err
				},
			)
			if w.accountGone(ada.own) != nil && w.owners(ada.own) < 1 {
				w.Fatalf("round %d: an account is left without an owner", round)
			}
			if made.Account.ID != "" && w.accountGone(made.Account.ID) != nil && w.owners(made.Account.ID) < 1 {
				w.Fatalf("round %d: an account of nobody's is left", round)
			}
		}
	})
}
