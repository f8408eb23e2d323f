package upstream

// readGitHub reads https://docs.github.com/en/rest/users/users#get-the-authenticated-user,
// and of https://docs.github.com/en/rest/users/emails the primary address: the one
// in the profile is for show, and missing where it is kept private.
func readGitHub(a answer) Person {
	email := primaryOf(a.more, "primary").text("email")
	if email == "" {
		email = a.claims.text("email")
	}
	return Person{
		Subject: a.claims.text("id"), // a number; the login can be given up and taken by another
		Email:   email,
		Name:    firstOf(a.claims.text("name"), a.claims.text("login")),
		Picture: a.claims.text("avatar_url"),
	}
}

func provesGitHub(_ Settings, a answer, address string) bool {
	primary := primaryOf(a.more, "primary")
	return address != "" && primary.text("email") == address && primary.yes("verified")
}
