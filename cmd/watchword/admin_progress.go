package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// headway is how far an import or export has come.
type headway struct {
	lines int
	bytes int64  // read of the file
	said  string // what has become of the lines, for a log
	short string // the same for a bar
}

// progress shows how far an import is: a bar on a terminal, elsewhere a line now
// and then.
type progress struct {
	out   io.Writer
	clock func() time.Time
	size  int64 // of the file in bytes; 0: unknown
	kind  display
	begun time.Time
	shown time.Time
	drawn bool // a bar stands on the terminal's last line
}

type display uint8

const (
	displayLines display = iota
	displayBar
)

// How often: a terminal as eyes follow, a log as it can bear.
const (
	drawEvery  = 100 * time.Millisecond
	printEvery = time.Second
)

func newProgress(out io.Writer, clock func() time.Time, size int64) *progress {
	now := clock()
	return &progress{out: out, clock: clock, size: size, kind: displayOf(out), begun: now, shown: now}
}

func displayOf(out io.Writer) display {
	file, ok := out.(*os.File)
	if !ok {
		return displayLines
	}
	if !isTerminal(file) || os.Getenv("TERM") == "dumb" {
		return displayLines
	}
	return displayBar
}

// show shows the headway, unless one was shown just now.
func (p *progress) show(h headway) {
	now, every := p.clock(), printEvery
	if p.kind == displayBar {
		every = drawEvery
	}
	if now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	if p.kind == displayLines {
		fmt.Fprintf(p.out, "%d lines%s: %s\n", h.lines, p.share(h.bytes), cmp.Or(h.said, h.short))
		return
	}
	p.clear()
	fmt.Fprint(p.out, p.bar(h, now))
	p.drawn = true
}

const barWidth = 30

// bar is the bar with what has been done, how fast, and how long it will take.
func (p *progress) bar(h headway, now time.Time) string {
	elapsed := now.Sub(p.begun)
	speed := float64(h.lines) / max(elapsed.Seconds(), 0.001)
	text := fmt.Sprintf(" %d lines, %.0f/s, %s", h.lines, speed, h.short)
	if p.size == 0 || h.bytes == 0 {
		return strings.TrimSpace(text)
	}
	part := min(float64(h.bytes)/float64(p.size), 1)
	full := int(part * barWidth)
	left := time.Duration(float64(elapsed) * (1 - part) / part).Round(time.Second)
	return fmt.Sprintf("[%s%s] %3.0f %%%s, %s left",
		strings.Repeat("#", full), strings.Repeat(".", barWidth-full), part*100, text, left)
}

func (p *progress) share(bytes int64) string {
	if p.size == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.0f %%)", min(100*float64(bytes)/float64(p.size), 100))
}

// line prints a line of its own, above the bar.
func (p *progress) line(text string, args ...any) {
	p.clear()
	fmt.Fprintf(p.out, text+"\n", args...)
}

// clear takes the bar away.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}
