package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// plain mounts an operation that is no JSON in and out, and describes it.
func (a *API) plain(op operation, contentType string, schema *huma.Schema, h http.Handler) {
	a.mux.Handle(op.method+" "+op.path, h)
	o := a.describe(op)
	o.Responses["200"].Content = map[string]*huma.MediaType{contentType: {Schema: schema}}
	a.huma.OpenAPI().AddOperation(&o)
}

// someText is the schema of what is no JSON.
func someText() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }
