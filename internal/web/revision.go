package web

import (
	"net/http"
	"strings"

	"watchword"
)

// RevisionTag is the strong entity tag (RFC 9110 §8.8.3) of something in a revision.
func RevisionTag(r watchword.Revision) string { return `"` + string(r) + `"` }

// errIfMatch says that If-Match is no list of entity tags. To pass over it would
// overwrite what the caller wanted kept.
var errIfMatch = watchword.InvalidField("If-Match", "invalid", "This must be * or a list of entity tags in quotes, as ETag has them.")

// IfMatch is what a call demands of what it changes (RFC 9110 §13.1.1): nothing
// where it has no If-Match, or *. Tags are compared strongly: a weak one never
// matches, and neither does one that is not ours.
func IfMatch(r *http.Request) (watchword.Precondition, error) {
	lines, sent := r.Header["If-Match"]
	if !sent || len(lines) == 1 && strings.Trim(lines[0], " \t") == "*" {
		return watchword.Precondition{}, nil
	}
	list := []watchword.Revision{}
	named := 0
	for rest := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		tag := strings.Trim(rest, " \t")
		if tag == "" {
			continue // empty elements are ignored (RFC 9110 §5.6.1.2)
		}
		opaque, weak := strings.CutPrefix(tag, "W/")
		if len(opaque) < 2 || opaque[0] != '"' || opaque[len(opaque)-1] != '"' || strings.Contains(opaque[1:len(opaque)-1], `"`) {
			return watchword.Precondition{}, errIfMatch
		}
		named++
		if !weak {
			list = append(list, watchword.Revision(opaque[1:len(opaque)-1]))
		}
	}
	if named == 0 {
		return watchword.Precondition{}, errIfMatch
	}
	return watchword.InRevisions(list...), nil
}
