package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// admin runs a command of the administration that must succeed.
func (o *operator) admin(args ...string) outcome {
	o.t.Helper()
	return o.run("", slices.Concat([]string{"admin"}, args)...).want(o.t, 0)
}

// refused runs one that must fail, and say so.
func (o *operator) refused(says string, args ...string) {
	o.t.Helper()
	got := o.run("", slices.Concat([]string{"admin"}, args)...).want(o.t, 1)
	if !strings.Contains(got.err, says) || got.out != "" {
		o.t.Errorf("%v: said %q, want %q; printed %q", args, got.err, says, got.out)
	}
}

// list is what a command listed as JSON.
func (o outcome) list(t *testing.T) (list []map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(o.out), &list); err != nil {
		t.Fatalf("%v: %s", err, o.out)
	}
	return list
}

// each is one value of each thing in a list.
func each(list []map[string]any, key string) (values []string) {
	for _, one := range list {
		values = append(values, fmt.Sprint(one[key]))
	}
	return values
}

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestUsersAreAdministeredByHand(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, generous)
		o := w.operator()

		made := o.admin("users", "create", "Ada@example.com", "--name", "Ada", "--invite", "--json").json(t)
		if made["email"] != "ada@example.com" || made["email_verified"] != false || made["name"] != "Ada" || made["has_password"] != false {
			t.Errorf("made %v", made)
		}
		w.clock.Advance(time.Minute) // the command line has the real time
		w.runner.Wake()
		w.linkIn(answer{}, "ada@example.com")
		o.refused("Another user has", "users", "create", "ada@example.com")
		o.run(testPassword+"\n", "admin", "users", "create", "bob@example.com", "--verified", "--password-file", "-").want(t, 0)
		w.wantEvents(watchword.EventPrimaryChanged, watchword.EventEmailVerified, watchword.EventEmailAdded)
		bob := w.app().post("/auth/sign-in", `{"email":"bob@example.com","password":"`+testPassword+`"}`).want(t, 200, "")

		wantList(t, "all", each(o.admin("users", "list", "--json").list(t), "email"), "bob@example.com", "ada@example.com")
		wantList(t, "found", each(o.admin("users", "list", "BOB@", "--json").list(t), "email"), "bob@example.com")
		wantList(t, "disabled", each(o.admin("users", "list", "--status", "disabled", "--json").list(t), "email"))
		if got := o.admin("users", "list"); !strings.Contains(got.out, "ada@example.com (unverified)") {
			t.Errorf("listed\n%s", got.out)
		}
		if got := o.admin("users", "list", "--limit", "1"); strings.Contains(got.out, "ada@") || !strings.Contains(got.err, "There are more") {
			t.Errorf("listed\n%s%s", got.out, got.err)
		}
		if got := o.admin("users", "show", "bob@example.com").out; !strings.Contains(got, bob.str("user", "id")) || !strings.Contains(got, bob.str("account", "id")) {
			t.Errorf("shown\n%s", got)
		}

		const other = "marble otter 17 lantern"
		got := o.run(other, "admin", "users", "update", "bob@example.com", "--name", "Robert", "--email", "rob@example.com", "--verified", "--password-file", "-", "--json").want(t, 0).json(t)
		if got["name"] != "Robert" || got["email"] != "rob@example.com" || got["email_verified"] != true {
			t.Errorf("changed %v", got)
		}
		w.as(bob, "GET", "/auth/me", "").want(t, 401, "session_revoked")
		signIn := func() answer {
			return w.app().post("/auth/sign-in", `{"email":"rob@example.com","password":"`+other+`"}`)
		}
		bob = signIn().want(t, 200, "")
		if got := o.admin("users", "revoke-sessions", "rob@example.com").out; got != "1 sessions ended.\n" {
			t.Errorf("said %s", got)
		}
		w.as(bob, "GET", "/auth/me", "").want(t, 401, "session_revoked")
		w.wantEvents(watchword.EventSessionsEnded)
		o.admin("users", "send-password-reset", "rob@example.com", "--clear-password")
		w.clock.Advance(time.Minute)
		w.runner.Wake()
		w.linkIn(answer{}, "rob@example.com")
		signIn().want(t, 401, "invalid_credentials")
	})
}

