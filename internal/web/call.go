package web

import (
	"context"
	"net/http"

	"watchword"
)

// call is all that this package knows about one request. It is the request's
// context and holds the response writer, so that a request costs one
// allocation here, not one for each thing that a middleware wants to remember.
type call struct {
	context.Context
	chain  *chain
	writer recorder
	body   body

	origin     watchword.Origin
	upstreamID string // the trusted proxy's own request id, for the log
	bearer     bool   // a bearer token was sent, valid or not
	route      *route // nil until a route has matched
	fault      error  // what the log must tell of, and the caller never learns
	idBytes    [requestIDBytes]byte
}

type callKey struct{}

// Value makes the call findable from contexts derived from it.
func (c *call) Value(key any) any {
	if _, ok := key.(callKey); ok {
		return c
	}
	return c.Context.Value(key)
}

// callOf is the call of a context, nil outside the chain.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.(*call); ok {
		return c
	}
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// begin opens the call: everything after it may rely on its id, its origin and
// its recorder.
func (c *chain) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		opened := &call{Context: r.Context(), chain: c}
		opened.writer.ResponseWriter = w
		opened.writer.call = opened
		opened.bearer = bearerText(r.Header) != ""
		ip, trusted := c.clientIP(r)
		opened.origin = watchword.Origin{
			IP:        ip,
			UserAgent: cleanUserAgent(r.UserAgent()),
			RequestID: c.newRequestID(opened),
		}
		if trusted {
			opened.upstreamID = wellFormedRequestID(r.Header.Get(headerRequestID))
		}
		w.Header()[headerRequestID] = []string{opened.origin.RequestID}
		r = r.WithContext(opened)
		opened.writer.request = r
		next.ServeHTTP(&opened.writer, r)
	})
}

type originKey struct{}

// OriginFrom says where the request of this context came from, zero outside a
// request.
func OriginFrom(ctx context.Context) watchword.Origin {
	if o, ok := ctx.Value(originKey{}).(watchword.Origin); ok {
		return o
	}
	if c := callOf(ctx); c != nil {
		return c.origin
	}
	return watchword.Origin{}
}

// WithOrigin replaces what [OriginFrom] says, once it is known better: the
// client application, or the user's address that an authenticated backend named
// (see [EndUserIP]). The access log keeps telling who really called.
func WithOrigin(ctx context.Context, o watchword.Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// RequestID is the id of the request of this context, empty outside a request.
func RequestID(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.origin.RequestID
	}
	return ""
}
