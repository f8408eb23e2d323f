package account_test

import (
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
)

func TestIdentitiesAreKeptByTheProvidersIssuer(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.ada(), w.person("bob").UserID
		add := func(id watchword.UserID, in account.NewIdentity) (watchword.Identity, error) {
			return w.admin().AddIdentity(w.Context(), w.usersKey(), id, in)
		}
		in := account.NewIdentity{Provider: "acme", Subject: "7", Email: "Ada@acme.example", Call: w.call("identity")}
		made, err := add(ada, in)
		w.ok(err)
		if made.Issuer != "https://acme.example" || made.Subject != "7" || made.Email != "ada@acme.example" || made.UserID != ada {
			w.Errorf("got %+v", made)
		}
		again, err := add(ada, in)
		if err != nil || again != made {
			w.Errorf("repeated: %+v (%v)", again, err)
		}
		w.told(watchword.EventIdentityLinked, "key:key_users", ada)
		in.Call = w.call("another")
		_, err = add(bob, in)
		w.is(err, account.ErrIdentityHeld)
		_, err = add(bob, account.NewIdentity{Provider: "nobody", Subject: "7"})
		w.is(err, account.ErrProviderUnknown)
		for _, wrong := range []account.NewIdentity{
			{Provider: "tenants", Subject: "7"}, {Provider: "acme", Subject: "8", Issuer: "https://other.example"},
		} {
			if _, err := add(bob, wrong); watchword.KindOf(err) != watchword.KindInvalid {
				w.Errorf("%+v: %v", wrong, err)
			}
		}
		tenant, err := add(bob, account.NewIdentity{Provider: "tenants", Subject: "7", Issuer: "https://tenant.example"})
		if err != nil || tenant.Issuer != "https://tenant.example" {
			w.Errorf("got %+v (%v)", tenant, err)
		}
		w.is(w.admin().RemoveIdentity(w.Context(), w.usersKey(), bob, watchword.Precondition{}, made.ID), account.ErrNoIdentity)
		seen := watchword.InRevisions(w.record(ada).Revision())
		_, err = w.admin().UpdateUser(w.Context(), w.usersKey(), ada, seen, account.UserChange{Profile: account.ProfileChange{Name: of("Countess")}})
		w.ok(err)
		w.is(w.admin().RemoveIdentity(w.Context(), w.usersKey(), ada, seen, made.ID), watchword.ErrPrecondition)
		seen = watchword.InRevisions(w.record(ada).Revision())
		w.ok(w.admin().RemoveIdentity(w.Context(), w.usersKey(), ada, seen, made.ID))
		w.told(watchword.EventIdentityUnlinked, "key:key_users", ada)
		if got := w.record(ada); len(got.Identities) != 0 || seen.Holds(got.Revision()) == nil {
			w.Errorf("got %+v", got)
		}
	})
}

func TestWhoseProvidersAnAdministratorChangesIsTold(t *testing.T) {
	onEach(t, func(w *world) {
		for id, notices := range map[watchword.UserID]int{w.ada(): 1, w.unproven("eve@example.com"): 0} {
			made, err := w.admin().AddIdentity(w.Context(), w.usersKey(), id, account.NewIdentity{Provider: "acme", Subject: string(id)})
			w.ok(err)
			w.ok(w.admin().RemoveIdentity(w.Context(), w.usersKey(), id, watchword.Precondition{}, made.ID))
			linked, unlinked := w.mailedAbout(mail.IdentityLinked, id), w.mailedAbout(mail.IdentityUnlinked, id)
			if linked != notices || unlinked != notices {
				w.Errorf("told of %d and %d, want %d each", linked, unlinked, notices)
			}
		}
	})
}

// mailedAbout is how many notices wait that tell a user of a provider, and of nobody
// who did it.
func (w *world) mailedAbout(template mail.Template, user watchword.UserID) (n int) {
	w.Helper()
	for _, m := range w.mails() {
		if m.Template == template && m.UserID == user && m.Subject == "ACME" && m.IP == "" && m.Agent == "" {
			n++
		}
	}
	return n
}
