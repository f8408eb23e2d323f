package upstream

import (
	"cmp"
	"regexp"
)

func presetDiscord() preset {
	return preset{
		docs:         "https://docs.discord.com/developers/topics/oauth2",
		name:         "Discord",
		kind:         TypeOAuth2,
		issuer:       always("https://discord.com"),
		authorizeURL: "https://discord.com/oauth2/authorize",
		tokenURL:     "https://discord.com/api/oauth2/token",
		userinfoURL:  "https://discord.com/api/v10/users/@me",
		scopes:       []string{"identify", "email"},
		auth:         authBasic,
		read:         readDiscord,
		proves:       never,
	}
}

var discordAvatar = regexp.MustCompile(`^[0-9a-z_]{1,64}$`)

// readDiscord reads https://docs.discord.com/developers/resources/user#user-object.
func readDiscord(a answer) Person {
	id, avatar := a.claims.subject("id"), a.claims.text("avatar")
	person := Person{
		Subject: id,
		Email:   a.claims.text("email"),
		Name:    cmp.Or(a.claims.text("global_name"), a.claims.text("username")),
		Locale:  a.claims.text("locale"),
	}
	if discordAvatar.MatchString(avatar) && discordAvatar.MatchString(id) {
		person.Picture = "https://cdn.discordapp.com/avatars/" + id + "/" + avatar + ".png"
	}
	return person
}
