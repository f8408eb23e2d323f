package config

import (
	"errors"
	"io/fs"
	"strings"
)

// files reads whole files. Its errors never hold the path: a secret may have
// been given where a file's name was meant.
type files func(path string) ([]byte, error)

func (read files) all(path string) ([]byte, error) {
	text, err := read(path)
	switch {
	case err == nil:
		return text, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, missingFile
	case errors.Is(err, fs.ErrPermission):
		return nil, reason("names a file that this user may not read")
	default:
		return nil, reason("names a file that cannot be read")
	}
}

const missingFile = reason("names a file that does not exist")

// line is what a file of one value holds, without the line's end, which
// editors and orchestrators add.
func (read files) line(path string) (string, error) {
	text, err := read.all(path)
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" {
		return "", reason("names a file that is empty")
	}
	return value, nil
}
