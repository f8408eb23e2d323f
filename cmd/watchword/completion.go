package main

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"watchword"
)

type completionCommand struct {
	Shell shell `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// shell is one that can complete.
type shell string

const (
	shellBash shell = "bash"
	shellZsh  shell = "zsh"
	shellFish shell = "fish"
)

// Help says where it belongs.
func (*completionCommand) Help() string {
	return `What it prints asks this program itself what fits, so that it need not be made again with a new version.

Examples:

    watchword completion bash > /etc/bash_completion.d/watchword
    watchword completion zsh > "${fpath[1]}/_watchword"
    watchword completion fish > ~/.config/fish/completions/watchword.fish`
}

//go:embed completion
var completionScripts embed.FS

// Run prints the shell's script.
func (c *completionCommand) Run(std streams) error {
	script, err := completionScripts.ReadFile("completion/watchword." + string(c.Shell))
	if err != nil {
		return fmt.Errorf("there is no completion for this shell: %w", err)
	}
	_, err = std.out.Write(script)
	return err
}

// completeCommand is what those scripts call.
type completeCommand struct {
	Shell shell    `arg:"" enum:"bash,zsh,fish"`
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints what could stand in the place of the last word, as the shell wants it.
func (c *completeCommand) Run(app *kong.Kong, std streams) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	var out strings.Builder
	if c.Shell == shellBash {
		words = rejoined(words)
	}
	for _, s := range suggestions(app.Model.Node, words) {
		switch c.Shell {
		case shellBash:
			out.WriteString(bashRest(words, s.text) + "\n")
		case shellZsh:
			out.WriteString(zshLine(s) + "\n")
		default:
			out.WriteString(s.text + "\t" + s.help + "\n")
		}
	}
	_, err := io.WriteString(std.out, out.String())
	return err
}

// zshLine is a suggestion as _describe reads it.
func zshLine(s suggestion) string {
	line := strings.ReplaceAll(s.text, ":", `\:`)
	if s.help == "" {
		return line
	}
	return line + ":" + s.help
}

// suggestion is what could stand in a place, and what that is.
type suggestion struct{ text, help string }

// place is a place on the command line: at which command, and as what.
type place struct {
	node     *kong.Node
	value    *kong.Value // of a flag that waits for it
	argument int         // how many have been given
	only     bool        // arguments: a -- stands before
}

// suggestions are for the last word, which may be empty or not complete.
func suggestions(app *kong.Node, words []string) []suggestion {
	at := place{node: app}
	if len(words) == 0 {
		words = []string{""}
	}
	for _, word := range words[:len(words)-1] {
		at.pass(word)
	}
	last := words[len(words)-1]
	var all []suggestion
	prefix := ""
	switch {
	case at.value != nil:
		all, prefix = valuesOf(at.value, last)
	case strings.HasPrefix(last, "--") && strings.Contains(last, "=") && !at.only:
		name, given, _ := strings.Cut(last, "=")
		if f := at.flag(name); f != nil {
			all, prefix = valuesOf(f.Value, given)
		}
		prefix = name + "=" + prefix
	case strings.HasPrefix(last, "-") && !at.only:
		all = at.flags()
	default:
		all = at.commands()
	}
	var fitting []suggestion
	for _, s := range all {
		if s.text = prefix + s.text; strings.HasPrefix(s.text, last) {
			fitting = append(fitting, s)
		}
	}
	return fitting
}

// pass goes behind a word.
func (p *place) pass(word string) {
	switch {
	case p.value != nil:
		p.value = nil
	case p.only:
		p.argument++
	case word == "--":
		p.only = true
	case strings.HasPrefix(word, "-") && len(word) > 1:
		if f := p.flag(word); f != nil && !f.IsBool() && !f.IsCounter() {
			p.value = f.Value
		}
	default:
		if i := slices.IndexFunc(p.node.Children, func(n *kong.Node) bool { return n.Name == word }); i >= 0 {
			p.node, p.argument = p.node.Children[i], 0
		} else {
			p.argument++
		}
	}
}

// flag is the one of a word like --name or -n; nil where there is none, or where
// its value stands in the same word.
func (p *place) flag(word string) *kong.Flag {
	for _, group := range p.node.AllFlags(true) {
		for _, f := range group {
			if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// flags are those of the command first, and those of all commands after.
func (p *place) flags() (list []suggestion) {
	groups := p.node.AllFlags(true)
	slices.Reverse(groups)
	for _, group := range groups {
		for _, f := range group {
			list = append(list, suggestion{"--" + f.Name, f.Help})
			if f.Tag.Negatable != "" {
				list = append(list, suggestion{"--no-" + f.Name, f.Help})
			}
		}
	}
	return list
}

func (p *place) commands() (list []suggestion) {
	for _, n := range p.node.Children {
		if !n.Hidden && !p.only {
			list = append(list, suggestion{n.Name, n.Help})
		}
	}
	if p.argument < len(p.node.Positional) {
		values, _ := valuesOf(p.node.Positional[p.argument], "")
		list = append(list, values...)
	}
	return list
}

// valuesOf are the values that are known of a flag or an argument. prefix is what
// of the given text stands before the one that is being typed.
func valuesOf(v *kong.Value, given string) (list []suggestion, prefix string) {
	if v.IsSlice() {
		prefix = given[:strings.LastIndexByte(given, ',')+1]
	}
	known := []string{}
	if v.Enum != "" {
		known = v.EnumSlice()
	}
	if v.Tag.Get("known") == "scopes" {
		known = texts(watchword.Scopes())
	}
	for _, text := range known {
		if text != "" {
			list = append(list, suggestion{text: text})
		}
	}
	return list, prefix
}

// rejoined are the words as they were typed: bash takes them apart at = and :.
func rejoined(words []string) (list []string) {
	glue := false
	for _, word := range words {
		breaks := word == "=" || word == ":"
		if len(list) > 0 && (glue || breaks) {
			list[len(list)-1] += word
		} else {
			list = append(list, word)
		}
		glue = breaks
	}
	return list
}

// bashRest is what bash shall put in the place of the part of the last word that
// it takes for a word.
func bashRest(words []string, text string) string {
	if len(words) == 0 {
		return text
	}
	last := words[len(words)-1]
	return text[strings.LastIndexAny(last, "=:")+1:]
}
