package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// owned are things of one user by the paths of the operations that take their
// ids, so that a new operation is tested because it is there.
func (w *world) owned(owner answer) map[string]string {
	w.t.Helper()
	invite := w.as(owner, "POST", owner.accountPath()+"/invites", `{"email":"invited@example.com"}`).want(w.t, 201, "")
	email := w.as(owner, "POST", "/auth/emails", `{"email":"more-`+owner.str("user", "id")+`@example.com"}`).want(w.t, 201, "")
	w.verifies(owner)
	identity := watchword.Identity{UserID: watchword.UserID(owner.str("user", "id")), Provider: "acme", Issuer: "https://acme.example", Subject: "7"}
	if err := w.store.Write(w.t.Context(), func(c *store.Conn) (err error) {
		identity.ID, err = c.InsertIdentity(w.t.Context(), identity)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	account, invited := owner.accountPath(), owner.accountPath()+"/invites/"+invite.str("id")
	return map[string]string{
		"/accounts/{id}": account, "/accounts/{id}/members": account + "/members", "/accounts/{id}/invites": account + "/invites",
		"/accounts/{id}/members/{mem_id}":        w.memberPath(owner, owner),
		"/accounts/{id}/invites/{inv_id}":        invited,
		"/accounts/{id}/invites/{inv_id}/resend": invited + "/resend",
		"/auth/emails/{id}":                      "/auth/emails/" + email.str("id"),
		"/auth/identities/{id}":                  "/auth/identities/" + string(identity.ID),
		"/auth/sessions/{id}":                    "/auth/sessions/" + owner.str("session_id"),
	}
}

// Whoever names something of another's is told that there is no such thing, and
// nothing changes: strangers, those who were members, and those who put the id of
// something foreign below an account of their own.
func TestWhatIsAnothersIsNotThere(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada, eve, former, peer := w.proven("ada@example.com"), w.proven("eve@example.com"), w.proven("former@example.com"), w.proven("peer@example.com")
		paths := w.owned(ada)
		team := w.joins(former, ada, watchword.RoleOwner)
		inside := w.app().post("/auth/switch-account", switchBody(former, team)).want(t, 200, "") // whose token says owner
		w.as(ada, "DELETE", w.memberPath(ada, former), "").want(t, 204, "")
		w.joins(peer, ada, watchword.RoleOwner)

		w.settled() // or a mail that is sent looks like something written
		before := w.rows()
		tested := 0
		for _, o := range operations(t) {
			if len(o.in("path")) == 0 || !o.takes("session") || o.scope() != "" || strings.Contains(o.path, "{feature}") {
				continue // features are nobody's: what is whose there, http_waitlist_test tells
			}
			path := paths[o.path]
			if path == "" {
				t.Errorf("%s takes an id: tell this test of one that is somebody's", o.OperationID)
				continue
			}
			tested++
			for name, who := range map[string]answer{"stranger": eve, "former member": inside} {
				if got := w.as(who, o.method, path, o.minimal(t)); got.status != 404 || got.str("code") != o.missing() {
					t.Errorf("%s by a %s: %d %s", o.OperationID, name, got.status, got.text)
				}
			}
			// One's own account, and below it what is of another.
			if below := strings.TrimPrefix(path, ada.accountPath()); below != path && len(o.in("path")) > 1 {
				if got := w.as(eve, o.method, eve.accountPath()+below, o.minimal(t)); got.status != 404 {
					t.Errorf("%s below an account of one's own: %d %s", o.OperationID, got.status, got.text)
				}
			}
			// What is a person's own is not there for the owners of their account either.
			if strings.HasPrefix(o.path, "/auth/") {
				if got := w.as(peer, o.method, path, o.minimal(t)); got.status != 404 {
					t.Errorf("%s by a peer: %d %s", o.OperationID, got.status, got.text)
				}
			}
		}
		if tested < 11 {
			t.Errorf("only %d operations take an id", tested)
		}
		if diff := cmp.Diff(before, w.rows()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
	})
}
