package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/waitlist"
)

// Feature is something that users may wait for.
type Feature struct {
	Feature     string     `json:"feature" example:"beta-search"`
	Title       string     `json:"title" example:"Beta search" doc:"For people: mails name it. Empty: the feature's name."`
	Description string     `json:"description"`
	AddClaim    bool       `json:"add_claim" doc:"Whether access tokens of approved users name it in the claim features."`
	Closed      bool       `json:"closed" doc:"Whether the waitlist takes nobody any more."`
	ClosedAt    *time.Time `json:"closed_at"`
	Waiting     int64      `json:"waiting" doc:"How many wait."`
	Approved    int64      `json:"approved" doc:"How many have been approved."`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

type featureOutput struct {
	RevisionHeader
	Body Feature
}

type featuresOutput struct {
	Body struct {
		Data       []Feature `json:"data"`
		NextCursor *string   `json:"next_cursor"`
	}
}

type createFeatureInput struct {
	CSRFHeader
	IdempotencyHeader
	Body struct {
		Feature     string `json:"feature" minLength:"1" maxLength:"64" pattern:"^[a-z0-9][a-z0-9._-]*$" example:"beta-search"`
		Title       string `json:"title,omitempty" maxLength:"200" example:"Beta search"`
		Description string `json:"description,omitempty" maxLength:"2000"`
		AddClaim    bool   `json:"add_claim,omitempty" default:"false"`
	}
}

type changeFeatureInput struct {
	CSRFHeader
	IfMatchHeader
	FeaturePath
	Body struct {
		Title       *string `json:"title,omitempty" maxLength:"200" example:"Beta search"`
		Description *string `json:"description,omitempty" maxLength:"2000"`
		AddClaim    *bool   `json:"add_claim,omitempty"`
		Closed      *bool   `json:"closed,omitempty" doc:"Closing keeps who is on the waitlist, and what they were approved for."`
	}
}

func (a *API) mountAdminWaitlist() {
	register(a, operation{
		id: "admin-list-features", method: http.MethodGet, path: "/admin/waitlist", tag: "Administration",
		security: administrators(watchword.ScopeWaitlistRead),
		summary:  "List features", description: "What users may wait for, newest first, with how many do.",
	}, a.listFeatures)
	register(a, operation{
		id: "admin-create-feature", method: http.MethodPost, path: "/admin/waitlist", tag: "Administration",
		security: administrators(watchword.ScopeWaitlistWrite), status: http.StatusCreated,
		summary: "Make a feature", description: "What the tokens of approved users may have to name is bounded (409 claims_too_long). " + noteIdempotent,
	}, a.createFeature)
	register(a, operation{
		id: "admin-get-feature", method: http.MethodGet, path: "/admin/waitlist/{feature}", tag: "Administration",
		security: administrators(watchword.ScopeWaitlistRead), errors: []int{http.StatusNotFound},
		summary: "Read a feature", description: "The ETag is of what can be changed; who waits is no part of it.",
	}, a.getFeature)
	register(a, operation{
		id: "admin-update-feature", method: http.MethodPatch, path: "/admin/waitlist/{feature}", tag: "Administration",
		security: administrators(watchword.ScopeWaitlistWrite), errors: []int{http.StatusNotFound, http.StatusConflict},
		summary: "Change a feature, close or open its waitlist",
		description: "Fields that are left out stay as they are. Tokens say what they say until their claims are made afresh, at " +
			"sign-in or by a switch.",
	}, a.updateFeature)
	register(a, operation{
		id: "admin-delete-feature", method: http.MethodDelete, path: "/admin/waitlist/{feature}", tag: "Administration",
		security: administrators(watchword.ScopeWaitlistWrite), status: http.StatusNoContent, errors: []int{http.StatusNotFound},
		summary: "Delete a feature and its waitlist",
		description: "A long waitlist is closed at once and goes in the minutes after that. A feature of the settings comes back at " +
			"the next start.",
	}, a.deleteFeature)
	a.mountAdminEntries()
	a.mountAdminApprove()
}

func (a *API) listFeatures(ctx context.Context, in *struct{ PageQuery }) (*featuresOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeWaitlistRead); err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.FeatureID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Features.List(ctx, page)
	if err != nil {
		return nil, err
	}
	out := &featuresOutput{}
	out.Body.Data, out.Body.NextCursor = make([]Feature, len(list)), orNull(next)
	for i, f := range list {
		out.Body.Data[i] = featureOf(f)
	}
	return out, nil
}

func (a *API) createFeature(ctx context.Context, in *createFeatureInput) (*featureOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeWaitlistWrite)
	if err != nil {
		return nil, err
	}
	call, err := in.call(by.Actor, "admin-create-feature", in.Body)
	if err != nil {
		return nil, err
	}
	return featureAnswer(a.Features.Create(ctx, by, waitlist.NewFeature{
		Name: watchword.FeatureName(in.Body.Feature), Title: in.Body.Title, Description: in.Body.Description, AddClaim: in.Body.AddClaim,
	}, call))
}

func (a *API) getFeature(ctx context.Context, in *struct{ FeaturePath }) (*featureOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeWaitlistRead); err != nil {
		return nil, err
	}
	return featureAnswer(a.Features.Get(ctx, in.feature()))
}

func (a *API) updateFeature(ctx context.Context, in *changeFeatureInput) (*featureOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeWaitlistWrite)
	if err != nil {
		return nil, err
	}
	only, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return featureAnswer(a.Features.Update(ctx, by, in.feature(), waitlist.Change{
		Title: in.Body.Title, Description: in.Body.Description, AddClaim: in.Body.AddClaim, Door: doorOf(in.Body.Closed),
	}, only))
}

func doorOf(closed *bool) *waitlist.Door {
	if closed == nil {
		return nil
	}
	door := waitlist.DoorOpen
	if *closed {
		door = waitlist.DoorClosed
	}
	return &door
}

func (a *API) deleteFeature(ctx context.Context, in *struct {
	CSRFHeader
	IfMatchHeader
	FeaturePath
},
) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeWaitlistWrite)
	if err != nil {
		return nil, err
	}
	only, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Features.Delete(ctx, by, in.feature(), only)
}

func featureAnswer(f watchword.Feature, err error) (*featureOutput, error) {
	if err != nil {
		return nil, err
	}
	return &featureOutput{RevisionHeader: revisionHeader(f.Revision()), Body: featureOf(f)}, nil
}

func featureOf(f watchword.Feature) Feature {
	return Feature{
		Feature: string(f.Name), Title: f.Title, Description: f.Description, AddClaim: f.AddClaim,
		Closed: !f.ClosedAt.IsZero(), ClosedAt: timeOrNull(f.ClosedAt), Waiting: f.Waiting, Approved: f.Approved,
		CreatedAt: seconds(f.CreatedAt), UpdatedAt: seconds(f.UpdatedAt),
	}
}
