package mailtest

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// Mail is one as it arrived.
type Mail struct {
	To, Subject, ID string
	Text, HTML      string
	Link            string // the first one that holds a token; empty: none
	Code            string // six digits on a line of their own; empty: none
}

var (
	links = regexp.MustCompile(`[a-z][a-z0-9+.-]*://\S+[?&]token=[\w-]+`)
	codes = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)
)

// Token is that of the link.
func (m Mail) Token() string {
	_, token, _ := strings.Cut(m.Link, "token=")
	return token
}

// read reads a multipart/alternative of quoted-printable text and HTML.
func read(r io.Reader) (Mail, error) {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return Mail{}, err
	}
	m := Mail{ID: message.Header.Get("Message-Id")}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return m, err
	}
	_, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	parts := multipart.NewReader(message.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("read a mail's parts: %w", err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return m, fmt.Errorf("read a part of a mail: %w", err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = string(text)
		} else {
			m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
	m.Link = links.FindString(m.Text)
	if code := codes.FindStringSubmatch(m.Text); code != nil {
		m.Code = code[1]
	}
	return m, nil
}
