package signin_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/upstream"
	"watchword/internal/upstream/upstreamtest"
)

func TestNobodyDepartsWithWhatIsNotAllowed(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		page := account.Return{RedirectURI: callback}
		for name, test := range map[string]struct {
			change func(*signin.ProviderStart)
			want   error
		}{
			"an unknown provider":       {func(in *signin.ProviderStart) { in.Provider = "nobody" }, signin.ErrProviderNotFound},
			"one not offered":           {func(in *signin.ProviderStart) { in.Client.Methods = []watchword.Method{"password", "forge"} }, signin.ErrProviderNotFound},
			"a foreign page":            {func(in *signin.ProviderStart) { in.Return.RedirectURI = "https://evil.example" }, account.ErrRedirectNotAllowed},
			"a code to nowhere":         {func(in *signin.ProviderStart) { in.ResponseType = "code" }, account.ErrRedirectNotAllowed},
			"a challenge and no page":   {func(in *signin.ProviderStart) { in.Return.CodeChallenge = challengeOf(verifier) }, account.ErrRedirectNotAllowed},
			"a token in the URL":        {func(in *signin.ProviderStart) { in.Return, in.ResponseType = page, "token" }, signin.ErrResponseType},
			"another response type":     {func(in *signin.ProviderStart) { *in = w.toCode("acme"); in.ResponseType = "code id_token" }, signin.ErrResponseType},
			"an answer in a fragment":   {func(in *signin.ProviderStart) { *in = w.toCode("acme"); in.ResponseMode = "fragment" }, signin.ErrResponseMode},
			"a request object":          {func(in *signin.ProviderStart) { *in = w.toCode("acme"); in.RequestObject = "e30.e30." }, signin.ErrRequestObject},
			"a code without PKCE":       {func(in *signin.ProviderStart) { in.Return, in.ResponseType = page, "code" }, signin.ErrPKCERequired},
			"plain PKCE":                {func(in *signin.ProviderStart) { *in = w.toCode("acme"); in.ChallengeMethod = "plain" }, signin.ErrPKCERequired},
			"PKCE that means plain":     {func(in *signin.ProviderStart) { *in = w.toCode("acme"); in.ChallengeMethod = "" }, signin.ErrPKCERequired},
			"a method and no challenge": {func(in *signin.ProviderStart) { in.ChallengeMethod = "S256" }, signin.ErrPKCERequired},
			"no S256 challenge":         {func(in *signin.ProviderStart) { *in = w.toCode("acme"); in.Return.CodeChallenge = "short" }, invalid("code_challenge")},
			"a state for nobody":        {func(in *signin.ProviderStart) { in.Return.State = "x" }, invalid("redirect_uri")},
			"a long state":              {func(in *signin.ProviderStart) { in.Return = page; in.Return.State = strings.Repeat("x", 513) }, invalid("state")},
			"a state with NUL":          {func(in *signin.ProviderStart) { in.Return = page; in.Return.State = "x\x00" }, invalid("state")},
			"a state that is no text":   {func(in *signin.ProviderStart) { in.Return = page; in.Return.State = "\xff" }, invalid("state")},
			"a long nonce":              {func(in *signin.ProviderStart) { in.Nonce = strings.Repeat("x", 257) }, invalid("nonce")},
			"a nonce of two lines":      {func(in *signin.ProviderStart) { in.Nonce = "x\r\ny" }, invalid("nonce")},
			"a long hint":               {func(in *signin.ProviderStart) { in.LoginHint = strings.Repeat("x", 321) }, invalid("login_hint")},
			"a hint with NUL":           {func(in *signin.ProviderStart) { in.LoginHint = "\x00" }, invalid("login_hint")},
			"an unknown prompt":         {func(in *signin.ProviderStart) { in.Prompt = "create" }, invalid("prompt")},
			"two prompts":               {func(in *signin.ProviderStart) { in.Prompt = "login consent" }, invalid("prompt")},
			"no invite of ours":         {func(in *signin.ProviderStart) { in.InviteToken = secret.NewString("otk_x") }, account.ErrTokenInvalid},
		} {
			in := w.to("acme")
			test.change(&in)
			_, err := w.BeginProvider(w.Context(), in)
			e, ok := errors.AsType[*watchword.Error](err)
			if field, of := errors.AsType[invalid](test.want); of {
				ok = ok && e.Kind == watchword.KindInvalid && len(e.Fields) == 1 && e.Fields[0].Field == string(field)
			} else {
				ok = ok && errors.Is(err, test.want)
			}
			if !ok {
				w.Errorf("%s: got %v, want %v", name, err, test.want)
			}
		}
		if n := w.count("provider_flows"); n != 0 || len(w.at.Requests()) != 0 {
			w.Errorf("%d ways were begun, the provider was asked %d times", n, len(w.at.Requests()))
		}
	})
}

