package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"

	"watchword"
	"watchword/internal/store/storetest"
)

// snippetMux has the two CSRF operations and calls that a cookie authenticates.
// The access cookie is the session's bare id.
func snippetMux(c CSRF) *Mux {
	signIn := func(r *http.Request) watchword.SessionID {
		access, _ := readCookie(r, sessionCookies.AccessName)
		return watchword.SessionID(access)
	}
	mux := NewMux(nil)
	mux.HandleFunc("GET /auth/csrf/init", c.ServeScript)
	mux.HandleFunc("GET /auth/csrf/token", func(w http.ResponseWriter, r *http.Request) {
		token, expires, err := c.Token(r, signIn(r))
		if err != nil {
			WriteProblem(w, r, err)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"csrf_token": token, "header": CSRFHeader, "expires_at": expires})
	})
	mux.HandleFunc("GET /act", healthz)
	mux.HandleFunc("POST /act", func(w http.ResponseWriter, r *http.Request) {
		if err := c.Check(r, signIn(r)); err != nil {
			WriteProblem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, r.Body)
	})
	mux.HandleFunc("POST /refuses", func(w http.ResponseWriter, r *http.Request) { WriteProblem(w, r, ErrCSRFInvalid) })
	mux.HandleFunc("POST /forbids", func(w http.ResponseWriter, r *http.Request) {
		WriteProblem(w, r, watchword.NewError(watchword.KindForbidden, "not_a_member", "No."))
	})
	return mux
}

// The cases are in testdata/csrf_test.mjs: each is run as a page of the server's
// own origin and as one of a listed other origin.
func TestCSRFSnippet(t *testing.T) {
	t.Parallel()
	const foreign = "http://app.test:3000"
	c := newCSRF(t, storetest.NewClock(), "a", "")
	server := httptest.NewUnstartedServer(nil)
	own := "http://" + server.Listener.Addr().String()
	server.Config.Handler = newFixture(t, snippetMux(c), func(o *Options) {
		o.PublicURL = mustURL(t, own)
		o.Origins = listed{"web": {foreign}, "other": {"http://second.test:3000"}}
	})
	server.Start()
	defer server.Close()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("this test needs Node.js (v20 or later) in PATH")
	}
	out, err := exec.CommandContext(t.Context(), node, "testdata/csrf_test.mjs", own, foreign).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
