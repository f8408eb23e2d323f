package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchword"
)

func TestIfMatchHoldsForTheRevisionsThatItNames(t *testing.T) {
	t.Parallel()
	present := watchword.RevisionOf(time.Unix(1_700_000_000, 0))
	tag, other := RevisionTag(present), RevisionTag(watchword.RevisionOf(time.Unix(1_700_000_001, 0)))
	for name, c := range map[string]struct {
		lines []string
		want  error
	}{
		"none":                    {nil, nil},
		"any":                     {[]string{" * "}, nil},
		"the present one":         {[]string{tag}, nil},
		"one of a list":           {[]string{other + ", " + tag}, nil},
		"one of two lines":        {[]string{other, tag}, nil},
		"a list with empty parts": {[]string{", ," + tag + " ,"}, nil},
		"another":                 {[]string{other}, watchword.ErrPrecondition},
		"a foreign one":           {[]string{`"abc"`}, watchword.ErrPrecondition},
		"an empty one":            {[]string{`""`}, watchword.ErrPrecondition},
		"a weak one":              {[]string{"W/" + tag}, watchword.ErrPrecondition},
		"a weak one in a list":    {[]string{other + ",W/" + tag}, watchword.ErrPrecondition},
		"empty":                   {[]string{""}, errIfMatch},
		"only commas":             {[]string{" , ", ","}, errIfMatch},
		"without quotes":          {[]string{string(present)}, errIfMatch},
		"one quote":               {[]string{`"`}, errIfMatch},
		"no comma between":        {[]string{tag + " " + other}, errIfMatch},
		"any among others":        {[]string{tag + ", *"}, errIfMatch},
		"any twice":               {[]string{"*", "*"}, errIfMatch},
	} {
		r := httptest.NewRequest(http.MethodPatch, "/", nil)
		if c.lines != nil {
			r.Header["If-Match"] = c.lines
		}
		p, err := IfMatch(r)
		if err == nil {
			err = p.Holds(present)
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func FuzzIfMatchNeverHoldsForAnotherRevision(f *testing.F) {
	present := watchword.RevisionOf(time.Unix(1_700_000_000, 0))
	for _, seed := range []string{"*", RevisionTag(present), "W/" + RevisionTag(present), `"a","b"`, `"a`, ",", `"a" "b"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := httptest.NewRequest(http.MethodPatch, "/", nil)
		r.Header["If-Match"] = []string{line}
		p, err := IfMatch(r)
		if err != nil || p.Holds("elsewhere") != nil {
			return
		}
		// It held for what was not asked for: only * and the name itself may.
		if p.Holds("another") == nil && p.Holds("") == nil && strings.Trim(line, " \t") != "*" {
			t.Errorf("%q holds for everything", line)
		}
	})
}