// invalid is the field that an error must be about.
type invalid string

func (i invalid) Error() string { return string(i) }

func TestADeadInviteIsToldAtDeparture(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		team := w.team()
		for name, test := range map[string]struct {
			end  func(i invited)
			want error
		}{
			"revoked": {func(i invited) {
				w.ok(w.Store.Write(w.Context(), func(c *store.Conn) error { return c.RevokeInvite(w.Context(), i.account.ID, i.id) }))
			}, account.ErrInviteRevoked},
			"accepted": {func(i invited) { _, err := w.accept(i, nobody); w.ok(err) }, account.ErrTokenUsed},
			"expired":  {func(invited) { w.clock.Advance(8 * 24 * time.Hour) }, account.ErrTokenExpired},
		} {
			i := w.invite(team, name+"@example.com", store.ReachMailed)
			in := w.to("acme")
			in.InviteToken = i.token
			test.end(i)
			_, err := w.BeginProvider(w.Context(), in)
			if !errors.Is(err, test.want) {
				w.Errorf("%s: got %v, want %v", name, err, test.want)
			}
		}
		if n := w.count("provider_flows"); n != 0 {
			w.Errorf("%d ways were begun", n)
		}
	})
}

func TestADepartureKeepsItsSecretsToItself(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		in := w.toCode("acme")
		in.Scope, in.LoginHint, in.Prompt = "openid admin", "ada@example.com", "select_account"
		in.InviteToken = w.invite(w.team(), address, store.ReachMailed).token
		first, second := w.begin(in), w.begin(in)
		u, err := url.Parse(first.AuthorizeURL)
		w.ok(err)
		q := u.Query()
		for name, want := range map[string]string{
			"client_id": upstreamtest.ClientID, "redirect_uri": "https://id.example.com/auth/acme/callback", "response_type": "code",
			"code_challenge_method": "S256", "login_hint": "ada@example.com", "prompt": "select_account",
		} {
			if q.Get(name) != want {
				w.Errorf("%s is %q, want %q", name, q.Get(name), want)
			}
		}
		other, err := url.Parse(second.AuthorizeURL)
		w.ok(err)
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			if len(q.Get(name)) != 43 || q.Get(name) == other.Query().Get(name) {
				w.Errorf("%s is %q", name, q.Get(name))
			}
		}
		if !first.ExpiresAt.Equal(w.Store.Read().Now().Add(10*time.Minute)) || first.Life != 10*time.Minute {
			w.Errorf("it lives until %v, for %v", first.ExpiresAt, first.Life)
		}
		f := w.flow(first)
		if f.Purpose != store.FlowSignIn || f.Provider != "acme" || f.ClientID != "web" || f.RedirectURI != callback || f.State != "the client's state" ||
			f.CodeChallenge != challengeOf(verifier) || f.Scope != "openid" || f.Nonce != "the client's" || f.Locale != "fr" || f.UserID != "" ||
			string(f.InviteDigest) != string(secret.Digest(in.InviteToken)) || string(f.Binding) != string(secret.Digest(first.Binding)) {
			w.Errorf("the row is %+v", f)
		}
	})
}

// Whoever reads the database can neither finish a way nor answer for it.
func TestTheRowOfAWayOpensNothing(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		way := w.begin(w.to("acme"))
		u, err := url.Parse(way.AuthorizeURL)
		w.ok(err)
		if w.flow(way).Provider == "" {
			w.Fatal("there is no row")
		}
		for _, known := range []string{u.Query().Get("state"), u.Query().Get("nonce"), u.Query().Get("code_challenge"), way.Binding.Reveal()} {
			for _, column := range []string{"state_digest", "binding", "state", "nonce", "key_id", "code_challenge"} {
				text := "CAST(" + column + " AS TEXT)"
				if w.engine == store.Postgres && (column == "state_digest" || column == "binding") {
					text = "encode(" + column + ", 'escape')"
				}
				if w.count("provider_flows WHERE "+text+" LIKE '%"+known+"%'") != 0 {
					w.Errorf("%s holds a secret", column)
				}
			}
		}
		// Nor can a server with another secret.
		stranger, err := secret.NewKeyring(secret.Generate(rand.Reader), secret.String{})
		w.ok(err)
		back := w.back(way, ada())
		own := w.Keyring
		w.Keyring = stranger
		_, err = w.FinishProvider(w.Context(), back)
		w.is(err, secret.ErrUnknownKey)
		w.Keyring = own
		_, err = w.FinishProvider(w.Context(), back)
		w.ok(err)
	})
}

