package account_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// token reads the row of a token.
func (w *world) token(text string) store.OneTimeToken {
	w.Helper()
	t, err := w.store.Read().OneTimeToken(w.Context(), secret.Digest(secret.NewString(text)))
	w.ok(err)
	return t
}

// mailed is the only mail that waits.
func (w *world) mailed() mail.Message {
	w.Helper()
	list := w.mails()
	if len(list) != 1 {
		w.Fatalf("%d mails wait, want one: %+v", len(list), list)
	}
	return list[0]
}

func TestAnInviteIsMailedWithATokenOfItsOwn(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		in := wish(ada.own, " Grace@Example.com", watchword.RoleAdmin)
		in.Locale = "de"
		in.Return = account.Return{RedirectURI: "https://app.example.com/callback", State: "s", CodeChallenge: strings.Repeat("a", 43)}
		invite, link, err := w.invites().Create(w.Context(), ada.Caller, in)
		w.ok(err)
		ends := w.clock.Now().Add(inviteLife)
		if !link.IsZero() || invite.Address != "grace@example.com" || !invite.ExpiresAt.Equal(ends) || invite.InvitedBy != ada.UserID {
			w.Errorf("%+v", invite)
		}
		m := w.mailed()
		if m.Template != mail.Invite || m.UserID != "" || m.EmailID != "" || m.ClientID != "web" || m.Locale != "de" {
			w.Errorf("%+v", m)
		}
		got := w.token(m.Token)
		if got.Purpose != store.TokenInvite || got.InviteID != invite.ID || got.Address != "grace@example.com" || got.Reach != store.ReachMailed ||
			got.Newcomers != store.NewcomersCreated || got.ClientID != "web" || got.Locale != "de" || got.RedirectURI != in.Return.RedirectURI ||
			got.State != "s" || got.CodeChallenge != in.Return.CodeChallenge || !got.ExpiresAt.Equal(ends) || got.UserID != "" || got.Binding != nil {
			w.Errorf("%+v", got)
		}
		e := w.events(watchword.EventInviteCreated)
		if len(e) != 1 || e[0].AccountID != ada.own || e[0].UserID != ada.UserID || e[0].Data["invite_id"] != string(invite.ID) || e[0].Data["role"] != "admin" {
			w.Fatalf("%+v", e)
		}
		for _, value := range e[0].Data {
			if strings.Contains(value, "grace") {
				w.Errorf("the record holds a stranger's address: %v", e[0].Data)
			}
		}
	})
}

func TestAnInviteByLinkIsShownOnceAndMailsNothing(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		in := wish(ada.own, "grace@example.com", watchword.RoleMember)
		in.Delivery = watchword.DeliverLink
		invite, link, err := w.invites().Create(w.Context(), ada.Caller, in)
		w.ok(err)
		u, err := url.Parse(link.Reveal())
		w.ok(err)
		if u.Scheme+"://"+u.Host+u.Path != "https://auth.example.com/auth/accept-invite" || len(w.mails()) != 0 {
			w.Errorf("%s and %d mails", u.Path, len(w.mails()))
		}
		if got := w.token(u.Query().Get("token")); got.Reach != store.ReachHandedOver || got.InviteID != invite.ID || got.Locale != "en" {
			w.Errorf("%+v", got) // the locale is that of who invites
		}
	})
}

func TestInvitesAreRefusedBeforeAnythingIsCounted(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.person("ada"), w.person("eve")
		unproven, err := w.create(account.NewUser{Address: "unproven@example.com"}, "")
		w.ok(err)
		nameless := w.person("nameless")
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteOtherEmails(w.Context(), nameless.UserID, "") }))
		w.joins(eve, ada.own, watchword.RoleAdmin)
		fine := wish(ada.own, "new@example.com", watchword.RoleMember)
		with := func(change func(*account.NewInvite)) account.NewInvite {
			in := fine
			change(&in)
			return in
		}
		for name, test := range map[string]struct {
			caller account.Caller
			in     account.NewInvite
			want   error
		}{
			"address":      {ada.Caller, with(func(in *account.NewInvite) { in.Email = "nobody" }), account.ErrAddress},
			"locale":       {ada.Caller, with(func(in *account.NewInvite) { in.Locale = "not one" }), watchword.InvalidField("locale", "invalid_locale", "")},
			"redirect":     {ada.Caller, with(func(in *account.NewInvite) { in.Return.RedirectURI = "https://evil.example" }), account.ErrRedirectNotAllowed},
			"state alone":  {ada.Caller, with(func(in *account.NewInvite) { in.Return.State = "s" }), watchword.InvalidField("redirect_uri", "required", "")},
			"stranger":     {nameless.Caller, fine, account.ErrAccountNotFound},
			"no account":   {ada.Caller, with(func(in *account.NewInvite) { in.Account = "acc_none" }), account.ErrAccountNotFound},
			"above":        {eve.Caller, with(func(in *account.NewInvite) { in.Role = watchword.RoleOwner }), account.ErrInsufficientRole},
			"unverified":   {w.signsIn(unproven.UserID), with(func(in *account.NewInvite) { in.Account = unproven.Account.ID }), account.ErrEmailUnverified},
			"no address":   {nameless.Caller, with(func(in *account.NewInvite) { in.Account = nameless.own }), account.ErrNoEmail},
			"a member":     {ada.Caller, with(func(in *account.NewInvite) { in.Email = "EVE@example.com" }), account.ErrAlreadyMember},
			"not a member": {ada.Caller, with(func(in *account.NewInvite) { in.Email = "nameless@example.com" }), nil},
		} {
			_, _, err := w.invites().Create(w.Context(), test.caller, test.in)
			if test.want == nil {
				w.ok(err)
			} else if !errors.Is(err, test.want) {
				w.Errorf("%s: got %v, want %v", name, err, test.want)
			}
		}
		// Whoever may not invite uses nothing up of what the account may do.
		for range 200 {
			_, _, err := w.invites().Create(w.Context(), nameless.Caller, fine)
			w.is(err, account.ErrAccountNotFound)
		}
		_, _, err = w.invites().Create(w.Context(), ada.Caller, fine)
		w.ok(err)
		if n := len(w.mails()); n != 2 {
			w.Errorf("%d mails wait, want 2", n)
		}
	})
}

// Only what the caller sees in the list of members anyway is told: neither who
// has a user here, nor a member's other addresses.
func TestInvitesTellNothingOfAnAddress(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		w.person("user")
		w.joins(bob, ada.own, watchword.RoleMember)
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) error {
			_, err := c.InsertEmail(w.Context(), watchword.Email{
				UserID: bob.UserID, Address: "second@example.com", Exclusive: true, VerifiedAt: w.clock.Now(),
			})
			return err
		}))
		for i, address := range []string{"user@example.com", "second@example.com", "nobody@example.com"} {
			invite := w.invite(ada, wish(ada.own, address, watchword.RoleMember))
			if invite.Status(w.clock.Now()) != watchword.InvitePending || len(w.mails()) != i+1 {
				w.Errorf("%s: %+v", address, invite)
			}
		}
	})
}

func TestInvitesAreLimited(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		to := func(address string, d watchword.Delivery) error {
			in := wish(ada.own, address, watchword.RoleMember)
			in.Delivery = d
			_, _, err := w.invites().Create(w.Context(), ada.Caller, in)
			return err
		}
		w.ok(to("new@example.com", watchword.DeliverMail))
		w.is(to("new@example.com", watchword.DeliverMail), limit.ErrLimited) // within a minute
		w.ok(to("new@example.com", watchword.DeliverLink))                   // mails nothing
		w.ok(to("other@example.com", watchword.DeliverMail))
		for range 96 { // one that was refused counts, too
			w.ok(to("new@example.com", watchword.DeliverLink))
		}
		w.is(to("new@example.com", watchword.DeliverLink), limit.ErrLimited)
		w.clock.Advance(24*time.Hour + time.Second)
		w.ok(to("new@example.com", watchword.DeliverMail))
	})
}

// Somebody with many accounts must not fill a mailbox.
func TestInvitesMailOneAddressOnlySoOftenFromAllAccounts(t *testing.T) {
	onEach(t, func(w *world) {
		to := func(n int, address string, d watchword.Delivery) error {
			host := w.person(fmt.Sprintf("host-%d", n)) // with an account of their own
			in := wish(host.own, address, watchword.RoleMember)
			in.Delivery = d
			_, _, err := w.invites().Create(w.Context(), host.Caller, in)
			return err
		}
		for n := range 10 {
			w.ok(to(n, "new@example.com", watchword.DeliverMail))
		}
		w.is(to(10, "new@example.com", watchword.DeliverMail), limit.ErrLimited)
		w.ok(to(11, "new@example.com", watchword.DeliverLink))
		w.ok(to(12, "other@example.com", watchword.DeliverMail))
		if n := len(w.mails()); n != 11 {
			w.Errorf("%d mails wait, want 11", n)
		}
	})
}

func TestAResentInviteHasOneLiveLinkAndItsWholeLife(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		in := wish(ada.own, "grace@example.com", watchword.RoleMember)
		in.Delivery = watchword.DeliverLink
		invite, link, err := w.invites().Create(w.Context(), ada.Caller, in)
		w.ok(err)
		_, handed, _ := strings.Cut(link.Reveal(), "token=")
		tokens := []string{handed}
		for range 3 { // the last time after its end
			w.clock.Advance(3 * 24 * time.Hour)
			again, err := w.invites().Resend(w.Context(), ada.Caller, ada.own, invite.ID)
			w.ok(err)
			if ends := w.clock.Now().Add(inviteLife); again.ID != invite.ID || !again.ExpiresAt.Equal(ends) || again.Status(w.clock.Now()) != watchword.InvitePending {
				w.Errorf("%+v", again)
			}
			m := w.mailed() // that of before is taken out of the queue
			if got := w.token(m.Token); !got.Live(w.clock.Now()) || got.Reach != store.ReachMailed || !got.ExpiresAt.Equal(again.ExpiresAt) {
				w.Errorf("%+v", got)
			}
			for _, old := range tokens {
				if w.token(old).VoidedAt.IsZero() {
					w.Error("an older link lives")
				}
			}
			tokens = append(tokens, m.Token)
		}
		w.clock.Advance(8 * 24 * time.Hour)
		if w.status(invite.ID) != watchword.InviteExpired {
			w.Error("it never ends")
		}
		_, err = w.invites().Resend(w.Context(), ada.Caller, ada.own, invite.ID)
		w.ok(err)
		_, err = w.invites().Resend(w.Context(), ada.Caller, ada.own, invite.ID)
		w.is(err, limit.ErrLimited)
		if n := len(w.events(watchword.EventInviteResent)); n != 4 {
			w.Errorf("%d events", n)
		}
	})
}

func TestARevokedInviteStopsItsMailAndKeepsItsLinks(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		invite := w.invite(ada, wish(ada.own, "grace@example.com", watchword.RoleMember))
		other := w.invite(ada, wish(ada.own, "other@example.com", watchword.RoleMember))
		var token string
		for _, m := range w.mails() {
			if w.token(m.Token).InviteID == invite.ID {
				token = m.Token
			}
		}
		w.ok(w.invites().Revoke(w.Context(), ada.Caller, ada.own, invite.ID))
		// Whoever opens the link is told that it was taken back, not that it was used.
		if got := w.token(token); !got.VoidedAt.IsZero() || !got.UsedAt.IsZero() || w.status(invite.ID) != watchword.InviteRevoked {
			w.Errorf("%+v", got)
		}
		if got := w.token(w.mailed().Token); got.InviteID != other.ID {
			w.Error("the wrong mail was erased")
		}
		w.is(w.invites().Revoke(w.Context(), ada.Caller, ada.own, invite.ID), account.ErrInviteNotPending)
		w.clock.Advance(time.Hour)
		_, err := w.invites().Resend(w.Context(), ada.Caller, ada.own, invite.ID)
		w.is(err, account.ErrInviteNotPending)
		if n := len(w.events(watchword.EventInviteRevoked)); n != 1 {
			w.Errorf("%d events", n)
		}
	})
}

