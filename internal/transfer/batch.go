package transfer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/store"
)

// outcome is what became of a batch, until it is committed.
type outcome struct {
	news    map[Type]int
	present int
	refused []refusal
}

type refusal struct {
	line int
	why  error
}

// bringIn writes a batch, or in a dry run only looks.
func (r *run) bringIn(ctx context.Context, batch []entry) error {
	if len(batch) == 0 {
		return nil
	}
	done, err := r.attempt(ctx, batch)
	if errors.Is(err, store.ErrNotFound) && len(batch) > 1 {
		// A line refers to what is not here, and on Postgres took the transaction along.
		return r.oneByOne(ctx, batch)
	}
	if errors.Is(err, store.ErrNotFound) {
		why := cmp.Or[error](missing(ctx, r.Store.Read(), batch[0].record, nobody), errUnsettled)
		if watchword.KindOf(why) != watchword.KindInvalid {
			return r.broken(batch, why)
		}
		done, err = outcome{refused: []refusal{{batch[0].line, why}}}, nil
	}
	if err != nil {
		return r.broken(batch, err)
	}
	for _, n := range done.news {
		r.tally.New += n
	}
	r.tally.Present += done.present
	for _, refused := range done.refused {
		r.refuse(refused.line, refused.why)
	}
	return nil
}

func (r *run) oneByOne(ctx context.Context, batch []entry) error {
	before := r.tally.Refused
	for i := range batch {
		if err := r.bringIn(ctx, batch[i:i+1]); err != nil {
			return err
		}
		if r.OnFault == Stop && r.tally.Refused > before {
			return nil
		}
	}
	return nil
}

func (r *run) broken(batch []entry, err error) error {
	return fmt.Errorf("import lines %d to %d: %w", batch[0].line, batch[len(batch)-1].line, err)
}

// attempt is one transaction.
func (r *run) attempt(ctx context.Context, batch []entry) (done outcome, err error) {
	act := func(c *store.Conn) (err error) {
		done, err = r.all(ctx, c, batch)
		if err != nil || len(done.news) == 0 || r.Mode == DryRun {
			return err
		}
		data := map[string]string{}
		for typ, n := range done.news {
			data[string(typ)] = strconv.Itoa(n)
		}
		return event.Record(ctx, c, watchword.Origin{}, watchword.Event{Type: watchword.EventDataImported, Actor: r.Actor, Data: data})
	}
	if r.Mode == DryRun {
		err = act(r.Store.Read())
	} else {
		err = r.Store.Tx(ctx, act)
	}
	return done, err
}

// all brings in what it can of a batch.
func (r *run) all(ctx context.Context, c *store.Conn, batch []entry) (outcome, error) {
	done := outcome{news: map[Type]int{}}
	settle := settle
	if r.Mode == DryRun {
		settle = r.look
	}
	for _, e := range batch {
		err := settle(ctx, c, e.record)
		switch {
		case err == nil:
			done.news[e.typ]++
		case errors.Is(err, errPresent):
			done.present++
		case watchword.KindOf(err) == watchword.KindInvalid:
			done.refused = append(done.refused, refusal{e.line, err})
			if r.OnFault == Stop {
				return done, nil
			}
		default:
			return outcome{}, err
		}
	}
	return done, nil
}

var (
	errPresent = errors.New("it is here already")
	// errUnsettled: what was in the way went at that moment.
	errUnsettled = watchword.NewError(watchword.KindInvalid, "row_changed", "Something else was changed at that moment. Run the import again.")
)

// settle brings a record in. Nothing in it fails a statement but what is referred
// to and not here (store.ErrNotFound).
func settle(ctx context.Context, c *store.Conn, r record) error {
	err := r.insert(ctx, c)
	if !errors.Is(err, store.ErrDuplicate) {
		return err
	}
	if err := inTheWay(ctx, c, r); err != nil {
		return err
	}
	return errUnsettled
}

// inTheWay is what keeps a record from being brought in: errPresent, a fault, or
// nil for nothing.
func inTheWay(ctx context.Context, c *store.Conn, r record) error {
	there, err := r.stored(ctx, c)
	if errors.Is(err, store.ErrNotFound) {
		return r.rival(ctx, c)
	}
	if err != nil {
		return err
	}
	names, err := difference(there, r)
	switch {
	case err != nil:
		return err
	case names == "":
		return errPresent
	}
	return watchword.InvalidField("id", "already_exists", "It is here already and differs in "+names+".")
}

// look is settle in a dry run.
func (r *run) look(ctx context.Context, c *store.Conn, rec record) error {
	if err := inTheWay(ctx, c, rec); err != nil {
		if errors.Is(err, errPresent) {
			r.remember(rec.brings())
		}
		return err
	}
	if err := missing(ctx, c, rec, r.brought); err != nil {
		return err
	}
	for _, key := range rec.brings() {
		if r.brought(key) {
			return watchword.InvalidField("id", "duplicate", "A line before has its id, or something else that only one can have.")
		}
	}
	r.remember(rec.brings())
	return nil
}

func (r *run) remember(keys []string) {
	for _, key := range keys {
		r.seen[digest(key)] = struct{}{}
	}
}

func (r *run) brought(key string) bool {
	_, seen := r.seen[digest(key)]
	return seen
}

func nobody(string) bool { return false }

func digest(key string) uint64 {
	sum := sha256.Sum256([]byte(key))
	return binary.BigEndian.Uint64(sum[:8])
}
