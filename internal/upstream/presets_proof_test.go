package upstream_test

import (
	"errors"
	"net/http"
	"testing"

	"watchword/internal/upstream"
)

func TestGoogleProvesAddressesThatItHosts(t *testing.T) {
	t.Parallel()
	const proven, unproven = upstream.AddressProven, upstream.AddressUnproven
	for name, c := range map[string]struct {
		token map[string]any
		want  upstream.AddressProof
	}{
		"hosted for an organisation":       {nil, proven},
		"another's domain":                 {map[string]any{"hd": absent}, unproven},
		"no organisation":                  {map[string]any{"hd": ""}, unproven},
		"an organisation in another shape": {map[string]any{"hd": true}, unproven},
		"hosted, not verified":             {map[string]any{"email_verified": false}, unproven},
		"hosted, verified as text":         {map[string]any{"email_verified": "true"}, unproven},
		"hosted, nothing said":             {map[string]any{"email_verified": absent}, unproven},
		"gmail.com":                        {map[string]any{"hd": absent, "email": "jane@gmail.com"}, proven},
		"GMail.COM":                        {map[string]any{"hd": absent, "email": "jane@GMail.COM"}, proven},
		"googlemail.com":                   {map[string]any{"hd": absent, "email": "jane@googlemail.com"}, proven},
		"gmail.com, not verified":          {map[string]any{"hd": absent, "email": "jane@gmail.com", "email_verified": false}, unproven},
		"a domain that ends in gmail.com":  {map[string]any{"hd": absent, "email": "jane@notgmail.com"}, unproven},
		"a domain below":                   {map[string]any{"hd": absent, "email": "jane@mail.gmail.com"}, unproven},
		"a domain that begins so":          {map[string]any{"hd": absent, "email": "jane@gmail.com.evil.example"}, unproven},
		"gmail.com before another domain":  {map[string]any{"hd": absent, "email": "jane@gmail.com@evil.example"}, unproven},
		"no address":                       {map[string]any{"email": absent}, unproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := google().replay(t)
			r.edit("id_token", c.token)
			person, err := r.signIn("")
			if err != nil || person.Proof != c.want {
				t.Errorf("the address is %q with %v, want %q", person.Proof, err, c.want)
			}
		})
	}
}

// Google's ID tokens may state their issuer with or without https://.
func TestGoogleIdentityHasOneIssuer(t *testing.T) {
	t.Parallel()
	r := google().replay(t)
	r.edit("id_token", map[string]any{"iss": "accounts.google.com"})
	person, err := r.signIn("")
	if err == nil && person.Issuer != google().person.Issuer {
		t.Errorf("the same person is another one, of %q", person.Issuer)
	}
	if err != nil && !errors.Is(err, upstream.ErrProvider) {
		t.Error(err)
	}
}

func TestGitHubProvesItsVerifiedPrimaryAddress(t *testing.T) {
	t.Parallel()
	entry := func(address string, verified, primary any) any {
		return map[string]any{"email": address, "verified": verified, "primary": primary}
	}
	const proven, unproven = upstream.AddressProven, upstream.AddressUnproven
	for name, c := range map[string]struct {
		emails  any // an int: the status that the call is refused with
		address string
		want    upstream.AddressProof
	}{
		"verified":            {[]any{entry("a@example.com", true, false), entry("b@example.com", true, true)}, "b@example.com", proven},
		"unverified":          {[]any{entry("a@example.com", true, false), entry("b@example.com", false, true)}, "b@example.com", unproven},
		"verified as text":    {[]any{entry("b@example.com", "true", true)}, "b@example.com", unproven},
		"primary as text":     {[]any{entry("b@example.com", true, "true")}, "octocat@github.com", unproven},
		"nothing of it":       {[]any{map[string]any{"email": "b@example.com"}}, "octocat@github.com", unproven},
		"no address in it":    {[]any{map[string]any{"verified": true, "primary": true}}, "octocat@github.com", unproven},
		"no primary":          {[]any{entry("octocat@github.com", true, false)}, "octocat@github.com", unproven},
		"no entries":          {[]any{}, "octocat@github.com", unproven},
		"entries of no shape": {[]any{"b@example.com", nil, 7}, "octocat@github.com", unproven},
		"no list":             {map[string]any{"email": "b@example.com", "verified": true, "primary": true}, "octocat@github.com", unproven},
		"not permitted":       {http.StatusForbidden, "octocat@github.com", unproven},
		"not found":           {http.StatusNotFound, "octocat@github.com", unproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := gitHub().replay(t)
			if status, refused := c.emails.(int); refused {
				r.refused[r.at.more] = status
			} else {
				r.files["more"] = c.emails
			}
			person, err := r.signIn("")
			if err != nil || person.Email != c.address || person.Proof != c.want {
				t.Errorf("the address is %q, %q, with %v; want %q, %q", person.Email, person.Proof, err, c.address, c.want)
			}
		})
	}
}

// With every claim that others are believed for, and every domain allowed.
func TestOtherPresetsProveNothing(t *testing.T) {
	t.Parallel()
	for _, d := range []documented{gitLab(), discord(), facebook(), linkedIn(), slack(), bitbucket(), twitch(), x()} {
		t.Run(d.settings.Preset, func(t *testing.T) {
			t.Parallel()
			d.settings.EmailDomains = []string{"*"}
			r := d.replay(t)
			for _, file := range []string{"id_token", "userinfo"} {
				if object, ok := r.files[file].(map[string]any); ok {
					for _, claim := range []string{"email_verified", "verified", "xms_edov"} {
						object[claim] = true
					}
					object["hd"] = "example.com"
				}
			}
			person, err := r.signIn("")
			if err != nil || person.Email != d.person.Email || person.Proof != upstream.AddressUnproven {
				t.Errorf("the address is %q, %q, with %v", person.Email, person.Proof, err)
			}
		})
	}
}
