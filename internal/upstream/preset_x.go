package upstream

import "cmp"

func presetX() preset {
	return preset{
		docs:         "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
		name:         "X",
		kind:         TypeOAuth2,
		issuer:       always("https://x.com"),
		authorizeURL: "https://x.com/i/oauth2/authorize",
		tokenURL:     "https://api.x.com/2/oauth2/token",
		userinfoURL:  "https://api.x.com/2/users/me?user.fields=profile_image_url",
		moreURL:      "https://api.x.com/2/users/me?user.fields=confirmed_email", // refused to an app without that permission
		scopes:       []string{"users.read", "tweet.read", "users.email"},
		auth:         authBasic,
		read:         readX,
		proves:       never,
	}
}

// readX reads https://docs.x.com/x-api/users/get-my-user, asked twice.
func readX(a answer) Person {
	more, _ := a.more.(map[string]any)
	return Person{
		Subject: a.claims.subject("data.id"),
		Email:   claims(more).text("data.confirmed_email"),
		Name:    cmp.Or(a.claims.text("data.name"), a.claims.text("data.username")),
		Picture: a.claims.text("data.profile_image_url"),
	}
}
