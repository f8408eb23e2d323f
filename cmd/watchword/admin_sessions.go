package main

import (
	"context"
	"time"

	"watchword"
)

type sessionsCommand struct {
	List   sessionsListCommand   `cmd:"" help:"List live sessions, newest first."`
	Revoke sessionsRevokeCommand `cmd:"" help:"End a session."`
}

type sessionsListCommand struct {
	listFlags
	User string `placeholder:"EMAIL|USER_ID" help:"Only theirs (all)."`
}

// Help has the examples.
func (*sessionsListCommand) Help() string {
	return `Examples:

    watchword admin sessions list
    watchword admin sessions list --user ada@example.com`
}

// shownSession is a session in JSON.
type shownSession struct {
	ID         watchword.SessionID `json:"id"`
	UserID     watchword.UserID    `json:"user_id"`
	AccountID  *string             `json:"account_id"`
	ClientID   watchword.ClientID  `json:"client_id"`
	AMR        []watchword.AMR     `json:"amr"`
	CreatedAt  *time.Time          `json:"created_at"`
	LastSeenAt *time.Time          `json:"last_seen_at"`
	ExpiresAt  *time.Time          `json:"expires_at"`
	IP         string              `json:"ip"`
	UserAgent  string              `json:"user_agent"`
}

// Run lists.
func (c *sessionsListCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		user, err := a.userOrNobody(ctx, c.User)
		if err != nil {
			return err
		}
		return listing[watchword.Session]{
			head: []string{"ID", "USER", "CLIENT", "IP", "BEGUN", "LAST SEEN", "EXPIRES", "USER AGENT"},
			row: func(s watchword.Session) []string {
				return []string{
					string(s.ID), string(s.UserID), string(s.ClientID), s.IP,
					when(s.CreatedAt, ""), when(s.RotatedAt, ""), when(s.RefreshExpiresAt(), ""), s.UserAgent,
				}
			},
			json: func(s watchword.Session) any {
				return shownSession{
					s.ID, s.UserID, orNull(string(s.Claims.AccountID)), s.ClientID, append([]watchword.AMR{}, s.AMR...),
					moment(s.CreatedAt), moment(s.RotatedAt), moment(s.RefreshExpiresAt()), s.IP, s.UserAgent,
				}
			},
			page: func(page watchword.Page) ([]watchword.Session, string, error) {
				return a.sessions.ListFor(ctx, user, page)
			},
		}.print(a.tool, c.Limit)
	})
}

type sessionsRevokeCommand struct {
	ID watchword.SessionID `arg:"" name:"SESSION_ID" help:"As sessions list shows it: ses_…"`
}

// Help has the examples.
func (*sessionsRevokeCommand) Help() string {
	return `Example:

    watchword admin sessions revoke ses_0cq0a9h2m3k4e5r6t7y8w9x0z1`
}

// Run ends a session.
func (c *sessionsRevokeCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.byHand(ctx, env, std, func(a administrator) error {
		if err := a.sessions.End(ctx, a.by, c.ID); err != nil {
			return err
		}
		return a.say(map[string]any{"id": c.ID, "state": "ended"}, "Session %s has ended.", c.ID)
	})
}
