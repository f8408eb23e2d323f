package ui

import (
	"embed"
	"net/http"

	"watchword/internal/web"
)

//go:embed templates static
var files embed.FS

// The routes of this package. They are pages, and so not in the OpenAPI document.
const (
	patternRoot   = "GET /{$}"
	patternDocs   = "GET /docs"
	patternErrors = "GET /docs/errors"
	patternStyle  = "GET /docs/style.css"
	patternIcon   = "GET /docs/icon.svg"
)

// Patterns lists the routes of the product's pages.
func Patterns() []string {
	return []string{patternRoot, patternDocs, patternErrors, patternStyle, patternIcon, patternLinkStyle, patternResetForm, patternReset}
}

// Mount registers the pages. openAPI is the OpenAPI document as JSON; it is
// asked for once, when somebody first reads the reference.
func Mount(mux *web.Mux, openAPI func() ([]byte, error)) {
	mux.HandleFunc(patternRoot, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/docs", http.StatusSeeOther)
	})
	mux.Handle(patternDocs, page(func() ([]byte, error) { return renderReference(openAPI) }))
	mux.Handle(patternErrors, page(renderErrors))
	mux.Handle(patternStyle, asset("static/style.css", "text/css; charset=utf-8"))
	mux.Handle(patternIcon, asset("static/icon.svg", "image/svg+xml"))
}
