package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"watchword"
)

// MaxBody is the longest body in bytes that any call may have.
const MaxBody = 64 << 10

// The errors of bodies that are refused unread.
var (
	ErrTooLarge = watchword.NewError(watchword.KindTooLarge, "body_too_large",
		"The body is longer than 64 KiB.")
	ErrMediaType = watchword.NewError(watchword.KindUnsupported, "unsupported_media_type",
		"The body must be application/json in UTF-8, uncompressed, and say so in Content-Type.")
)

var (
	errNotForm = watchword.NewError(watchword.KindUnsupported, "unsupported_media_type",
		"The body must be application/x-www-form-urlencoded.")
	errFormSyntax = watchword.NewError(watchword.KindMalformed, "malformed_form",
		"The form in the body is not well-formed.")
	errBodyRead = watchword.NewError(watchword.KindMalformed, "body_incomplete",
		"The body did not arrive whole.")
)

// body is a request body that was read and checked, to be read again.
type body struct{ bytes.Reader }

// Close implements io.Closer.
func (b *body) Close() error { return nil }

// take applies the route's rule to the body of r. The body is read once and put
// back, JSON is checked; an empty one passes, as some calls may have none;
// where one is needed, or none is taken, the operation says so.
func (b *body) take(r *http.Request, rule BodyRule) error {
	if safeMethod(r.Method) {
		r.Body = http.NoBody // these take none: nobody shall parse one
		return nil
	}
	if rule == BodyOwn {
		r.Body = http.MaxBytesReader(nil, r.Body, MaxBody)
		return nil
	}
	if r.ContentLength > MaxBody {
		return ErrTooLarge // before a byte is read
	}
	if r.ContentLength == 0 {
		return nil
	}
	form := rule == BodyForm && isForm(r.Header)
	said := form || isJSON(r.Header)
	if r.ContentLength > 0 && !said {
		return ErrMediaType
	}
	data, err := readBounded(r)
	if err != nil {
		return err
	}
	if len(data) > 0 && !said {
		return ErrMediaType
	}
	if len(data) > 0 && !form {
		if err := CheckJSON(data); err != nil {
			return err
		}
	}
	b.Reset(data)
	r.Body, r.ContentLength = b, int64(len(data))
	return nil
}

func readBounded(r *http.Request) ([]byte, error) {
	if r.ContentLength > 0 {
		data := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, data); err != nil {
			return nil, errBodyRead.Because(err)
		}
		return data, nil
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1)) // chunked
	if err != nil {
		return nil, errBodyRead.Because(err)
	}
	if len(data) > MaxBody {
		return nil, ErrTooLarge
	}
	return data, nil
}

// isJSON says whether the body claims to be uncompressed JSON in UTF-8. Its
// absence is no claim: a form or a text/plain body is what a foreign page can
// send without a preflight.
func isJSON(h http.Header) bool {
	types, encodings := h["Content-Type"], h["Content-Encoding"]
	if len(types) != 1 || len(encodings) > 1 {
		return false
	}
	if len(encodings) == 1 && !strings.EqualFold(encodings[0], "identity") {
		return false
	}
	if types[0] == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(types[0])
	if err != nil || media != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return len(params) == 0 || len(params) == 1 && given && strings.EqualFold(charset, "utf-8")
}

// isForm says whether the body claims to be a form as a page of HTML sends it.
func isForm(h http.Header) bool {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// IsForm says whether the body of r claims to be a form.
func IsForm(r *http.Request) bool { return isForm(r.Header) }

// ParseForm reads the form in the body of a call under [BodyForm] or [BodyOwn] into
// r.PostForm. The errors are 413, 415 and 400 malformed_form.
func ParseForm(r *http.Request) error {
	if !isForm(r.Header) {
		return errNotForm
	}
	if r.ContentLength > MaxBody {
		return ErrTooLarge // before a byte is read
	}
	err := r.ParseForm()
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return ErrTooLarge
	}
	if err != nil {
		return errFormSyntax // not its cause: it quotes the form
	}
	return nil
}
