package ui

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	mediaJSON = "application/json"
	mediaForm = "application/x-www-form-urlencoded"
)

// reference is what the page of the API shows.
type reference struct {
	Title, Version, Base string
	Description          prose
	Credentials          []credential
	Groups               []group
	Objects              []object
}

// group is the operations under one tag.
type group struct {
	ID, Name   string
	Doc        prose
	Operations []call
}

// call is one operation.
type call struct {
	ID, Method, Path, Summary string
	Doc                       prose
	Allowed                   []credential // any of them will do; none: anybody may call
	InBody                    bool         // or else what the body holds
	Parameters                []field
	Body                      []field
	BodyRequired              bool
	Form                      bool // the body is a form, and no JSON
	Answers                   []answer
	Errors                    []errorStatus
	Curl                      string
}

// credential is a way to be authenticated.
type credential struct {
	Name, Title, Sent string
	Doc               prose
	Scopes            []string
}

// answer is one way in which a call succeeds.
type answer struct {
	Status, Text, Media string
	Objects             []string // one of them
	Fields              []field
	Example             string
}

type errorStatus struct{ Status, Text string }

// object is what stands in several places.
type object struct {
	Name   string
	Fields []field
}

func (i pathItem) byMethod() map[string]*operation {
	all := map[string]*operation{
		http.MethodGet: i.Get, http.MethodPost: i.Post, http.MethodPut: i.Put,
		http.MethodPatch: i.Patch, http.MethodDelete: i.Delete,
	}
	maps.DeleteFunc(all, func(_ string, o *operation) bool { return o == nil })
	return all
}

func (e *explainer) reference() reference {
	r := reference{
		Title: e.Info.Title, Version: e.Info.Version, Base: e.base(), Description: proseOf(e.Info.Description),
		Groups: e.groups(),
	}
	for _, name := range slices.Sorted(maps.Keys(e.Components.SecuritySchemes)) {
		r.Credentials = append(r.Credentials, e.credential(name, nil))
	}
	r.Objects = e.objects()
	return r
}

func (e *explainer) groups() []group {
	byTag := map[string][]call{}
	for path, item := range e.Paths {
		for method, o := range item.byMethod() {
			for _, tag := range o.Tags {
				byTag[tag] = append(byTag[tag], e.call(method, path, o))
			}
		}
	}
	var list []group
	for _, tag := range e.Tags {
		calls := byTag[tag.Name]
		if len(calls) == 0 {
			continue
		}
		slices.SortFunc(calls, func(a, b call) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
		list = append(list, group{
			ID: "group-" + strings.ReplaceAll(strings.ToLower(tag.Name), " ", "-"), Name: tag.Name,
			Doc: proseOf(tag.Description), Operations: calls,
		})
	}
	return list
}

func (e *explainer) call(method, path string, o *operation) call {
	c := call{
		ID: o.ID, Method: method, Path: path, Summary: o.Summary, Doc: proseOf(o.Description),
		Curl: e.curl(method, path, o),
	}
	c.Allowed, c.InBody = e.allowed(o)
	for _, p := range o.Parameters {
		c.Parameters = append(c.Parameters, e.parameter(p))
	}
	if o.RequestBody != nil {
		taken, media := o.RequestBody.taken()
		_, s := e.resolve(taken)
		c.Body, c.BodyRequired, c.Form = e.fields(s, request), o.RequestBody.Required, media == mediaForm
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		if status < "400" {
			c.Answers = append(c.Answers, e.answer(status, o.Responses[status]))
			continue
		}
		n, _ := strconv.Atoi(status)
		c.Errors = append(c.Errors, errorStatus{status, http.StatusText(n)})
	}
	return c
}

func (e *explainer) answer(status string, b body) answer {
	a := answer{Status: status, Text: b.Description}
	for _, media := range slices.Sorted(maps.Keys(b.Content)) {
		a.Media = media
		s := b.Content[media].Schema
		if s == nil {
			continue
		}
		if media == mediaJSON {
			a.Example = e.exampleJSON(s, reply)
		}
		a.Objects, a.Fields = e.shape(s)
	}
	return a
}

// shape is the names of what an answer may be, or its fields where it has no
// name that others share.
func (e *explainer) shape(s *schema) (objects []string, fields []field) {
	name, target := e.resolve(s)
	if name != "" && e.shared(name) {
		return []string{e.object(name)}, nil
	}
	for _, choice := range target.OneOf {
		name, _ := e.resolve(choice)
		objects = append(objects, e.object(name))
	}
	return objects, e.fields(target, reply)
}

// allowed is who may call. An alternative that asks for nothing beside others
// that do means that the body can tell who calls: OpenAPI has no name for that.
func (e *explainer) allowed(o *operation) (list []credential, inBody bool) {
	for _, alternative := range o.Security {
		for _, name := range slices.Sorted(maps.Keys(alternative)) {
			list = append(list, e.credential(name, alternative[name]))
		}
		inBody = inBody || len(alternative) == 0
	}
	return list, inBody && len(list) > 0
}

func (e *explainer) credential(name string, scopes []string) credential {
	s := e.Components.SecuritySchemes[name]
	c := credential{Name: name, Title: inShort(s.Description), Doc: proseOf(s.Description), Scopes: scopes}
	switch {
	case s.Scheme == "bearer":
		c.Sent = "Authorization: Bearer …"
	case s.Scheme == "basic":
		c.Sent = "Authorization: Basic …"
	case s.In == "cookie":
		c.Sent = "Cookie: " + s.Name + "=…"
	}
	return c
}

// objects explains what was only named so far, and what that names in turn.
func (e *explainer) objects() []object {
	var list []object
	done := map[string]bool{}
	for len(done) < len(e.named) {
		for _, name := range slices.Sorted(maps.Keys(e.named)) {
			if !done[name] {
				done[name] = true
				list = append(list, object{name, e.fields(e.Components.Schemas[name], reply)})
			}
		}
	}
	slices.SortFunc(list, func(a, b object) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
