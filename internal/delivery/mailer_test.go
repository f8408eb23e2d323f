package delivery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// account makes an account with an invite into it.
func (w *world) invite(inviter watchword.UserID) watchword.InviteID {
	w.Helper()
	var id watchword.InviteID
	w.do(func(c *store.Conn) (err error) {
		a := watchword.Account{ID: c.NewAccountID(), Name: "Engines", Slug: string(c.NewAccountID())}
		if err := c.InsertAccount(w.Context(), a); err != nil {
			return err
		}
		id, err = c.InsertInvite(w.Context(), watchword.Invite{
			Account: a, Address: "new@example.com", Role: watchword.RoleAdmin, Delivery: watchword.DeliverMail, InvitedBy: inviter, ExpiresAt: c.Now().Add(time.Hour),
		})
		return err
	})
	return id
}

func TestEveryLetterLeadsWhereItMust(t *testing.T) {
	onEach(t, func(w *world) {
		user, email := w.ada()
		invite := w.invite(user)
		own := func(purpose store.TokenPurpose) store.OneTimeToken {
			return store.OneTimeToken{Purpose: purpose, UserID: user, EmailID: email, Address: "ada@example.com", ClientID: "web"}
		}
		toPage := own(store.TokenResetPassword)
		toPage.RedirectURI = "https://app.example.com/reset?lang=en"
		toOldPage := toPage // of before it was taken off the client's list
		toOldPage.RedirectURI = "https://old.example.com/reset"
		toGone := toPage // of a client that is gone
		toGone.ClientID = "gone"
		for _, c := range []struct {
			template mail.Template
			token    store.OneTimeToken
			to, link string
			says     string
		}{
			{mail.VerifyEmail, own(store.TokenVerifyEmail), "ada@example.com", publicURL + "/auth/verify-email?token=", "1 hour"},
			{mail.MagicLink, own(store.TokenMagicLink), "ada@example.com", publicURL + "/auth/sign-in/token?token=", "123456"},
			{mail.MagicLink, store.OneTimeToken{Purpose: store.TokenMagicLink, Address: "new@example.com", Newcomers: store.NewcomersCreated}, "new@example.com", publicURL + "/auth/sign-in/token?token=", ""},
			{mail.ResetPassword, own(store.TokenResetPassword), "ada@example.com", publicURL + "/reset-password?token=", "Ada"},
			{mail.ResetPassword, toPage, "ada@example.com", "https://app.example.com/reset?lang=en&token=", ""},
			{mail.ResetPassword, toOldPage, "ada@example.com", publicURL + "/reset-password?token=", ""},
			{mail.ResetPassword, toGone, "ada@example.com", publicURL + "/reset-password?token=", ""},
			{mail.ResetNoPassword, own(store.TokenResetPassword), "ada@example.com", publicURL, ""},
			{mail.Invite, store.OneTimeToken{Purpose: store.TokenInvite, InviteID: invite, Address: "new@example.com"}, "new@example.com", publicURL + "/auth/accept-invite?token=", "Engines"},
		} {
			token := w.token(c.token)
			w.ok(w.deliver(mail.Message{Template: c.template, ClientID: "web", Token: token, Code: map[bool]string{true: "123456"}[c.template == mail.MagicLink]}))
			w.clearDone()
			letters := w.postman.all()
			l := letters[len(letters)-1]
			link := c.link
			if strings.HasSuffix(link, "token=") {
				link += token
			}
			if l.To != c.to || !slices.Contains(l.Links, link) || !strings.Contains(l.Text, c.says) || l.id == "" || l.Subject == "" {
				w.Errorf("%s: to %s, links %v, want %s; %s", c.template, l.To, l.Links, link, l.Text)
			}
			if c.template == mail.ResetNoPassword && strings.Contains(l.Text+l.HTML, token) {
				w.Error("who has no password is sent a way to set one")
			}
		}
	})
}

