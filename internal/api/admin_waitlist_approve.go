package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/waitlist"
)

type approveInput struct {
	CSRFHeader
	IdempotencyHeader
	FeaturePath
	Body struct {
		Count      *int     `json:"count,omitempty" minimum:"1" maximum:"1000000000" doc:"The first so many who wait."`
		Percent    *int     `json:"percent,omitempty" minimum:"1" maximum:"100" doc:"The first of those who wait: so many in a hundred, rounded up."`
		UserIDs    []string `json:"user_ids,omitempty" minItems:"1" maxItems:"1000" doc:"These users, in all their accounts."`
		AccountIDs []string `json:"account_ids,omitempty" minItems:"1" maxItems:"1000" doc:"All who wait in these accounts."`
		Emails     []string `json:"emails,omitempty" minItems:"1" maxItems:"1000" doc:"Who has these addresses, verified or from sign-up; those that nobody has are passed by."`
		All        bool     `json:"all,omitempty" enum:"true" doc:"All who wait now."`
	}
}

// ApprovalResult is what came of an approval.
type ApprovalResult struct {
	Approved int64 `json:"approved" doc:"How many are approved by this call, those who are pending too."`
	Pending  int64 `json:"pending" doc:"How many of them follow in the next minutes; 0 unless they are more than a thousand."`
}

type approveOutput struct {
	Body ApprovalResult
}

// approveTimeout leaves a database that is far away time for a transaction of
// thousands of statements, and the answer time to be written.
const approveTimeout = 25 * time.Second

func (a *API) mountAdminApprove() {
	register(a, operation{
		id: "admin-approve-entries", method: http.MethodPost, path: "/admin/waitlist/{feature}/approve", tag: "Administration",
		security: administrators(watchword.ScopeWaitlistWrite), errors: []int{http.StatusNotFound},
		timeout: approveTimeout,
		summary: "Approve users",
		description: "Exactly one of the fields says whom, of those who wait now. Each approval is an event, and whoever has verified " +
			"their address and is not disabled is told by mail: the first fifty at once, then fifty every five seconds. Nobody is approved " +
			"or mailed twice for one entry, whatever runs at once or is sent again. A second count or percent approves the next ones, " +
			"once none of the first are pending; with the Idempotency-Key of the first it approves nobody, and answers how many the first one " +
			"approved and how many of them are pending yet.",
	}, a.approveEntries)
}

func (a *API) approveEntries(ctx context.Context, in *approveInput) (*approveOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeWaitlistWrite)
	if err != nil {
		return nil, err
	}
	cohort := waitlist.Cohort{Count: in.Body.Count, Percent: in.Body.Percent, Everybody: in.Body.All}
	cohort.Users, cohort.Accounts = idsOf[watchword.UserID](in.Body.UserIDs), idsOf[watchword.AccountID](in.Body.AccountIDs)
	for _, text := range in.Body.Emails {
		address, err := account.CanonicalAddress(text)
		if err != nil {
			return nil, watchword.InvalidField("emails", "invalid_email", "One of these is no email address.")
		}
		cohort.Addresses = append(cohort.Addresses, address)
	}
	call, err := in.call(by.Actor, "admin-approve-entries "+in.Feature, in.Body)
	if err != nil {
		return nil, err
	}
	approval, err := a.Features.Approve(ctx, by, in.feature(), cohort, call)
	if err != nil {
		return nil, err
	}
	return &approveOutput{Body: ApprovalResult{Approved: approval.Approved, Pending: approval.Pending}}, nil
}

// idsOf are texts as ids; none of a list that was not given.
func idsOf[ID ~string](texts []string) []ID {
	var ids []ID
	for _, text := range texts {
		ids = append(ids, ID(text))
	}
	return ids
}
