package upstream

func presetGoogle() preset {
	return preset{
		docs:          "https://developers.google.com/identity/openid-connect/openid-connect",
		name:          "Google",
		kind:          TypeOIDC,
		issuer:        always("https://accounts.google.com"),
		scopes:        []string{"openid", "email", "profile"},
		auth:          authPost,
		skipsUserinfo: true,
		proves:        provesGoogle,
	}
}

// provesGoogle follows Google's own rule for when it is the authority on an
// address: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token.
// A Google account may be made with any address; that it was verified then does
// not say whose it is now.
func provesGoogle(_ Settings, a answer, address string) bool {
	if !a.token.yes("email_verified") {
		return false
	}
	domain, ok := domainOf(address)
	return ok && (domain == "gmail.com" || domain == "googlemail.com" ||
		a.token.text("hd") != "") // hosted by Google for its organisation
}
