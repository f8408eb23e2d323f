package account_test

import (
	"regexp"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/account"
)

func TestACreatedUserOwnsAnAccount(t *testing.T) {
	onEach(t, func(w *world) {
		made, err := w.create(account.NewUser{Address: "ada@example.com", Name: "Ada", VerifiedAt: w.clock.Now()}, "")
		w.ok(err)
		m, err := w.store.Read().Membership(w.Context(), made.UserID, made.Account.ID)
		w.ok(err)
		if m.Role != watchword.RoleOwner || m.Account != made.Account {
			w.Errorf("got %+v, want the account %+v", m, made.Account)
		}
		u, err := w.store.Read().User(w.Context(), made.UserID)
		w.ok(err)
		if !u.EmailVerified || u.HasPassword || u.Email != "ada@example.com" {
			w.Errorf("got %+v", u)
		}
		if e := w.events(watchword.EventUserCreated); len(e) != 1 || e[0].AccountID != made.Account.ID || e[0].IP != "192.0.2.1" {
			w.Errorf("events: %+v", e)
		}
		_, err = w.create(account.NewUser{Address: "ada@example.com"}, "")
		w.is(err, account.ErrEmailTaken)
		if n := len(w.events(watchword.EventUserCreated)); n != 1 {
			w.Error("a refused creation was recorded")
		}
	})
}

var slugs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestSlugsFitInURLsAndAreTheirOwn(t *testing.T) {
	onEach(t, func(w *world) {
		seen := map[string]bool{}
		for i, name := range []string{"Ada & Söhne GmbH", "Ada & Söhne GmbH", "用户", "---", strings.Repeat("very long ", 19), "É", "a", "../../etc"} {
			made, err := w.create(account.NewUser{Address: string(rune('a'+i)) + "@example.com", AccountName: name}, "")
			w.ok(err)
			slug := made.Account.Slug
			if !slugs.MatchString(slug) || len(slug) > 60 || seen[slug] {
				w.Errorf("%q became %q", name, slug)
			}
			seen[slug] = true
		}
	})
}
