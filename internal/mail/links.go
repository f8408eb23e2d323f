package mail

import (
	"net/url"

	"watchword/internal/secret"
)

// Links makes the links that people get. They come from the public URL alone:
// nothing that a request says of its host ever reaches a mail.
type Links struct {
	PublicURL string // scheme://host[:port]
}

// The paths behind the links.
const (
	VerifyEmailPath   = "/auth/verify-email"
	MagicLinkPath     = "/auth/sign-in/token"
	AcceptInvitePath  = "/auth/accept-invite"
	ResetPasswordPath = "/reset-password"
)

// VerifyEmail leads to the verification of an address.
func (l Links) VerifyEmail(token secret.String) string { return l.to(VerifyEmailPath, token) }

// MagicLink leads to a sign-in.
func (l Links) MagicLink(token secret.String) string { return l.to(MagicLinkPath, token) }

// AcceptInvite leads into an account.
func (l Links) AcceptInvite(token secret.String) string { return l.to(AcceptInvitePath, token) }

// ResetPassword leads to the client's own page, which must be on its list, or
// without one to ours.
func (l Links) ResetPassword(token secret.String, redirectURI string) string {
	if redirectURI == "" {
		return l.to(ResetPasswordPath, token)
	}
	u, err := url.Parse(redirectURI)
	if err != nil {
		return l.to(ResetPasswordPath, token)
	}
	query := u.Query()
	query.Set("token", token.Reveal())
	u.RawQuery = query.Encode()
	return u.String()
}

func (l Links) to(path string, token secret.String) string {
	return l.PublicURL + path + "?token=" + url.QueryEscape(token.Reveal())
}
