package browser

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/delivery"
	"watchword/internal/mail"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const inboxKey = "wk_of-the-browser-test-0123456789abcdef"

// What a mail could try that holds a name like this.
const hostile = `<script>document.body.dataset.ran = 'yes'; top.document.title = 'ran';</script>
<img src=x onerror="document.body.dataset.ran = 'yes'"><form action="https://evil.example/"><button>x</button></form>
<meta http-equiv="refresh" content="0; url=https://evil.example/">`

// letters are the mails of the test, by name.
func letters(server string) map[string]mail.Rendered {
	page := func(body string) string {
		return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Mail</title></head>` +
			`<body style="font-family: sans-serif; padding: 1rem">` + body + `</body></html>`
	}
	link := server + "/docs?token=otk_first"
	return map[string]mail.Rendered{
		"code": {
			To: "ada@example.com", Subject: "Sign in to My app", Code: "482913", Links: []string{link, "com.example.app:/callback"},
			Text: "Your code is\n\n482913\n", HTML: page(`<h1>Sign in</h1><p><a href="` + server + `/docs/errors">Go on</a></p>`),
		},
		"hostile": {To: "grace@example.com", Subject: "Hostile <b>mail</b>", Text: "none", HTML: page("<h1>Hello</h1>" + hostile)},
		"notice":  {To: "joan@example.com", Subject: strings.Repeat("A long subject ", 9), Text: "Only text"},
	}
}

// courier puts a mail into the server's inbox whenever a script asks for one.
func courier(t *testing.T, server devServer) (deliver func(name string) watchword.MessageID, url string) {
	t.Helper()
	inbox := delivery.Inbox{Store: storetest.OpenAt(t, store.SQLite, filepath.Join(server.data, "watchword.db"), time.Now)}
	deliver = func(name string) watchword.MessageID {
		id := watchword.NewID[watchword.MessageID](time.Now(), rand.Reader)
		if err := inbox.Keep(t.Context(), id, letters(server.url)[name]); err != nil {
			t.Error(err)
		}
		return id
	}
	calls := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { deliver(strings.TrimPrefix(r.URL.Path, "/")) }))
	t.Cleanup(calls.Close)
	return deliver, calls.URL
}

func testInbox(t *testing.T, server devServer) {
	deliver, url := courier(t, server)
	var seen struct {
		Empty, Code, Copied, CopiedLink, Frame string
		Unbroken                               bool
		Opened, OpenedInFrame                  struct {
			URL      string
			Orphaned bool // it got no handle on the page that opened it
		}
		Appears               []string // subjects in the list
		Stays                 string   // the code that stays on the page while others arrive
		Hostile               struct{ Frame, Ran, Title, Href string }
		WhileHidden, OnceMore int // looks for news
		Cleared               string
		NoScript              struct {
			Subjects, Links, Buttons []string
			Code, Text               string
		}
		watched
	}
	drive(t, "inbox.mjs", map[string]string{"url": server.url, "courier": url}, &seen)

	if !strings.Contains(seen.Empty, "curl "+server.url) {
		t.Errorf("an empty inbox says %q", seen.Empty)
	}
	if seen.Code != "482913" || !seen.Unbroken || seen.Frame != "Sign in" {
		t.Errorf("a new mail did not appear by itself: code %q, page kept: %t, frame %q", seen.Code, seen.Unbroken, seen.Frame)
	}
	if link := server.url + "/docs?token=otk_first"; seen.Copied != "482913" || seen.CopiedLink != link || seen.Opened.URL != link || !seen.Opened.Orphaned {
		t.Errorf("copied %q and %q, opened %+v", seen.Copied, seen.CopiedLink, seen.Opened)
	}
	if seen.OpenedInFrame.URL != server.url+"/docs/errors" || !seen.OpenedInFrame.Orphaned {
		t.Errorf("the link in the mail opened %+v", seen.OpenedInFrame)
	}
	if want := []string{"Hostile <b>mail</b>", "Sign in to My app"}; !slices.Equal(seen.Appears, want) || seen.Stays != "482913" {
		t.Errorf("beside an open message %q appear, and it shows %q", seen.Appears, seen.Stays)
	}
	if h := seen.Hostile; h.Frame != "Hello" || h.Ran != "" || h.Title != "Dev inbox of Watchword" || !strings.HasPrefix(h.Href, server.url+"/dev/inbox?") {
		t.Errorf("a hostile mail: %+v", h)
	}
	if seen.WhileHidden != 0 || seen.OnceMore == 0 {
		t.Errorf("%d looks while nobody sees the page, %d after", seen.WhileHidden, seen.OnceMore)
	}
	if !strings.Contains(seen.Cleared, "No mail yet") {
		t.Errorf("cleared, it says %q", seen.Cleared)
	}
	n := seen.NoScript
	if !slices.Contains(n.Subjects, "Sign in to My app") || n.Code != "482913" || !strings.Contains(n.Text, "482913") || len(n.Links) != 1 || len(n.Buttons) != 0 {
		t.Errorf("without JavaScript: %+v", n)
	}
	// What the browser kept the hostile mail from, and nothing else; calls end when
	// the page does.
	for _, complaint := range seen.Complaints {
		if !strings.HasSuffix(complaint, "net::ERR_ABORTED") && !strings.Contains(complaint, "sandbox") && !strings.Contains(complaint, "Content Security Policy") && !strings.Contains(complaint, "csp") {
			t.Errorf("the browser complains: %s", complaint)
		}
	}
	for _, request := range seen.Requests {
		if !strings.HasPrefix(request, server.url+"/") {
			t.Errorf("it asks another host: %s", request)
		}
	}

	deliver("notice")
	lookAt(t, server.url, "/dev/inbox?message="+string(deliver("code")))
}

func testKeyedInbox(t *testing.T, server devServer) {
	_, url := courier(t, server)
	var seen struct {
		Asked, Refused, Subject, Frame, URL string
		Cleared                             bool
	}
	drive(t, "inbox_key.mjs", map[string]string{"url": server.url, "courier": url, "key": inboxKey}, &seen)
	if seen.Asked != "API key" || !strings.Contains(seen.Refused, "not a valid API key") {
		t.Errorf("asked for %q, refused by %q", seen.Asked, seen.Refused)
	}
	// The frame is a call of its own, which carries the cookie as well.
	if seen.Subject != "Sign in to My app" || seen.Frame != "Sign in" || !seen.Cleared || seen.URL != server.url+"/dev/inbox" {
		t.Errorf("with the key: %+v", seen)
	}
}
