package signin_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

func TestAPersonNobodyKnowsBecomesAUser(t *testing.T) {
	for provider, proven := range map[string]bool{"acme": true, "forge": false, "other": false} {
		t.Run(provider, func(t *testing.T) {
			onEachAbroad(t, func(w *abroad) {
				r := w.in(provider, ada())
				u := r.Grant.User
				if !r.IsNewUser || u.Email != address || u.EmailVerified != proven || u.Name != "Ada Lovelace" || u.Picture != "https://pictures.example/ada.png" || u.HasPassword {
					w.Errorf("the user is %+v", u)
				}
				if want := map[string]string{"forge": "fr"}[provider]; want != "" && u.Locale != want || want == "" && u.Locale != "de-AT" {
					w.Errorf("the language is %q", u.Locale)
				}
				s := r.Grant.Session
				if !slices.Equal(s.AMR, []watchword.AMR{watchword.AMRProvider}) || s.Mode != watchword.SessionBoth || s.Remember != watchword.RememberLong || s.ClientID != "web" {
					w.Errorf("the session is %+v", s)
				}
				if r.Grant.Role != watchword.RoleOwner || r.Grant.Account.Name != "Ada Lovelace" {
					w.Errorf("the account is %+v", r.Grant.Account)
				}
				list, err := w.Store.Read().Identities(w.Context(), u.ID)
				w.ok(err)
				if len(list) != 1 || list[0].Provider != provider || list[0].Subject != "7" || list[0].Email != address {
					w.Errorf("the identities are %+v", list)
				}
				for typ, want := range map[watchword.EventType]int{
					watchword.EventUserCreated: 1, watchword.EventIdentityLinked: 1, watchword.EventSessionStarted: 1, watchword.EventEmailVerified: 0, watchword.EventSignInFailed: 0,
				} {
					if n := len(w.events(typ)); n != want {
						w.Errorf("%d events %s", n, typ)
					}
				}
				mails := w.mails()
				owner := watchword.DeviceOwner{Address: address, UserID: u.ID, PasswordVersion: store.FirstPasswordVersion}
				if proven {
					if len(mails) != 0 || r.Next != "" || !r.Binding.IsZero() || r.Device != owner {
						w.Errorf("next %q, device %+v, mails %+v", r.Next, r.Device, mails)
					}
					return
				}
				if len(mails) != 1 {
					w.Fatalf("mails %+v", mails)
				}
				if mails[0].Template != mail.VerifyEmail || r.Next != signin.NextVerifyEmail || r.Device != (watchword.DeviceOwner{}) ||
					string(w.token(mails[0].Token).Binding) != string(secret.Digest(r.Binding)) {
					w.Errorf("next %q, device %+v, mails %+v", r.Next, r.Device, mails)
				}
				_, err = w.Verify.Confirm(w.Context(), secret.NewString(mails[0].Token), w.somewhere())
				w.ok(err)
			})
		})
	}
}

// Who somebody is, issuer and subject say, and nothing else that a provider tells.
func TestWhatAProviderSaysOfAUserLaterChangesNothing(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		eve := w.verifiedUser("eve@example.com").Grant.User
		first := w.in("acme", ada()).Grant.User
		for name, as := range map[string]upstreamtest.User{
			"another's address":    {Subject: "7", Email: "eve@example.com", EmailVerified: true, Name: "Eve"},
			"an unproven address":  {Subject: "7", Email: "new@example.com", Name: "Eve"},
			"a proven new address": {Subject: "7", Email: "new@example.com", EmailVerified: true},
			"no address":           {Subject: "7"},
		} {
			before := w.counts()
			r := w.in("acme", as)
			u := r.Grant.User
			if r.IsNewUser || u.ID != first.ID || u.Email != address || u.Name != first.Name || u.Picture != first.Picture || u.EmailVerified != first.EmailVerified {
				w.Errorf("%s: the user is %+v", name, u)
			}
			after := w.counts()
			for _, table := range []string{"users", "emails", "identities", "jobs", "emails WHERE verified_at IS NOT NULL"} {
				if before[table] != after[table] {
					w.Errorf("%s: %d rows in %s, were %d", name, after[table], table, before[table])
				}
			}
		}
		// And another subject is another person, whatever else is the same.
		other := ada()
		other.Subject, other.Email = "8", "other@example.com"
		if r := w.in("acme", other); !r.IsNewUser || r.Grant.User.ID == first.ID || r.Grant.User.ID == eve.ID {
			w.Errorf("got %+v", r.Grant.User)
		}
	})
}

