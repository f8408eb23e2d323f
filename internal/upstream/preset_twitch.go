package upstream

func presetTwitch() preset {
	return preset{
		docs:          "https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/",
		name:          "Twitch",
		kind:          TypeOIDC,
		issuer:        always("https://id.twitch.tv/oauth2"),
		scopes:        []string{"openid", "user:read:email"},
		params:        map[string]string{"claims": twitchClaims}, // without it the ID token says sub alone
		auth:          authPost,
		lacksPKCE:     true,
		skipsUserinfo: true,
		read:          readTwitch,
		proves:        never,
	}
}

const twitchClaims = `{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}`

// readTwitch takes the display name, which Twitch calls preferred_username.
func readTwitch(a answer) Person {
	return Person{
		Email:   a.token.text("email"),
		Name:    a.token.text("preferred_username"),
		Picture: a.token.text("picture"),
	}
}
