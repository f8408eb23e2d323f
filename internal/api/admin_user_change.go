package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
)

type adminUpdateUserInput struct {
	CSRFHeader
	IfMatchHeader
	UserPath
	Body struct {
		Name          *string       `json:"name,omitempty" maxLength:"200" example:"Ada King"`
		Locale        *string       `json:"locale,omitempty" maxLength:"35"`
		Picture       *string       `json:"picture,omitempty" maxLength:"2048" doc:"An https URL; empty: none."`
		Metadata      Object        `json:"metadata,omitempty" doc:"At most 16 KiB, replaced as a whole, as is the next one."`
		AdminMetadata Object        `json:"admin_metadata,omitempty"`
		Email         *string       `json:"email,omitempty" minLength:"1" maxLength:"320" example:"ada@example.org" doc:"The new primary address, instead of the present one, which goes; it is told if it was verified."`
		EmailVerified *bool         `json:"email_verified,omitempty" doc:"You vouch for the address. Without email it is about the present one, which stays verified once it is."`
		Password      secret.String `json:"password,omitempty" minLength:"1" maxLength:"1024" doc:"The new password. Every session ends, links that are under way are void, and the user is told by mail."`
		Administrator *bool         `json:"administrator,omitempty" doc:"Gives or takes the administrator flag."`
	}
}

type adminDeleteUserInput struct {
	CSRFHeader
	IfMatchHeader
	UserPath
	Grace string `query:"grace" pattern:"^[0-9]{1,4}[hd]$|^0$" example:"168h" doc:"How long the user can be brought back, in hours (h) or days (d), at most 365d; 0: not at all. Default: as the settings say (retention.deleted_users), 7 days, and for a user who is to be deleted already as it was said then."`
	Force bool   `query:"force" doc:"Also where the user is the last owner of an account with others: the admin, else the member, who has been in it the longest becomes its owner; disabled ones last."`
}

func (a *API) mountAdminUserChanges() {
	register(a, operation{
		id: "admin-update-user", method: http.MethodPatch, path: "/admin/users/{id}", tag: tagAdministration,
		security: administrators(watchword.ScopeUsersWrite), summary: "Change a user",
		description: "Fields that are left out stay as they are. Giving or taking the administrator flag, changing an administrator's address " +
			"or password, and vouching for an address that one gave and never proved, which takes it from them, needs the scope admins:write besides, or a sign-in no older than ten minutes (403 insufficient_scope, " +
			"fresh_sign_in_required).",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminUpdateUser)
	register(a, operation{
		id: "admin-delete-user", method: http.MethodDelete, path: "/admin/users/{id}", tag: tagAdministration, status: http.StatusNoContent,
		security: administrators(watchword.ScopeUsersWrite), summary: "Delete a user",
		description: "The user is disabled, their sessions end at once and invites that they made are taken back; after the grace they go for good, with the accounts that nobody " +
			"else is in. Until then delete_at says when, their addresses stay taken, and enable brings them back. Where they are the last " +
			"owner of an account with others it is 409 last_owner, unless force says otherwise; where that has come about during the grace, " +
			"another member becomes the owner when they go. " + notePrivileged,
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, a.adminDeleteUser)
}

func (a *API) adminUpdateUser(ctx context.Context, in *adminUpdateUserInput) (*adminUserOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	change := account.UserChange{
		Profile:       account.ProfileChange{Name: b.Name, Locale: b.Locale, Picture: b.Picture, Metadata: b.Metadata},
		AdminMetadata: b.AdminMetadata, Email: b.Email, Password: b.Password, Administrator: b.Administrator,
	}
	if b.EmailVerified != nil {
		change.Proof = account.EmailUnproven
		if *b.EmailVerified {
			change.Proof = account.EmailVouched
		}
	}
	return adminUserAnswer(a.Administration.UpdateUser(ctx, by, in.user(), want, change))
}

func (a *API) adminDeleteUser(ctx context.Context, in *adminDeleteUserInput) (*struct{}, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	want, err := ifMatch(ctx)
	if err != nil {
		return nil, err
	}
	grace, err := graceOf(in.Grace)
	if err != nil {
		return nil, err
	}
	owner := account.LastOwnerStays
	if in.Force {
		owner = account.LastOwnerReplaced
	}
	return nil, a.Administration.DeleteUser(ctx, by, in.user(), want, grace, owner)
}

const maxGrace = 365 * 24 * time.Hour

// graceOf reads a number of hours or days, in the form that the schema has checked;
// nil: none is given.
func graceOf(text string) (*time.Duration, error) {
	if text == "" {
		return nil, nil
	}
	unit := time.Hour
	if strings.HasSuffix(text, "d") {
		unit = 24 * time.Hour
	}
	n, err := strconv.Atoi(strings.TrimRight(text, "hd"))
	grace := time.Duration(n) * unit
	if err != nil || grace > maxGrace {
		return nil, watchword.InvalidField("grace", "out_of_range", "This must be at most 365d.")
	}
	return &grace, nil
}
