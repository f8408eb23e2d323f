package api

import (
	"io"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// takesBody says whether an operation of this input takes a body, needed or not.
func takesBody[I any]() bool {
	_, ok := reflect.TypeFor[I]().FieldByName("Body")
	return ok
}

// bodiless is for operations that change something and take no body: none, or an
// object without fields. Whoever sends more means something by it, and would take a
// success for an answer to that.
func (a *API) bodiless() func(huma.Context, func(huma.Context)) {
	registry := a.huma.OpenAPI().Components.Schemas
	nothing := huma.SchemaFromType(registry, reflect.TypeFor[struct{}]())
	nothing.PrecomputeMessages()
	return func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humago.Unwrap(ctx)
		if r.ContentLength == 0 {
			next(ctx)
			return
		}
		text, err := io.ReadAll(r.Body) // read before, and checked
		var sent any
		if err == nil {
			err = unmarshal(text, &sent)
		}
		if err != nil {
			_ = huma.WriteErr(a.huma, ctx, http.StatusBadRequest, "", err)
			return
		}
		var result huma.ValidateResult
		huma.Validate(registry, nothing, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, sent, &result)
		if len(result.Errors) > 0 {
			_ = huma.WriteErr(a.huma, ctx, http.StatusUnprocessableEntity, "", result.Errors...)
			return
		}
		next(ctx)
	}
}