func TestInvitesAreTouchedUpToOnesOwnRole(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve, bob := w.person("ada"), w.person("eve"), w.person("bob")
		w.joins(eve, ada.own, watchword.RoleAdmin)
		above := w.invite(ada, wish(ada.own, "above@example.com", watchword.RoleOwner))
		below := w.invite(ada, wish(ada.own, "below@example.com", watchword.RoleMember))
		w.clock.Advance(time.Hour)
		for _, test := range []struct {
			caller  account.Caller
			account watchword.AccountID
			id      watchword.InviteID
			want    error
		}{
			{eve.Caller, ada.own, above.ID, account.ErrInsufficientRole},
			{bob.Caller, ada.own, below.ID, account.ErrAccountNotFound},
			{bob.Caller, bob.own, below.ID, account.ErrInviteNotFound},
			{eve.Caller, ada.own, "inv_none", account.ErrInviteNotFound},
			{eve.Caller, ada.own, below.ID, nil},
		} {
			if _, err := w.invites().Resend(w.Context(), test.caller, test.account, test.id); !errors.Is(err, test.want) {
				w.Errorf("resend: got %v, want %v", err, test.want)
			}
			if err := w.invites().Revoke(w.Context(), test.caller, test.account, test.id); !errors.Is(err, test.want) {
				w.Errorf("revoke: got %v, want %v", err, test.want)
			}
		}
	})
}

// Accepted, revoked and resent at once: it ends in one of the first two, and no
// mail goes out with a link that is dead.
func TestAnInviteThatIsAcceptedRevokedAndResentAtOnceEndsOnce(t *testing.T) {
	onEach(t, func(w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		for round := range 20 {
			w.clock.Advance(time.Hour)
			invite := w.invite(ada, wish(ada.own, "new@example.com", watchword.RoleMember))
			w.clock.Advance(time.Hour)
			var accepted, revoked error
			w.race(3,
				func() error {
					accepted = w.store.Tx(w.Context(), func(c *store.Conn) error { return c.AcceptInvite(w.Context(), invite.ID, bob.UserID) })
					return accepted
				},
				func() error {
					revoked = w.invites().Revoke(w.Context(), ada.Caller, ada.own, invite.ID)
					return revoked
				},
				func() error {
					_, err := w.invites().Resend(w.Context(), ada.Caller, ada.own, invite.ID)
					return err
				},
			)
			if (accepted == nil) == (revoked == nil) {
				w.Fatalf("round %d: accepted %v, revoked %v", round, accepted, revoked)
			}
			if revoked == nil && len(w.waiting()) != 0 {
				w.Fatalf("round %d: a revoked invite is mailed", round)
			}
			for id := range w.waiting() {
				w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.FinishJob(w.Context(), id) }))
			}
		}
	})
}

// Whoever is removed while they invite leaves no invite behind.
func TestNoInviteOutlivesTheRoleOfItsMaker(t *testing.T) {
	onEach(t, func(w *world) {
		ada, eve := w.person("ada"), w.person("eve")
		for round := range 20 {
			w.clock.Advance(time.Hour)
			id := w.joins(eve, ada.own, watchword.RoleAdmin)
			var removed error
			w.race(2,
				func() error {
					_, _, err := w.invites().Create(w.Context(), eve.Caller, wish(ada.own, "new@example.com", watchword.RoleAdmin))
					return err
				},
				func() error { removed = w.accounts().Remove(w.Context(), ada.Caller, ada.own, id); return removed },
			)
			w.ok(removed)
			list, _, err := w.invites().List(w.Context(), ada.Caller, ada.own, watchword.Page{Limit: 99})
			w.ok(err)
			for _, i := range list {
				if i.Status(w.clock.Now()) != watchword.InviteRevoked {
					w.Fatalf("round %d: %s is %s", round, i.ID, i.Status(w.clock.Now()))
				}
			}
		}
	})
}

// Whoever has not proven their own address mails nobody in an account's name.
func TestAnUnverifiedAdminResendsNoInvite(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.person("ada")
		invite := w.invite(ada, wish(ada.own, "grace@example.com", watchword.RoleMember))
		made, err := w.create(account.NewUser{Address: "eve@example.com"}, "")
		w.ok(err)
		eve := person{w.signsIn(made.UserID), made.Account.ID}
		w.joins(eve, ada.own, watchword.RoleAdmin)
		token := w.mailed().Token
		w.clock.Advance(time.Minute)
		_, err = w.invites().Resend(w.Context(), eve.Caller, ada.own, invite.ID)
		w.is(err, account.ErrEmailUnverified)
		if m := w.mailed(); m.Token != token || !w.token(token).Live(w.clock.Now()) {
			w.Errorf("%+v", m)
		}
		_, err = w.invites().Resend(w.Context(), ada.Caller, ada.own, invite.ID)
		w.ok(err)
	})
}
