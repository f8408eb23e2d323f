package account

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"watchword"
)

const (
	maxName     = 200 // characters
	maxPicture  = 2048
	maxLocale   = 35 // BCP 47's longest usual tag
	maxMetadata = 16 << 10
)

// CleanName trims a name of a person or an account and refuses what could
// disguise itself in a list or a mail.
func CleanName(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > maxName {
		return "", watchword.InvalidField(field, "too_long", "This must have at most 200 characters.")
	}
	if strings.ContainsFunc(text, watchword.Disguises) {
		return "", watchword.InvalidField(field, "invalid_characters", "This must not hold control or invisible characters.")
	}
	return text, nil
}

// CleanLocale makes a BCP 47 tag canonical. The empty one stays empty.
func CleanLocale(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	tag, err := language.Parse(text)
	if err != nil || len(text) > maxLocale {
		return "", watchword.InvalidField("locale", "invalid_locale", "This must be a language tag such as en or de-AT.")
	}
	return tag.String(), nil
}

// CleanPicture admits https URLs only: others would run code in somebody's page
// or leak it over the wire.
func CleanPicture(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > maxPicture || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", watchword.InvalidField("picture", "invalid_url", "This must be an https URL of at most 2048 characters.")
	}
	return u.String(), nil
}

// cleanMetadata strips the white space and keeps all else: numbers that no float
// holds, too.
func cleanMetadata(field string, object []byte) (string, error) {
	var text bytes.Buffer
	if err := json.Compact(&text, object); err != nil || text.Len() > maxMetadata {
		return "", watchword.InvalidField(field, "too_long", "This must be a JSON object of at most 16 KiB.")
	}
	return text.String(), nil
}
