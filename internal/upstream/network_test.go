package upstream

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"watchword/internal/secret"
	"watchword/internal/upstream/upstreamtest"
)

func TestNetworksAdmit(t *testing.T) {
	t.Parallel()
	const nobody = ""
	for address, want := range map[string]string{ // p public, v private, l loopback
		"93.184.215.14":            "pvl",
		"1.1.1.1":                  "pvl",
		"172.15.255.255":           "pvl",
		"172.32.0.1":               "pvl",
		"100.63.255.255":           "pvl",
		"100.128.0.1":              "pvl",
		"2606:4700:4700::1111":     "pvl",
		"2a00:1450:4001::1":        "pvl",
		"::ffff:1.1.1.1":           "pvl",
		"64:ff9b::1.1.1.1":         "pvl",
		"127.0.0.1":                "vl",
		"127.255.255.254":          "vl",
		"::1":                      "vl",
		"::ffff:127.0.0.1":         "vl",
		"64:ff9b::127.0.0.1":       "vl",
		"10.0.0.1":                 "v",
		"172.16.0.1":               "v",
		"172.31.255.255":           "v",
		"192.168.1.1":              "v",
		"100.64.0.1":               "v",
		"100.127.255.255":          "v",
		"fc00::1":                  "v",
		"fd12:3456::1":             "v",
		"::ffff:10.0.0.1":          "v",
		"64:ff9b::10.0.0.1":        "v",
		"64:ff9b:1::10.0.0.1":      "v", // NAT64 of one's own
		"192.0.0.1":                "v",
		"192.0.2.1":                "v",
		"198.18.0.1":               "v",
		"203.0.113.1":              "v",
		"240.0.0.1":                "v",
		"2001::1":                  "v",
		"2001:db8::1":              "v",
		"2002:7f00:1::":            "v",
		"::127.0.0.1":              "v", // the deprecated form
		"169.254.169.254":          nobody,
		"169.254.1.1":              nobody,
		"::ffff:169.254.169.254":   nobody,
		"64:ff9b::169.254.169.254": nobody,
		"fe80::1":                  nobody,
		"fe80::1%eth0":             nobody,
		"224.0.0.1":                nobody,
		"ff02::1":                  nobody,
		"0.0.0.0":                  nobody,
		"::":                       nobody,
		"::ffff:0.0.0.0":           nobody,
		"168.63.129.16":            nobody,
		"100.100.100.200":          nobody,
		"192.0.0.192":              nobody,
		"fd00:ec2::254":            nobody,
		"fd20:ce::254":             nobody,
		"fd20:ce::254%eth0":        nobody,
	} {
		for letter, network := range map[string]Network{"p": NetworkPublic, "v": NetworkPrivate, "l": NetworkLoopback} {
			err := network.admits(netip.MustParseAddr(address))
			if admitted := err == nil; admitted != strings.Contains(want, letter) {
				t.Errorf("%s admits %s: %t", network, address, admitted)
			}
		}
	}
	if NetworkPrivate.admits(netip.Addr{}) == nil {
		t.Error("no address at all is admitted")
	}
}

func TestNetworksPermit(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"https://idp.example/token":     "pvl",
		"https://idp.example:8443/":     "pvl",
		"https://93.184.215.14/":        "pvl",
		"https://localhost/":            "pvl", // looked at when it is resolved
		"https://127.0.0.1/":            "vl",
		"https://[::1]:8443/":           "vl",
		"https://10.0.0.1/":             "v",
		"https://[::ffff:10.0.0.1]/":    "v",
		"https://169.254.169.254/":      "",
		"http://127.0.0.1:9999/":        "l",
		"http://[::1]:9999/":            "l",
		"http://localhost:9999/":        "l",
		"http://localhost.example/":     "",
		"http://127.0.0.1.example/":     "",
		"http://idp.example/":           "",
		"http://10.0.0.1/":              "",
		"ftp://idp.example/":            "",
		"file:///etc/passwd":            "",
		"https:///path":                 "",
		"https:opaque":                  "",
		"//idp.example/":                "",
		"/path":                         "",
		"":                              "",
		"https://a:b@idp.example/":      "",
		"https://a@idp.example/":        "",
		"https://idp.example/#fragment": "",
		"https://idp.example:port/":     "",
		"%":                             "",
	} {
		for letter, network := range map[string]Network{"p": NetworkPublic, "v": NetworkPrivate, "l": NetworkLoopback} {
			if permitted := network.check(target) == nil; permitted != strings.Contains(want, letter) {
				t.Errorf("%s permits %s: %t", network, target, permitted)
			}
		}
	}
}

// A name is judged by what it resolves to, when the connection is made.
func TestNamesThatLeadInsideAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	connections := make(chan string, 10)
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { connections <- r.URL.Path }))
	t.Cleanup(server.Close)
	for _, host := range []string{"localhost", "127.0.0.1"} {
		target := strings.Replace(server.URL, "127.0.0.1", host, 1)
		transport := newTransport(NetworkPublic)
		t.Cleanup(transport.CloseIdleConnections)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target+"/token", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err == nil {
			response.Body.Close()
		}
		if !errors.Is(err, errAddress) {
			t.Errorf("%s is not refused as an address: %v", host, err)
		}
	}
	if len(connections) > 0 {
		t.Error("somebody has connected")
	}
}

func TestAProviderInsideIsRefusedUnlessItIsSaid(t *testing.T) {
	t.Parallel()
	p, err := Open([]Settings{{
		ID: "acme", Type: TypeOIDC, Issuer: "https://localhost:1", ClientID: "c", ClientSecret: secret.NewString("s"),
	}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	_, err = p.All()[0].AuthorizeURL(t.Context(), departure())
	if !errors.Is(err, ErrProvider) || !errors.Is(err, errAddress) {
		t.Errorf("got %v", err)
	}
}

func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	t.Parallel()
	if newTransport(NetworkPublic).Proxy != nil {
		t.Error("a proxy would connect to addresses that nobody has looked at")
	}
}

// A redirect would carry codes and secrets elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/.well-known/openid-configuration", "/keys", "/token", "/userinfo"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(t, w.oidc())
			hooks := upstreamtest.Hooks{Intercept: func(rw http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path {
					http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
				}
				return r.URL.Path == path
			}}
			if path == "/.well-known/openid-configuration" {
				w.Behave(hooks)
				_, err := p.AuthorizeURL(t.Context(), departure())
				refused(t, Person{}, err)
			} else {
				back := w.comeBack(t, p, ada)
				w.Behave(hooks)
				who, err := p.Identify(t.Context(), back)
				refused(t, who, err)
			}
			if w.Asked("/elsewhere") != 0 {
				t.Error("the redirect was followed")
			}
		})
	}
}
