package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"watchword/e2e/certified"
	"watchword/internal/store"
)

// application is a client of ours that is made with a library of others.
type application struct {
	Issuer         string            `json:"issuer"`
	ID             string            `json:"client_id"`
	Secret         string            `json:"client_secret"`
	Authentication string            `json:"authentication"`
	RedirectURI    string            `json:"redirect_uri"`
	Scope          string            `json:"scope"`
	Algorithm      string            `json:"algorithm"` // of ID tokens
	Parameters     map[string]string `json:"parameters"`
}

// learned is what an application knows in the end.
type learned struct {
	Claims      map[string]any `json:"claims"` // of the ID token at the exchange
	UserInfo    map[string]any `json:"userinfo"`
	Scope       string         `json:"scope"`
	AccessToken string         `json:"access_token"` // of the refresh
	Again       map[string]any `json:"again"`        // the ID token's then
}

// travel has somebody sign in: it opens where the application sends them and
// answers where they come back to.
type travel func(authorize string) (callback string)

const applicationSecret = "a secret of the application: %+&/ included"

// Libraries that many applications are made with, each with all the checks that it
// knows, under every algorithm and every way to authenticate.
func TestClientsOfOthersSignPeopleIn(t *testing.T) {
	t.Parallel()
	libraries := map[string]func(*testing.T, application, travel) learned{
		"openid-client": byNode("openid_client.mjs"), "oauth4webapi": byNode("oauth4webapi.mjs"), "go-oidc": byGo,
	}
	for algorithm, ways := range map[string][]string{
		"ES256": {"none", "client_secret_basic", "client_secret_post"}, "EdDSA": {"none"}, "RS256": {"client_secret_basic"},
	} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			i, _ := atCertified(t, store.SQLite, fmt.Sprintf(`tokens: {algorithm: %s}
clients:
  - {id: web, redirect_uris: [%[2]q]}
  - {id: backend, type: confidential, secret: %q, redirect_uris: [%[2]q]}
`, algorithm, leadsTo, applicationSecret))
			s := i.start()
			for name, signIn := range libraries {
				for _, way := range ways {
					t.Run(name+" "+way, func(t *testing.T) {
						app := application{
							Issuer: i.public(), ID: "web", Authentication: way, RedirectURI: leadsTo, Scope: "openid email profile",
							Algorithm: algorithm, Parameters: map[string]string{"connection": "acme"},
						}
						if way != "none" {
							app.ID, app.Secret = "backend", applicationSecret
						}
						ada := certified.NewPerson(t, "ada@example.com")
						s.knows(t, app, signIn(t, app, func(authorize string) string { return ada.Travel(t, authorize, leadsTo).URL }))
					})
				}
			}
			s.stop()
		})
	}
}

// knows wants an application to know who signed in.
func (s *server) knows(t *testing.T, app application, l learned) {
	t.Helper()
	me := s.get("/auth/me", "Authorization", "Bearer "+l.AccessToken).want(t, 200, "")
	sub := me.str("user", "id")
	for what, claims := range map[string]map[string]any{"ID token": l.Claims, "ID token of the refresh": l.Again, "userinfo": l.UserInfo} {
		if claims["sub"] != sub || claims["email"] != "ada@example.com" || claims["email_verified"] != true || claims["name"] != "ada" {
			t.Errorf("the %s says %v", what, claims)
		}
	}
	if l.Claims["aud"] != app.ID || l.Claims["sid"] != me.str("session", "id") || l.Again["auth_time"] != l.Claims["auth_time"] || l.Again["nonce"] != nil {
		t.Errorf("first %v\nthen  %v", l.Claims, l.Again)
	}
	if l.Scope != app.Scope {
		t.Errorf("granted %q", l.Scope)
	}
}

// byNode runs a client of npm. It says where the person is to be sent, and is told
// where they came back to.
func byNode(script string) func(*testing.T, application, travel) learned {
	return func(t *testing.T, app application, person travel) (l learned) {
		t.Helper()
		orders, err := json.Marshal(app)
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", script), string(orders))
		command.Stderr = t.Output()
		input, errIn := command.StdinPipe()
		output, errOut := command.StdoutPipe()
		if errIn != nil || errOut != nil {
			t.Fatal(errIn, errOut)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		said := json.NewDecoder(bufio.NewReader(output))
		var wish struct{ Authorize string }
		if err = said.Decode(&wish); err == nil {
			_, err = io.WriteString(input, person(wish.Authorize)+"\n")
		}
		if err == nil {
			err = said.Decode(&l)
		}
		if ended := command.Wait(); err != nil || ended != nil {
			t.Fatalf("%s: %v, %v", script, err, ended)
		}
		return l
	}
}

// byGo is a client on go-oidc and x/oauth2.
func byGo(t *testing.T, app application, person travel) (l learned) {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ctx := oidc.ClientContext(context.Background(), &http.Client{Transport: transport})
	provider, err := oidc.NewProvider(ctx, app.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	config := oauth2.Config{
		ClientID: app.ID, ClientSecret: app.Secret, Endpoint: provider.Endpoint(), RedirectURL: app.RedirectURI, Scopes: strings.Fields(app.Scope),
	}
	if app.Authentication == "client_secret_post" {
		config.Endpoint.AuthStyle = oauth2.AuthStyleInParams // or else it finds out itself
	}
	verifier, state, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)}
	for name, value := range app.Parameters {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	back, err := url.Parse(person(config.AuthCodeURL(state, options...)))
	if err != nil || back.Query().Get("state") != state || back.Query().Get("iss") != app.Issuer {
		t.Fatalf("came back to %v (%v)", back, err)
	}
	token, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	tokens := provider.Verifier(&oidc.Config{ClientID: app.ID})
	if id := verified(t, ctx, tokens, token, &l.Claims); id.Nonce != nonce {
		t.Errorf("the nonce is %q, not %q", id.Nonce, nonce)
	}
	if _, err := tokens.Verify(ctx, token.AccessToken); err == nil {
		t.Error("an access token is taken for an ID token")
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil {
		err = info.Claims(&l.UserInfo)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.Scope, _ = token.Extra("scope").(string)
	token, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		t.Fatal(err)
	}
	verified(t, ctx, tokens, token, &l.Again)
	l.AccessToken = token.AccessToken
	return l
}

// verified is the ID token that came with an access token, once both are checked.
func verified(t *testing.T, ctx context.Context, tokens *oidc.IDTokenVerifier, token *oauth2.Token, claims *map[string]any) *oidc.IDToken {
	t.Helper()
	text, _ := token.Extra("id_token").(string)
	id, err := tokens.Verify(ctx, text)
	if err == nil {
		err = id.VerifyAccessToken(token.AccessToken)
	}
	if err == nil {
		err = id.Claims(claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}
