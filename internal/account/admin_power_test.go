package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
)

// What makes an administrator, takes one over or puts one out needs admins:write or
// a fresh sign-in; all else about them is what every administrator may do.
func TestAdministratorsAreTouchedOnlyByThoseWhoMay(t *testing.T) {
	anything := watchword.Precondition{}
	type act func(w *world, by watchword.Administrator, id watchword.UserID) error
	update := func(change account.UserChange) act {
		return func(w *world, by watchword.Administrator, id watchword.UserID) error {
			_, err := w.admin().UpdateUser(w.Context(), by, id, anything, change)
			return err
		}
	}
	privileged := map[string]act{
		"address":       update(account.UserChange{Email: of("new@example.com"), Proof: account.EmailVouched}),
		"proof":         update(account.UserChange{Proof: account.EmailVouched}),
		"password":      update(account.UserChange{Password: secret.NewString(another)}),
		"flag":          update(account.UserChange{Administrator: of(false)}),
		"name and flag": update(account.UserChange{Profile: account.ProfileChange{Name: of("Eve")}, Administrator: of(false)}),
		"disable": func(w *world, by watchword.Administrator, id watchword.UserID) error {
			_, err := w.admin().Disable(w.Context(), by, id)
			return err
		},
		"delete": func(w *world, by watchword.Administrator, id watchword.UserID) error {
			return w.admin().DeleteUser(w.Context(), by, id, anything, of[time.Duration](grace), account.LastOwnerStays)
		},
		"delete at once": func(w *world, by watchword.Administrator, id watchword.UserID) error {
			return w.admin().DeleteUser(w.Context(), by, id, anything, of[time.Duration](0), account.LastOwnerStays)
		},
		"identity": func(w *world, by watchword.Administrator, id watchword.UserID) error {
			_, err := w.admin().AddIdentity(w.Context(), by, id, account.NewIdentity{Provider: "acme", Subject: "7"})
			return err
		},
		"identity taken away": func(w *world, by watchword.Administrator, id watchword.UserID) error {
			return w.admin().RemoveIdentity(w.Context(), by, id, anything, w.linked(id)[0].ID)
		},
		"password taken away": func(w *world, by watchword.Administrator, id watchword.UserID) error {
			_, err := w.admin().SendReset(w.Context(), by, id, account.OldPasswordCleared)
			return err
		},
	}
	onEach(t, func(w *world) {
		for name, act := range privileged {
			made, err := w.create(account.NewUser{Address: "root@example.com", Name: "Root"}, password)
			w.ok(err)
			id := made.UserID
			w.grant(id)
			w.session(id)
			w.links(id, "forge")
			before, live := w.record(id), len(w.live(id))
			for who, refusal := range map[*watchword.Administrator]error{
				of(w.usersKey()): watchword.ErrAdminsScope, of(w.staleAdmin()): watchword.ErrFreshSignIn,
			} {
				if err := act(w, *who, id); watchword.KindOf(err) != watchword.KindForbidden {
					w.Errorf("%s by %s: %v", name, who.Actor, err)
				} else {
					w.is(err, refusal)
				}
			}
			if diff := cmp.Diff(before, w.record(id)); diff != "" || len(w.live(id)) != live {
				w.Errorf("%s: something was changed:\n%s", name, diff)
			}
			if err := act(w, w.freshAdmin(), id); err != nil {
				w.Errorf("%s by a fresh administrator: %v", name, err)
			}
			err = w.admin().DeleteUser(w.Context(), w.adminsKey(), id, anything, of[time.Duration](0), account.LastOwnerStays)
			if err != nil && watchword.KindOf(err) != watchword.KindNotFound {
				w.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Who may not give a password learns nothing of it, and costs no hash.
func TestARefusedPasswordIsNotLookedAt(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.grant(id)
		change := account.UserChange{Password: secret.NewString("weak")}
		_, err := w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, change)
		w.is(err, watchword.ErrAdminsScope)
	})
}

func TestEnablingAnAdministratorNeedsThePowerToo(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.grant(id)
		_, err := w.admin().Disable(w.Context(), w.adminsKey(), id)
		w.ok(err)
		_, err = w.admin().Enable(w.Context(), w.usersKey(), id)
		w.is(err, watchword.ErrAdminsScope)
		if w.record(id).Status != watchword.UserDisabled {
			w.Error("enabled all the same")
		}
		_, err = w.admin().Enable(w.Context(), w.adminsKey(), id)
		w.ok(err)
	})
}

