package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"watchword"
)

// What somebody calls themselves neither moves the cursor nor another column.
func TestTablesStayAlignedWhateverPeopleAreCalled(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	rows := &table{out: &out}
	for _, piece := range [][][]string{
		{{"NAME", "STATE"}, {"日本語", "a"}, {"e\u0301", "b"}, {"\x1b[2Jx", "c"}},
		{{"한", "d"}, {"two\nlines", "e"}, {"right\u202eto left", "f"}, {"\u009b5n", "g"}},
	} {
		if err := rows.print(piece); err != nil {
			t.Fatal(err)
		}
	}
	const want = `NAME     STATE
日本語   a
é        b
�[2Jx    c
한              d
two�lines       e
right�to left   f
�5n             g
`
	if got := out.String(); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

// A terminal obeys what stands in JSON, too.
func TestNothingInJSONCommandsATerminal(t *testing.T) {
	t.Parallel()
	const name = "a\x1b[2J\u009b5n\u202e\x7f\U000e0001é日<&>"
	text, err := encodeJSON(map[string]string{"name": name})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"name":"a\u001b[2J\u009b5n\u202e\u007f\udb40\udc01é日<&>"}`
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back map[string]string
	if err := json.Unmarshal(text, &back); err != nil || back["name"] != name {
		t.Errorf("read back as %q (%v)", back["name"], err)
	}
}

func TestAListSaysThatThereIsMoreAndIsWholeJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		there, limit int
		shown        int
		more         bool
	}{{0, 100, 0, false}, {5, 100, 5, false}, {5, 5, 5, false}, {5, 4, 4, true}, {250, 100, 100, true}, {250, 0, 250, false}, {250, 120, 120, true}} {
		l := listing[int]{
			head: []string{"N"}, row: func(int) []string { return []string{"n"} }, json: func(n int) any { return n },
			page: func(page watchword.Page) ([]int, string, error) {
				from := len(page.Before)
				n := min(page.Limit, test.there-from)
				next := ""
				if from+n < test.there {
					next = strings.Repeat("x", from+n)
				}
				return make([]int, n), next, nil
			},
		}
		for _, asJSON := range []bool{true, false} {
			var out, said strings.Builder
			if err := l.print(tool{std: streams{out: &out, err: &said}, json: asJSON}, test.limit); err != nil {
				t.Fatal(err)
			}
			shown := strings.Count(out.String(), "\n") - 1
			var list []int
			if asJSON {
				if err := json.Unmarshal([]byte(out.String()), &list); err != nil || list == nil {
					t.Fatalf("%v: %s", err, &out)
				}
				shown = len(list)
			}
			if more := strings.Contains(said.String(), "There are more"); shown != test.shown || more != test.more {
				t.Errorf("%+v: %d shown, more: %v", test, shown, more)
			}
		}
	}
}

func TestOnlyYesMeansYes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{"yes\n": nil, " yes ": nil, "": errRefused, "y\n": errRefused, "no\nyes\n": errRefused} {
		if err := meant(strings.NewReader(text)); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDurationsAndTimesAreReadAndWrittenAsInTheSettings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"7d": "168h", "90s": "1m30s", "10m": "10m", "1h30m": "1h30m", "0": "0s", "1h0m5s": "1h0m5s"} {
		var s span
		if err := s.UnmarshalText([]byte(text)); err != nil || lifeText(time.Duration(s)) != want {
			t.Errorf("%s: %s (%v), want %s", text, lifeText(time.Duration(s)), err, want)
		}
	}
	now := time.Date(2030, 1, 31, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{"24h": now.Add(-24 * time.Hour), "1d": now.Add(-24 * time.Hour), "2030-01-30T09:00:00+01:00": now.Add(-24 * time.Hour)} {
		var i instant
		if err := i.UnmarshalText([]byte(text)); err != nil || !i.before(now).Equal(want) {
			t.Errorf("%s: %s (%v), want %s", text, i.before(now), err, want)
		}
	}
	if got := (*instant)(nil).before(now); !got.IsZero() {
		t.Errorf("not given: %s", got)
	}
}
