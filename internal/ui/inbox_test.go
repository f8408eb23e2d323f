package ui

import (
	"crypto/rand"
	"encoding/json"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchword"
	"watchword/internal/apikey"
	"watchword/internal/delivery"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/web"
)

// inboxWorld is a mounted inbox.
type inboxWorld struct {
	http.Handler
	t     *testing.T
	mux   *web.Mux
	inbox delivery.Inbox
	keys  apikey.Keys
	clock *storetest.Clock
}

// openInbox is an inbox as others cannot reach it; keyed, as they can.
func openInbox(t *testing.T) *inboxWorld {
	t.Helper()
	return newInboxWorld(t, func(*inboxWorld) InboxGuard { return InboxGuard{} })
}

func keyedInbox(t *testing.T) *inboxWorld {
	t.Helper()
	keyring, err := secret.NewKeyring(secret.NewString(strings.Repeat("k", 32)), secret.String{})
	if err != nil {
		t.Fatal(err)
	}
	return newInboxWorld(t, func(w *inboxWorld) InboxGuard {
		return InboxGuard{Keys: &w.keys, Pass: web.InboxPass{Keys: keyring, Now: w.clock.Now, Public: &url.URL{Scheme: "http", Host: "devbox.example"}}}
	})
}

func newInboxWorld(t *testing.T, guard func(*inboxWorld) InboxGuard) *inboxWorld {
	t.Helper()
	w := &inboxWorld{t: t, mux: web.NewMux(InboxRules()), clock: storetest.NewClock()}
	s := storetest.Open(t, store.SQLite, w.clock.Now)
	w.inbox = delivery.Inbox{Store: s}
	w.keys = apikey.Keys{Store: s, Clock: w.clock.Now, Random: rand.Reader}
	MountInbox(w.mux, InboxDeps{Inbox: w.inbox, Guard: guard(w), PublicURL: "http://devbox.example"})
	w.Handler = web.Handler(web.Options{
		PublicURL: &url.URL{Scheme: "http", Host: "devbox.example"}, Origins: noOrigins{}, Log: slog.New(slog.DiscardHandler),
		Metrics: web.NewMetrics(prometheus.NewRegistry()), Now: time.Now, Random: rand.Reader,
	}, w.mux)
	return w
}

// keep takes a letter in, a moment after the last.
func (w *inboxWorld) keep(m mail.Rendered) string {
	w.t.Helper()
	w.clock.Advance(time.Second)
	id := watchword.NewID[watchword.MessageID](w.clock.Now(), rand.Reader)
	if err := w.inbox.Keep(w.t.Context(), id, m); err != nil {
		w.t.Fatal(err)
	}
	return string(id)
}

