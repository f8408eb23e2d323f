package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"watchword"
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

// bearerMux answers with the token that it finds, or why it finds none.
func bearerMux() *Mux {
	own := Rule{Body: BodyOwn}
	mux := NewMux(map[string]Rule{"POST /who": own})
	who := func(w http.ResponseWriter, r *http.Request) {
		token, err := BearerOrForm(r)
		switch {
		case err != nil:
			WriteBearerProblem(w, r, err, "openid")
		case token.Reveal() == "narrow":
			WriteBearerProblem(w, r, watchword.NewError(watchword.KindForbidden, "insufficient_scope", "No."), "openid")
		case token.Reveal() != "good":
			WriteBearerProblem(w, r, watchword.NewError(watchword.KindUnauthenticated, "unauthenticated", "No."), "openid")
		}
	}
	mux.HandleFunc("GET /who", who)
	mux.HandleFunc("POST /who", who)
	return mux
}

func TestABearerIsToldWhyTheTokenWillNotDo(t *testing.T) {
	t.Parallel()
	h := newFixture(t, bearerMux())
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, method, query, authorization, media, body string
		status                                          int
		challenge                                       string
	}{
		{name: "header", method: "GET", authorization: "Bearer good", status: 200},
		{name: "header of a POST", method: "POST", authorization: "Bearer good", status: 200},
		{name: "header beside JSON", method: "POST", authorization: "Bearer good", media: "application/json", body: "{", status: 200},
		{name: "header beside an empty field", method: "POST", authorization: "Bearer good", media: form, body: "access_token=&x=y", status: 200},
		{name: "form", method: "POST", media: form, body: "access_token=good", status: 200},
		{name: "nothing", method: "GET", status: 401, challenge: `Bearer realm="watchword"`},
		{name: "query", method: "GET", query: "?access_token=good", status: 401, challenge: `Bearer realm="watchword"`},
		{name: "query of a POST", method: "POST", query: "?access_token=good", media: form, body: "x=y", status: 401, challenge: `Bearer realm="watchword"`},
		{name: "body of a GET", method: "GET", media: form, body: "access_token=good", status: 401, challenge: `Bearer realm="watchword"`},
		{name: "JSON", method: "POST", media: "application/json", body: `{"access_token":"good"}`, status: 401, challenge: `Bearer realm="watchword"`},
		{name: "wrong in the header", method: "GET", authorization: "Bearer bad", status: 401, challenge: `Bearer realm="watchword", error="invalid_token"`},
		{name: "wrong in the form", method: "POST", media: form, body: "access_token=bad", status: 401, challenge: `Bearer realm="watchword", error="invalid_token"`},
		{name: "both", method: "POST", authorization: "Bearer good", media: form, body: "access_token=good", status: 400, challenge: `Bearer realm="watchword", error="invalid_request"`},
		{name: "twice", method: "POST", media: form, body: "access_token=good&access_token=good", status: 400, challenge: `Bearer realm="watchword", error="invalid_request"`},
		{name: "no form", method: "POST", media: form, body: "access_token=%zz", status: 400, challenge: `Bearer realm="watchword", error="invalid_request"`},
		{name: "narrow", method: "GET", authorization: "Bearer narrow", status: 403, challenge: `Bearer realm="watchword", error="insufficient_scope", scope="openid"`},
	} {
		headers := []string{}
		for name, value := range map[string]string{"Authorization": c.authorization, "Content-Type": c.media} {
			if value != "" {
				headers = append(headers, name, value)
			}
		}
		w := send(h, c.method, "/who"+c.query, c.body, headers...)
		if w.Code != c.status || w.Header().Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: %d %q, want %d %q", c.name, w.Code, w.Header().Get("WWW-Authenticate"), c.status, c.challenge)
		}
	}
}
