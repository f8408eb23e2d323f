package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"watchword/internal/mail/mailtest"
)

func TestMailScenariosGetRightAnswersAndNoticeWrongOnes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		journey func(*stage, int, int) journey
		status  int
		body    string
		want    string
	}{
		"sent":               {sendMagicLink, 202, `{"status":"sent"}`, ""},
		"reset sent":         {sendReset, 202, `{"status":"sent"}`, ""},
		"not sent":           {sendMagicLink, 429, `{"code":"rate_limited"}`, "answered 429 rate_limited"},
		"in":                 {openLink, 200, `{"access_token":"at-1"}`, ""},
		"in, without tokens": {openLink, 200, `{}`, errNoTokens.Error()},
		"used":               {openLink, 410, `{"code":"token_used"}`, "answered 410 token_used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(server.Close)
			st := &stage{users: 50, links: []mailtest.Mail{{Link: "x?token=otk_1"}}}
			err := test.journey(st, 0, 1)(dialTest(t, server.Listener.Addr().String()))
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	if err := openLink(&stage{}, 0, 1)(nil); !errors.Is(err, errNoLinks) {
		t.Errorf("%v", err)
	}
}
