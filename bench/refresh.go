package main

import "errors"

var errNotRotated = errors.New("refresh token not rotated")

// refresh walks the chains of the connection's own sessions: every token is
// used once, and its successor the next time round.
func refresh(s *stage, part, parts int) journey {
	own := s.share(part, parts)
	next := 0
	var body []byte
	return func(c *conn) error {
		walked := own[next%len(own)]
		body = append(body[:0], `{"refresh_token":"`...)
		body = append(body, walked.refresh...)
		body = append(body, `"}`...)
		a, err := c.exchange(post("/auth/refresh", body))
		if err != nil {
			return err
		}
		if err := a.expect(200); err != nil {
			next++
			return err
		}
		access, successor := a.text("access_token"), a.text("refresh_token")
		if access == "" || successor == "" || successor == walked.refresh {
			return errNotRotated
		}
		walked.access, walked.refresh = access, successor
		next++
		return nil
	}
}
