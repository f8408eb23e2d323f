package statistics

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/store"
)

const (
	day      = 24 * time.Hour
	daysTold = 30
	// settled is how long after its end a day is counted for the last time: what was
	// begun before midnight is committed by then.
	settled = 10 * time.Minute
)

// take counts everything; what is known of days that are over comes from last. The
// days come first, so that nobody is told of more sign-ups than users.
func (o *Overview) take(ctx context.Context, last watchword.Statistics) (s watchword.Statistics, err error) {
	c := o.Store.Read()
	s.TakenAt = c.Now()
	if s.Days, err = days(ctx, c, last); err != nil {
		return s, err
	}
	counted, err := c.CountUsers(ctx, s.TakenAt)
	if err != nil {
		return s, err
	}
	s.Users, s.Verified, s.Active = counted.Users, counted.Verified, counted.Active
	if s.Sessions, err = c.CountSessions(ctx, s.TakenAt); err != nil {
		return s, err
	}
	s.Mails, s.Jobs, err = queue(ctx, c)
	return s, err
}

func days(ctx context.Context, c *store.Conn, last watchword.Statistics) ([]watchword.DayCount, error) {
	known := map[int64]watchword.DayCount{}
	for _, one := range last.Days {
		known[one.Day.Unix()] = one
	}
	first := c.Now().Truncate(day).Add(-(daysTold - 1) * day)
	list := make([]watchword.DayCount, daysTold)
	for i := range list {
		begins := first.Add(time.Duration(i) * day)
		list[i] = known[begins.Unix()]
		list[i].Day = begins
		if last.TakenAt.Before(list[i].Day.Add(day + settled)) {
			if err := count(ctx, c, &list[i]); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// count counts a day's events. There are never fewer than before: those that are
// missing now have been kept long enough, and are gone.
func count(ctx context.Context, c *store.Conn, d *watchword.DayCount) error {
	for _, of := range []struct {
		what watchword.EventType
		n    *int64
	}{
		{watchword.EventUserCreated, &d.SignUps},
		{watchword.EventSessionStarted, &d.SignIns},
		{watchword.EventSignInFailed, &d.Failures},
	} {
		n, err := c.CountEvents(ctx, of.what, d.Day, d.Day.Add(day))
		if err != nil {
			return err
		}
		*of.n = max(*of.n, n)
	}
	return nil
}

func queue(ctx context.Context, c *store.Conn) (mails, jobs watchword.QueueCount, err error) {
	waiting, err := c.Backlogs(ctx)
	if err != nil {
		return mails, jobs, err
	}
	failed, err := c.FailedJobs(ctx)
	if err != nil {
		return mails, jobs, err
	}
	of := func(kind string) *watchword.QueueCount {
		if kind == string(job.KindMail) {
			return &mails
		}
		return &jobs
	}
	for _, one := range waiting {
		of(one.Kind).Waiting += one.Waiting
	}
	for _, one := range failed {
		of(one.Kind).Failed += one.Failed
	}
	return mails, jobs, nil
}
