package upstream

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
)

// The errors of addresses.
var (
	errAddress = errors.New("the address is not in the provider's network")
	errURL     = errors.New("the URL is not one of https without user and fragment")
)

// Where clouds keep the credentials of their machines, and no provider is: some
// lie among private and even public addresses.
var metadataServices = []netip.Addr{
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("fd00:ec2::254"),   // Amazon
	netip.MustParseAddr("fd20:ce::254"),    // Google
}

// What is not of the internet, by the registries of special-purpose addresses
// (RFC 6890). Of IPv6 only 2000::/3 is given out at all.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by a carrier's customers
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), // relays of 6to4
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/3"), // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),   // Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4
	netip.MustParsePrefix("3fff::/20"),
}

var (
	globalIPv6 = netip.MustParsePrefix("2000::/3")
	nat64      = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
)

// admits says whether a provider may be at an address. It is asked of what a name
// has resolved to, when the connection is made: a name that is looked at before
// may resolve to something else by then.
func (n Network) admits(ip netip.Addr) error {
	ip = embedded(ip)
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.IsMulticast(), ip.IsLinkLocalUnicast(), slices.Contains(metadataServices, ip):
		return errAddress
	case n == NetworkPrivate, n == NetworkLoopback && ip.IsLoopback(), public(ip):
		return nil
	default:
		return errAddress
	}
}

// embedded is the address that is reached in the end: an IPv4 one within IPv6 is
// no way around its own rules.
func embedded(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if nat64.Contains(ip) {
		bytes := ip.As16()
		ip, _ = netip.AddrFromSlice(bytes[12:])
	}
	return ip
}

func public(ip netip.Addr) bool {
	return (ip.Is4() || globalIPv6.Contains(ip)) &&
		!slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// permits says whether a provider may be asked at a URL: an address that is
// written out is looked at, names are when they are resolved.
func (n Network) permits(u *url.URL) error {
	ip, err := netip.ParseAddr(u.Hostname())
	literal := err == nil
	loopback := u.Hostname() == "localhost" || literal && ip.IsLoopback()
	switch {
	case u.Hostname() == "", u.User != nil, u.Fragment != "", u.Opaque != "":
		return errURL
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback && n == NetworkLoopback):
		return errURL
	case literal:
		return n.admits(ip)
	default:
		return nil
	}
}

// check is permits of a text.
func (n Network) check(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errURL // url's own error repeats the text
	}
	return n.permits(u)
}
