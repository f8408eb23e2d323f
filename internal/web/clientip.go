package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"watchword"
)

const headerEndUserIP = "X-End-User-Ip"

var errEndUserIP = watchword.NewError(watchword.KindMalformed, "end_user_ip_invalid",
	"X-End-User-IP must be a single IP address.")

// clientIP is the address to limit and to record, and whether the peer is a
// trusted proxy. X-Forwarded-For is read from the right, and only as far as
// trusted proxies wrote it: whatever stands further left the client itself may
// have made up. The Forwarded header is never read: proxies that know only the
// other one pass a client's own through.
func (c *chain) clientIP(r *http.Request) (ip string, trusted bool) {
	peer, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return "", false // not a network socket
	}
	if !c.trusts(peer) {
		return peer.String(), false
	}
	return c.forwarded(r.Header["X-Forwarded-For"], peer).String(), true
}

func (c *chain) forwarded(lines []string, peer netip.Addr) netip.Addr {
	client := peer
	for _, line := range slices.Backward(lines) {
		for line != "" {
			hop := line
			if i := strings.LastIndexByte(line, ','); i >= 0 {
				line, hop = line[:i], line[i+1:]
			} else {
				line = ""
			}
			addr, ok := parseAddr(strings.Trim(hop, " \t"))
			if !ok {
				return peer
			}
			if client = addr; !c.trusts(client) {
				return client
			}
		}
	}
	return client
}

func (c *chain) trusts(addr netip.Addr) bool {
	for _, prefix := range c.trustedProxies {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// parseAddr reads an address with or without a port. A zone names an interface
// of some machine, never a client, so it is dropped; IPv4 in IPv6 is IPv4, lest
// one client have two addresses.
func parseAddr(text string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	if n := len(text); n > 2 && text[0] == '[' && text[n-1] == ']' {
		text = text[1 : n-1]
	}
	addr, err := netip.ParseAddr(text)
	return addr.Unmap().WithZone(""), err == nil
}

// EndUserIP is the address that X-End-User-IP names, empty where the header is
// absent. Anybody can send it: honour it only after the caller has proven to be
// a confidential client or the holder of an API key, by [WithOrigin].
func EndUserIP(r *http.Request) (string, error) {
	values := r.Header[headerEndUserIP]
	if len(values) == 0 {
		return "", nil
	}
	addr, err := netip.ParseAddr(values[0])
	if err != nil || len(values) > 1 {
		return "", errEndUserIP
	}
	return addr.Unmap().WithZone("").String(), nil
}

const maxUserAgent = 256 // characters

// cleanUserAgent is the user agent as it may be stored and shown: valid UTF-8,
// bounded, and free of what could forge log lines or hide text.
func cleanUserAgent(ua string) string {
	if len(ua) <= maxUserAgent && !strings.ContainsFunc(ua, notPlain) {
		return ua
	}
	var b strings.Builder
	kept := 0
	for _, char := range ua {
		if char == utf8.RuneError || unicode.In(char, unicode.C) {
			continue
		}
		if kept++; kept > maxUserAgent {
			break
		}
		b.WriteRune(char)
	}
	return b.String()
}

func notPlain(char rune) bool { return char < ' ' || char > '~' }
