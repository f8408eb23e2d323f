package session

import (
	"context"
	"time"

	"watchword/internal/mail"
	"watchword/internal/store"
)

// noticeLife is how long a security notice is worth sending.
const noticeLife = 3 * 24 * time.Hour

// notifyReuse tells the owner that a session was ended because an old token of
// it was replayed, if they have a verified address.
func (s *Service) notifyReuse(ctx context.Context, c *store.Conn, v store.SessionView) error {
	if !v.User.TakesNotices() {
		return nil
	}
	return s.Jobs.EnqueueMail(ctx, c, mail.Message{
		Template: mail.RefreshReused, UserID: v.UserID, ClientID: v.ClientID, Locale: v.User.Locale,
	}, c.Now().Add(noticeLife))
}
