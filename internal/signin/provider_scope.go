package signin

import (
	"slices"
	"strings"
)

// scopes are the words of a scope that this server knows (OpenID Connect Core
// §5.4, §11).
var scopes = [...]string{"openid", "profile", "email", "offline_access"}

// knownScope is what of a scope this server knows, each word once and in one
// order. The rest is left out, as RFC 6749 §3.3 lets a server do.
func knownScope(asked string) string {
	words := strings.Split(asked, " ")
	var known []string
	for _, word := range scopes {
		if slices.Contains(words, word) {
			known = append(known, word)
		}
	}
	return strings.Join(known, " ")
}
