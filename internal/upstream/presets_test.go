package upstream_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/upstream"
)

// documented is what a provider's documentation asks of us and answers to it.
type documented struct {
	settings  upstream.Settings
	at        places
	authorize string            // where people are sent, without the query
	sent      map[string]string // what they are sent with, besides what all are
	pkce      bool
	auth      string // "basic" or "post"
	headers   map[string]string
	person    upstream.Person
}

const tenant = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"

func google() documented {
	return documented{
		settings:  upstream.Settings{Preset: "google"},
		at:        places{discovery: "https://accounts.google.com/.well-known/openid-configuration"},
		authorize: "https://accounts.google.com/o/oauth2/v2/auth",
		sent:      map[string]string{"scope": "openid email profile"},
		pkce:      true,
		auth:      "post",
		person: upstream.Person{
			Issuer: "https://accounts.google.com", Subject: "10769150350006150715113082367",
			Email: "jsmith@example.com", Proof: upstream.AddressProven, Name: "Jane Smith",
			Picture: "https://lh3.googleusercontent.com/a/made-up=s96-c",
		},
	}
}

func gitHub() documented {
	return documented{
		settings: upstream.Settings{Preset: "github"},
		at: places{
			token:    "https://github.com/login/oauth/access_token",
			userinfo: "https://api.github.com/user",
			more:     "https://api.github.com/user/emails?per_page=100",
		},
		authorize: "https://github.com/login/oauth/authorize",
		sent:      map[string]string{"scope": "read:user user:email"},
		pkce:      true,
		auth:      "post",
		headers:   map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
		person: upstream.Person{
			Issuer: "https://github.com", Subject: "9007199254740993", // no float holds it
			Email: "octocat@github.com", Proof: upstream.AddressProven, Name: "monalisa octocat",
			Picture: "https://github.com/images/error/octocat_happy.gif",
		},
	}
}

func microsoft() documented {
	return documented{
		settings:  upstream.Settings{Preset: "microsoft", Tenant: tenant, EmailDomains: []string{"contoso.com"}},
		at:        places{discovery: "https://login.microsoftonline.com/" + tenant + "/v2.0/.well-known/openid-configuration"},
		authorize: "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/authorize",
		sent:      map[string]string{"scope": "openid email profile"},
		pkce:      true,
		auth:      "post",
		person: upstream.Person{
			Issuer:  "https://login.microsoftonline.com/" + tenant + "/v2.0",
			Subject: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
			Email:   "AbeLi@contoso.com", Proof: upstream.AddressProven, Name: "Abe Lincoln",
		},
	}
}

func apple() documented {
	return documented{
		settings:  upstream.Settings{Preset: "apple"},
		at:        places{discovery: "https://appleid.apple.com/.well-known/openid-configuration"},
		authorize: "https://appleid.apple.com/auth/authorize",
		sent:      map[string]string{"scope": "openid email name", "response_mode": "form_post"},
		auth:      "post",
		person: upstream.Person{
			Issuer: "https://appleid.apple.com", Subject: "000792.d71059495fa24644b94e4a644e2e3b4a.0638",
			Email: "dpdcnf87nu@privaterelay.appleid.com", Proof: upstream.AddressProven,
		},
	}
}

func gitLab() documented {
	return documented{
		settings:  upstream.Settings{Preset: "gitlab"},
		at:        places{discovery: "https://gitlab.com/.well-known/openid-configuration"},
		authorize: "https://gitlab.com/oauth/authorize",
		sent:      map[string]string{"scope": "openid email profile"},
		pkce:      true,
		auth:      "basic",
		person: upstream.Person{
			Issuer: "https://gitlab.com", Subject: "1234567",
			Email: "sidney@example.com", Proof: upstream.AddressUnproven, Name: "Sidney Jones",
			Picture: "https://gitlab.com/uploads/-/system/user/avatar/1234567/avatar.png",
		},
	}
}

func discord() documented {
	return documented{
		settings:  upstream.Settings{Preset: "discord"},
		at:        places{token: "https://discord.com/api/oauth2/token", userinfo: "https://discord.com/api/v10/users/@me"},
		authorize: "https://discord.com/oauth2/authorize",
		sent:      map[string]string{"scope": "identify email"},
		pkce:      true,
		auth:      "basic",
		person: upstream.Person{
			Issuer: "https://discord.com", Subject: "80351110224678912",
			Email: "nelly@discord.com", Proof: upstream.AddressUnproven, Name: "Nelly", Locale: "en-US",
			Picture: "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png",
		},
	}
}