func (w *inboxWorld) key(scopes ...watchword.Scope) (watchword.KeyID, string) {
	w.t.Helper()
	row, key, err := w.keys.Create(w.t.Context(), apikey.New{Name: "test", Scopes: scopes, Actor: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	return row.ID, key.Reveal()
}

// want asks and wants a status.
func (w *inboxWorld) want(status int, method, path string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	got := ask(w, method, path, header...)
	if got.Code != status {
		w.t.Fatalf("%s %s: %d, want %d: %s", method, path, got.Code, status, got.Body)
	}
	return got
}

func TestInboxRulesNameWhatIsMountedAndNoForeignPageReadsIt(t *testing.T) {
	t.Parallel()
	rules := InboxRules()
	if got, want := openInbox(t).mux.Patterns(), slices.Sorted(maps.Keys(rules)); !slices.Equal(got, want) {
		t.Errorf("mounted %v, listed %v", got, want)
	}
	for pattern, rule := range rules {
		if _, path, _ := strings.Cut(pattern, " "); rule.CORS != web.CORSNone || rule.Origin != web.OriginChecked || !strings.HasPrefix(path, "/dev/") {
			t.Errorf("%s: %+v", pattern, rule)
		}
	}
}

func TestMessagesAreListedForPrograms(t *testing.T) {
	t.Parallel()
	w := openInbox(t)
	if got := w.want(200, "GET", "/dev/inbox/messages").Body.String(); got != `{"messages":[]}` {
		t.Errorf("an empty inbox: %s", got)
	}
	first := w.keep(mail.Rendered{To: "grace@example.com", Subject: "Notice", Text: "text"})
	second := w.keep(mail.Rendered{
		To: "ada@example.com", Subject: "Sign in", Text: "a\nb", HTML: "<p>a", Links: []string{"https://x.example/?a=1&b=2"}, Code: "012345",
	})
	at := func(ago time.Duration) string { return w.clock.Now().Add(-ago).Format(time.RFC3339) }
	ofFirst := `{"id":"` + first + `","to":"grace@example.com","subject":"Notice","text":"text","html":"","links":[],"code":null,"created_at":"` + at(time.Second) + `"}`
	ofSecond := `{"id":"` + second + `","to":"ada@example.com","subject":"Sign in","text":"a\nb","html":"\u003cp\u003ea","links":["https://x.example/?a=1\u0026b=2"],"code":"012345","created_at":"` + at(0) + `"}`
	for query, want := range map[string]string{
		"":                       ofSecond + "," + ofFirst,
		"?to=":                   ofSecond + "," + ofFirst,
		"?to=ada@example.com":    ofSecond,
		"?to=%20ADA@Example.COM": ofSecond,
		"?to=joan@example.com":   "",
		"?to=ada":                "",
		"?to=%00":                "",
	} {
		got := w.want(200, "GET", "/dev/inbox/messages"+query)
		if got.Body.String() != `{"messages":[`+want+`]}` || got.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%q: %v %s", query, got.Header(), got.Body)
		}
	}
	w.want(204, "DELETE", "/dev/inbox/messages")
	if got := w.want(200, "GET", "/dev/inbox/messages").Body.String(); got != `{"messages":[]}` {
		t.Errorf("after it was cleared: %s", got)
	}
}

// Browsers keep no mail; whoever looks for news says what it has seen.
func TestOnlyNewsAreSentToWhoeverLooksAgain(t *testing.T) {
	t.Parallel()
	w := openInbox(t)
	for _, path := range []string{"/dev/inbox", "/dev/inbox/messages", "/dev/inbox?to=ada@example.com"} {
		got := w.want(200, "GET", path)
		tag := got.Header().Get("ETag")
		if tag == "" || got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, got.Header())
		}
		if got := w.want(304, "GET", path, "If-None-Match", tag); got.Body.Len() > 0 {
			t.Errorf("%s: %s", path, got.Body)
		}
		w.keep(mail.Rendered{To: "ada@example.com"})
		w.want(200, "GET", path, "If-None-Match", tag)
	}
}

func TestThePageShowsTheNewestOrTheChosenMessage(t *testing.T) {
	t.Parallel()
	w := openInbox(t)
	if got := w.want(200, "GET", "/dev/inbox").Body.String(); !strings.Contains(got, "curl http://devbox.example/auth/") {
		t.Errorf("an empty inbox does not say how to get a mail: %s", got)
	}
	first := w.keep(mail.Rendered{To: "grace@example.com", Subject: "First", Text: "the first", HTML: "<p>one", Code: "111111"})
	second := w.keep(mail.Rendered{To: "ada@example.com", Subject: "Second", Text: "the second"})
	frame := `<iframe src="/dev/inbox/messages/` + first + `/html" sandbox="allow-popups allow-popups-to-escape-sandbox"`
	for path, test := range map[string]struct{ has, hasNot []string }{
		"/dev/inbox":                                {[]string{">Second</h2>", ">First</span>", "the second", `data-id="` + second + `" aria-current`}, []string{"the first", "<iframe"}},
		"/dev/inbox?message=" + first:               {[]string{">First</h2>", frame, ">111111</strong>", `class="inbox chosen"`}, []string{"the first", "the second"}},
		"/dev/inbox?view=text&message=" + first:     {[]string{">First</h2>", "the first"}, []string{"<iframe"}},
		"/dev/inbox?view=nonsense&message=" + first: {[]string{frame}, []string{"nonsense"}},
		"/dev/inbox?to=GRACE@example.com":           {[]string{">First</h2>", `value="GRACE@example.com"`}, []string{"Second"}},
		"/dev/inbox?to=nobody@example.com":          {[]string{"No mail to this address"}, []string{"First", "Second", "curl"}},
		"/dev/inbox?message=msg_x":                  {[]string{"not here any more", ">First</span>"}, []string{"curl"}},
		"/dev/inbox?message=%00":                    {[]string{"not here any more"}, nil},
	} {
		got := w.want(200, "GET", path).Body.String()
		for _, text := range test.has {
			if !strings.Contains(got, text) {
				t.Errorf("%s lacks %s: %s", path, text, got)
			}
		}
		for _, text := range test.hasNot {
			if strings.Contains(got, text) {
				t.Errorf("%s has %s", path, text)
			}
		}
	}
}

