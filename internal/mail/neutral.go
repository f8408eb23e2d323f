package mail

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many accents a letter carries: enough for every script, too
// few to paint over other lines.
const maxMarks = 3

// neutral makes text that somebody chose fit to stand in a letter to somebody
// else: one line of at most limit characters, in which no mail client finds a
// link, an address or a domain. Who signs up as "evil.example/free" must not
// make us send that link to a stranger.
//
// What could hold a link together gets a gap: "evil.example" becomes "evil.
// example", and "J. R. Smith" stays as it is.
func neutral(text string, limit int) string {
	n := neutraliser{limit: limit}
	for _, r := range text {
		if n.take(r); n.cut {
			break
		}
	}
	return n.text()
}

type neutraliser struct {
	limit   int
	out     []rune
	marks   int
	slashes int  // seen and not yet written
	space   bool // before the next character
	gap     bool // the same, unless it closes something
	cut     bool
}

func (n *neutraliser) take(r rune) {
	if r == '…' {
		n.add(r)
		return
	}
	// Full-width, small and squeezed forms count as what they stand for.
	if plain := norm.NFKC.String(string(r)); strings.ContainsAny(plain, `.:/\@`) || plain == "。" {
		for _, r := range plain {
			n.step(r)
		}
		return
	}
	n.step(r)
}

func (n *neutraliser) step(r rune) {
	switch {
	case unicode.IsSpace(r):
		n.flush()
		n.space = true
	case r == unicode.ReplacementChar, !unicode.IsPrint(r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		// Controls, bidirectional overrides, what has no width, broken UTF-8.
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		n.mark(r)
	case r == '.', r == '。':
		n.flush()
		if n.space || !n.endsIn(r) {
			n.add(r)
		}
		n.gap = true
	case r == ':':
		n.add(r)
		n.gap = true
	case r == '@':
		n.space = true
		for _, r := range "(at)" {
			n.add(r)
		}
		n.space = true
	case r == '/':
		n.slashes++
	case r == '\\':
		n.slashes += 2
	default:
		n.add(r)
	}
}

// mark adds an accent to a character that can carry one more.
func (n *neutraliser) mark(r rune) {
	if n.space || n.gap || n.slashes > 0 || n.marks == maxMarks || len(n.out) == 0 {
		return
	}
	marks := n.marks
	n.add(r)
	n.marks = marks + 1
}

// flush writes a slash that stood alone; two begin a host, so they do not stay.
func (n *neutraliser) flush() {
	count := n.slashes
	n.slashes = 0
	switch {
	case count == 1:
		n.write('/')
	case count > 1:
		n.space = true
	}
}

func (n *neutraliser) add(r rune) {
	n.flush()
	n.write(r)
}

func (n *neutraliser) write(r rune) {
	closes := strings.ContainsRune("),;…", r)
	if len(n.out) > 0 && (n.space || n.gap && !closes) {
		n.out = append(n.out, ' ')
	}
	n.space, n.gap, n.marks = false, false, 0
	n.out = append(n.out, r)
	n.cut = n.cut || len(n.out) > n.limit
}

func (n *neutraliser) endsIn(r rune) bool {
	return len(n.out) > 0 && n.out[len(n.out)-1] == r
}

func (n *neutraliser) text() string {
	n.flush()
	if n.cut {
		return strings.TrimRight(string(n.out[:n.limit-1]), " ") + "…"
	}
	return string(n.out)
}

// oneLine keeps what the operator chose on one line. Links stay: they are the
// operator's own.
func oneLine(text string, limit int) string {
	var out []rune
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			out = append(out, r)
		}
	}
	if len(out) > limit {
		return strings.TrimRight(string(out[:limit-1]), " ") + "…"
	}
	return strings.TrimSpace(string(out))
}
