package waitlist_test

import (
	"testing"

	"watchword"
	"watchword/internal/idempotency"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/waitlist"
)

// What is too much for one call is promised by it and done by a job, even twice.
func TestManyAreApprovedInTheBackground(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		w.crowd("search", ada.AccountID, 2600)
		if got := w.approve("search", waitlist.Cohort{Count: number(2500)}); got != (waitlist.Approval{Approved: 2500, Pending: 1500}) {
			w.Errorf("%+v", got)
		}
		late := w.proven("late")
		w.joins(late, "search") // nobody has promised them anything
		if n := w.work(); n != 1 {
			w.Errorf("%d jobs", n)
		}
		f, err := w.features.Get(w.Context(), "search")
		if err != nil || f.Approved != 2500 || f.Waiting != 101 {
			w.Errorf("%+v (%v)", f, err)
		}
		events := w.events(watchword.EventWaitlistApproved)
		if last := events[len(events)-1]; len(events) != 2500 || last.Actor != admin.Actor || last.RequestID != "adm" || last.IP != "192.0.2.9" {
			w.Errorf("%d events, the last: %+v", len(events), last)
		}
		if n := len(w.mails()); n != 250 {
			w.Errorf("%d mails", n)
		}
	})
}

func TestManyInOneAccountAreApprovedInTheBackground(t *testing.T) {
	onEach(t, func(w *world) {
		ada, other := w.proven("ada"), w.proven("other")
		w.feature("search")
		w.crowd("search", ada.AccountID, 2100)
		w.joins(other, "search")
		got := w.approve("search", waitlist.Cohort{Accounts: []watchword.AccountID{ada.AccountID, other.AccountID, ada.AccountID}})
		if got != (waitlist.Approval{Approved: 2101, Pending: 1101}) {
			w.Errorf("%+v", got)
		}
		late := w.proven("late") // nobody has promised them anything
		w.enters(late.UserID, ada.AccountID)
		late.AccountID = ada.AccountID
		w.joins(late, "search")
		w.work()
		if f, err := w.features.Get(w.Context(), "search"); err != nil || f.Approved != 2101 || f.Waiting != 1 {
			w.Errorf("%+v (%v)", f, err)
		}
	})
}

// The rest of an approval has nothing to do once the feature is gone.
func TestAJobOutlivesItsFeature(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite)
	ada := w.proven("ada")
	w.feature("search")
	w.crowd("search", ada.AccountID, 2100)
	w.approve("search", all)
	storetest.Exec(w, w.engine, w.location, "DELETE FROM features")
	if n := w.work(); n != 1 {
		w.Errorf("%d jobs", n)
	}
}

// A name is given anew once its feature is deleted. What is left to do for the one
// must not befall the other.
func TestAJobLeavesTheNextFeatureOfTheNameAlone(t *testing.T) {
	onEach(t, func(w *world) {
		for name, begin := range map[watchword.FeatureName]func(){
			"deleted":  func() { w.ok(w.features.Delete(w.Context(), admin, "deleted", watchword.Precondition{})) },
			"approved": func() { w.approve("approved", all) },
			"both": func() {
				w.approve("both", waitlist.Cohort{Accounts: []watchword.AccountID{w.proven("host").AccountID}})
				w.ok(w.features.Delete(w.Context(), admin, "both", watchword.Precondition{}))
				w.ok(w.features.Delete(w.Context(), admin, "both", watchword.Precondition{})) // again, while it goes
			},
		} {
			ada := w.proven("ada" + string(name))
			w.feature(name)
			w.crowd(name, ada.AccountID, 1100)
			begin()
			storetest.Exec(w, w.engine, w.location, "DELETE FROM features WHERE name = '"+string(name)+"'")
			next := w.feature(name)
			w.joins(ada, name)
			if n := w.work(); n == 0 {
				w.Fatalf("%s: there was nothing to do", name)
			}
			if f, err := w.features.Get(w.Context(), name); err != nil || f.ID != next.ID || f.Waiting != 1 {
				w.Errorf("%s: %+v (%v)", name, f, err)
			}
			storetest.Exec(w, w.engine, w.location, "DELETE FROM users WHERE id LIKE 'usr_crowd%'")
		}
	})
}

