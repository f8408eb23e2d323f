package waitlist_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/waitlist"
)

// world is the waitlists of a server on a real database.
type world struct {
	*testing.T
	store    *store.Store
	engine   store.Engine
	location string
	clock    *storetest.Clock
	places   waitlist.Places
	features waitlist.Features
}

func newWorld(t *testing.T, engine store.Engine) *world {
	t.Helper()
	clock := storetest.NewClock()
	location := storetest.Location(t, engine)
	s := storetest.OpenAt(t, engine, location, clock.Now)
	keyring, err := secret.NewKeyring(secret.NewString("the secret of the server in these tests"), secret.String{})
	if err != nil {
		t.Fatal(err)
	}
	limiter := limit.New(limit.Config{Now: clock.Now, DigestKey: []byte("limits")})
	return &world{
		T: t, store: s, engine: engine, location: location, clock: clock,
		places:   waitlist.Places{Store: s, Limiter: limiter, Opening: waitlist.ListedFeatures},
		features: waitlist.Features{Store: s, Jobs: job.Queue{Keyring: keyring}},
	}
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) { test(newWorld(t, engine)) })
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// admin is who administers in these tests.
var admin = watchword.Administrator{
	Actor: "key:key_test", Origin: watchword.Origin{IP: "192.0.2.9", UserAgent: "Admin/1.0", RequestID: "adm"},
}

// person makes a user with an address and an account of their own, in which they
// call.
func (w *world) person(name string, verified time.Time) waitlist.Caller {
	w.Helper()
	var caller waitlist.Caller
	w.ok(w.store.Tx(w.Context(), func(c *store.Conn) error {
		caller = waitlist.Caller{
			AccountID: c.NewAccountID(), Session: "ses_test",
			Origin: watchword.Origin{IP: "192.0.2.1", UserAgent: "Test/1.0", RequestID: "req", ClientID: "web"},
		}
		var err error
		if caller.UserID, err = c.InsertUser(w.Context(), store.NewUser{Name: name}); err != nil {
			return err
		}
		_, err = c.InsertEmail(w.Context(), watchword.Email{
			UserID: caller.UserID, Address: name + "@example.com", Primary: true, Exclusive: true, VerifiedAt: verified,
		})
		if err != nil {
			return err
		}
		return c.InsertAccount(w.Context(), watchword.Account{ID: caller.AccountID, Name: name, Slug: string(caller.AccountID)})
	}))
	w.enters(caller.UserID, caller.AccountID)
	return caller
}

// proven is a person who has verified their address.
func (w *world) proven(name string) waitlist.Caller {
	w.Helper()
	return w.person(name, w.clock.Now())
}

func (w *world) enters(user watchword.UserID, account watchword.AccountID) watchword.MembershipID {
	w.Helper()
	w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.InsertMembership(w.Context(), account, user, watchword.RoleOwner) }))
	m, err := w.store.Read().Membership(w.Context(), user, account)
	w.ok(err)
	return m.ID
}

func (w *world) feature(name watchword.FeatureName) watchword.Feature {
	w.Helper()
	f, err := w.features.Create(w.Context(), admin, waitlist.NewFeature{Name: name}, idempotency.Call{})
	w.ok(err)
	return f
}

// joins takes the next place.
func (w *world) joins(caller waitlist.Caller, feature watchword.FeatureName) watchword.WaitlistEntry {
	w.Helper()
	w.clock.Advance(time.Millisecond)
	e, joining, err := w.places.Join(w.Context(), caller, feature)
	w.ok(err)
	if joining != waitlist.Joined {
		w.Fatalf("joined %s: %s", feature, joining)
	}
	return e
}

// queue has people of a number wait, and tells their entries.
func (w *world) queue(feature watchword.FeatureName, n int) (people []waitlist.Caller) {
	w.Helper()
	for i := range n {
		p := w.proven(fmt.Sprintf("p%03d", i))
		w.joins(p, feature)
		people = append(people, p)
	}
	return people
}

// users are those on a waitlist of this status, in their order.
func (w *world) users(feature watchword.FeatureName, status watchword.WaitlistStatus) (ids []watchword.UserID) {
	w.Helper()
	filter := watchword.WaitlistFilter{Status: status}
	w.ok(w.features.Export(w.Context(), feature, filter, func(list []watchword.WaitlistEntry) error {
		for _, e := range list {
			ids = append(ids, e.User.ID)
		}
		return nil
	}))
	return ids
}

