package main

import (
	"net/http"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// scanners are what opens links before people do, as it shows itself.
var scanners = map[string][]string{
	"Microsoft Defender Safe Links": {"User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0", "Accept", "*/*"},
	"Proofpoint URL Defense": {
		"User-Agent", "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2272.101 Safari/537.36",
		"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
	},
	"Barracuda Sentinel":    {"User-Agent", "Mozilla/5.0 (compatible; BarracudaCentral/1.0; +http://www.barracudacentral.org)", "Accept", "*/*"},
	"Mimecast URL Protect":  {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/118.0.0.0 Safari/537.36", "Accept", browserAccept, "Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-User", "?1"},
	"Google image proxy":    {"User-Agent", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "Accept", "*/*"},
	"Slack link preview":    {"User-Agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Accept", "*/*", "Range", "bytes=0-32768"},
	"Outlook for iOS":       {"User-Agent", "Outlook-iOS/729.2003310.prod.iphone (4.0.0)", "Accept", "*/*", "Purpose", "preview"},
	"Apple Mail preview":    {"User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)", "Accept", browserAccept, "X-Purpose", "preview"},
	"Chrome, ahead of time": {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Accept", browserAccept, "Sec-Purpose", "prefetch;prerender", "Purpose", "prefetch"},
	"curl":                  {"User-Agent", "curl/8.5.0", "Accept", "*/*"},
	"nothing said":          {"User-Agent", ""},
}

// Every scanner opens every link, by HEAD and then by GET, twice; afterwards each
// link does for its owner what it is for.
func TestScannersLeaveLinksUsable(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		ada := w.member("ada@example.com")
		w.member("eve@example.com")
		links := map[string]link{
			"sign-in": w.magicLink("ada@example.com", leadsToApp), "new user": w.magicLink("new@example.com", ""),
			"invite": w.invite(ada, "bob@example.com", watchword.DeliverMail, account.Return{}), "handed over": w.invite(ada, "cat@example.com", watchword.DeliverLink, account.Return{}),
			"verification": w.linkIn(w.app().signUp("dan@example.com"), "dan@example.com"), "reset": w.resetLink("eve@example.com", ""),
		}
		w.settled()
		before := w.rows()
		for name, l := range links {
			for scanner, headers := range scanners {
				for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodHead, http.MethodGet} {
					if got := w.visitor().do(method, l.query(), "", headers...); got.status != 200 || len(got.header.Values("Set-Cookie")) > 0 {
						t.Errorf("%s, %s by %s: %d", name, method, scanner, got.status)
					}
				}
				// Some take the form's address for one more link.
				w.visitor().get(l.path, headers...).want(t, 400, "")
			}
		}
		if after := w.rows(); strings.Join(after, "\n") != strings.Join(before, "\n") {
			t.Error("looking has written something")
		}
		for name, l := range links {
			form := l.form()
			if name == "reset" {
				form += "&password=a+new+and+better+one+58"
			}
			if got := w.visitor().submit(l.path, form); got.status != 200 && got.status != 303 {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
		}
	})
}
