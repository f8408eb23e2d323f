package upstream

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	perCall    = 5 * time.Second  // each call may take
	inAll      = 10 * time.Second // all calls for one person together
	maxBody    = 1 << 20
	maxHeaders = 64 << 10
)

var errOversized = errors.New("the answer is larger than 1 MiB")

// newTransport connects to addresses of a network alone. It heeds no proxy of the
// environment: behind one, nobody would look at the addresses.
func newTransport(n Network) *http.Transport {
	dialer := &net.Dialer{
		Timeout: perCall,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("read the address: %w", err)
			}
			return n.admits(to.Addr())
		},
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    perCall,
		ResponseHeaderTimeout:  perCall,
		IdleConnTimeout:        time.Minute,
		MaxIdleConnsPerHost:    4,
		MaxResponseHeaderBytes: maxHeaders,
		ForceAttemptHTTP2:      true,
	}
}

// newHTTPClient follows no redirect: it would carry codes and secrets to places
// that nobody has set.
func newHTTPClient(n Network, transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     guard{network: n, base: transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard keeps every call to URLs of a network and to answers of bounded size. One
// that is larger is an error: cut short, it might be read as something else.
type guard struct {
	network Network
	base    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.network.permits(r.URL); err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // nothing was read from it
		}
		return nil, err
	}
	response, err := g.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	response.Body.Close()
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case len(body) > maxBody:
		return nil, errOversized
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// readAll reads what guard has bounded.
func readAll(response *http.Response) ([]byte, error) {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, unreachable(err)
	}
	return body, nil
}

func hostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return "the provider"
	}
	return clip(u.Host)
}
