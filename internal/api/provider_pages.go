package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"watchword/internal/signin"
)

// ProviderPages shows people how a way to a provider has ended. It is a seam
// because pages live in ui, beside this package.
type ProviderPages interface {
	// CameBack says that it is done, where no page of the client's is known.
	CameBack(w http.ResponseWriter, r *http.Request, result signin.ProviderResult)
	// Refused says why not. back leads to the client's page; empty: nowhere.
	Refused(w http.ResponseWriter, r *http.Request, result signin.ProviderResult, back string, err error)
}

// describeAuthorize tells of both answers of the authorization endpoints.
func (a *API) describeAuthorize(paths ...string) {
	for _, path := range paths {
		responses := a.huma.OpenAPI().Paths[path].Get.Responses
		responses["200"] = success("For programs: where the browser is to go.", a.schemaOf(reflect.TypeFor[AuthorizeURL]()))
		responses["303"] = leading("For browsers: to the provider.")
	}
}

// describeCallback tells of the answers of the callbacks.
func (a *API) describeCallback(paths ...string) {
	for _, path := range paths {
		item := a.huma.OpenAPI().Paths[path]
		schema := a.startedSchema()
		schema.OneOf = append(schema.OneOf, a.schemaOf(reflect.TypeFor[Identity]()))
		ok := success("Signed in, where no redirect_uri was given: the session for programs, a page for browsers. "+
			"Or linked: the identity for programs, a page for browsers.", schema)
		ok.Content["text/html"] = &huma.MediaType{Schema: someText()}
		item.Get.Responses["200"] = ok
		item.Get.Responses["303"] = leading("Back to the client's redirect_uri: signed in by cookies, or with code=, state= and iss=; or with error= and iss=.")
		item.Post.Responses["303"] = leading("To the GET.")
		item.Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			formType: {Schema: &huma.Schema{Type: huma.TypeObject, Description: "The provider's answer, with the parameters of the GET."}},
		}}
		item.Post.Parameters = []*huma.Param{item.Get.Parameters[0]} // the path
	}
}

func leading(description string) *huma.Response {
	r := success(description, nil)
	r.Headers["Location"] = &huma.Header{Description: "Where to.", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uri"}}
	return r
}
