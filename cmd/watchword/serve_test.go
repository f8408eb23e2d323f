package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The open listener gives metrics, by GET, and nothing else.
func TestOpenMetricsServeNothingElse(t *testing.T) {
	t.Parallel()
	handler := openMetrics(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for call, want := range map[[2]string]int{
		{http.MethodGet, "/metrics"}:  http.StatusOK,
		{http.MethodPost, "/metrics"}: http.StatusMethodNotAllowed,
		{http.MethodGet, "/"}:         http.StatusNotFound,
		{http.MethodGet, "/auth/me"}:  http.StatusNotFound,
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(call[0], call[1], nil))
		if answer.Code != want {
			t.Errorf("%v: %d, want %d", call, answer.Code, want)
		}
	}
}
