package config

import (
	"encoding"
	"errors"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// reason says what is wrong with a value without showing it. Only a reason's
// words reach a fault: other errors tend to quote what they choked on.
type reason string

func (r reason) Error() string { return string(r) }

// isLeaf says whether a setting of this type is one scalar in the file.
func isLeaf(t reflect.Type) bool {
	return isText(t) || t.Kind() != reflect.Struct && t.Kind() != reflect.Slice && t.Kind() != reflect.Map
}

func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// decodeText checks text against the type and gives what the merged settings
// are to hold: the text itself where the type reads text, else the value.
func decodeText(t reflect.Type, text string) (any, error) {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return ParseDuration(text)
	case isText(t):
		reader := reflect.New(t).Interface().(encoding.TextUnmarshaler)
		return text, plainReason(t, reader.UnmarshalText([]byte(text)))
	case strings.ContainsFunc(text, unicode.IsControl):
		return nil, reason("must not hold line breaks or other control characters")
	default:
		return text, nil
	}
}

// plainReason keeps our own words and replaces anyone else's.
func plainReason(t reflect.Type, err error) error {
	switch _, ours := errors.AsType[reason](err); {
	case err == nil, ours:
		return err
	case t.Name() == "Prefix":
		return reason("must be a range of addresses such as 10.0.0.0/8 or 192.0.2.7/32")
	default:
		return reason("is malformed")
	}
}
