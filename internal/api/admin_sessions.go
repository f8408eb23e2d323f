package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// AdminSession is a session as administrators see it.
type AdminSession struct {
	ID         string    `json:"id" example:"ses_…"`
	UserID     string    `json:"user_id" example:"usr_…"`
	AccountID  *string   `json:"account_id" example:"acc_…" doc:"That its tokens stand in; null where there is none."`
	ClientID   string    `json:"client_id" example:"web"`
	AMR        []string  `json:"amr" example:"pwd"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at" doc:"When its tokens were last refreshed."`
	ExpiresAt  time.Time `json:"expires_at"`
	IP         string    `json:"ip" example:"203.0.113.7"`
	UserAgent  string    `json:"user_agent" example:"Mozilla/5.0 …"`
}

type adminSessionsOutput struct {
	Body struct {
		Data       []AdminSession `json:"data"`
		NextCursor *string        `json:"next_cursor"`
	}
}

func (a *API) mountAdminSessions() {
	register(a, operation{
		id: "admin-list-sessions", method: http.MethodGet, path: "/admin/sessions", tag: tagAdministration,
		security: administrators(watchword.ScopeUsersRead), summary: "List sessions", description: "The live ones, of one user or of all, newest first.",
	}, a.adminListSessions)
	register(a, operation{
		id: "admin-revoke-session", method: http.MethodDelete, path: "/admin/sessions/{id}", tag: tagAdministration, status: http.StatusNoContent,
		security: administrators(watchword.ScopeUsersWrite), summary: "End a session", errors: []int{http.StatusNotFound},
		description: "At once, on every node; an access token of it lives out its minutes where nobody asks this server.",
	}, a.adminRevokeSession)
}

func (a *API) adminListSessions(ctx context.Context, in *struct {
	PageQuery
	UserID string `query:"user_id" maxLength:"64"`
},
) (*adminSessionsOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeUsersRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.SessionID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Sessions.ListFor(ctx, watchword.UserID(in.UserID), page)
	if err != nil {
		return nil, err
	}
	out := &adminSessionsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AdminSession, len(list)), orNull(next)
	for i, s := range list {
		out.Body.Data[i] = AdminSession{
			ID: string(s.ID), UserID: string(s.UserID), AccountID: orNull(s.Claims.AccountID), ClientID: string(s.ClientID), AMR: textsOf(s.AMR),
			CreatedAt: seconds(s.CreatedAt), LastSeenAt: seconds(s.RotatedAt), ExpiresAt: seconds(s.RefreshExpiresAt()), IP: s.IP, UserAgent: s.UserAgent,
		}
	}
	return out, nil
}

func (a *API) adminRevokeSession(ctx context.Context, in *struct {
	CSRFHeader
	AnyMatchHeader
	ID string `path:"id" maxLength:"64" example:"ses_…"`
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	if err := ifAny(ctx); err != nil {
		return nil, err
	}
	return nil, a.Sessions.End(ctx, by, watchword.SessionID(in.ID))
}
