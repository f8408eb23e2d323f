package mail

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing wrong with the templates.
type Fault struct {
	File    string // or a folder
	Line    int    // 0: the whole of it
	Message string
}

func (f Fault) String() string {
	if f.Line > 0 {
		return f.File + ":" + strconv.Itoa(f.Line) + ": " + f.Message
	}
	return f.File + ": " + f.Message
}

// Faults is everything wrong with the templates at once, as one error.
type Faults []Fault

// Error has a line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// inOrder sorts faults by file and line and drops what was found twice: a fault
// of the layout shows in every letter.
func inOrder(faults []Fault) Faults {
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(faults)
}

// Templates say where they fail as "template: name:line:column: message"; the
// names are paths of files.
var located = regexp.MustCompile(`^(?:html/)?template: ?(.+?):(\d+)(?::\d+)?: (.+)$`)

// faultOf finds file and line in an error of a template; file is the one that
// was at work, for errors without: html/template knows no line where markup that
// a template leaves open is the fault.
func faultOf(err error, file string) Fault {
	text := err.Error()
	found := located.FindStringSubmatch(text)
	if found == nil || !strings.Contains(found[1], ".") { // a block's name
		return Fault{File: file, Message: unlocated.ReplaceAllString(text, "")}
	}
	line, _ := strconv.Atoi(found[2])
	return Fault{File: found[1], Line: line, Message: found[3]}
}

var unlocated = regexp.MustCompile(`^(?:html/)?template: ?[^ ]+: `)

var errUnknownTemplate = errors.New("mail: there is no such template")
