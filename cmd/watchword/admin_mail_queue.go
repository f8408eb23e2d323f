package main

import (
	"context"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/delivery"
	"watchword/internal/store"
)

type mailListCommand struct {
	listFlags
	Status string `enum:",waiting,failed,done" default:"" placeholder:"STATUS" help:"Only those that are waiting, failed or done (all)."`
}

// Help has the examples.
func (*mailListCommand) Help() string {
	return `What the mails hold is not shown: it may be a live link. Delivered ones go after days.

Examples:

    watchword admin mail list --status failed
    watchword admin mail list --status failed --json | jq -r '.[].id' | xargs -n1 watchword admin mail retry`
}

// listedMail is a mail in JSON.
type listedMail struct {
	ID        watchword.MessageID `json:"id"`
	Template  string              `json:"template"`
	Status    delivery.Status     `json:"status"`
	Attempts  int64               `json:"attempts"`
	LastError string              `json:"last_error"`
	CreatedAt *time.Time          `json:"created_at"`
	NextAt    *time.Time          `json:"next_at"`
	ExpiresAt *time.Time          `json:"expires_at"`
	EndedAt   *time.Time          `json:"ended_at"`
}

// Run lists the mails.
func (c *mailListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		return listing[delivery.Mail]{
			head: []string{"ID", "TEMPLATE", "STATUS", "TRIES", "QUEUED", "NEXT TRY", "EXPIRES", "LAST ERROR"},
			row: func(m delivery.Mail) []string {
				return []string{
					string(m.ID), m.Template, string(m.Status), strconv.FormatInt(m.Attempts, 10),
					when(m.CreatedAt, ""), when(m.NextAt, nothing), when(m.ExpiresAt, ""), m.LastError,
				}
			},
			json: func(m delivery.Mail) any {
				return listedMail{
					m.ID, m.Template, m.Status, m.Attempts, m.LastError, moment(m.CreatedAt), moment(m.NextAt), moment(m.ExpiresAt), moment(m.EndedAt),
				}
			},
			page: func(page watchword.Page) ([]delivery.Mail, string, error) {
				return delivery.Queue{Store: s}.List(ctx, delivery.Status(c.Status), page)
			},
		}.print(t, c.Limit)
	})
}

type mailRetryCommand struct {
	ID string `arg:"" name:"ID" help:"As mail list shows it: msg_…"`
}

// Help has the examples.
func (*mailRetryCommand) Help() string {
	return `A running server sends it within a second. What has expired, or whose link is dead, is not sent any more.

Example:

    watchword admin mail retry msg_0sh2xk5b5kzxv8w4n6p8r0t2v4`
}

// Run has a mail sent.
func (c *mailRetryCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		id := watchword.MessageID(c.ID)
		if err := (delivery.Queue{Store: s}).Retry(ctx, watchword.Administrator{Actor: t.actor}, id); err != nil {
			return err
		}
		return t.say(map[string]any{"id": id, "status": delivery.StatusWaiting}, "Mail %s will be tried at once.", id)
	})
}
