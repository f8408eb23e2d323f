package upstream

import "cmp"

func presetGitHub() preset {
	return preset{
		docs:         "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
		name:         "GitHub",
		kind:         TypeOAuth2,
		issuer:       always("https://github.com"),
		authorizeURL: "https://github.com/login/oauth/authorize",
		tokenURL:     "https://github.com/login/oauth/access_token",
		userinfoURL:  "https://api.github.com/user",
		moreURL:      "https://api.github.com/user/emails?per_page=100",
		scopes:       []string{"read:user", "user:email"},
		auth:         authPost,
		headers:      map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
		read:         readGitHub,
		proves:       provesGitHub,
	}
}

// readGitHub reads https://docs.github.com/en/rest/users/users#get-the-authenticated-user,
// and of https://docs.github.com/en/rest/users/emails the primary address: the one
// in the profile is for show, and missing where it is kept private.
func readGitHub(a answer) Person {
	email := primaryOf(a.more, "primary").text("email")
	if email == "" {
		email = a.claims.text("email")
	}
	return Person{
		Subject: a.claims.subject("id"), // a number; the login can be given up and taken by another
		Email:   email,
		Name:    cmp.Or(a.claims.text("name"), a.claims.text("login")),
		Picture: a.claims.text("avatar_url"),
	}
}

func provesGitHub(_ Settings, a answer, address string) bool {
	primary := primaryOf(a.more, "primary")
	return primary.text("email") == address && primary.yes("verified")
}
