package web

import (
	"net/http"
	"net/url"
	"strings"
)

// header is a field that many answers share. The slice is never appended to in
// place (its capacity is its length), so sharing it costs nothing.
type header struct {
	name   string
	values []string
}

// securityHeaders are those of every answer. They are right for JSON; pages
// replace some of them by [PageHeaders].
func securityHeaders(public *url.URL) []header {
	list := []header{
		{"Cache-Control", []string{"no-store"}}, // answers hold tokens and people's data
		{"Content-Security-Policy", []string{"default-src 'none'; frame-ancestors 'none'"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}}, // no foreign page may embed an answer
		{"Referrer-Policy", []string{"no-referrer"}},              // addresses of ours may hold tokens
		{"X-Content-Type-Options", []string{"nosniff"}},           // JSON is never a script or a page
	}
	if public.Scheme == "https" {
		// For this host alone: its siblings are not ours to decide about.
		list = append(list, header{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return list
}

func (c *chain) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, shared := range c.headers {
			h[shared.name] = shared.values
		}
		next.ServeHTTP(w, r)
	})
}

// PageHeaders makes the security headers those of an HTML page of ours: scripts,
// styles and images from here alone, nothing inline, in no frame. Its forms post
// here; formOrigins are further origins that the answer to such a post may lead
// to, since browsers enforce form-action on the redirect as well.
func PageHeaders(h http.Header, formOrigins ...string) {
	var csp strings.Builder
	csp.WriteString("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
	for _, origin := range formOrigins {
		if plainOrigin(origin) || appScheme(origin) { // else it could add directives of its own
			csp.WriteString(" " + origin)
		}
	}
	h.Set("Content-Security-Policy", csp.String())
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cross-Origin-Opener-Policy", "same-origin") // the page that opened ours gets no handle on it
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Referrer-Policy", "same-origin") // forms need it: no-referrer makes their Origin null
	h.Set("X-Frame-Options", "DENY")
}

// plainOrigin says whether the text is scheme://host[:port] and nothing more.
func plainOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") &&
		text == u.Scheme+"://"+u.Host && !strings.ContainsAny(u.Host, ";,'\" *")
}

// appScheme says whether the text is the scheme of an app on the device, with its
// colon: myapp:.
func appScheme(text string) bool {
	name, ok := strings.CutSuffix(text, ":")
	if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789+.-") != "" {
		return false
	}
	switch name {
	case "javascript", "data", "blob", "filesystem", "http", "https":
		return false
	}
	return true
}
