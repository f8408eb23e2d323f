package upstream

import (
	"maps"
	"slices"
)

// Presets are the names of the presets.
func Presets() []string { return slices.Sorted(maps.Keys(presets())) }

// presets are those that are built in, by the name that settings give them. What
// is odd about one stands in a file of its name.
func presets() map[string]preset {
	return map[string]preset{
		"google": {
			docs:   "https://developers.google.com/identity/openid-connect/openid-connect",
			name:   "Google",
			kind:   TypeOIDC,
			issuer: always("https://accounts.google.com"),
			scopes: []string{"openid", "email", "profile"},
			// The ID token says all.
			skipsUserinfo: true,
			proves:        provesGoogle,
		},
		"github": {
			docs:         "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
			name:         "GitHub",
			kind:         TypeOAuth2,
			issuer:       always("https://github.com"),
			authorizeURL: "https://github.com/login/oauth/authorize",
			tokenURL:     "https://github.com/login/oauth/access_token",
			userinfoURL:  "https://api.github.com/user",
			moreURL:      "https://api.github.com/user/emails?per_page=100",
			scopes:       []string{"read:user", "user:email"},
			auth:         authPost,
			headers:      map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
			read:         readGitHub,
			proves:       provesGitHub,
		},
		"microsoft": {
			docs:          "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
			name:          "Microsoft",
			kind:          TypeOIDC,
			issuer:        microsoftIssuer,
			template:      &issuerTemplate{announced: microsoftAnnounced, issued: microsoftIssued},
			scopes:        []string{"openid", "email", "profile"},
			auth:          authPost,
			skipsUserinfo: true, // it is one of Microsoft Graph
			proves:        provesMicrosoft,
		},
		"apple": {
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
		},
		"gitlab": {
			docs:   "https://docs.gitlab.com/integration/openid_connect_provider/",
			name:   "GitLab",
			kind:   TypeOIDC,
			issuer: gitlabIssuer,
			scopes: []string{"openid", "email", "profile"},
			proves: never, // whoever runs a GitLab decides what it calls verified
		},
		"discord": {
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
		},
		"facebook": {
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
		},
		"linkedin": {
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
		},
		"slack": {
			docs:      "https://docs.slack.dev/authentication/sign-in-with-slack/",
			name:      "Slack",
			kind:      TypeOIDC,
			issuer:    always("https://slack.com"),
			scopes:    []string{"openid", "profile", "email"},
			auth:      authPost,
			lacksPKCE: true,
			subject:   slackSubject,
			proves:    never,
		},
		"bitbucket": {
			docs:         "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
			name:         "Bitbucket",
			kind:         TypeOAuth2,
			issuer:       always("https://bitbucket.org"),
			authorizeURL: "https://bitbucket.org/site/oauth2/authorize",
			tokenURL:     "https://bitbucket.org/site/oauth2/access_token",
			userinfoURL:  "https://api.bitbucket.org/2.0/user",
			moreURL:      "https://api.bitbucket.org/2.0/user/emails?pagelen=100",
			scopes:       []string{"account", "email"},
			auth:         authBasic,
			lacksPKCE:    true,
			read:         readBitbucket,
			proves:       never,
		},
		"twitch": {
			docs:          "https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/",
			name:          "Twitch",
			kind:          TypeOIDC,
			issuer:        always("https://id.twitch.tv/oauth2"),
			scopes:        []string{"openid", "user:read:email"},
			params:        map[string]string{"claims": twitchClaims}, // without it the ID token says sub alone
			auth:          authPost,
			lacksPKCE:     true,
			skipsUserinfo: true,
			read:          readTwitch,
			proves:        never,
		},
		"x": {
			docs:         "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
			name:         "X",
			kind:         TypeOAuth2,
			issuer:       always("https://x.com"),
			authorizeURL: "https://x.com/i/oauth2/authorize",
			tokenURL:     "https://api.x.com/2/oauth2/token",
			userinfoURL:  "https://api.x.com/2/users/me?user.fields=profile_image_url",
			moreURL:      "https://api.x.com/2/users/me?user.fields=confirmed_email", // refused to an app without that permission
			scopes:       []string{"users.read", "tweet.read", "users.email"},
			auth:         authBasic,
			read:         readX,
			proves:       never,
		},
	}
}

// always is an issuer that no setting changes.
func always(issuer string) func(Settings) string {
	return func(Settings) string { return issuer }
}

// never is for providers whose documentation does not say that an address was
// proven to them, or that it still is the person's.
func never(Settings, answer, string) bool { return false }
