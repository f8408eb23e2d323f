package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/delivery"
)

// QueuedMail is a mail in the queue: never what it holds, nor to whom it goes.
type QueuedMail struct {
	ID        string     `json:"id" example:"msg_…"`
	Template  string     `json:"template" example:"magic_link" doc:"Which letter it is."`
	Status    string     `json:"status" enum:"waiting,failed,done" doc:"failed: parked, tried no more by itself. done: sent, or not wanted any more."`
	Attempts  int64      `json:"attempts"`
	LastError string     `json:"last_error" doc:"Why the last attempt failed."`
	CreatedAt time.Time  `json:"created_at"`
	NextAt    *time.Time `json:"next_at" doc:"When it is tried next; null unless it waits."`
	ExpiresAt time.Time  `json:"expires_at" doc:"Nobody wants it after that."`
	EndedAt   *time.Time `json:"ended_at" doc:"When it was done or parked; null while it waits."`
}

type queuedMailsOutput struct {
	Body struct {
		Data       []QueuedMail `json:"data"`
		NextCursor *string      `json:"next_cursor"`
	}
}

func (a *API) mountAdminMail() {
	register(a, operation{
		id: "admin-list-mail", method: http.MethodGet, path: "/admin/mail", tag: tagAdministration,
		security: administrators(watchword.ScopeMailRead), summary: "List mails",
		description: "Newest first. What they hold is not shown: it may be a live link.",
	}, a.listMail)
	register(a, operation{
		id: "admin-retry-mail", method: http.MethodPost, path: "/admin/mail/{id}/retry", tag: tagAdministration, status: http.StatusAccepted,
		security: administrators(watchword.ScopeMailWrite), summary: "Send a mail that waits or was parked", errors: []int{http.StatusNotFound},
		description: "It is tried at once, and as often as a new one. What was sent or is being sent, has expired, or whose link is dead is not " +
			"there (404 mail_not_found).",
	}, a.retryMail)
}

func (a *API) listMail(ctx context.Context, in *struct {
	PageQuery
	Status string `query:"status" enum:"waiting,failed,done"`
},
) (*queuedMailsOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeMailRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.MessageID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Mails.List(ctx, delivery.Status(in.Status), page)
	if err != nil {
		return nil, err
	}
	out := &queuedMailsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]QueuedMail, len(list)), orNull(next)
	for i, m := range list {
		out.Body.Data[i] = QueuedMail{
			ID: string(m.ID), Template: m.Template, Status: string(m.Status), Attempts: m.Attempts, LastError: m.LastError,
			CreatedAt: seconds(m.CreatedAt), NextAt: secondsOrNull(m.NextAt), ExpiresAt: seconds(m.ExpiresAt), EndedAt: secondsOrNull(m.EndedAt),
		}
	}
	return out, nil
}

func (a *API) retryMail(ctx context.Context, in *struct {
	CSRFHeader
	ID string `path:"id" maxLength:"64" example:"msg_…"`
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeMailWrite)
	if err != nil {
		return nil, err
	}
	return nil, a.Mails.Retry(ctx, by, watchword.MessageID(in.ID))
}
