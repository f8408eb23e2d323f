package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/api"
	"watchword/internal/statistics"
	"watchword/internal/store"
)

type statsCommand struct{}

// Help has the examples.
func (*statsCommand) Help() string {
	return `Days are by UTC. What was counted within the last minute, here or by a server, is shown as it is; where counting takes seconds, what a server has counted within the hour.

Examples:

    watchword admin stats
    watchword admin stats --json | jq -r '.days[] | [.date, .sign_ups, .sign_ins, .failures] | @tsv'`
}

// Run counts, and shows.
func (*statsCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withStore(ctx, env, std, func(t tool, s *store.Store) error {
		stats, err := (&statistics.Overview{Store: s, Clock: t.clock}).Read(ctx)
		if err != nil {
			return err
		}
		if t.json {
			return printJSON(t.std.out, api.StatsOf(stats))
		}
		// Two tables: each has columns of its own.
		return errors.Join(printTable(t.std.out, totals(stats)), printTable(t.std.out, dayRows(stats.Days)))
	})
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func totals(s watchword.Statistics) [][]string {
	return [][]string{
		{"counted at", when(s.TakenAt, "")},
		{"users", number(s.Users)},
		{"verified", number(s.Verified)},
		{"active within a day", number(s.Active.Day)},
		{"active within 7 days", number(s.Active.Week)},
		{"active within 30 days", number(s.Active.Month)},
		{"live sessions", number(s.Sessions)},
		{"mails", number(s.Mails.Waiting) + " waiting, " + number(s.Mails.Failed) + " failed"},
		{"other work", number(s.Jobs.Waiting) + " waiting, " + number(s.Jobs.Failed) + " failed"},
		{},
	}
}

func dayRows(days []watchword.DayCount) [][]string {
	rows := [][]string{{"DAY", "SIGN-UPS", "SIGN-INS", "FAILURES"}}
	for _, one := range days {
		rows = append(rows, []string{one.Day.Format(time.DateOnly), number(one.SignUps), number(one.SignIns), number(one.Failures)})
	}
	return rows
}
