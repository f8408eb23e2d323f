package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/web"
)

// WaitlistEntry is a user's place on a waitlist, as administrators see it.
type WaitlistEntry struct {
	ID         string     `json:"id" example:"wle_…"`
	User       MemberUser `json:"user"`
	AccountID  string     `json:"account_id" example:"acc_…"`
	Status     string     `json:"status" enum:"waiting,approved"`
	JoinedAt   time.Time  `json:"joined_at"`
	ApprovedAt *time.Time `json:"approved_at"`
}

// WaitlistEntries is a page of them.
type WaitlistEntries struct {
	Data       []WaitlistEntry `json:"data"`
	NextCursor *string         `json:"next_cursor"`
}

type entriesInput struct {
	FeaturePath
	PageQuery
	AccountID string `query:"account_id" maxLength:"64"`
	Status    string `query:"status" enum:"waiting,approved"`
}

// entriesOutput is written as JSON or as CSV.
type entriesOutput struct {
	Body func(huma.Context)
}

const csvType = "text/csv"

func (a *API) mountAdminEntries() {
	const path = "/admin/waitlist/{feature}/entries"
	register(a, operation{
		id: "admin-list-entries", method: http.MethodGet, path: path, tag: "Administration",
		security: administrators(watchword.ScopeWaitlistRead), errors: []int{http.StatusNotFound},
		summary: "List who is on a waitlist",
		description: "In the order of the queue: who joined first comes first. With Accept: text/csv the whole list, without pages, as " +
			"a file for spreadsheets; there an apostrophe stands before texts that one would take for a formula. " +
			"A file that nobody reads for half a minute breaks off, and so does one that is not whole soon after the server was told to stop.",
	}, a.listEntries)
	ok := success("OK", a.schemaOf(reflect.TypeFor[WaitlistEntries]()))
	ok.Content[csvType] = &huma.MediaType{Schema: someText()}
	a.huma.OpenAPI().Paths[path].Get.Responses["200"] = ok
}

func (a *API) listEntries(ctx context.Context, in *entriesInput) (*entriesOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeWaitlistRead); err != nil {
		return nil, err
	}
	filter := watchword.WaitlistFilter{AccountID: watchword.AccountID(in.AccountID), Status: watchword.WaitlistStatus(in.Status)}
	writerOf(ctx).Header().Add("Vary", "Accept")
	if web.Prefers(requestOf(ctx), csvType, "application/json") {
		if _, err := a.Features.Get(ctx, in.feature()); err != nil {
			return nil, err
		}
		return &entriesOutput{Body: a.entriesFile(ctx, in.feature(), filter)}, nil
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.WaitlistEntryID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Features.Entries(ctx, in.feature(), filter, page)
	if err != nil {
		return nil, err
	}
	body := WaitlistEntries{Data: make([]WaitlistEntry, len(list)), NextCursor: orNull(next)}
	for i, e := range list {
		body.Data[i] = WaitlistEntry{
			ID: string(e.ID), User: MemberUser{ID: string(e.User.ID), Email: orNull(e.User.Email), Name: e.User.Name},
			AccountID: string(e.AccountID), Status: string(e.Status), JoinedAt: seconds(e.JoinedAt), ApprovedAt: timeOrNull(e.ApprovedAt),
		}
	}
	return &entriesOutput{Body: asJSON(body)}, nil
}

func asJSON(body any) func(huma.Context) {
	return func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		ctx.SetStatus(http.StatusOK)
		_ = huma.DefaultJSONFormat.Marshal(ctx.BodyWriter(), body) // a caller who left needs no answer
	}
}
