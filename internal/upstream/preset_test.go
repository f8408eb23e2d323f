package upstream

import (
	"net/http"
	"strings"
	"testing"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

// particular opens a provider as if a preset were particular in some way.
func (w *world) particular(t *testing.T, s Settings, known preset) *Provider {
	t.Helper()
	p := w.open(t, s)
	p.preset = known
	return p
}

// tenants is a provider of many issuers, one for each tenant.
func (w *world) tenants() preset {
	return preset{template: &issuerTemplate{
		announced: func(_ Settings, issuer string) bool { return issuer == w.Issuer()+"/{tenant}" },
		issued: func(_ Settings, announced, issuer string, c claims) bool {
			return issuer == strings.Replace(announced, "{tenant}", c.text("tid"), 1)
		},
	}}
}

func TestAProviderOfManyIssuers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		announced, stated, response string
		believed                    bool
	}{
		"its own":                  {"/{tenant}", "/seven", "", true},
		"its own by the response":  {"/{tenant}", "/seven", "/seven", true},
		"the template by response": {"/{tenant}", "/seven", "/{tenant}", true},
		"another tenant":           {"/{tenant}", "/eight", "", false},
		"the template":             {"/{tenant}", "/{tenant}", "", false},
		"another by the response":  {"/{tenant}", "/seven", "/eight", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(upstreamtest.Hooks{
				Discovery: func(d map[string]any) {
					d["issuer"] = w.Issuer() + test.announced
					delete(d, "authorization_response_iss_parameter_supported")
				},
				Claims: func(c map[string]any) { c["iss"], c["tid"] = w.Issuer()+test.stated, "seven" },
			})
			p := w.particular(t, w.oidc(), w.tenants())
			back := w.comeBack(t, p, ada)
			if back.Issuer = ""; test.response != "" {
				back.Issuer = w.Issuer() + test.response
			}
			who, err := p.Identify(t.Context(), back)
			switch {
			case !test.believed:
				refused(t, who, err)
			case err != nil || who.Issuer != w.Issuer()+"/seven":
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
	t.Run("announces another", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		_, err := w.particular(t, w.oidc(), w.tenants()).AuthorizeURL(t.Context(), departure())
		refused(t, Person{}, err)
	})
}

func TestAProviderWithoutPKCE(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.particular(t, w.oidc(), preset{lacksPKCE: true})
	if _, query := sentTo(t, p, departure()); query.Has("code_challenge") || query.Has("code_challenge_method") {
		t.Error("a challenge is sent")
	}
	w.believed(t, p, ada)
}

func TestAnIDTokenThatSaysAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if who := w.believed(t, w.particular(t, w.oidc(), preset{skipsUserinfo: true}), ada); who.Email != ada.Email {
		t.Errorf("%+v", who)
	}
	if w.Asked("/userinfo") != 0 {
		t.Error("userinfo is asked for")
	}
}

func TestAPresetsOwnWayToReadAndToProve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.particular(t, w.oidc(), preset{
		params: map[string]string{"response_mode": "form_post", "claims": "{}"},
		scopes: []string{"openid", "name"},
		read: func(a answer) Person {
			return Person{Subject: "not this", Email: "ada@other.example", Name: a.user.text("name.firstName")}
		},
		subject: func(c claims) string { return "of-" + c.text("sub") },
		proves: func(_ Settings, a answer, address string) bool {
			return a.token != nil && address == "ada@other.example"
		},
	})
	_, query := sentTo(t, p, departure())
	if query.Get("response_mode") != "form_post" || query.Get("claims") != "{}" || query.Get("scope") != "openid name" {
		t.Errorf("people are sent with %v", query)
	}
	for user, name := range map[string]string{
		`{"name":{"firstName":"Ada"},"email":"evil@evil.example"}`: "Ada",
		`{"name":["Ada"]}`: "",
		`garbage`:          "",
		``:                 "",
	} {
		back := w.comeBack(t, p, ada)
		back.User = user
		who, err := p.Identify(t.Context(), back)
		want := Person{Issuer: w.Issuer(), Subject: "of-" + ada.Subject, Email: "ada@other.example", Proof: AddressProven, Name: name}
		if err != nil || who != want {
			t.Errorf("%s: %+v, %v", user, who, err)
		}
	}
}

func TestNobodyIsWhoAPresetCannotName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who, err := w.signIn(t, w.particular(t, w.oidc(), preset{subject: func(claims) string { return "" }}), ada)
	refused(t, who, err)
}

func TestASecondCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		text   string
		want   string // empty: refused
		header string // and what it holds
		value  string
	}{
		"answered":        {http.StatusOK, `[{"email":"ada@more.example"}]`, "ada@more.example", "X-RateLimit-Remaining", "0"},
		"not for us":      {http.StatusUnauthorized, `no`, "none", "", ""},
		"refused":         {http.StatusForbidden, `no`, "none", "X-RateLimit-Remaining", "59"},
		"not there":       {http.StatusNotFound, `no`, "none", "", ""},
		"no more for now": {http.StatusForbidden, `no`, "", "X-RateLimit-Remaining", "0"},
		"put off":         {http.StatusForbidden, `no`, "", "Retry-After", "60"},
		"too many":        {http.StatusTooManyRequests, `no`, "", "", ""},
		"too slow":        {http.StatusRequestTimeout, `no`, "", "", ""},
		"misunderstood":   {http.StatusBadRequest, `no`, "", "", ""},
		"failed":          {http.StatusBadGateway, `no`, "", "", ""},
		"garbage":         {http.StatusOK, `<html>`, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(upstreamtest.Hooks{Intercept: func(rw http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/user" && r.Header.Get("X-Version") != "1" {
					t.Error("the preset's headers are not sent")
				}
				if r.URL.Path != "/more" {
					return false
				}
				if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer access-") || r.Header.Get("X-Version") != "1" {
					t.Error("it is asked in another way")
				}
				if test.header != "" {
					rw.Header().Set(test.header, test.value)
				}
				rw.WriteHeader(test.status)
				_, _ = rw.Write([]byte(test.text))
				return true
			}})
			p := w.particular(t, w.oauth2(), preset{
				moreURL: w.Issuer() + "/more", headers: map[string]string{"X-Version": "1"},
				read: func(a answer) Person {
					who := Person{Subject: "1", Email: "none"}
					if list, ok := a.more.([]any); ok {
						who.Email = claims(list[0].(map[string]any)).text("email")
					}
					return who
				},
			})
			who, err := w.signIn(t, p, ada)
			switch {
			case test.want == "":
				refused(t, who, err)
			case err != nil || who.Email != test.want:
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

func TestAPresetThatAuthenticatesInOneWay(t *testing.T) {
	t.Parallel()
	for auth, want := range map[clientAuth]string{authBasic: "basic", authPost: "post"} {
		w := newWorld(t)
		s := w.oidc()
		s.ClientSecret = secret.NewString("wrong")
		who, err := w.signIn(t, w.particular(t, s, preset{auth: auth}), ada)
		refused(t, who, err)
		if ways := waysOf(w); len(ways) != 1 || ways[0] != want {
			t.Errorf("%s: %v", auth, ways)
		}
	}
}
