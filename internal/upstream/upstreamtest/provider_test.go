package upstreamtest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"watchword/internal/upstream/upstreamtest"
)

func serve(t *testing.T) *upstreamtest.Provider {
	t.Helper()
	p, err := upstreamtest.Serve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

var ada = upstreamtest.User{Subject: "9007199254740993", Email: "ada@example.com", EmailVerified: true, Name: "Ada"}

func TestProvider(t *testing.T) {
	t.Parallel()
	p := serve(t)
	known, err := oidc.NewProvider(t.Context(), p.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams} {
		endpoint := known.Endpoint()
		endpoint.AuthStyle = style
		config := oauth2.Config{
			ClientID: upstreamtest.ClientID, ClientSecret: upstreamtest.ClientSecret, Endpoint: endpoint,
			RedirectURL: "https://app.example/callback?own=1", Scopes: []string{"openid", "email"},
		}
		verifier := oauth2.GenerateVerifier()
		callback, err := p.Authorize(config.AuthCodeURL("st", oidc.Nonce("no"), oauth2.S256ChallengeOption(verifier)), ada)
		if err != nil {
			t.Fatal(err)
		}
		back, err := url.Parse(callback)
		if err != nil || back.Host != "app.example" || back.Query().Get("own") != "1" ||
			back.Query().Get("state") != "st" || back.Query().Get("iss") != p.Issuer() {
			t.Fatalf("people are sent back to %s: %v", callback, err)
		}
		token, err := config.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := token.Extra("id_token").(string)
		id, err := known.Verifier(&oidc.Config{ClientID: upstreamtest.ClientID}).Verify(t.Context(), raw)
		if err != nil || id.Subject != ada.Subject || id.Nonce != "no" {
			t.Errorf("the ID token is %+v: %v", id, err)
		}
		info, err := known.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
		if err != nil || info.Subject != ada.Subject || info.Email != ada.Email || !info.EmailVerified {
			t.Errorf("userinfo is %+v: %v", info, err)
		}
		if _, err := config.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier)); err == nil {
			t.Error("a code is taken twice")
		}
	}
}

func TestProviderOfOAuth2(t *testing.T) {
	t.Parallel()
	p := serve(t)
	config := oauth2.Config{
		ClientID: upstreamtest.ClientID, ClientSecret: upstreamtest.ClientSecret, RedirectURL: "https://app.example/callback",
		Endpoint: oauth2.Endpoint{AuthURL: p.AuthorizeURL(), TokenURL: p.TokenURL(), AuthStyle: oauth2.AuthStyleInParams},
	}
	callback, err := p.Authorize(config.AuthCodeURL("st"), ada)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(callback)
	if err != nil {
		t.Fatal(err)
	}
	token, err := config.Exchange(t.Context(), back.Query().Get("code"))
	if err != nil || token.Extra("id_token") != nil {
		t.Fatalf("the token is %v: %v", token, err)
	}
	response, err := config.Client(t.Context(), token).Get(p.UserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var user struct {
		ID    json.Number
		Email string
	}
	if err := json.NewDecoder(response.Body).Decode(&user); err != nil || user.ID != "9007199254740993" || user.Email != ada.Email {
		t.Errorf("the user is %+v: %v", user, err)
	}
}

func TestProviderOfBrowsers(t *testing.T) {
	t.Parallel()
	p := serve(t)
	p.Offer(ada)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	target := p.AuthorizeURL() + "?" + url.Values{
		"client_id": {upstreamtest.ClientID}, "response_type": {"code"}, "state": {"st"}, "redirect_uri": {"https://app.example/callback"},
	}.Encode()
	for button, want := range map[string]string{"subject=" + ada.Subject: "code=", "cancel=1": "error=access_denied"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(button))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if back := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther || !strings.Contains(back, want) {
			t.Errorf("the button %s leads to %d %s", button, response.StatusCode, back)
		}
	}
	if callback, err := p.Cancel(target); err != nil || !strings.Contains(callback, "error=access_denied") {
		t.Errorf("turning away leads to %s: %v", callback, err)
	}
	if p.Asked("/authorize") != 2 {
		t.Errorf("the page was asked for %d times", p.Asked("/authorize"))
	}
}
