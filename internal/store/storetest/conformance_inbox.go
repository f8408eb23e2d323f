package storetest

import (
	"crypto/rand"
	"reflect"
	"slices"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/store"
)

var inboxChecks = map[string]func(*subject){
	"an inbox message is read as written":         checkInboxMessage,
	"an inbox message is there once":              checkInboxMessageOnce,
	"inbox messages are listed whole and by to":   checkInboxPages,
	"an inbox is pruned to its newest messages":   checkInboxPrune,
	"a cleared inbox is empty and takes new ones": checkInboxClear,
}

// inboxMessage keeps a message to an address, a moment after the last.
func (s *subject) inboxMessage(to string) watchword.MessageID {
	s.Helper()
	s.clock.Advance(time.Millisecond)
	id := watchword.NewID[watchword.MessageID](s.now(), rand.Reader)
	s.ok(s.do(func(c *store.Conn) error {
		return c.InsertInboxMessage(s.Context(), watchword.InboxMessage{ID: id, To: to})
	}))
	return id
}

// inbox is what lies there, newest first.
func (s *subject) inbox(to string) []watchword.MessageID {
	s.Helper()
	list, err := s.Read().InboxMessages(s.Context(), to, watchword.Page{Limit: 999})
	s.ok(err)
	ids := make([]watchword.MessageID, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	return ids
}

func checkInboxMessage(s *subject) {
	ctx := s.Context()
	full := watchword.InboxMessage{
		ID: "msg_b", To: "ada@example.com", Subject: `"Ünterschrift" ✓`, Text: "one\r\ntwo", HTML: "<p>one</p>",
		Links: []string{"https://app.example/?a=1&b=<2>", "app.example:/x"}, Code: "012345",
	}
	bare := watchword.InboxMessage{ID: "msg_a", To: "grace@example.com"}
	for _, m := range []watchword.InboxMessage{full, bare} {
		s.ok(s.do(func(c *store.Conn) error { return c.InsertInboxMessage(ctx, m) }))
	}
	full.CreatedAt, bare.CreatedAt, bare.Links = s.now(), s.now(), []string{}
	list, err := s.Read().InboxMessages(ctx, "", watchword.Page{Limit: 9})
	s.ok(err)
	if want := []watchword.InboxMessage{full, bare}; !reflect.DeepEqual(list, want) {
		s.Errorf("got  %+v\nwant %+v", list, want)
	}
	one, err := s.Read().InboxMessage(ctx, "msg_b")
	s.ok(err)
	if !reflect.DeepEqual(one, full) {
		s.Errorf("got  %+v\nwant %+v", one, full)
	}
	_, err = s.Read().InboxMessage(ctx, "msg_c")
	s.is(err, store.ErrNotFound)
}

func checkInboxMessageOnce(s *subject) {
	ctx := s.Context()
	for _, subject := range []string{"first", "again"} {
		s.ok(s.Tx(ctx, func(c *store.Conn) error {
			if err := c.InsertInboxMessage(ctx, watchword.InboxMessage{ID: "msg_a", Subject: subject}); err != nil {
				return err
			}
			_, err := c.InboxMessage(ctx, "msg_a") // the transaction goes on
			return err
		}))
	}
	list, err := s.Read().InboxMessages(ctx, "", watchword.Page{Limit: 9})
	s.ok(err)
	if len(list) != 1 || list[0].Subject != "first" {
		s.Errorf("got %+v", list)
	}
}

func checkInboxPages(s *subject) {
	var want, toAda []string
	for n := range 25 {
		to := "a" + strconv.Itoa(n%3) + "@example.com"
		id := string(s.inboxMessage(to))
		want = append(want, id)
		if n%3 == 1 {
			toAda = append(toAda, id)
		}
	}
	for to, ids := range map[string][]string{"": want, "a1@example.com": toAda, "A1@example.com": nil, "a1@example.co": nil} {
		slices.Reverse(ids)
		got := pages(s, 4, func(p watchword.Page) ([]watchword.InboxMessage, error) {
			return s.Read().InboxMessages(s.Context(), to, p)
		}, func(m watchword.InboxMessage) string { return string(m.ID) })
		if !slices.Equal(got, ids) {
			s.Errorf("to %q: got %v, want %v", to, got, ids)
		}
	}
}

func checkInboxPrune(s *subject) {
	prune := func(keep int) {
		s.Helper()
		s.ok(s.do(func(c *store.Conn) error { return c.PruneInbox(s.Context(), keep) }))
	}
	prune(3) // nothing is there
	var ids []watchword.MessageID
	for range 5 {
		ids = append([]watchword.MessageID{s.inboxMessage("a@example.com")}, ids...)
	}
	for _, keep := range []int{6, 5, 3, 3, 1} {
		prune(keep)
		if got := s.inbox(""); !slices.Equal(got, ids[:min(keep, len(ids))]) {
			s.Errorf("pruned to %d: %v of %v", keep, got, ids)
		}
	}
}

func checkInboxClear(s *subject) {
	for range 3 {
		s.inboxMessage("a@example.com")
		s.inboxMessage("b@example.com")
	}
	s.ok(s.do(func(c *store.Conn) error { return c.ClearInbox(s.Context()) }))
	if got := s.inbox(""); len(got) != 0 {
		s.Errorf("got %v", got)
	}
	if id := s.inboxMessage("a@example.com"); !slices.Equal(s.inbox("a@example.com"), []watchword.MessageID{id}) {
		s.Errorf("got %v, want %v", s.inbox(""), id)
	}
}
