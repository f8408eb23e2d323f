package config

import (
	"reflect"
	"strings"
)

// settingField is a field of Config, or of a struct within, that has a key.
type settingField struct {
	name   string
	index  int
	typ    reflect.Type
	inFile bool
}

// fieldsOf lists the keys that a mapping of this type has.
func fieldsOf(t reflect.Type) []settingField {
	var fields []settingField
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("koanf"); name != "" && name != "-" {
			fields = append(fields, settingField{name: name, index: i, typ: f.Type, inFile: f.Tag.Get("yaml") != "-"})
		}
	}
	return fields
}

// typeOf is the type of one of Config's own keys.
func typeOf(key string) reflect.Type {
	for _, f := range fieldsOf(reflect.TypeFor[Config]()) {
		if f.name == key {
			return f.typ
		}
	}
	panic("config: no setting is called " + key) // settings() and Config disagree
}

// Keys lists every key of watchword.yaml, such as sign_up.mode and clients[].id.
func Keys() []string { return keysBelow("", reflect.TypeFor[Config]()) }

func keysBelow(prefix string, t reflect.Type) []string {
	switch {
	case isLeaf(t):
		return []string{prefix}
	case t.Kind() == reflect.Slice:
		if isLeaf(t.Elem()) {
			return []string{prefix}
		}
		return keysBelow(prefix+"[]", t.Elem())
	case t.Kind() == reflect.Map: // whose keys are the operator's own
		return []string{prefix}
	}
	var keys []string
	for _, f := range fieldsOf(t) {
		if f.inFile {
			keys = append(keys, keysBelow(join(prefix, f.name), f.typ)...)
		}
	}
	return keys
}

func join(prefix, name string) string { return strings.TrimPrefix(prefix+"."+name, ".") }
