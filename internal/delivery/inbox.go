package delivery

import (
	"context"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// inboxSize is how many messages the inbox keeps: a load test under dev must not
// fill the disk.
const inboxSize = 1000

// Inbox is the inbox of development: it keeps mails for developers to read. They
// hold live tokens, so nothing of it runs under serve.
type Inbox struct {
	Store *store.Store
}

// Send implements Sender.
func (i Inbox) Send(ctx context.Context, letter mail.Rendered, id string) error {
	return i.Keep(ctx, watchword.MessageID(id), letter)
}

// Keep takes a letter in. id is that of its job: delivered once more, it is still
// one message.
func (i Inbox) Keep(ctx context.Context, id watchword.MessageID, m mail.Rendered) error {
	return i.Store.Tx(ctx, func(c *store.Conn) error {
		err := c.InsertInboxMessage(ctx, watchword.InboxMessage{
			ID: id, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Links: m.Links, Code: m.Code,
		})
		if err != nil {
			return err
		}
		return c.PruneInbox(ctx, inboxSize)
	})
}

// maxListed is how many messages are listed: nobody reads more of them.
const maxListed = 100

// Messages lists the newest messages to a canonical address, or with an empty one
// to all, in the order in which they were queued, newest first.
func (i Inbox) Messages(ctx context.Context, to string) ([]watchword.InboxMessage, error) {
	return i.Store.Read().InboxMessages(ctx, to, watchword.Page{Limit: maxListed})
}

// Message is one message. store.ErrNotFound: there is none, or it was cleared.
func (i Inbox) Message(ctx context.Context, id watchword.MessageID) (watchword.InboxMessage, error) {
	return i.Store.Read().InboxMessage(ctx, id)
}

// Clear deletes every message.
func (i Inbox) Clear(ctx context.Context) error {
	return i.Store.Write(ctx, func(c *store.Conn) error { return c.ClearInbox(ctx) })
}
