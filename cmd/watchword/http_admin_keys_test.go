package main

import (
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const keysRead, keysWrite = watchword.ScopeKeysRead, watchword.ScopeKeysWrite

func TestAnAPIKeyIsMadeUsedAndRevokedOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		admin := w.administering(keysRead, keysWrite, usersRead)
		w.clock.Advance(time.Second) // newest first is by time
		end := w.clock.Now().Add(time.Hour).Format(time.RFC3339)
		body := `{"name":"ci","scopes":["users:read"],"expires_at":"` + end + `"}`
		again := []string{"Idempotency-Key", "k"}
		made := admin.post("/admin/api-keys", body, again...).want(t, 201, "")
		key, id := made.str("secret"), made.str("api_key", "id")
		if !strings.HasPrefix(key, "wk_") || made.str("api_key", "status") != "live" || made.str("api_key", "expires_at") != end || !strings.HasPrefix(made.str("api_key", "created_by"), "key:key_") {
			t.Errorf("%s", made.text)
		}
		if same := admin.post("/admin/api-keys", body, again...).want(t, 201, ""); same.str("secret") != key || same.str("api_key", "id") != id {
			t.Errorf("%s", same.text)
		}
		ci := w.app("Authorization", "Bearer "+key)
		ci.get("/admin/users").want(t, 200, "")
		ci.get("/admin/api-keys").want(t, 403, "insufficient_scope")

		admin.post("/admin/api-keys", `{"name":"more","scopes":["users:read","users:write"]}`).want(t, 403, "insufficient_scope")
		admin.post("/admin/api-keys", `{"name":"more","scopes":["everything"]}`).want(t, 422, "validation_failed")
		admin.post("/admin/api-keys", `{"name":"more","scopes":[]}`).want(t, 422, "validation_failed")
		admin.post("/admin/api-keys", `{"name":"more","scopes":["users:read","users:read"]}`).want(t, 422, "validation_failed")

		list := admin.get("/admin/api-keys?limit=1").want(t, 200, "")
		row := list.listed()[0]
		if row["id"] != id || row["last_used_at"] == nil || row["revoked_at"] != nil || list.field("next_cursor") != id {
			t.Errorf("%s", list.text)
		}
		rest := admin.get("/admin/api-keys?cursor="+id).want(t, 200, "")
		if len(rest.listed()) != 1 || rest.field("next_cursor") != nil || rest.listed()[0]["created_by"] != "cli" {
			t.Errorf("%s", rest.text)
		}
		w.clock.Advance(time.Second)
		w.administering(keysWrite).do("DELETE", "/admin/api-keys/"+id, "").want(t, 403, "insufficient_scope") // lesser than the one it would end
		admin.do("DELETE", "/admin/api-keys/"+id, "").want(t, 204, "")
		admin.do("DELETE", "/admin/api-keys/"+id, "").want(t, 404, "api_key_not_found")
		ci.get("/admin/users").want(t, 401, "api_key_invalid")
		seen := admin.get("/admin/api-keys").want(t, 200, "")
		if row := seen.listed()[1]; row["status"] != "revoked" || row["revoked_at"] == nil {
			t.Errorf("%s", seen.text)
		}
		for _, text := range append(w.rows(), w.log.String(), seen.text) {
			if strings.Contains(text, key) {
				t.Errorf("the key lies open: %.100s", text)
			}
		}
	})
}

func TestASignedInAdministratorMakesKeysOnlyWhenFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	page := w.page()
	root := page.signUp("root@example.com")
	err := w.store.Write(t.Context(), func(c *store.Conn) error {
		return c.GrantAdministrator(t.Context(), watchword.UserID(root.str("user", "id")))
	})
	if err != nil {
		t.Fatal(err)
	}
	const powerful, plain = `{"name":"root","scopes":["users:write","admins:write"]}`, `{"name":"ci","scopes":["users:write"]}`
	page.post("/admin/api-keys", powerful).want(t, 403, "csrf_missing")
	made := page.post("/admin/api-keys", powerful, page.csrf()...).want(t, 201, "")
	if made.str("api_key", "created_by") != "user:"+root.str("user", "id") {
		t.Errorf("%s", made.text)
	}
	w.clock.Advance(10*time.Minute + time.Second)
	page.post("/auth/refresh", "", page.csrf()...).want(t, 200, "") // which is no sign-in
	page.post("/admin/api-keys", powerful, page.csrf()...).want(t, 403, "fresh_sign_in_required")
	path := "/admin/api-keys/" + made.str("api_key", "id")
	page.do("DELETE", path, "", page.csrf()...).want(t, 403, "fresh_sign_in_required")
	w.administering(keysWrite, usersWrite).do("DELETE", path, "").want(t, 403, "insufficient_scope")
	page.post("/admin/api-keys", plain, page.csrf()...).want(t, 403, "fresh_sign_in_required")
	other := w.administering(keysWrite, usersWrite).post("/admin/api-keys", plain).want(t, 201, "")
	page.do("DELETE", "/admin/api-keys/"+other.str("api_key", "id"), "", page.csrf()...).want(t, 204, "")
	w.app("Authorization", "Bearer "+made.str("secret")).get("/admin/users").want(t, 403, "insufficient_scope")
	w.app("Authorization", "Bearer "+made.str("secret")).do("PATCH", "/admin/users/"+root.str("user", "id"), `{"administrator":false}`).want(t, 200, "")
}

