package storetest

import (
	"time"

	"watchword/internal/store"
)

func checkDeadMails(s *subject) {
	ctx := s.Context()
	ada := s.user("ada@example.com")
	left := func() (names map[string]bool) {
		names = map[string]bool{}
		jobs, err := s.Read().WaitingJobs(ctx, "", 99)
		s.ok(err)
		for _, j := range jobs {
			names[string(j.Payload)] = true
		}
		return names
	}
	carry := func(digest string, t store.OneTimeToken) {
		t.LoginID = "lgn_" + digest
		s.token(digest, t)
		j := store.Job{ID: s.Read().NewJobID(), Kind: "mail", TokenDigest: []byte(digest), Payload: []byte(digest), ExpiresAt: s.now().Add(time.Hour)}
		s.ok(s.do(func(c *store.Conn) error { return c.InsertJob(ctx, j) }))
	}
	for _, state := range []string{"used", "voided", "live"} {
		carry("own "+state, store.OneTimeToken{UserID: ada, Address: "ada@example.com"})
		carry("claim "+state, store.OneTimeToken{UserID: ada, Address: "claim@example.com"})
		carry("early "+state, store.OneTimeToken{Address: "ada@example.com"})
		carry("other "+state, store.OneTimeToken{Address: "eve@example.com"})
	}
	s.job("mail") // that carries none
	for _, who := range []string{"own", "claim", "early", "other"} {
		s.ok(s.useToken(who+" used", store.TokenMagicLink))
		for range 5 { // the last try voids
			_, err := s.try("lgn_" + who + " voided")
			s.ok(err)
		}
	}
	if n := len(left()); n != 13 {
		s.Fatalf("%d mails wait", n)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.EraseDeadMails(ctx, "ada@example.com") }))
	if names := left(); len(names) != 9 || names["own used"] || names["own voided"] || names["early used"] || names["early voided"] {
		s.Errorf("left: %v", names)
	}
	s.ok(s.do(func(c *store.Conn) error { return c.EraseDeadMailsOf(ctx, "") })) // nobody's
	s.ok(s.do(func(c *store.Conn) error { return c.EraseDeadMailsOf(ctx, ada) }))
	names := left()
	if len(names) != 7 || names["claim used"] || names["claim voided"] || !names["claim live"] || !names["own live"] || !names["other used"] || !names["mail"] {
		s.Errorf("left: %v", names)
	}
	for _, j := range s.claim("mail", 99) {
		if !names[string(j.Payload)] {
			s.Errorf("%q was claimed", j.Payload)
		}
	}
}
