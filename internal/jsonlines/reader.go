package jsonlines

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"watchword"
)

// MaxLine bounds a line in bytes: the longest that is acceptable fits, with every
// character escaped.
const MaxLine = 1 << 20

// Reader reads lines and counts them, one in memory at a time.
type Reader struct {
	reader *bufio.Reader
	number int
	bytes  int64
}

// NewReader reads lines from a stream.
func NewReader(from io.Reader) *Reader {
	return &Reader{reader: bufio.NewReaderSize(from, MaxLine)}
}

// ErrLineTooLong says that a line is longer than MaxLine.
var ErrLineTooLong = watchword.NewError(watchword.KindInvalid, "line_too_long", "The line is longer than 1 MiB.")

// Number is that of the line read last, from 1.
func (l *Reader) Number() int { return l.number }

// Bytes is how many have been read so far.
func (l *Reader) Bytes() int64 { return l.bytes }

// Next is the next line that is not blank, good until the next call. The errors
// are io.EOF, ErrLineTooLong (the reading can go on) and those of the stream.
func (l *Reader) Next() ([]byte, error) {
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
func (l *Reader) skip() error {
	for {
		rest, err := l.reader.ReadSlice('\n')
		l.bytes += int64(len(rest))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil || errors.Is(err, io.EOF):
			l.number++
			return ErrLineTooLong
		default:
			return err
		}
	}
}
