package main

import (
	"errors"
	"fmt"
)

var errNoTokens = errors.New("answer without tokens")

// signIn signs a random user in again and again.
func signIn(s *stage, part, _ int) journey {
	random := dice(part)
	return func(c *conn) error {
		_, err := signInAs(c, userEmail(random.IntN(s.users)))
		return err
	}
}

func signInAs(c *conn, email string) (*session, error) {
	body := fmt.Appendf(nil, `{"email":%q,"password":%q}`, email, password)
	a, err := c.exchange(post("/auth/sign-in", body))
	if err != nil {
		return nil, err
	}
	if err := a.expect(200); err != nil {
		return nil, err
	}
	started := &session{email: email, access: a.text("access_token"), refresh: a.text("refresh_token")}
	if started.access == "" || started.refresh == "" {
		return nil, errNoTokens
	}
	return started, nil
}
