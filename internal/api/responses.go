package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"watchword/internal/web"
)

const (
	responsesPrefix = "#/components/responses/"
	headersPrefix   = "#/components/headers/"

	headerRequestID    = "X-Request-Id"
	headerRetryAfter   = "Retry-After"
	headerAuthenticate = "WWW-Authenticate"
)

// problems are the errors that operations answer, each described once.
func problems() map[int]string {
	return map[int]string{
		http.StatusBadRequest:            "Malformed, or a token that is not valid.",
		http.StatusUnauthorized:          "Not signed in, or no longer.",
		http.StatusForbidden:             "Known and refused; also what a page of a foreign origin gets.",
		http.StatusNotFound:              "There is no such thing.",
		http.StatusConflict:              "It conflicts with what is there.",
		http.StatusGone:                  "Expired, used before, or taken back.",
		http.StatusPreconditionFailed:    "It has been changed since it was read.",
		http.StatusRequestEntityTooLarge: "The body is longer than 64 KiB.",
		http.StatusUnsupportedMediaType:  "The body is not application/json.",
		http.StatusUnprocessableEntity:   "Fields break a rule; errors names each of them.",
		http.StatusTooManyRequests:       "Too many attempts. Retry-After says when to come back.",
		http.StatusBadGateway:            "A provider did not do its part.",
		http.StatusServiceUnavailable:    "A fault of the server, or too much to do. Retry-After says when to come back.",
	}
}

// describeProblems puts the errors and the headers of answers where operations
// refer to them.
func describeProblems(c *huma.Components) {
	text, number := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger}
	c.Headers = map[string]*huma.Header{
		headerRequestID:    {Description: "Names this call in the log and in the audit record.", Required: true, Schema: text},
		headerRetryAfter:   {Description: "Seconds after which trying again may help.", Required: true, Schema: number},
		headerAuthenticate: {Description: "Bearer, and why the token would not do (RFC 6750).", Required: true, Schema: text},
	}
	schema := c.Schemas.Schema(reflect.TypeFor[web.Problem](), true, "Problem")
	c.Responses = map[string]*huma.Response{}
	for status, description := range problems() {
		r := success(description, nil)
		r.Content = map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}
		switch status {
		case http.StatusUnauthorized:
			r.Headers[headerAuthenticate] = headerRef(headerAuthenticate)
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			r.Headers[headerRetryAfter] = headerRef(headerRetryAfter)
		}
		c.Responses[problemName(status)] = r
	}
}

// problemResponses refers to the description of each status.
func problemResponses(statuses []int) map[string]*huma.Response {
	list, described := map[string]*huma.Response{}, problems()
	for _, status := range statuses {
		if described[status] == "" {
			panic("api: an error that is not described: " + strconv.Itoa(status))
		}
		list[strconv.Itoa(status)] = &huma.Response{Ref: responsesPrefix + problemName(status)}
	}
	return list
}

func problemName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

func headerRef(name string) *huma.Header { return &huma.Header{Ref: headersPrefix + name} }

// success is an answer with JSON of the schema, or without a body where it is nil.
func success(description string, schema *huma.Schema) *huma.Response {
	r := &huma.Response{
		Description: description,
		Headers:     map[string]*huma.Header{headerRequestID: headerRef(headerRequestID)},
	}
	if schema != nil {
		r.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
	}
	return r
}
