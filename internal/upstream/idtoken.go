package upstream

import (
	"context"
	"crypto/subtle"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// skew is how far a provider's clock may be off.
const skew = time.Minute

var (
	errNoIDToken = errors.New("there is no ID token")
	errAudience  = errors.New("the ID token is for another client")
	errNonce     = errors.New("the ID token is of another sign-in")
	errClaims    = errors.New("the ID token holds claims that may be read in two ways")
	errIssuedAt  = errors.New("the ID token is from the future, or does not say of when")
)

// identity is what an ID token proves.
type identity struct {
	issuer  string
	subject string
	claims  claims
}

// verify believes an ID token (OpenID Connect Core 1.0 §3.1.3.7): signature,
// issuer, audience and expiry by go-oidc, the rest here.
func (p *Provider) verify(ctx context.Context, e *endpoints, raw string, r Return) (identity, error) {
	if raw == "" {
		return identity{}, errNoIDToken
	}
	var algorithms []string
	for _, a := range e.algorithms {
		algorithms = append(algorithms, string(a))
	}
	verifier := oidc.NewVerifier(e.issuer, keySet{p.keys}, &oidc.Config{
		ClientID:             p.settings.ClientID,
		SupportedSigningAlgs: algorithms,
		SkipIssuerCheck:      p.preset.template != nil, // done below
		Now:                  func() time.Time { return p.clock().Add(-skew) },
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return identity{}, &trouble{text: "the ID token: " + clip(err.Error()), cause: err}
	}
	var payload stdjson.RawMessage
	if err := token.Claims(&payload); err != nil {
		return identity{}, errClaims
	}
	c, err := parseClaims(payload)
	if err != nil {
		return identity{}, errClaims
	}
	if err := p.checkClaims(token, c, r); err != nil {
		return identity{}, err
	}
	issuer, err := p.issuerOf(e, token.Issuer, c, r.Issuer)
	if err != nil {
		return identity{}, err
	}
	return identity{issuer: issuer, subject: token.Subject, claims: c}, nil
}

// checkClaims looks at what go-oidc leaves to its caller.
func (p *Provider) checkClaims(token *oidc.IDToken, c claims, r Return) error {
	audience, presenter := c.texts("aud"), c.text("azp")
	switch {
	// go-oidc takes "SUB" and "ſub" for "sub"; which is meant, nobody can say.
	case c.text("iss") != token.Issuer, c.text("sub") != token.Subject, !slices.Equal(audience, token.Audience), c.text("nonce") != token.Nonce:
		return errClaims
	case c.at("azp") != nil && presenter != p.settings.ClientID, len(audience) > 1 && presenter == "":
		return errAudience
	case token.IssuedAt.Unix() <= 0, token.IssuedAt.After(p.clock().Add(skew)):
		return errIssuedAt
	case r.Nonce.IsZero(), subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(r.Nonce.Reveal())) != 1:
		return errNonce
	default:
		return nil
	}
}

// issuerOf is the issuer under which the subject is kept.
func (p *Provider) issuerOf(e *endpoints, stated string, c claims, response string) (string, error) {
	t := p.preset.template
	switch {
	case t == nil:
		return e.issuer, nil // go-oidc has compared it; Google may leave out https://
	case !t.issued(p.settings, e.issuer, stated, c):
		return "", fmt.Errorf("the ID token: %w", errIssuer)
	case response != "" && response != stated && response != e.issuer:
		return "", errIssuer
	default:
		return stated, nil
	}
}
