package web

import "net/http"

// FramePageHeaders is [PageHeaders] for a page that holds frames of ours.
func FramePageHeaders(h http.Header) {
	PageHeaders(h)
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
}

// MailHeaders are those of somebody's mail in a frame of a page of ours: an origin
// of its own in which nothing runs, whatever the mail says, also when it is opened
// by itself. Mails style themselves inline. What they link to opens outside.
func MailHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "+
		"style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Frame-Options", "SAMEORIGIN")
}
