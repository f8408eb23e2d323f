package config

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// webOrigin is a scheme, a host and perhaps a port, in the one spelling that
// browsers send.
type webOrigin struct {
	scheme, host, port string // port is empty for the scheme's own
}

func (o webOrigin) String() string {
	if o.port != "" {
		return o.scheme + "://" + net.JoinHostPort(o.host, o.port)
	}
	if strings.Contains(o.host, ":") {
		return o.scheme + "://[" + o.host + "]"
	}
	return o.scheme + "://" + o.host
}

// plainHTTP says whether what is sent there can be read on the way.
func (o webOrigin) plainHTTP() bool { return o.scheme == "http" && !isLoopback(o.host) }

// parseWebURL reads an absolute http or https URL without user and fragment.
func parseWebURL(text string) (*url.URL, webOrigin, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Opaque != "":
		return nil, webOrigin{}, reason("must be an absolute URL that begins with https://")
	case u.User != nil:
		return nil, webOrigin{}, reason("must not hold a user or password")
	case strings.Contains(text, "#"):
		return nil, webOrigin{}, reason("must not have a fragment")
	case strings.ContainsAny(text, " \\*"):
		return nil, webOrigin{}, reason("must not hold spaces, backslashes or wildcards")
	case !validPort(u) || !validHost(strings.ToLower(u.Hostname())):
		return nil, webOrigin{}, reason("must name a host, in ASCII (xn--… for others), and at most a port from 1 to 65535")
	}
	o := webOrigin{scheme: u.Scheme, host: strings.ToLower(u.Hostname()), port: u.Port()}
	if o.scheme == "http" && o.port == "80" || o.scheme == "https" && o.port == "443" {
		o.port = ""
	}
	return u, o, nil
}

// parsePublicURL reads an origin; it forgives a slash at the end and upper case.
func parsePublicURL(text string) (webOrigin, error) {
	u, o, err := parseWebURL(text)
	if err != nil {
		return webOrigin{}, err
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery {
		return webOrigin{}, reason("must be scheme and host alone, without path or query")
	}
	return o, nil
}

// parseOrigin reads an origin exactly as browsers send it: any other spelling
// would be listed and never match.
func parseOrigin(text string) (webOrigin, error) {
	o, err := parsePublicURL(text)
	if err != nil {
		return webOrigin{}, err
	}
	if o.String() != text {
		return webOrigin{}, reason("must be spelled as browsers send it: lower case, no slash at the end, no default port")
	}
	return o, nil
}

// checkRedirectURI accepts https, http on any host, and private-use schemes
// (RFC 8252 §7.1), whose dot keeps javascript:, data: and their like out.
func checkRedirectURI(text string) (webOrigin, error) {
	u, err := url.Parse(text)
	if err == nil && strings.Contains(u.Scheme, ".") {
		if strings.Contains(text, "#") || u.User != nil || strings.ContainsAny(text, " \\*") {
			return webOrigin{}, reason("must not have a fragment, user, space, backslash or wildcard")
		}
		return webOrigin{scheme: u.Scheme}, nil
	}
	_, o, err := parseWebURL(text)
	return o, err
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// validHost takes lower-case DNS names and addresses without a zone.
func validHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Zone() == ""
	}
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if !validLabel(label) {
			return false
		}
	}
	return true
}

func validLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}
