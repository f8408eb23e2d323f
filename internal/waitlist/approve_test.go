package waitlist_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/mail"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/waitlist"
)

func number(n int) *int { return &n }

func TestTheFirstInTheQueueAreApprovedFirst(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		people := usersOf(w.queue("search", 11))
		for _, step := range []struct {
			cohort waitlist.Cohort
			want   int64
		}{
			{waitlist.Cohort{Count: number(3)}, 3},
			{waitlist.Cohort{Percent: number(30)}, 3}, // of eight: 2.4
			{waitlist.Cohort{Percent: number(1)}, 1},
			{waitlist.Cohort{Users: people[:8]}, 1}, // the others are approved already
			{waitlist.Cohort{Count: number(99)}, 3},
			{all, 0},
			{waitlist.Cohort{Count: number(1)}, 0},
			{waitlist.Cohort{Percent: number(100)}, 0},
		} {
			if got := w.approve("search", step.cohort); got != (waitlist.Approval{Approved: step.want}) {
				w.Errorf("%+v: got %+v, want %d", step.cohort, got, step.want)
			}
			approved := w.users("search", watchword.WaitlistApproved)
			if !slices.Equal(approved, people[:len(approved)]) {
				w.Fatalf("%+v: approved %v of %v", step.cohort, approved, people)
			}
		}
	})
}

func TestUsersAccountsAndAddressesAreApprovedByName(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		w.feature("other")
		people := w.queue("search", 6)
		host, guest := people[0], people[1]
		w.enters(guest.UserID, host.AccountID)
		guest.AccountID = host.AccountID
		w.joins(guest, "search")
		w.joins(people[5], "other")
		many := []watchword.AccountID{host.AccountID}
		for i := range 200 { // in which nobody waits
			many = append(many, watchword.AccountID(fmt.Sprint("acc_", i)))
		}
		for _, step := range []struct {
			cohort waitlist.Cohort
			want   int64
		}{
			{waitlist.Cohort{Users: []watchword.UserID{"usr_none", people[2].UserID, people[2].UserID}}, 1},
			{waitlist.Cohort{Accounts: many}, 2},
			{waitlist.Cohort{Addresses: []string{"nobody@example.com", "p001@example.com", "p003@example.com"}}, 2},
			{waitlist.Cohort{Accounts: []watchword.AccountID{host.AccountID}}, 0},
			{waitlist.Cohort{Accounts: []watchword.AccountID{}}, 0}, // nobody is not everybody
			{waitlist.Cohort{Users: []watchword.UserID{}}, 0},
		} {
			if got := w.approve("search", step.cohort); got.Approved != step.want || got.Pending != 0 {
				w.Errorf("%+v: got %+v, want %d", step.cohort, got, step.want)
			}
		}
		if left := w.users("search", watchword.WaitlistWaiting); !slices.Equal(left, usersOf(people[4:])) {
			w.Errorf("waiting: %v", left)
		}
		if left := w.users("other", watchword.WaitlistWaiting); len(left) != 1 {
			w.Errorf("waiting for the other: %v", left)
		}
	})
}

func TestExactlyOneCohortIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	w.feature("search")
	w.queue("search", 1)
	for _, co := range []waitlist.Cohort{
		{},
		{Count: number(1), Everybody: true},
		{Percent: number(1), Count: number(1)},
		{Users: []watchword.UserID{"usr_x"}, Accounts: []watchword.AccountID{"acc_x"}},
		{Addresses: []string{"p000@example.com"}, Everybody: true},
		{Users: make([]watchword.UserID, waitlist.MaxNamed+1)},
	} {
		if _, err := w.features.Approve(w.Context(), admin, "search", co, idempotency.Call{}); watchword.KindOf(err) != watchword.KindInvalid {
			w.Errorf("%+v: %v", co, err)
		}
	}
	if got := w.users("search", watchword.WaitlistApproved); len(got) != 0 {
		w.Errorf("approved: %v", got)
	}
	_, err := w.features.Approve(w.Context(), admin, "nothing", waitlist.Cohort{}, idempotency.Call{})
	w.is(err, waitlist.ErrUnknownFeature)
}

