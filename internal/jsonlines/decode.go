package jsonlines

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"watchword"
)

// Decode reads a line into v, which takes no members but its own; known says which
// they are. The error says what is wrong with the JSON and where, or which field
// is of the wrong type. The parser's own words are kept out, as they quote the line.
func Decode(text []byte, v any, known string) error {
	err := json.Unmarshal(text, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		if errors.Is(err, json.ErrUnknownName) {
			return malformed("It has a member that is not known here, at byte %d; known are "+known+".", semantic.ByteOffset)
		}
		if field := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", "."); field != "" {
			return watchword.InvalidField(field, "invalid_type", "This is of the wrong type.")
		}
		return ErrNotObject
	}
	syntactic, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok || errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("It is not one whole JSON object: it ends too early, at byte %d.", int64(len(text)))
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformed("It has two members of the same name, the second at byte %d.", syntactic.ByteOffset)
	default:
		return malformed("It is not valid JSON at byte %d.", syntactic.ByteOffset)
	}
}

// ErrNotObject says that a line is JSON and no object.
var ErrNotObject = watchword.NewError(watchword.KindMalformed, "malformed_line", "It is not a JSON object.")

func malformed(message string, at int64) error {
	return watchword.NewError(watchword.KindMalformed, "malformed_line", fmt.Sprintf(message, at))
}