// Whoever got no answer sends the call again: the first hundred are not the next.
func TestACallThatIsSentAgainApprovesNobodyMore(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		w.crowd("search", ada.AccountID, 3400)
		for _, cohort := range []waitlist.Cohort{
			{Count: number(1100)}, {Percent: number(50)}, {Accounts: []watchword.AccountID{ada.AccountID}},
		} {
			call, err := idempotency.NewCall(admin.Actor, "k", "approve", cohort)
			w.ok(err)
			before, err := w.features.Get(w.Context(), "search")
			w.ok(err)
			answers := make([]waitlist.Approval, 3)
			acts := make([]func(), len(answers))
			for i := range acts {
				acts[i] = func() {
					got, err := w.features.Approve(w.Context(), admin, "search", cohort, call)
					if answers[i] = got; err != nil {
						w.Error(err)
					}
				}
			}
			atOnce(acts...)
			for _, got := range answers {
				if got != answers[0] || got.Approved-got.Pending != 1000 {
					w.Errorf("%+v: %+v and %+v", cohort, got, answers[0])
				}
			}
			w.work()
			late, err := w.features.Approve(w.Context(), admin, "search", cohort, call)
			if err != nil || late != (waitlist.Approval{Approved: answers[0].Approved}) {
				w.Errorf("%+v: %+v (%v)", cohort, late, err)
			}
			if f, err := w.features.Get(w.Context(), "search"); err != nil || f.Approved-before.Approved != late.Approved {
				w.Errorf("%+v: %+v (%v)", cohort, f, err)
			}
			other, err := idempotency.NewCall(admin.Actor, "k", "approve", all)
			w.ok(err)
			_, err = w.features.Approve(w.Context(), admin, "search", all, other)
			w.is(err, idempotency.ErrKeyReused)
			w.clock.Advance(idempotency.Life)
		}
	})
}

// What failed has approved nobody, and has left nothing behind that will.
func TestACallThatFailsApprovesNobody(t *testing.T) {
	onEach(t, func(w *world) {
		ada := w.proven("ada")
		w.feature("search")
		w.crowd("search", ada.AccountID, 1200)
		// Only late does anybody need a mail, for which there is no place.
		storetest.Exec(w, w.engine, w.location, "UPDATE emails SET verified_at = CASE WHEN id = 'eml_crowd450' THEN 1 END")
		storetest.Exec(w, w.engine, w.location, "ALTER TABLE jobs RENAME TO away")
		for name, cohort := range map[string]waitlist.Cohort{
			"count": {Count: number(1100)}, "percent": {Percent: number(95)}, "all": all, "accounts": {Accounts: []watchword.AccountID{ada.AccountID}},
			"users": {Users: w.users("search", "")[:500]}, "addresses": {Addresses: []string{"crowd1@example.com", "crowd450@example.com"}},
		} {
			if got, err := w.features.Approve(w.Context(), admin, "search", cohort, idempotency.Call{}); err == nil {
				w.Errorf("%s: %+v", name, got)
			}
		}
		storetest.Exec(w, w.engine, w.location, "ALTER TABLE away RENAME TO jobs")
		w.work()
		if f, err := w.features.Get(w.Context(), "search"); err != nil || f.Approved != 0 || len(w.events(watchword.EventWaitlistApproved)) != 0 {
			w.Errorf("%+v (%v)", f, err)
		}
		w.approve("search", waitlist.Cohort{Count: number(1100)})
		w.work()
		if f, err := w.features.Get(w.Context(), "search"); err != nil || f.Approved != 1100 {
			w.Errorf("%+v (%v)", f, err)
		}
	})
}
