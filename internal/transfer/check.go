package transfer

import (
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
)

// Bounds in bytes: of what is in an index, which on Postgres takes 2,700 in all,
// and of the rest.
const (
	maxIndexed = 1000
	maxText    = 8 << 10
	maxObject  = 64 << 10
)

// faults collects what is wrong with a line.
type faults []watchword.FieldError

func (f *faults) err() error {
	if len(*f) == 0 {
		return nil
	}
	return watchword.InvalidFields(*f...)
}

func (f *faults) must(holds bool, field, code, message string) { //nolint:revive // it is what must hold, and no switch
	if !holds {
		*f = append(*f, watchword.FieldError{Field: field, Code: code, Message: message})
	}
}

// identifier takes what IDToBytes says.
func (f *faults) identifier(field string, _ [watchword.IDBytes]byte, err error) {
	f.must(err == nil, field, "invalid", "This is no identifier of its kind.")
}

// text refuses what Postgres does not keep.
func (f *faults) text(field, text string, most int) {
	f.must(len(text) <= most, field, "too_long", "This is longer than anything that is kept here.")
	f.must(!strings.ContainsRune(text, 0), field, "invalid_characters", "This must not hold NUL.")
}

func (f *faults) texts(most int, fieldsAndTexts ...string) {
	for i := 0; i+1 < len(fieldsAndTexts); i += 2 {
		f.text(fieldsAndTexts[i], fieldsAndTexts[i+1], most)
	}
}

// address refuses what no sign-in would ever find.
func (f *faults) address(field, text string) {
	canonical, err := account.CanonicalAddress(text)
	f.must(err == nil && canonical == text, field, "invalid_email", "This is no address in its canonical form.")
}

func (f *faults) role(r watchword.Role) {
	f.must(r.Valid(), "role", "not_allowed", "This must be owner, admin or member.")
}

// object takes the white space out and keeps all else: numbers that no float holds,
// too.
func (f *faults) object(field string, value *jsontext.Value) {
	err := value.Compact()
	f.must(err == nil && value.Kind() == '{' && len(*value) <= maxObject, field, "invalid_type", "This must be a JSON object of at most 64 KiB.")
}

// word refuses what would fall apart in a list that is kept with spaces.
func (f *faults) word(field, text string) {
	f.must(text != "" && !strings.ContainsFunc(text, unicode.IsSpace), field, "invalid_characters", "This must be one word.")
}

// life is a length of time of a client's own, up to the most that any may have.
func (f *faults) life(field string, life, most span) {
	f.must(life == 0 || time.Duration(life) >= time.Second && life <= most, field, "out_of_range", "This is shorter or longer than it may be.")
}

// fault takes the fault that a rule of others finds.
func (f *faults) fault(field string, err error) {
	if err == nil {
		return
	}
	message := "This " + err.Error() + "."
	if e, ok := errors.AsType[*watchword.Error](err); ok {
		message = e.Message
	}
	f.must(false, field, "not_allowed", message)
}

func (f *faults) times(fields ...timeField) {
	for _, t := range fields {
		f.must(!t.at.IsZero(), t.field, "required", "There must be a time.")
	}
}

type timeField struct {
	field string
	at    moment
}

// moment is a time as lines write it: in UTC, with all digits that are kept.
type moment struct{ at time.Time }

const momentLayout = "2006-01-02T15:04:05.000000Z"

// IsZero says that there is no time; the member is left out then.
func (m moment) IsZero() bool { return m.at.IsZero() }

// MarshalText writes the time.
func (m moment) MarshalText() ([]byte, error) {
	return m.at.UTC().AppendFormat(nil, momentLayout), nil
}

var errNoMoment = errors.New("no time between 1970 and 9999")

// UnmarshalText reads RFC 3339, of whatever zone.
func (m *moment) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil || at.UnixMicro() <= 0 || at.UTC().Year() > 9999 { // 0 is kept for none
		return errNoMoment
	}
	m.at = at.UTC().Truncate(time.Microsecond)
	return nil
}

// hashText is a password hash as a line holds it. Elsewhere it redacts itself.
type hashText struct{ hash secret.Hash }

// IsZero says that there is no password; the member is left out then.
func (h hashText) IsZero() bool { return h.hash.Reveal() == "" }

// MarshalText reveals the hash to the line.
func (h hashText) MarshalText() ([]byte, error) { return []byte(h.hash.Reveal()), nil }

// UnmarshalText takes any text: check holds it against what can be verified.
func (h *hashText) UnmarshalText(text []byte) error {
	h.hash = secret.StoredHash(string(text))
	return nil
}

// span is a length of time as lines write it, such as 15m0s.
type span time.Duration

// MarshalText writes the span.
func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

var errNoSpan = errors.New("no length of time")

// UnmarshalText reads what Go writes.
func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 || d != d.Truncate(time.Microsecond) {
		return errNoSpan
	}
	*s = span(d)
	return nil
}
