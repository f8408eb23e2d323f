package watchword_test

import (
	"testing"

	"watchword"
)

func TestOfTheScopeAskedForOnlyWhatThereIsIsGranted(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"":                            "",
		"openid":                      "openid",
		"profile  openid\temail":      "openid email profile",
		"openid openid":               "openid",
		"openid offline_access admin": "openid",
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