func TestUsersAreKeptOutAndDeletedByHandWithoutASecret(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.app().signUp("ada@example.com")
		signIn := func() answer {
			return w.app().post("/auth/sign-in", `{"email":"ada@example.com","password":"`+testPassword+`"}`)
		}
		o := w.operator()
		o.environ = nil
		o.admin("users", "grant-admin", "ada@example.com") // about administrators the command line may everything
		o.admin("users", "disable", "ada@example.com")
		w.as(ada, "GET", "/auth/me", "").want(t, 401, "session_revoked")
		signIn().want(t, 403, "user_disabled")
		o.admin("users", "enable", ada.str("user", "id"))
		signIn().want(t, 200, "")

		gone := o.admin("users", "delete", "ada@example.com", "--grace", "2d", "--json").json(t)
		if at, err := time.Parse(time.RFC3339, fmt.Sprint(gone["delete_at"])); err != nil || time.Until(at) < 47*time.Hour || time.Until(at) > 49*time.Hour {
			t.Errorf("deleted at %v (%v)", gone["delete_at"], err)
		}
		signIn().want(t, 403, "user_disabled")
		o.admin("users", "enable", "ada@example.com")
		w.wantEvents(watchword.EventUserEnabled, watchword.EventDeletionScheduled, watchword.EventUserEnabled, watchword.EventUserDisabled)
		o.refused("365d", "users", "delete", "ada@example.com", "--grace", "366d")
		o.run("", "admin", "users", "delete", "ada@example.com", "--grace", "1d", "--now").want(t, 2)

		o.refused("--yes", "users", "delete", "ada@example.com", "--now")
		o.refused("--yes", "users", "delete", "ada@example.com", "--grace", "0s")
		signIn().want(t, 200, "")
		o.admin("users", "delete", "ada@example.com", "--now", "--yes")
		o.refused("no such user", "users", "show", "ada@example.com")
		for _, act := range []string{"disable", "enable", "delete", "revoke-sessions", "show"} {
			o.refused("no such user", "users", act, ada.str("user", "id"))
		}
		o.environ = []string{"WATCHWORD_SECRET=" + testSecret}
		for _, act := range []string{"update", "send-password-reset"} {
			o.refused("no such user", "users", act, ada.str("user", "id"))
		}
	})
}

func TestProvidersAreLinkedByHand(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, generous+acmeProvider)
		ada := w.member("ada@example.com")
		o := w.operator()
		settings := filepath.Join(o.data, "watchword.yaml")
		if err := os.WriteFile(settings, []byte(acmeProvider), 0o600); err != nil {
			t.Fatal(err)
		}
		o.environ = append(o.environ, "WATCHWORD_CONFIG="+settings)
		made := o.admin("users", "link", "ada@example.com", "acme", "112233", "--email", "ada@acme.example", "--json").json(t)
		if made["provider"] != "acme" || made["subject"] != "112233" || made["issuer"] != "https://acme.example" || made["email"] != "ada@acme.example" {
			t.Errorf("made %v", made)
		}
		o.refused("already", "users", "link", "ada@example.com", "acme", "112233")
		o.refused("no such provider", "users", "link", "ada@example.com", "other", "112233")
		o.refused("issuer", "users", "link", "ada@example.com", "acme", "445566", "--issuer", "https://other.example")
		id := fmt.Sprint(made["id"])
		if got := o.admin("users", "show", "ada@example.com").out; !strings.Contains(got, id) {
			t.Errorf("shown\n%s", got)
		}
		if got := o.admin("users", "unlink", ada.str("user", "id"), id).out; got != id+" is unlinked.\n" {
			t.Errorf("said %s", got)
		}
		o.refused("no such link", "users", "unlink", "ada@example.com", id)
		w.wantEvents(watchword.EventIdentityUnlinked, watchword.EventIdentityLinked)
		w.clock.Advance(time.Minute)
		w.runner.Wake()
		for range 2 {
			if got := w.post.take("ada@example.com"); !strings.Contains(got.Text, "linked") {
				t.Errorf("mailed %+v", got)
			}
		}
	})
}