func TestAPersonWithoutAnAddressBecomesAUserWithoutOne(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for subject, email := range map[string]string{"1": "", "2": "no address", "3": "two@at@example.com", "4": "ada@\u200bexample.com"} {
			as := upstreamtest.User{Subject: subject, Email: email, EmailVerified: true}
			first := w.in("acme", as)
			u := first.Grant.User
			if !first.IsNewUser || u.Email != "" || u.EmailVerified || first.Next != "" || first.Grant.Account.Name != "Account" || first.Device != (watchword.DeviceOwner{}) {
				w.Errorf("%q: got %+v", email, first)
			}
			for _, mode := range []signin.Verification{signin.VerificationRequired, signin.VerificationOptional} {
				w.Verification = mode // there is nothing to verify
				if again := w.in("acme", as); again.IsNewUser || again.Grant.User.ID != u.ID {
					w.Errorf("%q: got %+v", email, again)
				}
			}
			r, err := w.come(w.toCode("acme"), as)
			w.ok(err)
			if g, err := w.exchange(r.Code); err != nil || g.User.ID != u.ID {
				w.Errorf("%q: the code led in as %s (%v)", email, g.User.ID, err)
			}
		}
		if w.count("emails") != 0 || w.count("jobs") != 0 || w.count("users") != 4 {
			w.Errorf("%d addresses, %d mails, %d users", w.count("emails"), w.count("jobs"), w.count("users"))
		}
	})
}

// Beside a page there is a session in cookies alone, and never a token in a URL.
func TestBackAtAPageThereAreCookiesAlone(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		in := w.to("acme")
		in.Return, in.Scope = account.Return{RedirectURI: callback, State: "x"}, "openid nonsense"
		r, err := w.come(in, ada())
		w.ok(err)
		if s := r.Grant.Session; s.Mode != watchword.SessionCookie || s.Scope != "openid" || !r.Code.IsZero() || r.Return != in.Return {
			w.Errorf("got %+v, session %+v", r, s)
		}
	})
}

func TestACodeCarriesWhatItsClientAskedFor(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		r, err := w.come(w.toCode("acme"), ada())
		w.ok(err)
		if r.Code.IsZero() || !r.Grant.AccessToken.IsZero() || w.count("sessions") != 0 || r.Return.State != "the client's state" || r.Device != (watchword.DeviceOwner{}) {
			w.Fatalf("a code and no session is wanted: %+v", r)
		}
		code := w.token(r.Code.Reveal())
		if code.Nonce != "the client's" || code.Scope != "openid email" || code.RedirectURI != callback || code.ExpiresAt.Sub(code.CreatedAt) != time.Minute {
			w.Errorf("the code is %+v", code)
		}
		g, err := w.exchange(r.Code)
		w.ok(err)
		if s := g.Session; !slices.Equal(s.AMR, []watchword.AMR{watchword.AMRProvider}) || s.Scope != "openid email" || g.User.Email != address {
			w.Errorf("the session is %+v", s)
		}
		_, err = w.exchange(r.Code)
		w.is(err, signin.ErrGrantInvalid)
		if len(w.live(g.User.ID)) != 0 {
			w.Error("a second use leaves the session of the first")
		}
		magic := w.code("link@example.com") // a mailed link says otherwise
		g, err = w.exchange(magic)
		w.ok(err)
		if s := g.Session; !slices.Equal(s.AMR, []watchword.AMR{watchword.AMROneTime}) || s.Scope != "" {
			w.Errorf("the session of a link is %+v", s)
		}
	})
}

