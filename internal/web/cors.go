package web

import "net/http"

const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type, X-Client-Id, X-CSRF-Token, X-Session-Mode, " +
		"Accept-Language, If-Match, If-None-Match, Idempotency-Key"
	corsExposed = "X-Request-Id, Retry-After, ETag, WWW-Authenticate"
	corsMaxAge  = "600" // seconds; a client's origins may change
)

// preflight answers the browser's question whether a page may make a call. It
// names no client, so any client's listing will do; the call itself is held
// against the client that it names.
func (c *chain) preflight(mux *Mux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Header.Get("Access-Control-Request-Method")
		if r.Method != http.MethodOptions || method == "" || r.Header.Get("Origin") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
		switch origin := singleOrigin(r); mux.ruleFor(method, r).CORS {
		case CORSPublic:
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		case CORSClient:
			if origin == "" || !c.origins.AllowedByAny(origin) {
				WriteProblem(w, r, errCrossOrigin)
				return
			}
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Allow-Methods", corsMethods)
		default:
			WriteProblem(w, r, errCrossOrigin)
			return
		}
		h.Set("Access-Control-Allow-Headers", corsHeaders)
		h.Set("Access-Control-Max-Age", corsMaxAge)
		w.WriteHeader(http.StatusNoContent)
	})
}

// cors lets the page that made the call read its answer, if it may.
func (c *chain) cors(h http.Header, r *http.Request, rule CORSRule) {
	switch rule {
	case CORSPublic:
		h.Set("Access-Control-Allow-Origin", "*")
	case CORSClient:
		// Said without an Origin too: a cache must not hand the answer to one
		// page on to another.
		h.Set("Vary", "Origin")
		origin := singleOrigin(r)
		if origin == "" || !c.origins.Allowed(clientOf(r), origin) {
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	default:
		return
	}
	h.Set("Access-Control-Expose-Headers", corsExposed)
}

// singleOrigin is the Origin of a call, empty where there is none that could be
// listed: "null" is the origin of every sandboxed frame.
func singleOrigin(r *http.Request) string {
	if values := r.Header["Origin"]; len(values) == 1 && values[0] != "null" {
		return values[0]
	}
	return ""
}
