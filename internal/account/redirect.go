package account

import (
	"watchword"
	"watchword/internal/store"
)

// ErrRedirectNotAllowed says that a redirect URI is not on the client's list. It
// is never redirected to.
var ErrRedirectNotAllowed = watchword.NewError(watchword.KindMalformed, "redirect_uri_not_allowed",
	"This redirect_uri is not on the client application's list.")

// Return is where a link leads back to once it has done its work.
type Return struct {
	RedirectURI   string // empty: nowhere
	State         string // the client's own, given back to it
	CodeChallenge string // PKCE S256 (RFC 7636): asks for a code instead of cookies
}

var (
	errReturnWithoutURI = watchword.InvalidField("redirect_uri", "required", "state and code_challenge need a redirect_uri.")
	errChallenge        = watchword.InvalidField("code_challenge", "invalid", "This must be a PKCE S256 challenge: 43 characters of base64url.")
)

// Check refuses what the client does not list.
func (r Return) Check(client watchword.Client) error {
	if r.RedirectURI == "" {
		if r.CodeChallenge != "" || r.State != "" {
			return errReturnWithoutURI
		}
		return nil
	}
	if !client.AllowsRedirect(r.RedirectURI) {
		return ErrRedirectNotAllowed
	}
	if r.CodeChallenge != "" && !s256Challenge(r.CodeChallenge) {
		return errChallenge
	}
	return nil
}

// returnOf is where a link leads back to: nowhere, if its page was taken off the
// client's list since.
func returnOf(t store.OneTimeToken, find func(watchword.ClientID) (watchword.Client, bool)) Return {
	if t.RedirectURI == "" {
		return Return{}
	}
	if client, ok := find(t.ClientID); !ok || !client.AllowsRedirect(t.RedirectURI) {
		return Return{}
	}
	return Return{RedirectURI: t.RedirectURI, State: t.State, CodeChallenge: t.CodeChallenge}
}

// s256Challenge says whether this is the base64url of 256 bits (RFC 7636 §4.2).
func s256Challenge(text string) bool {
	if len(text) != 43 {
		return false
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
