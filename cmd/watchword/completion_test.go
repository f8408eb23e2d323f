package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// complete is what fits the last of the words, each with what it is.
func complete(t *testing.T, of shell, words ...string) (lines []string) {
	t.Helper()
	var out, err bytes.Buffer
	code := run(slices.Concat([]string{"__complete", string(of), "--"}, words), nil, streams{strings.NewReader(""), &out, &err})
	if code != 0 || err.Len() > 0 {
		t.Fatalf("%v: %d %s", words, code, &err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func TestCommandsFlagsAndValuesAreCompleted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		words string // ends with the one that is typed
		want  string
	}{
		{"ad", "admin"},
		{"admin us", "users"},
		{"admin users sh", "show"},
		{"admin users show --js", "--json"},
		{"admin --json users list --st", "--status"},
		{"admin --data admin users li", "list link"}, // a value is no command
		{"admin users list --status ", "active disabled"},
		{"admin users list --status=d", "--status=disabled"},
		{"admin users list --status active --que", ""},
		{"admin waitlists update x --no-add", "--no-add-claim"},
		{"admin keys create --scopes users:", "users:read users:write"},
		{"admin keys create --scopes users:read,mail:w", "users:read,mail:write"},
		{"admin accounts set-role acc mem o", "owner"},
		{"admin events tail -f --ty", "--type"},
		{"admin events tail -n 5 --fo", "--follow"},
		{"completion ", "bash zsh fish"},
		{"admin import-users -- --dry", ""},
		{"admin users show nobody ", ""},
		{"__", ""},
	} {
		var got []string
		for _, line := range complete(t, shellFish, strings.Split(test.words, " ")...) {
			word, _, _ := strings.Cut(line, "\t")
			got = append(got, word)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%q: got %q, want %q", test.words, got, test.want)
		}
	}
	if got := complete(t, shellFish); len(got) < 7 || !strings.HasPrefix(got[0], "dev\tRun a server") {
		t.Errorf("of nothing: %q", got)
	}
}

// Each shell gets what it understands: bash takes words apart at = and :, zsh takes
// a colon for the end of the word.
func TestEachShellGetsItsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		shell shell
		words []string
		want  string
	}{
		{shellBash, []string{"admin", "keys", "create", "--scopes", "users", ":", "r"}, "read"},
		{shellBash, []string{"admin", "keys", "create", "--scopes", "users", ":"}, "read|write"},
		{shellBash, []string{"admin", "users", "list", "--status", "=", "d"}, "disabled"},
		{shellBash, []string{"admin", "--database", "sqlite", ":", "x.db", "users", "sh"}, "show"},
		{shellZsh, []string{"admin", "keys", "create", "--scopes", "users:r"}, `users\:read`},
		{shellZsh, []string{"vers"}, "version:Print the version."},
	} {
		if got := strings.Join(complete(t, test.shell, test.words...), "|"); got != test.want {
			t.Errorf("%s, %q: got %q, want %q", test.shell, test.words, got, test.want)
		}
	}
}

// program puts this program into a folder of its own, as a shell finds it.
func program(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	text := fmt.Sprintf("#!/bin/sh\n%s='%s' exec '%s' -test.run='^TestChild$' -- \"$@\"\n", childVariable, fromArguments, os.Args[0])
	if err := os.WriteFile(filepath.Join(dir, "watchword"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// scripted runs text in a shell that has read its completion.
func scripted(t *testing.T, of shell, dir, text string) string {
	t.Helper()
	var script, errs bytes.Buffer
	if code := run([]string{"completion", string(of)}, nil, streams{nil, &script, &errs}); code != 0 {
		t.Fatal(errs.String())
	}
	file := filepath.Join(dir, "completion."+string(of))
	if err := os.WriteFile(file, script.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), string(of), "-n", file).CombinedOutput(); err != nil {
		t.Fatalf("%s does not understand its script: %v\n%s", of, err, out)
	}
	begin := map[shell]string{shellZsh: "autoload -U compinit && compinit -D\n"}[of]
	command := exec.CommandContext(t.Context(), string(of), "-c", begin+"source '"+file+"'\n"+text)
	command.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", of, err, out)
	}
	return string(out)
}

func TestBashCompletes(t *testing.T) {
	t.Parallel()
	const text = `
COMP_WORDS=(watchword adm) COMP_CWORD=1; _watchword; echo "${COMPREPLY[*]}"
COMP_WORDS=(watchword admin users list --status "") COMP_CWORD=5; _watchword; echo "${COMPREPLY[*]}"
COMP_WORDS=(watchword admin users list "*" --st more) COMP_CWORD=5; _watchword; echo "${COMPREPLY[*]}"
complete -p watchword`
	got := scripted(t, shellBash, program(t), text)
	const want = "admin\nactive disabled\n--status\ncomplete -o bashdefault -o default -F _watchword watchword\n"
	if strings.ReplaceAll(got, "active\ndisabled", "active disabled") != want {
		t.Errorf("got\n%s", got)
	}
}

// zsh asks only within a line that is edited, so that its own parts are played.
const askZsh = `words=(watchword admin users list --status d) CURRENT=6
_describe() { print -rl -- "${(@P)2}" }
_watchword; whence -w _watchword`

func TestZshAndFishComplete(t *testing.T) {
	if testing.Short() {
		t.Skip("needs zsh and fish")
	}
	t.Parallel()
	for _, test := range []struct {
		shell      shell
		text, want string
	}{
		{shellFish, `complete -C "watchword admin users list --status d"`, "disabled\n"},
		{shellZsh, askZsh, "disabled\n_watchword: function\n"},
	} {
		if got := scripted(t, test.shell, program(t), test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", test.shell, got, test.want)
		}
	}
}
