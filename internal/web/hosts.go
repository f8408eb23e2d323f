package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"watchword"
)

var errMisdirected = watchword.NewError(kindMisdirected, "misdirected_request",
	"This server does not answer under that host name.")

// DevHosts are the host names under which a development server answers: the
// loopback ones and the public URL's. A page that rebinds its own name to
// loopback could else read everything, the inbox too.
func DevHosts(public *url.URL) []string {
	return []string{"localhost", "127.0.0.1", "::1", strings.ToLower(public.Hostname())}
}

func (c *chain) checkHost(next http.Handler) http.Handler {
	if len(c.hosts) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(c.hosts, hostName(r.Host)) {
			WriteProblem(w, r, errMisdirected)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName is the name in a Host header, empty if it is no host[:port]. Any port
// will do: rebinding changes what a name means, and ports are not names, while
// tunnels and port mappings change them rightly.
func hostName(host string) string {
	if name, port, err := net.SplitHostPort(host); err == nil {
		if strings.Trim(port, "0123456789") != "" {
			return ""
		}
		return strings.ToLower(name)
	}
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		addr, err := netip.ParseAddr(host[1 : n-1])
		if err != nil {
			return ""
		}
		return addr.String()
	}
	return strings.ToLower(host)
}
