package signin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/signin"
	"watchword/internal/store"
)

// check asks from a network of its own.
func (w *world) check(email string, client watchword.Client) (signin.EmailChecked, error) {
	return w.CheckEmail(w.Context(), signin.EmailCheck{Email: email, Client: client, Origin: w.somewhere()})
}

// ways is an answer in a line: presence, the ways in, what comes next.
func ways(c signin.EmailChecked) string {
	text := string(c.Presence) + ":"
	for _, way := range c.Ways {
		text += " " + string(way.Step)
		if way.Provider != "" {
			text += "=" + way.Provider
		}
	}
	return text + " > " + string(c.Next)
}

// linked makes a user who can also come in by these providers.
func (w *world) linked(email string, providers ...string) {
	w.Helper()
	user := w.verifiedUser(email).Grant.User.ID
	for _, p := range providers {
		w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error {
			_, err := c.InsertIdentity(w.Context(), watchword.Identity{UserID: user, Provider: p, Issuer: p, Subject: string(user)})
			return err
		}))
	}
}

// passwordless is linked without a password.
func (w *world) passwordless(email string, providers ...string) {
	w.Helper()
	w.linked(email, providers...)
	w.exec("UPDATE users SET password_hash = '' WHERE id = (SELECT user_id FROM emails WHERE address = $1)", email)
}

func TestUsersAreToldTheWaysThatAreOpenToThem(t *testing.T) {
	onEach(t, func(w *world) {
		w.linked("both@example.com", "forge", "google") // not as configured
		w.linked("password@example.com")
		w.passwordless("google@example.com", "google", "gone") // one is set up no longer
		w.passwordless("mail@example.com")
		w.linked("disabled@example.com", "google")
		w.exec("UPDATE users SET status = 'disabled' WHERE id = (SELECT user_id FROM emails WHERE address = 'disabled@example.com')")
		w.signUp("unproven@example.com")
		w.exec("INSERT INTO emails (id, user_id, address, is_primary, exclusive, created_at) SELECT 'eml_claim', user_id, 'claim@example.com', FALSE, FALSE, 0 FROM emails WHERE address = 'both@example.com'")
		w.exec("INSERT INTO emails (id, user_id, address, is_primary, exclusive, verified_at, created_at) SELECT 'eml_second', user_id, 'second@example.com', FALSE, TRUE, 1, 0 FROM emails WHERE address = 'google@example.com'")

		for _, c := range []struct {
			email  string
			client watchword.Client
			want   string
		}{
			{"both@example.com", web(), "held: password provider=google provider=forge magic_link > password"},
			{" Both@Example.COM ", web(), "held: password provider=google provider=forge magic_link > password"},
			{"both@example.com", offering("magic_link", "forge"), "held: provider=forge magic_link > provider"},
			{"both@example.com", offering("acme"), "held: > provider"},
			{"both@example.com", offering("magic_link"), "held: magic_link > magic_link"},
			{"password@example.com", web(), "held: password magic_link > password"},
			{"password@example.com", offering("google", "acme"), "held: > provider"},
			{"google@example.com", web(), "held: provider=google magic_link > provider"},
			{"google@example.com", offering("password"), "held: > password"},
			{"second@example.com", web(), "held: provider=google magic_link > provider"},
			{"mail@example.com", web(), "held: magic_link > magic_link"},
			{"mail@example.com", offering("passkey"), "held: > password"},
			{"disabled@example.com", web(), "held: password provider=google magic_link > password"}, // told after the password alone
			{"unproven@example.com", web(), "held: password magic_link > password"},
			{"claim@example.com", web(), "free: password provider=google provider=acme provider=forge magic_link > sign_up"},
		} {
			got, err := w.check(c.email, c.client)
			w.ok(err)
			if ways(got) != c.want {
				w.Errorf("%s at %v:\ngot  %s\nwant %s", c.email, c.client.Methods, ways(got), c.want)
			}
		}
	})
}

