package api

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/web"
)

// served is the operations behind the chain that guards them. What they call is
// not there: these tests are about what they say of themselves.
type served struct {
	*API
	mux     *web.Mux
	handler http.Handler
}

func serve(t *testing.T) served {
	t.Helper()
	public := &url.URL{Scheme: "https", Host: "auth.example.com"}
	clients := client.NewRegistry(nil, client.Settings{Clients: []watchword.Client{{ID: "web"}}, Default: "web"}, time.Now)
	mux := web.NewMux(Exceptions())
	a := Mount(mux, Deps{
		Clients: Clients{clients}, Cookies: web.SessionCookies{AccessName: "access_token", RefreshName: "refresh_token"},
		Clock: time.Now, Log: slog.New(slog.DiscardHandler), Version: "1", PublicURL: public.String(),
	})
	return served{a, mux, web.Handler(web.Options{
		PublicURL: public, Origins: clients, Log: slog.New(slog.DiscardHandler),
		Metrics: web.NewMetrics(prometheus.NewRegistry()), Now: time.Now, Random: rand.Reader,
	}, mux)}
}

func (s served) call(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}
