package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"watchword"
	"watchword/internal/jsonlines"
	"watchword/internal/store"
)

// Importer brings an export in. It reads as it writes, batch after batch, each in
// one transaction, so that an import that was broken off is simply run again: what
// is here already and equal is passed over.
type Importer struct {
	Store   *store.Store
	Actor   string // who brings it in
	Mode    Mode
	OnFault OnFault
	// Refused is told of each line that is not brought in, and why.
	Refused func(line int, why error)
	// Progress is told after each batch. It may take its time: others write then.
	Progress func(Imported)
}

// Mode says whether an import writes.
type Mode uint8

// The modes. A dry run finds what the import would find, and writes nothing.
const (
	Writes Mode = iota
	DryRun
)

// OnFault says what becomes of the lines behind one that is refused.
type OnFault uint8

// The two.
const (
	GoOn OnFault = iota
	Stop
)

// Imported counts what has become of the lines so far.
type Imported struct {
	Lines   int   // read, empty ones included
	Bytes   int64 // read
	New     int   // brought in; in a dry run: to be brought in
	Present int   // here already, and equal
	Refused int
}

// The errors that end an import, besides those of the store and the stream.
var (
	ErrNoExport = watchword.NewError(watchword.KindInvalid, "no_export",
		"This does not begin as an export of Watchword does. For users of another system there is import-users.")
	ErrNewerExport = watchword.NewError(watchword.KindInvalid, "newer_export",
		"This export was made by a newer version of Watchword: run that one.")
	ErrCutOff = watchword.NewError(watchword.KindInvalid, "export_cut_off",
		"The export was cut off: its last line is missing. What it holds was read to its end.")
	ErrStopped = watchword.NewError(watchword.KindInvalid, "import_stopped", "A line was refused, and nothing behind it was read.")
)

// batchSize is how many rows one transaction brings in. It holds the one writer of
// SQLite for a few hundredths of a second.
const batchSize = 1000

// Run imports every line, going on after those that are refused unless it is to
// stop. It ends early when ctx does, with the batch under way finished.
func (i Importer) Run(ctx context.Context, from io.Reader) (Imported, error) {
	r := &run{Importer: i, lines: jsonlines.NewReader(from), kinds: kinds(), seen: map[uint64]struct{}{}}
	if err := r.begin(); err != nil {
		return r.tally, err
	}
	for ctx.Err() == nil {
		batch, more, err := r.nextBatch()
		if err != nil {
			return r.tally, err
		}
		if err := r.bringIn(context.WithoutCancel(ctx), batch); err != nil {
			return r.tally, err
		}
		r.Progress(r.tally)
		switch {
		case r.OnFault == Stop && r.tally.Refused > 0:
			return r.tally, ErrStopped
		case !more && !r.ended:
			return r.tally, ErrCutOff
		case !more:
			return r.tally, nil
		}
	}
	return r.tally, ctx.Err()
}

// run is an import under way.
type run struct {
	Importer
	lines *jsonlines.Reader
	kinds []kind
	tally Imported
	ended bool // the last line has been read
	// seen is what the lines so far bring, by digest: of a dry run alone, in which
	// nothing is there to refer to. It is all that grows with the file.
	seen map[uint64]struct{}
}

// entry is a line that may be brought in.
type entry struct {
	line int
	typ  Type
	record
}

// begin reads the header.
func (r *run) begin() error {
	text, err := r.next()
	if errors.Is(err, io.EOF) || errors.Is(err, jsonlines.ErrLineTooLong) {
		return ErrNoExport
	}
	if err != nil {
		return err
	}
	var h headerLine
	if err := jsonlines.Decode(text, &h, "those of a header"); err != nil && h.Version <= formatVersion || h.Type != TypeHeader || h.Format != formatName {
		return ErrNoExport
	}
	switch {
	case h.Version > formatVersion:
		return ErrNewerExport
	case h.Version < 1:
		return ErrNoExport
	}
	return nil
}

func (r *run) next() ([]byte, error) {
	text, err := r.lines.Next()
	r.tally.Lines, r.tally.Bytes = r.lines.Number(), r.lines.Bytes()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, jsonlines.ErrLineTooLong) {
		return nil, fmt.Errorf("read line %d: %w", r.lines.Number()+1, err)
	}
	return text, err
}

// nextBatch reads on until there are enough acceptable lines for a batch, or one is
// refused and it is to stop. more says whether there may be lines behind them.
func (r *run) nextBatch() (batch []entry, more bool, err error) {
	for len(batch) < batchSize {
		text, err := r.next()
		if errors.Is(err, io.EOF) {
			return batch, false, nil
		}
		e := entry{line: r.lines.Number()}
		switch {
		case errors.Is(err, jsonlines.ErrLineTooLong):
		case err != nil:
			return nil, false, err
		case r.ended:
			err = errBehindEnd
		default:
			e.typ, e.record, err = parse(text, r.kinds)
		}
		if err != nil {
			r.refuse(e.line, err)
			if r.OnFault == Stop {
				return batch, true, nil
			}
			continue
		}
		if e.typ == TypeEnd {
			r.ended = true
			continue
		}
		batch = append(batch, e)
	}
	return batch, true, nil
}

var errBehindEnd = watchword.NewError(watchword.KindInvalid, "behind_end", "It stands behind the end of the export.")

func (r *run) refuse(line int, why error) {
	r.tally.Refused++
	r.Refused(line, why)
}
