package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"watchword"
)

// maxDepth bounds how deep arrays and objects may nest: more is never meant,
// and recursion further on need not be trusted with it.
const maxDepth = 64

// CheckJSON refuses what JSON parsers read differently or not at all: duplicate
// member names, invalid UTF-8, lone surrogates, NUL, data after the value, deep
// nesting, and an empty body. The error is 400 malformed_json. It says what is
// wrong and at which byte, and repeats nothing of the body.
func CheckJSON(body []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body))
	escapedNUL := bytes.Contains(body, []byte(`\u0000`)) // or a backslash, then u0000
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return syntaxError(body, err)
		}
		switch {
		case decoder.StackDepth() > maxDepth:
			return malformed("It nests too deep", decoder.InputOffset()-1)
		case escapedNUL && token.Kind() == jsontext.KindString && strings.IndexByte(token.String(), 0) >= 0:
			return malformed("A string holds NUL, before", decoder.InputOffset())
		}
		if decoder.StackDepth() == 0 {
			break
		}
	}
	end := decoder.InputOffset()
	if rest := bytes.TrimLeft(body[end:], " \t\r\n"); len(rest) > 0 {
		return malformed("Something follows the JSON value", int64(len(body)-len(rest)))
	}
	return nil
}

// syntaxError says why the body is no JSON. The decoder's own text is kept out,
// as it quotes the body.
func syntaxError(body []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return watchword.NewError(watchword.KindMalformed, "malformed_json", "The body is empty.")
	}
	syntactic, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return malformed("It ends too early", int64(len(body)))
	}
	offset := syntactic.ByteOffset
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformed("An object has two members of the same name, the second", offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("It ends too early", offset)
	case !utf8.Valid(body):
		return malformed("It is not valid UTF-8", invalidUTF8(body))
	default:
		return malformed("A character or escape sequence is out of place", offset)
	}
}

func malformed(what string, offset int64) error {
	return watchword.NewError(watchword.KindMalformed, "malformed_json",
		fmt.Sprintf("The body is not acceptable JSON. %s at byte %d.", what, offset))
}

// invalidUTF8 is where the first byte lies that belongs to no character.
func invalidUTF8(body []byte) int64 {
	var at int
	for at < len(body) {
		char, size := utf8.DecodeRune(body[at:])
		if char == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return int64(at)
}
