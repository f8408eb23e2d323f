package signin

import (
	"cmp"
	"context"
	"encoding/base64"
	"time"
	"unicode"
	"unicode/utf8"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/upstream"
)

// flowLife is how long a person has at the provider.
const flowLife = 10 * time.Minute

// providerLimit is how often one network may be on its way to a provider or back.
var providerLimit = limit.Rule{Name: "provider", Count: 60, Per: time.Minute}

// How long what rides along may be, in bytes.
const (
	maxState     = 512
	maxNonce     = 256
	maxLoginHint = 320 // the longest address that is ever written
)

// BeginProvider sends somebody to a provider to sign in. With response_type=code
// or a challenge the way back ends in a code, which needs PKCE; with neither in
// cookies or, without a redirect URI, in the session itself.
//
// Errors: provider_not_found, redirect_uri_not_allowed, unsupported_response_type,
// unsupported_response_mode, request_not_supported, pkce_required,
// validation_failed, those of an invite's token, rate_limited, provider_error.
func (s *Service) BeginProvider(ctx context.Context, in ProviderStart) (Departure, error) {
	provider, err := s.offered(in.Provider, in.Client)
	if err != nil {
		return Departure{}, err
	}
	if err := in.check(); err != nil {
		return Departure{}, err
	}
	if err := s.takeIP(ctx, providerLimit, in.Origin); err != nil {
		return Departure{}, err
	}
	flow := store.ProviderFlow{
		Purpose: store.FlowSignIn, ClientID: in.Client.ID, RedirectURI: in.Return.RedirectURI, State: in.Return.State,
		CodeChallenge: in.Return.CodeChallenge, Scope: watchword.GrantOAuthScope(in.Scope), Nonce: in.Nonce, Locale: locale(in.Locale),
	}
	if !in.InviteToken.IsZero() {
		// Looked at before the way, which would be in vain; it counts on the way back.
		t, _, err := s.lookInvite(ctx, s.Store.Read(), in.InviteToken)
		if err != nil {
			return Departure{}, err
		}
		flow.InviteDigest = t.Digest
	}
	return s.depart(ctx, provider, flow, upstream.Departure{LoginHint: in.LoginHint, Prompt: in.Prompt})
}

// offered is a provider that the client lets people in by.
func (s *Service) offered(id string, client watchword.Client) (*upstream.Provider, error) {
	provider, ok := s.Providers.Find(id)
	if !ok || !client.Offers(watchword.Method(id)) {
		return nil, ErrProviderNotFound
	}
	return provider, nil
}

// check refuses what a client may not ask for. The redirect URI comes first: what
// else is wrong may be told to whoever is behind it.
func (in ProviderStart) check() error {
	byCode := in.ResponseType != "" || in.Return.CodeChallenge != ""
	if byCode && in.Return.RedirectURI == "" {
		return account.ErrRedirectNotAllowed
	}
	if err := in.Return.Check(in.Client); err != nil {
		return err
	}
	switch {
	case in.ResponseType != "" && in.ResponseType != "code":
		return ErrResponseType
	case in.ResponseMode != "" && in.ResponseMode != "query":
		return ErrResponseMode
	case in.RequestObject != "":
		return ErrRequestObject // what it holds would count for nothing
	case byCode && (in.Return.CodeChallenge == "" || in.ChallengeMethod != "S256"), !byCode && in.ChallengeMethod != "":
		// Without a method RFC 7636 §4.3 means plain.
		return ErrPKCERequired
	}
	switch in.Prompt {
	case "", "none", "login", "consent", "select_account":
	default:
		return watchword.InvalidField("prompt", "invalid", "This must be none, login, consent or select_account.")
	}
	return cmp.Or(ridesAlong("state", in.Return.State, maxState), ridesAlong("nonce", in.Nonce, maxNonce),
		ridesAlong("login_hint", in.LoginHint, maxLoginHint))
}

// ridesAlong refuses text that is too long or that no database would store.
func ridesAlong(field, text string, most int) error {
	if len(text) > most {
		return watchword.InvalidField(field, "too_long", "This is too long.")
	}
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return watchword.InvalidField(field, "invalid_characters", "This must not hold control characters.")
		}
	}
	return nil
}

// locale is the language that a browser asks for, if it is one.
func locale(text string) string {
	tag, err := account.CleanLocale(text)
	if err != nil {
		return ""
	}
	return tag
}

// depart records the way of a browser to a provider and back, once it is known
// where the provider wants people.
func (s *Service) depart(ctx context.Context, provider *upstream.Provider, flow store.ProviderFlow, to upstream.Departure) (Departure, error) {
	binding := account.NewBinding(s.Random)
	to.State, to.RedirectURI = secret.NewToken("", s.Random), s.callbackURL(provider)
	flow.Provider, flow.StateDigest, flow.Binding = provider.ID, secret.Digest(to.State), binding.Digest
	flow.SecretKeyID = s.Keyring.CurrentID()
	var err error
	if to.Nonce, to.Verifier, err = s.flowSecrets(flow, to.State); err != nil {
		return Departure{}, err
	}
	departure := Departure{Binding: binding.Value, Life: flowLife}
	if departure.AuthorizeURL, err = provider.AuthorizeURL(ctx, to); err != nil {
		return Departure{}, err
	}
	err = s.Store.Write(ctx, func(c *store.Conn) error {
		departure.ExpiresAt = c.Now().Add(flowLife)
		flow.ExpiresAt = departure.ExpiresAt
		return c.InsertProviderFlow(ctx, flow)
	})
	if err != nil {
		return Departure{}, err
	}
	return departure, nil
}

// flowSecrets are the nonce and the PKCE verifier toward the provider. Both are
// computed from the state, which the browser brings back: whoever reads the
// database has neither.
func (s *Service) flowSecrets(flow store.ProviderFlow, state secret.String) (nonce, verifier secret.String, err error) {
	var made [2]secret.String
	for i, what := range []string{"nonce", "verifier"} {
		mac, err := s.Keyring.MAC(secret.PurposeProviderFlow, flow.SecretKeyID, []byte(what), []byte(state.Reveal()))
		if err != nil {
			return nonce, verifier, err
		}
		made[i] = secret.NewString(base64.RawURLEncoding.EncodeToString(mac))
	}
	return made[0], made[1], nil
}
