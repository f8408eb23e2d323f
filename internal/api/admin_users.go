package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
)

// AdminUser is a user as administrators see them.
type AdminUser struct {
	ID            string          `json:"id" example:"usr_…"`
	Email         *string         `json:"email" example:"ada@example.com" doc:"The primary address; null where there is none."`
	EmailVerified bool            `json:"email_verified"`
	Name          string          `json:"name" example:"Ada Lovelace"`
	Picture       *string         `json:"picture"`
	Locale        string          `json:"locale" example:"en"`
	Status        string          `json:"status" enum:"active,disabled"`
	Administrator bool            `json:"administrator"`
	HasPassword   bool            `json:"has_password"`
	Metadata      Object          `json:"metadata" doc:"The user's own JSON object, which they change themselves: believe nothing of it."`
	AdminMetadata Object          `json:"admin_metadata" doc:"The administrators' JSON object, which the user neither sees nor changes."`
	CreatedAt     time.Time       `json:"created_at"`
	LastSignInAt  *time.Time      `json:"last_sign_in_at" doc:"null before the first."`
	DeleteAt      *time.Time      `json:"delete_at" doc:"When a user who was deleted goes for good; enable brings them back until then. null: they are not to go."`
	Emails        []Email         `json:"emails"`
	Identities    []AdminIdentity `json:"identities"`
	Accounts      []Account       `json:"accounts"`
}

// AdminIdentity is a user at a provider, as administrators see them.
type AdminIdentity struct {
	Identity
	Subject string `json:"subject" example:"112233" doc:"Who they are there: with the issuer it is what the user is known by."`
}

type adminUserOutput struct {
	RevisionHeader
	Body AdminUser
}

type adminUsersOutput struct {
	Body struct {
		Data       []AdminUser `json:"data"`
		NextCursor *string     `json:"next_cursor"`
	}
}

// SearchQuery is how lists are searched and paged.
type SearchQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at the most. Where a filter leaves little of much, a page may hold fewer, or none, and more follow: there is another page as long as next_cursor is not null."`
	Cursor string `query:"cursor" maxLength:"1024" doc:"The next_cursor of the page before, with the same query."`
}

func (q SearchQuery) page() watchword.Page {
	return watchword.Page{Before: q.Cursor, Limit: q.Limit}
}

type adminUsersInput struct {
	SearchQuery
	Query  string `query:"query" maxLength:"320" example:"ada@" doc:"An id, or the beginning of an address or of a name."`
	Status string `query:"status" enum:"active,disabled"`
}

// UserPath names the user that an operation is about.
type UserPath struct {
	UserID string `path:"id" maxLength:"64" example:"usr_…"`
}

func (p UserPath) user() watchword.UserID { return watchword.UserID(p.UserID) }

type adminCreateUserInput struct {
	CSRFHeader
	IdempotencyHeader
	Body struct {
		Email         string        `json:"email,omitempty" minLength:"1" maxLength:"320" example:"ada@example.com"`
		EmailVerified bool          `json:"email_verified,omitempty" doc:"You vouch for the address. Otherwise whoever proves it by a mailed link takes the user over, as after a sign-up: a password and identities that are there by then go."`
		Password      secret.String `json:"password,omitempty" minLength:"1" maxLength:"1024"`
		Name          string        `json:"name,omitempty" maxLength:"200" example:"Ada Lovelace"`
		Locale        string        `json:"locale,omitempty" maxLength:"35" example:"en"`
		Picture       string        `json:"picture,omitempty" maxLength:"2048" doc:"An https URL."`
		Metadata      Object        `json:"metadata,omitempty" doc:"At most 16 KiB."`
		AdminMetadata Object        `json:"admin_metadata,omitempty" doc:"At most 16 KiB."`
		AccountName   string        `json:"account_name,omitempty" maxLength:"200" doc:"Of the account that they own; default: their name, else that of their mailbox."`
		SendInvite    bool          `json:"send_invite,omitempty" doc:"Mail them a link by which they choose a password."`
	}
}

