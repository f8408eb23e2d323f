package transfer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// Exporter writes everything that is taken along, as it is at one moment.
type Exporter struct {
	Store *store.Store
	Actor string // who has it written
	// Progress is told after each page. It may take its time: nobody waits.
	Progress func(Exported)
}

// Exported counts the lines of each type that are written.
type Exported map[Type]int

// All is how many they are together.
func (e Exported) All() (n int) {
	for count := range maps.Values(e) {
		n += count
	}
	return n
}

// Run writes the export. It holds password hashes: to is nobody else's to read.
func (e Exporter) Run(ctx context.Context, to io.Writer) (Exported, error) {
	// Before anything leaves, so that none can leave without a trace.
	err := e.Store.Write(ctx, func(c *store.Conn) error {
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{Type: watchword.EventDataExported, Actor: e.Actor})
	})
	if err != nil {
		return nil, err
	}
	w := &lineWriter{to: bufio.NewWriterSize(to, 64<<10), written: Exported{}}
	err = e.Store.Snapshot(ctx, func(c *store.Conn) error { return e.all(ctx, c, w) })
	if err != nil {
		return w.written, err
	}
	return w.written, w.to.Flush()
}

func (e Exporter) all(ctx context.Context, c *store.Conn, w *lineWriter) error {
	if err := w.line(header()); err != nil {
		return err
	}
	for _, k := range kinds() {
		if err := e.kind(ctx, c, k, w); err != nil {
			return err
		}
	}
	return w.line(typedLine{TypeEnd})
}

func (e Exporter) kind(ctx context.Context, c *store.Conn, k kind, w *lineWriter) error {
	for after := ""; ; {
		page, err := k.page(ctx, c, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if err := w.line(r); err != nil {
				return fmt.Errorf("write %s: %w", r.id(), err)
			}
			w.written[k.typ]++
		}
		e.Progress(w.written)
		if err := ctx.Err(); err != nil {
			return err
		}
		after = page[len(page)-1].id()
	}
}

type lineWriter struct {
	to      *bufio.Writer
	written Exported
}

func (w *lineWriter) line(v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	_, err = w.to.Write(append(text, '\n'))
	return err
}
