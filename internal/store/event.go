package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// InsertEvent writes a line of the audit record; e's own ID and At are not read.
func (c *Conn) InsertEvent(ctx context.Context, e watchword.Event) error {
	data := "{}"
	if len(e.Data) > 0 {
		text, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("encode event data: %w", err)
		}
		data = string(text)
	}
	// Those of one transaction share its time: a microsecond each keeps them in
	// the order in which they happened.
	order := c.now.Add(time.Duration(c.events) * time.Microsecond)
	c.events++
	err := c.q.InsertEvent(c.bound(ctx), sqlgen.InsertEventParams{
		ID: string(watchword.NewID[watchword.EventID](order, c.random)), Type: string(e.Type), At: micros(c.now),
		UserID: string(e.UserID), AccountID: string(e.AccountID), SessionID: string(e.SessionID),
		ClientID: string(e.ClientID), Actor: e.Actor, Ip: e.IP, UserAgent: e.UserAgent, RequestID: e.RequestID, Data: data,
	})
	return translate("insert event", err)
}

// Events is a page of events, newest first, and the cursor of the next. The ids
// sort by time, so the time bounds are bounds of the ids.
func (c *Conn) Events(ctx context.Context, f watchword.EventFilter, page watchword.Page) (list []watchword.Event, next string, err error) {
	until, since := before(page), ""
	if !f.Until.IsZero() {
		until = min(until, eventFloor(f.Until))
	}
	if !f.Since.IsZero() {
		since = eventFloor(f.Since)
	}
	rows, stopped, err := c.eventRows(c.bound(ctx), f, until, since, limit(page.OneMore()))
	if err != nil {
		return nil, "", translate("list events", err)
	}
	if list, err = events(rows); err != nil {
		return nil, "", err
	}
	if list, next = watchword.Cut(list, page, func(e watchword.Event) watchword.EventID { return e.ID }); next == "" {
		next = stopped
	}
	return list, next, nil
}

// eventRows goes by the index that fits the filter best.
func (c *Conn) eventRows(ctx context.Context, f watchword.EventFilter, until, since string, n int64) (rows []sqlgen.Event, stopped string, err error) {
	switch {
	case f.UserID != "" && f.Type != "" && !ofSignIns(f.Type):
		rows, err = c.lists.ListRarerEventsOfUser(ctx, sqlgen.ListRarerEventsOfUserParams{
			UserID: string(f.UserID), Type: string(f.Type), AccountID: string(f.AccountID), Before: until, Since: since, N: n,
		})
	case f.UserID != "" && (f.Type != "" || f.AccountID != ""):
		return c.siftedEventsOfUser(ctx, f, since).rows(until, n)
	case f.UserID != "":
		rows, err = c.lists.ListEventsOfUser(ctx, sqlgen.ListEventsOfUserParams{UserID: string(f.UserID), Before: until, Since: since, N: n})
	case f.AccountID != "" && f.Type != "" && !ofSignIns(f.Type):
		rows, err = c.lists.ListRarerEventsOfAccount(ctx, sqlgen.ListRarerEventsOfAccountParams{
			AccountID: string(f.AccountID), Type: string(f.Type), Before: until, Since: since, N: n,
		})
	case f.AccountID != "" && f.Type != "":
		return c.siftedEventsOfAccount(ctx, f, since).rows(until, n)
	case f.AccountID != "":
		rows, err = c.lists.ListEventsOfAccount(ctx, sqlgen.ListEventsOfAccountParams{AccountID: string(f.AccountID), Before: until, Since: since, N: n})
	case f.Type != "":
		rows, err = c.lists.ListEventsOfType(ctx, sqlgen.ListEventsOfTypeParams{Type: string(f.Type), Before: until, Since: since, N: n})
	default:
		rows, err = c.lists.ListEvents(ctx, until, since, n)
	}
	return rows, "", err
}

// ofSignIns says which types come with most sign-ins: the indexes by user or
// account and type leave them out, and so do the texts that go by these.
func ofSignIns(t watchword.EventType) bool {
	return t == watchword.EventSessionStarted || t == watchword.EventMagicLinkRequested
}

func (c *Conn) siftedEventsOfUser(ctx context.Context, f watchword.EventFilter, since string) sift[sqlgen.Event, string] {
	return sift[sqlgen.Event, string]{
		end: since,
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipEventsOfUser(ctx, sqlgen.SkipEventsOfUserParams{UserID: string(f.UserID), Before: from, Since: since, N: entries})
		},
		read: func(from, to string, n int64) ([]sqlgen.Event, error) {
			return c.lists.SiftEventsOfUser(ctx, sqlgen.SiftEventsOfUserParams{
				UserID: string(f.UserID), AccountID: string(f.AccountID), Type: string(f.Type), Before: from, Since: to, N: n,
			})
		},
	}
}

func (c *Conn) siftedEventsOfAccount(ctx context.Context, f watchword.EventFilter, since string) sift[sqlgen.Event, string] {
	return sift[sqlgen.Event, string]{
		end: since,
		skip: func(from string, entries int64) (string, error) {
			return c.lists.SkipEventsOfAccount(ctx, sqlgen.SkipEventsOfAccountParams{
				AccountID: string(f.AccountID), Before: from, Since: since, N: entries,
			})
		},
		read: func(from, to string, n int64) ([]sqlgen.Event, error) {
			return c.lists.SiftEventsOfAccount(ctx, sqlgen.SiftEventsOfAccountParams{
				AccountID: string(f.AccountID), Type: string(f.Type), Before: from, Since: to, N: n,
			})
		},
	}
}

func events(rows []sqlgen.Event) ([]watchword.Event, error) {
	list := make([]watchword.Event, len(rows))
	for i, row := range rows {
		list[i] = watchword.Event{
			ID: watchword.EventID(row.ID), Type: watchword.EventType(row.Type), At: at(row.At),
			UserID: watchword.UserID(row.UserID), AccountID: watchword.AccountID(row.AccountID),
			SessionID: watchword.SessionID(row.SessionID), ClientID: watchword.ClientID(row.ClientID),
			Actor: row.Actor, IP: row.Ip, UserAgent: row.UserAgent, RequestID: row.RequestID,
		}
		if err := json.Unmarshal([]byte(row.Data), &list[i].Data); err != nil {
			return nil, fmt.Errorf("decode event data: %w", err)
		}
	}
	return list, nil
}

// eventFloor sorts at or before every event of that time and after every earlier
// one. Times that no identifier can hold are brought to the nearest that one can.
func eventFloor(t time.Time) string {
	switch year := t.Year(); {
	case year < 1970:
		t = time.Unix(0, 0)
	case year > 4000:
		t = time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return string(watchword.NewID[watchword.EventID](t, zeros{}))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
