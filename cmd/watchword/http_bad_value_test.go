package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// badValue is a member of an object whose value the field does not take, and
// what is said about it.
type badValue struct {
	json   string // empty: the member is left out
	status int
	code   string // of the field's error; of the problem where there are none
	field  string
}

// fault is what is wrong with an answer to it.
func (b badValue) fault(got answer) string {
	if got.status != b.status {
		return fmt.Sprintf("want %d", b.status)
	}
	if b.status != 422 {
		if got.str("code") != b.code {
			return "want " + b.code
		}
		return ""
	}
	list, _ := got.body["errors"].([]any)
	for _, e := range list {
		e, _ := e.(map[string]any)
		if e["field"] == b.field && e["code"] == b.code {
			return ""
		}
	}
	return fmt.Sprintf("want %s of %q", b.code, b.field)
}

// badValues are made of the field's schema, and of its name where that says what
// texts it takes.
func badValues(t *testing.T, o describedOperation, field string, s *openapi3.Schema) map[string]badValue {
	t.Helper()
	member := func(value string) string { return fmt.Sprintf("%q:%s", field, value) }
	list := map[string]badValue{
		"twice":              {member(asJSON(t, valid(t, field))) + "," + member(asJSON(t, valid(t, field))), 400, "malformed_json", ""},
		"in upper case":      {fmt.Sprintf("%q:%s", strings.ToUpper(field), asJSON(t, valid(t, field))), 422, "unknown_field", ""},
		"as raw NUL":         {member("\"a\x00b\""), 400, "malformed_json", ""},
		"as escaped NUL":     {member(`"a\u0000b"`), 400, "malformed_json", ""},
		"as invalid UTF-8":   {member("\"a\xffb\""), 400, "malformed_json", ""},
		"as an overlong NUL": {member("\"a\xc0\x80b\""), 400, "malformed_json", ""},
		"as lone surrogate":  {member(`"a\ud800b"`), 400, "malformed_json", ""},
		"as a bad escape":    {member(`"\x41"`), 400, "malformed_json", ""},
		"as a line break":    {member("\"a\nb\""), 400, "malformed_json", ""},
	}
	for kind, value := range map[string]string{
		"null": "null", "boolean": "true", "integer": "7", "string": `"x"`, "array": `["x"]`, "object": `{"x":"y"}`,
	} {
		if !s.Type.Is(kind) {
			list["as "+kind] = badValue{member(value), 422, "wrong_type", field}
		}
	}
	if slices.Contains(o.body().Required, field) {
		list["left out"] = badValue{"", 422, "required", field}
		if s.MinLength > 0 {
			list["empty"] = badValue{member(`""`), 422, "too_short", field}
		}
	}
	if s.MaxLength != nil {
		list["too long"] = badValue{member(asJSON(t, strings.Repeat("ä", int(*s.MaxLength)+1))), 422, "too_long", field}
	}
	if len(s.Enum) > 0 { // the values of booleans and of texts
		for _, value := range []string{"false", `"OWNER"`, `"member "`, `""`} {
			if s.Type.Is("boolean") == (value == "false") {
				list["as "+value] = badValue{member(value), 422, "not_allowed", field}
			}
		}
	}
	if s.Type.Is("string") && s.MaxLength == nil && len(s.Enum) == 0 && s.Format != "date-time" {
		t.Errorf("%s takes a %s of any length", o.OperationID, field)
	}
	for what, value := range badTexts(field) {
		list["as "+what] = badValue{member(asJSON(t, value.text)), 422, value.code, field}
	}
	return list
}

type badText struct {
	text any
	code string
}

// badTexts are well-formed and yet none for a field of this name.
func badTexts(field string) map[string]badText {
	list := map[string]badText{}
	switch field {
	case "email":
		for what, text := range map[string]string{
			"two @": "a@b@example.com", "full-width @": "a＠b@example.com", "no @": "example.com", "no local part": "@example.com",
			"no domain": "a@", "zero-width space": "a\u200bb@example.com", "soft hyphen": "a\u00adb@example.com",
			"bidi override": "a\u202eb@example.com", "invisible domain": "a@exam\u200bple.com", "filler": "a\u3164b@example.com",
			"line breaks": "a@example.com\r\nBcc: b@example.com", "tab": "a\tb@example.com", "space": "a b@example.com",
			"domain that NFKC changes": "a@ⓔxample.com", "255 bytes": strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 93) + "abcd",
			"IP address": "a@127.0.0.1", "literal": "a@[127.0.0.1]", "quoted": `"a b"@example.com`, "name": "Ada <a@example.com>",
			"top-level domain": "a@example", "only dots": "a@..", "dot at the end": "a.@example.com", "replacement": "a\ufffdb@example.com",
		} {
			list[what] = badText{text, "invalid_email"}
		}
	case "name", "account_name":
		for what, text := range map[string]string{
			"line break": "A\nB", "escape": "A\x1b[31mB", "bidi override": "A\u202eB", "zero-width space": "A\u200bB", "line separator": "A\u2028B",
		} {
			list[what] = badText{text, "invalid_characters"}
		}
	case "title", "description":
		for what, text := range map[string]string{"escape": "A\x1b[31mB", "bidi override": "A\u202eB", "line separator": "A\u2028B"} {
			list[what] = badText{text, "invalid_characters"}
		}
	case "audience":
		for what, text := range map[string]string{"space": "urn: shop", "line break": "urn:\nshop", "bidi override": "urn:\u202eshop"} {
			list[what] = badText{text, "invalid_characters"}
		}
	case "expires_at":
		for _, text := range []string{"", "never", "2100-01-01", "1795427218", "2100-13-01T00:00:00Z", "2100-01-01T00:00:00"} {
			list[text] = badText{text, "invalid"}
		}
		for _, text := range []string{"0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2001-01-01T00:00:00Z"} {
			list[text] = badText{text, "out_of_range"}
		}
	case "feature":
		for _, text := range []string{"Beta", ".beta", "be ta", "bäta", "beta/x", "beta\n"} {
			list[text] = badText{text, "invalid"}
		}
	case "emails":
		list["addresses that are none"] = badText{[]string{"ada@example.com", "nobody"}, "invalid_email"}
	case "locale":
		for _, text := range []string{"english please", "e", "en-", "xx-yyyyyyyyyy", "../en"} {
			list[text] = badText{text, "invalid_locale"}
		}
	case "picture":
		for _, text := range []string{"javascript:alert(1)", "http://example.com/a.png", "https://", "https://a:b@example.com/", "//example.com/a", "a b"} {
			list[text] = badText{text, "invalid_url"}
		}
	case "metadata":
		list["17 KiB"] = badText{map[string]string{"x": strings.Repeat("a", 17<<10)}, "too_long"}
	}
	return list
}
