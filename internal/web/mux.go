package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// BodyRule says what bodies a route takes.
type BodyRule uint8

// The body rules. Under each, a body is at most [MaxBody] long.
const (
	BodyJSON BodyRule = iota // strict JSON, read and checked before the handler
	BodyForm                 // that, or a form, which the handler checks: see [ParseForm]
	BodyOwn                  // left to the handler, form or not, to be refused in words of its own
)

// OriginRule says whether unsafe calls of a route pass the cross-origin check.
type OriginRule uint8

// The origin rules.
const (
	OriginChecked OriginRule = iota
	OriginAny                // foreign pages may post here
	OriginForms              // checked; forms as those of our own pages, see [CrossOrigin.CheckForm]
)

// CORSRule says which pages of other origins may read a route's answers.
type CORSRule uint8

// The CORS rules.
const (
	CORSClient CORSRule = iota // those of the client's listed origins, with credentials
	CORSPublic                 // any, without credentials: for what is public anyway
	CORSNone                   // none
)

// Rule is how a route is guarded. The zero value is what nearly all need.
type Rule struct {
	Body   BodyRule
	Origin OriginRule
	CORS   CORSRule
}

// route is a pattern of the mux with what is worked out once about it.
type route struct {
	path  string // the pattern without its method: the label of logs and metrics
	rule  Rule
	quiet bool // a probe, which would drown the log
}

// Mux is an http.ServeMux that knows its routes: which one a call has matched
// (paths and queries may hold tokens, so only patterns are ever logged) and by
// which rule it is guarded. It is filled before it serves and never after, and
// serves only inside [Handler].
type Mux struct {
	mux        *http.ServeMux
	exceptions map[string]Rule
	routes     map[string]*route
}

// NewMux makes a mux in which every pattern is guarded by the zero [Rule], but
// for those patterns that the table names.
func NewMux(exceptions map[string]Rule) *Mux {
	return &Mux{mux: http.NewServeMux(), exceptions: maps.Clone(exceptions), routes: map[string]*route{}}
}

// Handle registers a handler. It panics where [http.ServeMux.Handle] does.
func (m *Mux) Handle(pattern string, h http.Handler) {
	path := pattern
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		path = strings.TrimLeft(pattern[i:], " \t")
	}
	matched := &route{
		path:  path,
		rule:  m.exceptions[pattern],
		quiet: path == "/healthz" || path == "/readyz",
	}
	m.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.route = matched
		c.writer.routing = false
		if err := c.chain.admit(w, r, c); err != nil {
			WriteProblem(w, r, err)
			return
		}
		h.ServeHTTP(w, r)
	})
	m.routes[pattern] = matched
}

// HandleFunc registers a handler function.
func (m *Mux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, http.HandlerFunc(h))
}

// ServeHTTP finds the route of a call that came through the chain.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	callOf(r.Context()).writer.routing = true
	m.mux.ServeHTTP(w, r)
}

// Patterns lists what is registered, sorted.
func (m *Mux) Patterns() []string { return slices.Sorted(maps.Keys(m.routes)) }

// ruleFor is the rule of the route that a call of this method would match.
func (m *Mux) ruleFor(method string, r *http.Request) Rule {
	_, pattern := m.mux.Handler(&http.Request{Method: method, Host: r.Host, URL: r.URL})
	if matched, ok := m.routes[pattern]; ok {
		return matched.rule
	}
	return Rule{}
}

// admit applies the route's rule to a call, in an order that lets a page of a
// listed origin read why it was refused.
func (c *chain) admit(w http.ResponseWriter, r *http.Request, in *call) error {
	rule := in.route.rule
	c.cors(w.Header(), r, rule.CORS)
	if !safeMethod(r.Method) {
		if err := c.checkOrigin(r, rule.Origin); err != nil {
			return err
		}
	}
	return in.body.take(r, rule.Body)
}

func (c *chain) checkOrigin(r *http.Request, rule OriginRule) error {
	switch {
	case rule == OriginAny:
		return nil
	case rule == OriginForms && isForm(r.Header):
		return c.crossOrigin.CheckForm(r)
	default:
		return c.crossOrigin.Check(r, clientOf(r))
	}
}

// safeMethod says whether a method promises to change nothing (RFC 9110 §9.2.1).
func safeMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
