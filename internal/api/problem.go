package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"watchword"
	"watchword/internal/web"
)

// problemOf is what becomes of the errors that huma makes itself. Its own texts
// quote what was submitted, which may be a password: only the place and the sort
// of each fault are taken over.
func problemOf(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
	c := context.Background()
	if ctx != nil {
		c = ctx.Context()
	}
	switch status {
	case http.StatusUnprocessableEntity:
		return web.NewProblem(c, watchword.InvalidFields(fieldErrors(errs)...))
	case http.StatusBadRequest:
		return web.NewProblem(c, errMalformed)
	case http.StatusRequestEntityTooLarge:
		return web.NewProblem(c, web.ErrTooLarge)
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return web.NewProblem(c, web.ErrMediaType)
	}
	if len(errs) > 0 {
		return web.NewProblem(c, errs[0])
	}
	return web.NewProblem(c, web.ErrUnavailable)
}

var errMalformed = watchword.NewError(watchword.KindMalformed, "malformed_json",
	"The body is missing or is not what this operation takes.")

// fieldRule turns one of huma's messages, known by how it begins, into ours.
type fieldRule struct {
	prefix, code, message string
}

// The rules that our schemas can break. What is in none of them is "invalid".
var fieldRules = []fieldRule{
	{before(validation.MsgExpectedRequiredProperty), "required", "This is required."},
	{validation.MsgUnexpectedProperty, "unknown_field", "This operation takes no such field, or not in this spelling."},
	{before(validation.MsgExpectedMinLength), "too_short", "This is too short."},
	{before(validation.MsgExpectedMaxLength), "too_long", "This is too long."},
	{before(validation.MsgExpectedMinItems), "too_short", "This list is too short."},
	{before(validation.MsgExpectedMaxItems), "too_long", "This list is too long."},
	{before(validation.MsgExpectedMinimumNumber), "out_of_range", "This is too small."},
	{before(validation.MsgExpectedMaximumNumber), "out_of_range", "This is too large."},
	{before(validation.MsgExpectedOneOf), "not_allowed", "This is none of the allowed values."},
	{before(validation.MsgExpectedMatchPattern), "invalid", "This does not have the form that is needed."},
	{before(validation.MsgExpectedBePattern), "invalid", "This does not have the form that is needed."},
	{validation.MsgExpectedBoolean, "wrong_type", "This must be true or false."},
	{validation.MsgExpectedString, "wrong_type", "This must be a string."},
	{validation.MsgExpectedInteger, "wrong_type", "This must be a whole number."},
	{validation.MsgExpectedNumber, "wrong_type", "This must be a number."},
	{validation.MsgExpectedObject, "wrong_type", "This must be an object."},
	{validation.MsgExpectedArray, "wrong_type", "This must be a list."},
	{validation.MsgExpectedRFC3339DateTime, "invalid", "This must be a time as in 2006-01-02T15:04:05Z."},
	{"invalid integer", "wrong_type", "This must be a whole number."},
	{"invalid boolean", "wrong_type", "This must be true or false."},
	{"invalid date/time", "invalid", "This must be a time as in 2006-01-02T15:04:05Z."},
	{"required", "required", "This is required."},
}

func before(format string) string {
	text, _, _ := strings.Cut(format, "%")
	return text
}

func fieldErrors(errs []error) []watchword.FieldError {
	list := make([]watchword.FieldError, 0, len(errs))
	for _, err := range errs {
		detailer, ok := err.(huma.ErrorDetailer)
		if !ok {
			list = append(list, watchword.FieldError{Code: "invalid", Message: "This is not valid."})
			continue
		}
		list = append(list, fieldErrorOf(detailer.ErrorDetail()))
	}
	return list
}

func fieldErrorOf(d *huma.ErrorDetail) watchword.FieldError {
	for _, rule := range fieldRules {
		if strings.HasPrefix(d.Message, rule.prefix) {
			return watchword.FieldError{Field: fieldName(d, rule.code), Code: rule.code, Message: rule.message}
		}
	}
	return watchword.FieldError{Field: fieldName(d, "invalid"), Code: "invalid", Message: "This is not valid."}
}

// fieldName is the path of a field of ours. The name of an unknown one is
// something that was submitted, dots and all, and stays unnamed.
func fieldName(d *huma.ErrorDetail, code string) string {
	path := d.Location
	for _, part := range []string{"body.", "query.", "header.", "path."} {
		path = strings.TrimPrefix(path, part)
	}
	switch {
	case code == "unknown_field":
		return ""
	case code == "required" && strings.Contains(d.Message, "property "):
		_, rest, _ := strings.Cut(d.Message, "property ")
		name, _, _ := strings.Cut(rest, " ")
		if path == "body" || path == "" {
			return name
		}
		return path + "." + name
	case path == "body":
		return ""
	default:
		return path
	}
}
