package client

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"watchword"
)

const (
	maxName     = 100 // characters
	maxAudience = 255
	maxList     = 100
	maxURI      = 2048
)

// faults holds a client against the rules that those of the settings obey, and
// names every field that breaks one.
func (a Applications) faults(c watchword.Client) []watchword.FieldError {
	return slices.Concat(checkTexts(c), a.checkAddresses(c), a.checkMethods(c.Methods), a.checkLifetimes(c.Lifetimes))
}

func refused(faults []watchword.FieldError) error {
	if len(faults) == 0 {
		return nil
	}
	return watchword.InvalidFields(faults...)
}

// clean takes off what no client of the database has.
func clean(c watchword.Client) watchword.Client {
	c.Name = strings.TrimSpace(c.Name)
	c.Lifetimes.RefreshGrace, c.LoopbackOrigins = 0, false
	return c
}

func checkTexts(c watchword.Client) (fields []watchword.FieldError) {
	switch {
	case c.Name == "":
		fields = append(fields, watchword.FieldError{Field: "name", Code: "too_short", Message: "This must not be empty."})
	case utf8.RuneCountInString(c.Name) > maxName:
		fields = append(fields, watchword.FieldError{Field: "name", Code: "too_long", Message: "This must have at most 100 characters."})
	case unprintable(c.Name):
		fields = append(fields, watchword.FieldError{Field: "name", Code: "invalid_characters", Message: "This must not hold control or invisible characters."})
	}
	switch {
	case len(c.Audience) > maxAudience:
		fields = append(fields, watchword.FieldError{Field: "audience", Code: "too_long", Message: "This must have at most 255 characters."})
	case unprintable(c.Audience) || strings.ContainsRune(c.Audience, ' '):
		fields = append(fields, watchword.FieldError{Field: "audience", Code: "invalid_characters", Message: "This must not hold spaces, control or invisible characters."})
	}
	if c.Type != watchword.ClientPublic && c.Type != watchword.ClientConfidential {
		fields = append(fields, watchword.FieldError{Field: "type", Code: "not_allowed", Message: "This must be public or confidential."})
	}
	return fields
}

func unprintable(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func (a Applications) checkAddresses(c watchword.Client) []watchword.FieldError {
	fields := checkList("redirect_uris", c.RedirectURIs, func(uri string) error { return watchword.CheckRedirectURI(uri, a.PlainHTTP) })
	return append(fields, checkList("origins", c.Origins, func(origin string) error { return watchword.CheckOrigin(origin, a.PlainHTTP) })...)
}

// checkList holds a list of addresses against the rule for each.
func checkList(field string, list []string, rule func(string) error) (fields []watchword.FieldError) {
	if len(list) > maxList {
		return []watchword.FieldError{{Field: field, Code: "too_long", Message: "This must have at most 100 items."}}
	}
	for i, text := range list {
		name := item(field, i)
		if len(text) > maxURI {
			fields = append(fields, watchword.FieldError{Field: name, Code: "too_long", Message: "This must have at most 2048 characters."})
		} else if err := rule(text); err != nil {
			fields = append(fields, watchword.FieldError{Field: name, Code: "invalid_address", Message: "This " + err.Error() + "."})
		} else if slices.Contains(list[:i], text) {
			fields = append(fields, duplicate(name))
		}
	}
	return fields
}

// checkMethods keeps a misspelt method from silently switching a way in off.
func (a Applications) checkMethods(methods []watchword.Method) (fields []watchword.FieldError) {
	for i, m := range methods {
		switch name := item("methods", i); {
		case !slices.Contains(a.Methods, m):
			fields = append(fields, watchword.FieldError{
				Field: name, Code: "not_allowed", Message: "This is neither password, magic_link or passkey nor the id of a provider.",
			})
		case slices.Contains(methods[:i], m):
			fields = append(fields, duplicate(name))
		}
	}
	return fields
}

func (a Applications) checkLifetimes(own watchword.Lifetimes) (fields []watchword.FieldError) {
	for _, fault := range own.Faults(a.Registry.settings.Lifetimes) {
		fields = append(fields, watchword.FieldError{Field: "lifetimes." + fault.Name, Code: "out_of_range", Message: "This " + fault.Reason + "."})
	}
	return fields
}

func duplicate(field string) watchword.FieldError {
	return watchword.FieldError{Field: field, Code: "duplicate", Message: "This stands in the list twice."}
}

func item(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }
