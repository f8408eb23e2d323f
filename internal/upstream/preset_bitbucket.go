package upstream

import "cmp"

func presetBitbucket() preset {
	return preset{
		docs:         "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
		name:         "Bitbucket",
		kind:         TypeOAuth2,
		issuer:       always("https://bitbucket.org"),
		authorizeURL: "https://bitbucket.org/site/oauth2/authorize",
		tokenURL:     "https://bitbucket.org/site/oauth2/access_token",
		userinfoURL:  "https://api.bitbucket.org/2.0/user",
		moreURL:      "https://api.bitbucket.org/2.0/user/emails?pagelen=100",
		scopes:       []string{"account", "email"},
		auth:         authBasic,
		lacksPKCE:    true,
		read:         readBitbucket,
		proves:       never,
	}
}

// readBitbucket reads https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/.
func readBitbucket(a answer) Person {
	page, _ := a.more.(map[string]any)
	return Person{
		Subject: a.claims.subject("uuid"), // names can be given up and taken by another
		Email:   primaryOf(page["values"], "is_primary").text("email"),
		Name:    cmp.Or(a.claims.text("display_name"), a.claims.text("nickname")),
		Picture: a.claims.text("links.avatar.href"),
	}
}
