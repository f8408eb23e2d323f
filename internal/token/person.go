package token

import "watchword"

// Person is what a client learns of a user, by the scopes that it was granted
// (OpenID Connect Core §5.1, §5.4). What there is none of is left out.
type Person struct {
	Email         string `json:"email,omitempty"`
	EmailVerified *bool  `json:"email_verified,omitempty"` // nil where there is no address to speak of
	Name          string `json:"name,omitempty"`
	Picture       string `json:"picture,omitempty"`
	Locale        string `json:"locale,omitempty"`
}

// PersonOf is as much of a user as the scope tells.
func PersonOf(user watchword.User, scope string) Person {
	var p Person
	if watchword.OAuthEmail.In(scope) && user.Email != "" {
		p.Email, p.EmailVerified = user.Email, new(user.EmailVerified)
	}
	if watchword.OAuthProfile.In(scope) {
		p.Name, p.Picture, p.Locale = user.Name, user.Picture, user.Locale
	}
	return p
}

// UserInfo is the answer of the userinfo endpoint (OpenID Connect Core §5.3.2).
type UserInfo struct {
	Subject watchword.UserID `json:"sub"`
	Person
}
