package watchword_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"watchword"
)

var (
	errGone  = watchword.NewError(watchword.KindGone, "token_used", "It was used.")
	errCause = errors.New("the cause")
)

func TestAnErrorIsItsCode(t *testing.T) {
	t.Parallel()
	derived := fmt.Errorf("act: %w", errGone.Because(errCause).After(time.Second))
	if !errors.Is(derived, errGone) || !errors.Is(derived, errCause) {
		t.Error("a derived error is not what it was, or has lost its cause")
	}
	if errors.Is(derived, watchword.NewError(watchword.KindGone, "token_expired", "It was used.")) || errors.Is(errCause, errGone) {
		t.Error("another code is the same error")
	}
	var e *watchword.Error
	if !errors.As(derived, &e) || e.Kind != watchword.KindGone || e.RetryAfter != time.Second || watchword.KindOf(derived) != watchword.KindGone {
		t.Errorf("got %+v", e)
	}
}

func TestDerivingLeavesTheDeclaredErrorAlone(t *testing.T) {
	t.Parallel()
	_ = errGone.Because(errCause)
	_ = errGone.After(time.Hour)
	if errGone.Unwrap() != nil || errGone.RetryAfter != 0 || strings.Contains(errGone.Error(), "cause") {
		t.Errorf("got %+v", errGone)
	}
}

// A forgotten kind must be a fault of ours: as a 401 it would log people out.
func TestWhatIsNoErrorOfOursIsAFault(t *testing.T) {
	t.Parallel()
	for _, err := range []error{errCause, nil, fmt.Errorf("act: %w", errCause), &watchword.Error{Code: "forgotten"}} {
		if kind := watchword.KindOf(err); kind != watchword.KindFault {
			t.Errorf("%v is of kind %d", err, kind)
		}
	}
}

func TestTheMessageForPeopleHoldsNoCause(t *testing.T) {
	t.Parallel()
	e := errGone.Because(errCause)
	if strings.Contains(e.Message, "cause") || !strings.Contains(e.Error(), "the cause") {
		t.Errorf("message %q, for the log %q", e.Message, e.Error())
	}
}

func TestInvalidFieldsAreAllTold(t *testing.T) {
	t.Parallel()
	e := watchword.InvalidFields(watchword.FieldError{Field: "a", Code: "x"}, watchword.FieldError{Field: "b", Code: "y"})
	if e.Kind != watchword.KindInvalid || len(e.Fields) != 2 || e.Code != "validation_failed" {
		t.Errorf("got %+v", e)
	}
}