func TestAccountsSessionsAndInvitesAreAdministeredByHand(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, generous)
		ada, bob := w.member("ada@example.com"), w.app().signUp("bob@example.com")
		account := ada.str("account", "id")
		o := w.operator()
		o.environ = nil

		o.admin("accounts", "rename", account, "Analytical Engines")
		found := o.admin("accounts", "list", "analytical", "--json").list(t)
		wantList(t, "accounts", each(found, "id"), account)
		wantList(t, "names", each(found, "name"), "Analytical Engines")
		member := fmt.Sprint(o.admin("accounts", "add-member", account, "bob@example.com", "--json").json(t)["id"])
		wantList(t, "roles", each(o.admin("accounts", "members", account, "--json").list(t), "role"), "member", "owner")
		o.admin("accounts", "set-role", account, member, "admin")
		wantList(t, "roles", each(o.admin("accounts", "members", account, "--json").list(t), "role"), "admin", "owner")
		o.admin("accounts", "remove-member", account, member)
		o.refused("owner", "accounts", "remove-member", account, fmt.Sprint(o.admin("accounts", "members", account, "--json").list(t)[0]["id"]))

		w.as(ada, "POST", "/accounts/"+account+"/invites", `{"email":"new@example.com"}`).want(t, 201, "")
		invites := o.admin("invites", "list", "--status", "pending", "--account", account, "--json").list(t)
		wantList(t, "invited", each(invites, "email"), "new@example.com")
		id := fmt.Sprint(invites[0]["id"])
		o.admin("invites", "revoke", id)
		wantList(t, "invites", each(o.admin("invites", "list", "--json").list(t), "status"), "revoked")
		o.refused("accepted or taken back", "invites", "revoke", id)

		sessions := o.admin("sessions", "list", "--user", "bob@example.com", "--json").list(t)
		wantList(t, "sessions", each(sessions, "id"), bob.str("session_id"))
		o.admin("sessions", "revoke", bob.str("session_id"))
		w.as(bob, "GET", "/auth/me", "").want(t, 401, "session_revoked")
		o.refused("no such live session", "sessions", "revoke", bob.str("session_id"))

		o.refused("--yes", "accounts", "delete", account)
		o.admin("accounts", "delete", account, "--yes")
		o.refused("no such account", "accounts", "delete", account, "--yes")
		o.refused("no such account", "accounts", "members", account)
		w.wantEvents(watchword.EventAccountDeleted, watchword.EventSessionEnded, watchword.EventInviteRevoked, watchword.EventMemberRemoved,
			watchword.EventMemberRoleChanged, watchword.EventMemberJoined, watchword.EventAccountUpdated)
	})
}

