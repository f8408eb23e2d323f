package secret

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"unicode/utf8"
)

const redacted = "[redacted]"

// hidden is what String and Hash have in common: text that every way to print,
// log or marshal gives as "[redacted]".
type hidden struct {
	_ [0]func() // forbids ==, which would compare the pointers
	// A pointer, because fmt prints unexported fields by reflection and asks no
	// method: a struct that holds a secret would print it.
	text *string
}

// Reveal is the text itself. Each call is a place to review.
func (h hidden) Reveal() string {
	if h.text == nil {
		return ""
	}
	return *h.text
}

// IsZero says whether the text is empty.
func (h hidden) IsZero() bool { return h.Reveal() == "" }

// String implements fmt.Stringer, redacting.
func (h hidden) String() string { return redacted }

// GoString implements fmt.GoStringer, redacting.
func (h hidden) GoString() string { return redacted }

// Format implements fmt.Formatter, redacting under every verb and flag.
func (h hidden) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue implements slog.LogValuer, redacting.
func (h hidden) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, redacting.
func (h hidden) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON implements json.Marshaler, redacting.
func (h hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// String is text that must not be printed: a password, a token, a key. It
// redacts itself everywhere; only Reveal gives it away. The zero value is the
// empty secret.
type String struct{ hidden }

// NewString takes text into custody.
func NewString(text string) String { return String{hidden{text: &text}} }

// Equal compares in a time that depends on the lengths alone.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *String) UnmarshalText(text []byte) error {
	*s = NewString(string(text))
	return nil
}

// The errors of encoding/json can quote what they read, so none is passed on.
var errNotJSONString = errors.New("a secret must be a JSON string in valid UTF-8")

// UnmarshalJSON implements json.Unmarshaler; null leaves the value as it is.
func (s *String) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	// encoding/json would replace invalid bytes, and so take one password for another.
	if !utf8.Valid(data) {
		return errNotJSONString
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return errNotJSONString
	}
	*s = NewString(text)
	return nil
}