// Each approval is told of in the record, and to whoever can be reached, once.
func TestWhoIsApprovedIsToldOnce(t *testing.T) {
	onEach(t, func(w *world) {
		title := "Beta search"
		w.feature("search")
		_, err := w.features.Update(w.Context(), admin, "search", waitlist.Change{Title: &title}, watchword.Precondition{})
		w.ok(err)
		ada, eve := w.proven("ada"), w.person("eve", time.Time{})
		w.joins(ada, "search")
		w.joins(eve, "search")
		w.enters(ada.UserID, eve.AccountID)
		twice := ada
		twice.AccountID = eve.AccountID
		w.joins(twice, "search")
		for range 3 {
			w.approve("search", all)
		}
		if got := w.mails(); len(got) != 1 || got[0] != (mail.Message{Template: mail.WaitlistApproved, UserID: ada.UserID, Subject: title}) {
			w.Errorf("%+v", got)
		}
		events := w.events(watchword.EventWaitlistApproved)
		if len(events) != 3 {
			w.Fatalf("%+v", events)
		}
		for i, who := range []waitlist.Caller{ada, eve, twice} {
			e := events[i]
			if e.UserID != who.UserID || e.AccountID != who.AccountID || e.Actor != admin.Actor || e.IP != "192.0.2.9" || e.RequestID != "adm" ||
				e.Data["feature"] != "search" || e.Data["entry"] == "" {
				w.Errorf("%+v", e)
			}
		}
		entry, err := w.places.Get(w.Context(), eve, "search")
		if err != nil || entry.Status != watchword.WaitlistApproved {
			w.Errorf("%+v (%v)", entry, err)
		}
	})
}

// Whoever is disabled, for good or until they are deleted, could not come in, and
// each way to name them leads to the same silence.
func TestWhoIsDisabledIsNotTold(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		people := w.queue("search", 5)
		for i, cohort := range []waitlist.Cohort{
			{Count: number(1)},
			{Users: usersOf(people[1:2])},
			{Accounts: []watchword.AccountID{people[2].AccountID}},
			{Addresses: []string{"p003@example.com"}},
		} {
			storetest.Exec(w, w.engine, w.location, "UPDATE users SET status = 'disabled' WHERE id = '"+string(people[i].UserID)+"'")
			if got := w.approve("search", cohort); got.Approved != 1 || len(w.mails()) != 0 {
				w.Errorf("%+v: %+v, %d mails", cohort, got, len(w.mails()))
			}
		}
		if w.approve("search", all); len(w.mails()) != 1 {
			w.Errorf("%+v", w.mails())
		}
	})
}

// A feature that nobody has given a title goes by its name.
func TestMailsNameTheFeatureAsBestTheyCan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	w.feature("search")
	w.queue("search", 1)
	w.approve("search", all)
	if got := w.mails(); len(got) != 1 || got[0].Subject != "search" {
		w.Errorf("%+v", got)
	}
}

// A flood of mails would stand before the sign-in links that others wait for.
func TestManyMailsAreSpreadOverTime(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		w.crowd("search", ada.AccountID, 1200) // 120 of them can be reached
		w.approve("search", all)
		w.work() // which goes on in the order of the call
		begun := w.clock.Now().UnixMicro()
		for seconds, want := range map[int]int{0: 50, 5: 50, 10: 20} {
			due := fmt.Sprintf("jobs WHERE kind = 'mail' AND run_at = %d", begun+int64(seconds)*1e6)
			if got := storetest.Count(w, w.engine, w.location, due); got != want {
				w.Errorf("after %d s %d are due, want %d", seconds, got, want)
			}
		}
	})
}

