package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// knownCount is how many people have been here before: enough that two
// connections hardly ever want the same one's row.
const knownCount = 1000

func knownSubject(n int) string { return fmt.Sprintf("known%07d", n) }

// meetPeople has people come for the first time who come back later.
func (s *stage) meetPeople(ctx context.Context) error {
	l := load{address: s.address, connections: signInConns, window: signInTime, limit: knownCount}
	t, err := l.run(ctx, func(int) journey {
		return visit(func() string { return knownSubject(int(s.known.Add(1)) - 1) })
	})
	if err == nil && t.failed() > 0 {
		err = fmt.Errorf("meet people: %v", t.faults)
	}
	return err
}

// comeBack signs people in whom the server knows by their identity.
func comeBack(_ *stage, part, _ int) journey {
	random := dice(part)
	return visit(func() string { return knownSubject(random.IntN(knownCount)) })
}

// comeNew signs people in whom nobody knows, so that a user is made each time.
func comeNew(s *stage, _, _ int) journey {
	return visit(func() string { return fmt.Sprintf("new%07d", s.newcomers.Add(1)) })
}

const (
	appClient   = "web"
	appCallback = "http://localhost:3000/callback"
	appVerifier = "a-verifier-of-the-application-of-enough-characters"
	appForm     = "Content-Type: application/x-www-form-urlencoded\r\n"
	authorize   = "/auth/" + providerID + "/authorize"
	callback    = "/auth/" + providerID + "/callback"
)

var (
	errNoWay = errors.New("answer that leads nowhere")
	errNoID  = errors.New("answer without an ID token")
)

// visit is the whole way of an application's user in three requests of the server:
// authorize, back from the provider, code for tokens.
func visit(subject func() string) journey {
	asked := authorize + "?" + url.Values{
		"client_id": {appClient}, "redirect_uri": {appCallback}, "response_type": {"code"}, "state": {"of-the-application"},
		"nonce": {"of-the-application"}, "scope": {"openid email profile"},
		"code_challenge": {challengeOf(appVerifier)}, "code_challenge_method": {"S256"},
	}.Encode()
	return func(c *conn) error {
		who := subject()
		sent, cookie, err := c.follow(get(asked))
		if err != nil {
			return err
		}
		ask := get(callback + "?" + url.Values{
			"state": {sent.Get("state")},
			"code":  {consent{who, sent.Get("nonce"), sent.Get("code_challenge")}.code()},
		}.Encode())
		ask.fields = "Cookie: " + cookie + "\r\n"
		back, _, err := c.follow(ask)
		if err != nil {
			return err
		}
		return c.redeem(back.Get("code"), personEmail(who))
	}
}

// follow is the query of where an answer leads, and the cookie that it sets.
func (c *conn) follow(r request) (query url.Values, cookie string, err error) {
	a, err := c.exchange(r)
	if err != nil {
		return nil, "", err
	}
	if err := a.expect(303); err != nil {
		return nil, "", err
	}
	_, text, _ := strings.Cut(a.header("Location"), "?")
	if query, err = url.ParseQuery(text); err != nil || query.Get("state") == "" {
		return nil, "", errNoWay
	}
	cookie, _, _ = strings.Cut(a.header("Set-Cookie"), ";")
	return query, cookie, nil
}

// redeem exchanges a code, and looks who is signed in by it.
func (c *conn) redeem(code, email string) error {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {appCallback},
		"client_id": {appClient}, "code_verifier": {appVerifier},
	}
	a, err := c.exchange(request{method: "POST", path: "/oauth2/token", fields: appForm, body: []byte(form.Encode())})
	if err != nil {
		return err
	}
	if err := a.expect(200); err != nil {
		return err
	}
	if a.text("access_token") == "" || a.text("refresh_token") == "" {
		return errNoTokens
	}
	parts := strings.Split(a.text("id_token"), ".")
	if len(parts) != 3 {
		return errNoID
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return errNoID
	}
	if !bytes.Contains(claims, []byte(`"`+email+`"`)) {
		return errWrongUser
	}
	return nil
}
