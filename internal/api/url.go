package api

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"watchword"
	"watchword/internal/web"
)

var errURL = watchword.NewError(watchword.KindMalformed, "bad_request",
	"The path or the query is not well-formed, is not UTF-8, holds NUL, or holds a parameter twice.")

// readableURL refuses addresses that their readers would take differently. What
// net/url cannot decode it drops: a filter that is dropped lists everything. And
// Postgres takes neither NUL nor invalid UTF-8, which would be a fault of ours.
func readableURL(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if !plainText(r.URL.Path) || !readableQuery(r.URL.RawQuery) {
		web.WriteProblem(w, r, errURL)
		return
	}
	next(ctx)
}

func readableQuery(raw string) bool {
	if raw == "" {
		return true
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return false
	}
	for _, values := range query {
		if len(values) > 1 || !plainText(values[0]) {
			return false
		}
	}
	return true
}

func plainText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}
