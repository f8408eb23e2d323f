package signin

import (
	"slices"
	"strings"
	"testing"
)

func TestAScopeIsReducedToWhatIsKnown(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"":                                    "",
		"openid":                              "openid",
		"offline_access openid openid":        "openid offline_access",
		"admin:write openid  profile email x": "openid profile email",
		"OpenID openid\temail openid\n":       "",
		"openid,email":                        "",
	} {
		if got := knownScope(asked); got != want {
			t.Errorf("of %q is left %q, want %q", asked, got, want)
		}
	}
}

func FuzzKnownScope(f *testing.F) {
	for _, seed := range []string{"", "openid", "openid email profile offline_access", " openid  x", "openid\x00", "openid openid"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		got := knownScope(asked)
		if again := knownScope(got); again != got {
			t.Errorf("%q becomes %q and then %q", asked, got, again)
		}
		words := strings.Fields(got)
		for i, word := range words {
			if !slices.Contains(scopes[:], word) || slices.Index(words, word) != i || !strings.Contains(asked, word) {
				t.Errorf("%q becomes %q", asked, got)
			}
		}
	})
}
