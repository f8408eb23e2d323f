package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// plain mounts an operation that is no JSON in and out, and describes it. What is
// particular to it can be added to what is returned.
func (a *API) plain(op operation, contentType string, schema *huma.Schema, h http.Handler) *huma.Operation {
	a.mux.Handle(op.method+" "+op.path, h)
	o := a.describe(op)
	o.Responses["200"].Content = map[string]*huma.MediaType{contentType: {Schema: schema}}
	a.huma.OpenAPI().AddOperation(&o)
	return &o
}

// formNeed says whether a call must have its form.
type formNeed string

const (
	formRequired formNeed = "required"
	formOptional formNeed = "optional"
)

// form describes the form in the body of a plain operation, whose fields are those
// of t; like any form it may hold others, which count for nothing.
func (a *API) form(t reflect.Type, need formNeed) *huma.RequestBody {
	ref := a.schemaOf(t)
	a.huma.OpenAPI().Components.Schemas.SchemaFromRef(ref.Ref).AdditionalProperties = true
	return &huma.RequestBody{Required: need == formRequired, Content: map[string]*huma.MediaType{formType: {Schema: ref}}}
}

// bounded is h as operations are called: for callTimeout, and to its end also when
// the caller hangs up.
func bounded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
		defer cancel()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// someText is the schema of what is no JSON.
func someText() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }
