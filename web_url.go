package watchword

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// WebOrigin is a scheme, a host and perhaps a port, in the one spelling that
// browsers send.
type WebOrigin struct {
	Scheme, Host, Port string // Port is empty for the scheme's own
}

func (o WebOrigin) String() string {
	if o.Port != "" {
		return o.Scheme + "://" + net.JoinHostPort(o.Host, o.Port)
	}
	if strings.Contains(o.Host, ":") {
		return o.Scheme + "://[" + o.Host + "]"
	}
	return o.Scheme + "://" + o.Host
}

// PlainHTTP says whether what is sent there can be read on the way.
func (o WebOrigin) PlainHTTP() bool { return o.Scheme == "http" && !LoopbackHost(o.Host) }

// What is wrong with an address. These go on from the name of whatever holds it,
// and never show it.
var (
	errNoWebURL  = errors.New("must be an absolute URL that begins with https://")
	errURLUser   = errors.New("must not hold a user or password")
	errFragment  = errors.New("must not have a fragment")
	errUnread    = errors.New("must not hold spaces, backslashes or wildcards")
	errURLHost   = errors.New("must name a host, in ASCII (xn--… for others), and at most a port from 1 to 65535")
	errNotOrigin = errors.New("must be scheme and host alone, without path or query")
)

// ParseWebURL reads an absolute http or https URL without user and fragment.
func ParseWebURL(text string) (*url.URL, WebOrigin, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Opaque != "":
		return nil, WebOrigin{}, errNoWebURL
	case u.User != nil:
		return nil, WebOrigin{}, errURLUser
	case strings.Contains(text, "#"):
		return nil, WebOrigin{}, errFragment
	case strings.ContainsAny(text, " \\*"):
		return nil, WebOrigin{}, errUnread
	case !ValidPort(u) || !ValidHost(strings.ToLower(u.Hostname())):
		return nil, WebOrigin{}, errURLHost
	}
	o := WebOrigin{Scheme: u.Scheme, Host: strings.ToLower(u.Hostname()), Port: u.Port()}
	if o.Scheme == "http" && o.Port == "80" || o.Scheme == "https" && o.Port == "443" {
		o.Port = ""
	}
	return u, o, nil
}

// ParseWebOrigin reads an origin; it forgives a slash at the end and upper case.
func ParseWebOrigin(text string) (WebOrigin, error) {
	u, o, err := ParseWebURL(text)
	if err != nil {
		return WebOrigin{}, err
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery {
		return WebOrigin{}, errNotOrigin
	}
	return o, nil
}

// LoopbackHost says whether a host is this machine: localhost, or an address.
func LoopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// ValidHost takes lower-case DNS names and addresses without a zone.
func ValidHost(host string) bool {
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

// ValidPort takes URLs without a port and those with one that can be dialled.
func ValidPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}