// Between code and exchange everything may end.
func TestACodeOfAProviderEndsWithWhatItStandsOn(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		for name, prepare := range map[string]func(r signin.Result) (end func() error){
			"disable": func(r signin.Result) func() error {
				return func() error { w.disable(r.Grant.User.ID); return nil }
			},
			"reset": func(r signin.Result) func() error {
				reset := account.Reset{Token: secret.NewString(w.sendReset(r.Grant.User.Email).Token), Password: secret.NewString(another)}
				return func() error { _, err := w.resets().Reset(w.Context(), reset); return err }
			},
			"wipe": func(r signin.Result) func() error {
				_, m := w.sendLink(w.wishLink(r.Grant.User.Email))
				return func() error { _, err := w.open(m); return err }
			},
			"deletion": func(r signin.Result) func() error {
				return func() error {
					return w.Store.Write(w.Context(), func(c *store.Conn) error { return c.DeleteUser(w.Context(), r.Grant.User.ID) })
				}
			},
		} {
			as := ada()
			as.Subject, as.Email = name, name+"@example.com"
			known := w.signUp(as.Email) // and never verified
			w.ok(w.Store.Tx(w.Context(), func(c *store.Conn) error {
				_, err := c.InsertIdentity(w.Context(), watchword.Identity{UserID: known.Grant.User.ID, Provider: "forge", Issuer: w.at.UserURL() + "#id", Subject: name})
				return err
			}))
			end := prepare(known)
			r, err := w.come(w.toCode("forge"), as)
			w.ok(err)
			w.ok(end())
			if _, err = w.exchange(r.Code); !errors.Is(err, signin.ErrGrantInvalid) {
				w.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestASignInByAProviderNeedsAnActiveUser(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		known := w.in("acme", ada()).Grant.User
		w.disable(known.ID)
		e := w.refuses(signin.ErrUserDisabled, w.finishing(w.back(w.begin(w.to("acme")), ada())))
		if e.UserID != known.ID || e.Data["method"] != "acme" {
			w.Errorf("the event is %+v", e)
		}
		for _, proven := range []bool{true, false} { // by the address, too, and before it is proven
			email := map[bool]string{true: "old@example.com", false: "squatted@example.com"}[proven]
			user := map[bool]func(string) signin.Result{true: w.verifiedUser, false: w.signUp}[proven](email).Grant.User
			w.disable(user.ID)
			as := ada()
			as.Subject, as.Email = email, email
			w.refuses(signin.ErrUserDisabled, w.finishing(w.back(w.begin(w.to("acme")), as)))
		}
	})
}

func TestWhereVerificationIsRequiredOnlyTheFirstSignInGoesWithoutIt(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		w.Verification = signin.VerificationRequired
		first := w.in("forge", ada())
		e := w.refuses(signin.ErrEmailUnverified, w.finishing(w.back(w.begin(w.to("forge")), ada())))
		if e.UserID != first.Grant.User.ID {
			w.Errorf("the event is %+v", e)
		}
		// That a link was mailed must be true, whatever became of the first.
		w.mailsALinkOnlySoOften(first.Grant.User.ID, func() error {
			_, err := w.FinishProvider(w.Context(), w.back(w.begin(w.to("forge")), ada()))
			return err
		})
		w.refuses(signin.ErrEmailUnverified, w.finishing(w.back(w.begin(w.toCode("forge")), ada())))
		_, err := w.Verify.Confirm(w.Context(), secret.NewString(w.letter(mail.VerifyEmail, address).Token), w.somewhere())
		w.ok(err)
		if r := w.in("forge", ada()); r.Grant.User.ID != first.Grant.User.ID || r.Device.Address != address {
			w.Errorf("got %+v", r)
		}
	})
}

func TestWhereNobodyMaySignUpAProviderMakesNobody(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		known := w.in("acme", ada()).Grant.User.ID
		owner := w.verifiedUser("owner@example.com").Grant.User.ID
		for _, mode := range []signin.SignUpMode{signin.SignUpClosed, signin.SignUpInviteOnly} {
			w.SignUpMode = mode
			for _, email := range []string{"new@example.com", ""} {
				for _, provider := range []string{"acme", "forge"} {
					as := upstreamtest.User{Subject: "9", Email: email, EmailVerified: true}
					w.refuses(signin.ErrSignUpDisabled, w.finishing(w.back(w.begin(w.to(provider)), as)))
				}
			}
			if r := w.in("acme", ada()); r.Grant.User.ID != known {
				w.Errorf("got %+v", r.Grant.User)
			}
			as := upstreamtest.User{Subject: string("o" + mode), Email: "owner@example.com", EmailVerified: true}
			if r := w.in("acme", as); r.Grant.User.ID != owner { // whoever has an account comes in
				w.Errorf("got %+v", r.Grant.User)
			}
		}
	})
}

// A session is worth nothing for a plain way: it must not decide who is linked.
func TestAPlainWayWhileSignedInLinksNothing(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		eve := w.verifiedUser("eve@example.com").Grant
		back := w.back(w.begin(w.to("acme")), ada())
		back.Holder = holding(eve)
		r, err := w.FinishProvider(w.Context(), back)
		w.ok(err)
		if r.Grant.User.ID == eve.User.ID || len(w.identities(eve.User.ID)) != 0 || r.Linked != nil {
			w.Errorf("got %+v", r)
		}
		if _, err := w.Sessions.Refresh(w.Context(), session.Presented{Token: eve.RefreshToken, ClientID: "web"}); err != nil {
			w.Errorf("the other session has ended: %v", err)
		}
	})
}
