package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// grant is what a code was exchanged for.
type grant struct {
	access  string
	idToken string
}

// exchange takes a code to the token endpoint.
func (p *Provider) exchange(ctx context.Context, e *endpoints, r Return) (grant, error) {
	if r.Code.IsZero() {
		return grant{}, errors.New("there is no code")
	}
	styles, err := p.authStyles(e)
	if err != nil {
		return grant{}, err
	}
	var granted grant
	for _, style := range styles {
		granted, err = p.exchangeBy(ctx, style, e, r)
		if refused, ok := errors.AsType[*refusal](err); ok && refused.status == http.StatusUnauthorized {
			continue // the client was not recognised; that has not used up the code
		}
		if err == nil {
			p.style.Store(int32(style))
		}
		break
	}
	if err != nil {
		return grant{}, fmt.Errorf("exchange the code at %s: %w", hostOf(e.token), err)
	}
	return granted, nil
}

// authStyles are the ways to authenticate, the likeliest first. Many providers
// take one way alone and do not say so: what has worked goes first.
func (p *Provider) authStyles(e *endpoints) ([]oauth2.AuthStyle, error) {
	if p.settings.ClientSecret.IsZero() && p.signed == nil {
		return []oauth2.AuthStyle{oauth2.AuthStyleInParams}, nil // a public client
	}
	var styles []oauth2.AuthStyle
	switch {
	case p.preset.auth == authBasic:
		return []oauth2.AuthStyle{oauth2.AuthStyleInHeader}, nil
	case p.preset.auth == authPost:
		return []oauth2.AuthStyle{oauth2.AuthStyleInParams}, nil
	case p.Type == TypeOAuth2:
		styles = []oauth2.AuthStyle{oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader}
	case len(e.auth) == 0:
		styles = []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams}
	default:
		if slices.Contains(e.auth, string(authBasic)) {
			styles = append(styles, oauth2.AuthStyleInHeader)
		}
		if slices.Contains(e.auth, string(authPost)) {
			styles = append(styles, oauth2.AuthStyleInParams)
		}
	}
	if len(styles) == 0 {
		return nil, errors.New("the token endpoint takes no client secret")
	}
	if worked := oauth2.AuthStyle(p.style.Load()); len(styles) > 1 && styles[1] == worked {
		slices.Reverse(styles)
	}
	return styles, nil
}

func (p *Provider) exchangeBy(ctx context.Context, style oauth2.AuthStyle, e *endpoints, r Return) (grant, error) {
	secret, err := p.clientSecret()
	if err != nil {
		return grant{}, err
	}
	config := oauth2.Config{
		ClientID: p.settings.ClientID, ClientSecret: secret, RedirectURL: r.RedirectURI,
		Endpoint: oauth2.Endpoint{TokenURL: e.token, AuthStyle: style},
	}
	var options []oauth2.AuthCodeOption
	if p.provesKey(e) {
		options = append(options, oauth2.VerifierOption(r.Verifier.Reveal()))
	}
	var granted grant
	err = p.client.call(ctx, func(ctx context.Context) error {
		ctx = context.WithValue(ctx, oauth2.HTTPClient, p.client.http)
		token, err := config.Exchange(ctx, r.Code.Reveal(), options...)
		if err != nil {
			return exchangeTrouble(err)
		}
		granted.access = token.AccessToken
		granted.idToken, _ = token.Extra("id_token").(string)
		return nil
	})
	return granted, err
}

// exchangeTrouble says what went wrong without what was said: the library's errors
// hold bodies.
func exchangeTrouble(err error) error {
	failed, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered {
		if _, ok := errors.AsType[*url.Error](err); ok {
			return unreachable(err)
		}
		return &trouble{text: "the answer is not a token"}
	}
	status, code := failed.Response.StatusCode, errorCode(failed.ErrorCode)
	text := strings.TrimSpace(fmt.Sprintf("the answer is %d %s", status, code))
	switch {
	case code == "server_error" || code == "temporarily_unavailable":
		return &trouble{text: text}
	case code == "invalid_client":
		return &refusal{status: http.StatusUnauthorized, text: text}
	case code != "" || status >= 400 && status < 500:
		return &refusal{status: status, text: text}
	default:
		return &trouble{text: text}
	}
}

// errorCode is the code of RFC 6749 §5.2, or of its kind, for the log.
func errorCode(code string) string {
	if code != "" && (len(code) > 50 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "") {
		return "other"
	}
	return code
}

// provesKey says whether PKCE is used. Providers ignore what they do not know, but
// for those that are known not to.
func (p *Provider) provesKey(e *endpoints) bool { return !p.preset.lacksPKCE && !e.lacksPKCE }
