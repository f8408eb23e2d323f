package upstream

import (
	"regexp"
	"strings"
)

// gitlabIssuer is one's own GitLab, or the one that all share.
func gitlabIssuer(s Settings) string { return firstOf(s.Issuer, "https://gitlab.com") }

var discordAvatar = regexp.MustCompile(`^[0-9a-z_]{1,64}$`)

// readDiscord reads https://docs.discord.com/developers/resources/user#user-object.
func readDiscord(a answer) Person {
	id, avatar := a.claims.text("id"), a.claims.text("avatar")
	person := Person{
		Subject: id,
		Email:   a.claims.text("email"),
		Name:    firstOf(a.claims.text("global_name"), a.claims.text("username")),
		Locale:  a.claims.text("locale"),
	}
	if discordAvatar.MatchString(avatar) && discordAvatar.MatchString(id) {
		person.Picture = "https://cdn.discordapp.com/avatars/" + id + "/" + avatar + ".png"
	}
	return person
}

// readFacebook reads https://developers.facebook.com/docs/graph-api/reference/user/.
// Its ids differ from app to app.
func readFacebook(a answer) Person {
	return Person{
		Subject: a.claims.text("id"),
		Email:   a.claims.text("email"),
		Name:    a.claims.text("name"),
		Picture: a.claims.text("picture.data.url"),
	}
}

// readLinkedIn reads standard claims, but for the locale, which is an object.
func readLinkedIn(a answer) Person {
	return Person{
		Subject: a.claims.text("sub"),
		Email:   a.claims.text("email"),
		Name:    a.claims.text("name"),
		Picture: a.claims.text("picture"),
		Locale:  a.claims.text("locale.language"),
	}
}

// slackSubject names the workspace as well: Slack guarantees that a user's id is
// unique only together with it, https://docs.slack.dev/reference/methods/users.identity.
func slackSubject(token claims) string {
	team, user := token.text("https://slack.com/team_id"), token.text("sub")
	if team == "" || user == "" {
		return ""
	}
	return team + "/" + user
}

// readBitbucket reads https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/.
func readBitbucket(a answer) Person {
	page, _ := a.more.(map[string]any)
	return Person{
		Subject: a.claims.text("uuid"), // names can be given up and taken by another
		Email:   primaryOf(page["values"], "is_primary").text("email"),
		Name:    firstOf(a.claims.text("display_name"), a.claims.text("nickname")),
		Picture: a.claims.text("links.avatar.href"),
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

// readX reads https://docs.x.com/x-api/users/get-my-user, asked twice.
func readX(a answer) Person {
	more, _ := a.more.(map[string]any)
	return Person{
		Subject: a.claims.text("data.id"),
		Email:   claims(more).text("data.confirmed_email"),
		Name:    firstOf(a.claims.text("data.name"), a.claims.text("data.username")),
		Picture: a.claims.text("data.profile_image_url"),
	}
}

// primaryOf is the entry of a list of addresses that is marked as the primary one.
func primaryOf(emails any, mark string) claims {
	list, _ := emails.([]any)
	for _, one := range list {
		if email, ok := one.(map[string]any); ok && claims(email).yes(mark) {
			return email
		}
	}
	return nil
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

