package main

import (
	"encoding/json"
	"strings"
	"testing"

	"watchword"
	"watchword/internal/delivery"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// Mails that failed for good are shown without what they hold, and sent once the
// mail server is back.
func TestMailsThatFailedAreListedAndTriedAgain(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, noMailServer)
		w.program().signUp("ada@example.com")
		w.mailFailed()
		o := w.operator()
		storetest.Exec(t, engine, w.location, "UPDATE jobs SET failed_at = created_at")

		table := o.run("", "admin", "mail", "list").want(t, 0).out
		if !strings.Contains(table, "verify_email") || !strings.Contains(table, "failed") || strings.Contains(table, "otk_") || strings.Contains(table, "ada@") {
			t.Errorf("the table:\n%s", table)
		}
		var list []listedMail
		if err := json.Unmarshal([]byte(o.run("", "admin", "mail", "list", "--status", "failed", "--json").want(t, 0).out), &list); err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		if got := list[0]; got.Status != delivery.StatusFailed || got.EndedAt == nil || got.NextAt != nil || got.Attempts != 1 || got.LastError == "" {
			t.Errorf("%+v", got)
		}
		if out := o.run("", "admin", "mail", "list", "--status", "done", "--json").want(t, 0).out; strings.TrimSpace(out) != "[]" {
			t.Errorf("done: %s", out)
		}

		o.run("", "admin", "mail", "retry", string(list[0].ID)).want(t, 0)
		if out := o.run("", "admin", "mail", "list", "--status", "waiting", "--json").want(t, 0).out; !strings.Contains(out, string(list[0].ID)) {
			t.Errorf("waiting: %s", out)
		}
		w.wantEvents(watchword.EventMailRetried)
		if got := o.run("", "admin", "mail", "retry", "msg_none").want(t, 1); !strings.Contains(got.err, "no such mail") {
			t.Errorf("said %s", got.err)
		}
	})
}
