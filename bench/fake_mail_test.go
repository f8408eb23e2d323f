package main

import (
	"fmt"
	"net/http"
	"net/smtp"
)

// mailOrder is a mail that the fake has promised.
type mailOrder struct{ to, token string }

func (f *fake) send(w http.ResponseWriter, r *http.Request) {
	in := decode(w, r)
	if in == nil {
		return
	}
	f.issued++
	token := fmt.Sprintf("otk_%d", f.issued)
	f.links[token] = in["email"]
	if f.mails != nil {
		f.mails <- mailOrder{in["email"], token}
	}
	write(w, http.StatusAccepted, map[string]any{"status": "sent"})
}

func (f *fake) openLink(w http.ResponseWriter, r *http.Request) {
	in := decode(w, r)
	if in == nil {
		return
	}
	email, ok := f.links[in["token"]]
	if !ok {
		problem(w, http.StatusGone, "token_used")
		return
	}
	delete(f.links, in["token"])
	f.answer(w, http.StatusOK, email)
}

// deliver sends mails until the process ends. What is refused is lost.
func deliver(address string, mails <-chan mailOrder) {
	for m := range mails {
		text := "Subject: Sign in\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n" +
			"--x\r\nContent-Type: text/plain\r\n\r\nhttp://localhost/auth/sign-in/token?token=" + m.token + "\r\n--x--\r\n"
		_ = smtp.SendMail(address, nil, "bench@localhost", []string{m.to}, []byte(text))
	}
}
