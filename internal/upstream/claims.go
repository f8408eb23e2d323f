package upstream

import (
	"encoding/json"
	"strings"
)

// claims are a JSON object of a provider's. Numbers are json.Number: a subject
// such as 9007199254740993 must not lose a digit and become somebody else.
type claims map[string]any

// at is the value at a path, whose dots lead into objects. A name that holds dots
// itself is found as well.
func (c claims) at(path string) any {
	if value, ok := c[path]; ok {
		return value
	}
	name, rest, ok := strings.Cut(path, ".")
	if !ok {
		return nil
	}
	inner, ok := c[name].(map[string]any)
	if !ok {
		return nil
	}
	return claims(inner).at(rest)
}

// text is the text at a path, of a number its digits; empty for anything else.
func (c claims) text(path string) string {
	switch value := c.at(path).(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	default:
		return ""
	}
}

// yes says whether the boolean true stands at a path: "true" and 1 are not it.
func (c claims) yes(path string) bool {
	value, ok := c.at(path).(bool)
	return ok && value
}

// texts are the texts of a list at a path; a text alone is a list of one.
func (c claims) texts(path string) []string {
	switch value := c.at(path).(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	default:
		return nil
	}
}
