package api

import (
	"context"
	"net/http"
	"time"

	"watchword"
)

// Stats tell how the installation fares.
type Stats struct {
	TakenAt       time.Time  `json:"taken_at" doc:"When this was counted."`
	Users         int64      `json:"users" example:"1200"`
	VerifiedUsers int64      `json:"verified_users" example:"1100" doc:"Who have proven their primary address."`
	ActiveUsers   StatsUsers `json:"active_users" doc:"Who signed in or whose session was refreshed."`
	Days          []StatsDay `json:"days" doc:"The last 30 days by UTC, the oldest first; the last of them is today."`
	LiveSessions  int64      `json:"live_sessions" example:"1500"`
	Queue         StatsQueue `json:"queue" doc:"What outlives the request that it comes from."`
}

// StatsUsers are users by how recently they were there.
type StatsUsers struct {
	Day   int64 `json:"last_day" example:"300" doc:"Within the last 24 hours."`
	Week  int64 `json:"last_7_days" example:"700"`
	Month int64 `json:"last_30_days" example:"950"`
}

// StatsDay is what happened on a day.
type StatsDay struct {
	Date     string `json:"date" format:"date" example:"2026-02-03"`
	SignUps  int64  `json:"sign_ups" example:"12" doc:"Users who came to be, invited and made by administrators too; not imported ones."`
	SignIns  int64  `json:"sign_ins" example:"340"`
	Failures int64  `json:"failures" example:"25" doc:"Attempts to sign in that were refused for what was given, such as a wrong password."`
}

// StatsQueue is what waits in the queue.
type StatsQueue struct {
	Mails StatsWork `json:"mails"`
	Jobs  StatsWork `json:"jobs" doc:"Everything else."`
}

// StatsWork is work of one sort.
type StatsWork struct {
	Waiting int64 `json:"waiting" example:"2"`
	Failed  int64 `json:"failed" example:"0" doc:"For good, and not yet purged."`
}

type statsOutput struct{ Body Stats }

func (a *API) mountAdminStats() {
	register(a, operation{
		id: "admin-get-stats", method: http.MethodGet, path: "/admin/stats", tag: tagAdministration,
		security: administrators(watchword.ScopeMetricsRead), summary: "Read statistics",
		description: "Users, activity, sessions and work that waits. They are counted anew when they are asked for, at the most once a minute, " +
			"and are the same on every node. Where counting takes seconds it is done less often, and the call that comes too late for the last count is " +
			"answered by that: look at taken_at. Failures of days before the first count are told as far as their events are still kept.",
	}, a.adminGetStats)
}

func (a *API) adminGetStats(ctx context.Context, _ *struct{}) (*statsOutput, error) {
	if _, err := a.administrator(ctx, watchword.ScopeMetricsRead); err != nil {
		return nil, err
	}
	s, err := a.Statistics.Read(ctx)
	if err != nil {
		return nil, err
	}
	return &statsOutput{Body: StatsOf(s)}, nil
}

// StatsOf are statistics as they are told.
func StatsOf(s watchword.Statistics) Stats {
	out := Stats{
		TakenAt: s.TakenAt, Users: s.Users, VerifiedUsers: s.Verified, ActiveUsers: StatsUsers(s.Active), LiveSessions: s.Sessions,
		Days: make([]StatsDay, len(s.Days)), Queue: StatsQueue{Mails: StatsWork(s.Mails), Jobs: StatsWork(s.Jobs)},
	}
	for i, one := range s.Days {
		out.Days[i] = StatsDay{Date: one.Day.Format(time.DateOnly), SignUps: one.SignUps, SignIns: one.SignIns, Failures: one.Failures}
	}
	return out
}
