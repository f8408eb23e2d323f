package config

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
)

// String shows by their keys the settings that hold anything, secrets redacted.
func (c Config) String() string {
	lines := []string{"mode=" + c.Mode.String()}
	show(&lines, "", reflect.ValueOf(c))
	return strings.Join(lines, " ")
}

// Format prints String under every verb: %#v would walk into what is hidden.
func (c Config) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, c.String()) }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText implements encoding.TextMarshaler, so that JSON shows no more.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

func show(lines *[]string, key string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch {
	case isLeaf(v.Type()) && v.Kind() == reflect.String:
		*lines = append(*lines, key+"="+strconv.Quote(v.String()))
	case isLeaf(v.Type()): // those that hold secrets print themselves redacted
		*lines = append(*lines, fmt.Sprintf("%s=%v", key, v.Interface()))
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			show(lines, item(key, i), v.Index(i))
		}
	case v.Kind() == reflect.Map: // of texts; fmt prints them in order
		*lines = append(*lines, fmt.Sprintf("%s=%q", key, v.Interface()))
	default:
		for _, f := range fieldsOf(v.Type()) {
			show(lines, join(key, f.name), v.Field(f.index))
		}
	}
}
