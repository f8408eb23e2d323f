package main

import (
	"bytes"
	"errors"
)

var errWrongUser = errors.New("answer about somebody else")

// me asks who is signed in, with one of the connection's sessions after another.
func me(s *stage, part, parts int) journey {
	own := s.share(part, parts)
	next := 0
	return func(c *conn) error {
		asking := own[next%len(own)]
		next++
		ask := get("/auth/me")
		ask.bearer = asking.access
		a, err := c.exchange(ask)
		if err != nil {
			return err
		}
		if err := a.expect(200); err != nil {
			return err
		}
		if !bytes.Contains(a.body, []byte(asking.email)) {
			return errWrongUser
		}
		return nil
	}
}
