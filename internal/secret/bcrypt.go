package secret

import (
	"regexp"
	"strconv"

	"golang.org/x/crypto/bcrypt"
)

const (
	maxBcryptCost = 14 // about a second
	// maxBcryptPassword is where every bcrypt stops reading. The systems that made
	// the hashes cut longer passwords off in silence, so verifying must as well;
	// the re-hash at the first sign-in counts every byte.
	maxBcryptPassword = 72
)

var (
	bcryptCost = regexp.MustCompile(`^[0-9]{2}$`)
	bcryptBody = regexp.MustCompile(`^[./A-Za-z0-9]{53}$`)
)

type bcryptHash struct{ text String }

func parseBcrypt(text string, fields []string) (scheme, error) {
	if len(fields) != 2 || !bcryptCost.MatchString(fields[0]) || !bcryptBody.MatchString(fields[1]) {
		return nil, ErrMalformedHash
	}
	cost, err := strconv.Atoi(fields[0])
	switch {
	case err != nil || cost < bcrypt.MinCost:
		return nil, ErrMalformedHash
	case cost > maxBcryptCost:
		return nil, ErrCostlyHash
	}
	return bcryptHash{NewString(text)}, nil
}

func (h bcryptHash) matches(password []byte) bool {
	read := password[:min(len(password), maxBcryptPassword)]
	return bcrypt.CompareHashAndPassword([]byte(h.text.Reveal()), read) == nil
}
