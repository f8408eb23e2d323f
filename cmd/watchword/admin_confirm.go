package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// confirmation is asked for what cannot be undone.
type confirmation struct {
	Yes bool `short:"y" help:"Do not ask whether it is meant."`
}

// The ways in which it is not given.
var (
	errConfirm = errors.New("this cannot be undone: say --yes if it is meant")
	errRefused = errors.New("nothing was done")
)

// given asks, where there is somebody to ask.
func (c confirmation) given(t tool, question string, args ...any) error {
	if c.Yes {
		return nil
	}
	file, ok := t.std.in.(*os.File)
	if !ok || !isTerminal(file) {
		return errConfirm
	}
	t.note(question+" This cannot be undone.", args...)
	fmt.Fprint(t.std.err, "Type yes to go on: ")
	return meant(file)
}

// meant reads the answer.
func meant(in io.Reader) error {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return errRefused
	}
	return nil
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
