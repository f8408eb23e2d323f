package signin_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
)

func TestALinkSignsInWhoReadsTheMailbox(t *testing.T) {
	onEach(t, func(w *world) {
		owner := w.verifiedUser(address).Grant
		_, m := w.sendLink(w.wishLink(address))
		r, err := w.open(m)
		w.ok(err)
		s := r.Grant.Session
		if r.IsNewUser || r.Grant.User.ID != owner.User.ID || r.Grant.Account.ID != owner.Account.ID || len(s.AMR) != 1 || s.AMR[0] != watchword.AMROneTime || r.Next != "" {
			w.Errorf("got %+v", r)
		}
		if used := w.token(m.Token); used.SessionID != s.ID || used.UsedAt.IsZero() {
			w.Errorf("the token does not tell what became of it: %+v", used)
		}
		if len(w.live(owner.User.ID)) != 2 || !r.Grant.User.HasPassword {
			w.Error("a verified user was wiped")
		}
		if len(w.events(watchword.EventUserReclaimed)) != 0 {
			w.Error("it is said so, too")
		}
	})
}

func TestALinkMakesAUserWhereItMay(t *testing.T) {
	onEach(t, func(w *world) {
		in := w.wishLink(address)
		in.Locale = "de"
		_, m := w.sendLink(in)
		r, err := w.open(m)
		w.ok(err)
		u := r.Grant.User
		if !r.IsNewUser || u.Email != address || !u.EmailVerified || u.HasPassword || u.Locale != "de" || r.Grant.Role != watchword.RoleOwner || r.Next != "" {
			w.Errorf("got %+v", r)
		}
		if w.count("accounts") != 1 || w.count("memberships") != 1 {
			w.Error("there is no account of their own")
		}
	})
}

func TestALinkMakesNobodyWhereItMayNot(t *testing.T) {
	onEach(t, func(w *world) {
		for name, spoil := range map[string]func(*signin.MagicLinkRequest){
			"create_user=false": func(in *signin.MagicLinkRequest) { in.Newcomers = signin.NewcomersRefused },
			"invite only":       func(*signin.MagicLinkRequest) { w.SignUpMode = signin.SignUpInviteOnly },
			"closed":            func(*signin.MagicLinkRequest) { w.SignUpMode = signin.SignUpClosed },
		} {
			in := w.wishLink("")
			in.Email = map[string]string{"create_user=false": "a@example.com", "invite only": "b@example.com", "closed": "c@example.com"}[name]
			spoil(&in)
			_, m := w.sendLink(in)
			if w.token(m.Token).Newcomers != store.NewcomersRefused {
				w.Errorf("%s: the link may make a user", name)
			}
			_, err := w.open(m) // that it is not mailed is one wall, this is the other
			w.is(err, account.ErrTokenInvalid)
			w.SignUpMode = signin.SignUpOpen
		}
		if w.count("users") != 0 {
			w.Error("somebody was made")
		}
	})
}

func TestAsRegardsLinksAllAddressesAreAlike(t *testing.T) {
	onEach(t, func(w *world) {
		w.verifiedUser(address)
		w.signUp("unverified@example.com")
		w.disable(w.signUp("disabled@example.com").Grant.User.ID)
		for _, discovery := range []signin.Discovery{signin.DiscoveryOpen, signin.DiscoveryPrivate} {
			w.Discovery = discovery
			for _, newcomers := range []signin.Newcomers{signin.NewcomersCreated, signin.NewcomersRefused} {
				for _, email := range []string{address, "unverified@example.com", "disabled@example.com", "nobody@example.com"} {
					w.clock.Advance(time.Hour)
					rows := func() [4]int {
						return [4]int{w.count("jobs"), w.count("one_time_tokens"), w.count("events"), w.count("users")}
					}
					before := rows()
					in := w.wishLink(email)
					in.Newcomers = newcomers
					sent, err := w.SendMagicLink(w.Context(), in)
					w.ok(err)
					after := rows()
					if len(sent.LoginID) != 47 || sent.Life != 10*time.Minute || sent.Binding.IsZero() ||
						after != [4]int{before[0] + 1, before[1] + 1, before[2] + 1, before[3]} {
						w.Errorf("%s: %+v, %v rows became %v", email, sent, before, after)
					}
				}
			}
		}
	})
}