func TestMakingAnAdministratorNeedsThePower(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		promote := account.UserChange{Administrator: of(true)}
		for _, by := range []watchword.Administrator{w.usersKey(), w.staleAdmin()} {
			if _, err := w.admin().UpdateUser(w.Context(), by, id, watchword.Precondition{}, promote); watchword.KindOf(err) != watchword.KindForbidden {
				w.Errorf("%s: %v", by.Actor, err)
			}
		}
		if w.record(id).Administrator {
			w.Fatal("an administrator all the same")
		}
		after, err := w.admin().UpdateUser(w.Context(), w.adminsKey(), id, watchword.Precondition{}, promote)
		w.ok(err)
		if !after.Administrator {
			w.Error("no administrator")
		}
		w.told(watchword.EventAdminGranted, "key:key_admins", id)
	})
}

// Vouching for an address takes it from whoever never proved it, with their password.
func TestTheAddressOfAnAdministratorIsTakenOnlyByThoseWhoMay(t *testing.T) {
	onEach(t, func(w *world) {
		root, eve := w.unprovenAda(), w.person("eve").UserID
		w.grant(root)
		w.session(root)
		before := w.record(root)
		for name, act := range map[string]func(by watchword.Administrator) error{
			"a new user": func(by watchword.Administrator) error {
				_, err := w.admin().CreateUser(w.Context(), by, account.AdminNewUser{
					Email: "ada@example.com", Proof: account.EmailVouched, Password: secret.NewString(another),
				})
				return err
			},
			"another user": func(by watchword.Administrator) error {
				change := account.UserChange{Email: of("ada@example.com"), Proof: account.EmailVouched}
				_, err := w.admin().UpdateUser(w.Context(), by, eve, watchword.Precondition{}, change)
				return err
			},
		} {
			if err := act(w.usersKey()); !errors.Is(err, watchword.ErrAdminsScope) {
				w.Errorf("%s: %v", name, err)
			}
			if err := act(w.staleAdmin()); !errors.Is(err, watchword.ErrFreshSignIn) {
				w.Errorf("%s: %v", name, err)
			}
		}
		if diff := cmp.Diff(before, w.record(root)); diff != "" || len(w.live(root)) != 1 {
			w.Errorf("something was changed:\n%s", diff)
		}
		if w.record(eve).Email != "eve@example.com" {
			w.Error("the address was taken all the same")
		}
		change := account.UserChange{Email: of("ada@example.com"), Proof: account.EmailVouched}
		_, err := w.admin().UpdateUser(w.Context(), w.freshAdmin(), eve, watchword.Precondition{}, change)
		w.ok(err)
		e := w.told(watchword.EventEmailDisplaced, w.freshAdmin().Actor, root)
		if e.Data["email_id"] != string(before.Emails[0].ID) || e.Data["sessions_ended"] != "1" {
			w.Errorf("got %v", e.Data)
		}
	})
}

func TestTheRestOfAnAdministratorIsAnybodysToChange(t *testing.T) {
	onEach(t, func(w *world) {
		id := w.ada()
		w.grant(id)
		w.session(id)
		change := account.UserChange{Profile: account.ProfileChange{Name: of("Countess")}, Administrator: of(true)}
		after, err := w.admin().UpdateUser(w.Context(), w.usersKey(), id, watchword.Precondition{}, change)
		w.ok(err)
		if after.Name != "Countess" {
			w.Errorf("got %q", after.Name)
		}
		ended, err := w.admin().RevokeSessions(w.Context(), w.usersKey(), id)
		if err != nil || ended != 1 {
			w.Errorf("ended %d (%v)", ended, err)
		}
		_, err = w.admin().SendReset(w.Context(), w.usersKey(), id, account.OldPasswordKept)
		w.ok(err)
	})
}
