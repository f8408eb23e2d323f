package secret

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// numbers reads "a=1,b=2": these names in this order, nothing else. Anything
// looser would give one hash several spellings.
func numbers(text string, names ...string) ([]int, error) {
	pairs := strings.Split(text, ",")
	if len(pairs) != len(names) {
		return nil, ErrMalformedHash
	}
	values := make([]int, len(names))
	for i, pair := range pairs {
		name, digits, _ := strings.Cut(pair, "=")
		value, err := number(digits)
		if name != names[i] || err != nil {
			return nil, ErrMalformedHash
		}
		values[i] = value
	}
	return values, nil
}

// number reads a positive decimal below 2^30, without sign or leading zeros.
func number(digits string) (int, error) {
	value, err := strconv.ParseUint(digits, 10, 30)
	if err != nil || value == 0 || strconv.FormatUint(value, 10) != digits {
		return 0, ErrMalformedHash
	}
	return int(value), nil
}

// base64Alphabets turns the URL-safe alphabet (the Firebase Admin SDK) and
// passlib's into the standard one.
var base64Alphabets = strings.NewReplacer("-", "+", "_", "/", ".", "+")

// decode reads base64 of at least least and at most most bytes.
func decode(text string, least, most int) ([]byte, error) {
	digits := strings.TrimRight(text, "=")
	padded := len(digits) != len(text)
	if padded && (len(text)%4 != 0 || len(text)-len(digits) > 2) {
		return nil, ErrMalformedHash
	}
	if strings.ContainsAny(digits, "\r\n") { // encoding/base64 skips them
		return nil, ErrMalformedHash
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(base64Alphabets.Replace(digits))
	if err != nil || len(raw) < least || len(raw) > most {
		return nil, ErrMalformedHash
	}
	return raw, nil
}

// decodeSaltAndKey reads the last two fields of most formats.
func decodeSaltAndKey(fields []string) (salt, key []byte, err error) {
	if len(fields) != 2 {
		return nil, nil, ErrMalformedHash
	}
	if salt, err = decode(fields[0], minSaltBytes, maxSaltBytes); err != nil {
		return nil, nil, err
	}
	if key, err = decode(fields[1], minKeyBytes, maxKeyBytes); err != nil {
		return nil, nil, err
	}
	return salt, key, nil
}
