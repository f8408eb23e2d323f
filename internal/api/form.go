package api

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"
)

const formType = "application/x-www-form-urlencoded"

var (
	errFormTwice = errors.New("a field of the form is given twice")
	errFormText  = errors.New("a field of the form is not text")
)

// unmarshalForm reads a form of one of our pages as the JSON that a program would
// have sent, so that both are held against the same schema.
func unmarshalForm(data []byte, v any) error {
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return err
	}
	object := make(map[string]any, len(values))
	for name, list := range values {
		if len(list) != 1 {
			return errFormTwice // two parsers would take two different ones
		}
		if !utf8.ValidString(list[0]) || strings.Contains(list[0], "\x00") {
			return errFormText // as in JSON
		}
		object[name] = list[0]
		if list[0] == "true" || list[0] == "false" {
			object[name] = list[0] == "true"
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return unmarshal(text, v)
}
