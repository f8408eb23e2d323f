package upstream

// provesGoogle follows Google's own rule for when it is the authority on an
// address: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token.
// A Google account may be made with any address; that it was verified then does
// not say whose it is now.
func provesGoogle(_ Settings, a answer, address string) bool {
	if !a.token.yes("email_verified") {
		return false
	}
	switch domainOf(address) {
	case "gmail.com", "googlemail.com":
		return true
	default:
		return a.token.text("hd") != "" // hosted by Google for its organisation
	}
}
