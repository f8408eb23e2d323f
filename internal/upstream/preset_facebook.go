package upstream

func presetFacebook() preset {
	return preset{
		docs:         "https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow",
		name:         "Facebook",
		kind:         TypeOAuth2,
		issuer:       always("https://www.facebook.com"),
		authorizeURL: "https://www.facebook.com/v25.0/dialog/oauth",
		tokenURL:     "https://graph.facebook.com/v25.0/oauth/access_token",
		userinfoURL:  "https://graph.facebook.com/v25.0/me?fields=id,name,email,picture",
		scopes:       []string{"public_profile", "email"},
		auth:         authPost,
		lacksPKCE:    true,
		read:         readFacebook,
		proves:       never,
	}
}

// readFacebook reads https://developers.facebook.com/docs/graph-api/reference/user/.
// Its ids differ from app to app.
func readFacebook(a answer) Person {
	return Person{
		Subject: a.claims.subject("id"),
		Email:   a.claims.text("email"),
		Name:    a.claims.text("name"),
		Picture: a.claims.text("picture.data.url"),
	}
}