func facebook() documented {
	return documented{
		settings: upstream.Settings{Preset: "facebook"},
		at: places{
			token:    "https://graph.facebook.com/v25.0/oauth/access_token",
			userinfo: "https://graph.facebook.com/v25.0/me?fields=id,name,email,picture",
		},
		authorize: "https://www.facebook.com/v25.0/dialog/oauth",
		sent:      map[string]string{"scope": "public_profile email"},
		auth:      "post",
		person: upstream.Person{
			Issuer: "https://www.facebook.com", Subject: "10158399349811729",
			Email: "sam@example.com", Proof: upstream.AddressUnproven, Name: "Sam Example",
			Picture: "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=10158399349811729",
		},
	}
}

func linkedIn() documented {
	return documented{
		settings:  upstream.Settings{Preset: "linkedin"},
		at:        places{token: "https://www.linkedin.com/oauth/v2/accessToken", userinfo: "https://api.linkedin.com/v2/userinfo"},
		authorize: "https://www.linkedin.com/oauth/v2/authorization",
		sent:      map[string]string{"scope": "openid profile email"},
		auth:      "post",
		person: upstream.Person{
			Issuer: "https://www.linkedin.com", Subject: "782bbtaQ",
			Email: "doe@email.com", Proof: upstream.AddressUnproven, Name: "John Doe", Locale: "en",
			Picture: "https://media.licdn-ei.com/dms/image/C5F03AQHqK8v7tB1HCQ/profile-displayphoto-shrink_100_100/0/",
		},
	}
}

func slack() documented {
	return documented{
		settings:  upstream.Settings{Preset: "slack"},
		at:        places{discovery: "https://slack.com/.well-known/openid-configuration"},
		authorize: "https://slack.com/openid/connect/authorize",
		sent:      map[string]string{"scope": "openid profile email"},
		auth:      "post",
		person: upstream.Person{
			Issuer: "https://slack.com", Subject: "T0123ABC456/U123ABC456",
			Email: "alice@example.com", Proof: upstream.AddressUnproven, Name: "Alice", Locale: "en-US",
			Picture: "https://secure.gravatar.com/avatar/made-up.png",
		},
	}
}

func bitbucket() documented {
	return documented{
		settings: upstream.Settings{Preset: "bitbucket"},
		at: places{
			token:    "https://bitbucket.org/site/oauth2/access_token",
			userinfo: "https://api.bitbucket.org/2.0/user",
			more:     "https://api.bitbucket.org/2.0/user/emails?pagelen=100",
		},
		authorize: "https://bitbucket.org/site/oauth2/authorize",
		sent:      map[string]string{"scope": "account email"},
		auth:      "basic",
		person: upstream.Person{
			Issuer: "https://bitbucket.org", Subject: "{d301aafa-d676-4ee0-88be-962be7417567}",
			Email: "erik@example.com", Proof: upstream.AddressUnproven, Name: "Erik van Zijst",
			Picture: "https://secure.gravatar.com/avatar/made-up?d=initials",
		},
	}
}

func twitch() documented {
	return documented{
		settings:  upstream.Settings{Preset: "twitch"},
		at:        places{discovery: "https://id.twitch.tv/oauth2/.well-known/openid-configuration"},
		authorize: "https://id.twitch.tv/oauth2/authorize",
		sent: map[string]string{
			"scope":  "openid user:read:email",
			"claims": `{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}`,
		},
		auth: "post",
		person: upstream.Person{
			Issuer: "https://id.twitch.tv/oauth2", Subject: "713936733",
			Email: "scotwht@justin.tv", Proof: upstream.AddressUnproven, Name: "ScottWhite",
			Picture: "https://static-cdn.jtvnw.net/jtv_user_pictures/made-up-profile_image-300x300.png",
		},
	}
}

