package main

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"watchword/internal/store"
)

var exampleBody = regexp.MustCompile(`(?s)<code>curl[^<]*?/auth/(sign-up|sign-in) .*?-d '(.*?)'</code>`)

func TestTheDocsShowEveryOperationAndTheirExamplesWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	p := w.program()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(p.get("/openapi.json").want(t, http.StatusOK, "").text), &document); err != nil {
		t.Fatal(err)
	}
	page := p.get("/docs").want(t, http.StatusOK, "").text
	for path, methods := range document.Paths {
		for method, o := range methods {
			_, article, _ := strings.Cut(page, `<article class="operation" id="`+o.OperationID+`">`)
			article, _, _ = strings.Cut(article, "</article>")
			if !strings.Contains(article, ">"+strings.ToUpper(method)+"</span> <code>"+path+"</code>") {
				t.Errorf("the docs do not show %s %s", method, path)
			}
		}
	}
	// In the order of a newcomer: first up, then in.
	bodies := map[string]string{}
	for _, found := range exampleBody.FindAllStringSubmatch(html.UnescapeString(page), -1) {
		bodies[found[1]] = found[2]
	}
	p.post("/auth/sign-up", bodies["sign-up"]).want(t, http.StatusCreated, "")
	p.post("/auth/sign-in", bodies["sign-in"]).want(t, http.StatusOK, "")
}
