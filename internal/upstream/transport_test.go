package upstream

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func through(t *testing.T, g guard, target string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader("secret"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := g.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

func TestNoCallLeavesTheNetwork(t *testing.T) {
	t.Parallel()
	l := &line{status: http.StatusOK}
	for target, want := range map[string]error{
		"http://idp.example/token":     errURL,
		"https://10.0.0.1/token":       errAddress,
		"https://user@idp.example/":    errURL,
		"https://[fd00:ec2::254]/keys": errAddress,
	} {
		if _, err := through(t, guard{network: NetworkPublic, base: l}, target); !errors.Is(err, want) {
			t.Errorf("%s: %v", target, err)
		}
	}
	if l.asked != 0 {
		t.Error("somebody has been asked")
	}
}

// Cut short, an answer might be read as something else.
func TestAnswersAreWholeOrNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"":                               nil,
		strings.Repeat("x", maxBody):     nil,
		strings.Repeat("x", maxBody+1):   errOversized,
		strings.Repeat("x", 2*maxBody+7): errOversized,
	} {
		got, err := through(t, guard{network: NetworkPublic, base: &line{status: http.StatusOK, text: text}}, "https://idp.example/")
		if !errors.Is(err, want) || err == nil && got != text {
			t.Errorf("of %d bytes %d come, %v", len(text), len(got), err)
		}
	}
}
