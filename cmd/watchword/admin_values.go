package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"watchword/internal/config"
	"watchword/internal/secret"
)

// span is a duration as the settings write it: 90s, 24h, 7d.
type span time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *span) UnmarshalText(text []byte) error {
	d, err := config.ParseDuration(string(text))
	*s = span(d)
	return err
}

// instant is a point in time: as RFC 3339 writes it, or so long ago.
type instant struct {
	at  time.Time
	ago time.Duration
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *instant) UnmarshalText(text []byte) error {
	var err error
	if i.at, err = time.Parse(time.RFC3339, string(text)); err == nil {
		return nil
	}
	if i.ago, err = config.ParseDuration(string(text)); err != nil {
		return errors.New("it must be a time (2030-01-31T08:00:00Z) or how long ago it was (30m, 24h, 7d)")
	}
	return nil
}

// before is the time that is meant, seen from now; zero where none was given.
func (i *instant) before(now time.Time) time.Time {
	switch {
	case i == nil:
		return time.Time{}
	case i.at.IsZero():
		return now.Add(-i.ago)
	default:
		return i.at
	}
}

// source is a file that is read; - is the standard input.
type source string

func (s source) open(std streams) (io.ReadCloser, error) {
	if s == "-" {
		return io.NopCloser(std.in), nil
	}
	return os.Open(string(s))
}

const maxLine = 4096

// password is the first line of the file. There is no flag for one: others on the
// machine see flags, and the shell remembers them.
func (s source) password(std streams) (secret.String, error) {
	if s == "" {
		return secret.String{}, nil
	}
	file, err := s.open(std)
	if err != nil {
		return secret.String{}, fmt.Errorf("read the password: %w", err)
	}
	defer file.Close()
	line, err := bufio.NewReader(io.LimitReader(file, maxLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return secret.String{}, fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return secret.String{}, errors.New("read the password: the file is empty")
	}
	return secret.NewString(line), nil
}

// lines are those of the file that are not empty.
func (s source) lines(std streams) (list []string, err error) {
	if s == "" {
		return nil, nil
	}
	file, err := s.open(std)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			list = append(list, line)
		}
	}
	return list, scanner.Err()
}

// lifeText is a duration as the settings write it.
func lifeText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// or is the text, or what stands for none.
func or(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// orNull is a text in JSON: null for the empty one.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// texts are values of a string type as strings; never nil, which would be null.
func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// typed is the other way.
func typed[T ~string](list []string) []T {
	out := make([]T, len(list))
	for i, one := range list {
		out[i] = T(one)
	}
	return out
}

// nothing is shown where there is none.
const nothing = "–"
