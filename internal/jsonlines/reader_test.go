package jsonlines_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"watchword/internal/jsonlines"
)

func TestLinesAreCountedAndBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*jsonlines.MaxLine)
	text := "\ufeffone\r\n\n  \n" + long + "\n" + strings.Repeat("y", jsonlines.MaxLine-1) + "\nlast"
	lines := jsonlines.NewReader(strings.NewReader(text))
	for _, want := range []struct {
		number int
		length int
		err    error
	}{
		{1, 3, nil}, {4, 0, jsonlines.ErrLineTooLong}, {5, jsonlines.MaxLine - 1, nil}, {6, 4, nil}, {6, 0, io.EOF}, {6, 0, io.EOF},
	} {
		line, err := lines.Next()
		if lines.Number() != want.number || len(line) != want.length || !errors.Is(err, want.err) {
			t.Errorf("line %d of %d bytes, %v; want line %d of %d, %v", lines.Number(), len(line), err, want.number, want.length, want.err)
		}
	}
	if lines.Bytes() != int64(len(text)) {
		t.Errorf("%d bytes were counted, want %d", lines.Bytes(), len(text))
	}
}
