package main

import "fmt"

// signUp makes a new user, with an account of its own, each time.
func signUp(s *stage, _, _ int) journey {
	return func(c *conn) error {
		n := s.signUps.Add(1)
		body := fmt.Appendf(nil, `{"email":"new%07d@bench.example","password":%q,"name":"New User %d","account_name":"Team %d"}`,
			n, password, n, n)
		a, err := c.exchange(post("/auth/sign-up", body))
		if err != nil {
			return err
		}
		return a.expect(201)
	}
}
