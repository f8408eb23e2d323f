package ui

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// field is a parameter or a property as the reader sees it.
type field struct {
	Name   string // with the names of what it lies in: session.id, data[].id
	Place  string // header, path or query; empty in a body
	Type   string
	Object string   // the name of the object that it is or lists, explained elsewhere
	Note   string   // required in a request, may be absent in an answer
	Values []string // all that are allowed
	Limits []string
	Doc    prose
}

// explainer shows schemas, and remembers which objects it only named.
type explainer struct {
	*document
	uses  map[string]int
	named map[string]bool
}

func newExplainer(d *document) *explainer {
	e := &explainer{document: d, uses: map[string]int{}, named: map[string]bool{}}
	for _, item := range d.Paths {
		for _, o := range item.byMethod() {
			e.countBody(o.RequestBody)
			for _, response := range o.Responses {
				e.countBody(&response)
			}
		}
	}
	for _, s := range d.Components.Schemas {
		e.count(s)
	}
	return e
}

func (e *explainer) countBody(b *body) {
	if b == nil {
		return
	}
	for _, m := range b.Content {
		e.count(m.Schema)
	}
}

func (e *explainer) count(s *schema) {
	if s == nil {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, schemaPrefix); ok {
		e.uses[name]++
		return
	}
	e.count(s.Items)
	for _, p := range s.Properties {
		e.count(p)
	}
	for _, choice := range s.OneOf {
		e.count(choice)
	}
}

// shared says whether an object stands in several places, and is therefore
// explained in one of its own.
func (e *explainer) shared(name string) bool { return e.uses[name] > 1 }

// object names an object that is to be explained elsewhere.
func (e *explainer) object(name string) string {
	e.named[name] = true
	return name
}

func (e *explainer) parameter(p parameter) field {
	f := e.field(p.Name, p.Schema)
	f.Place, f.Doc = p.In, proseOf(p.Description)
	if p.Required {
		f.Note = noteRequired
	}
	return f
}

// direction is the way that a body goes.
type direction uint8

const (
	request direction = iota
	reply
)

const (
	noteRequired = "required"
	noteOptional = "may be absent"
)

// note tells of a property what is not to be expected: that it must be sent, or
// that it may be missing.
func (d direction) note(s *schema, name string) string {
	switch required := slices.Contains(s.Required, name); {
	case d == request && required:
		return noteRequired
	case d == reply && !required:
		return noteOptional
	default:
		return ""
	}
}

// fields are the properties of an object, those of objects that lie in it alone
// among them.
func (e *explainer) fields(s *schema, d direction) []field { return e.fieldsUnder("", s, d) }

func (e *explainer) fieldsUnder(prefix string, s *schema, d direction) []field {
	var list []field
	for _, name := range propertyNames(s) {
		property := s.Properties[name]
		f := e.field(prefix+name, property)
		f.Note = d.note(s, name)
		list = append(list, f)
		if f.Object != "" {
			continue
		}
		below, inner := prefix+name, property
		if _, list := e.resolve(property); list.Items != nil {
			below, inner = below+"[]", list.Items
		}
		_, inner = e.resolve(inner)
		list = append(list, e.fieldsUnder(below+".", inner, d)...)
	}
	return list
}

// propertyNames are those that must be there first, in the order in which the
// document requires them, then the others.
func propertyNames(s *schema) []string {
	names := slices.Clone(s.Required)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return s.Properties[name] == nil })
}

func (e *explainer) field(name string, s *schema) field {
	objectName, target := e.resolve(s)
	f := field{Name: name, Type: typeOf(target), Limits: limits(target)}
	if s != nil {
		f.Doc = proseOf(s.Description)
	}
	for _, value := range target.Enum {
		f.Values = append(f.Values, fmt.Sprint(value))
	}
	if target.Items != nil {
		var item *schema
		objectName, item = e.resolve(target.Items)
		f.Type = "list of " + typeOf(item) + "s"
	}
	if objectName != "" && e.shared(objectName) {
		f.Object = e.object(objectName)
		f.Type = strings.TrimSuffix(strings.TrimSuffix(f.Type, "objects"), "object")
	}
	return f
}

// typeOf is the type in words; a schema without one takes anything.
func typeOf(s *schema) string {
	if len(s.Type) == 0 {
		return "any JSON"
	}
	words := make([]string, len(s.Type))
	for i, t := range s.Type {
		switch {
		case t == "string" && s.Format == "date-time":
			words[i] = "time"
		case t == "array":
			words[i] = "list"
		default:
			words[i] = t
		}
	}
	return strings.Join(words, " or ")
}

func limits(s *schema) []string {
	var list []string
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		list = append(list, number(*s.Minimum)+" to "+number(*s.Maximum))
	case s.Minimum != nil:
		list = append(list, "at least "+number(*s.Minimum))
	case s.Maximum != nil:
		list = append(list, "at most "+number(*s.Maximum))
	}
	if s.MinLength != nil {
		list = append(list, fmt.Sprintf("at least %d characters", *s.MinLength))
	}
	if s.MaxLength != nil {
		list = append(list, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if s.Default != nil {
		list = append(list, fmt.Sprintf("default %v", s.Default))
	}
	return list
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