func TestClientsAreAdministeredByHand(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		o := w.operator()
		o.environ = nil
		knows := func(id, key string) bool {
			if err := w.clients.Registry.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			return w.clients.Registry.Authenticate(watchword.ClientID(id), secret.NewString(key))
		}
		made := o.admin("clients", "create", "--name", "Backend", "--type", "confidential", "--redirect-uri", "https://a.example.com/cb?x=1,2",
			"--redirect-uri", "https://b.example.com/cb", "--method", "password,magic_link", "--access-token", "5m", "--json").json(t)
		app, _ := made["client"].(map[string]any)
		id, first := fmt.Sprint(app["id"]), fmt.Sprint(made["secret"])
		if fmt.Sprint(app["redirect_uris"]) != "[https://a.example.com/cb?x=1,2 https://b.example.com/cb]" ||
			fmt.Sprint(app["methods"]) != "[password magic_link]" || fmt.Sprint(app["lifetimes"]) != "map[access_token:5m]" {
			t.Errorf("made %v", app)
		}
		if !knows(id, first) {
			t.Error("the secret is not good")
		}
		rotated := o.admin("clients", "rotate-secret", id, "--json")
		second := fmt.Sprint(rotated.json(t)["secret"])
		if !strings.Contains(rotated.err, "never again") || !knows(id, first) || !knows(id, second) {
			t.Errorf("rotated: %s", rotated.err)
		}
		third := fmt.Sprint(o.admin("clients", "rotate-secret", id, "--revoke-old", "--json").json(t)["secret"])
		if knows(id, first) || knows(id, second) || !knows(id, third) {
			t.Error("the secrets of before are still good")
		}

		o.admin("clients", "update", id, "--name", "Server", "--refresh-idle", "24h", "--clear", "methods", "--origin", "https://a.example.com")
		shown := o.admin("clients", "show", id, "--json").json(t)
		if shown["name"] != "Server" || fmt.Sprint(shown["methods"]) != "[]" || fmt.Sprint(shown["origins"]) != "[https://a.example.com]" ||
			fmt.Sprint(shown["lifetimes"]) != "map[access_token:5m refresh_idle:24h]" || len(shown["redirect_uris"].([]any)) != 2 {
			t.Errorf("changed %v", shown)
		}
		o.admin("clients", "update", id, "--clear", "redirect-uris,origins,lifetimes")
		if shown = o.admin("clients", "show", id, "--json").json(t); fmt.Sprint(shown["redirect_uris"], shown["origins"], shown["lifetimes"]) != "[] [] map[]" {
			t.Errorf("cleared %v", shown)
		}
		o.refused("redirect_uris[0]", "clients", "update", id, "--redirect-uri", "http://plain.example.com/")
		o.refused("settings", "clients", "update", "web", "--name", "x")
		o.refused("no such client", "clients", "show", "cli_none")

		list := o.admin("clients", "list", "--json").list(t)
		wantList(t, "clients", each(list, "source"), "settings", "database")
		if text := o.admin("clients", "list").out; strings.Contains(text, "wcs_") || !strings.Contains(text, "Server") {
			t.Errorf("listed\n%s", text)
		}
		o.refused("--yes", "clients", "delete", id)
		o.admin("clients", "delete", id, "--yes")
		if knows(id, third) {
			t.Error("a deleted client is let in")
		}
		w.wantEvents(watchword.EventClientDeleted, watchword.EventClientUpdated, watchword.EventClientUpdated,
			watchword.EventClientRotated, watchword.EventClientRotated, watchword.EventClientCreated)
	})
}

