package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"watchword"
)

// opened is a GET of a mailed link with these headers, name and value in turn.
func opened(headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://auth.example.com/auth/sign-in/token?token=x", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestOnlyWhoNamesJSONAsksForIt(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"application/json":                        true,
		"application/problem+json":                true,
		"Application/JSON":                        true,
		" application/json ":                      true,
		"application/json;charset=utf-8":          true,
		"application/json;q=0.1":                  true,
		"text/html, application/json":             true,
		"text/html;q=1,application/json;q=0.5":    true,
		"application/json, text/plain, */*":       true, // axios
		"garbage;;, application/json":             true,
		"":                                        false,
		"*/*":                                     false,
		"application/*":                           false,
		"application/json;q=0":                    false,
		"application/json;q=0.000":                false,
		"application/json;q=-1":                   false,
		"application/json;q=NaN":                  false,
		"application/json;q=much":                 false,
		"application/jsonp":                       false,
		"application/ld+json":                     false,
		"text/json":                               false,
		`text/html;x="application/json"`:          false,
		`text/html;x=", application/json"`:        false,
		"text/html,application/xhtml+xml,*/*;q=1": false, // browsers
		"text/html,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8": false,
	} {
		if got := NamesJSON(opened("Accept", accept)); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
	if NamesJSON(opened()) {
		t.Error("who says nothing asks for nothing")
	}
	if !NamesJSON(opened("Accept", "text/html", "Accept", "application/json")) {
		t.Error("the second line of the header is not read")
	}
}

func TestBrowsersThatThinkAheadAreNoticed(t *testing.T) {
	t.Parallel()
	for _, header := range [][2]string{
		{"Sec-Purpose", "prefetch"},
		{"Sec-Purpose", "prefetch;prerender"},
		{"Sec-Purpose", "prefetch;anonymous-client-ip"},
		{"Sec-Purpose", "Prefetch"},
		{"Purpose", "prefetch"},
		{"Purpose", "preview"}, // Safari
		{"X-Purpose", "preview"},
		{"X-Moz", "prefetch"},
	} {
		if !Prefetching(opened(header[0], header[1])) {
			t.Errorf("%s: %s is taken for a click", header[0], header[1])
		}
	}
	if !Prefetching(opened("Sec-Purpose", "x", "Sec-Purpose", "prefetch")) {
		t.Error("the second line of the header is not read")
	}
	for _, r := range []*http.Request{opened(), opened("Sec-Purpose", ""), opened("Purpose", "navigate"), opened("Accept", "prefetch")} {
		if Prefetching(r) {
			t.Errorf("%v is taken for no click", r.Header)
		}
	}
}

func TestWhoHasNavigatedHere(t *testing.T) {
	t.Parallel()
	const mode, dest = "Sec-Fetch-Mode", "Sec-Fetch-Dest"
	for _, c := range []struct {
		name    string
		headers []string
		want    bool
	}{
		{"a click", []string{mode, "navigate", dest, "document"}, true},
		{"a click in a webmail", []string{mode, "navigate", dest, "document", "Sec-Fetch-Site", "cross-site"}, true},
		{"an old browser", nil, true},
		{"one that tells the mode alone", []string{mode, "navigate"}, true},
		{"one that tells the destination alone", []string{dest, "document"}, true},
		{"a frame", []string{mode, "navigate", dest, "iframe"}, false},
		{"an old frame", []string{mode, "navigate", dest, "frame"}, false},
		{"an object", []string{mode, "navigate", dest, "object"}, false},
		{"an embed", []string{mode, "navigate", dest, "embed"}, false},
		{"an image", []string{mode, "no-cors", dest, "image"}, false},
		{"a script", []string{mode, "no-cors", dest, "script"}, false},
		{"a fetch", []string{mode, "cors", dest, "empty"}, false},
		{"a fetch that tells the destination alone", []string{dest, "empty"}, false},
		{"a fetch that tells the mode alone", []string{mode, "same-origin"}, false},
		{"a socket", []string{mode, "websocket", dest, "websocket"}, false},
		{"another spelling", []string{mode, "Navigate", dest, "document"}, false},
		{"empty", []string{mode, "", dest, "document"}, false},
		{"two modes", []string{mode, "navigate", mode, "navigate", dest, "document"}, false},
		{"two destinations", []string{mode, "navigate", dest, "document", dest, "image"}, false},
	} {
		if got := TopLevel(opened(c.headers...)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAFormOfAForeignPageIsRefused(t *testing.T) {
	t.Parallel()
	const own, site = "https://auth.example.com", "Sec-Fetch-Site"
	check := NewCrossOrigin(mustURL(t, own), listed{"web": {appOrigin, "null"}})
	for _, c := range []struct {
		name    string
		headers []string
		ok      bool
	}{
		{"our page", []string{"Origin", own, site, "same-origin"}, true},
		{"our page in an old browser", []string{"Origin", own}, true},
		{"our page, the referrer stripped", []string{"Origin", "null", site, "same-origin"}, true},
		{"the same in an old browser", []string{"Origin", "null"}, true},
		{"a browser that sends nothing", nil, true},
		{"sent again by the person", []string{"Origin", "null", site, "none"}, true},
		{"a foreign page", []string{"Origin", "https://evil.example", site, "cross-site"}, false},
		{"a foreign page in an old browser", []string{"Origin", "https://evil.example"}, false},
		{"a sandboxed frame", []string{"Origin", "null", site, "cross-site"}, false},
		{"a sibling", []string{"Origin", "https://blog.example.com", site, "same-site"}, false},
		{"a sibling without an origin", []string{site, "same-site"}, false},
		{"a foreign page without an origin", []string{site, "cross-site"}, false},
		{"the client's page: the form is ours alone", []string{"Origin", appOrigin, site, "cross-site"}, false},
		{"the client's page in an old browser", []string{"Origin", appOrigin}, false},
		{"our host on plain http", []string{"Origin", "http://auth.example.com"}, false},
		{"our host on another port", []string{"Origin", own + ":444"}, false},
		{"our origin as a prefix", []string{"Origin", own + ".evil.example"}, false},
		{"an empty origin", []string{"Origin", ""}, false},
		{"a site that no browser names", []string{"Origin", own, site, "same-origin, none"}, false},
		{"an empty site", []string{"Origin", own, site, ""}, false},
		{"two origins", []string{"Origin", own, "Origin", own}, false},
		{"two sites", []string{"Origin", own, site, "same-origin", site, "same-origin"}, false},
	} {
		err := check.CheckForm(opened(c.headers...))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && watchword.KindOf(err) != watchword.KindForbidden {
			t.Errorf("%s: kind of %v", c.name, err)
		}
	}
}

func TestTheMediaTypeIsTheOneThatIsNamedAndWeighsMore(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"text/csv":                               true,
		"Text/CSV; header=present":               true,
		"text/csv, */*":                          true,
		"text/csv;q=0.1":                         true,
		"application/json;q=0.5, text/csv;q=0.9": true,
		"text/csv;q=0.2, text/csv;q=0.8, application/json;q=0.5": true,
		"":                                       false,
		"*/*":                                    false,
		"text/*":                                 false,
		"text/csvs":                              false,
		"application/json, text/csv":             false, // either is as welcome
		"text/csv;q=0":                           false,
		"text/csv;q=NaN":                         false,
		"text/csv;q=9, application/json":         false,
		"text/csv;q=0.5, application/json;q=0.6": false,
	} {
		if got := Prefers(opened("Accept", accept), "text/csv", "application/json"); got != want {
			t.Errorf("%q: %t", accept, got)
		}
	}
}
