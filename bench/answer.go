package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

var errMalformedAnswer = errors.New("malformed answer")

// framing is what an answer's head says about where it ends.
type framing struct {
	status  int
	length  int // -1 where it is not said
	chunked bool
	last    bool // the server closes the connection after it
}

// parseHead reads a status line and header lines, without the empty line.
func parseHead(head []byte) (framing, error) {
	frame := framing{length: -1}
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	status, ok := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if !ok || len(status) < 3 {
		return frame, errMalformedAnswer
	}
	var err error
	if frame.status, err = strconv.Atoi(string(status[:3])); err != nil || frame.status < 200 {
		return frame, errMalformedAnswer
	}
	if length, ok := field(rest, "Content-Length"); ok {
		n, err := strconv.ParseUint(string(length), 10, 31)
		if err != nil {
			return frame, errMalformedAnswer
		}
		frame.length = int(n)
	}
	if coding, ok := field(rest, "Transfer-Encoding"); ok {
		frame.chunked = bytes.EqualFold(coding, []byte("chunked"))
	}
	if option, ok := field(rest, "Connection"); ok {
		frame.last = bytes.EqualFold(option, []byte("close"))
	}
	return frame, nil
}

// header is the value of the first header line of that name.
func (a answer) header(name string) string {
	_, lines, _ := bytes.Cut(a.head, []byte("\n"))
	value, _ := field(lines, name)
	return string(value)
}

func field(lines []byte, name string) ([]byte, bool) {
	for len(lines) > 0 {
		var line []byte
		line, lines, _ = bytes.Cut(lines, []byte("\n"))
		if len(line) > len(name) && line[len(name)] == ':' && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return bytes.TrimSpace(line[len(name)+1:]), true
		}
	}
	return nil, false
}

// text is the first JSON string of that name in the answer. It does not decode:
// it is for values without escapes (tokens, identifiers, codes), of which a
// full parse would cost the generator more than the server spends on some calls.
func (a answer) text(name string) string {
	_, rest, ok := bytes.Cut(a.body, []byte(`"`+name+`":`))
	if !ok {
		return ""
	}
	rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte(`"`))
	if !ok {
		return ""
	}
	value, _, ok := bytes.Cut(rest, []byte(`"`))
	if !ok {
		return ""
	}
	return string(value)
}

// errBusy is the server's refusal to queue another hash: it has been asked for
// more than it can do, and said so.
var errBusy = errors.New("busy")

// expect is the error of an answer that is not the one hoped for.
func (a answer) expect(status int) error {
	switch {
	case a.status == status:
		return nil
	case a.status == 503 && a.text("code") == "busy":
		return errBusy
	default:
		return fmt.Errorf("answered %d %s", a.status, a.text("code"))
	}
}
