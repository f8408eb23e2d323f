package ui

import (
	"html/template"
	"net/http"

	"watchword"
	"watchword/internal/delivery"
	"watchword/internal/web"
)

// The routes of the inbox of development. They are there under dev alone, and so
// not in the OpenAPI document.
const (
	patternInbox       = "GET /dev/inbox"
	patternInboxKey    = "POST /dev/inbox/key"
	patternInboxStyle  = "GET /dev/inbox/style.css"
	patternInboxScript = "GET /dev/inbox/inbox.js"
	patternMessages    = "GET /dev/inbox/messages"
	patternClear       = "DELETE /dev/inbox/messages"
	patternMessageHTML = "GET /dev/inbox/messages/{id}/html"
)

// InboxRules lists the routes that MountInbox registers, with how they are
// guarded: the mails hold live tokens, so no page of another origin reads them.
func InboxRules() map[string]web.Rule {
	private := web.Rule{CORS: web.CORSNone}
	return map[string]web.Rule{
		patternInbox:       private,
		patternInboxKey:    {Body: web.BodyForm, CORS: web.CORSNone},
		patternInboxStyle:  private,
		patternInboxScript: private,
		patternMessages:    private,
		patternClear:       private,
		patternMessageHTML: private,
	}
}

// InboxDeps are what the pages of the inbox call.
type InboxDeps struct {
	Inbox     delivery.Inbox
	Guard     InboxGuard
	PublicURL string
}

// inbox is the mounted inbox.
type inbox struct {
	InboxDeps
	page    *template.Template
	keyPage *template.Template
}

// MountInbox registers the inbox of development. It is not for a server that
// anybody relies on.
func MountInbox(mux *web.Mux, deps InboxDeps) {
	b := &inbox{InboxDeps: deps, page: template.Must(parse("inbox.html")), keyPage: template.Must(parse("inbox_key.html"))}
	mux.HandleFunc(patternInbox, b.servePage)
	mux.HandleFunc(patternInboxKey, b.takeKey)
	mux.Handle(patternInboxStyle, asset("static/inbox.css", "text/css; charset=utf-8"))
	mux.Handle(patternInboxScript, asset("static/inbox.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc(patternMessages, b.guarded(watchword.ScopeMailRead, b.serveMessages))
	mux.HandleFunc(patternClear, b.guarded(watchword.ScopeMailWrite, b.clear))
	mux.HandleFunc(patternMessageHTML, b.guarded(watchword.ScopeMailRead, b.serveHTML))
}

// guarded answers problems itself.
func (b *inbox) guarded(scope watchword.Scope, h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := b.Guard.check(r, scope)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			web.WriteProblem(w, r, err)
		}
	}
}
