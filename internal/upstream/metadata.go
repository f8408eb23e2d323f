package upstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// endpoints are where a provider is asked what, and how it wants to be asked.
type endpoints struct {
	issuer       string // of OpenID Connect, as announced
	authorize    string
	token        string
	userinfo     string // empty: there is none
	keys         string
	issParameter bool     // RFC 9207: answers name the issuer
	auth         []string // ways to authenticate; nil: it does not say
	lacksPKCE    bool
	algorithms   []jose.SignatureAlgorithm // of ID tokens
}

// asymmetric are the algorithms that an ID token may be signed by. A key that is
// shared, or none at all, would let others than the provider sign.
var asymmetric = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// where are the provider's endpoints, by discovery or as they were set.
func (p *Provider) where(ctx context.Context) (*endpoints, error) {
	if p.Type == TypeOIDC {
		return p.metadata.get(ctx)
	}
	return p.fixed, nil
}

// discover asks the issuer for its metadata (OpenID Connect Discovery 1.0 §4).
func (p *Provider) discover(ctx context.Context) (*endpoints, error) {
	var document claims
	q := question{target: strings.TrimSuffix(p.issuer, "/") + "/.well-known/openid-configuration"}
	err := p.published.get(ctx, q, func(body []byte) (err error) {
		document, err = parseClaims(body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	found, err := p.readMetadata(document)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	return found, nil
}

func (p *Provider) readMetadata(document claims) (*endpoints, error) {
	e := &endpoints{
		issuer:       document.text("issuer"),
		authorize:    document.text("authorization_endpoint"),
		token:        document.text("token_endpoint"),
		userinfo:     document.text("userinfo_endpoint"),
		keys:         document.text("jwks_uri"),
		issParameter: document.yes("authorization_response_iss_parameter_supported"),
		auth:         document.texts("token_endpoint_auth_methods_supported"),
		algorithms:   asymmetric,
	}
	// Whoever may state another's issuer may sign as that one.
	if !p.announces(e.issuer) {
		return nil, unbelievable(fmt.Sprintf("it is of the issuer %q, not of the one that was set", clip(e.issuer)))
	}
	given := []string{e.authorize, e.token, e.keys}
	if e.userinfo != "" {
		given = append(given, e.userinfo)
	}
	for _, target := range given {
		if err := p.settings.Network.check(target); err != nil {
			return nil, &refusal{text: "an endpoint: " + err.Error()}
		}
	}
	if methods := document.texts("code_challenge_methods_supported"); methods != nil {
		e.lacksPKCE = !slices.Contains(methods, "S256")
	}
	if announced := document.texts("id_token_signing_alg_values_supported"); announced != nil {
		e.algorithms = slices.DeleteFunc(slices.Clone(asymmetric), func(a jose.SignatureAlgorithm) bool {
			return !slices.Contains(announced, string(a))
		})
	}
	if len(e.algorithms) == 0 {
		return nil, unbelievable("it signs by no algorithm that can be believed")
	}
	return e, nil
}

func (p *Provider) announces(issuer string) bool {
	if t := p.preset.template; t != nil {
		return t.announced(p.settings, issuer)
	}
	return issuer == p.issuer
}

var errIssuer = errors.New("the answer is of another issuer")

// checkResponseIssuer makes sure before the code goes anywhere that it is this
// provider's: another one may have mixed itself in (RFC 9207).
func (e *endpoints) checkResponseIssuer(p *Provider, issuer string) error {
	switch {
	case p.Type != TypeOIDC:
		return nil // its name is not known; each provider has a callback of its own
	case issuer == "" && e.issParameter:
		return errors.New("the answer does not say of which issuer it is")
	case issuer != "" && p.preset.template == nil && issuer != e.issuer:
		return errIssuer
	default:
		return nil // of a template: compared with the token's
	}
}