func TestADisabledUserIsNotLetInByMail(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.verifiedUser(address).Grant.User.ID
		sent, m := w.sendLink(w.wishLink(address))
		w.disable(user)
		_, err := w.open(m)
		w.is(err, signin.ErrUserDisabled)
		_, err = w.try(sent, m.Code)
		w.is(err, signin.ErrUserDisabled)
		if !w.token(m.Token).UsedAt.IsZero() || len(w.live(user)) != 0 {
			w.Error("the link was used up")
		}
	})
}

func TestALinkIsForOneThingOneClientAndOneUse(t *testing.T) {
	onEach(t, func(w *world) {
		w.verifiedUser(address)
		_, m := w.sendLink(w.wishLink(address))
		token := secret.NewString(m.Token)
		elsewhere := w.opening()
		elsewhere.ClientID = "other"
		_, err := w.MagicLink(w.Context(), token, elsewhere)
		w.is(err, account.ErrTokenInvalid)
		_, err = w.AcceptInvite(w.Context(), token, w.opening())
		w.is(err, account.ErrTokenInvalid)
		_, err = w.Verify.Confirm(w.Context(), token, w.somewhere())
		w.is(err, account.ErrTokenInvalid)
		w.is(w.Verify.Deny(w.Context(), token, w.somewhere()), account.ErrTokenInvalid)
		_, err = w.resets().Reset(w.Context(), account.Reset{Token: token, Password: secret.NewString(another)})
		w.is(err, account.ErrTokenInvalid)
		reset := w.sendReset(address)
		_, err = w.open(reset)
		w.is(err, account.ErrTokenInvalid)
		for _, text := range []string{"", "otk_", m.Token + "x", m.Token[:46] + "\n", "otk_" + string(make([]byte, 43))} {
			_, err := w.open(mail.Message{Token: text})
			w.is(err, account.ErrTokenInvalid)
		}
		own := w.opening()
		own.ClientID = "web"
		_, err = w.MagicLink(w.Context(), token, own)
		w.ok(err)
		_, err = w.open(m)
		w.is(err, account.ErrTokenUsed)

		_, late := w.sendLink(w.wishLink(address))
		w.clock.Advance(10 * time.Minute)
		_, err = w.open(late)
		w.is(err, account.ErrTokenExpired)
	})
}

func TestOfManyUsesOfALinkOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.verifiedUser(address).Grant.User.ID
		for _, email := range []string{address, "new@example.com"} {
			before := w.count("sessions")
			_, m := w.sendLink(w.wishLink(email))
			won := w.atOnce(100, account.ErrTokenUsed, func(node *world, _ int) error {
				_, err := node.open(m)
				return err
			})
			if won != 1 || w.count("sessions") != before+1 {
				w.Errorf("%s: %d won, %d sessions", email, won, w.count("sessions")-before)
			}
		}
		if len(w.live(user)) != 2 || w.count("users") != 2 {
			w.Errorf("%d sessions, %d users", len(w.live(user)), w.count("users"))
		}
	})
}

func TestTwoLinksOfANewAddressMakeOneUser(t *testing.T) {
	onEach(t, func(w *world) {
		var links []mail.Message
		for range 4 {
			_, m := w.sendLink(w.wishLink(address))
			links = append(links, m)
		}
		won := w.atOnce(len(links), nil, func(node *world, n int) error {
			_, err := node.open(links[n])
			return err
		})
		if won != len(links) || w.count("users") != 1 || w.count("accounts") != 1 || w.count("sessions") != len(links) {
			w.Errorf("%d won; %d users, %d accounts, %d sessions", won, w.count("users"), w.count("accounts"), w.count("sessions"))
		}
	})
}