func TestApprovalsAtOnceApproveAndTellEachOnce(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		people := w.queue("search", 40)
		got := make([]int64, 8)
		acts := make([]func(), len(got))
		for i := range acts {
			cohort := []waitlist.Cohort{all, {Count: number(7)}, {Users: usersOf(people)}, {Percent: number(50)}}[i%4]
			acts[i] = func() {
				approval, err := w.features.Approve(w.Context(), admin, "search", cohort, idempotency.Call{})
				if got[i] = approval.Approved; err != nil {
					w.Error(err)
				}
			}
		}
		atOnce(acts...)
		var sum int64
		for _, n := range got {
			sum += n
		}
		if events, mails := len(w.events(watchword.EventWaitlistApproved)), len(w.mails()); sum != 40 || events != 40 || mails != 40 {
			w.Errorf("told %d, %d events, %d mails", sum, events, mails)
		}
	})
}

func TestTwoWhoApproveTheFirstTenApproveTwenty(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		people := w.queue("search", 25)
		ten := func() {
			if got, err := w.features.Approve(w.Context(), admin, "search", waitlist.Cohort{Count: number(10)}, idempotency.Call{}); err != nil || got.Approved != 10 {
				w.Errorf("%+v (%v)", got, err)
			}
		}
		atOnce(ten, ten)
		if got := w.users("search", watchword.WaitlistApproved); !slices.Equal(got, usersOf(people[:20])) {
			w.Errorf("approved: %v", got)
		}
	})
}

// Nobody is lost between those who join or leave and those who are approved.
func TestJoinsAndLeavesThatRaceWithAnApprovalAgree(t *testing.T) {
	onEach(t, func(w *world) {
		w.feature("search")
		leavers := w.queue("search", 10)
		joiners := make([]waitlist.Caller, 10)
		for i := range joiners {
			joiners[i] = w.proven("j" + string(rune('a'+i)))
		}
		var acts []func()
		for i := range leavers {
			acts = append(acts, func() {
				if err := w.places.Leave(w.Context(), leavers[i], "search"); err != nil {
					w.Error(err)
				}
			}, func() {
				if _, _, err := w.places.Join(w.Context(), joiners[i], "search"); err != nil {
					w.Error(err)
				}
			})
		}
		var approved int64
		acts = append(acts, func() {
			got, err := w.features.Approve(w.Context(), admin, "search", all, idempotency.Call{})
			if approved = got.Approved; err != nil {
				w.Error(err)
			}
		})
		atOnce(acts...)
		if events, mails := len(w.events(watchword.EventWaitlistApproved)), len(w.mails()); int64(events) != approved || int64(mails) != approved {
			w.Errorf("told %d, %d events, %d mails", approved, events, mails)
		}
		if on := w.users("search", ""); len(on) != len(joiners) {
			w.Errorf("%d are on the waitlist, want %d", len(on), len(joiners))
		}
		w.approve("search", all)
		if f, err := w.features.Get(w.Context(), "search"); err != nil || f.Waiting != 0 || f.Approved != int64(len(joiners)) {
			w.Errorf("%+v (%v)", f, err)
		}
	})
}

func TestAnExportIsWholeAndEndsWhereItsReaderDoes(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		w.crowd("search", ada.AccountID, 1100)
		seen := map[watchword.WaitlistEntryID]bool{}
		last := watchword.WaitlistEntryID("")
		w.ok(w.features.Export(w.Context(), "search", watchword.WaitlistFilter{}, func(list []watchword.WaitlistEntry) error {
			for _, e := range list {
				if e.ID <= last {
					w.Fatalf("%s comes after %s", e.ID, last)
				}
				last, seen[e.ID] = e.ID, true
			}
			return nil
		}))
		if len(seen) != 1100 {
			w.Errorf("%d entries", len(seen))
		}
		errEnough := errors.New("enough")
		pages := 0
		err := w.features.Export(w.Context(), "search", watchword.WaitlistFilter{}, func([]watchword.WaitlistEntry) error {
			pages++
			return errEnough
		})
		if w.is(err, errEnough); pages != 1 {
			w.Errorf("%d pages", pages)
		}
		w.is(w.features.Export(w.Context(), "nothing", watchword.WaitlistFilter{}, nil), waitlist.ErrUnknownFeature)
	})
}
