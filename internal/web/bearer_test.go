package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestBearerIsTheTokenOfTheHeader(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"":              "",
		"Basic YTpi":    "",
		"Bearer":        "",
		"Bearer ":       "", // a header with nothing in it must not hide the cookie
		"Bearerabc":     "",
		"Bearer abc":    "abc",
		"bearer  a.b.c": "a.b.c",
	} {
		r := httptest.NewRequest(http.MethodGet, "/x", nil)
		r.Header.Set("Authorization", header)
		if token, ok := Bearer(r); token.Reveal() != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", header, token.Reveal(), ok)
		}
	}
}
