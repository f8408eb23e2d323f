package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"watchword"
)

// Whatever an operation does wrong is a 503: a fault of ours is never a 401, which
// would log people out, and tells nothing of what it was about.
func TestFaultOfAnOperationIsA503ThatTellsNothing(t *testing.T) {
	t.Parallel()
	const hidden = "pq: duplicate key value (ada@example.com)"
	refusal := watchword.NewError(watchword.KindUnauthenticated, "session_revoked", "This session has ended.")
	for name, fault := range map[string]func() error{
		"panic":                    func() error { panic(hidden) },
		"unknown error":            func() error { return errors.New(hidden) },
		"timed out":                func() error { return fmt.Errorf("%s: %w", hidden, context.DeadlineExceeded) },
		"rule that was not looked": func() error { return refusal.Because(context.DeadlineExceeded) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			register(s.API, operation{
				id: "faulty", method: http.MethodGet, path: "/faulty", security: anyone(),
			}, func(context.Context, *struct{}) (*struct{}, error) { return nil, fault() })
			answer := s.call(http.MethodGet, "/faulty")
			var problem struct {
				Code      string
				Retryable bool
			}
			if err := json.Unmarshal(answer.Body.Bytes(), &problem); err != nil {
				t.Fatal(err)
			}
			if answer.Code != 503 || problem.Code != "unavailable" || !problem.Retryable || answer.Header().Get("Retry-After") == "" {
				t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
			}
			if strings.Contains(answer.Body.String(), "ada@") {
				t.Errorf("the answer tells: %s", answer.Body)
			}
		})
	}
}

func TestRefusalOfAnOperationIsItsOwn(t *testing.T) {
	t.Parallel()
	s := serve(t)
	refusal := watchword.NewError(watchword.KindLimited, "rate_limited", "Too many.").After(90e9).Because(errors.New("hidden"))
	register(s.API, operation{id: "refusing", method: http.MethodGet, path: "/refusing", security: anyone()},
		func(context.Context, *struct{}) (*struct{}, error) { return nil, fmt.Errorf("on the way: %w", refusal) })
	answer := s.call(http.MethodGet, "/refusing")
	if answer.Code != 429 || answer.Header().Get("Retry-After") != "90" || strings.Contains(answer.Body.String(), "hidden") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
}
