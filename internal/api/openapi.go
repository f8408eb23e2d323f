package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"watchword/internal/web"
)

const description = `Sign-up, sign-in and sessions for your product.

Bodies are JSON, at most 64 KiB, and strict: unknown and duplicate keys are refused. Errors are problems (RFC 9457) with a stable ` + "`code`" + `. ` +
	`Every answer has an X-Request-Id. 429 and 503 say in Retry-After when to come back.`

// config is huma without its conveniences that leak or surprise: no schema
// links in answers, no documentation from other hosts, no content negotiation.
func (a *API) config() huma.Config {
	c := huma.DefaultConfig("Watchword", a.Version)
	c.Info.Description = description
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	// Forms come only where the route's rule lets them through.
	c.Formats = map[string]huma.Format{"application/json": strict, "json": strict, formType: {Unmarshal: unmarshalForm}}
	c.Servers = []*huma.Server{{URL: a.PublicURL}}
	c.Tags = []*huma.Tag{
		{Name: "Sign in", Description: "Ways to begin a session."},
		{Name: "Providers", Description: "Signing in at another server, such as Google or a company's own."},
		{Name: "Sessions", Description: "Going on with one, and ending it."},
		{Name: "You", Description: "What a signed-in user sees and changes of themselves."},
		{Name: "Accounts", Description: "What users belong to, who belongs to it, and invites to join it."},
		{Name: tagOAuth, Description: "For client applications that speak OAuth 2.0 and OpenID Connect."},
		{Name: "Waitlists", Description: "Features that users wait for, each in one of their accounts."},
		{Name: "CSRF", Description: "For pages whose calls are authenticated by cookies."},
		{Name: tagAdministration, Description: "For API keys with scopes, and for administrators: by an access token whose audience is this server, not that of another API (403 wrong_audience)."},
		{Name: "Server", Description: "Keys, health and metrics."},
	}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		schemeBearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The access token."},
		schemeCookie: {
			Type: "apiKey", In: "cookie", Name: a.Cookies.AccessName,
			Description: "The access token as a cookie. Calls that change something need X-CSRF-Token besides.",
		},
		schemeRefresh: {
			Type: "apiKey", In: "cookie", Name: a.Cookies.RefreshName,
			Description: "The refresh token as a cookie. It needs X-CSRF-Token besides.",
		},
		schemeClient: {Type: "http", Scheme: "basic", Description: "The credentials of a confidential client. Its id and its secret, each form-encoded (RFC 6749 §2.3.1)."},
		schemeKey:    {Type: "http", Scheme: "bearer", BearerFormat: "wk_…", Description: "An API key with the scope that the operation names."},
	}
	describeProblems(c.Components)
	return c
}

func (a *API) schemaOf(t reflect.Type) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(t, true, t.Name())
}

// alsoSecondFactor reserves the second answer that an operation which starts a
// session may give: no tokens, but a flow to go on with.
func (a *API) alsoSecondFactor(path, status string) {
	media := a.huma.OpenAPI().Paths[path].Post.Responses[status].Content["application/json"]
	media.Schema = a.startedSchema()
}

func (a *API) startedSchema() *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		a.schemaOf(reflect.TypeFor[AuthenticationResult]()), a.schemaOf(reflect.TypeFor[SecondFactorRequired]()),
	}}
}

// What the descriptions of mailed links share.
const (
	pagesForPeople  = "Refusals are problems for programs, and for browsers pages with the same status."
	backWithSession = "For browsers: signed in by cookies, and back to the redirect_uri that the link was asked for with (state=), " +
		"or, where it was asked for with a code_challenge, without cookies and with code=, state= and iss=."
	backDone = "For browsers: done, and back to the redirect_uri that the link was asked for with."
)

// describeLink tells what is behind a mailed link: JSON for programs; pages,
// cookies and the way back for browsers.
func (a *API) describeLink(path string, schema *huma.Schema, back string) {
	item := a.huma.OpenAPI().Paths[path]
	for op, page := range map[*huma.Operation]string{
		item.Get:  "Done; or the page that asks, for whoever has not shown that they mean it.",
		item.Post: "Done. A form whose link leads nowhere gets a page that says so.",
	} {
		ok := success(page, schema)
		ok.Content["text/html"] = &huma.MediaType{Schema: someText()}
		op.Responses["200"] = ok
		op.Responses["303"] = success(back, nil)
		op.Responses["303"].Headers["Location"] = &huma.Header{Description: "The way back.", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uri"}}
	}
	body := item.Post.RequestBody
	body.Content[formType] = &huma.MediaType{Schema: body.Content["application/json"].Schema}
}

// describeSignUp tells of both answers to a sign-up.
func (a *API) describeSignUp() {
	responses := a.huma.OpenAPI().Paths["/auth/sign-up"].Post.Responses
	responses["201"] = success("Signed up and in.", a.startedSchema())
	responses["202"] = success("Look into your mailbox.", a.schemaOf(reflect.TypeFor[CheckEmail]()))
}

func (a *API) mountOpenAPI() {
	a.plain(operation{
		id: "openapi-json", method: http.MethodGet, path: "/openapi.json", tag: "Server", security: anyone(),
		summary: "This description as JSON", description: "OpenAPI 3.1.",
	}, "application/json", &huma.Schema{Type: huma.TypeObject}, a.describing("application/json", a.huma.OpenAPI().MarshalJSON))
	a.plain(operation{
		id: "openapi-yaml", method: http.MethodGet, path: "/openapi.yaml", tag: "Server", security: anyone(),
		summary: "This description as YAML", description: "OpenAPI 3.1.",
	}, "application/yaml", someText(), a.describing("application/yaml", a.huma.OpenAPI().YAML))
}

func (a *API) describing(contentType string, marshal func() ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := marshal()
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "public, max-age=60")
		_, _ = w.Write(body)
	})
}