func TestWaysInBeginWhereTheyAreSaidTo(t *testing.T) {
	onEach(t, func(w *world) {
		w.linked(address, "acme")
		for email, want := range map[string][]signin.Way{
			address: {
				{Step: signin.StepPassword, URL: site + "/auth/sign-in"},
				{Step: signin.StepProvider, Provider: "acme", URL: site + "/auth/acme/authorize?client_id=web"},
				{Step: signin.StepMagicLink, URL: site + "/auth/send-magic-link"},
			},
			"new@example.com": {
				{Step: signin.StepPassword, URL: site + "/auth/sign-up"},
				{Step: signin.StepProvider, Provider: "acme", URL: site + "/auth/acme/authorize?client_id=web"},
				{Step: signin.StepMagicLink, URL: site + "/auth/send-magic-link"},
			},
		} {
			got, err := w.check(email, offering("password", "magic_link", "acme"))
			w.ok(err)
			if diff := cmp.Diff(want, got.Ways); diff != "" {
				w.Errorf("%s:\n%s", email, diff)
			}
		}
	})
}

func TestNobodyIsSentWhereTheyCannotSignUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	for _, c := range []struct {
		mode   signin.SignUpMode
		client watchword.Client
		want   string
	}{
		{signin.SignUpOpen, offering("password", "magic_link", "google"), "free: password provider=google magic_link > sign_up"},
		{signin.SignUpOpen, offering("magic_link"), "free: magic_link > sign_up"},
		{signin.SignUpOpen, offering("passkey"), "free: > password"},
		{signin.SignUpInviteOnly, offering("password", "magic_link", "google"), "free: password provider=google > sign_up"},
		{signin.SignUpInviteOnly, offering("magic_link"), "free: > magic_link"}, // it takes no invite along
		{signin.SignUpClosed, web(), "free: > password"},
		{signin.SignUpClosed, offering("magic_link", "google"), "free: > provider"},
	} {
		w.SignUpMode = c.mode
		got, err := w.check("new@example.com", c.client)
		w.ok(err)
		if ways(got) != c.want {
			t.Errorf("%s, %v:\ngot  %s\nwant %s", c.mode, c.client.Methods, ways(got), c.want)
		}
	}
}

// Neither the answer nor what it takes depends on the address: nothing is looked up.
func TestAPrivateCheckLooksAtNothing(t *testing.T) {
	onEach(t, func(w *world) {
		w.linked(address)
		w.passwordless("google@example.com", "google")
		w.Discovery = signin.DiscoveryPrivate
		w.Store = nil // whoever asked it would not come back
		for _, mode := range []signin.SignUpMode{signin.SignUpOpen, signin.SignUpInviteOnly, signin.SignUpClosed} {
			w.SignUpMode = mode
			want, err := w.check("nobody@example.com", web())
			w.ok(err)
			if ways(want) != "untold: password provider=google provider=acme provider=forge magic_link > password" || want.Ways[0].URL != site+"/auth/sign-in" {
				w.Errorf("got %s, %+v", ways(want), want.Ways)
			}
			for _, email := range []string{address, "google@example.com"} {
				got, err := w.check(email, web())
				w.ok(err)
				if diff := cmp.Diff(want, got); diff != "" {
					w.Errorf("%s is answered otherwise:\n%s", email, diff)
				}
			}
		}
	})
}

func TestANetworkMayCheckSoMany(t *testing.T) {
	onEach(t, func(w *world) {
		w.signUp(address)
		for _, discovery := range []signin.Discovery{signin.DiscoveryOpen, signin.DiscoveryPrivate} {
			w.Discovery = discovery
			from := w.somewhere()
			ask := func(email string) error {
				_, err := w.CheckEmail(w.Context(), signin.EmailCheck{Email: email, Client: web(), Origin: from})
				return err
			}
			for i := range 10 {
				w.ok(ask([]string{address, "nobody@example.com"}[i%2]))
			}
			for _, email := range []string{address, "nobody@example.com"} {
				w.is(ask(email), limit.ErrLimited)
			}
			_, err := w.check(address, web())
			w.ok(err) // another network
			w.clock.Advance(time.Minute)
			w.ok(ask(address))
		}
	})
}

func TestWhatIsNoAddressIsNotChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	for _, discovery := range []signin.Discovery{signin.DiscoveryOpen, signin.DiscoveryPrivate} {
		w.Discovery = discovery
		for _, email := range []string{"", "ada", "a@b@example.com", strings.Repeat("a", 250) + "@example.com"} {
			_, err := w.check(email, web())
			w.is(err, account.ErrAddress)
		}
	}
}
