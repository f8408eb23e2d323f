package ui

import "strings"

// span is a piece of running text: words, or code.
type span struct {
	Text string
	Code bool
}

// prose is text as descriptions have it: paragraphs with `code` in them.
type prose [][]span

func proseOf(text string) prose {
	var paragraphs prose
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		var spans []span
		for i, piece := range strings.Split(paragraph, "`") {
			if piece != "" {
				spans = append(spans, span{piece, i%2 == 1})
			}
		}
		if len(spans) > 0 {
			paragraphs = append(paragraphs, spans)
		}
	}
	return paragraphs
}

// inShort is the first sentence of a description, to stand within another one.
func inShort(text string) string {
	text, _, _ = strings.Cut(text, ". ")
	text = strings.TrimSuffix(text, ".")
	return strings.ToLower(text[:min(1, len(text))]) + text[min(1, len(text)):]
}
