package config

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const badDuration = reason("must be a duration such as 30s, 10m, 12h or 7d")

// ParseDuration reads what time.ParseDuration reads, and whole days: "365d",
// "1d12h". Negative durations are refused: no setting means one.
func ParseDuration(text string) (time.Duration, error) {
	var days time.Duration
	rest := text
	if count, after, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(count, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/int64(day)) {
			return 0, badDuration
		}
		days, rest = time.Duration(n)*day, after
		if rest == "" {
			return days, nil
		}
	}
	clock, err := time.ParseDuration(rest)
	if err != nil || strings.ContainsAny(rest, "+-") || clock > math.MaxInt64-days {
		return 0, badDuration
	}
	return days + clock, nil
}
