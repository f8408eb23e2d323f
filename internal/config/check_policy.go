package config

import (
	"strings"
	"time"

	"watchword"
)

// checkPolicy checks passwords, lifetimes, retention, keys and waitlists. The
// syntax of rates is checked where they are read.
func (k *checker) checkPolicy() {
	if n := k.Passwords.MinLength; n < 8 || n > PasswordMaxLength {
		k.fault("passwords.min_length", "must be from 8 to 128", "")
	}
	if n := k.Passwords.MinScore; n < 0 || n > 4 {
		k.fault("passwords.min_score", "must be from 0 to 4", "")
	}
	k.checkDurations()
	k.checkOrder()
	for i, feature := range k.Waitlist.Features {
		if !validID(feature, idSymbols+"._-") {
			k.fault(item("waitlist.features", i), "must be 1 to 64 lower-case letters, digits, dots, - and _, the first a letter or digit", "")
		}
	}
	k.checkTwice("waitlist.features", k.Waitlist.Features)
}

// checkDurations refuses what is absurd: tokens that outlive every revocation,
// links that nobody can follow in time.
func (k *checker) checkDurations() {
	l := k.Lifetimes
	for _, d := range []struct {
		key              string
		value, low, high time.Duration
		says             string
	}{
		{"lifetimes.access_token", l.AccessToken, time.Second, watchword.MaxAccessLife, "1s to 24h"},
		{"lifetimes.refresh_idle", l.RefreshIdle, time.Second, watchword.MaxRefreshLife, "1s to 400d"},
		{"lifetimes.refresh_absolute", l.RefreshAbsolute, time.Second, watchword.MaxRefreshLife, "1s to 400d"},
		{"lifetimes.refresh_short", l.RefreshShort, time.Second, watchword.MaxRefreshLife, "1s to 400d"},
		{"lifetimes.refresh_grace", l.RefreshGrace, 0, 5 * time.Minute, "0s to 5m"},
		{"lifetimes.magic_link", l.MagicLink, time.Second, day, "1s to 24h"},
		{"lifetimes.reset", l.Reset, time.Second, day, "1s to 24h"},
		{"lifetimes.verification", l.Verification, time.Second, 30 * day, "1s to 30d"},
		{"lifetimes.invite", l.Invite, time.Second, 30 * day, "1s to 30d"},
		{"retention.events", k.Retention.Events, day, 3660 * day, "1d to 3660d"},
		{"retention.failures", k.Retention.Failures, day, 3660 * day, "1d to 3660d"},
		{"retention.deleted_users", k.Retention.DeletedUsers, 0, 365 * day, "0s to 365d"},
		{"signing_keys.rotate_every", k.SigningKeys.RotateEvery, time.Hour, 400 * day, "1h to 400d"},
		{"signing_keys.publish_ahead", k.SigningKeys.PublishAhead, 10 * time.Minute, 30 * day, "10m to 30d"},
	} {
		if d.value < d.low || d.value > d.high {
			k.fault(d.key, "must be from "+d.says, "")
		}
	}
}

// checkOrder refuses ends that come before their beginnings.
func (k *checker) checkOrder() {
	l := k.Lifetimes
	k.checkLess("lifetimes.access_token", "lifetimes.refresh_idle", l.AccessToken, l.RefreshIdle)
	k.checkLess("lifetimes.refresh_idle", "lifetimes.refresh_absolute", l.RefreshIdle, l.RefreshAbsolute)
	k.checkLess("lifetimes.refresh_short", "lifetimes.refresh_absolute", l.RefreshShort, l.RefreshAbsolute)
	k.checkLess("signing_keys.publish_ahead", "signing_keys.rotate_every", k.SigningKeys.PublishAhead, k.SigningKeys.RotateEvery)
}

// checkLess blames the setting that somebody gave; the other is a default.
func (k *checker) checkLess(lesser, greater string, less, more time.Duration) {
	if less <= more || k.trail.bad(lesser) || k.trail.bad(greater) {
		return
	}
	if !k.trail.given(lesser) && k.trail.given(greater) {
		k.fault(greater, "must not be shorter than "+lesser, "")
		return
	}
	k.fault(lesser, "must not be longer than "+greater, "")
}

// validAccent takes #rgb and #rrggbb: it goes into a style sheet.
func validAccent(text string) bool {
	digits, found := strings.CutPrefix(text, "#")
	return found && (len(digits) == 3 || len(digits) == 6) && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}
