package web

import (
	"net/http"
	"net/url"

	"watchword"
)

const headerClientID = "X-Client-Id"

var errCrossOrigin = watchword.NewError(watchword.KindForbidden, "cross_origin_refused",
	"The page that made this call is not of an origin that the client application lists.")

// Origins knows which web origins the client applications list. An empty client
// id is the default client. Loopback origins of development are its decision.
type Origins interface {
	// Allowed says whether the client lists exactly this origin.
	Allowed(client watchword.ClientID, origin string) bool
	// AllowedByAny says whether some client does.
	AllowedByAny(origin string) bool
}

// CrossOrigin refuses calls that a foreign page makes a browser send. Unlike
// [http.CrossOriginProtection] it asks which origins the *client* of the call
// lists, never takes Origin "null", and under https holds a page of the same
// host on plain http for foreign.
type CrossOrigin struct {
	origins Origins
	own     string
	plain   bool // the public URL is http: development
}

// NewCrossOrigin makes the check for a server known under the public URL.
func NewCrossOrigin(public *url.URL, origins Origins) *CrossOrigin {
	return &CrossOrigin{
		origins: origins,
		own:     public.Scheme + "://" + public.Host,
		plain:   public.Scheme == "http",
	}
}

// Check refuses a call that comes from a page of an origin that is neither ours
// nor listed by the client: 403 cross_origin_refused. What no browser sent (no
// Sec-Fetch-Site, no Origin) passes. It looks at no method: the chain applies it
// to unsafe calls, others may apply it to a GET that acts.
func (c *CrossOrigin) Check(r *http.Request, client watchword.ClientID) error {
	sites, origins := r.Header["Sec-Fetch-Site"], r.Header["Origin"]
	if len(sites) > 1 || len(origins) > 1 {
		return errCrossOrigin // no browser sends two: one of them is a lie
	}
	var origin string
	if len(origins) == 1 {
		origin = origins[0]
	}
	if len(sites) == 1 {
		switch sites[0] {
		case "same-origin", "none": // browsers let no page forge this
			return nil
		}
	} else if len(origins) == 0 || c.isOwn(origin, r.Host) {
		return nil
	}
	if origin == "" || origin == "null" || !c.origins.Allowed(client, origin) {
		return errCrossOrigin
	}
	return nil
}

// isOwn is for browsers that send no Sec-Fetch-Site: old ones, and all of them
// to a development server on plain http under another name than localhost.
func (c *CrossOrigin) isOwn(origin, host string) bool {
	return origin == c.own || c.plain && origin == "http://"+host
}

// clientOf is the client that a call names, unproven.
func clientOf(r *http.Request) watchword.ClientID {
	return watchword.ClientID(r.Header.Get(headerClientID))
}
