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

// Events lists events, newest first. The ids sort by time, so the time bounds
// are bounds of the ids.
func (c *Conn) Events(ctx context.Context, f watchword.EventFilter, page watchword.Page) ([]watchword.Event, error) {
	until, since := before(page), ""
	if !f.Until.IsZero() {
		until = min(until, eventFloor(f.Until))
	}
	if !f.Since.IsZero() {
		since = eventFloor(f.Since)
	}
	ctx = c.bound(ctx)
	var rows []sqlgen.Event
	var err error
	switch {
	case f.UserID != "":
		rows, err = c.q.ListEventsOfUser(ctx, sqlgen.ListEventsOfUserParams{
			UserID: string(f.UserID), AccountID: string(f.AccountID), Type: string(f.Type), Before: until, Since: since, N: limit(page),
		})
	case f.AccountID != "":
		rows, err = c.q.ListEventsOfAccount(ctx, sqlgen.ListEventsOfAccountParams{
			AccountID: string(f.AccountID), Type: string(f.Type), Before: until, Since: since, N: limit(page),
		})
	case f.Type != "":
		rows, err = c.q.ListEventsOfType(ctx, sqlgen.ListEventsOfTypeParams{
			Type: string(f.Type), Before: until, Since: since, N: limit(page),
		})
	default:
		rows, err = c.q.ListEvents(ctx, until, since, limit(page))
	}
	if err != nil {
		return nil, translate("list events", err)
	}
	return events(rows)
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
