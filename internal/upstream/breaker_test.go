package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watchword/internal/secret"
)

// line is a provider within a bubble of time, where no sockets are.
type line struct {
	status int
	text   string
	hangs  bool
	asked  int
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.asked++
	if l.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{
		StatusCode: l.status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(l.text)), Request: r,
	}, nil
}

const (
	goodToken = `{"access_token":"a","token_type":"Bearer"}`
	badCode   = `{"error":"invalid_grant"}`
)

// along opens a plain OAuth 2.0 provider at the end of a line.
func along(t *testing.T, l http.RoundTripper) *Provider {
	t.Helper()
	all, err := Open([]Settings{{
		ID: "forge", Type: TypeOAuth2, ClientID: "c", ClientSecret: secret.NewString("s"), Claims: ClaimNames{Subject: "access_token"},
		AuthorizeURL: "https://forge.example/authorize", TokenURL: "https://forge.example/token?canary", UserinfoURL: "https://forge.example/user",
	}}, Options{Transport: l})
	if err != nil {
		t.Fatal(err)
	}
	return all.All()[0]
}

func someReturn() Return {
	d := departure()
	return Return{Code: secret.NewString("code"), Nonce: d.Nonce, Verifier: d.Verifier, RedirectURI: callbackURL}
}

func TestTheBreakerSparesAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		text   string
	}{
		"fails":                   {http.StatusInternalServerError, "oops"},
		"is overloaded":           {http.StatusServiceUnavailable, ""},
		"says garbage":            {http.StatusOK, "<html>"},
		"says too much":           {http.StatusOK, huge},
		"redirects":               {http.StatusFound, ""},
		"says that it has failed": {http.StatusBadRequest, `{"error":"server_error"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &line{status: test.status, text: test.text}
				p := along(t, l)
				for range 20 {
					who, err := p.Identify(t.Context(), someReturn())
					refused(t, who, err)
				}
				if l.asked != tripAfter {
					t.Errorf("asked %d times, want %d", l.asked, tripAfter)
				}
				time.Sleep(openFor + time.Second)
				for range 5 {
					_, _ = p.Identify(t.Context(), someReturn()) // one tries again, and closes it for the rest
				}
				if l.asked != tripAfter+1 {
					t.Errorf("asked %d times after a while, want once more", l.asked-tripAfter)
				}
				time.Sleep(openFor + time.Second)
				l.status, l.text = http.StatusOK, goodToken
				for range 2 {
					if _, err := p.Identify(t.Context(), someReturn()); err != nil {
						t.Errorf("the provider is back, but %v", err)
					}
				}
			})
		})
	}
}

// Whoever brings bad codes, or closes the page, shuts the door for nobody.
func TestTheBreakerDoesNotCountPeople(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*line{
		"bad code":             {status: http.StatusBadRequest, text: badCode},
		"bad code with 500":    {status: http.StatusInternalServerError, text: badCode},
		"bad code with 200":    {status: http.StatusOK, text: `{"error":"bad_verification_code"}`},
		"page without a word":  {status: http.StatusForbidden, text: "<html>"},
		"too many of them":     {status: http.StatusTooManyRequests},
		"client secret is off": {status: http.StatusUnauthorized, text: `{"error":"invalid_client"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := along(t, l)
				for range 3 * tripAfter {
					who, err := p.Identify(t.Context(), someReturn())
					refused(t, who, err)
				}
				l.status, l.text = http.StatusOK, goodToken
				if _, err := p.Identify(t.Context(), someReturn()); err != nil {
					t.Error(err)
				}
			})
		})
	}
	t.Run("closed pages", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := &line{hangs: true}
			p := along(t, l)
			for range 3 * tripAfter {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				who, err := p.Identify(ctx, someReturn())
				refused(t, who, err)
			}
			l.hangs, l.status, l.text = false, http.StatusOK, goodToken
			if _, err := p.Identify(t.Context(), someReturn()); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestASlowProviderIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{hangs: true}
		p := along(t, l)
		begun := time.Now()
		who, err := p.Identify(t.Context(), someReturn())
		refused(t, who, err)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the cause is %v", err)
		}
		if waited := time.Since(begun); waited != perCall { // of the bubble's time
			t.Errorf("somebody waited %s", waited)
		}
		for range tripAfter {
			_, _ = p.Identify(t.Context(), someReturn()) // until the breaker has counted enough
		}
		if l.asked != tripAfter {
			t.Errorf("asked %d times, want %d", l.asked, tripAfter)
		}
	})
}

// slow answers late, and takes the client secret the second time.
type slow struct{ line }

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(perCall - time.Second):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	response, err := s.line.RoundTrip(r)
	s.status, s.text = http.StatusOK, goodToken
	return response, err
}

func TestAllCallsTogetherAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := along(t, &slow{line{status: http.StatusUnauthorized, text: `{"error":"invalid_client"}`}})
		begun := time.Now()
		who, err := p.Identify(t.Context(), someReturn()) // token twice, then userinfo
		refused(t, who, err)
		if waited := time.Since(begun); waited != inAll { // of the bubble's time
			t.Errorf("somebody waited %s", waited)
		}
	})
}

// broken is a line that says where it was cut.
type broken struct{}

func (broken) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("cut on the way to " + r.URL.Host)
}

func TestErrorsDoNotRepeatURLs(t *testing.T) {
	t.Parallel()
	_, err := along(t, broken{}).Identify(t.Context(), someReturn())
	refused(t, Person{}, err)
	if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "cut on the way to forge.example") {
		t.Errorf("got %v", err)
	}
}

func TestWhoWaitsForMetadataGivesUpWithTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{hangs: true}
		all, err := Open([]Settings{{ID: "acme", Type: TypeOIDC, Issuer: "https://idp.example", ClientID: "c"}}, Options{Transport: l})
		if err != nil {
			t.Fatal(err)
		}
		p := all.All()[0]
		begun := time.Now()
		done := make(chan error)
		for range 10 {
			go func() {
				_, err := p.AuthorizeURL(t.Context(), departure())
				done <- err
			}()
		}
		for range 10 {
			refused(t, Person{}, <-done)
		}
		if waited := time.Since(begun); waited > inAll { // of the bubble's time
			t.Errorf("somebody waited %s", waited)
		}
	})
}
