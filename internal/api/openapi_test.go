package api

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

//go:generate go test -run TestOpenAPIGolden -update .

var update = flag.Bool("update", false, "rewrite the golden files")

const golden = "testdata/openapi.yaml"

func TestOpenAPIGoldenIsWhatIsServed(t *testing.T) {
	t.Parallel()
	answer := serve(t).call("GET", "/openapi.yaml")
	if answer.Code != 200 || answer.Header().Get("Content-Type") != "application/yaml" {
		t.Fatalf("got %d %s", answer.Code, answer.Header().Get("Content-Type"))
	}
	got := answer.Body.String()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("make generate rewrites the golden (-want +got):\n%s", diff)
	}
}

func TestOpenAPIIsValid31InBothForms(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, path := range []string{"/openapi.json", "/openapi.yaml"} {
		document, err := openapi3.NewLoader().LoadFromData(s.call("GET", path).Body.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if !strings.HasPrefix(document.OpenAPI, "3.1.") {
			t.Errorf("%s is OpenAPI %s, want 3.1", path, document.OpenAPI)
		}
		err = document.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation())
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
