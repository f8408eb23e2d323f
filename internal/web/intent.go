package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Prefetching says whether a browser only fetches what somebody may open later:
// nobody has clicked yet.
func Prefetching(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, value := range r.Header.Values(name) {
			value = strings.ToLower(value)
			if strings.Contains(value, "prefetch") || strings.Contains(value, "prerender") || strings.Contains(value, "preview") {
				return true
			}
		}
	}
	return false
}

// NamesJSON says whether the caller asks for JSON outright: a program that means
// to act. */* is what scanners and browsers send without meaning anything.
func NamesJSON(r *http.Request) bool {
	return namedWeight(r, "application/json") > 0 || namedWeight(r, "application/problem+json") > 0
}

// TopLevel says whether a person has navigated here: not a page that embeds us or
// fetches. Browsers say so in headers that no page can forge; what sends none of
// them is no browser of today.
func TopLevel(r *http.Request) bool {
	mode, dest := r.Header.Values("Sec-Fetch-Mode"), r.Header.Values("Sec-Fetch-Dest")
	if len(mode) > 1 || len(dest) > 1 {
		return false
	}
	return (len(mode) == 0 || mode[0] == "navigate") && (len(dest) == 0 || dest[0] == "document")
}

// CheckForm refuses a form that a foreign page has sent. Those of our own pages
// come with our origin, with none, or with "null", where something on the way has
// stripped the referrer; a foreign page can bring about "null" as well, by a
// sandboxed frame, but then the browser says that it is cross-site.
func (c *CrossOrigin) CheckForm(r *http.Request) error {
	origins, sites := r.Header["Origin"], r.Header["Sec-Fetch-Site"]
	if len(origins) > 1 || len(sites) > 1 {
		return errCrossOrigin
	}
	if len(sites) == 1 && sites[0] != "same-origin" && sites[0] != "none" {
		return errCrossOrigin
	}
	if len(origins) == 0 || origins[0] == "null" || c.isOwn(origins[0], r.Host) {
		return nil
	}
	return errCrossOrigin
}

// CheckOwnForm is CheckForm where the browser's cookies are what authenticates the
// form: then it must say outright that a page of ours has sent it.
func (c *CrossOrigin) CheckOwnForm(r *http.Request) error {
	if err := c.CheckForm(r); err != nil {
		return err
	}
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" || c.isOwn(r.Header.Get("Origin"), r.Host) {
		return nil
	}
	return ErrCSRFMissing
}

// Prefers says whether the caller names a media type outright in Accept, and would
// sooner have it than another. What names neither, such as */*, prefers neither.
func Prefers(r *http.Request, media, other string) bool {
	return namedWeight(r, media) > namedWeight(r, other)
}

// namedWeight is how much the caller wants a media type that they name; 0 where
// they do not.
func namedWeight(r *http.Request, wanted string) (most float64) {
	for _, list := range r.Header.Values("Accept") {
		for _, item := range strings.Split(list, ",") {
			media, params, err := mime.ParseMediaType(item)
			if err != nil || media != wanted {
				continue
			}
			weight := 1.0
			if q, given := params["q"]; given {
				if weight, err = strconv.ParseFloat(q, 64); err != nil || !(weight > 0) { // NaN is no more than 0
					continue
				}
			}
			most = max(most, min(weight, 1))
		}
	}
	return most
}
