package watchword

import (
	"errors"
	"time"
)

// Kind says what sort of failure an Error is; web maps each to one HTTP status.
type Kind uint8

// The kinds. The zero value is a fault of ours, so that a forgotten kind is
// answered as one (503) and never logs anybody out.
const (
	KindFault           Kind = iota // ours: 503, retryable
	KindMalformed                   // 400
	KindUnauthenticated             // 401
	KindForbidden                   // 403
	KindNotFound                    // 404
	KindConflict                    // 409
	KindGone                        // 410
	KindTooLarge                    // 413
	KindUnsupported                 // 415
	KindInvalid                     // 422, with Fields
	KindLimited                     // 429, with RetryAfter
	KindUnavailable                 // 503, with RetryAfter: database away, queue full
	KindUpstream                    // 502: a provider failed
	KindPrecondition                // 412: it has been changed since it was read
)

// FieldError is one broken rule of one field of a request.
type FieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is the only error type that reaches callers. Code is stable snake_case.
// Message is for people, is sent to them, and never holds anything they
// submitted. The cause is for the log alone.
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Fields     []FieldError
	RetryAfter time.Duration
	cause      error
}

// NewError makes an error to be declared once, next to the act that returns it.
func NewError(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the hidden cause, for the log and for errors.Is.
func (e *Error) Unwrap() error { return e.cause }

// Is makes every error with the same code the same error, whatever its cause.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Because is this error with a cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After is this error with the time after which trying again may help.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// KindOf is the kind of the first Error in err's chain, KindFault if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindFault
}

// InvalidField is the 422 for one field.
func InvalidField(field, code, message string) *Error {
	return InvalidFields(FieldError{Field: field, Code: code, Message: message})
}

// InvalidFields is the 422 for several fields at once.
func InvalidFields(fields ...FieldError) *Error {
	return &Error{
		Kind: KindInvalid, Code: "validation_failed",
		Message: "Some fields of the request do not hold what they must.", Fields: fields,
	}
}