// Names and addresses that somebody chose are in every mail.
func TestAHostileMessageIsTextOnThePage(t *testing.T) {
	t.Parallel()
	w := openInbox(t)
	const evil = `"><script src=//evil.example></script><img src=x onerror=alert(1)>`
	w.keep(mail.Rendered{
		To: "ada@example.com", Subject: evil, Text: evil, Code: evil,
		Links: []string{"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", `https://x.example/"onclick="alert(1)`, "\x01javascript:alert(1)", "com.app:/x"},
	})
	got := w.want(200, "GET", "/dev/inbox?to="+url.QueryEscape(evil))
	got.Body.WriteString(w.want(200, "GET", "/dev/inbox").Body.String())
	page := got.Body.String()
	for _, alive := range []string{"<script src=//", "<img src=x", `"onclick=`, `href="javascript`, `href="JavaScript`, `href="data`, `href="com.app`, "ZgotmplZ"} {
		if strings.Contains(page, alive) {
			t.Errorf("the page holds %s", alive)
		}
	}
	if n := strings.Count(page, `<a class="button"`); n != 1 {
		t.Errorf("%d links can be followed, want that of the web", n)
	}
	if !strings.Contains(html.UnescapeString(page), evil) {
		t.Error("the page does not show the subject")
	}
	csp := got.Header().Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "script-src 'self';") || !strings.Contains(csp, "frame-src 'self'") {
		t.Errorf("%s", csp)
	}
}

func TestTheHTMLOfAMessageIsServedForAFrameInWhichNothingRuns(t *testing.T) {
	t.Parallel()
	w := openInbox(t)
	for body, want := range map[string]string{
		`<!doctype html><html><HEAD lang="en"><title>x</title></head>`: `<!doctype html><html><HEAD lang="en"><base target="_blank"><title>x</title></head>`,
		"<header>x": `<base target="_blank"><header>x`,
		"":          `<base target="_blank">`,
	} {
		got := w.want(200, "GET", "/dev/inbox/messages/"+w.keep(mail.Rendered{HTML: body})+"/html")
		if got.Body.String() != want {
			t.Errorf("%s", got.Body)
		}
		csp := got.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';") || got.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%v", got.Header())
		}
	}
	for _, id := range []string{"msg_x", "%00", "..", string(watchword.NewID[watchword.MessageID](time.Now(), rand.Reader))} {
		w.want(404, "GET", "/dev/inbox/messages/"+strings.ReplaceAll(id, "..", "%2e%2e")+"/html")
	}
}

func TestAnInboxThatOthersCanReachNeedsAKeyWithItsScope(t *testing.T) {
	t.Parallel()
	w := keyedInbox(t)
	id := w.keep(mail.Rendered{To: "ada@example.com", Subject: "Secret subject", Text: "Secret text", HTML: "Secret html"})
	_, reads := w.key(watchword.ScopeMailRead)
	_, writes := w.key(watchword.ScopeMailWrite)
	_, other := w.key(watchword.ScopeUsersRead)
	for _, route := range []struct{ method, path, good, lesser string }{
		{"GET", "/dev/inbox", reads, writes},
		{"GET", "/dev/inbox?message=" + id + "&view=text", reads, writes},
		{"GET", "/dev/inbox/messages", reads, writes},
		{"GET", "/dev/inbox/messages/" + id + "/html", reads, writes},
		{"DELETE", "/dev/inbox/messages", writes, reads},
	} {
		for status, headers := range map[int][][]string{
			401: {nil, {"Authorization", "Bearer wk_wrong"}, {"Authorization", "Bearer"}, {"Authorization", "Basic " + route.good}, {"Cookie", "watchword_inbox=" + route.good}},
			403: {{"Authorization", "Bearer " + other}, {"Authorization", "Bearer " + route.lesser}},
		} {
			for _, header := range headers {
				got := w.want(status, route.method, route.path, header...)
				if strings.Contains(got.Body.String(), "Secret") || status == 401 && got.Header().Get("WWW-Authenticate") == "" {
					t.Errorf("%s %s: %v %s", route.method, route.path, got.Header(), got.Body)
				}
			}
		}
		if route.method == "DELETE" {
			continue // last of all
		}
		if got := w.want(200, route.method, route.path, "Authorization", "Bearer "+route.good); !strings.Contains(got.Body.String(), "Secret") {
			t.Errorf("%s", got.Body)
		}
	}
	w.want(204, "DELETE", "/dev/inbox/messages", "Authorization", "Bearer "+writes)
}

