package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Options is what the chain around the routes needs to know.
type Options struct {
	PublicURL      *url.URL       // scheme, host and port under which browsers know the server
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	Hosts          []string       // the only host names answered; empty: any. See [DevHosts]
	Origins        Origins        // of the client applications
	Log            *slog.Logger
	Metrics        *Metrics
	Now            func() time.Time
	Random         io.Reader // must not fail, such as crypto/rand.Reader
}

// chain holds what the middlewares share. It does not change after [Handler].
type chain struct {
	trustedProxies []netip.Prefix
	crossOrigin    *CrossOrigin
	origins        Origins
	hosts          []string
	headers        []header
	log            *slog.Logger
	metrics        *Metrics
	now            func() time.Time
	random         io.Reader
}

// Handler puts the chain around the routes. It panics if the mux's table names
// a pattern that nothing was registered for: an exception that guards nothing
// is a misspelt one.
func Handler(o Options, mux *Mux) http.Handler {
	for pattern := range mux.exceptions {
		if mux.routes[pattern] == nil {
			panic("web: a rule for a pattern that nothing handles: " + pattern)
		}
	}
	c := &chain{
		trustedProxies: o.TrustedProxies,
		crossOrigin:    NewCrossOrigin(o.PublicURL, o.Origins),
		origins:        o.Origins,
		hosts:          o.Hosts,
		headers:        securityHeaders(o.PublicURL),
		log:            o.Log,
		metrics:        o.Metrics,
		now:            o.Now,
		random:         o.Random,
	}
	// From the outside in; then each route is admitted by its rule (see admit).
	return c.begin( // id, origin, recorder
		c.observe( // log line and metrics, of whatever comes out
			c.recoverPanics( // a fault of ours is a 503
				c.secure( // headers that hold for refusals too
					c.checkHost( // DNS rebinding
						c.preflight(mux, // CORS, before routes see OPTIONS
							mux))))))
}