func x() documented {
	return documented{
		settings: upstream.Settings{Preset: "x"},
		at: places{
			token:    "https://api.x.com/2/oauth2/token",
			userinfo: "https://api.x.com/2/users/me?user.fields=profile_image_url",
			more:     "https://api.x.com/2/users/me?user.fields=confirmed_email",
		},
		authorize: "https://x.com/i/oauth2/authorize",
		sent:      map[string]string{"scope": "users.read tweet.read users.email"},
		pkce:      true,
		auth:      "basic",
		person: upstream.Person{
			Issuer: "https://x.com", Subject: "2244994945",
			Email: "dev@example.com", Proof: upstream.AddressUnproven, Name: "X Dev",
			Picture: "https://pbs.twimg.com/profile_images/made-up_normal.jpg",
		},
	}
}

func all() []documented {
	return []documented{
		google(), gitHub(), microsoft(), apple(), gitLab(), discord(),
		facebook(), linkedIn(), slack(), bitbucket(), twitch(), x(),
	}
}

// replay opens the recording of a provider.
func (d documented) replay(t *testing.T) *recording {
	t.Helper()
	r := replay(t, d.settings, d.at)
	r.headers = d.headers
	if d.settings.Preset == "microsoft" {
		r.placeMicrosoft(d.settings.Tenant, "https://login.microsoftonline.com/"+d.settings.Tenant+"/v2.0")
	}
	return r
}

func TestEveryPresetIsRecorded(t *testing.T) {
	t.Parallel()
	var recorded []string
	for _, d := range all() {
		recorded = append(recorded, d.settings.Preset)
	}
	sorted := upstream.Presets()
	if len(recorded) != len(sorted) {
		t.Errorf("recorded are %v of %v", recorded, sorted)
	}
}

func TestPresetSendsPeopleAsDocumented(t *testing.T) {
	t.Parallel()
	for _, d := range all() {
		t.Run(d.settings.Preset, func(t *testing.T) {
			t.Parallel()
			there, err := d.replay(t).depart()
			if err != nil {
				t.Fatal(err)
			}
			query := there.Query()
			for name, want := range map[string]string{
				"response_type": "code", "client_id": clientID, "redirect_uri": callback, "state": "state-1",
			} {
				if got := query[name]; len(got) != 1 || got[0] != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
				query.Del(name)
			}
			there.RawQuery = ""
			if there.String() != d.authorize {
				t.Errorf("people are sent to %s, want %s", there, d.authorize)
			}
			if got := query.Get("code_challenge_method"); (got == "S256") != d.pkce || query.Has("code_challenge") != d.pkce {
				t.Errorf("code_challenge_method is %q, PKCE is documented: %t", got, d.pkce)
			}
			if oidc := d.at.discovery != ""; query.Has("nonce") != oidc {
				t.Errorf("a nonce is sent: %t, and comes back in an ID token: %t", query.Has("nonce"), oidc)
			}
			query.Del("code_challenge")
			query.Del("code_challenge_method")
			query.Del("nonce")
			sent := map[string]string{}
			for name := range query {
				sent[name] = query.Get(name)
			}
			if diff := cmp.Diff(d.sent, sent); diff != "" {
				t.Errorf("people are sent with something else (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPresetReadsWhatIsDocumented(t *testing.T) {
	t.Parallel()
	for _, d := range all() {
		t.Run(d.settings.Preset, func(t *testing.T) {
			t.Parallel()
			r := d.replay(t)
			person, err := r.signIn("")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d.person, person); diff != "" {
				t.Errorf("somebody else was read (-want +got):\n%s", diff)
			}
			checkClientAuth(t, d.auth, r.exchanges())
		})
	}
}

func checkClientAuth(t *testing.T, auth string, exchanges []asked) {
	t.Helper()
	if len(exchanges) != 1 {
		t.Fatalf("the code was exchanged %d times", len(exchanges))
	}
	form, header := exchanges[0].form, exchanges[0].header.Get("Authorization")
	switch auth {
	case "basic":
		pair, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(header, "Basic "))
		if string(pair) != url.QueryEscape(clientID)+":"+clientSecret || form.Has("client_secret") {
			t.Errorf("the client showed %q, and a secret in the form: %t", pair, form.Has("client_secret"))
		}
	default:
		if form.Get("client_id") != clientID || form.Get("client_secret") != clientSecret || header != "" {
			t.Errorf("the client showed %q and Authorization %q", form, header)
		}
	}
}
