package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// Member is a user in an account.
type Member struct {
	ID       string     `json:"id" example:"mem_…"`
	User     MemberUser `json:"user"`
	Role     string     `json:"role" enum:"owner,admin,member"`
	JoinedAt time.Time  `json:"joined_at"`
}

// MemberUser is what members of an account see of each other.
type MemberUser struct {
	ID    string  `json:"id" example:"usr_…"`
	Email *string `json:"email" example:"ada@example.com" doc:"The primary address; null where there is none."`
	Name  string  `json:"name" example:"Ada Lovelace"`
}

type membersOutput struct {
	Body struct {
		Data       []Member `json:"data"`
		NextCursor *string  `json:"next_cursor"`
	}
}

type memberOutput struct {
	Body Member
}

// MemberPath names the member that an operation is about.
type MemberPath struct {
	AccountPath
	MemberID string `path:"mem_id" maxLength:"64" example:"mem_…"`
}

func (p MemberPath) member() watchword.MembershipID { return watchword.MembershipID(p.MemberID) }

type changeMemberInput struct {
	CSRFHeader
	MemberPath
	Body struct {
		Role string `json:"role" enum:"owner,admin,member" example:"admin"`
	}
}

func (a *API) mountMembers() {
	register(a, operation{
		id: "list-members", method: http.MethodGet, path: "/accounts/{id}/members", tag: "Accounts", security: signedIn(),
		summary: "List the members of an account", description: "For every member, newest first.", errors: []int{http.StatusNotFound},
	}, a.listMembers)
	register(a, operation{
		id: "update-member", method: http.MethodPatch, path: "/accounts/{id}/members/{mem_id}", tag: "Accounts", security: signedIn(),
		summary: "Give a member another role", errors: []int{http.StatusNotFound, http.StatusConflict},
		description: "For owners and admins. Nobody grants or touches a role above their own, and the last owner stays one (409 " +
			"last_owner). The member's sessions are refused a refresh with 409 claims_stale, and get the new role by a switch. " +
			"Pending invites that the member made and could make no longer are revoked.",
	}, a.updateMember)
	register(a, operation{
		id: "remove-member", method: http.MethodDelete, path: "/accounts/{id}/members/{mem_id}", tag: "Accounts", security: signedIn(),
		status: http.StatusNoContent, summary: "Remove a member, or leave", errors: []int{http.StatusNotFound, http.StatusConflict},
		description: "Owners and admins remove members whose role is not above their own; everybody may remove themselves. The last " +
			"owner stays (409 last_owner). Pending invites that the member made are revoked.",
	}, a.removeMember)
}

func (a *API) listMembers(ctx context.Context, in *struct {
	AccountPath
	PageQuery
},
) (*membersOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(in.PageQuery, watchword.IDToBytes[watchword.MembershipID])
	if err != nil {
		return nil, err
	}
	list, next, err := a.Accounts.Members(ctx, caller, in.account(), page)
	if err != nil {
		return nil, err
	}
	return membersAnswer(list, next), nil
}

func membersAnswer(list []watchword.Member, next string) *membersOutput {
	out := &membersOutput{}
	out.Body.Data, out.Body.NextCursor = make([]Member, len(list)), orNull(next)
	for i, m := range list {
		out.Body.Data[i] = memberOf(m)
	}
	return out
}

func (a *API) updateMember(ctx context.Context, in *changeMemberInput) (*memberOutput, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	m, err := a.Accounts.SetRole(ctx, caller, in.account(), in.member(), watchword.Role(in.Body.Role))
	if err != nil {
		return nil, err
	}
	return &memberOutput{Body: memberOf(m)}, nil
}

func (a *API) removeMember(ctx context.Context, in *struct {
	CSRFHeader
	MemberPath
},
) (*struct{}, error) {
	caller, err := a.acting(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Accounts.Remove(ctx, caller, in.account(), in.member())
}

func memberOf(m watchword.Member) Member {
	return Member{
		ID: string(m.ID), Role: string(m.Role), JoinedAt: seconds(m.JoinedAt),
		User: MemberUser{ID: string(m.User.ID), Email: orNull(m.User.Email), Name: m.User.Name},
	}
}
