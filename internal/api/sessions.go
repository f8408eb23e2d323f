package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// Session is one of the caller's sessions.
type Session struct {
	ID         string    `json:"id" example:"ses_…"`
	Current    bool      `json:"current" doc:"Whether it is the one that asks."`
	ClientID   string    `json:"client_id" example:"web"`
	AMR        []string  `json:"amr" example:"pwd"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at" doc:"When its tokens were last refreshed."`
	ExpiresAt  time.Time `json:"expires_at"`
	IP         string    `json:"ip" example:"203.0.113.7"`
	UserAgent  string    `json:"user_agent" example:"Mozilla/5.0 …"`
}

type sessionsOutput struct {
	Body struct {
		Data       []Session `json:"data"`
		NextCursor *string   `json:"next_cursor"`
	}
}

func (a *API) mountSessions() {
	register(a, operation{
		id: "list-sessions", method: http.MethodGet, path: "/auth/sessions", tag: "Sessions", security: signedIn(),
		summary: "List your sessions", description: "The live ones, newest first.",
	}, a.listSessions)
	register(a, operation{
		id: "revoke-session", method: http.MethodDelete, path: "/auth/sessions/{id}", tag: "Sessions", security: signedIn(),
		status: http.StatusNoContent, summary: "End one of your sessions", errors: []int{http.StatusNotFound},
		description: "Its refresh token is refused at once; an access token of it lives out its ten minutes where nobody asks this server.",
	}, a.revokeSession)
}

func (a *API) listSessions(ctx context.Context, in *struct{ PageQuery }) (*sessionsOutput, error) {
	who, err := a.caller(ctx)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.SessionID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Sessions.List(ctx, who, page)
	if err != nil {
		return nil, err
	}
	out := &sessionsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]Session, len(list)), orNull(next)
	for i, s := range list {
		out.Body.Data[i] = Session{
			ID: string(s.ID), Current: s.ID == who.SessionID, ClientID: string(s.ClientID), AMR: textsOf(s.AMR),
			CreatedAt: seconds(s.CreatedAt), LastSeenAt: seconds(s.RotatedAt), ExpiresAt: seconds(s.RefreshExpiresAt()),
			IP: s.IP, UserAgent: s.UserAgent,
		}
	}
	return out, nil
}

func (a *API) revokeSession(ctx context.Context, in *struct {
	CSRFHeader
	ID string `path:"id" maxLength:"64" example:"ses_…"`
},
) (*struct{}, error) {
	who, err := a.caller(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Sessions.Revoke(ctx, who, watchword.SessionID(in.ID), origin(ctx, who.ClientID))
}
