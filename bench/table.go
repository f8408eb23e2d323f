package main

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// column is one column of the table.
type column struct {
	title string
	cell  func(r row) string
	align func(text string, width int) string
}

func columns() []column {
	return []column{
		{"engine", func(r row) string { return r.Engine }, left},
		{"users", func(r row) string { return count(int64(r.Users)) }, right},
		{"what", func(r row) string { return r.What }, left},
		{"conns", func(r row) string { return count(int64(r.Connections)) }, right},
		{"result", row.result, right},
		{"p50 ms", func(r row) string { return number(r.P50, 2) }, right},
		{"p99 ms", func(r row) string { return number(r.P99, 2) }, right},
		{"cpu µs", func(r row) string { return number(r.CPU, 0) }, right},
		{"of hello", func(r row) string { return number(r.OfHello, 3) }, right},
		{"of hash", func(r row) string { return number(r.OfHash, 3) }, right},
		{"ours", func(r row) string { return number(r.Ours, 3) }, right},
		{"busy", func(r row) string { return count(r.Busy) }, right},
		{"errors", func(r row) string { return count(r.Errors) }, right},
		{"target", func(r row) string { return r.Target }, left},
		{"", func(r row) string { return r.Verdict }, left},
	}
}

// write prints the table.
func (r *report) write(w io.Writer) error {
	lines := make([]strings.Builder, len(r.Rows)+1)
	for _, c := range columns() {
		cells := []string{c.title}
		for _, line := range r.Rows {
			cells = append(cells, c.cell(line))
		}
		width := 0
		for _, cell := range cells {
			width = max(width, utf8.RuneCountInString(cell))
		}
		for i, cell := range cells {
			lines[i].WriteString(c.align(cell, width) + "  ")
		}
	}
	var table strings.Builder
	for i := range lines {
		table.WriteString(strings.TrimRight(lines[i].String(), " ") + "\n")
	}
	_, err := io.WriteString(w, table.String())
	return err
}

func left(text string, width int) string { return text + blanks(text, width) }

func right(text string, width int) string { return blanks(text, width) + text }

func blanks(text string, width int) string {
	return strings.Repeat(" ", width-utf8.RuneCountInString(text))
}

// result is the row's figure in its unit.
func (r row) result() string {
	decimals := 0
	if r.Result < 1000 {
		decimals = 1
	}
	return strconv.FormatFloat(r.Result, 'f', decimals, 64) + r.Unit
}

// count is blank for none, so that what is there stands out.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func number(value *float64, decimals int) string {
	if value == nil {
		return ""
	}
	return strconv.FormatFloat(*value, 'f', decimals, 64)
}

// inBrief is the row while the run goes on.
func (r row) inBrief() string {
	var cells []string
	for _, c := range columns() {
		if text := c.cell(r); text != "" && c.title != "target" {
			cells = append(cells, strings.TrimSpace(c.title+" "+text))
		}
	}
	return strings.Join(cells, ", ")
}
