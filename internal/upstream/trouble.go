package upstream

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// trouble is what went wrong at a provider, in words that are fit for the log:
// they hold no code, no token and nothing of a body, which its cause may.
type trouble struct {
	status int // zero: none came, or it is not what is wrong
	text   string
	cause  error
}

func (t *trouble) Error() string { return t.text }

func (t *trouble) Unwrap() error { return t.cause }

// refusal is a provider's well-formed no: to this code, to this client. It is
// alive and well, so no breaker counts it.
type refusal struct {
	status int
	text   string
	putOff bool // for now: too much was asked
}

func (r *refusal) Error() string { return r.text }

// unbelievable is an answer that says what must not be.
func unbelievable(text string) error { return &refusal{text: text} }

// silence is that no whole answer came.
type silence struct{ cause error }

func (s *silence) Error() string { return s.cause.Error() }

func (s *silence) Unwrap() error { return s.cause }

// outage says whether a provider is down for all: nothing came, or a gateway
// answered in its place.
func outage(err error) bool {
	if _, silent := errors.AsType[*silence](err); silent {
		return true
	}
	t, ok := errors.AsType[*trouble](err)
	return ok && (t.status == http.StatusBadGateway || t.status == http.StatusServiceUnavailable || t.status == http.StatusGatewayTimeout)
}

// unreachable tells of a call that got no answer.
func unreachable(err error) error {
	inner := err
	if outer, ok := errors.AsType[*url.Error](err); ok {
		inner = outer.Err // the URL may hold what the provider likes
	}
	return &trouble{text: clip(inner.Error()), cause: err}
}

// statusTrouble judges the status of an answer: nil for 200.
func statusTrouble(response *http.Response) error {
	status := response.StatusCode
	text := "the answer is " + strconv.Itoa(status)
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 400 && status < 500:
		// Some refuse by 403 alike whom they know nothing of and whom they put off.
		putOff := response.Header.Get("Retry-After") != "" || response.Header.Get("X-RateLimit-Remaining") == "0"
		return &refusal{status: status, text: text, putOff: putOff}
	default: // redirects, too, are not followed
		return &trouble{status: status, text: text}
	}
}

const maxClip = 200

// clip makes a stranger's text fit for the log.
func clip(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	if len(text) > maxClip {
		text = strings.ToValidUTF8(text[:maxClip], "") + "…"
	}
	return text
}
