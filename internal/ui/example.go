package ui

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// exampleJSON is a value that the schema admits, indented. Of requests it holds
// what is required or has an example of its own; of answers everything.
func (e *explainer) exampleJSON(s *schema, d direction) string {
	var compact bytes.Buffer
	e.writeExample(&compact, s, d)
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		return compact.String()
	}
	return indented.String()
}

func (e *explainer) writeExample(out *bytes.Buffer, s *schema, d direction) {
	_, s = e.resolve(s)
	switch {
	case len(s.Examples) > 0:
		writeJSON(out, s.Examples[0])
	case len(s.Enum) > 0:
		writeJSON(out, s.Enum[0])
	case len(s.OneOf) > 0:
		e.writeExample(out, s.OneOf[0], d)
	case s.Items != nil:
		out.WriteByte('[')
		e.writeExample(out, s.Items, d)
		out.WriteByte(']')
	case s.Default != nil:
		writeJSON(out, s.Default)
	case slices.Contains(s.Type, "object") || len(s.Type) == 0:
		e.writeObject(out, s, d)
	default:
		writeJSON(out, plainExample(s))
	}
}

// writeObject keeps the order of the fields, which a map would lose.
func (e *explainer) writeObject(out *bytes.Buffer, s *schema, d direction) {
	out.WriteByte('{')
	written := 0
	for _, name := range propertyNames(s) {
		property := s.Properties[name]
		if d == request && !slices.Contains(s.Required, name) && len(property.Examples) == 0 {
			continue
		}
		if written++; written > 1 {
			out.WriteByte(',')
		}
		writeJSON(out, name)
		out.WriteByte(':')
		e.writeExample(out, property, d)
	}
	out.WriteByte('}')
}

func plainExample(s *schema) any {
	switch {
	case slices.Contains(s.Type, "null"):
		return nil
	case slices.Contains(s.Type, "boolean"):
		return true
	case slices.Contains(s.Type, "integer"), slices.Contains(s.Type, "number"):
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case s.Format == "date-time":
		return "2026-03-01T09:30:00Z"
	default:
		return "…"
	}
}

func writeJSON(out *bytes.Buffer, value any) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // html/template escapes, and people read
	_ = encoder.Encode(value)    // what was decoded from JSON can be encoded
	out.Truncate(len(bytes.TrimRight(out.Bytes(), "\n")))
}

// curl is a command line that makes the call.
func (e *explainer) curl(method, path string, o *operation) string {
	data := e.data(o)
	command := "curl "
	if implied := method == "GET" || method == "POST" && len(data) > 0; !implied {
		command += "-X " + method + " "
	}
	words := []string{command + quote(e.base()+e.fill(path, o.Parameters))}
	if header := e.authorization(o); header != "" {
		words = append(words, `-H "`+header+`"`)
	}
	return strings.Join(append(words, data...), " \\\n  ")
}

// data is what curl sends; nothing where the call needs no body.
func (e *explainer) data(o *operation) []string {
	if o.RequestBody == nil {
		return nil
	}
	taken, media := o.RequestBody.taken()
	if media == mediaForm {
		return e.formExample(taken)
	}
	text := e.exampleJSON(taken, request)
	if text == "{}" && !o.RequestBody.Required {
		return nil
	}
	return []string{"-H 'Content-Type: application/json'", "-d " + quote(strings.ReplaceAll(text, "\n", "\n  "))}
}

func (e *explainer) formExample(s *schema) (words []string) {
	_, s = e.resolve(s)
	for _, name := range propertyNames(s) {
		if property := s.Properties[name]; slices.Contains(s.Required, name) || len(property.Examples) > 0 {
			words = append(words, "-d "+quote(name+"="+strings.Trim(e.exampleJSON(property, request), `"`)))
		}
	}
	return words
}

// fill puts examples into a path for its parameters.
func (e *explainer) fill(path string, parameters []parameter) string {
	for _, p := range parameters {
		if p.In == "path" {
			example := strings.Trim(e.exampleJSON(p.Schema, request), `"`)
			path = strings.ReplaceAll(path, "{"+p.Name+"}", example)
		}
	}
	return path
}

// authorization is the header of the first way to be authenticated, if it is one.
func (e *explainer) authorization(o *operation) string {
	if len(o.Security) == 0 {
		return ""
	}
	for name := range o.Security[0] {
		switch s := e.Components.SecuritySchemes[name]; {
		case s.Scheme != "bearer":
		case s.BearerFormat == "JWT":
			return "Authorization: Bearer $ACCESS_TOKEN"
		default:
			return "Authorization: Bearer $API_KEY"
		}
	}
	return ""
}

// quote makes one word for the shell of a text.
func quote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