// One link wipes what the other could use, so that of links for an unproven user
// one wins; and nobody waits for nobody.
func TestOfLinksOfAnUnprovenUserOneWins(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.signUp(address).Grant.User.ID
		var links []mail.Message
		for range 4 {
			_, m := w.sendLink(w.wishLink(address))
			links = append(links, m)
		}
		won := w.atOnce(2*len(links), account.ErrTokenUsed, func(node *world, n int) error {
			_, err := node.open(links[n%len(links)])
			return err
		})
		if won != 1 || len(w.live(user)) != 1 || len(w.events(watchword.EventUserReclaimed)) != 1 {
			w.Errorf("%d won; %d sessions", won, len(w.live(user)))
		}
	})
}

func TestALinkWithAChallengeLeadsBackWithACode(t *testing.T) {
	onEach(t, func(w *world) {
		client := web()
		client.RedirectURIs = []string{"https://app.example.com/cb"}
		in := w.wishLink(address)
		in.Client = client
		in.Return = account.Return{RedirectURI: "https://app.example.com/cb", State: "s", CodeChallenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}
		_, m := w.sendLink(in)
		browser := w.opening()
		browser.Back = signin.BackToClient
		r, err := w.MagicLink(w.Context(), secret.NewString(m.Token), browser)
		w.ok(err)
		if r.Code.IsZero() || r.Return != in.Return || w.count("sessions") != 0 || !r.Grant.AccessToken.IsZero() {
			w.Errorf("got %+v", r)
		}
		code := w.token(r.Code.Reveal())
		if code.Purpose != store.TokenAuthorizationCode || code.ClientID != "web" || code.CodeChallenge != in.Return.CodeChallenge ||
			code.RedirectURI != in.Return.RedirectURI || code.ExpiresAt.Sub(w.clock.Now()) != time.Minute || code.UserID == "" {
			w.Errorf("code: %+v", code)
		}
		_, err = w.open(mail.Message{Token: r.Code.Reveal()})
		w.is(err, account.ErrTokenInvalid)

		in.Return.RedirectURI = "https://evil.example/cb"
		_, err = w.SendMagicLink(w.Context(), in)
		w.is(err, account.ErrRedirectNotAllowed)
	})
}

func TestLinksAreMailedOnlySoOften(t *testing.T) {
	onEach(t, func(w *world) {
		for _, email := range []string{address, "nobody@example.com"} {
			_, err := w.SendMagicLink(w.Context(), w.wishLink(email))
			w.ok(err)
			_, err = w.SendMagicLink(w.Context(), w.wishLink(email))
			w.is(err, limit.ErrLimited)
			for range 4 {
				w.clock.Advance(time.Minute)
				_, err = w.SendMagicLink(w.Context(), w.wishLink(email))
				w.ok(err)
			}
			w.clock.Advance(time.Minute)
			_, err = w.SendMagicLink(w.Context(), w.wishLink(email))
			w.is(err, limit.ErrLimited)
		}
		w.ok(w.resets().SendReset(w.Context(), account.ResetRequest{Email: address, Client: web(), Origin: w.somewhere()})) // counted by purpose
		for n := range 21 {
			in := w.wishLink(w.somewhere().IP + "@example.com")
			in.Origin.IP = "192.0.2.1"
			if _, err := w.SendMagicLink(w.Context(), in); (err == nil) != (n < 20) {
				w.Errorf("mail %d from one network: %v", n+1, err)
			}
		}
	})
}

// onRead does an act when it is first read from.
type onRead struct{ act func() }

func (r *onRead) Read(p []byte) (int, error) {
	if act := r.act; act != nil {
		r.act = nil
		act()
	}
	return rand.Read(p)
}

