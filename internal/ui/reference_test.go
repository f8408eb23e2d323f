package ui

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample(t *testing.T) *explainer {
	t.Helper()
	text, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := readDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	return newExplainer(d)
}

// find is an operation of the sample.
func find(t *testing.T, id string) call {
	t.Helper()
	for _, g := range sample(t).reference().Groups {
		for _, c := range g.Operations {
			if c.ID == id {
				return c
			}
		}
	}
	t.Fatalf("no operation %s", id)
	return call{}
}

func TestOperationsStandUnderTheirTagsInOrder(t *testing.T) {
	t.Parallel()
	groups := sample(t).reference().Groups
	if len(groups) != 1 || groups[0].ID != "group-some-things" {
		t.Fatalf("%+v", groups)
	}
	var ids []string
	for _, c := range groups[0].Operations {
		ids = append(ids, c.ID)
	}
	if diff := cmp.Diff([]string{"list-things", "make-thing", "send-form", "end-thing"}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestFieldsOfARequest(t *testing.T) {
	t.Parallel()
	want := []field{
		{
			Name: "name", Type: "string", Note: noteRequired, Doc: proseOf("Its name."),
			Limits: []string{"at least 2 characters", "at most 20 characters"},
		},
		{Name: "colour", Type: "string", Values: []string{"red", "blue"}},
		{Name: "size", Type: "integer", Limits: []string{"at least 3"}},
	}
	if diff := cmp.Diff(want, find(t, "make-thing").Body); diff != "" {
		t.Error(diff)
	}
	want = []field{{Name: "limit", Place: "query", Type: "integer", Limits: []string{"1 to 100", "default 20"}, Doc: proseOf("How many.")}}
	if diff := cmp.Diff(want, find(t, "list-things").Parameters); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsSharedIsExplainedOnceAndTheRestInPlace(t *testing.T) {
	t.Parallel()
	want := []field{{Name: "data", Type: "list of ", Object: "Thing"}}
	if diff := cmp.Diff(want, find(t, "list-things").Answers[0].Fields); diff != "" {
		t.Error(diff)
	}
	made := find(t, "make-thing").Answers[0]
	if diff := cmp.Diff([]string{"Thing", "Other"}, made.Objects); diff != "" {
		t.Error(diff)
	}
	objects := sample(t).reference().Objects
	if len(objects) != 2 || objects[0].Name != "Other" || objects[1].Name != "Thing" {
		t.Fatalf("%+v", objects)
	}
	want = []field{
		{Name: "id", Type: "string"},
		{Name: "owner", Type: "object", Doc: proseOf("Whose it is.")},
		{Name: "owner.name", Type: "string or null"},
		{Name: "tags", Type: "list of strings"},
		{Name: "made_at", Type: "time", Note: noteOptional},
	}
	if diff := cmp.Diff(want, objects[1].Fields); diff != "" {
		t.Error(diff)
	}
}

func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	if open := find(t, "make-thing").Allowed; open != nil {
		t.Errorf("an open operation needs %v", open)
	}
	if end := find(t, "end-thing"); len(end.Allowed) != 1 || !end.InBody {
		t.Errorf("what may be left out: %v, in body %t", end.Allowed, end.InBody)
	}
	if form := find(t, "send-form"); len(form.Allowed) != 1 || form.Allowed[0].Sent != "Authorization: Basic …" || !form.Form || len(form.Body) != 3 {
		t.Errorf("%+v", form)
	}
	allowed := find(t, "list-things").Allowed
	if len(allowed) != 2 || allowed[0].Title != "the access token" || allowed[1].Title != "an API key" ||
		cmp.Diff([]string{"things:read"}, allowed[1].Scopes) != "" {
		t.Errorf("%+v", allowed)
	}
}

func TestExampleCalls(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"list-things": `curl https://auth.example.com/things \
  -H "Authorization: Bearer $ACCESS_TOKEN"`,
		"make-thing": `curl https://auth.example.com/things \
  -H 'Content-Type: application/json' \
  -d '{
    "name": "Ada'\''s <b>"
  }'`,
		"send-form": `curl https://auth.example.com/things/form \
  -d 'kind=red' \
  -d 'back=https://app.example.com/in'`,
		"end-thing": `curl -X DELETE 'https://auth.example.com/things/thg_…' \
  -H "Authorization: Bearer $API_KEY"`,
	} {
		if diff := cmp.Diff(want, find(t, id).Curl); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	want := `{
  "id": "thg_…",
  "owner": {
    "name": null
  },
  "tags": [
    "…"
  ],
  "made_at": "2026-03-01T09:30:00Z"
}`
	if diff := cmp.Diff(want, find(t, "make-thing").Answers[0].Example); diff != "" {
		t.Error(diff)
	}
}

func TestDescriptionsCannotBecomeMarkup(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	html, err := renderReference(func() ([]byte, error) { return text, nil })
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(html), "<script>alert") || !strings.Contains(string(html), "&lt;script&gt;alert") {
		t.Error("a description went into the page as it was")
	}
	if !strings.Contains(string(html), "<p>First with <code>code</code>.</p>\n<p>Second.</p>") {
		t.Error("paragraphs and code of a description are not shown as such")
	}
}

func TestADocumentThatCannotBeHadOrReadIsAnError(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	if _, err := renderReference(func() ([]byte, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	if _, err := renderReference(func() ([]byte, error) { return []byte(`{"paths": 1}`), nil }); err == nil {
		t.Error("no error")
	}
}
