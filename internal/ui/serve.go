package ui

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"watchword/internal/web"
)

// content is what does not change while the server runs.
type content struct {
	body []byte
	etag string
}

func contentOf(body []byte) content {
	return content{body, web.ETag(body)}
}

// serve answers with the content, or with 304 to a browser that has it. Browsers
// are told to ask each time: what they keep is never older than the server.
func (c content) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	c.serveTagged(w, r)
}

// serveTagged does so for content that browsers shall not keep: 304 is for those
// who ask with the tag themselves.
func (c content) serveTagged(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", c.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.body))
}

// page serves a page that is rendered when it is first asked for.
func page(render func() ([]byte, error)) http.Handler {
	once := sync.OnceValues(func() (content, error) {
		body, err := render()
		return contentOf(body), err
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := once()
		if err != nil {
			web.WriteProblem(w, r, err)
			return
		}
		web.PageHeaders(w.Header())
		c.serve(w, r)
	})
}

// asset serves a file that the pages are made of.
func asset(name, contentType string) http.Handler {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it was embedded by this package
	}
	c := contentOf(body)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		c.serve(w, r)
	})
}