func (a *API) mountAdminUsers() {
	register(a, operation{
		id: "admin-list-users", method: http.MethodGet, path: "/admin/users", tag: tagAdministration,
		security: administrators(watchword.ScopeUsersRead), summary: "List and search users",
		description: "Newest first. With a query those come that it finds, in the order of what they were found by: first by the addresses " +
			"that are theirs, then by those that they merely claim, then by name.",
	}, a.adminListUsers)
	register(a, operation{
		id: "admin-create-user", method: http.MethodPost, path: "/admin/users", tag: tagAdministration, status: http.StatusCreated,
		security: administrators(watchword.ScopeUsersWrite), summary: "Make a user",
		description: "With an account of their own, whatever the settings say of sign-ups. An address that somebody gave at a sign-up and " +
			"never proved is taken from them if you vouch for it; from an administrator only with the scope admins:write, or a sign-in no " +
			"older than ten minutes (403 insufficient_scope, fresh_sign_in_required). " + noteIdempotent,
		errors: []int{http.StatusTooManyRequests},
	}, a.adminCreateUser)
	register(a, operation{
		id: "admin-get-user", method: http.MethodGet, path: "/admin/users/{id}", tag: tagAdministration,
		security: administrators(watchword.ScopeUsersRead), summary: "Read a user",
		description: "The ETag names the state of the user, their addresses and identities; not when they signed in, nor their accounts.",
		errors:      []int{http.StatusNotFound},
	}, a.adminGetUser)
	a.mountAdminUserChanges()
	a.mountAdminUserStatus()
	a.mountAdminIdentities()
}

const (
	tagAdministration = "Administration"
	noteIdempotent    = "It may be sent again with the same Idempotency-Key; 404 then says that what it made is gone by now."
	// notePrivileged goes with what could make somebody an administrator, or put one out.
	notePrivileged = "About an administrator it needs the scope admins:write besides, or a sign-in no older than ten minutes (403 " +
		"insufficient_scope, fresh_sign_in_required)."
)

func (a *API) adminListUsers(ctx context.Context, in *adminUsersInput) (*adminUsersOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeUsersRead); err != nil {
		return nil, err
	}
	list, next, err := a.Administration.Users(ctx, watchword.UserFilter{Text: in.Query, Status: watchword.UserStatus(in.Status)}, in.page())
	if err != nil {
		return nil, err
	}
	out := &adminUsersOutput{}
	out.Body.Data, out.Body.NextCursor = make([]AdminUser, len(list)), orNull(next)
	for i, u := range list {
		out.Body.Data[i] = adminUserOf(u)
	}
	return out, nil
}

func (a *API) adminCreateUser(ctx context.Context, in *adminCreateUserInput) (*adminUserOutput, error) {
	by, err := a.administrator(ctx, watchword.ScopeUsersWrite)
	if err != nil {
		return nil, err
	}
	call, err := in.call(by.Actor, "admin-create-user", in.Body, in.Body.Password)
	if err != nil {
		return nil, err
	}
	b := in.Body
	user := account.AdminNewUser{
		Email: b.Email, Proof: account.EmailUnproven, Password: b.Password, AccountName: b.AccountName, Welcome: account.WelcomeNone,
		Profile:       account.ProfileChange{Name: &b.Name, Locale: &b.Locale, Picture: &b.Picture, Metadata: b.Metadata},
		AdminMetadata: b.AdminMetadata, Call: call,
	}
	if b.EmailVerified {
		user.Proof = account.EmailVouched
	}
	if b.SendInvite {
		user.Welcome = account.WelcomeMail
	}
	return adminUserAnswer(a.Administration.CreateUser(ctx, by, user))
}

func (a *API) adminGetUser(ctx context.Context, in *struct{ UserPath }) (*adminUserOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeUsersRead); err != nil {
		return nil, err
	}
	return adminUserAnswer(a.Administration.User(ctx, in.user()))
}

func adminUserAnswer(u watchword.UserRecord, err error) (*adminUserOutput, error) {
	if err != nil {
		return nil, err
	}
	return &adminUserOutput{RevisionHeader: revisionHeader(u.Revision()), Body: adminUserOf(u)}, nil
}

func adminUserOf(u watchword.UserRecord) AdminUser {
	out := AdminUser{
		ID: string(u.ID), Email: orNull(u.Email), EmailVerified: u.EmailVerified, Name: u.Name, Picture: orNull(u.Picture), Locale: u.Locale,
		Status: string(u.Status), Administrator: u.Administrator, HasPassword: u.HasPassword,
		Metadata: Object(u.Metadata), AdminMetadata: Object(u.AdminMetadata), CreatedAt: seconds(u.CreatedAt),
		LastSignInAt: secondsOrNull(u.LastSignInAt), DeleteAt: secondsOrNull(u.DeleteAt),
		Emails: make([]Email, len(u.Emails)), Identities: make([]AdminIdentity, len(u.Identities)), Accounts: make([]Account, len(u.Memberships)),
	}
	for i, e := range u.Emails {
		out.Emails[i] = emailRow(e)
	}
	for i, one := range u.Identities {
		out.Identities[i] = adminIdentityOf(one)
	}
	for i, m := range u.Memberships {
		out.Accounts[i] = accountRow(m)
	}
	return out
}

func adminIdentityOf(one watchword.Identity) AdminIdentity {
	return AdminIdentity{Identity: identityOf(one), Subject: one.Subject}
}

// secondsOrNull is a time that may not have come.
func secondsOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = seconds(t)
	return &t
}