// Whoever has no password and no other way in, where they ask, would be locked
// out by a letter that tells them how they sign in.
func TestWhoHasNoPasswordIsToldAWayInOrGetsOne(t *testing.T) {
	onEach(t, func(w *world) {
		people := map[string]store.OneTimeToken{}
		for name, e := range map[string]watchword.Email{
			"nothing":  {VerifiedAt: w.clock.Now()},
			"forge":    {VerifiedAt: w.clock.Now()},
			"closed":   {VerifiedAt: w.clock.Now()}, // at a provider that is no longer set up
			"unproven": {},                          // may be a stranger's, and the provider with it
		} {
			e.Address = name + "@example.com"
			user, email := w.user(store.NewUser{}, e)
			if provider := map[string]string{"unproven": "forge", "forge": "forge", "closed": "closed"}[name]; provider != "" {
				storetest.Exec(w.T, w.engine, w.location, "INSERT INTO identities VALUES ('idn_'||'"+name+"', '"+string(user)+"', '"+provider+"', 'https://idp.example', '"+name+"', '', 1)")
			}
			people[name] = store.OneTimeToken{Purpose: store.TokenResetPassword, UserID: user, EmailID: email, Address: e.Address}
		}
		const byMail = "a sign-in link by mail"
		for _, c := range []struct {
			who    string
			client watchword.ClientID
			ways   []string // none: the link to a new password
		}{
			{"nothing", "web", []string{byMail}},
			{"nothing", "password+magic_link", []string{byMail}},
			{"nothing", "password", nil},
			{"nothing", "password+forge", nil},
			{"forge", "web", []string{byMail, "Forge"}},
			{"forge", "password+forge", []string{"Forge"}},
			{"forge", "password+magic_link", []string{byMail}},
			{"forge", "password", nil},
			{"closed", "password+closed", nil},
			{"unproven", "password+forge", nil},
			{"unproven", "web", []string{byMail}},
		} {
			t := people[c.who]
			t.ClientID = c.client
			token := w.token(t)
			w.ok(w.deliver(mail.Message{Template: mail.ResetNoPassword, ClientID: c.client, Token: token}))
			w.clearDone()
			letters := w.postman.all()
			l := letters[len(letters)-1]
			if got := slices.Contains(l.Links, publicURL+"/reset-password?token="+token); got != (c.ways == nil) || got != strings.Contains(l.Text+l.HTML, token) {
				w.Errorf("%s at %s: a way to a password: %v", c.who, c.client, got)
			}
			for _, way := range []string{byMail, "Forge"} {
				if got := strings.Contains(l.Text, "- "+way); got != slices.Contains(c.ways, way) {
					w.Errorf("%s at %s: %s: %v", c.who, c.client, way, got)
				}
			}
			if l.To != t.Address || strings.Contains(l.Text, "1 hour") != (c.ways == nil) { // a link lives so long
				w.Errorf("%s at %s: to %s, %s", c.who, c.client, l.To, l.Text)
			}
		}
	})
}

// A mail server that was away must not make a change look as if it were of today.
func TestANoticeTellsWhenItHappened(t *testing.T) {
	onEach(t, func(w *world) {
		user, _ := w.ada()
		w.enqueue(mail.Message{Template: mail.PasswordChange, UserID: user})
		when := w.clock.Now().UTC().Format("15:04")
		w.clock.Advance(25 * time.Minute)
		w.ok(w.Deliver(w.Context(), w.claim()))
		if l := w.postman.all()[0]; !strings.Contains(l.Text, when) {
			w.Errorf("not %s: %s", when, l.Text)
		}
	})
}

