package web

import (
	"net/http"
	"net/url"
	"testing"
)

func TestClientCredentialsAreFormEncoded(t *testing.T) {
	t.Parallel()
	const id, key = "my app:1", "a secret: or + more%"
	for name, c := range map[string]struct {
		user, password string
		scheme         string
		ok, faulty     bool
	}{
		"encoded":            {url.QueryEscape(id), url.QueryEscape(key), "Basic", true, false},
		"not encoded":        {"web", key, "Basic", true, true},
		"a name that is not": {"web%", "secret", "Basic", true, true},
		"another scheme":     {url.QueryEscape(id), url.QueryEscape(key), "Bearer", false, false},
	} {
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth(c.user, c.password)
		r.Header.Set("Authorization", c.scheme+r.Header.Get("Authorization")[len("Basic"):])
		gotID, gotKey, ok, err := ClientCredentials(r)
		if ok != c.ok || (err != nil) != c.faulty {
			t.Errorf("%s: ok %v, %v", name, ok, err)
		}
		if whole := c.ok && !c.faulty; whole != (string(gotID) == id) || whole != (gotKey.Reveal() == key) {
			t.Errorf("%s: got %q", name, gotID)
		}
	}
}
