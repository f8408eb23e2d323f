package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"watchword"
)

func TestCrossOriginCheck(t *testing.T) {
	t.Parallel()
	origins := listed{"web": {appOrigin, "null", ""}, "other": {otherOrigin}}
	check := NewCrossOrigin(mustURL(t, "https://auth.example.com"), origins)
	for _, c := range []struct {
		name, site, origin string // "-" is an absent header
		client             watchword.ClientID
		ok                 bool
	}{
		{"no browser", "-", "-", "", true},
		{"own page", "same-origin", "https://auth.example.com", "", true},
		{"own page that hides its origin", "same-origin", "null", "", true},
		{"typed by the user", "none", "-", "", true},
		{"listed, same site", "same-site", appOrigin, "", true},
		{"listed, cross site", "cross-site", appOrigin, "", true},
		{"listed, old browser", "-", appOrigin, "", true},
		{"own, old browser", "-", "https://auth.example.com", "", true},
		{"foreign", "cross-site", "https://evil.example", "", false},
		{"foreign, old browser", "-", "https://evil.example", "", false},
		{"sibling", "same-site", "https://blog.example.com", "", false},
		{"listed by another client", "cross-site", otherOrigin, "", false},
		{"listed by the client named", "cross-site", otherOrigin, "other", true},
		{"default client's, another named", "cross-site", appOrigin, "other", false},
		{"unknown client", "cross-site", appOrigin, "nobody", false},
		{"cross-site without origin", "cross-site", "-", "", false},
		{"same-site without origin", "same-site", "-", "", false},
		{"null though listed", "cross-site", "null", "", false},
		{"null, old browser", "-", "null", "", false},
		{"empty origin", "-", "", "", false},
		{"empty origin, cross-site", "cross-site", "", "", false},
		{"empty site", "", "https://evil.example", "", false},
		{"unknown site value", "same-origin, none", "https://evil.example", "", false},
		{"site in the wrong case", "Same-Origin", "https://evil.example", "", false},
		{"own host on plain http", "-", "http://auth.example.com", "", false},
		{"own host on another port", "-", "https://auth.example.com:444", "", false},
		{"own host as a prefix", "-", "https://auth.example.com.evil.example", "", false},
		{"own host as user info", "-", "https://auth.example.com@evil.example", "", false},
		{"own host in upper case", "-", "https://AUTH.example.com", "", false},
		{"listed with a slash", "cross-site", appOrigin + "/", "", false},
		{"listed with a port", "cross-site", appOrigin + ":443", "", false},
		{"listed on plain http", "cross-site", "http://app.example.com", "", false},
		{"listed and another", "cross-site", appOrigin + " https://evil.example", "", false},
		{"listed with a trailing dot", "cross-site", appOrigin + ".", "", false},
	} {
		r := httptest.NewRequest(http.MethodPost, "https://auth.example.com/x", nil)
		if c.site != "-" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if c.origin != "-" {
			r.Header.Set("Origin", c.origin)
		}
		err := check.Check(r, c.client)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && watchword.KindOf(err) != watchword.KindForbidden {
			t.Errorf("%s: kind of %v", c.name, err)
		}
	}
}

func TestRepeatedBrowserHeadersAreRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bodyMux())
	wantProblem(t, send(h, "POST", "/json", "", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "cross-site"), 403, "cross_origin_refused")
	wantProblem(t, send(h, "POST", "/json", "", "Origin", appOrigin, "Origin", "https://evil.example"), 403, "cross_origin_refused")
}

func TestDevelopmentServerIsItsOwnOriginUnderAnyName(t *testing.T) {
	t.Parallel()
	check := NewCrossOrigin(mustURL(t, "http://localhost:8080"), listed{})
	for origin, ok := range map[string]bool{
		"http://192.168.1.5:8080":  true,
		"http://localhost:8080":    true,
		"http://192.168.1.5:3000":  false,
		"https://192.168.1.5:8080": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "/x", nil)
		r.Host = "192.168.1.5:8080"
		r.Header.Set("Origin", origin)
		if err := check.Check(r, ""); (err == nil) != ok {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestUnsafeCallsAreCheckedUnlessTheRouteIsExempt(t *testing.T) {
	t.Parallel()
	mux := NewMux(map[string]Rule{"POST /oauth2/token": {Body: BodyForm, Origin: OriginAny}})
	for _, pattern := range []string{
		"POST /oauth2/token", "POST /oauth2/tokens", "POST /x", "PUT /x", "PATCH /x", "DELETE /x", "GET /x", "PURGE /x",
	} {
		mux.HandleFunc(pattern, healthz)
	}
	h := newFixture(t, mux)
	foreign := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "PURGE"} {
		wantProblem(t, send(h, method, "/x", "", foreign...), 403, "cross_origin_refused")
		if w := send(h, method, "/x", "", "Origin", appOrigin, "Sec-Fetch-Site", "cross-site"); w.Code != 200 {
			t.Errorf("%s of a listed page: %d", method, w.Code)
		}
	}
	wantProblem(t, send(h, "POST", "/oauth2/tokens", "", foreign...), 403, "cross_origin_refused")
	if w := send(h, "POST", "/oauth2/token", "", foreign...); w.Code != 200 {
		t.Errorf("exempt: %d", w.Code)
	}
	if w := send(h, "GET", "/x", "", foreign...); w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a GET is answered, unreadable: %d %v", w.Code, w.Header())
	}
}
