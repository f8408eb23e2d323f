package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// Event is one line of the audit record.
type Event struct {
	ID        string            `json:"id" example:"evt_…"`
	Type      string            `json:"type" example:"session.started"`
	At        time.Time         `json:"at"`
	UserID    *string           `json:"user_id" example:"usr_…"`
	AccountID *string           `json:"account_id" example:"acc_…"`
	SessionID *string           `json:"session_id" example:"ses_…"`
	ClientID  *string           `json:"client_id" example:"web"`
	Actor     *string           `json:"actor" example:"user:usr_…" doc:"user:…, key:…, cli or system; null where nobody is known."`
	IP        *string           `json:"ip" example:"203.0.113.7"`
	UserAgent *string           `json:"user_agent" example:"Mozilla/5.0 …"`
	RequestID *string           `json:"request_id" example:"5e17ec6a0aac764b00392dd5"`
	Data      map[string]string `json:"data"`
}

type eventsInput struct {
	PageQuery
	UserID    string    `query:"user_id" maxLength:"64"`
	AccountID string    `query:"account_id" maxLength:"64"`
	Type      string    `query:"type" maxLength:"64"`
	Since     time.Time `query:"since" doc:"From this time on."`
	Until     time.Time `query:"until" doc:"Before this time."`
}

type eventsOutput struct {
	Body struct {
		Data       []Event `json:"data"`
		NextCursor *string `json:"next_cursor"`
	}
}

func (a *API) mountEvents() {
	register(a, operation{
		id: "admin-list-events", method: http.MethodGet, path: "/admin/events", tag: tagAdministration,
		security: administrators(watchword.ScopeEventsRead),
		summary:  "List events", description: "The audit record, newest first.",
	}, a.listEvents)
}

func (a *API) listEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeEventsRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.EventID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Events.List(ctx, watchword.EventFilter{
		UserID: watchword.UserID(in.UserID), AccountID: watchword.AccountID(in.AccountID), Type: watchword.EventType(in.Type),
		Since: in.Since, Until: in.Until,
	}, page)
	if err != nil {
		return nil, err
	}
	out := &eventsOutput{}
	out.Body.Data, out.Body.NextCursor = make([]Event, len(list)), orNull(next)
	for i, e := range list {
		out.Body.Data[i] = eventOf(e)
	}
	return out, nil
}

func eventOf(e watchword.Event) Event {
	return Event{
		ID: string(e.ID), Type: string(e.Type), At: e.At, UserID: orNull(e.UserID), AccountID: orNull(e.AccountID),
		SessionID: orNull(e.SessionID), ClientID: orNull(e.ClientID), Actor: orNull(e.Actor), IP: orNull(e.IP),
		UserAgent: orNull(e.UserAgent), RequestID: orNull(e.RequestID), Data: e.Data,
	}
}
