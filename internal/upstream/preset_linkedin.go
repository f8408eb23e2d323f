package upstream

func presetLinkedIn() preset {
	return preset{
		docs: "https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
		name: "LinkedIn",
		// Its ID tokens carry no nonce, and their issuer has been two in its time.
		// Userinfo says the same, and nothing has to be compared.
		kind:         TypeOAuth2,
		issuer:       always("https://www.linkedin.com"),
		authorizeURL: "https://www.linkedin.com/oauth/v2/authorization",
		tokenURL:     "https://www.linkedin.com/oauth/v2/accessToken",
		userinfoURL:  "https://api.linkedin.com/v2/userinfo",
		scopes:       []string{"openid", "profile", "email"},
		auth:         authPost,
		lacksPKCE:    true,
		read:         readLinkedIn,
		proves:       never,
	}
}

// readLinkedIn reads standard claims, but for the locale, which is an object.
func readLinkedIn(a answer) Person {
	return Person{
		Subject: a.claims.subject("sub"),
		Email:   a.claims.text("email"),
		Name:    a.claims.text("name"),
		Picture: a.claims.text("picture"),
		Locale:  a.claims.text("locale.language"),
	}
}