// A key that ends makes none that goes on.
func TestTheEndOfAKeyIsAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	end := w.clock.Now().Add(time.Hour)
	bounded := w.administering(keysWrite).post("/admin/api-keys", `{"name":"b","scopes":["keys:write"],"expires_at":"`+end.Format(time.RFC3339)+`"}`).want(t, 201, "")
	holder := w.app("Authorization", "Bearer "+bounded.str("secret"))
	at := func(t time.Time) string {
		return `{"name":"c","scopes":["keys:write"],"expires_at":"` + t.Format(time.RFC3339) + `"}`
	}
	holder.post("/admin/api-keys", `{"name":"c","scopes":["keys:write"]}`).want(t, 422, "validation_failed")
	holder.post("/admin/api-keys", at(end.Add(time.Second))).want(t, 422, "validation_failed")
	holder.post("/admin/api-keys", `{"name":"c","scopes":["keys:write"],"expires_at":"0001-01-01T00:00:00Z"}`).want(t, 422, "validation_failed")
	child := holder.post("/admin/api-keys", at(end)).want(t, 201, "")
	w.clock.Advance(time.Hour)
	for _, key := range []string{bounded.str("secret"), child.str("secret")} {
		w.app("Authorization", "Bearer "+key).post("/admin/api-keys", at(end.Add(time.Hour))).want(t, 401, "api_key_invalid")
	}
}

func TestSigningKeysArePublishedBeforeTheySign(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		admin := w.administering(keysRead, keysWrite)
		before := admin.get("/admin/signing-keys").want(t, 200, "").listed()
		if len(before) != 1 || before[0]["status"] != "signing" || before[0]["expires_at"] != nil {
			t.Errorf("%v", before)
		}
		next := admin.post("/admin/signing-keys/rotate", "").want(t, 200, "")
		if again := admin.post("/admin/signing-keys/rotate", "").want(t, 200, ""); again.str("id") != next.str("id") {
			t.Errorf("sent again it makes another: %s", again.text)
		}
		set := w.app().get("/.well-known/jwks.json").want(t, 200, "").text
		if next.str("status") != "published" || !strings.Contains(set, next.str("id")) {
			t.Errorf("%s is not in %s", next.text, set)
		}
		in := w.app().signUp("ada@example.com")
		if header, _ := w.claims(in.str("access_token")); header.KeyID != before[0]["id"] {
			t.Errorf("%s signs", header.KeyID)
		}
		now := admin.post("/admin/signing-keys/rotate?now=true", "").want(t, 200, "")
		in = w.app().post("/auth/sign-in", credentials).want(t, 200, "")
		if header, _ := w.claims(in.str("access_token")); header.KeyID != now.str("id") || now.str("status") != "signing" {
			t.Errorf("%s signs, and not %s", header.KeyID, now.text)
		}
		page := admin.get("/admin/signing-keys?limit=2").want(t, 200, "")
		rest := admin.get("/admin/signing-keys?limit=2&cursor="+page.str("next_cursor")).want(t, 200, "")
		if len(page.listed()) != 2 || len(rest.listed()) != 1 || page.listed()[0]["id"] != now.str("id") || rest.listed()[0]["id"] != before[0]["id"] || rest.field("next_cursor") != nil {
			t.Errorf("%s\n%s", page.text, rest.text)
		}
		if strings.Contains(page.text+now.text, `"d"`) || strings.Contains(page.text, "sealed") {
			t.Errorf("%s", page.text)
		}
	})
}
