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
	t, err := parse(name)
	if err != nil {
		return nil, err
	}
	return execute(t, data)
}

// parse reads a template and the layout around it.
func parse(name string) (*template.Template, error) {
	t, err := template.New("layout.html").Funcs(template.FuncMap{
		"lower": strings.ToLower, "machine": machineTime, "clock": clockTime,
	}).ParseFS(files, "templates/layout.html", "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("read the templates of %s: %w", name, err)
	}
	return t, nil
}

func execute(t *template.Template, data any) ([]byte, error) {
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("render a page: %w", err)
	}
	return out.Bytes(), nil
}
