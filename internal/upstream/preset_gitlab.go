package upstream

import "cmp"

func presetGitLab() preset {
	return preset{
		docs:   "https://docs.gitlab.com/integration/openid_connect_provider/",
		name:   "GitLab",
		kind:   TypeOIDC,
		issuer: gitlabIssuer,
		scopes: []string{"openid", "email", "profile"},
		proves: never, // whoever runs a GitLab decides what it calls verified
	}
}

// gitlabIssuer is one's own GitLab, or the one that all share.
func gitlabIssuer(s Settings) string { return cmp.Or(s.Issuer, "https://gitlab.com") }
