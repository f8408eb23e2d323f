package config

import (
	"regexp"
	"slices"
	"strings"
)

// environment is what the WATCHWORD_* variables say. An empty variable counts
// as not set: compose files pass on empty ones for what nobody gave.
type environment struct {
	values map[string]string
	files  files
	trail  *trail
}

func newEnvironment(environ []string, files files, t *trail) environment {
	e := environment{values: map[string]string{}, files: files, trail: t}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "WATCHWORD_") && value != "" {
			e.values[name] = value
		}
	}
	return e
}

// layer is what the variables give, from their values or the files they name.
func (e environment) layer() map[string]any {
	layer := map[string]any{}
	for _, s := range settings(Flags{}) {
		if text, at, given := e.lookup(s); given {
			e.trail.put(layer, s.key, at, text)
		}
	}
	e.refuseUnknown()
	return layer
}

func (e environment) lookup(s setting) (text string, at place, given bool) {
	text, given = e.values[s.variable]
	at = place{source: s.variable}
	path, inFile := e.values[s.inFile]
	switch {
	case given && inFile:
		e.trail.fault(s.key, place{source: s.inFile}, "is set together with "+s.variable, "unset one of the two")
		return "", at, false
	case !inFile:
		return text, at, given
	}
	at.source = s.inFile
	text, err := e.files.line(path)
	if err != nil {
		e.trail.fault(s.key, at, err.Error(), "")
		return "", at, false
	}
	return text, at, true
}

// refuseUnknown names misspelt variables: they would silently not count.
func (e environment) refuseUnknown() {
	known := Variables()
	var unknown []string
	for name, value := range e.values {
		if !slices.Contains(known, name) && !serviceLink.MatchString(name+"="+value) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		e.trail.fault(name, place{source: name}, "is not a variable that is known here", didYouMeanVariable(name, known))
	}
}

// didYouMeanVariable compares without the prefix, which makes all names alike.
func didYouMeanVariable(name string, known []string) string {
	const prefix = "WATCHWORD_"
	short := make([]string, len(known))
	for i, variable := range known {
		short[i] = strings.TrimPrefix(variable, prefix)
	}
	if best := closest(strings.TrimPrefix(name, prefix), short); best != "" {
		return "did you mean " + prefix + best + "?"
	}
	return ""
}

// serviceLink matches what Kubernetes sets in every pod beside a service whose
// name begins with "watchword".
var serviceLink = regexp.MustCompile(`^WATCHWORD_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=` +
	`|^WATCHWORD_(\w+_)?PORT=\w+://`)