func usersOf(people []waitlist.Caller) (ids []watchword.UserID) {
	for _, p := range people {
		ids = append(ids, p.UserID)
	}
	return ids
}

func (w *world) approve(feature watchword.FeatureName, co waitlist.Cohort) waitlist.Approval {
	w.Helper()
	got, err := w.features.Approve(w.Context(), admin, feature, co, idempotency.Call{})
	w.ok(err)
	return got
}

// all is the cohort of everybody.
var all = waitlist.Cohort{Everybody: true}

// events are all of a type, oldest first.
func (w *world) events(typ watchword.EventType) (list []watchword.Event) {
	w.Helper()
	page := watchword.Page{Limit: 1000}
	for {
		some, _, err := w.store.Read().Events(w.Context(), watchword.EventFilter{Type: typ}, page)
		w.ok(err)
		list = append(list, some...)
		if len(some) < page.Limit {
			slices.Reverse(list)
			return list
		}
		page.Before = string(some[len(some)-1].ID)
	}
}

// queued are the jobs that wait.
func (w *world) queued() []store.Job {
	w.Helper()
	list, err := w.store.Read().WaitingJobs(w.Context(), "", 10000)
	w.ok(err)
	return list
}

// mails are the messages that wait.
func (w *world) mails() (list []mail.Message) {
	w.Helper()
	for _, j := range w.queued() {
		var m mail.Message
		w.ok(job.Decode(w.features.Jobs.Keyring, j, &m))
		if m.Template != "" {
			list = append(list, m)
		}
	}
	return list
}

// work does the jobs of waitlists that are due, as a runner does, until none is
// left, and answers how many there were.
func (w *world) work() (n int) {
	w.Helper()
	for {
		var jobs []store.Job
		w.ok(w.store.Write(w.Context(), func(c *store.Conn) (err error) {
			jobs, err = c.ClaimJobs(w.Context(), string(job.KindWaitlist), 9, c.Now().Add(time.Minute))
			return err
		}))
		if len(jobs) == 0 {
			return n
		}
		for _, j := range jobs {
			w.ok(w.features.Work(w.Context(), j))
			w.ok(w.features.Work(w.Context(), j)) // a node that dies before it says so: it is done again
			w.ok(w.store.Write(w.Context(), func(c *store.Conn) error { return c.FinishJob(w.Context(), j.ID) }))
			n++
		}
	}
}

// atOnce runs acts together.
func atOnce(acts ...func()) {
	begin := make(chan struct{})
	var wait sync.WaitGroup
	for _, act := range acts {
		wait.Go(func() {
			<-begin
			act()
		})
	}
	close(begin)
	wait.Wait()
}

// crowd makes many members of one account who wait, behind the store's back.
func (w *world) crowd(feature watchword.FeatureName, account watchword.AccountID, n int) {
	w.Helper()
	numbers := fmt.Sprintf("(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS numbers", n)
	for _, text := range []string{
		`INSERT INTO users (id, status, name, picture, locale, metadata, admin_metadata, administrator, password_hash, password_version,
			last_account_id, created_at, updated_at) SELECT 'usr_crowd'||i, 'active', '', '', '', '{}', '{}', FALSE, '', 1, '', i, i FROM ` + numbers,
		`INSERT INTO emails SELECT 'eml_crowd'||i, 'usr_crowd'||i, 'crowd'||i||'@example.com', TRUE, TRUE, CASE WHEN i % 10 = 0 THEN CAST(i AS BIGINT) END, i FROM ` + numbers,
		`INSERT INTO memberships (id, account_id, user_id, role, joined_at) SELECT 'mem_crowd'||i, '` + string(account) + `', 'usr_crowd'||i, 'member', i FROM ` + numbers,
		`INSERT INTO waitlist_entries SELECT 'wle_0'||(1000000 + i), '` + string(feature) + `', '` + string(account) + `', 'usr_crowd'||i, 'waiting', i, NULL FROM ` + numbers,
	} {
		storetest.Exec(w, w.engine, w.location, text)
	}
}
