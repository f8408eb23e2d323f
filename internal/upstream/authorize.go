package upstream

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// reservedParams are said by us alone: another value would undo what they are for.
var reservedParams = []string{
	"client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
	"code", "code_challenge", "code_challenge_method", "request", "request_uri", "registration", "id_token_hint",
}

// AuthorizeURL is where somebody is sent. ErrProvider: it cannot be found out.
func (p *Provider) AuthorizeURL(ctx context.Context, d Departure) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, inAll)
	defer cancel()
	target, err := p.authorizeURL(ctx, d)
	if err != nil {
		return "", ErrProvider.Because(fmt.Errorf("send somebody to provider %s: %w", p.ID, err))
	}
	return target, nil
}

func (p *Provider) authorizeURL(ctx context.Context, d Departure) (string, error) {
	e, err := p.where(ctx)
	if err != nil {
		return "", err
	}
	target, err := url.Parse(e.authorize)
	if err != nil {
		return "", errURL // url's own error repeats the text
	}
	query := target.Query()
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	for name, value := range p.preset.params {
		set(name, value)
	}
	for name, value := range p.settings.AuthorizeParams {
		set(name, value)
	}
	set("login_hint", d.LoginHint)
	set("prompt", d.Prompt)
	// Ours come last and take away whatever stood in their place.
	for _, name := range reservedParams {
		if name != "response_mode" || p.preset.params[name] == "" {
			query.Del(name)
		}
	}
	set("client_id", p.settings.ClientID)
	set("redirect_uri", d.RedirectURI)
	set("response_type", "code")
	set("scope", strings.Join(p.scopes(), " "))
	set("state", d.State.Reveal())
	if p.Type == TypeOIDC {
		set("nonce", d.Nonce.Reveal())
	}
	if p.provesKey(e) {
		set("code_challenge", oauth2.S256ChallengeFromVerifier(d.Verifier.Reveal()))
		set("code_challenge_method", "S256")
	}
	target.RawQuery = query.Encode()
	return target.String(), nil
}

func (p *Provider) scopes() []string {
	scopes := p.settings.Scopes
	if len(scopes) == 0 {
		scopes = p.preset.scopes
	}
	if p.Type != TypeOIDC {
		return scopes
	}
	if len(scopes) == 0 {
		return []string{"openid", "email", "profile"}
	}
	if !slices.Contains(scopes, "openid") {
		return append([]string{"openid"}, scopes...) // without it there is no ID token
	}
	return scopes
}
