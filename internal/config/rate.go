package config

import (
	"strconv"
	"strings"
	"time"
)

const badRate = reason("must be a count per duration such as 10/1m, from 1 to 1000000 per 1s to 24h")

// Rate is so many within so long.
type Rate struct {
	Count int
	Per   time.Duration
}

// UnmarshalText reads "10/1m".
func (r *Rate) UnmarshalText(text []byte) error {
	count, per, found := strings.Cut(string(text), "/")
	if !found {
		return badRate
	}
	n, err := strconv.ParseUint(count, 10, 32)
	if err != nil || n < 1 || n > 1_000_000 {
		return badRate
	}
	window, err := ParseDuration(per)
	if err != nil || window < time.Second || window > day {
		return badRate
	}
	*r = Rate{Count: int(n), Per: window}
	return nil
}

// String is the form that UnmarshalText reads.
func (r Rate) String() string { return strconv.Itoa(r.Count) + "/" + r.Per.String() }
