package watchword_test

import (
	"testing"

	"watchword"
)

func TestRedirectsToAppsNeedNoHost(t *testing.T) {
	t.Parallel()
	c := watchword.Client{RedirectURIs: []string{"com.example.app:/in", "https:/in", "http:/in", "javascript:/in", "com.example.app:in"}}
	for uri, want := range map[string]bool{
		"com.example.app:/in": true, "com.example.app:/other": false, "com.example.app:in": false, "https:/in": false, "http:/in": false, "javascript:/in": false,
	} {
		if got := c.AllowsRedirect(uri); got != want {
			t.Errorf("%s: %t", uri, got)
		}
	}
}
