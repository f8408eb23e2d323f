package watchword_test

import (
	"slices"
	"strings"
	"testing"

	"watchword"
)

func TestOfTheScopeAskedForOnlyWhatThereIsIsGranted(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"":                            "",
		"openid":                      "openid",
		"x email  profile openid ":    "openid email profile",
		"OpenID openid\temail":        "",
		"openid openid":               "openid",
		"offline_access openid admin": "openid offline_access",
		"OpenID users:write":          "",
		"openid,email":                "",
	} {
		if got := watchword.GrantOAuthScope(asked); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
}

func TestAScopeIsInWhatWasGrantedAsAWord(t *testing.T) {
	t.Parallel()
	for granted, want := range map[string]bool{
		"": false, "openid": true, "email openid": true, "openid2": false, "not-openid": false, "open id": false,
	} {
		if got := watchword.OAuthOpenID.In(granted); got != want {
			t.Errorf("%q: %v", granted, got)
		}
	}
}

func FuzzGrantOAuthScope(f *testing.F) {
	for _, seed := range []string{"", "openid", "openid email profile offline_access", " openid  x", "openid\x00", "openid openid"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		got := watchword.GrantOAuthScope(asked)
		if again := watchword.GrantOAuthScope(got); again != got {
			t.Errorf("%q becomes %q and then %q", asked, got, again)
		}
		words := strings.Fields(got)
		for i, word := range words {
			if !slices.Contains(watchword.OAuthScopes(), watchword.OAuthScope(word)) || slices.Index(words, word) != i || !strings.Contains(asked, word) {
				t.Errorf("%q becomes %q", asked, got)
			}
		}
	})
}
