package upstream

import "strings"

const appleIssuer = "https://appleid.apple.com"

func presetApple() preset {
	return preset{
		docs:           "https://developer.apple.com/documentation/signinwithapplerestapi",
		name:           "Apple",
		kind:           TypeOIDC,
		issuer:         always(appleIssuer),
		scopes:         []string{"openid", "email", "name"},
		params:         map[string]string{"response_mode": "form_post"}, // with scopes it answers no other way
		auth:           authPost,
		secretAudience: appleIssuer,
		lacksPKCE:      true,
		skipsUserinfo:  true,
		read:           readApple,
		proves:         provesApple,
	}
}

// readApple takes the name from the form field that comes with the first sign-in,
// and never again. Nobody has signed that field: its address is left alone.
func readApple(a answer) Person {
	return Person{
		Email: a.token.text("email"),
		Name:  strings.TrimSpace(a.user.text("name.firstName") + " " + a.user.text("name.lastName")),
	}
}

// provesApple takes the text "true" as well: the claim is documented as a string
// or boolean. It is false for accounts that a company or school has made.
func provesApple(_ Settings, a answer, _ string) bool {
	verified := a.token["email_verified"]
	return verified == true || verified == "true"
}
