package watchword

import (
	"slices"
	"strings"
)

// OAuthScope is what a client application may be granted when it has somebody
// sign in: how much it learns of them. It is no scope of API keys.
type OAuthScope string

// The scopes that a client can be granted (OpenID Connect Core §3.1.2.1, §5.4, §11).
const (
	OAuthOpenID  OAuthScope = "openid" // an ID token, and userinfo
	OAuthEmail   OAuthScope = "email"
	OAuthProfile OAuthScope = "profile"
	OAuthOffline OAuthScope = "offline_access" // a refresh token, which everybody gets
)

// OAuthScopes lists every one, in the order in which they are granted.
func OAuthScopes() []OAuthScope {
	return []OAuthScope{OAuthOpenID, OAuthEmail, OAuthProfile, OAuthOffline}
}

// GrantOAuthScope is what is granted of the scope that a client asks for: what
// there is here, each once. The rest is left out (RFC 6749 §3.3): whoever asks for
// admin, which anybody can write into a link, must not get a token that says so.
func GrantOAuthScope(asked string) string {
	words := strings.Split(asked, " ")
	granted := make([]string, 0, len(OAuthScopes()))
	for _, scope := range OAuthScopes() {
		if slices.Contains(words, string(scope)) {
			granted = append(granted, string(scope))
		}
	}
	return strings.Join(granted, " ")
}

// In says whether a granted scope holds this one.
func (s OAuthScope) In(granted string) bool {
	return slices.Contains(strings.Split(granted, " "), string(s))
}
