package account_test

import (
	"errors"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestAdministratorsAreMadeAndUnmade(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s, ctx := storetest.Open(t, engine, nil), t.Context()
		if _, err := importer(s, refusals{}).Run(ctx, strings.NewReader(`{"email":"ada@example.com","email_verified":true}`)); err != nil {
			t.Fatal(err)
		}
		admins := account.Administrators{Store: s}
		done, err := admins.Grant(ctx, " ADA@example.com", "cli", account.UnprovenRefused)
		if err != nil || !done.Changed || !done.User.Administrator {
			t.Fatalf("%+v, %v", done, err)
		}
		again, err := admins.Grant(ctx, string(done.User.ID), "cli", account.UnprovenRefused)
		if err != nil || again.Changed || !again.User.Administrator {
			t.Errorf("granted twice: %+v, %v", again, err)
		}
		gone, err := admins.Revoke(ctx, "ada@example.com", "cli")
		if err != nil || !gone.Changed || gone.User.Administrator {
			t.Errorf("revoked: %+v, %v", gone, err)
		}
		for _, nobody := range []string{"bob@example.com", "usr_0", "bob"} {
			if _, err := admins.Grant(ctx, nobody, "cli", account.UnprovenRefused); !errors.Is(err, account.ErrUserNotFound) {
				t.Errorf("%s: %v", nobody, err)
			}
		}
		events, err := s.Read().Events(ctx, watchword.EventFilter{UserID: done.User.ID}, watchword.Page{Limit: 10})
		if err != nil || len(events) != 2 || events[0].Type != watchword.EventAdminRevoked ||
			events[1].Type != watchword.EventAdminGranted || events[1].Actor != "cli" {
			t.Errorf("%d events: %+v, %v", len(events), events, err)
		}
	})
}
