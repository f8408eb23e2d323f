package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/waitlist"
)

// WaitlistPlace is a place of the caller's on a waitlist.
type WaitlistPlace struct {
	Feature  string    `json:"feature" example:"beta-search"`
	Status   string    `json:"status" enum:"waiting,approved"`
	JoinedAt time.Time `json:"joined_at"`
}

// WaitlistStanding is what the caller has to do with a waitlist.
type WaitlistStanding struct {
	Feature  string     `json:"feature" example:"beta-search"`
	SignedUp bool       `json:"signed_up"`
	Status   *string    `json:"status" enum:"waiting,approved" example:"waiting" doc:"null where they have not joined."`
	JoinedAt *time.Time `json:"joined_at" doc:"null where they have not joined."`
}

// TransformSchema implements huma.SchemaTransformer: null is one of the values.
func (WaitlistStanding) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	status := s.Properties["status"]
	status.Enum = append(status.Enum, nil)
	return s
}

type placesOutput struct {
	Body struct {
		Data       []WaitlistPlace `json:"data"`
		NextCursor *string         `json:"next_cursor"`
	}
}

type standingOutput struct {
	Body WaitlistStanding
}

type joinOutput struct {
	Status int
	Body   WaitlistStanding
}

// FeaturePath names the feature that an operation is about.
type FeaturePath struct {
	Feature string `path:"feature" maxLength:"64" pattern:"^[a-z0-9][a-z0-9._-]*$" example:"beta-search"`
}

func (p FeaturePath) feature() watchword.FeatureName { return watchword.FeatureName(p.Feature) }

type placeInput struct {
	CSRFHeader
	FeaturePath
}

func (a *API) mountWaitlist() {
	register(a, operation{
		id: "list-waitlists", method: http.MethodGet, path: "/waitlist", tag: "Waitlists", security: signedIn(),
		summary: "List your waitlists", description: "Those that you have joined in the account of your token, newest first. " + inTheAccount,
		errors: []int{http.StatusForbidden},
	}, a.listPlaces)
	register(a, operation{
		id: "get-waitlist", method: http.MethodGet, path: "/waitlist/{feature}", tag: "Waitlists", security: signedIn(),
		summary: "Where you stand", description: "In the account of your token. The same where there is no such feature: signed_up is false. " + inTheAccount,
		errors: []int{http.StatusForbidden},
	}, a.getPlace)
	for _, way := range []struct{ id, method string }{{"join-waitlist", http.MethodPut}, {"join-waitlist-by-post", http.MethodPost}} {
		register(a, operation{
			id: way.id, method: way.method, path: "/waitlist/{feature}", tag: "Waitlists", security: signedIn(), status: http.StatusCreated,
			summary: "Join a waitlist", errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
			description: "In the account of your token: 201 the first time, 200 and the same joined_at after that. A closed waitlist takes " +
				"nobody (409 feature_closed), and whoever is on it stays. You can be on 200 in an account (409 too_many_waitlists). " + inTheAccount,
		}, a.joinWaitlist)
	}
	joins := a.huma.OpenAPI().Paths["/waitlist/{feature}"]
	joins.Put.Responses["200"] = success("You were on it before.", joins.Put.Responses["201"].Content["application/json"].Schema)
	joins.Post.Responses["200"] = joins.Put.Responses["200"]
	register(a, operation{
		id: "leave-waitlist", method: http.MethodDelete, path: "/waitlist/{feature}", tag: "Waitlists", security: signedIn(),
		status: http.StatusNoContent, summary: "Leave a waitlist", errors: []int{http.StatusForbidden, http.StatusTooManyRequests},
		description: "In the account of your token; approved or not, and whether or not you were on it. " + inTheAccount,
	}, a.leaveWaitlist)
}

const inTheAccount = "403 no_account_context where the token stands in no account, or in one that you are no longer in."

// waiting is the caller of an operation on waitlists: the user and the account of
// their token, and nobody else whatever the call says.
func (a *API) waiting(ctx context.Context) (waitlist.Caller, error) {
	who, err := a.liveCaller(ctx)
	return waitlist.Caller{
		UserID: who.UserID, AccountID: who.Claims.AccountID, Session: who.SessionID, Origin: origin(ctx, who.ClientID),
	}, err
}

func (a *API) listPlaces(ctx context.Context, in *struct{ PageQuery }) (*placesOutput, error) {
	caller, err := a.waiting(ctx)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.WaitlistEntryID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Places.List(ctx, caller, page)
	if err != nil {
		return nil, err
	}
	out := &placesOutput{}
	out.Body.Data, out.Body.NextCursor = placesOf(list), orNull(next)
	return out, nil
}

func (a *API) getPlace(ctx context.Context, in *struct{ FeaturePath }) (*standingOutput, error) {
	caller, err := a.waiting(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := a.Places.Get(ctx, caller, in.feature())
	if err != nil {
		return nil, err
	}
	return &standingOutput{Body: standingOf(in.feature(), entry)}, nil
}

func (a *API) joinWaitlist(ctx context.Context, in *placeInput) (*joinOutput, error) {
	caller, err := a.waiting(ctx)
	if err != nil {
		return nil, err
	}
	entry, joining, err := a.Places.Join(ctx, caller, in.feature())
	if err != nil {
		return nil, err
	}
	out := &joinOutput{Status: http.StatusCreated, Body: standingOf(in.feature(), entry)}
	if joining == waitlist.WasInside {
		out.Status = http.StatusOK
	}
	return out, nil
}

func (a *API) leaveWaitlist(ctx context.Context, in *placeInput) (*struct{}, error) {
	caller, err := a.waiting(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Places.Leave(ctx, caller, in.feature())
}

func placesOf(list []watchword.WaitlistEntry) []WaitlistPlace {
	out := make([]WaitlistPlace, len(list))
	for i, e := range list {
		out[i] = WaitlistPlace{Feature: string(e.Feature), Status: string(e.Status), JoinedAt: seconds(e.JoinedAt)}
	}
	return out
}

func standingOf(feature watchword.FeatureName, e watchword.WaitlistEntry) WaitlistStanding {
	if e.ID == "" {
		return WaitlistStanding{Feature: string(feature)}
	}
	return WaitlistStanding{Feature: string(feature), SignedUp: true, Status: orNull(e.Status), JoinedAt: timeOrNull(e.JoinedAt)}
}
