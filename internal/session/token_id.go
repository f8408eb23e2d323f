package session

import (
	"strconv"
	"strings"

	"watchword"
)

// tokenID is the jti of the access token of a session's present generation:
// unique, because a generation is passed once, and the same on every node.
func tokenID(s watchword.Session) string {
	return strings.TrimPrefix(string(s.ID), "ses_") + "." + strconv.FormatInt(s.Generation, 36)
}
