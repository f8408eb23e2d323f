package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
	"watchword/internal/session"
	"watchword/internal/signin"
)

// AuthenticationResult is what every operation answers that starts, refreshes or
// switches a session. In cookie mode it carries no tokens.
type AuthenticationResult struct {
	TokenType        string      `json:"token_type" enum:"Bearer" doc:"How the access token is sent."`
	AccessToken      string      `json:"access_token,omitempty" example:"eyJ…" doc:"JWT for the Authorization header. Absent in cookie mode."`
	ExpiresIn        int64       `json:"expires_in" example:"600" doc:"Seconds until the access token expires."`
	RefreshToken     string      `json:"refresh_token,omitempty" example:"rt_…" doc:"Opaque; changes at every use. Absent in cookie mode."`
	RefreshExpiresAt time.Time   `json:"refresh_expires_at" doc:"When the session ends unless it is refreshed before."`
	SessionID        string      `json:"session_id" example:"ses_…"`
	User             User        `json:"user"`
	Account          *AccountRef `json:"account" doc:"The account in whose context the tokens stand; null where there is none."`
	AMR              []string    `json:"amr" example:"pwd" doc:"How the user proved who they are (RFC 8176)."`
	IsNewUser        bool        `json:"is_new_user" example:"false"`
	Next             *string     `json:"next" enum:"set_password,verify_email" example:"verify_email" doc:"What the user should do next; null for nothing."`
}

// TransformSchema adds to the values of next the one that a tag cannot name.
func (AuthenticationResult) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	next := s.Properties["next"]
	next.Enum = append(next.Enum, nil)
	return s
}

// SecondFactorRequired is the other answer that operations which start a session
// may give: no tokens yet, but a flow in which a second factor is to be shown.
type SecondFactorRequired struct {
	Next      string    `json:"next" enum:"second_factor"`
	FlowID    string    `json:"flow_id"`
	Methods   []string  `json:"methods"`
	ExpiresAt time.Time `json:"expires_at"`
}

// User is a user as they and their applications see them.
type User struct {
	ID            string    `json:"id" example:"usr_…"`
	Email         *string   `json:"email" example:"ada@example.com" doc:"The primary address; null where a provider gave none."`
	EmailVerified bool      `json:"email_verified" example:"false"`
	Name          string    `json:"name" example:"Ada Lovelace"`
	Picture       *string   `json:"picture"`
	Locale        string    `json:"locale" example:"en"`
	CreatedAt     time.Time `json:"created_at"`
}

// AccountRef is an account with the caller's role in it, or null.
type AccountRef struct {
	_ struct{} `nullable:"true"`

	ID   string `json:"id" example:"acc_…"`
	Name string `json:"name" example:"Ada Lovelace"`
	Slug string `json:"slug" example:"ada-lovelace"`
	Role string `json:"role" enum:"owner,admin,member"`
}

func userOf(u watchword.User) User {
	return User{
		ID: string(u.ID), Email: orNull(u.Email), EmailVerified: u.EmailVerified, Name: u.Name,
		Picture: orNull(u.Picture), Locale: u.Locale, CreatedAt: seconds(u.CreatedAt),
	}
}

func accountOf(a watchword.Account, role watchword.Role) *AccountRef {
	if a.ID == "" {
		return nil
	}
	return &AccountRef{ID: string(a.ID), Name: a.Name, Slug: a.Slug, Role: string(role)}
}

func orNull[T ~string](text T) *string {
	if text == "" {
		return nil
	}
	s := string(text)
	return &s
}

// timeOrNull is null for the zero time.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = seconds(t)
	return &t
}

// seconds is how exactly times are told.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func textsOf[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = string(t)
	}
	return texts
}

// resultOutput is an AuthenticationResult with the cookies that go with it.
type resultOutput struct {
	Body AuthenticationResult
}

func (a *API) resultBody(g session.Grant, mode watchword.SessionMode) AuthenticationResult {
	body := AuthenticationResult{
		TokenType: "Bearer", ExpiresIn: g.AccessExpiresAt.Unix() - a.Clock().Unix(),
		RefreshExpiresAt: seconds(g.Session.RefreshExpiresAt()), SessionID: string(g.Session.ID),
		User: userOf(g.User), Account: accountOf(g.Account, g.Role), AMR: textsOf(g.Session.AMR),
	}
	if mode.Body() {
		body.AccessToken, body.RefreshToken = g.AccessToken.Reveal(), g.RefreshToken.Reveal()
	}
	return body
}

// started is the answer to a call that began a session. Where it sets cookies it
// also marks the browser as one in which its owner has signed in.
func (a *API) started(ctx context.Context, r signin.Result) (*resultOutput, error) {
	mode := r.Grant.Session.Mode
	out := &resultOutput{Body: a.resultBody(r.Grant, mode)}
	out.Body.IsNewUser, out.Body.Next = r.IsNewUser, orNull(r.Next)
	if !mode.Cookies() {
		return out, nil
	}
	a.endTwins(ctx)
	a.setCookies(ctx, r.Grant)
	return out, a.Devices.Mark(writerOf(ctx), r.Device)
}
