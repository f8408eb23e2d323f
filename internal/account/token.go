package account

import (
	"io"

	"watchword/internal/secret"
)

const tokenPrefix = "otk_"

// NewToken makes a one-time token, to be mailed and to be stored as its digest.
func NewToken(random io.Reader) secret.String { return secret.NewToken(tokenPrefix, random) }
