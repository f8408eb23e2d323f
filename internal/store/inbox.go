package store

import (
	"context"
	"encoding/json"
	"fmt"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// InsertInboxMessage keeps a message under the id that it has. One that is there
// already stays as it is. m's CreatedAt is not read.
func (c *Conn) InsertInboxMessage(ctx context.Context, m watchword.InboxMessage) error {
	links, err := json.Marshal(append([]string{}, m.Links...))
	if err != nil {
		return fmt.Errorf("encode the links of a message: %w", err)
	}
	err = c.q.InsertInboxMessage(c.bound(ctx), sqlgen.InsertInboxMessageParams{
		ID: string(m.ID), Recipient: m.To, Subject: m.Subject, BodyText: m.Text, BodyHtml: m.HTML,
		Links: string(links), Code: m.Code, Now: micros(c.now),
	})
	return translate("insert inbox message", err)
}

// InboxMessages lists messages to a canonical address, or with an empty one all,
// newest first.
func (c *Conn) InboxMessages(ctx context.Context, to string, page watchword.Page) ([]watchword.InboxMessage, error) {
	var rows []sqlgen.InboxMessage
	var err error
	if to == "" {
		rows, err = c.q.ListInboxMessages(c.bound(ctx), before(page), limit(page))
	} else {
		rows, err = c.q.ListInboxMessagesTo(c.bound(ctx), to, before(page), limit(page))
	}
	if err != nil {
		return nil, translate("list inbox messages", err)
	}
	list := make([]watchword.InboxMessage, len(rows))
	for i, row := range rows {
		if list[i], err = inboxMessage(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// InboxMessage reads one message.
func (c *Conn) InboxMessage(ctx context.Context, id watchword.MessageID) (watchword.InboxMessage, error) {
	row, err := c.q.GetInboxMessage(c.bound(ctx), string(id))
	if err != nil {
		return watchword.InboxMessage{}, translate("read inbox message", err)
	}
	return inboxMessage(row)
}

// ClearInbox deletes every message.
func (c *Conn) ClearInbox(ctx context.Context) error {
	return translate("clear the inbox", c.q.ClearInbox(c.bound(ctx)))
}

// PruneInbox deletes all messages but the newest.
func (c *Conn) PruneInbox(ctx context.Context, keep int) error {
	return translate("prune the inbox", c.q.PruneInbox(c.bound(ctx), int64(keep)))
}

func inboxMessage(row sqlgen.InboxMessage) (watchword.InboxMessage, error) {
	m := watchword.InboxMessage{
		ID: watchword.MessageID(row.ID), To: row.Recipient, Subject: row.Subject, Text: row.BodyText, HTML: row.BodyHtml,
		Code: row.Code, CreatedAt: at(row.CreatedAt),
	}
	if err := json.Unmarshal([]byte(row.Links), &m.Links); err != nil {
		return m, fmt.Errorf("decode the links of message %s: %w", row.ID, err)
	}
	return m, nil
}