// show sends the form of the page that asks for the key.
func (w *inboxWorld) show(key string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/dev/inbox/key", strings.NewReader(url.Values{"key": {key}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := httptest.NewRecorder()
	w.ServeHTTP(got, r)
	return got
}

func TestABrowserShowsTheKeyOnceAndReadsWhileItLives(t *testing.T) {
	t.Parallel()
	w := keyedInbox(t)
	w.keep(mail.Rendered{To: "ada@example.com", Subject: "Secret subject"})
	id, key := w.key(watchword.ScopeMailRead)
	asked := w.want(401, "GET", "/dev/inbox")
	if page := asked.Body.String(); !strings.Contains(page, `<form action="/dev/inbox/key" method="post">`) || strings.Contains(page, `class="problem"`) {
		t.Errorf("%s", page)
	}
	for _, wrong := range []string{"", "wk_wrong", "garbage<b>"} {
		got := w.show(wrong)
		if got.Code != 401 || got.Header().Get("Set-Cookie") != "" || !strings.Contains(got.Body.String(), `class="problem"`) || wrong != "" && strings.Contains(got.Body.String(), wrong) {
			t.Errorf("%q: %d %v %s", wrong, got.Code, got.Header(), got.Body)
		}
	}
	_, other := w.key(watchword.ScopeUsersRead)
	if got := w.show(other); got.Code != 403 || got.Header().Get("Set-Cookie") != "" {
		t.Errorf("a key for something else: %d %v", got.Code, got.Header())
	}

	got := w.show(key)
	cookies := got.Result().Cookies()
	if got.Code != 303 || got.Header().Get("Location") != "/dev/inbox" || len(cookies) != 1 || strings.Contains(cookies[0].Value, key) {
		t.Fatalf("%d %v", got.Code, got.Header())
	}
	shown := []string{"Cookie", cookies[0].Name + "=" + cookies[0].Value}
	if got := w.want(200, "GET", "/dev/inbox", shown...); !strings.Contains(got.Body.String(), "Secret subject") {
		t.Errorf("%s", got.Body)
	}
	w.want(403, "DELETE", "/dev/inbox/messages", shown...) // the key reads alone
	w.want(401, "GET", "/dev/inbox/messages", append(shown, "Authorization", "Bearer wk_wrong")...)

	if err := w.keys.Revoke(t.Context(), id, "cli"); err != nil {
		t.Fatal(err)
	}
	w.want(401, "GET", "/dev/inbox", shown...)
	w.want(401, "GET", "/dev/inbox/messages", shown...)
}

func TestTheKeyIsNoFormOfForeignPages(t *testing.T) {
	t.Parallel()
	w := keyedInbox(t)
	_, key := w.key(watchword.ScopeMailRead)
	r := httptest.NewRequest(http.MethodPost, "/dev/inbox/key", strings.NewReader("key="+key))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	got := httptest.NewRecorder()
	w.ServeHTTP(got, r)
	var problem struct{ Code string }
	if err := json.Unmarshal(got.Body.Bytes(), &problem); err != nil || got.Code != 403 || problem.Code != "cross_origin_refused" || got.Header().Get("Set-Cookie") != "" {
		t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
	}
	if got := openInbox(t).show("anything"); got.Code != 303 || got.Header().Get("Set-Cookie") != "" {
		t.Errorf("where none is needed: %d %v", got.Code, got.Header())
	}
}
