package session

import (
	"context"

	"watchword"
	"watchword/internal/mail"
	"watchword/internal/store"
)

// notifyReuse tells the owner that a session was ended because an old token of
// it was replayed, and from where, if they have a verified address.
func (s *Service) notifyReuse(ctx context.Context, c *store.Conn, v store.SessionView, from watchword.Origin) error {
	if !v.User.TakesNotices() {
		return nil
	}
	return s.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.RefreshReused, UserID: v.UserID, ClientID: v.ClientID, Locale: v.User.Locale,
		IP: from.IP, Agent: from.UserAgent,
	}, c.Now().Add(mail.NoticeLife))
}
