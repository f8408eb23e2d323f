package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// read takes a delivery apart again.
func read(t *testing.T, raw []byte) (header netmail.Header, text, html string) {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") || slices.ContainsFunc(line, func(b byte) bool { return b > 126 }) {
			t.Fatalf("a line that not every server takes: %q", line)
		}
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the message is %s, %v", kind, err)
	}
	var parts []string
	var kinds []string
	for reader := multipart.NewReader(m.Body, parameters["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("a part is encoded as %q", part.Header.Get("Content-Transfer-Encoding"))
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, strings.ReplaceAll(string(body), "\r\n", "\n"))
		kinds = append(kinds, part.Header.Get("Content-Type"))
	}
	if !slices.Equal(kinds, []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"}) {
		t.Fatalf("the parts are %q: the last one is what clients prefer", kinds)
	}
	return m.Header, parts[0], parts[1]
}

func TestWhatArrivesIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := newSink(t, verdicts{}, nil)
	made := testTemplates(t, nil)
	letters := slices.Concat(made.samples("en"), made.samples("de"))
	for _, l := range letters {
		if err := send(t, s.options(), render(t, made, l)); err != nil {
			t.Fatal(err)
		}
	}
	got := s.mails()
	if len(got) != len(letters) {
		t.Fatalf("%d of %d letters arrived", len(got), len(letters))
	}
	for i, l := range letters {
		want := render(t, made, l)
		header, text, html := read(t, got[i].raw)
		if text != want.Text || html != want.HTML {
			t.Errorf("%s in %s has changed on the way", l.Template, l.Locale)
		}
		if subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); err != nil || subject != want.Subject {
			t.Errorf("the subject is %q, want %q, %v", subject, want.Subject, err)
		}
	}
}

func TestTheHeadersAreThoseOfAMachine(t *testing.T) {
	t.Parallel()
	s := newSink(t, verdicts{}, nil)
	if err := send(t, s.options(), sent()); err != nil {
		t.Fatal(err)
	}
	header, _, _ := read(t, s.mails()[0].raw)
	for key, want := range map[string]string{
		"To": "<ada@example.com>", "Date": "Wed, 04 Mar 2026 14:05:00 +0000", "Auto-Submitted": "auto-generated",
		"X-Auto-Response-Suppress": "All", "Mime-Version": "1.0", "Message-Id": "<" + messageID("job_1", "example.com") + ">",
	} {
		if got := header[key]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if from, err := header.AddressList("From"); err != nil || len(from) != 1 || from[0].Name != "Äpfel & Co" || from[0].Address != "no-reply@example.com" {
		t.Errorf("From is %v, %v", from, err)
	}
	known := []string{"To", "From", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Auto-Submitted", "X-Auto-Response-Suppress"}
	for key := range header {
		if !slices.Contains(known, key) {
			t.Errorf("a header that nobody needs: %s", key)
		}
	}
}

func TestTheMessageIDSaysWhetherItIsTheSameLetter(t *testing.T) {
	t.Parallel()
	s := newSink(t, verdicts{}, nil)
	sender, err := NewSender(s.options())
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range []string{"job_1", "job_1", "job_2"} {
		if err := sender.Send(t.Context(), sent(), job); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, m := range s.mails() {
		header, _, _ := read(t, m.raw)
		ids = append(ids, header.Get("Message-Id"))
	}
	if len(ids) != 3 || ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("it is another for the same letter, or the same for another: %q", ids)
	}
	if strings.ContainsAny(messageID("job>\r\nBcc: eve@a.example", "a.example"), "\r\n>: ") {
		t.Error("an id breaks the header")
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"Hi\r\nBcc: eve@evil.example", "Hi\nBcc: eve@evil.example", "Hi\rBcc: eve@evil.example", "Hi\r\n\r\n<p>body</p>", "Hi\u2028Bcc: eve@evil.example",
		"Hi\x00\x0b\x0cBcc: eve@evil.example", "=?utf-8?q?Hi=0D=0ABcc:_eve?=", "=?utf-8?b?aHR0cHM6Ly9ldmlsLmV4YW1wbGU=?=", strings.Repeat("ü", 400), strings.Repeat("x", 2000), "",
	} {
		s := newSink(t, verdicts{}, nil)
		r := sent()
		r.Subject = subject
		if err := send(t, s.options(), r); err != nil {
			t.Fatalf("%q: %v", subject, err)
		}
		header, text, _ := read(t, s.mails()[0].raw)
		if header.Get("Bcc") != "" || text != r.Text || len(header["Subject"]) != 1 {
			t.Errorf("%q changed the headers: %v", subject, header)
		}
		decoded, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
		if err != nil || strings.ContainsAny(decoded, "\r\n") || strings.Contains(decoded, "https:") {
			t.Errorf("%q became %q, %v", subject, decoded, err)
		}
	}
}

func TestNothingHiddenIsTakenOverFromAServer(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"5.7.1 Relay access denied":                         "5.7.1 Relay access denied",
		"5.4.5 Daily user sending limit exceeded.":          "5.4.5 Daily user sending limit exceeded.",
		"blocked: https://auth.example.com/x?token=otk_abc": "blocked: …",
		"<ada@example.com>: Recipient address rejected":     "… Recipient address rejected",
		"no sesame for you (Sesame!)":                       "no … for you …",
		"the code 402917 is spam":                           "the code … is spam",
		"Line one\nLine two":                                "Line one Line two",
		"bad \x1b[31mred\x07 text":                          "bad … text",
		"dGhlIHBhc3N3b3JkIGlzIHNlc2FtZQ and more":           "… and more",
	} {
		if got := harmless(said, []string{"", "sesame", "402917", "ada@example.com", "https://auth.example.com/x?token=otk_abc"}); got != want {
			t.Errorf("%q became %q, want %q", said, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		hidden := rapid.StringMatching(`[A-Za-z0-9_=/?-]{4,40}`).Draw(t, "hidden")
		said := rapid.String().Draw(t, "before") + " " + hidden + rapid.String().Draw(t, "after")
		if got := harmless(said, []string{hidden}); strings.Contains(got, hidden) || len([]rune(got)) > maxSaid {
			t.Fatalf("%q became %q", said, got)
		}
	})
}
