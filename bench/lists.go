package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const (
	// onlyLists is what --only takes for all lists together.
	onlyLists = "lists"
	// fixedKey is the key of the administration that the server is started with.
	fixedKey = "wk_bench0123456789abcdefghijklmnopqrstuvwxyz"
	// eventsPerUser is how long a record an installation has.
	eventsPerUser = 5
	leastListed   = 1000 // users: with fewer there is nothing to be listed
)

var errNothingListed = errors.New("a page with nothing on it")

// listed is a list of the administration: the path of any page of it.
type listed struct {
	name string
	path func(f storetest.Filled, random *rand.Rand) string
}

// pageAt is a page that begins anywhere among the rows with that prefix.
func pageAt(path, prefix string) func(storetest.Filled, *rand.Rand) string {
	return func(f storetest.Filled, random *rand.Rand) string {
		return path + "&cursor=" + f.ID(prefix, f.Users/10+random.IntN(f.Users*9/10))
	}
}

// eventsAt is a page of events that begins anywhere.
func eventsAt(query func(f storetest.Filled, random *rand.Rand) string) func(storetest.Filled, *rand.Rand) string {
	return func(f storetest.Filled, random *rand.Rand) string {
		return "/admin/events?" + query(f, random) + "&cursor=" + f.EventID(f.Events/10+random.IntN(f.Events*9/10))
	}
}

func anyUser(f storetest.Filled, random *rand.Rand) string {
	return f.ID("usr_", 1+random.IntN(f.Users))
}

func busyAccount(f storetest.Filled) string { return f.ID("acc_", storetest.BusyAccount) }

func lists() []listed {
	fixed := func(path string) func(storetest.Filled, *rand.Rand) string {
		return func(storetest.Filled, *rand.Rand) string { return path }
	}
	return []listed{
		{"users", pageAt("/admin/users?limit=20", "usr_")},
		{"users, disabled", pageAt("/admin/users?status=disabled", "usr_")},
		{"users by address", func(f storetest.Filled, random *rand.Rand) string {
			return fmt.Sprintf("/admin/users?query=user%012d", random.IntN(f.Users/10))
		}},
		{"users by name", func(f storetest.Filled, random *rand.Rand) string {
			return fmt.Sprintf("/admin/users?query=user+%d", 1+random.IntN(f.Users))
		}},
		{"disabled users by address", fixed("/admin/users?query=user&status=disabled")},
		{"accounts", pageAt("/admin/accounts?limit=20", "acc_")},
		{"members", func(f storetest.Filled, random *rand.Rand) string {
			return pageAt("/admin/accounts/"+busyAccount(f)+"/members?limit=20", "mem_")(f, random)
		}},
		{"sessions", pageAt("/admin/sessions?limit=20", "ses_")},
		{"sessions of a user", func(f storetest.Filled, random *rand.Rand) string {
			return "/admin/sessions?user_id=" + anyUser(f, random)
		}},
		{"invites", pageAt("/admin/invites?limit=20", "inv_")},
		{"invites, revoked", pageAt("/admin/invites?status=revoked", "inv_")},
		{"waitlist", pageAt("/admin/waitlist/search/entries?limit=20", "wle_")},
		{"waitlist, approved", pageAt("/admin/waitlist/search/entries?status=approved", "wle_")},
		{"events", eventsAt(func(storetest.Filled, *rand.Rand) string { return "limit=20" })},
		{"events of a user", func(f storetest.Filled, random *rand.Rand) string {
			return "/admin/events?user_id=" + anyUser(f, random)
		}},
		{"events of an account", eventsAt(func(f storetest.Filled, _ *rand.Rand) string { return "account_id=" + busyAccount(f) })},
		{"events of a type", eventsAt(func(storetest.Filled, *rand.Rand) string { return "type=" + string(watchword.EventSignInFailed) })},
		{"failures of an account", eventsAt(func(f storetest.Filled, _ *rand.Rand) string {
			return "account_id=" + busyAccount(f) + "&type=" + string(watchword.EventSignInFailed)
		})},
		{"events of an hour", func(f storetest.Filled, random *rand.Rand) string {
			since := f.EventTime(f.Events/10 + random.IntN(f.Events*8/10))
			return "/admin/events?since=" + since.Format(time.RFC3339) + "&until=" + since.Add(time.Hour).Format(time.RFC3339)
		}},
		{"statistics", fixed("/admin/stats")},
	}
}

// manage measures the lists of the administration, on a server of their own that
// has much in each of them.
func (g *group) manage(ctx context.Context) (err error) {
	if !g.plan.wants(onlyLists) {
		return nil
	}
	installed, err := newServer(ctx, g.binary, g.dir, g.engine)
	if err != nil {
		return err
	}
	installed.key = fixedKey
	size := storetest.Size{Users: max(leastListed, g.stage.users), Events: eventsPerUser * max(leastListed, g.stage.users)}
	began := time.Now()
	filled, err := storetest.Fill(ctx, store.Engine(g.name), strings.TrimPrefix(installed.database, "sqlite:"), size, began)
	if err != nil {
		return fmt.Errorf("fill the database: %w", err)
	}
	g.tell(fmt.Sprintf("%s: filled with %d users and %d events in %s", g.name, size.Users, size.Events, time.Since(began).Round(time.Millisecond)))
	if g.server, err = installed.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.server.stop()) }()
	g.stage.address = g.server.address
	if err := g.countAtFirst(ctx); err != nil {
		return err
	}
	for _, l := range lists() {
		if err := g.play(ctx, scenario{name: onlyLists + ", " + l.name, journey: l.journey(filled)}); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

// countAtFirst measures the statistics when nobody has taken them before.
func (g *group) countAtFirst(ctx context.Context) error {
	c, err := dial(g.server.address, time.Now().Add(drain))
	if err != nil {
		return err
	}
	defer c.close()
	for readPage(c, "/admin/events?limit=1") != nil { // the key comes a moment after the server is ready
		if time.Sleep(readyPoll); ctx.Err() != nil || time.Now().After(c.deadline) {
			return errNotReady
		}
	}
	began := time.Now()
	if err := readPage(c, "/admin/stats"); err != nil {
		return fmt.Errorf("statistics: %w", err)
	}
	g.addRow(row{What: whatFirstCount, Result: inMilliseconds(time.Since(began)), Unit: milliseconds})
	return nil
}

func (l listed) journey(filled storetest.Filled) func(*stage, int, int) journey {
	return func(_ *stage, part, _ int) journey {
		random := dice(part)
		return func(c *conn) error { return readPage(c, l.path(filled, random)) }
	}
}

func readPage(c *conn, path string) error {
	ask := get(path)
	ask.bearer = fixedKey
	a, err := c.exchange(ask)
	if err != nil {
		return err
	}
	if err := a.expect(200); err != nil {
		return err
	}
	if !bytes.Contains(a.body, []byte(`"data":[`)) && !bytes.Contains(a.body, []byte(`"days":[`)) {
		return errNothingListed
	}
	return nil
}
