package delivery_test

import (
	"crypto/rand"
	"reflect"
	"testing"
	"time"

	"watchword"
	"watchword/internal/delivery"
	"watchword/internal/mail"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// newInbox is an empty inbox with a clock.
func newInbox(t *testing.T, engine store.Engine) (delivery.Inbox, *storetest.Clock) {
	t.Helper()
	clock := storetest.NewClock()
	return delivery.Inbox{Store: storetest.Open(t, engine, clock.Now)}, clock
}

func keep(t *testing.T, inbox delivery.Inbox, clock *storetest.Clock, m mail.Rendered) watchword.MessageID {
	t.Helper()
	clock.Advance(time.Millisecond)
	id := watchword.NewID[watchword.MessageID](clock.Now(), rand.Reader)
	if err := inbox.Keep(t.Context(), id, m); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAMailThatIsDeliveredTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		inbox, clock := newInbox(t, engine)
		letter := mail.Rendered{
			To: "ada@example.com", Subject: "Sign in", Text: "text", HTML: "<p>html", Links: []string{"https://x.example/"}, Code: "123456",
		}
		id := keep(t, inbox, clock, letter)
		if err := inbox.Keep(t.Context(), id, letter); err != nil {
			t.Fatal(err)
		}
		want := watchword.InboxMessage{
			ID: id, To: letter.To, Subject: letter.Subject, Text: letter.Text, HTML: letter.HTML, Links: letter.Links,
			Code: letter.Code, CreatedAt: clock.Now(),
		}
		list, err := inbox.Messages(t.Context(), "")
		if err != nil || len(list) != 1 || !reflect.DeepEqual(list[0], want) {
			t.Errorf("got %+v (%v)\nwant %+v", list, err, want)
		}
		if one, err := inbox.Message(t.Context(), id); err != nil || !reflect.DeepEqual(one, want) {
			t.Errorf("got %+v (%v)\nwant %+v", one, err, want)
		}
	})
}

func TestTheInboxForgetsTheOldestAndListsTheNewest(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		inbox, clock := newInbox(t, engine)
		var ids []watchword.MessageID
		for n := range 1003 {
			to := "ada@example.com"
			if n%2 == 1 {
				to = "grace@example.com"
			}
			ids = append(ids, keep(t, inbox, clock, mail.Rendered{To: to}))
		}
		for n, want := range map[int]bool{0: false, 2: false, 3: true, 1002: true} {
			if _, err := inbox.Message(t.Context(), ids[n]); (err == nil) != want {
				t.Errorf("message %d: %v, want it kept: %t", n, err, want)
			}
		}
		list, err := inbox.Messages(t.Context(), "grace@example.com")
		if err != nil || len(list) != 100 || list[0].ID != ids[1001] || list[99].ID != ids[1001-2*99] {
			t.Errorf("%d listed (%v)", len(list), err)
		}
		if err := inbox.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, err := inbox.Messages(t.Context(), ""); err != nil || len(list) != 0 {
			t.Errorf("%d left (%v)", len(list), err)
		}
	})
}
