package store

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/store/internal/sqlgen"
)

// overview is the one row of statistics that there is.
const overview = "overview"

// Snapshot is statistics as they were taken once.
type Snapshot struct {
	Body    string // empty: they never were
	TakenAt time.Time
	NextAt  time.Time // when they may be taken anew
}

// Statistics reads what was taken last.
func (c *Conn) Statistics(ctx context.Context) (Snapshot, error) {
	row, err := c.q.GetStatistics(c.bound(ctx), overview)
	return Snapshot{Body: row.Body, TakenAt: at(row.TakenAt), NextAt: at(row.NextAt)}, translate("read statistics", err)
}

// ClaimStatistics lets the caller take them, who has until then. ErrNotFound:
// somebody else does, or has just done so.
func (c *Conn) ClaimStatistics(ctx context.Context, until time.Time) error {
	n, err := c.q.ClaimStatistics(c.bound(ctx), micros(until), overview, micros(c.now))
	return affected("claim statistics", n, err)
}

// SaveStatistics keeps what was taken, for others to read. ErrNotFound: somebody
// has taken them since.
func (c *Conn) SaveStatistics(ctx context.Context, taken Snapshot) error {
	n, err := c.q.SaveStatistics(c.bound(ctx), sqlgen.SaveStatisticsParams{
		Body: taken.Body, Now: micros(taken.TakenAt), NextAt: micros(taken.NextAt), Name: overview,
	})
	return affected("save statistics", n, err)
}

// countStep is how many rows are counted by one statement, so that none takes long.
const countStep = 20_000

// CountEvents counts those of a type since one time and before another.
func (c *Conn) CountEvents(ctx context.Context, t watchword.EventType, since, before time.Time) (int64, error) {
	n, err := c.q.CountEvents(c.bound(ctx), string(t), eventFloor(since), eventFloor(before))
	return n, translate("count events", err)
}

// UserCount is how many users there are, and of which sort.
type UserCount struct {
	Users, Verified int64
	Active          watchword.Activity
}

// CountUsers counts users, thousands at a time.
func (c *Conn) CountUsers(ctx context.Context, now time.Time) (all UserCount, err error) {
	const day = 24 * time.Hour
	part := sqlgen.CountUsersParams{
		SinceDay: micros(now.Add(-day)), SinceWeek: micros(now.Add(-7 * day)), SinceMonth: micros(now.Add(-30 * day)), N: countStep,
	}
	for {
		row, err := c.q.CountUsers(c.bound(ctx), part)
		if err != nil {
			return UserCount{}, translate("count users", err)
		}
		all.Users, all.Verified = all.Users+row.Users, all.Verified+row.Verified
		all.Active.Day += row.ActiveDay
		all.Active.Week += row.ActiveWeek
		all.Active.Month += row.ActiveMonth
		if part.After = row.Last; row.Users < countStep {
			return all, nil
		}
		if err := ctx.Err(); err != nil {
			return UserCount{}, translate("count users", err)
		}
	}
}

// CountSessions counts the live ones, thousands at a time.
func (c *Conn) CountSessions(ctx context.Context, now time.Time) (live int64, err error) {
	for after := ""; ; {
		row, err := c.q.CountSessions(c.bound(ctx), micros(now), after, countStep)
		if err != nil {
			return 0, translate("count sessions", err)
		}
		if live += row.Live; row.Sessions < countStep {
			return live, nil
		}
		if after = row.Last; ctx.Err() != nil {
			return 0, translate("count sessions", ctx.Err())
		}
	}
}
