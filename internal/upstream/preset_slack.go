package upstream

func presetSlack() preset {
	return preset{
		docs:      "https://docs.slack.dev/authentication/sign-in-with-slack/",
		name:      "Slack",
		kind:      TypeOIDC,
		issuer:    always("https://slack.com"),
		scopes:    []string{"openid", "profile", "email"},
		auth:      authPost,
		lacksPKCE: true,
		subject:   slackSubject,
		proves:    never,
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
