package upstream_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword/internal/upstream"
)

func TestPresetReadsAnswersThatLackSomething(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		documented documented
		file       string
		changes    map[string]any
		want       func(p *upstream.Person)
	}{
		"github without a name": {
			gitHub(), "userinfo",
			map[string]any{"name": nil},
			func(p *upstream.Person) { p.Name = "octocat" },
		},
		"google without a profile": {
			google(), "id_token",
			map[string]any{"name": absent, "given_name": absent, "family_name": absent, "picture": absent},
			func(p *upstream.Person) { p.Name, p.Picture = "", "" },
		},
		"discord without a display name": {
			discord(), "userinfo",
			map[string]any{"global_name": nil},
			func(p *upstream.Person) { p.Name = "nelly" },
		},
		"discord without an address": {
			discord(), "userinfo",
			map[string]any{"email": nil, "verified": false},
			func(p *upstream.Person) { p.Email = "" },
		},
		"discord without an avatar": {
			discord(), "userinfo",
			map[string]any{"avatar": nil},
			func(p *upstream.Person) { p.Picture = "" },
		},
		"discord with a path for an avatar": {
			discord(), "userinfo",
			map[string]any{"avatar": "../../attachments/1/2/x"},
			func(p *upstream.Person) { p.Picture = "" },
		},
		"facebook without an address": { // those who signed up by telephone
			facebook(), "userinfo",
			map[string]any{"email": absent},
			func(p *upstream.Person) { p.Email = "" },
		},
		"facebook without a picture": {
			facebook(), "userinfo",
			map[string]any{"picture": map[string]any{"data": []any{}}},
			func(p *upstream.Person) { p.Picture = "" },
		},
		"linkedin with a plain locale": {
			linkedIn(), "userinfo",
			map[string]any{"locale": "en_US"},
			func(p *upstream.Person) { p.Locale = "" },
		},
		"linkedin without an address": {
			linkedIn(), "userinfo",
			map[string]any{"email": absent, "email_verified": absent},
			func(p *upstream.Person) { p.Email = "" },
		},
		"bitbucket without a primary address": {
			bitbucket(), "more",
			map[string]any{"values": []any{map[string]any{"email": "erik@example.com", "is_confirmed": true}}},
			func(p *upstream.Person) { p.Email = "" },
		},
		"bitbucket without addresses": {
			bitbucket(), "more",
			map[string]any{"values": nil},
			func(p *upstream.Person) { p.Email = "" },
		},
		"twitch without an address": {
			twitch(), "id_token",
			map[string]any{"email": absent, "email_verified": absent},
			func(p *upstream.Person) { p.Email = "" },
		},
		"x without an address": {
			x(), "more",
			map[string]any{"data": map[string]any{"id": "2244994945"}},
			func(p *upstream.Person) { p.Email = "" },
		},
		"x without a name": {
			x(), "userinfo",
			map[string]any{"data": map[string]any{"id": "2244994945", "username": "XDevelopers"}},
			func(p *upstream.Person) { p.Name, p.Picture = "XDevelopers", "" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.documented.replay(t)
			r.edit(c.file, c.changes)
			want := c.documented.person
			c.want(&want)
			person, err := r.signIn("")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, person); diff != "" {
				t.Errorf("somebody else was read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPresetDoesWithoutWhatAnAppIsNotPermitted(t *testing.T) {
	t.Parallel()
	for _, d := range []documented{bitbucket(), x()} {
		t.Run(d.settings.Preset, func(t *testing.T) {
			t.Parallel()
			r := d.replay(t)
			r.refused[r.at.more] = http.StatusForbidden
			d.person.Email = ""
			person, err := r.signIn("")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d.person, person); diff != "" {
				t.Errorf("somebody else was read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPresetLetsNobodyInWithoutASubject(t *testing.T) {
	t.Parallel()
	data := func(id any) map[string]any { return map[string]any{"data": map[string]any{"id": id, "name": "X Dev"}} }
	for name, c := range map[string]struct {
		documented documented
		file       string
		changes    map[string]any
	}{
		"google, none":                     {google(), "id_token", map[string]any{"sub": absent}},
		"google, empty":                    {google(), "id_token", map[string]any{"sub": ""}},
		"github, none":                     {gitHub(), "userinfo", map[string]any{"id": absent}},
		"github, null":                     {gitHub(), "userinfo", map[string]any{"id": nil}},
		"github, object":                   {gitHub(), "userinfo", map[string]any{"id": map[string]any{"id": 1}}},
		"github, true":                     {gitHub(), "userinfo", map[string]any{"id": true}},
		"discord, none":                    {discord(), "userinfo", map[string]any{"id": absent}},
		"facebook, none":                   {facebook(), "userinfo", map[string]any{"id": ""}},
		"linkedin, none":                   {linkedIn(), "userinfo", map[string]any{"sub": absent}},
		"slack, no user":                   {slack(), "id_token", map[string]any{"sub": ""}},
		"slack, no workspace":              {slack(), "id_token", map[string]any{"https://slack.com/team_id": absent}},
		"slack, userinfo of another":       {slack(), "userinfo", map[string]any{"sub": "U999"}},
		"slack, userinfo refused with 200": {slack(), "userinfo", map[string]any{"ok": false, "error": "invalid_auth", "sub": absent}},
		"gitlab, userinfo of another":      {gitLab(), "userinfo", map[string]any{"sub": "1"}},
		"bitbucket, none":                  {bitbucket(), "userinfo", map[string]any{"uuid": absent}},
		"twitch, none":                     {twitch(), "id_token", map[string]any{"sub": absent}},
		"x, none":                          {x(), "userinfo", data(nil)},
		"x, an error with 200":             {x(), "userinfo", map[string]any{"data": absent, "errors": []any{map[string]any{"title": "Forbidden"}}}},
		"x, a list":                        {x(), "userinfo", map[string]any{"data": []any{map[string]any{"id": "2244994945"}}}},
		"github, a bad code with 200":      {gitHub(), "token", map[string]any{"access_token": absent, "error": "bad_verification_code"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.documented.replay(t)
			r.edit(c.file, c.changes)
			if person, err := r.signIn(""); !errors.Is(err, upstream.ErrProvider) {
				t.Errorf("let in is %+v, with %v", person, err)
			}
		})
	}
}

func TestNumberSubjectsKeepTheirDigits(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"1", "583231", "9007199254740993", "18446744073709551615", "123456789012345678901234567890"} {
		r := gitHub().replay(t)
		r.edit("userinfo", map[string]any{"id": json.Number(id)})
		if person, err := r.signIn(""); err != nil || person.Subject != id {
			t.Errorf("%s is %q, with %v", id, person.Subject, err)
		}
	}
}

func TestSlackUserIsTheirWorkspacesAlone(t *testing.T) {
	t.Parallel()
	here, there := slack().replay(t), slack().replay(t)
	there.edit("id_token", map[string]any{"https://slack.com/team_id": "T999"})
	there.edit("userinfo", map[string]any{"https://slack.com/team_id": "T999"})
	one, err := here.signIn("")
	if err != nil {
		t.Fatal(err)
	}
	other, err := there.signIn("")
	if err != nil {
		t.Fatal(err)
	}
	if one.Subject == other.Subject {
		t.Errorf("two workspaces' users are both %q", one.Subject)
	}
}

func TestLinkedInIDTokenIsNotRead(t *testing.T) {
	t.Parallel()
	r := linkedIn().replay(t)
	r.edit("token", map[string]any{"id_token": "not one"})
	if person, err := r.signIn(""); err != nil || person.Subject != linkedIn().person.Subject {
		t.Errorf("read was %q, with %v", person.Subject, err)
	}
}

func TestGitLabOfOnesOwn(t *testing.T) {
	t.Parallel()
	d := gitLab()
	d.settings.Issuer = "https://gitlab.acme.example"
	d.at.discovery = "https://gitlab.acme.example/.well-known/openid-configuration"
	r := d.replay(t)
	r.at.token, r.at.keys = "https://gitlab.acme.example/oauth/token", "https://gitlab.acme.example/oauth/discovery/keys"
	r.at.userinfo = "https://gitlab.acme.example/oauth/userinfo"
	r.edit("discovery", map[string]any{
		"issuer": d.settings.Issuer, "authorization_endpoint": "https://gitlab.acme.example/oauth/authorize",
		"token_endpoint": r.at.token, "jwks_uri": r.at.keys, "userinfo_endpoint": r.at.userinfo,
	})
	r.edit("id_token", map[string]any{"iss": "https://gitlab.com"})
	if person, err := r.signIn(""); !errors.Is(err, upstream.ErrProvider) {
		t.Errorf("a token of gitlab.com lets in %q, with %v", person.Subject, err)
	}
	r.edit("id_token", map[string]any{"iss": d.settings.Issuer})
	if person, err := r.signIn(""); err != nil || person.Issuer != d.settings.Issuer || person.Proof != upstream.AddressUnproven {
		t.Errorf("read was %+v, with %v", person, err)
	}
}

func TestPresetAsksForTheScopesOfTheSettings(t *testing.T) {
	t.Parallel()
	d := x()
	d.settings.Scopes = []string{"users.read", "tweet.read"}
	there, err := d.replay(t).depart()
	if err != nil {
		t.Fatal(err)
	}
	if got := there.Query().Get("scope"); got != "users.read tweet.read" {
		t.Errorf("asked for is %q", got)
	}
}
