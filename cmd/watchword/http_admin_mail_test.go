package main

import (
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/mail/mailtest"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestMailsAreListedWithoutWhatTheyHoldAndTriedAgainOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		admin := w.administering(watchword.ScopeMailRead, watchword.ScopeMailWrite)
		w.post.Become(mailtest.Refuses)
		w.app().signUp("ada@example.com")
		w.clock.Advance(time.Second) // newest first is by time
		w.app().post("/auth/send-magic-link", withFields("ada@example.com", "")).want(t, 202, "")
		w.eventually("both are parked", "kind=mail ", "failed_at=<nil>")

		failed := admin.get("/admin/mail?status=failed").want(t, 200, "")
		rows := failed.listed()
		if len(rows) != 2 || rows[0]["template"] != "magic_link" || rows[0]["status"] != "failed" || rows[0]["last_error"] == "" ||
			rows[0]["ended_at"] == nil || rows[0]["next_at"] != nil || rows[0]["attempts"] != 1.0 {
			t.Fatalf("%s", failed.text)
		}
		for _, status := range []string{"waiting", "done"} {
			if got := admin.get("/admin/mail?status="+status).want(t, 200, ""); len(got.listed()) != 0 {
				t.Errorf("%s: %s", status, got.text)
			}
		}
		first := admin.get("/admin/mail?limit=1").want(t, 200, "")
		rest := admin.get("/admin/mail?limit=1&status=failed&cursor="+first.str("next_cursor")).want(t, 200, "")
		if first.listed()[0]["id"] != rows[0]["id"] || rest.listed()[0]["id"] != rows[1]["id"] || rest.field("next_cursor") != nil {
			t.Errorf("%s\n%s", first.text, rest.text)
		}
		for _, secret := range w.heldByMails() {
			if strings.Contains(failed.text, secret) {
				t.Errorf("%q is in %s", secret, failed.text)
			}
		}

		id, _ := rows[0]["id"].(string)
		admin.post("/admin/mail/msg_00000000000000000000000000/retry", "").want(t, 404, "mail_not_found")
		w.post.Become(mailtest.Accepts)
		retried := admin.post("/admin/mail/"+id+"/retry", "").want(t, 202, "")
		if m := w.post.take("ada@example.com"); m.Token() == "" || strings.Contains(failed.text, m.Token()) {
			t.Errorf("sent %+v", m)
		}
		w.eventually("it is done", "label=magic_link ", "done_at=<nil>")
		if got := admin.get("/admin/mail?status=done").want(t, 200, "").listed(); len(got) != 1 || got[0]["id"] != id {
			t.Errorf("%v", got)
		}
		admin.post("/admin/mail/"+id+"/retry", "").want(t, 404, "mail_not_found")
		w.wantActs(retried, "mail.retried")
	})
}

// heldByMails is what must not be told of the mails in the queue: tokens, codes and
// who they go to.
func (w *world) heldByMails() []string {
	w.t.Helper()
	list := []string{"ada@example.com", "otk_"}
	jobs, err := w.store.Read().WaitingJobs(w.t.Context(), "", 99)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, j := range jobs {
		var m mail.Message
		if err := job.Decode(w.keyring, j, &m); err != nil {
			w.t.Fatal(err)
		}
		for _, text := range []string{m.Token, m.Code} {
			if text != "" {
				list = append(list, text)
			}
		}
	}
	if len(list) < 4 {
		w.t.Fatalf("the mails hold %d secrets", len(list)-2)
	}
	return list
}

// wantActs wants the record to tell of a call what it did, and who did it.
func (w *world) wantActs(call answer, types ...string) {
	w.t.Helper()
	for _, typ := range types {
		told := false
		for _, e := range w.administering(watchword.ScopeEventsRead).get("/admin/events?type="+typ).want(w.t, 200, "").listed() {
			actor, _ := e["actor"].(string)
			told = told || e["request_id"] == call.header.Get("X-Request-Id") && strings.HasPrefix(actor, "key:key_") && e["ip"] == "127.0.0.1" && e["user_agent"] != nil
		}
		if !told {
			w.t.Errorf("no event %s of the caller's", typ)
		}
	}
}

func TestEveryActOnClientsKeysAndMailsIsInTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	admin := w.administering(clientsWrite, keysWrite)
	do := func(event, method, path, body string) answer {
		t.Helper()
		got := admin.do(method, path, body)
		if got.status >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, got.status, got.text)
		}
		w.wantActs(got, event)
		return got
	}
	client := "/admin/clients/" + do("client.created", "POST", "/admin/clients", `{"name":"Shop","type":"confidential"}`).str("client", "id")
	do("client.updated", "PATCH", client, `{"name":"Store"}`)
	do("client.secret_rotated", "POST", client+"/rotate-secret", "")
	do("client.deleted", "DELETE", client, "")
	key := do("api_key.created", "POST", "/admin/api-keys", `{"name":"ci","scopes":["keys:write"]}`).str("api_key", "id")
	do("api_key.revoked", "DELETE", "/admin/api-keys/"+key, "")
	do("signing_keys.rotated", "POST", "/admin/signing-keys/rotate", "")
	do("signing_keys.rotated", "POST", "/admin/signing-keys/rotate?now=true", "")
}
