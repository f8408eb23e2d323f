package account

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"watchword"
	"watchword/internal/secret"
)

// maxImportLine bounds a line in bytes: metadata of the greatest length fits,
// with every character escaped.
const maxImportLine = 128 << 10

// importLines reads lines and counts them, one in memory at a time.
type importLines struct {
	reader *bufio.Reader
	number int   // of the line read last, from 1
	bytes  int64 // read so far
}

func newImportLines(from io.Reader) *importLines {
	return &importLines{reader: bufio.NewReaderSize(from, maxImportLine)}
}

var errLineTooLong = watchword.NewError(watchword.KindInvalid, "line_too_long", "The line is longer than 128 KiB.")

// next is the next line that is not blank, good until the next call. The errors
// are io.EOF, errLineTooLong (the reading can go on) and those of the reader.
func (l *importLines) next() ([]byte, error) {
	for {
		line, err := l.reader.ReadSlice('\n')
		l.bytes += int64(len(line))
		ended := errors.Is(err, io.EOF)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, l.skip()
		case err != nil && !ended:
			return nil, err
		case ended && len(line) == 0:
			return nil, io.EOF
		}
		l.number++
		if l.number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff")) // as some editors write it
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

// skip passes over the rest of a line that is too long.
func (l *importLines) skip() error {
	for {
		rest, err := l.reader.ReadSlice('\n')
		l.bytes += int64(len(rest))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil || errors.Is(err, io.EOF):
			l.number++
			return errLineTooLong
		default:
			return err
		}
	}
}

// importLine is a line as it is written.
type importLine struct {
	Email         string         `json:"email"`
	EmailVerified bool           `json:"email_verified"`
	Name          string         `json:"name"`
	PasswordHash  secret.String  `json:"password_hash"`
	Account       importAccount  `json:"account"`
	Locale        string         `json:"locale"`
	Metadata      jsontext.Value `json:"metadata"`
}

type importAccount struct {
	Name string `json:"name"`
}

// importUser is a line that was found acceptable.
type importUser struct {
	NewUser
	verified bool
}

// parseImport reads a line. Its error names the faulty fields, or what is wrong
// with the JSON and where, and nothing that stands there.
func parseImport(text []byte) (importUser, error) {
	var line importLine
	if err := json.Unmarshal(text, &line, json.RejectUnknownMembers(true)); err != nil {
		return importUser{}, importSyntax(text, err)
	}
	var faults []watchword.FieldError
	check := func(field string, err error) {
		if e, ok := errors.AsType[*watchword.Error](err); ok && len(e.Fields) > 0 {
			faults = append(faults, e.Fields...)
		} else if ok {
			faults = append(faults, watchword.FieldError{Field: field, Code: e.Code, Message: e.Message})
		}
	}
	user := importUser{verified: line.EmailVerified}
	var err error
	if user.Address, err = CanonicalAddress(line.Email); line.Email == "" {
		err = watchword.InvalidField("email", "required", "There must be an address.")
	}
	check("email", err)
	user.Name, err = CleanName("name", line.Name)
	check("name", err)
	user.AccountName, err = CleanName("account.name", line.Account.Name)
	check("account.name", err)
	user.Locale, err = CleanLocale(line.Locale)
	check("locale", err)
	user.Metadata, err = importMetadata(line.Metadata)
	check("metadata", err)
	if !line.PasswordHash.IsZero() {
		user.Hash, err = secret.ParseHash(line.PasswordHash.Reveal())
		check("password_hash", err)
	}
	if len(faults) > 0 {
		return importUser{}, watchword.InvalidFields(faults...)
	}
	return user, nil
}

// importMetadata keeps the text as it is but for white space: numbers beyond a
// float's precision stay what they are.
func importMetadata(value jsontext.Value) (string, error) {
	if len(value) == 0 || value.Kind() == 'n' {
		return "", nil
	}
	err := value.Compact()
	if err != nil || value.Kind() != '{' || len(value) > maxMetadata {
		return "", watchword.InvalidField("metadata", "too_long", "This must be a JSON object of at most 16 KiB.")
	}
	return string(value), nil
}

// importSyntax says why a line is not of the form it must have. The parser's own
// words are kept out, as they quote the line.
func importSyntax(text []byte, err error) error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		if errors.Is(err, json.ErrUnknownName) {
			return malformedLine("It has a member that is not known here, at byte %d; known are email, "+
				"email_verified, name, password_hash, account.name, locale and metadata.", semantic.ByteOffset)
		}
		if field := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", "."); field != "" {
			return watchword.InvalidField(field, "invalid_type", "This is of the wrong type.")
		}
		return errNotObject
	}
	syntactic, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok || errors.Is(err, io.ErrUnexpectedEOF):
		return malformedLine("It is not one whole JSON object: it ends too early, at byte %d.", int64(len(text)))
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformedLine("It has two members of the same name, the second at byte %d.", syntactic.ByteOffset)
	default:
		return malformedLine("It is not valid JSON at byte %d.", syntactic.ByteOffset)
	}
}

var errNotObject = watchword.NewError(watchword.KindMalformed, "malformed_line", "It is not a JSON object.")

func malformedLine(message string, at int64) error {
	return watchword.NewError(watchword.KindMalformed, "malformed_line", fmt.Sprintf(message, at))
}
