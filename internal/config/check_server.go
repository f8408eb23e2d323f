package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"watchword"
)

// checkServer checks where the server listens, stores and can be reached.
func (k *checker) checkServer() {
	host, port, err := splitListen(k.Listen)
	k.check("listen", err)
	if err == nil && k.Mode == Dev && !k.AllowRemote && !watchword.LoopbackHost(host) {
		k.fault("listen", "must be a loopback address under dev: the inbox and its links would be open to others",
			"listen on 127.0.0.1, or add --allow-remote")
	}
	if k.MetricsListen != "" {
		k.checkMetricsListen()
	}
	if k.PublicURL == "" && k.Mode == Dev && port == "0" {
		k.fault("public_url", "cannot be guessed from port 0", "set --public-url")
	}
	if k.PublicURL != "" {
		_, err := watchword.ParseWebOrigin(k.PublicURL)
		k.check("public_url", err)
	}
	if k.Data == "" {
		k.fault("data", "must name a folder", "")
	}
	k.check("redis", checkRedis(k.Redis.Reveal()))
	k.checkProxies()
	k.checkCookies()
}

func (k *checker) checkMetricsListen() {
	host, port, err := splitListen(k.MetricsListen)
	k.check("metrics_listen", err)
	switch {
	case err != nil:
	case k.MetricsListen == k.Listen && port != "0":
		k.fault("metrics_listen", "is the address of the server itself", "choose another port, or leave it out and use an API key")
	case !watchword.LoopbackHost(host):
		k.warn("metrics_listen", "metrics are open to whoever reaches this address", "keep it behind a firewall")
	}
}

// splitListen takes host:port; no host means every address of the machine.
func splitListen(listen string) (host, port string, err error) {
	const bad = reason("must be host:port or :port, such as 127.0.0.1:8080")
	host, port, err = net.SplitHostPort(listen)
	if err != nil {
		return "", "", bad
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", bad
	}
	if host != "" && !watchword.ValidHost(strings.ToLower(host)) {
		return "", "", bad
	}
	return strings.ToLower(host), port, nil
}

func checkRedis(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" ||
		!watchword.ValidPort(u) || !watchword.ValidHost(strings.ToLower(u.Hostname())) || u.Fragment != "" ||
		strings.Trim(u.Path, "/0123456789") != "" {
		return reason("must be redis://user:password@host:port/number, or rediss:// for TLS; " +
			"percent-encode what is special in the password")
	}
	return nil
}

func (k *checker) checkProxies() {
	for i, prefix := range k.TrustedProxies {
		key := item("trusted_proxies", i)
		switch {
		case !prefix.IsValid(): // found faulty when it was read
		case prefix.Bits() == 0:
			k.fault(key, "trusts everybody to say where a request comes from, which switches the limits by address off",
				"name your proxies' addresses")
		case prefix.Addr().Is4In6():
			k.fault(key, "never matches: it is an IPv4 range written as IPv6", "write it as IPv4")
		case prefix != prefix.Masked():
			k.fault(key, "has bits set beyond its length", "name the first address of the range, or a longer length")
		}
	}
}

func (k *checker) checkCookies() {
	k.checkCookieName("cookies.access_name", k.Cookies.AccessName)
	k.checkCookieName("cookies.refresh_name", k.Cookies.RefreshName)
	if k.Cookies.AccessName == k.Cookies.RefreshName {
		k.fault("cookies.refresh_name", "is the name of the access cookie too", "give them different names")
	}
	domain := k.Cookies.Domain
	if domain == "" {
		return
	}
	base, err := watchword.ParseWebOrigin(k.PublicURL)
	switch {
	case !watchword.ValidHost(domain) || !strings.Contains(domain, ".") || net.ParseIP(domain) != nil:
		k.fault("cookies.domain", "must be a lower-case domain of at least two labels, without a leading dot", "")
	case err == nil && base.Host != domain && !strings.HasSuffix(base.Host, "."+domain):
		k.fault("cookies.domain", "does not cover the host of public_url, so browsers would drop the cookies",
			"use that host or a domain above it, or leave it empty")
	}
}

func (k *checker) checkCookieName(key, name string) {
	const tokenSymbols = "!#$%&'*+-.^_`|~" // RFC 6265 §4.1.1, RFC 9110 §5.6.2
	rest := strings.Trim(name, tokenSymbols+"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	switch {
	case name == "" || len(name) > 64 || rest != "":
		k.fault(key, "must be 1 to 64 letters, digits, - and _", "")
	case strings.EqualFold(name, "__Host-csrf_session"):
		k.fault(key, "is the name of the CSRF cookie", "choose another name")
	case strings.EqualFold(name, "__Host-device"):
		k.fault(key, "is the name of the cookie that marks known browsers", "choose another name")
	case k.Cookies.Domain != "" && strings.HasPrefix(strings.ToLower(name), "__host-"):
		k.fault(key, "begins with __Host-, which browsers accept only without cookies.domain", "drop the prefix or the domain")
	}
}
