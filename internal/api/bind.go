package api

import (
	"context"
	"time"

	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/web"
)

// resendAfter is how many seconds lie between two mails of one sort.
const resendAfter = int64(account.MailInterval / time.Second)

// bind ties the mail that was just queued to this browser.
func (a *API) bind(ctx context.Context, value secret.String, life time.Duration) {
	web.Bind(writerOf(ctx), requestOf(ctx), web.BindingLink, value, life)
}
