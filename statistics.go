package watchword

import "time"

// Statistics tell how an installation fares.
type Statistics struct {
	TakenAt  time.Time
	Users    int64
	Verified int64 // have proven their primary address
	Active   Activity
	Days     []DayCount // the last thirty by UTC, the oldest first; the last is the day of TakenAt
	Sessions int64      // live
	Mails    QueueCount
	Jobs     QueueCount // other work that outlived its request
}

// Activity is how many users were there: they signed in, or their session was
// refreshed.
type Activity struct {
	Day   int64 // within the last 24 hours
	Week  int64 // within the last 7 days
	Month int64 // within the last 30 days
}

// DayCount is what happened on a day.
type DayCount struct {
	Day      time.Time // its beginning
	SignUps  int64     // users who came to be, however; not imported ones
	SignIns  int64
	Failures int64 // attempts to sign in that were refused for what was given
}

// QueueCount is what is to be done, and what failed for good.
type QueueCount struct {
	Waiting int64
	Failed  int64
}
