package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/account"
)

type statusInput struct {
	CSRFHeader
	UserPath
}

// SessionsRevoked says how many sessions have ended.
type SessionsRevoked struct {
	SessionsRevoked int64 `json:"sessions_revoked" example:"2"`
}

type adminResetInput struct {
	CSRFHeader
	UserPath
	Body *struct {
		ClearPassword bool `json:"clear_password,omitempty" doc:"Take the present password away now, and end every session: the link is the way in."`
	} `required:"false"`
}

// AdminResetSent tells of a link that was mailed.
type AdminResetSent struct {
	Status    string    `json:"status" enum:"sent"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) mountAdminUserStatus() {
	status := func(id, action, summary, description string, more ...int) operation {
		return operation{
			id: id, method: http.MethodPost, path: "/admin/users/{id}/" + action, tag: tagAdministration,
			security: administrators(watchword.ScopeUsersWrite), summary: summary, description: description,
			errors: append(more, http.StatusNotFound),
		}
	}
	register(a, status("admin-disable-user", "disable", "Disable a user",
		"Every session of theirs ends at once, on every node, links that are under way are void, and invites that they made are taken back; an access token lives out its minutes "+
			"where nobody asks this server. A user who is to be deleted is disabled already, and still goes: enable is what brings them back. "+notePrivileged), a.adminDisableUser)
	register(a, status("admin-enable-user", "enable", "Enable a user",
		"One who was deleted, too, as long as the grace lasts. "+notePrivileged), a.adminEnableUser)
	register(a, status("admin-revoke-sessions", "revoke-sessions", "End every session of a user", "They may sign in again."), a.adminRevokeSessions)
	sent := status("admin-send-password-reset", "send-password-reset", "Mail a user a link to a new password",
		"Also to one who has none. To a user without an address of their own it is 409 no_email, to a disabled one 403 user_disabled. At most as "+
			"many mails as the limit for one address allows. Taking the password away: "+notePrivileged, http.StatusConflict, http.StatusTooManyRequests)
	sent.status = http.StatusAccepted
	register(a, sent, a.adminSendReset)
}

func (a *API) adminDisableUser(ctx context.Context, in *statusInput) (*adminUserOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	return adminUserAnswer(a.Administration.Disable(ctx, by, in.user()))
}

func (a *API) adminEnableUser(ctx context.Context, in *statusInput) (*adminUserOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	return adminUserAnswer(a.Administration.Enable(ctx, by, in.user()))
}

func (a *API) adminRevokeSessions(ctx context.Context, in *statusInput) (*struct{ Body SessionsRevoked }, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	n, err := a.Administration.RevokeSessions(ctx, by, in.user())
	if err != nil {
		return nil, err
	}
	return &struct{ Body SessionsRevoked }{SessionsRevoked{n}}, nil
}

func (a *API) adminSendReset(ctx context.Context, in *adminResetInput) (*struct{ Body AdminResetSent }, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	old := account.OldPasswordKept
	if in.Body != nil && in.Body.ClearPassword {
		old = account.OldPasswordCleared
	}
	expires, err := a.Administration.SendReset(ctx, by, in.user(), old)
	if err != nil {
		return nil, err
	}
	return &struct{ Body AdminResetSent }{AdminResetSent{Status: "sent", ExpiresAt: seconds(expires)}}, nil
}
