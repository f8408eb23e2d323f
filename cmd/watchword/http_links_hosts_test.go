package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"watchword/internal/config"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// raw sends a request as it stands, which no client would make.
func (w *world) raw(text string) answer {
	w.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(w.t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		w.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, text: string(body)}
}

// Links are made from the public URL alone: whatever a request says of its host,
// no mail repeats it.
func TestNothingThatARequestSaysOfItsHostReachesAMail(t *testing.T) {
	t.Parallel()
	post := newPostbox(t)
	// One that answers under any host, as behind a proxy.
	w := &town{newNode(t, store.SQLite, storetest.Location(t, store.SQLite), storetest.NewClock(),
		"smtp: "+post.URL()+"\ntrusted_proxies: [127.0.0.1/32]\n"+unlimited, func(cfg *config.Config) { cfg.AllowRemote = true }), post}
	own := strings.TrimPrefix(w.url, "http://")
	const evil = "evil.example.com"
	forgeries := map[string]struct{ target, headers string }{
		"Host":             {"", "Host: " + evil + "\r\n"},
		"Host with a port": {"", "Host: " + own + ":" + evil + "\r\n"},
		"X-Forwarded-Host": {"", "Host: " + own + "\r\nX-Forwarded-Host: " + evil + "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /" + evil + "\r\n"},
		"Forwarded":        {"", "Host: " + own + "\r\nForwarded: for=1.2.3.4;host=" + evil + ";proto=https\r\n"},
		"others":           {"", "Host: " + own + "\r\nX-Original-Host: " + evil + "\r\nX-Host: " + evil + "\r\nX-Original-URL: http://" + evil + "/\r\nX-Rewrite-URL: //" + evil + "/\r\nReferer: http://" + evil + "/\r\n"},
		"absolute form":    {"http://" + evil, "Host: " + own + "\r\n"},
		"absolute, own":    {"http://" + own, "Host: " + evil + "\r\n"},
	}
	in := w.app().signUp("you@example.com")
	w.post.take("you@example.com")
	ada := w.member("ada@example.com")
	n := 0
	for name, f := range forgeries {
		n++
		fresh := fmt.Sprintf("user-%d@example.com", n)
		for path, call := range map[string]struct{ to, body, headers string }{
			"/auth/sign-up":                 {fresh, signUpBody(fresh, `"name":"X"`), ""},
			"/auth/send-magic-link":         {"ada@example.com", withFields("ada@example.com", ""), ""},
			"/auth/send-password-reset":     {"ada@example.com", withFields("ada@example.com", ""), ""},
			"/auth/send-email-verification": {"you@example.com", "{}", "Authorization: Bearer " + in.str("access_token") + "\r\n"},
		} {
			got := w.raw(fmt.Sprintf("POST %s%s HTTP/1.1\r\n%s%sContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
				f.target, path, f.headers, call.headers, len(call.body), call.body))
			if got.status >= 500 || strings.Contains(got.text+fmt.Sprint(got.header), evil) {
				t.Errorf("%s, %s: %d %v %s", path, name, got.status, got.header, got.text)
			}
			if got.status >= 300 {
				continue // it was not even understood
			}
			mail := w.post.take(call.to)
			if !strings.HasPrefix(mail.Link, w.url+"/") || strings.Contains(mail.Text+mail.HTML+mail.Subject+mail.ID, evil) {
				t.Errorf("%s, %s: the mail says %s\n%s", path, name, mail.Link, mail.Text)
			}
		}
	}
	// The issuer and the way back do not, either.
	l := w.magicLink(ada.str("user", "email"), leadsWithPKCE)
	got := w.visitor().submit(l.path, l.form(), "X-Forwarded-Host", evil, "Forwarded", "host="+evil)
	if location := got.header.Get("Location"); !strings.HasPrefix(location, appPage) || strings.Contains(location, evil) {
		t.Errorf("%d %s", got.status, location)
	}
}
