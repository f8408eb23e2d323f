package signin_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
)

const (
	verifier = "a verifier of at least forty-three characters, as RFC 7636 asks"
	callback = "https://app.example.com/callback"
)

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// code signs somebody in by a link that was asked for with a challenge.
func (w *world) code(email string) secret.String {
	w.Helper()
	client := web()
	client.RedirectURIs = []string{callback}
	before := len(w.mails())
	_, err := w.SendMagicLink(w.Context(), signin.MagicLinkRequest{
		Email: email, Newcomers: signin.NewcomersCreated, Client: client, Origin: w.somewhere(),
		Return: account.Return{RedirectURI: callback, State: "xyz", CodeChallenge: challengeOf(verifier)},
	})
	w.ok(err)
	mails := w.mails()
	if len(mails) != before+1 {
		w.Fatalf("%d mails", len(mails))
	}
	var token string
	for _, m := range mails {
		if strings.HasPrefix(m.Token, "otk_") && m.Code != "" {
			token = m.Token
		}
	}
	r, err := w.MagicLink(w.Context(), secret.NewString(token), signin.Arrival{Mode: watchword.SessionCookie, Back: signin.BackToClient, Origin: w.somewhere()})
	w.ok(err)
	if r.Code.IsZero() || !r.Grant.AccessToken.IsZero() || r.Return.State != "xyz" {
		w.Fatalf("a code and no session is wanted: %+v", r)
	}
	return r.Code
}

func (w *world) exchange(code secret.String, change ...func(*signin.CodeExchange)) (session.Grant, error) {
	in := signin.CodeExchange{Code: code, Verifier: secret.NewString(verifier), RedirectURI: callback, Client: web(), Origin: w.somewhere()}
	for _, c := range change {
		c(&in)
	}
	return w.Exchange(w.Context(), in)
}

func TestACodeIsExchangedForASessionByWhoAskedForIt(t *testing.T) {
	onEach(t, func(w *world) {
		code := w.code(address)
		for name, wrong := range map[string]func(*signin.CodeExchange){
			"verifier":      func(in *signin.CodeExchange) { in.Verifier = secret.NewString("another verifier") },
			"no verifier":   func(in *signin.CodeExchange) { in.Verifier = secret.String{} },
			"the challenge": func(in *signin.CodeExchange) { in.Verifier = secret.NewString(challengeOf(verifier)) },
			"redirect URI":  func(in *signin.CodeExchange) { in.RedirectURI += "/" },
			"client":        func(in *signin.CodeExchange) { in.Client.ID = "shop" },
			"code":          func(in *signin.CodeExchange) { in.Code = account.NewToken(w.Random) },
		} {
			if _, err := w.exchange(code, wrong); !errors.Is(err, signin.ErrGrantInvalid) {
				w.Errorf("%s: %v", name, err)
			}
		}
		// None of them has used it up.
		grant, err := w.exchange(code)
		w.ok(err)
		if grant.User.Email != address || !grant.User.EmailVerified || grant.Session.Mode != watchword.SessionToken || grant.Session.AMR[0] != watchword.AMROneTime {
			w.Errorf("got %+v", grant)
		}
	})
}

func TestACodeThatIsUsedTwiceEndsTheSessionOfItsFirstUse(t *testing.T) {
	onEach(t, func(w *world) {
		code := w.code(address)
		grant, err := w.exchange(code)
		w.ok(err)
		_, err = w.exchange(code)
		w.is(err, signin.ErrGrantInvalid)
		_, err = w.Sessions.Refresh(w.Context(), session.Presented{Token: grant.RefreshToken})
		w.is(err, session.ErrSessionRevoked)
		if n := len(w.events(watchword.EventCodeReplayed)); n != 1 {
			w.Errorf("%d events", n)
		}
	})
}

func TestOfManyExchangesOfOneCodeNoneKeepsASessionButOneIsAnswered(t *testing.T) {
	onEach(t, func(w *world) {
		code := w.code(address)
		var won atomic.Int64
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				_, err := w.exchange(code)
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, signin.ErrGrantInvalid) {
					w.Error(err)
				}
			})
		}
		all.Wait()
		if live := w.count("sessions WHERE revoked_at IS NULL"); won.Load() != 1 || live != 0 {
			w.Errorf("%d were answered and %d sessions live: whoever came second may be the owner", won.Load(), live)
		}
	})
}

func TestACodeDoesNotOutliveItsMinuteNorAReset(t *testing.T) {
	onEach(t, func(w *world) {
		code := w.code(address)
		w.clock.Advance(time.Minute)
		_, err := w.exchange(code)
		w.is(err, signin.ErrGrantInvalid)

		w.clock.Advance(time.Hour)
		code = w.code(address)
		w.exec("UPDATE one_time_tokens SET voided_at = created_at WHERE used_at IS NULL") // as a reset does
		_, err = w.exchange(code)
		w.is(err, signin.ErrGrantInvalid)

		w.clock.Advance(time.Hour)
		code = w.code(address)
		w.exec("UPDATE users SET status = 'disabled'")
		_, err = w.exchange(code)
		w.is(err, signin.ErrGrantInvalid)
		if n := w.count("sessions"); n != 0 {
			w.Errorf("%d sessions", n)
		}
	})
}

func TestACodesScopeIsGrantedAsFarAsItIsKnownAndItsNonceGoesIntoTheIDToken(t *testing.T) {
	onEach(t, func(w *world) {
		code := w.code(address)
		w.exec("UPDATE one_time_tokens SET scope = 'profile admin openid', nonce = 'the nonce'")
		grant, err := w.exchange(code)
		w.ok(err)
		if grant.Session.Scope != "openid profile" {
			w.Errorf("granted %q", grant.Session.Scope)
		}
		payload := strings.Split(grant.IDToken.Reveal(), ".")[1]
		claims, err := base64.RawURLEncoding.DecodeString(payload)
		if err != nil || !strings.Contains(string(claims), `"nonce":"the nonce"`) || strings.Contains(string(claims), address) {
			w.Errorf("the ID token says %s (%v)", claims, err)
		}
	})
}
