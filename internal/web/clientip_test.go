package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"watchword"
)

// originSeen is the origin that a handler behind the chain sees.
func originSeen(t *testing.T, peer string, header http.Header) watchword.Origin {
	t.Helper()
	var seen watchword.Origin
	mux := NewMux(nil)
	mux.HandleFunc("GET /x", func(_ http.ResponseWriter, r *http.Request) {
		seen = OriginFrom(context.WithoutCancel(r.Context())) // also from derived contexts
	})
	r := httptest.NewRequest(http.MethodGet, "/x", nil)
	r.RemoteAddr, r.Header = peer, header
	newFixture(t, mux).ServeHTTP(httptest.NewRecorder(), r)
	return seen
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.7:5000", nil, "203.0.113.7"},
		{"untrusted peer says anything", "203.0.113.7:5000", []string{"198.51.100.1"}, "203.0.113.7"},
		{"trusted peer", "10.1.2.3:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"trusted peer without header", "10.1.2.3:80", nil, "10.1.2.3"},
		{"the client's own claim is left of the proxy's", "10.1.2.3:80", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"two trusted hops", "10.1.2.3:80", []string{"1.1.1.1, 198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"header lines count as one list", "10.1.2.3:80", []string{"1.1.1.1", "198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		{"all trusted", "10.1.2.3:80", []string{"10.4.4.4,10.5.5.5"}, "10.4.4.4"},
		{"garbage", "10.1.2.3:80", []string{"unknown"}, "10.1.2.3"},
		{"garbage behind a trusted hop", "10.1.2.3:80", []string{"198.51.100.1, nonsense, 10.9.9.9"}, "10.1.2.3"},
		{"garbage of the client's own", "10.1.2.3:80", []string{"nonsense, 198.51.100.1"}, "198.51.100.1"},
		{"empty last element", "10.1.2.3:80", []string{"198.51.100.1,"}, "10.1.2.3"},
		{"nothing but commas", "10.1.2.3:80", []string{" , ,"}, "10.1.2.3"},
		{"with a port", "10.1.2.3:80", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6 with a port", "10.1.2.3:80", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"IPv6 in brackets", "10.1.2.3:80", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"half a bracket", "10.1.2.3:80", []string{"[2001:db8::1"}, "10.1.2.3"},
		{"IPv4 in IPv6 is IPv4", "[::ffff:10.1.2.3]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"zones are dropped", "[fe80::1%eth0]:80", nil, "fe80::1"},
		{"leading zeros", "10.1.2.3:80", []string{"198.051.100.1"}, "10.1.2.3"},
		{"unix socket", "@", []string{"198.51.100.1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Forwarded": {"for=192.0.2.99"}}
			if c.forwarded != nil {
				header["X-Forwarded-For"] = c.forwarded
			}
			if got := originSeen(t, c.peer, header).IP; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever a client writes in front, it cannot choose the address that a
// trusted proxy appends.
func FuzzForwardedFor(f *testing.F) {
	f.Add("1.1.1.1")
	f.Add(",,[::1]:x, ::ffff:10.0.0.1")
	c := &chain{trustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	peer := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, claimed string) {
		if got := c.forwarded([]string{claimed, "198.51.100.1"}, peer); got.String() != "198.51.100.1" {
			t.Errorf("%q: %v", claimed, got)
		}
		if got := c.forwarded([]string{claimed}, peer); !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("%q: %v", claimed, got)
		}
	})
}

func TestUserAgentIsBoundedAndPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                "",
		"curl/8.0":                        "curl/8.0",
		"a\tb\x00c\x1b[31m\u202ed\r":      "abc[31md",
		"bad\xffutf\xc3":                  "badutf",
		"größe":                           "größe",
		strings.Repeat("x", 300):          strings.Repeat("x", 256),
		strings.Repeat("é", 300):          strings.Repeat("é", 256),
		"\x00" + strings.Repeat("x", 256): strings.Repeat("x", 256),
	} {
		if got := cleanUserAgent(in); got != want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEndUserIP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []string
		want   string
		ok     bool
	}{
		{nil, "", true},
		{[]string{"198.51.100.1"}, "198.51.100.1", true},
		{[]string{"::ffff:198.51.100.1"}, "198.51.100.1", true},
		{[]string{"2001:db8::1%eth0"}, "2001:db8::1", true},
		{[]string{""}, "", false},
		{[]string{"198.51.100.1:80"}, "", false},
		{[]string{"198.51.100.1, 1.1.1.1"}, "", false},
		{[]string{"198.51.100.1", "1.1.1.1"}, "", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, value := range c.values {
			r.Header.Add("X-End-User-IP", value)
		}
		got, err := EndUserIP(r)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %q, %v", c.values, got, err)
		}
		if err != nil && watchword.KindOf(err) != watchword.KindMalformed {
			t.Errorf("%q: %v", c.values, err)
		}
	}
}

func TestEndUserIPCountsOnlyOnceHonoured(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-End-User-Ip": {"198.51.100.1"}}
	if got := originSeen(t, "203.0.113.7:5000", header).IP; got != "203.0.113.7" {
		t.Errorf("an unproven caller chose the address %s", got)
	}
	ctx := WithOrigin(t.Context(), watchword.Origin{IP: "198.51.100.1", ClientID: "web"})
	if got := OriginFrom(ctx); got.IP != "198.51.100.1" || got.ClientID != "web" {
		t.Errorf("%+v", got)
	}
	if got := OriginFrom(t.Context()); got != (watchword.Origin{}) {
		t.Errorf("outside a request: %+v", got)
	}
}

func TestRequestIDIsAlwaysOurs(t *testing.T) {
	t.Parallel()
	mux := NewMux(nil)
	var inside string
	mux.HandleFunc("GET /x", func(_ http.ResponseWriter, r *http.Request) { inside = RequestID(r.Context()) })
	f := newFixture(t, mux)
	r := httptest.NewRequest(http.MethodGet, "/x", nil)
	r.RemoteAddr = "10.0.0.1:80"
	r.Header.Set("X-Request-Id", "proxy-id_1.2")
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	id := w.Header().Get("X-Request-Id")
	if len(id) != 24 || id != inside || len(w.Header()["X-Request-Id"]) != 1 {
		t.Errorf("header %q, context %q", w.Header()["X-Request-Id"], inside)
	}
	if again := send(f, "GET", "/x", "").Header().Get("X-Request-Id"); again == id {
		t.Error("two requests with one id")
	}
	if !strings.Contains(f.log.String(), `"proxy_request_id":"proxy-id_1.2"`) {
		t.Errorf("the proxy's id is not in the log: %s", f.log)
	}
	if RequestID(t.Context()) != "" {
		t.Error("an id outside a request")
	}
}

func TestAStrangersRequestIDIsNotLogged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, answering("GET /x", nil))
	send(f, "GET", "/x", "", "X-Request-Id", "canary-7-canary") // from an untrusted peer
	if strings.Contains(f.log.String(), "canary-7") {
		t.Error("logged")
	}
	for _, id := range []string{"", "short", strings.Repeat("x", 65), "with space", "new\nline", "quote\"quote", "größe-größe"} {
		if got := wellFormedRequestID(id); got != "" {
			t.Errorf("%q passes", id)
		}
	}
}
