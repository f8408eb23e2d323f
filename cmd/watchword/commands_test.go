package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// parse reads a command line as the program does, and runs nothing.
func parse(t *testing.T, args []string) error {
	t.Helper()
	helped := false
	parser, err := newParser(&commands{}, streams{nil, io.Discard, io.Discard}, func(int) { helped = true })
	if err != nil {
		t.Fatal(err)
	}
	if _, err = parser.Parse(args); helped {
		return nil
	}
	return err
}

// everyCommand is each command that people can give.
func everyCommand(t *testing.T) []*kong.Node {
	t.Helper()
	parser, err := newParser(&commands{}, streams{nil, io.Discard, io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(true)
}

// calls are the calls of the program in a line of a shell, taken apart.
func calls(line string) (list [][]string) {
	for _, pipe := range strings.Split(line, " | ") {
		words := shellWords(pipe)
		if len(words) > 0 && words[0] == "xargs" {
			words = append(words, "what-xargs-gives")
		}
		for i, word := range words {
			if strings.TrimPrefix(word, "KEY=$(") == "watchword" {
				list = append(list, words[i+1:])
				break
			}
		}
	}
	return list
}

var shellWord = regexp.MustCompile(`(?:"[^"]*"|'[^']*'|[^\s"'])+`)

var shellDate = regexp.MustCompile(`\$\(date [^)]*\)`)

// shellWords takes a line apart as far as examples need it: quotes, redirections.
func shellWords(line string) (words []string) {
	for _, word := range shellWord.FindAllString(shellDate.ReplaceAllString(line, "today"), -1) {
		if word == ">" || word == "<" {
			break
		}
		words = append(words, strings.NewReplacer(`"`, "", "'", "", ")", "").Replace(word))
	}
	return words
}

// Help shows each command with examples, and each of them can be given as it stands.
func TestEveryCommandHasExamplesThatCanBeGiven(t *testing.T) {
	t.Parallel()
	for _, command := range everyCommand(t) {
		path := strings.TrimPrefix(command.FullPath(), "watchword ")
		var out, err bytes.Buffer
		code := run(append(strings.Fields(path), "--help"), nil, streams{strings.NewReader(""), &out, &err})
		if code != 0 || err.Len() > 0 {
			t.Errorf("%s --help: %d\n%s%s", path, code, &out, &err)
		}
		examples := 0
		text := strings.ReplaceAll(command.Detail, "\\\n", " ")
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "    ") {
				continue
			}
			for _, args := range calls(line) {
				if fault := parse(t, args); fault != nil {
					t.Errorf("%s: an example is refused: %v\n%s", path, fault, line)
				}
				if strings.HasPrefix(strings.Join(args, " ")+" ", path+" ") {
					examples++
				}
			}
		}
		if examples == 0 {
			t.Errorf("%s has no example", path)
		}
		if !strings.Contains(out.String(), "Example") && examples > 0 {
			t.Errorf("%s --help shows none of its examples:\n%s", path, &out)
		}
	}
}

// What the documents say to type can be typed.
func TestTheCommandsInTheDocumentsCanBeGiven(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " # ")
			if !strings.HasPrefix(line, "watchword ") {
				continue
			}
			found++
			for _, args := range calls(strings.TrimSpace(line)) {
				if err := parse(t, args); err != nil {
					t.Errorf("%s: %v\n%s", file, err, line)
				}
			}
		}
	}
	if found == 0 {
		t.Error("there are none")
	}
}
