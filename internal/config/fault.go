package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing wrong with the settings.
type Fault struct {
	Source  string // the file, variable or flag; empty where the setting is missing
	Line    int    // in a file; 0 elsewhere
	Key     string // such as clients[0].origins[1]
	Message string // what is wrong, never with a value
	Mend    string // what to do about it; may be empty
}

func (f Fault) String() string {
	var where string
	switch {
	case f.Line > 0:
		where = f.Source + ":" + strconv.Itoa(f.Line) + ": "
		if f.Key != "" {
			where += f.Key + ": "
		}
	case f.Source != "":
		where = f.Source + ": "
	case f.Key != "":
		where = f.Key + ": "
	}
	if f.Mend == "" {
		return where + f.Message
	}
	return where + f.Message + "; " + f.Mend
}

// Faults is every fault at once, as one error.
type Faults []Fault

// Error has a line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// inReadingOrder puts what is missing first and a file's faults in line order.
func inReadingOrder(faults []Fault) {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Line, b.Line))
	})
}
