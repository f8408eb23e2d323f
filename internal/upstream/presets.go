package upstream

import (
	"maps"
	"slices"
)

// Presets are the names of the presets.
func Presets() []string { return slices.Sorted(maps.Keys(presets())) }

// presets are those that are built in, by the name that settings give them. Each is
// one entry, in the file of its name with what is odd about it.
func presets() map[string]preset {
	return map[string]preset{
		"apple":     presetApple(),
		"bitbucket": presetBitbucket(),
		"discord":   presetDiscord(),
		"facebook":  presetFacebook(),
		"github":    presetGitHub(),
		"gitlab":    presetGitLab(),
		"google":    presetGoogle(),
		"linkedin":  presetLinkedIn(),
		"microsoft": presetMicrosoft(),
		"slack":     presetSlack(),
		"twitch":    presetTwitch(),
		"x":         presetX(),
	}
}

// always is an issuer that no setting changes.
func always(issuer string) func(Settings) string {
	return func(Settings) string { return issuer }
}

// never is for providers whose documentation does not say that an address was
// proven to them, or that it still is the person's.
func never(Settings, answer, string) bool { return false }

// primaryOf is the entry of a list of addresses that is marked as the primary one.
func primaryOf(emails any, mark string) claims {
	list, _ := emails.([]any)
	for _, one := range list {
		if email, ok := one.(map[string]any); ok && claims(email).yes(mark) {
			return email
		}
	}
	return nil
}
