package config

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const maxFileBytes = 1 << 20

// fileReader turns a YAML document into plain maps and lists of the shape of
// Config, and finds what does not fit. It works on nodes because they alone
// know their lines.
type fileReader struct {
	path  string
	trail *trail
}

// read gives the file's settings that can be read; the trail has the rest.
func (r fileReader) read(text []byte) map[string]any {
	at := place{source: r.path, line: 1}
	if len(text) > maxFileBytes {
		r.trail.fault("", at, "is larger than 1 MiB", "")
		return nil
	}
	var document, another yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.malformed(err)
		return nil
	}
	switch err := decoder.Decode(&another); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.malformed(err)
		return nil
	default:
		r.trail.fault("", place{r.path, another.Line}, "must hold one YAML document", "remove everything from this --- on")
		return nil
	}
	settings, _ := r.value("", document.Content[0], reflect.TypeFor[Config]()).(map[string]any)
	return settings
}

var yamlErrorLine = regexp.MustCompile(`line (\d+)`)

// malformed records the parser's error by its line alone: its words may quote
// the file. The line is that of the fault or of what it broke.
func (r fileReader) malformed(err error) {
	at := place{source: r.path, line: 1}
	if match := yamlErrorLine.FindStringSubmatch(err.Error()); match != nil {
		line, _ := strconv.Atoi(match[1])
		at.line = max(1, line)
	}
	r.trail.fault("", at, "is not well-formed YAML on this line or near it", "")
}

// value reads one node; nil where there is nothing to read.
func (r fileReader) value(key string, n *yaml.Node, t reflect.Type) any {
	at := place{r.path, n.Line}
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		r.trail.fault(key, at, "must be written out: anchors, aliases and tags are not understood", "")
		return nil
	}
	r.trail.mark(key, at)
	switch {
	case isLeaf(t):
		return r.scalar(key, n, t)
	case isNull(n):
		return nil // a heading whose lines are all commented out
	case t.Kind() == reflect.Slice:
		return r.sequence(key, n, t)
	case t.Kind() == reflect.Map:
		return r.texts(key, n)
	default:
		return r.mapping(key, n, t)
	}
}

func (r fileReader) mapping(key string, n *yaml.Node, t reflect.Type) any {
	if n.Kind != yaml.MappingNode {
		r.trail.fault(key, place{r.path, n.Line}, "must be a mapping of keys to values", "")
		return nil
	}
	fields := slices.DeleteFunc(fieldsOf(t), func(f settingField) bool { return !f.inFile })
	values, seen := map[string]any{}, map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		at, full := place{r.path, name.Line}, join(key, shownName(name.Value))
		f := slices.IndexFunc(fields, func(f settingField) bool { return f.name == name.Value })
		switch line, again := seen[name.Value]; {
		case name.Kind != yaml.ScalarNode || f < 0:
			r.trail.fault(full, at, "is not a key that is known here", didYouMean(name.Value, names(fields)))
			continue
		case again:
			r.trail.fault(full, at, "is given twice, first in line "+strconv.Itoa(line), "remove one of them")
			continue
		}
		seen[name.Value] = name.Line
		given := n.Content[i+1]
		if isNull(given) {
			given.Line = name.Line // the parser says where the next thing begins
		}
		if value := r.value(full, given, fields[f].typ); value != nil {
			values[name.Value] = value
		}
	}
	return values
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// texts reads a mapping whose keys are the operator's own.
func (r fileReader) texts(key string, n *yaml.Node) any {
	if n.Kind != yaml.MappingNode {
		r.trail.fault(key, place{r.path, n.Line}, "must be a mapping of names to texts", "")
		return nil
	}
	values, seen := map[string]any{}, map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		at, full := place{r.path, name.Line}, join(key, shownName(name.Value))
		switch line, again := seen[name.Value]; {
		case name.Kind != yaml.ScalarNode || shownName(name.Value) != name.Value:
			r.trail.fault(full, at, "must be a name of at most 40 letters, - and _", "")
			continue
		case again:
			r.trail.fault(full, at, "is given twice, first in line "+strconv.Itoa(line), "remove one of them")
			continue
		}
		seen[name.Value] = name.Line
		if value := r.value(full, n.Content[i+1], reflect.TypeFor[string]()); value != nil {
			values[name.Value] = value
		}
	}
	return values
}

func (r fileReader) sequence(key string, n *yaml.Node, t reflect.Type) any {
	if n.Kind != yaml.SequenceNode {
		r.trail.fault(key, place{r.path, n.Line}, "must be a list", "")
		return nil
	}
	items := make([]any, len(n.Content))
	for i, item := range n.Content {
		// What cannot be read stays as nil, so that the others keep their index.
		items[i] = r.value(key+"["+strconv.Itoa(i)+"]", item, t.Elem())
	}
	return items
}

func (r fileReader) scalar(key string, n *yaml.Node, t reflect.Type) any {
	value, err := decodeScalar(n, t)
	if err != nil {
		r.trail.fault(key, place{r.path, n.Line}, err.Error(), "")
		return nil
	}
	return value
}

func decodeScalar(n *yaml.Node, t reflect.Type) (any, error) {
	tag := n.ShortTag()
	switch {
	case n.Kind != yaml.ScalarNode:
		return nil, reason("must be a single value")
	case tag == "!!null":
		return nil, reason("has no value: give it one or remove the key (a value that begins with # needs quotes)")
	case t.Kind() == reflect.Bool:
		if n.Value != "true" && n.Value != "false" || tag != "!!bool" {
			return nil, reason("must be true or false")
		}
		return n.Value == "true", nil
	case t.Kind() == reflect.Int:
		number, err := strconv.Atoi(n.Value)
		if err != nil || tag != "!!int" {
			return nil, reason("must be a whole number")
		}
		return number, nil
	case t.Kind() == reflect.String && !isText(t) && tag != "!!str" && tag != "!!int":
		return nil, reason("must be text: put it in quotes")
	default:
		return decodeText(t, n.Value)
	}
}

func names(fields []settingField) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	return all
}

// shownName is an unknown key as a fault may show it: only what looks like a
// key, for a secret that slipped into the wrong column is read as one too.
func shownName(name string) string {
	const inKeys = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
	if name == "" || len(name) > 40 || strings.Trim(name, inKeys) != "" {
		return "(unreadable)"
	}
	return name
}
