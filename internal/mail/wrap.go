package mail

import (
	"strings"
	"unicode/utf8"
)

// textWidth is how wide the lines of plain text are: narrow enough for a quote
// or two before them.
const textWidth = 72

// wrap sets plain text in lines. Paragraphs, which blank lines part, are filled
// anew; a line of a single word (a link, a code) keeps a line of its own,
// however long, and indented lines stay as they are.
func wrap(text string) string {
	var out []string
	var paragraph []string
	fill := func() {
		out = append(out, filled(paragraph)...)
		paragraph = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		switch {
		case line == "":
			fill()
			if len(out) > 0 && out[len(out)-1] != "" {
				out = append(out, "")
			}
		case strings.HasPrefix(line, " ") || !strings.Contains(line, " "):
			fill()
			out = append(out, line)
		default:
			paragraph = append(paragraph, strings.Fields(line)...)
		}
	}
	fill()
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

// filled sets words in lines.
func filled(words []string) []string {
	var lines []string
	width := textWidth // of the last line: no room, so the first word begins one
	for _, word := range words {
		length := utf8.RuneCountInString(word)
		if width+1+length > textWidth {
			lines = append(lines, word)
			width = length
			continue
		}
		lines[len(lines)-1] += " " + word
		width += 1 + length
	}
	return lines
}

// withoutBlankLines drops the lines that only steered a template.
func withoutBlankLines(html string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(html, "\n") {
		if line = strings.TrimRight(line, " \t\r"); line != "" {
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	return out.String()
}
