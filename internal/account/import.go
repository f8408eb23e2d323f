package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/jsonlines"
	"watchword/internal/store"
)

// Importer brings in the users of another system from JSON lines; the line is
// described in docs/operations.md. It reads as it writes, batch after batch, each
// in one transaction: what an interrupted import has brought in is passed over by
// the next one.
type Importer struct {
	Store  *store.Store
	Random io.Reader
	Mode   ImportMode
	// Refused is told of each line that is not acceptable, and why.
	Refused func(line int, why error)
	// Progress is told after each batch. It may take its time: others write then.
	Progress func(ImportTally)
}

// ImportMode says whether an import writes.
type ImportMode uint8

// The modes. A dry run finds what the import would find, and writes nothing.
const (
	ImportWrites ImportMode = iota
	ImportDryRun
)

// ImportTally counts what has become of the lines so far.
type ImportTally struct {
	Lines    int   // read, empty ones included
	Bytes    int64 // read
	Imported int   // in a dry run: to be imported
	Present  int   // a user here has the address
	Refused  int
}

// importBatch is how many users one transaction makes. It holds the one writer
// of SQLite for a few hundredths of a second.
const importBatch = 250

// Run imports every line, going on after those that are refused. It ends early
// when ctx does, with the batch under way finished.
func (i Importer) Run(ctx context.Context, from io.Reader) (ImportTally, error) {
	r := &importRun{Importer: i, lines: jsonlines.NewReader(from), seen: map[addressDigest]uint32{}}
	for ctx.Err() == nil {
		batch, err := r.nextBatch()
		if err != nil {
			return r.tally, err
		}
		if len(batch) == 0 {
			return r.tally, nil
		}
		if err := r.bringIn(context.WithoutCancel(ctx), batch); err != nil {
			return r.tally, err
		}
		r.Progress(r.tally)
	}
	return r.tally, ctx.Err()
}

type importRun struct {
	Importer
	lines *jsonlines.Reader
	tally ImportTally
	// seen is in which line each address stands. It is all that grows with the
	// file: about 30 bytes a line.
	seen map[addressDigest]uint32
}

type addressDigest [16]byte

// nextBatch reads on until there are enough acceptable lines for a batch, or no
// more lines: then it is empty.
func (r *importRun) nextBatch() ([]importUser, error) {
	batch := make([]importUser, 0, importBatch)
	for len(batch) < importBatch {
		text, err := r.lines.Next()
		r.tally.Lines, r.tally.Bytes = r.lines.Number(), r.lines.Bytes()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, jsonlines.ErrLineTooLong) {
			return nil, fmt.Errorf("read line %d: %w", r.lines.Number()+1, err)
		}
		user, err := r.accept(text, err)
		if err != nil {
			r.tally.Refused++
			r.Refused(r.lines.Number(), err)
			continue
		}
		batch = append(batch, user)
	}
	return batch, nil
}

func (r *importRun) accept(text []byte, unread error) (importUser, error) {
	if unread != nil {
		return importUser{}, unread
	}
	user, err := parseImport(text)
	if err != nil {
		return importUser{}, err
	}
	sum := sha256.Sum256([]byte(user.Address))
	digest := addressDigest(sum[:])
	if first, twice := r.seen[digest]; twice {
		return importUser{}, watchword.InvalidField("email", "duplicate", "Line "+strconv.Itoa(int(first))+" has this address too.")
	}
	r.seen[digest] = uint32(r.lines.Number())
	return user, nil
}

// bringIn writes a batch, or in a dry run only looks.
func (r *importRun) bringIn(ctx context.Context, batch []importUser) error {
	var imported int
	write := func(c *store.Conn) error {
		imported = 0
		for _, user := range batch {
			err := r.one(ctx, c, user)
			if errors.Is(err, ErrEmailTaken) {
				continue
			}
			if err != nil {
				return err
			}
			imported++
		}
		if imported == 0 || r.Mode == ImportDryRun {
			return nil
		}
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{
			Type: watchword.EventUserImported, Actor: event.ActorCommandLine,
			Data: map[string]string{"users": strconv.Itoa(imported)},
		})
	}
	var err error
	if r.Mode == ImportDryRun {
		err = write(r.Store.Read())
	} else {
		err = r.Store.Tx(ctx, write)
	}
	if err != nil {
		return fmt.Errorf("import the users up to line %d: %w", r.lines.Number(), err)
	}
	r.tally.Imported += imported
	r.tally.Present += len(batch) - imported
	return nil
}

// one makes one user: ErrEmailTaken where the address is here already. Nothing in
// it fails a statement, which on Postgres would end the batch.
func (r *importRun) one(ctx context.Context, c *store.Conn, user importUser) error {
	_, err := c.UserByAddress(ctx, user.Address)
	switch {
	case err == nil:
		return ErrEmailTaken
	case !errors.Is(err, store.ErrNotFound):
		return err
	case r.Mode == ImportDryRun:
		return nil
	}
	if user.verified {
		user.VerifiedAt = c.Now()
	}
	made, err := insert(ctx, c, r.Random, user.NewUser)
	if !errors.Is(err, ErrEmailTaken) {
		return err
	}
	// Somebody was faster since the look.
	if err := c.DeleteUser(ctx, made.UserID); err != nil {
		return err
	}
	return ErrEmailTaken
}
