package api

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"watchword"
)

// declared lists every described operation under the pattern of its route.
func (s served) declared() map[string]*huma.Operation {
	list := map[string]*huma.Operation{}
	for path, item := range s.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete, http.MethodHead: item.Head, http.MethodOptions: item.Options,
		} {
			if op != nil {
				list[method+" "+path] = op
			}
		}
	}
	return list
}

func TestEveryMountedRouteIsDescribedAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var described []string
	for pattern := range s.declared() {
		described = append(described, pattern)
	}
	slices.Sort(described)
	if mounted := s.mux.Patterns(); !slices.Equal(mounted, described) {
		t.Errorf("mounted:   %v\ndescribed: %v", mounted, described)
	}
}

func TestEveryOperationIsInTheGolden(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, op := range serve(t).declared() {
		if !bytes.Contains(text, []byte("\n      operationId: "+op.OperationID+"\n")) {
			t.Errorf("%s is not in %s", pattern, golden)
		}
	}
}

func TestEveryOperationDeclaresWhatItIsAndWhoMayCallIt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for pattern, op := range s.declared() {
		for _, fault := range faultsOf(s.OpenAPI(), op) {
			t.Errorf("%s: %s", pattern, fault)
		}
	}
}

// What is passed over in silence is taken for granted.
func TestEveryChangeOfTheAdministrationTakesAnIfMatch(t *testing.T) {
	t.Parallel()
	for pattern, op := range serve(t).declared() {
		method, path, _ := strings.Cut(pattern, " ")
		if !strings.HasPrefix(path, "/admin/") || method != http.MethodPatch && method != http.MethodDelete {
			continue
		}
		if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "If-Match" }) {
			t.Errorf("%s takes none", pattern)
		}
	}
}

// The guard itself: an operation that says nothing of itself is found out.
func TestGuardFindsWhatAnOperationLeavesOut(t *testing.T) {
	t.Parallel()
	s := serve(t)
	blank := &huma.Operation{Responses: map[string]*huma.Response{"default": {}}}
	if got := len(faultsOf(s.OpenAPI(), blank)); got < 6 {
		t.Errorf("only %d faults of an operation that declares nothing", got)
	}
	careless := *s.declared()["GET /admin/events"]
	careless.Responses = map[string]*huma.Response{"200": careless.Responses["200"], "503": careless.Responses["503"]}
	careless.Security = []map[string][]string{{schemeKey: {"everything"}}}
	if got := faultsOf(s.OpenAPI(), &careless); len(got) != 3 {
		t.Errorf("want an unknown scope, no 401 and no 403, got %v", got)
	}
}

var operationID = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

func faultsOf(document *huma.OpenAPI, op *huma.Operation) (faults []string) {
	require := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	require(operationID.MatchString(op.OperationID), "the id %q is not in words with dashes", op.OperationID)
	require(op.Summary != "" && !strings.HasSuffix(op.Summary, "."), "no summary, or one that is a sentence")
	require(strings.HasSuffix(op.Description, "."), "no description, or one that is no sentence")
	require(len(op.Tags) == 1 && slices.ContainsFunc(document.Tags, func(t *huma.Tag) bool { return t.Name == op.Tags[0] }),
		"not under exactly one of the declared tags")
	faults = append(faults, securityFaults(document, op)...)

	succeeds := false
	for text, response := range op.Responses {
		status, err := strconv.Atoi(text)
		require(err == nil, "answers %q, which is no status", text)
		succeeds = succeeds || status >= 200 && status < 400
		require(status < 400 || describedError(document, op, response.Ref, status), "its %s is not one of the described errors", text)
	}
	require(succeeds, "declares no success")
	require(op.Responses["503"] != nil, "declares no 503")
	return faults
}

// describedError says whether the reference is to the problem of the status or, where
// clients that speak OAuth are, to the error in OAuth's words.
func describedError(document *huma.OpenAPI, op *huma.Operation, ref string, status int) bool {
	name, ok := strings.CutPrefix(ref, responsesPrefix)
	fits := name == problemName(status) || op.Tags[0] == tagOAuth && name == oauthErrorName(status)
	return ok && fits && document.Components.Responses[name] != nil
}

func securityFaults(document *huma.OpenAPI, op *huma.Operation) (faults []string) {
	if len(op.Security) == 0 {
		return []string{"does not say who may call it"}
	}
	anybody, scoped := false, false
	for _, alternative := range op.Security {
		anybody = anybody || len(alternative) == 0
		for name, scopes := range alternative {
			if document.Components.SecuritySchemes[name] == nil {
				faults = append(faults, "names a security scheme that is not declared: "+name)
			}
			if name == schemeKey && (len(scopes) != 1 || !watchword.Scope(scopes[0]).Valid()) {
				faults = append(faults, "does not name the one scope that an API key needs")
			}
			scoped = scoped || name == schemeKey
		}
	}
	if !anybody && op.Responses["401"] == nil {
		faults = append(faults, "needs a credential and declares no 401")
	}
	if scoped && op.Responses["403"] == nil {
		faults = append(faults, "needs a scope and declares no 403")
	}
	return faults
}