// A deletion between the look and the mail must not make the answer another.
func TestWhoIsDeletedWhileTheyAskForALinkIsNobody(t *testing.T) {
	onEach(t, func(w *world) {
		user := w.verifiedUser(address).Grant.User.ID
		w.Random = &onRead{func() { // the link is made after the look
			w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteUser(w.Context(), user) }))
		}}
		sent, m := w.sendLink(w.wishLink(address))
		if t := w.token(m.Token); t.UserID != "" || t.LoginID != sent.LoginID {
			w.Errorf("%+v", t)
		}
	})
}

// Whoever asked for the link was a user: it makes no second one of them.
func TestALinkOfAUserMakesNobodyWhereTheirAddressIsGone(t *testing.T) {
	onEach(t, func(w *world) {
		w.verifiedUser(address)
		sent, m := w.sendLink(w.wishLink(address))
		w.exec("DELETE FROM emails") // as a removal does at the same moment
		_, err := w.open(m)
		w.is(err, account.ErrTokenUsed)
		_, err = w.try(sent, m.Code)
		w.is(err, account.ErrTokenUsed)
		if n := w.count("users"); n != 1 {
			w.Errorf("%d users", n)
		}
	})
}

func TestAClientThatOffersNoLinksSendsNone(t *testing.T) {
	onEach(t, func(w *world) {
		in := w.wishLink(address)
		in.Client.Methods = []watchword.Method{watchword.MethodPassword}
		_, err := w.SendMagicLink(w.Context(), in)
		w.is(err, signin.ErrMethodNotOffered)
		if w.count("jobs") != 0 {
			w.Error("a mail was queued")
		}
	})
}

// A page that was taken off the client's list since gets neither a visitor nor a
// code: it may be somebody else's by now.
func TestALinkLeadsToNoPageThatWasTakenOffTheList(t *testing.T) {
	onEach(t, func(w *world) {
		for _, listed := range []bool{true, false} {
			for _, challenge := range []string{"", challengeOf("a verifier")} {
				in := w.wishLink(address)
				in.Return = account.Return{RedirectURI: callback, State: "s", CodeChallenge: challenge}
				_, m := w.sendLink(in)
				client := web()
				if !listed {
					client.RedirectURIs = client.RedirectURIs[1:]
				}
				w.Client = func(watchword.ClientID) (watchword.Client, bool) { return client, true }
				opening := w.opening()
				opening.Back = signin.BackToClient
				r, err := w.MagicLink(w.Context(), secret.NewString(m.Token), opening)
				w.ok(err)
				if (r.Return.RedirectURI == callback) != listed || r.Code.IsZero() == (listed && challenge != "") || r.Code.IsZero() == r.Grant.RefreshToken.IsZero() {
					w.Errorf("listed: %t, challenge: %t: got %+v", listed, challenge != "", r)
				}
			}
		}
	})
}

// A link that was asked for on another node, of a client that was made there this
// moment, is looked for before it is refused, and not while a connection is held.
func TestALinkOfAClientThatIsNewHereWorks(t *testing.T) {
	onEach(t, func(w *world) {
		sent, m := w.sendLink(w.wishLink(address))
		known, find := false, w.Client
		w.Client = func(id watchword.ClientID) (watchword.Client, bool) {
			c, ok := find(id)
			return c, ok && known
		}
		var settled error
		exists := true
		w.Lookup = func(_ context.Context, id watchword.ClientID) (watchword.Client, bool, error) {
			known = settled == nil && exists
			c, _ := find(id)
			// Another's write goes through: none is under way here.
			return c, known, cmp.Or(settled, w.Store.Write(w.Context(), func(c *store.Conn) error { return c.InsertEvent(w.Context(), watchword.Event{Type: "x"}) }))
		}
		settled = store.ErrUnavailable
		_, err := w.open(m)
		w.is(err, store.ErrUnavailable)
		settled, exists = nil, false
		_, err = w.open(m)
		w.is(err, account.ErrTokenInvalid)
		exists = true
		r, err := w.try(sent, m.Code)
		w.ok(err)
		if r.Grant.User.Email != address || w.count("sessions") != 1 {
			w.Errorf("got %+v", r)
		}
	})
}