func TestWaitlistsAreAdministeredByHand(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, generous+"waitlist: {open_features: false}\n")
		o, key := w.operator(), w.waitlistKey()
		o.admin("waitlists", "create", "search", "--title", "Beta search", "--add-claim")
		o.refused("of this name", "waitlists", "create", "search")
		o.refused("lower-case", "waitlists", "create", "Search")
		var people []answer
		for _, name := range []string{"ada", "bob", "cyd", "dee"} {
			w.clock.Advance(time.Second)
			one := w.member(name + "@example.com")
			w.as(one, "PUT", "/waitlist/search", "").want(t, 201, "")
			people = append(people, one)
		}
		waiting := func() []string {
			return each(o.admin("waitlists", "entries", "search", "--status", "waiting", "--json").list(t), "email")
		}
		wantList(t, "waiting", waiting(), "ada@example.com", "bob@example.com", "cyd@example.com", "dee@example.com")
		if got := o.admin("waitlists", "approve", "search", "--count", "1").out; got != "1 approved.\n" {
			t.Errorf("said %s", got)
		}
		w.wantEvents(watchword.EventWaitlistApproved, watchword.EventFeatureCreated)
		file := filepath.Join(t.TempDir(), "chosen")
		if err := os.WriteFile(file, []byte("\nCYD@example.com\nnobody@example.com\n\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		o.admin("waitlists", "approve", "search", "--email-file", file)
		wantList(t, "waiting", waiting(), "bob@example.com", "dee@example.com")
		o.admin("waitlists", "approve", "search", "--user", "dee@example.com,"+people[0].str("user", "id"))
		o.admin("waitlists", "approve", "search", "--account", people[1].str("account", "id"))
		wantList(t, "waiting", waiting())
		if got := o.admin("waitlists", "approve", "search", "--all", "--json").json(t); got["approved"] != 0.0 || got["pending"] != 0.0 {
			t.Errorf("approved %v", got)
		}
		w.clock.Advance(time.Minute)
		w.runner.Wake()
		if got := w.post.take("cyd@example.com"); !strings.Contains(got.Text, "Beta search") {
			t.Errorf("mailed %+v", got)
		}

		csv := key.get("/admin/waitlist/search/entries", "Accept", "text/csv").want(t, 200, "").text
		if got := o.admin("waitlists", "export", "search").out; strings.ReplaceAll(csv, "\r\n", "\n") != got || strings.Count(got, "\n") != 5 {
			t.Errorf("exported\n%s\nthe API says\n%s", got, csv)
		}
		o.refused("no such feature", "waitlists", "export", "none")
		o.refused("no such feature", "waitlists", "entries", "none")

		o.admin("waitlists", "update", "search", "--no-add-claim", "--title", "Search")
		o.admin("waitlists", "close", "search")
		w.as(w.app().signUp("eve@example.com"), "PUT", "/waitlist/search", "").want(t, 409, "feature_closed")
		list := o.admin("waitlists", "list", "--json").list(t)
		if len(list) != 1 || list[0]["title"] != "Search" || list[0]["add_claim"] != false || list[0]["closed"] != true || list[0]["approved"] != 4.0 {
			t.Errorf("listed %v", list)
		}
		o.admin("waitlists", "open", "search")
		o.refused("--yes", "waitlists", "delete", "search")
		o.admin("waitlists", "delete", "search", "--yes")
		key.get("/admin/waitlist/search").want(t, 404, "unknown_feature")
		w.wantEvents(watchword.EventFeatureDeleted, watchword.EventFeatureUpdated, watchword.EventFeatureUpdated, watchword.EventFeatureUpdated)
	})
}

func TestOnlyASaneWishToApproveIsUnderstood(t *testing.T) {
	t.Parallel()
	o := newOperator(t, store.SQLite)
	for _, flags := range [][]string{{}, {"--count", "0"}, {"--percent", "101"}, {"--count", "1", "--all"}, {"--user", "a@example.com", "--percent", "5"}} {
		o.run("", slices.Concat([]string{"admin", "waitlists", "approve", "search"}, flags)...).want(t, 2)
	}
	for _, args := range [][]string{{"users", "list", "--limit", "-1"}, {"events", "tail", "-n", "-1"}, {"events", "list", "--since", "soon"}, {"users", "delete", "x", "--grace", "-1h"}} {
		o.run("", slices.Concat([]string{"admin"}, args)...).want(t, 2)
	}
}

func TestSigningKeysAreListedWithTheirState(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "")
	o := w.operator()
	o.admin("rotate-keys")
	o.environ = nil
	list := o.admin("signing-keys", "list", "--json").list(t)
	wantList(t, "states", each(list, "status"), "signing", "published")
	now := time.Now()
	keys := []store.SigningKey{
		{SignsAt: now.Add(-3 * time.Hour), ExpiresAt: now.Add(-time.Hour)},
		{SignsAt: now.Add(-2 * time.Hour), ExpiresAt: now.Add(time.Hour)},
		{SignsAt: now.Add(-time.Hour)},
		{SignsAt: now.Add(time.Hour)},
	}
	wantList(t, "states", texts(signingKeyStates(keys, now)), "expired", "retired", "signing", "published")
}
