package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"watchword"
)

// Failures that only the HTTP layer knows, beside the kinds of the root.
const (
	kindMethodNotAllowed watchword.Kind = 255 - iota // 405
	kindMisdirected                                  // 421
)

// ErrUnavailable is what a caller learns of a fault of ours.
var ErrUnavailable = watchword.NewError(watchword.KindFault, "unavailable",
	"The server cannot answer at the moment. Please try again.")

var (
	errNotFound = watchword.NewError(watchword.KindNotFound, "not_found",
		"There is nothing here.")
	errMethodNotAllowed = watchword.NewError(kindMethodNotAllowed, "method_not_allowed",
		"This path does not take that method; see the Allow header.")
	errBadRequest = watchword.NewError(watchword.KindMalformed, "bad_request",
		"The request cannot be understood.")
)

// leastRetryAfter is what a 503 or 429 says when the error does not.
const leastRetryAfter = time.Second

// Problem is an error as callers see it (RFC 9457). It satisfies what OpenAPI
// frameworks expect of an error that knows its status and headers.
type Problem struct {
	Type      string                 `json:"type"`
	Title     string                 `json:"title"`
	Status    int                    `json:"status"`
	Detail    string                 `json:"detail"`
	Code      string                 `json:"code"`
	RequestID string                 `json:"request_id"`
	Errors    []watchword.FieldError `json:"errors,omitempty"`
	Retryable bool                   `json:"retryable,omitempty"`

	headers http.Header
}

// NewProblem is err as the caller of ctx's request may see it. Whatever is not
// a [watchword.Error] is a fault of ours, 503 with a generic text. The causes of
// faults are noted for the log, never sent.
func NewProblem(ctx context.Context, err error) *Problem {
	e := visible(err)
	shape := shapeOf(e.Kind)
	p := &Problem{
		Type:    "/docs/errors#" + e.Code, // relative: an error names no host
		Title:   shape.title,
		Status:  shape.status,
		Detail:  e.Message,
		Code:    e.Code,
		Errors:  e.Fields,
		headers: http.Header{},
	}
	c := callOf(ctx)
	if c != nil {
		p.RequestID = c.origin.RequestID
		if p.Status >= http.StatusInternalServerError && !expected(err) {
			c.fault = err
		}
	}
	switch p.Status {
	case http.StatusServiceUnavailable:
		p.Retryable = true
		p.headers.Set("Retry-After", retryAfter(e.RetryAfter))
	case http.StatusTooManyRequests:
		p.headers.Set("Retry-After", retryAfter(e.RetryAfter))
	case http.StatusUnauthorized:
		p.headers.Set("WWW-Authenticate", challenge(c))
	}
	return p
}

// WriteProblem answers the request with err.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := NewProblem(r.Context(), err)
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers alone: cannot fail
	}
	h := w.Header()
	for _, stale := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified"} {
		h.Del(stale) // they described the answer that did not come to be
	}
	for name, values := range p.headers {
		h[name] = values
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // a caller who left needs no answer
}

// expected says whether a 5xx is no more than a refusal, as by a full queue:
// a line for each would only add to the load that it is refused for.
func expected(err error) bool {
	e, ok := errors.AsType[*watchword.Error](err)
	return ok && e.Kind == watchword.KindUnavailable && e.Unwrap() == nil
}

// visible is the error to show for err.
func visible(err error) *watchword.Error {
	e, ok := errors.AsType[*watchword.Error](err)
	if !ok {
		return ErrUnavailable
	}
	// A rule that could not be checked in time is not a broken rule: a 401 for
	// it would log people out.
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		if shapeOf(e.Kind).status < http.StatusInternalServerError {
			return ErrUnavailable
		}
	}
	return e
}

type shape struct {
	status int
	title  string
}

// shapeOf is the one table from kinds to statuses.
func shapeOf(kind watchword.Kind) shape {
	switch kind {
	case watchword.KindMalformed:
		return shape{http.StatusBadRequest, "Bad request"}
	case watchword.KindUnauthenticated:
		return shape{http.StatusUnauthorized, "Not signed in"}
	case watchword.KindForbidden:
		return shape{http.StatusForbidden, "Refused"}
	case watchword.KindNotFound:
		return shape{http.StatusNotFound, "Not found"}
	case kindMethodNotAllowed:
		return shape{http.StatusMethodNotAllowed, "Method not allowed"}
	case watchword.KindConflict:
		return shape{http.StatusConflict, "Conflict"}
	case watchword.KindGone:
		return shape{http.StatusGone, "Expired or used"}
	case watchword.KindPrecondition:
		return shape{http.StatusPreconditionFailed, "Changed meanwhile"}
	case watchword.KindTooLarge:
		return shape{http.StatusRequestEntityTooLarge, "Too large"}
	case watchword.KindUnsupported:
		return shape{http.StatusUnsupportedMediaType, "Unsupported media type"}
	case kindMisdirected:
		return shape{http.StatusMisdirectedRequest, "Misdirected request"}
	case watchword.KindInvalid:
		return shape{http.StatusUnprocessableEntity, "Invalid fields"}
	case watchword.KindLimited:
		return shape{http.StatusTooManyRequests, "Too many requests"}
	case watchword.KindUpstream:
		return shape{http.StatusBadGateway, "Provider failed"}
	default: // KindFault, KindUnavailable
		return shape{http.StatusServiceUnavailable, "Unavailable"}
	}
}

// Error implements error. It is safe to show: it holds no cause.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is what the answer carries besides its body: Retry-After on 429
// and 503, WWW-Authenticate on 401.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is the media type of problems, whatever was negotiated.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// retryAfter is whole seconds, rounded up: a caller who comes back on time must
// not come too early.
func retryAfter(d time.Duration) string {
	d = max(d, leastRetryAfter)
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