// clearDone marks what was claimed as done, so that the next claim finds one job.
func (w *world) clearDone() {
	w.Helper()
	w.do(func(c *store.Conn) error {
		list, _, err := c.Jobs(w.Context(), string(job.KindMail), store.JobWaiting, watchword.Page{Limit: 100})
		if err != nil {
			return err
		}
		for _, j := range list {
			if err := c.FinishJob(w.Context(), j.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestNobodyGetsWhatNobodyWants(t *testing.T) {
	onEach(t, func(w *world) {
		user, email := w.ada()
		unproven, claimed := w.user(store.NewUser{}, watchword.Email{Address: "squatter@example.com"})
		gone, _ := w.user(store.NewUser{}, watchword.Email{Address: "gone@example.com", VerifiedAt: w.clock.Now()})
		revoked, accepted, expired := w.invite(user), w.invite(user), w.invite(user)
		link := func(t store.OneTimeToken) mail.Message {
			t.Address = "ada@example.com"
			return mail.Message{Template: mail.MagicLink, Token: w.token(t)}
		}
		used, voided := link(store.OneTimeToken{Purpose: store.TokenMagicLink, UserID: user}), link(store.OneTimeToken{Purpose: store.TokenMagicLink, UserID: user})
		theirs := link(store.OneTimeToken{Purpose: store.TokenMagicLink, UserID: gone})
		w.do(func(c *store.Conn) error {
			if _, err := c.UseOneTimeToken(w.Context(), secret.Digest(secret.NewString(used.Token)), store.TokenMagicLink); err != nil {
				return err
			}
			if err := c.VoidTokens(w.Context(), user); err != nil {
				return err
			}
			if err := c.DeleteUser(w.Context(), gone); err != nil {
				return err
			}
			if err := c.AcceptInvite(w.Context(), accepted, user); err != nil {
				return err
			}
			list, err := c.Invite(w.Context(), revoked)
			if err != nil {
				return err
			}
			if err := c.RevokeInvite(w.Context(), list.Account.ID, revoked); err != nil {
				return err
			}
			list, err = c.Invite(w.Context(), expired)
			if err != nil {
				return err
			}
			return c.ExtendInvite(w.Context(), list.Account.ID, expired, c.Now())
		})
		ended := link(store.OneTimeToken{Purpose: store.TokenMagicLink, UserID: user, ExpiresAt: w.clock.Now()})
		for name, m := range map[string]mail.Message{
			"a used link":                  used,
			"a voided link":                voided,
			"an expired link":              ended,
			"a link of a deleted user":     theirs,
			"a link that nobody made":      {Template: mail.MagicLink, Token: "otk_made-up"},
			"a link for nobody, who stays": link(store.OneTimeToken{Purpose: store.TokenMagicLink, Newcomers: store.NewcomersRefused}),
			"a reset for nobody":           {Template: mail.ResetPassword, Token: w.token(store.OneTimeToken{Purpose: store.TokenResetPassword, Address: "nobody@example.com"})},
			"no password of nobody":        {Template: mail.ResetNoPassword, Token: w.token(store.OneTimeToken{Purpose: store.TokenResetPassword, Address: "nobody@example.com"})},
			"a revoked invite":             {Template: mail.Invite, Token: w.token(store.OneTimeToken{Purpose: store.TokenInvite, InviteID: revoked, Address: "new@example.com"})},
			"an accepted invite":           {Template: mail.Invite, Token: w.token(store.OneTimeToken{Purpose: store.TokenInvite, InviteID: accepted, Address: "new@example.com"})},
			"an expired invite":            {Template: mail.Invite, Token: w.token(store.OneTimeToken{Purpose: store.TokenInvite, InviteID: expired, Address: "new@example.com"})},
			"an authorization code":        link(store.OneTimeToken{Purpose: store.TokenAuthorizationCode, UserID: user}),
			"a notice to a squatter":       {Template: mail.PasswordChange, UserID: unproven},
			"a notice to their address":    {Template: mail.EmailChanged, UserID: unproven, EmailID: claimed},
			"a notice to another's":        {Template: mail.EmailChanged, UserID: unproven, EmailID: email},
			"a notice to a deleted user":   {Template: mail.PasswordChange, UserID: gone},
			"a notice to nobody":           {Template: mail.PasswordChange},
		} {
			if err := w.deliver(m); err != nil {
				w.Errorf("%s: %v", name, err)
			}
			w.clearDone()
			if sent := w.postman.all(); len(sent) != 0 {
				w.Fatalf("%s: %+v", name, sent)
			}
		}
		// But who signed up with an address is told there that it was tried again.
		w.ok(w.deliver(mail.Message{Template: mail.AccountExists, UserID: unproven}))
		w.clearDone()
		w.ok(w.deliver(mail.Message{Template: mail.PasswordChange, UserID: user}))
		if sent := w.postman.all(); len(sent) != 2 || sent[0].To != "squatter@example.com" || sent[1].To != "ada@example.com" {
			w.Errorf("sent %+v", sent)
		}
	})
}

func TestALetterIsInTheLanguageOfItsReader(t *testing.T) {
	onEach(t, func(w *world) {
		german, _ := w.user(store.NewUser{Locale: "de-AT"}, watchword.Email{Address: "de@example.com", VerifiedAt: w.clock.Now()})
		open, _ := w.user(store.NewUser{}, watchword.Email{Address: "open@example.com", VerifiedAt: w.clock.Now()})
		for _, c := range []struct {
			user   watchword.UserID
			locale string
			german bool
		}{
			{german, "", true},
			{german, "en", true}, // their own choice comes first
			{open, "de", true},   // then that of the browser that asked
			{open, "", false},    // then the default
			{open, "xx", false},
			{open, "not a locale", false},
		} {
			w.ok(w.deliver(mail.Message{Template: mail.PasswordChange, UserID: c.user, Locale: c.locale}))
			w.clearDone()
			letters := w.postman.all()
			if got := strings.Contains(letters[len(letters)-1].HTML, `lang="de"`); got != c.german {
				w.Errorf("%+v: in German: %v", c, got)
			}
		}
		token := w.token(store.OneTimeToken{Purpose: store.TokenMagicLink, Address: "new@example.com", Newcomers: store.NewcomersCreated})
		w.ok(w.deliver(mail.Message{Template: mail.MagicLink, Token: token, Locale: "de"}))
		letters := w.postman.all()
		if !strings.Contains(letters[len(letters)-1].HTML, `lang="de"`) {
			w.Error("a newcomer is not written to in the language of their browser")
		}
	})
}

var errOnPurpose = errors.New("on purpose")

func TestOnlyWhatMayMendIsTriedAgain(t *testing.T) {
	onEach(t, func(w *world) {
		user, _ := w.ada()
		m := mail.Message{Template: mail.PasswordChange, UserID: user}
		for name, c := range map[string]struct {
			err       error
			permanent bool
		}{
			"refused by the server": {mail.ErrRefused, true},
			"no server":             {errOnPurpose, false},
			"a slow server":         {context.DeadlineExceeded, false},
		} {
			w.postman.do = func(context.Context, mail.Rendered) error { return c.err }
			err := w.deliver(m)
			w.clearDone()
			if err == nil || errors.Is(err, job.ErrPermanent) != c.permanent || !errors.Is(err, c.err) {
				w.Errorf("%s: %v", name, err)
			}
		}
		w.postman.do = nil
		w.is(w.deliver(mail.Message{Template: "no_such_template", UserID: user}), job.ErrPermanent)
		w.clearDone()
		w.enqueue(m)
		j := w.claim()
		j.Payload[len(j.Payload)-1] ^= 1
		w.is(w.Deliver(w.Context(), j), job.ErrPermanent)
		if len(w.postman.all()) != 0 {
			w.Error("something was sent")
		}
	})
}
