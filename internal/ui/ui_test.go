package ui

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchword"
	"watchword/internal/web"
)

type noOrigins struct{}

func (noOrigins) Allowed(watchword.ClientID, string) bool { return false }
func (noOrigins) AllowedByAny(string) bool                { return false }

// mounted is the pages inside the chain that they are served in.
func mounted(openAPI func() ([]byte, error)) (http.Handler, *web.Mux) {
	mux := web.NewMux(Exceptions())
	Mount(mux, openAPI)
	pages := NewLinkPages(Branding{Name: "Watchword", Accent: "#3b5bdb", OnAccent: "#ffffff"})
	pages.Mount(mux)
	ResetPage{Pages: pages}.Mount(mux)
	public := &url.URL{Scheme: "https", Host: "auth.example.com"}
	return web.Handler(web.Options{
		PublicURL: public, Origins: noOrigins{}, Log: slog.New(slog.DiscardHandler),
		Metrics: web.NewMetrics(prometheus.NewRegistry()), Now: time.Now, Random: rand.Reader,
	}, mux), mux
}

func sampleDocument() ([]byte, error) { return os.ReadFile("testdata/openapi.json") }

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPatternsAreWhatIsMounted(t *testing.T) {
	t.Parallel()
	_, mux := mounted(sampleDocument)
	if want := slices.Sorted(slices.Values(Patterns())); !slices.Equal(mux.Patterns(), want) {
		t.Errorf("mounted %v, listed %v", mux.Patterns(), want)
	}
}

func TestTheRootLeadsToTheDocs(t *testing.T) {
	t.Parallel()
	h, _ := mounted(sampleDocument)
	if w := ask(h, "GET", "/"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/docs" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/nowhere", "/docs/", "/docs/nowhere", "/docs/templates/layout.html"} {
		if w := ask(h, "GET", path); w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestPagesRunNothingThatIsNotOurs(t *testing.T) {
	t.Parallel()
	h, _ := mounted(sampleDocument)
	for _, path := range []string{"/docs", "/docs/errors"} {
		w := ask(h, "GET", path)
		csp := w.Header().Get("Content-Security-Policy")
		if w.Code != http.StatusOK || !strings.Contains(csp, "style-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %d %s", path, w.Code, csp)
		}
		for _, forbidden := range []string{"<script", " style=", "<style", " onclick=", "javascript:"} {
			if strings.Contains(w.Body.String(), forbidden) {
				t.Errorf("%s holds %s", path, forbidden)
			}
		}
	}
}

func TestWhatABrowserHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h, _ := mounted(sampleDocument)
	for path, contentType := range map[string]string{
		"/docs": "text/html; charset=utf-8", "/docs/errors": "text/html; charset=utf-8",
		"/docs/style.css": "text/css; charset=utf-8", "/docs/icon.svg": "image/svg+xml",
	} {
		w := ask(h, "GET", path)
		tag := w.Header().Get("ETag")
		if w.Code != http.StatusOK || tag == "" || w.Header().Get("Content-Type") != contentType || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if again := ask(h, "GET", path, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		if head := ask(h, "HEAD", path); head.Code != http.StatusOK || head.Body.Len() > 0 {
			t.Errorf("HEAD %s: %d, %d bytes", path, head.Code, head.Body.Len())
		}
	}
}

func TestAPageThatCannotBeMadeIsAProblem(t *testing.T) {
	t.Parallel()
	h, _ := mounted(func() ([]byte, error) { return nil, errors.New("no document") })
	w := ask(h, "GET", "/docs")
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "no document") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