// While a server secret is replaced, a node may not know the newer one yet. That is
// a fault of ours and no person's, who comes back a moment later.
func TestANodeThatLacksTheSecretOfAWayFails(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		back := w.back(w.begin(w.toCode("acme")), ada())
		own := w.Keyring
		var err error
		w.Keyring, err = secret.NewKeyring(secret.Generate(rand.Reader), secret.String{})
		w.ok(err)
		r, err := w.FinishProvider(w.Context(), back)
		if watchword.KindOf(err) != watchword.KindFault || len(w.events(watchword.EventSignInFailed)) != 0 || r.Flow != nil {
			w.Errorf("got %v, with the cookie %v given up; events %+v", err, r.Flow, w.events(watchword.EventSignInFailed))
		}
		w.clock.Advance(10 * time.Minute) // after the way's life it is over as any other
		w.refuses(signin.ErrStateExpired, w.finishing(back))
		w.clock.Advance(-10 * time.Minute)
		w.Keyring = own
		_, err = w.FinishProvider(w.Context(), back)
		w.ok(err)
	})
}

func TestAProviderThatIsDownIsNotDepartedTo(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		w.at.Behave(upstreamtest.Hooks{Intercept: func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.WriteHeader(http.StatusInternalServerError)
			return true
		}})
		_, err := w.BeginProvider(w.Context(), w.to("acme"))
		w.is(err, upstream.ErrProvider)
		if n := w.count("provider_flows"); n != 0 {
			w.Errorf("%d rows", n)
		}
		w.begin(w.to("forge")) // nobody is asked
	})
}

func TestANetworkMayGoToProvidersSoOften(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		from := w.somewhere()
		go1 := func(change ...func(*signin.ProviderStart)) error {
			in := w.to("forge")
			in.Origin = from
			for _, c := range change {
				c(&in)
			}
			_, err := w.BeginProvider(w.Context(), in)
			return err
		}
		for range 70 { // what is refused without a look into the database counts nothing
			w.is(go1(func(in *signin.ProviderStart) { in.Prompt = "x" }), watchword.InvalidField("", "", ""))
		}
		way := w.begin(w.to("forge"))
		for range 30 {
			w.ok(go1())
			back := w.back(way, ada())
			back.Origin, back.Bound = from, func([]byte) bool { return false }
			_, err := w.FinishProvider(w.Context(), back)
			w.is(err, signin.ErrStateInvalid)
		}
		w.is(go1(), limit.ErrLimited)
		back := w.back(way, ada())
		back.Origin = from
		events := len(w.events(watchword.EventSignInFailed))
		_, err := w.FinishProvider(w.Context(), back)
		w.is(err, limit.ErrLimited)
		if n := len(w.events(watchword.EventSignInFailed)); n != events {
			w.Error("what was throttled has left an event")
		}
		w.clock.Advance(time.Minute)
		_, err = w.FinishProvider(w.Context(), back) // it was not used up
		w.ok(err)
	})
}

// Whoever is over the limit costs the database nothing, though they make up states
// and invites.
func TestAThrottledNetworkAsksTheDatabaseNothing(t *testing.T) {
	onEachAbroad(t, func(w *abroad) {
		from := w.somewhere()
		owner := w.verifiedUser("owner@example.com").Grant
		made := w.to("forge")
		made.Origin, made.InviteToken = from, account.NewToken(rand.Reader)
		back := w.back(w.begin(w.to("forge")), ada())
		back.Origin, back.State = from, secret.Generate(rand.Reader)
		for range 30 {
			_, err := w.BeginProvider(w.Context(), made)
			w.is(err, account.ErrTokenInvalid)
			_, err = w.FinishProvider(w.Context(), back)
			w.is(err, signin.ErrStateInvalid)
		}
		for _, table := range []string{"one_time_tokens", "provider_flows", "sessions"} {
			w.exec("ALTER TABLE " + table + " RENAME TO " + table + "_away")
		}
		_, err := w.BeginProvider(w.Context(), made)
		w.is(err, limit.ErrLimited)
		_, err = w.FinishProvider(w.Context(), back)
		w.is(err, limit.ErrLimited)
		link := w.linking("forge", owner)
		link.Origin = from
		_, err = w.BeginLink(w.Context(), link)
		w.is(err, limit.ErrLimited)
	})
}
