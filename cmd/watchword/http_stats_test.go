package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestStatisticsAreRead(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		app := w.app()
		app.signUp("ada@example.com")
		app.post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`).want(t, 401, "")
		admin := w.administering(watchword.ScopeMetricsRead)
		stats := admin.get("/admin/stats").want(t, 200, "")
		days, _ := stats.body["days"].([]any)
		if len(days) != 30 {
			t.Fatalf("%d days", len(days))
		}
		today, _ := days[29].(map[string]any)
		if today["date"] != w.clock.Now().Format(time.DateOnly) || today["sign_ups"] != 1.0 || today["sign_ins"] != 1.0 || today["failures"] != 1.0 {
			t.Errorf("today: %v", today)
		}
		if first, _ := days[0].(map[string]any); first["date"] != w.clock.Now().AddDate(0, 0, -29).Format(time.DateOnly) || first["sign_ups"] != 0.0 {
			t.Errorf("the first day: %v", first)
		}
		active, _ := stats.body["active_users"].(map[string]any)
		queue, _ := stats.body["queue"].(map[string]any)
		mails, _ := queue["mails"].(map[string]any)
		if stats.body["users"] != 1.0 || stats.body["verified_users"] != 0.0 || stats.body["live_sessions"] != 1.0 || active["last_day"] != 1.0 ||
			active["last_30_days"] != 1.0 || mails["waiting"] == nil || mails["failed"] != 0.0 {
			t.Errorf("%v", stats.body)
		}
		w.administering(watchword.ScopeEventsRead, watchword.ScopeMetricsWrite).get("/admin/stats").want(t, 403, "insufficient_scope")
		app.get("/admin/stats").want(t, 401, "unauthenticated")

		o := w.operator()
		var byHand map[string]any
		if err := json.Unmarshal([]byte(o.admin("stats", "--json").out), &byHand); err != nil || byHand["users"] != 1.0 || len(byHand) != len(stats.body) {
			t.Errorf("by hand: %v (%v)", byHand, err)
		}
		if table := o.admin("stats").out; !strings.Contains(table, "SIGN-UPS") || strings.Count(table, "\n") != 41 {
			t.Errorf("by hand:\n%s", table)
		}
	})
}
