package api

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"watchword"
	"watchword/internal/web"
)

// security says who may call an operation.
type security struct {
	scheme []map[string][]string
	scope  watchword.Scope // of the administration
}

const (
	schemeBearer  = "session"
	schemeCookie  = "sessionCookie"
	schemeRefresh = "refreshCookie"
	schemeKey     = "apiKey"
	schemeClient  = "client"
)

// Everybody may call it.
func anyone() security { return security{scheme: []map[string][]string{{}}} }

// signedIn is for holders of an access token, as a bearer or in a cookie.
func signedIn() security {
	return security{scheme: []map[string][]string{{schemeBearer: {}}, {schemeCookie: {}}}}
}

// bearers hold an access token and send it as such; a cookie does not do.
func bearers() security { return security{scheme: []map[string][]string{{schemeBearer: {}}}} }

// clients are client applications, by the Authorization header or by the form, for
// which OpenAPI knows no scheme.
func clients() security { return security{scheme: []map[string][]string{{schemeClient: {}}, {}}} }

// refreshing is for holders of a refresh token, in a cookie or in the body, for
// which OpenAPI knows no scheme: there it is a field like others.
func refreshing() security {
	return security{scheme: []map[string][]string{{schemeRefresh: {}}, {}}}
}

// switching is for those, and for confidential clients, which must say besides
// who they are.
func switching() security {
	return security{scheme: append(refreshing().scheme, map[string][]string{schemeClient: {}})}
}

// signingOut is for those who are signed in, and for browsers whose access token
// has expired.
func signingOut() security {
	return security{scheme: append(signedIn().scheme, map[string][]string{schemeRefresh: {}})}
}

// keyHolders have an API key with the scope.
func keyHolders(scope watchword.Scope) security {
	return security{scheme: []map[string][]string{{schemeKey: {string(scope)}}}, scope: scope}
}

// administrators hold an API key with the scope, or are signed in with the flag.
func administrators(scope watchword.Scope) security {
	return security{scheme: append(keyHolders(scope).scheme, signedIn().scheme...), scope: scope}
}

func (s security) admitsAnybody() bool {
	return slices.ContainsFunc(s.scheme, func(all map[string][]string) bool { return len(all) == 0 })
}

// operation is what every operation declares of itself.
type operation struct {
	id, method, path     string
	tag                  string
	summary, description string
	security             security
	status               int           // of success; 200 if zero
	errors               []int         // statuses beyond those that follow from its shape
	timeout              time.Duration // callTimeout if zero
}

// callTimeout ends the work of one call. A caller who hangs up does not: work
// broken off half-way would cost a Postgres connection each time.
const callTimeout = 10 * time.Second

// register mounts an operation. What the handler returns is the answer; every
// error becomes a problem here and nowhere else.
func register[I, O any](a *API, op operation, handle func(context.Context, *I) (*O, error)) {
	described := a.describe(op, usualErrors[I](op.method)...)
	if unsafe(op.method) && !takesBody[I]() {
		described.Middlewares = append(described.Middlewares, a.bodiless())
	}
	huma.Register(a.huma, described, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(op.timeout, callTimeout))
		defer cancel()
		out, err := handle(ctx, in)
		if err != nil {
			return nil, web.NewProblem(ctx, err)
		}
		return out, nil
	})
}

// usualErrors are those that follow from what an operation takes: huma and the
// chain answer them for it.
func usualErrors[I any](method string) []int {
	list := []int{http.StatusBadRequest}
	in := reflect.TypeFor[I]()
	if in.NumField() > 0 {
		list = append(list, http.StatusUnprocessableEntity)
	}
	if unsafe(method) {
		list = append(list, http.StatusForbidden) // by the cross-origin check
		// A body may be sent where none is taken, too.
		list = append(list, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	if _, ok := in.FieldByName("IfMatch"); ok {
		list = append(list, http.StatusPreconditionFailed)
	}
	if _, ok := in.FieldByName("IdempotencyKey"); ok {
		list = append(list, http.StatusConflict, http.StatusNotFound) // what the first call has made may be gone
	}
	return list
}

func (a *API) describe(op operation, errors ...int) huma.Operation {
	errors = append(errors, op.errors...)
	if !op.security.admitsAnybody() {
		errors = append(errors, http.StatusUnauthorized)
	}
	if op.security.scope != "" {
		errors = append(errors, http.StatusForbidden)
	}
	responses := problemResponses(append(errors, http.StatusServiceUnavailable))
	status := cmp.Or(op.status, http.StatusOK)
	responses[strconv.Itoa(status)] = success(http.StatusText(status), nil)
	return huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag},
		Summary: op.summary, Description: op.description, Security: op.security.scheme,
		DefaultStatus: status, Responses: responses,
		MaxBodyBytes: web.MaxBody + 1, // huma refuses what is as long as its limit
		Middlewares:  huma.Middlewares{readableURL, withExchange},
	}
}

// exchange is the HTTP behind a call: handlers find out who asks by header,
// cookie and address, and set cookies.
type exchange struct {
	request *http.Request
	writer  http.ResponseWriter
}

type exchangeKey struct{}

func withExchange(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, exchangeKey{}, exchange{r, w}))
}

func requestOf(ctx context.Context) *http.Request { return ctx.Value(exchangeKey{}).(exchange).request }

func writerOf(ctx context.Context) http.ResponseWriter {
	return ctx.Value(exchangeKey{}).(exchange).writer
}
