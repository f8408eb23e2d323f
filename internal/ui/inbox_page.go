package ui

import (
	"net/http"
	"net/url"
	"time"

	"watchword"
	"watchword/internal/web"
)

// version says which version of a message is shown.
type version string

const (
	versionHTML version = "html"
	versionText version = "text"
)

// inboxView is the page: the list, and beside it one message.
type inboxView struct {
	Server string
	Filter string // as it was typed
	Rows   []inboxRow
	Open   *openMessage // nil: there is none to show
	Chosen bool         // it was asked for; else it is the newest
	All    string       // links to the list without a message
}

type inboxRow struct {
	watchword.InboxMessage
	Href    string
	Current bool
}

// openMessage is the message that is shown.
type openMessage struct {
	watchword.InboxMessage
	Links          []openLink
	ToHref         string // lists the messages to this recipient
	Version        version
	AsHTML, AsText string // links to the versions; empty: there is no such
}

// openLink is a link of a message. Text is where it leads without its query, which
// holds the token.
type openLink struct {
	URL, Text string
	Opens     bool // a browser can follow it: it is of the web
}

func (b *inbox) servePage(w http.ResponseWriter, r *http.Request) {
	if err := b.Guard.check(r, watchword.ScopeMailRead); err != nil {
		b.refuse(w, r, err)
		return
	}
	view, err := b.look(r)
	if err == nil {
		var body []byte
		if body, err = execute(b.page, view); err == nil {
			web.FramePageHeaders(w.Header())
			contentOf(body).serveTagged(w, r)
			return
		}
	}
	web.WriteProblem(w, r, err)
}

// look is what the page shows for a query: to (whose mail), message (which) and
// view (the version).
func (b *inbox) look(r *http.Request) (inboxView, error) {
	q := r.URL.Query()
	at := place{to: q.Get("to"), message: watchword.MessageID(q.Get("message")), version: versionHTML}
	if version(q.Get("view")) == versionText {
		at.version = versionText
	}
	list, err := b.messagesTo(r, at.to)
	if err != nil {
		return inboxView{}, err
	}
	view := inboxView{Server: b.PublicURL, Filter: at.to, Chosen: at.message != "", All: at.of("").href()}
	switch {
	case view.Chosen:
		m, err := b.message(r, string(at.message))
		if err == nil {
			view.Open = at.open(m)
		} else if watchword.KindOf(err) != watchword.KindNotFound {
			return inboxView{}, err
		}
	case len(list) > 0:
		view.Open = at.open(list[0])
	}
	for _, m := range list {
		view.Rows = append(view.Rows, inboxRow{m, at.of(m.ID).href(), view.Open != nil && view.Open.ID == m.ID})
	}
	return view, nil
}

// place is where in the inbox somebody is.
type place struct {
	to      string
	message watchword.MessageID
	version version
}

func (p place) of(id watchword.MessageID) place { p.message = id; return p }
func (p place) as(v version) place              { p.version = v; return p }

// href leads there.
func (p place) href() string {
	q := url.Values{}
	if p.to != "" {
		q.Set("to", p.to)
	}
	if p.message != "" {
		q.Set("message", string(p.message))
	}
	if p.version != versionHTML {
		q.Set("view", string(p.version))
	}
	return (&url.URL{Path: "/dev/inbox", RawQuery: q.Encode()}).String()
}

// open shows a message as this place wants it.
func (p place) open(m watchword.InboxMessage) *openMessage {
	p = p.of(m.ID)
	o := &openMessage{InboxMessage: m, ToHref: place{to: m.To, version: p.version}.href(), Version: p.version, AsText: p.as(versionText).href()}
	if m.HTML == "" {
		o.Version = versionText
	} else {
		o.AsHTML = p.as(versionHTML).href()
	}
	for _, link := range m.Links {
		o.Links = append(o.Links, openLinkTo(link))
	}
	return o
}

func openLinkTo(link string) openLink {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return openLink{URL: link, Text: link} // of an app, or worse
	}
	return openLink{URL: link, Text: u.Host + u.EscapedPath(), Opens: true}
}

// machineTime is a time for the script, which shows it in the reader's zone.
func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clockTime is a time for people.
func clockTime(t time.Time) string { return t.UTC().Format("2 Jan 15:04 UTC") }
