package upstream

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"watchword/internal/secret"
)

// byPath are lines to the endpoints of one provider.
type byPath map[string]*line

func (b byPath) RoundTrip(r *http.Request) (*http.Response, error) { return b[r.URL.Path].RoundTrip(r) }

// profiles are what somebody may have made of their own account.
func profiles() map[string]line {
	return map[string]line{
		"half a character":     {status: http.StatusOK, text: `{"access_token":"a","name":"\ud800"}`},
		"two names":            {status: http.StatusOK, text: `{"access_token":"a","access_token":"b"}`},
		"a list":               {status: http.StatusOK, text: "7"},
		"a long one":           {status: http.StatusOK, text: `{"access_token":"` + huge + `"}`},
		"a signed one":         {status: http.StatusOK, text: "a.b.c", header: http.Header{"Content-Type": {"application/jwt"}}},
		"one that breaks them": {status: http.StatusInternalServerError, text: "oops"},
		"one that is moved":    {status: http.StatusMovedPermanently},
		"one that is locked":   {status: http.StatusForbidden},
	}
}

func TestTheBreakerDoesNotCountProfiles(t *testing.T) {
	t.Parallel()
	for name, profile := range profiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := profile
				p := along(t, &l)
				for range 3 * tripAfter { // of people who came together: their tokens were granted before
					if err := p.ask(t.Context(), p.fixed, grant{access: "a"}, &answer{}); err == nil {
						t.Error("the profile is believed")
					}
				}
				if l.asked != 3*tripAfter {
					t.Errorf("asked %d times", l.asked)
				}
				l = line{status: http.StatusOK, text: goodToken}
				if _, err := p.Identify(t.Context(), someReturn()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestTheBreakerDoesNotCountWhatIsAskedAfterTheProfile(t *testing.T) {
	t.Parallel()
	for name, more := range profiles() {
		if name == "a list" || name == "one that is locked" {
			continue // is no failure there
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				emails := more
				ways := byPath{"/user": {status: http.StatusOK, text: `{"id":7}`}, "/user/emails": &emails}
				all, err := Open([]Settings{{ID: "github", Preset: "github", ClientID: "c", ClientSecret: secret.NewString("s")}}, Options{Transport: ways})
				if err != nil {
					t.Fatal(err)
				}
				p := all.All()[0]
				for range 3 * tripAfter {
					if err := p.ask(t.Context(), p.fixed, grant{access: "a"}, &answer{}); err == nil {
						t.Error("somebody is let in without it")
					}
				}
				emails = line{status: http.StatusOK, text: "[]"}
				if err := p.ask(t.Context(), p.fixed, grant{access: "a"}, &answer{}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Nor can one person's answer keep a breaker closed that others' silence opens.
func TestTheBreakerIsNotResetByWhomItDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]line{
		"bad code":          {status: http.StatusBadRequest, text: badCode},
		"bad code with 500": {status: http.StatusInternalServerError},
		"garbage":           {status: http.StatusOK, text: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &line{}
				p := along(t, l)
				for range tripAfter {
					*l = between
					_, _ = p.Identify(t.Context(), someReturn()) // does not count
					*l = line{hangs: true}
					who, err := p.Identify(t.Context(), someReturn())
					refused(t, who, err)
				}
				l.asked = 0
				who, err := p.Identify(t.Context(), someReturn())
				refused(t, who, err)
				if l.asked != 0 {
					t.Error("the breaker is closed after five time-outs")
				}
			})
		})
	}
}

// byDiscovery opens an OpenID Connect provider at the end of a line.
func byDiscovery(t *testing.T, l http.RoundTripper) *Provider {
	t.Helper()
	all, err := Open([]Settings{{ID: "acme", Type: TypeOIDC, Issuer: "https://idp.example", ClientID: "c"}}, Options{Transport: l})
	if err != nil {
		t.Fatal(err)
	}
	return all.All()[0]
}

// Nobody who signs in has a say in metadata and keys: whatever is wrong with them
// counts.
func TestTheBreakerCountsAllThatIsWrongWithWhatIsPublished(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*line{
		"fails":         {status: http.StatusInternalServerError, text: "oops"},
		"is overloaded": {status: http.StatusServiceUnavailable},
		"says garbage":  {status: http.StatusOK, text: "<html>"},
		"says too much": {status: http.StatusOK, text: huge},
		"redirects":     {status: http.StatusFound},
		"hangs":         {hangs: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := byDiscovery(t, l)
				for range 20 {
					_, err := p.AuthorizeURL(t.Context(), departure())
					refused(t, Person{}, err)
				}
				if l.asked != tripAfter {
					t.Errorf("asked %d times, want %d", l.asked, tripAfter)
				}
			})
		})
	}
}

func TestTheBreakersOfAProviderAreApart(t *testing.T) {
	t.Parallel()
	const published, personal = "/.well-known/openid-configuration", "/userinfo"
	for down, up := range map[string]string{published: personal, personal: published} {
		t.Run(down+" is down", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ways := byPath{down: {status: http.StatusServiceUnavailable}, up: {status: http.StatusOK, text: `{"sub":"7"}`}}
				p := byDiscovery(t, ways)
				ask := map[string]func(){
					published: func() { _, _ = p.discover(t.Context()) }, // the lines tell what was asked
					personal: func() {
						_ = p.ask(t.Context(), &endpoints{userinfo: "https://idp.example/userinfo"}, grant{access: "a"}, &answer{token: claims{"sub": "7"}})
					},
				}
				for range 2 * tripAfter {
					ask[down]()
					ask[up]()
				}
				if ways[down].asked != tripAfter {
					t.Errorf("what is down is asked %d times: the other closes its breaker", ways[down].asked)
				}
				if ways[up].asked != 2*tripAfter {
					t.Errorf("what is up is asked %d times: the other opens its breaker", ways[up].asked)
				}
			})
		})
	}
}

func TestACodeThatNobodyIssuesGoesNowhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code string
		goes bool
	}{
		"none":           {"", false},
		"control":        {"a\x1fb", false},
		"NUL":            {"\x00", false},
		"line":           {"a\nb", false},
		"delete":         {"a\x7f", false},
		"letter":         {"é", false},
		"half a letter":  {"a\xff", false},
		"too long":       {strings.Repeat("a", 4097), false},
		"long":           {strings.Repeat("a", 4096), true},
		"first and last": {" ~", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, open := range map[string]func(*testing.T, http.RoundTripper) *Provider{"OAuth 2.0": along, "OIDC": byDiscovery} {
				l := &line{status: http.StatusBadRequest, text: badCode}
				r := someReturn()
				r.Code = secret.NewString(test.code)
				who, err := open(t, l).Identify(t.Context(), r)
				refused(t, who, err)
				if l.asked > 0 != test.goes {
					t.Errorf("%s: the provider is asked %d times", kind, l.asked)
				}
			}
		})
	}
}
