package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// ETag is the strong entity tag (RFC 9110 §8.8.3) of a body.
func ETag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// ServeTagged answers 200 with a JSON body and its tag, or 304 to a caller who names
// the tag in If-None-Match and so has the body. That the body is the caller's alone,
// and to be asked for each time, is said to caches; so is, in Vary, which client asks.
//
// It is for POST, too, where the call asks and changes nothing. HTTP has no caches
// for such answers, and knows If-None-Match there as a guard against overwriting
// (412): so an operation that answers so describes it.
func ServeTagged(w http.ResponseWriter, r *http.Request, body []byte) {
	h, tag := w.Header(), ETag(body)
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Origin, X-Client-Id") // Origin is said of every answer
	if names(r.Header["If-None-Match"], tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a caller who left needs no answer
}

// names says whether If-None-Match names the tag, by the weak comparison that
// RFC 9110 §13.1.2 asks for. A comma in a tag of another's making splits it into
// what is no tag of ours.
func names(lines []string, tag string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.Trim(part, " \t")
			if part == "*" || strings.TrimPrefix(part, "W/") == tag {
				return true
			}
		}
	}
	return false
}
