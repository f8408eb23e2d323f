package ui

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
)

// renderReference makes the page of the API from its OpenAPI document.
func renderReference(openAPI func() ([]byte, error)) ([]byte, error) {
	text, err := openAPI()
	if err != nil {
		return nil, fmt.Errorf("get the OpenAPI document: %w", err)
	}
	d, err := readDocument(text)
	if err != nil {
		return nil, err
	}
	return render("reference.html", newExplainer(d).reference())
}

// render executes a template inside the layout.
func render(name string, data any) ([]byte, error) {
	t, err := template.New("layout.html").Funcs(template.FuncMap{"lower": strings.ToLower}).
		ParseFS(files, "templates/layout.html", "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("read the templates of %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return out.Bytes(), nil
}
