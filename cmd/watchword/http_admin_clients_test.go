package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

const clientsRead, clientsWrite = watchword.ScopeClientsRead, watchword.ScopeClientsWrite

// twoInSettings are clients that nobody changes over HTTP.
const twoInSettings = "default_client: web\nclients:\n  - {id: web, name: Web}\n" +
	"  - {id: backend, type: confidential, secret: \"a secret of the settings, long enough\"}\n"

func TestAClientIsAdministeredFromTheBeginningToTheEnd(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous+twoInSettings)
		admin := w.administering(clientsRead, clientsWrite)
		const shop = `{"name":"Shop","type":"public","redirect_uris":["https://shop.example.com/in"],"origins":["https://shop.example.com"],` +
			`"methods":["password"],"lifetimes":{"access_token":60}}`
		made := admin.post("/admin/clients", shop).want(t, 201, "")
		id := made.str("client", "id")
		path := "/admin/clients/" + id
		if made.field("secret") != nil || made.str("client", "source") != "database" || made.header.Get("ETag") == "" {
			t.Errorf("%v %s", made.header, made.text)
		}
		// It signs people in at once, with what is its own.
		in := w.app("X-Client-Id", id).signUp("ada@example.com")
		if in.body["expires_in"] != 60.0 {
			t.Errorf("%s", in.text)
		}
		w.app("X-Client-Id", id, "Origin", "https://shop.example.com").post("/auth/sign-in", credentials).want(t, 200, "")

		seen := admin.get(path).want(t, 200, "")
		changed := admin.do("PATCH", path, `{"name":"Store","origins":[],"lifetimes":{}}`, "If-Match", seen.header.Get("ETag")).want(t, 200, "")
		lifetimes, _ := changed.field("lifetimes").(map[string]any)
		if changed.str("name") != "Store" || changed.header.Get("ETag") == seen.header.Get("ETag") || len(lifetimes) != 0 ||
			len(changed.field("origins").([]any)) != 0 || len(changed.field("redirect_uris").([]any)) != 1 {
			t.Errorf("%s", changed.text)
		}
		admin.do("PATCH", path, `{"name":"Mine"}`, "If-Match", seen.header.Get("ETag")).want(t, 412, "precondition_failed")
		admin.do("DELETE", path, "", "If-Match", seen.header.Get("ETag")).want(t, 412, "precondition_failed")
		admin.do("PATCH", path, `{"type":"confidential"}`).want(t, 422, "validation_failed")
		admin.do("PATCH", path, `{"redirect_uris":["javascript:alert(1)"]}`).want(t, 422, "validation_failed")
		admin.post(path+"/rotate-secret", "").want(t, 409, "client_not_confidential")
		if in := w.app("X-Client-Id", id).post("/auth/sign-in", credentials).want(t, 200, ""); in.body["expires_in"] != 600.0 {
			t.Errorf("%s", in.text)
		}

		admin.do("DELETE", path, "", "If-Match", changed.header.Get("ETag")).want(t, 204, "")
		admin.get(path).want(t, 404, "client_not_found")
		w.app("Authorization", "Bearer "+in.str("access_token")).get("/auth/me").want(t, 401, "session_revoked")
		w.app("X-Client-Id", id).post("/auth/sign-in", credentials).want(t, 404, "client_not_found")
	})
}

func TestClientsOfTheSettingsAreShownAndLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+twoInSettings)
	admin := w.administering(clientsRead, clientsWrite)
	var made []string
	for range 2 {
		w.clock.Advance(time.Second)
		made = append(made, admin.post("/admin/clients", `{"name":"Shop","type":"public"}`).want(t, 201, "").str("client", "id"))
	}
	var got []string
	for next := ""; ; {
		page := admin.get("/admin/clients?limit=1"+next).want(t, 200, "")
		for _, row := range page.listed() {
			got = append(got, row["id"].(string)+" "+row["source"].(string))
		}
		if page.field("next_cursor") == nil {
			break
		}
		next = "&cursor=" + url.QueryEscape(page.str("next_cursor"))
	}
	if want := "web settings, backend settings, " + made[1] + " database, " + made[0] + " database"; strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	admin.get("/admin/clients?cursor=nobody").want(t, 422, "validation_failed")
	one := admin.get("/admin/clients/backend").want(t, 200, "")
	if one.field("created_at") != nil || one.header.Get("ETag") != "" || strings.Contains(one.text, "a secret of the settings") {
		t.Errorf("%v %s", one.header, one.text)
	}
	admin.do("PATCH", "/admin/clients/backend", `{"name":"Mine"}`).want(t, 409, "client_in_settings")
	admin.do("PATCH", "/admin/clients/backend", `{"name":"Mine"}`, "If-Match", `"x"`).want(t, 409, "client_in_settings")
	admin.do("DELETE", "/admin/clients/backend", "").want(t, 409, "client_in_settings")
	admin.post("/admin/clients/backend/rotate-secret", "").want(t, 409, "client_in_settings")
}

func TestAClientsSecretIsShownOnceAndToTheCallThatIsSentAgain(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		admin := w.administering(clientsRead, clientsWrite)
		const body = `{"name":"Backend","type":"confidential","redirect_uris":["` + appPage + `"]}`
		key := func(k string) []string { return []string{"Idempotency-Key", k} }
		made := admin.post("/admin/clients", body, key("c")...).want(t, 201, "")
		id, first := made.str("client", "id"), made.str("secret")
		if again := admin.post("/admin/clients", body, key("c")...).want(t, 201, ""); again.str("secret") != first || again.str("client", "id") != id || !strings.HasPrefix(first, "wcs_") {
			t.Errorf("%s\n%s", made.text, again.text)
		}
		admin.post("/admin/clients", strings.Replace(body, "Backend", "Another", 1), key("c")...).want(t, 409, "idempotency_key_reused")
		w.administering(clientsWrite).post("/admin/clients", `{"name":"Other","type":"public"}`, key("c")...).want(t, 201, "") // another caller's key

		in := w.tokenCall(formOf(exchange(w.pkceCode("ada@example.com", "X-Client-Id", id)), "client_id", id, "client_secret", first)).want(t, 200, "")
		token := in.str("refresh_token")
		refreshes := func(secret string, want int) {
			t.Helper()
			got := w.tokenCall(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {id}, "client_secret": {secret}}).want(t, want, "")
			if want == 200 {
				token = got.str("refresh_token")
			}
		}
		rotate := "/admin/clients/" + id + "/rotate-secret"
		second := admin.post(rotate, "", key("r")...).want(t, 200, "").str("secret")
		if again := admin.post(rotate, "", key("r")...).want(t, 200, "").str("secret"); again != second || second == first {
			t.Error("another secret than the first time")
		}
		admin.post(rotate+"?revoke_old=true", "", key("r")...).want(t, 409, "idempotency_key_reused")
		refreshes(first, 200)
		refreshes(second, 200)
		w.clock.Advance(24 * time.Hour)
		refreshes(first, 401)
		third := admin.post(rotate+"?revoke_old=true", "").want(t, 200, "").str("secret")
		refreshes(second, 401)
		refreshes(third, 200)
		seen := admin.get("/admin/clients/"+id).want(t, 200, "").text + admin.get("/admin/clients").want(t, 200, "").text
		for _, text := range append(w.rows(), w.log.String(), seen) {
			for _, secret := range []string{first, second, third} {
				if strings.Contains(text, secret) {
					t.Errorf("a secret lies open: %.100s", text)
				}
			}
		}
	})
}

func TestAClientThatWasMadeOverHTTPIsKnownOnEveryNodeWithinSeconds(t *testing.T) {
	t.Parallel()
	one := newWorld(t, store.Postgres, generous)
	two := one.beside(generous)
	two.periodic.Stop() // this test looks by itself
	admin := one.administering(clientsRead, clientsWrite)
	id := admin.post("/admin/clients", `{"name":"Shop","type":"public"}`).want(t, 201, "").str("client", "id")
	one.app("X-Client-Id", id).signUp("ada@example.com")
	for _, task := range two.periodic.Tasks {
		if task.Name != "clients" {
			continue
		}
		if task.Every > 5*time.Second {
			t.Errorf("it looks every %v", task.Every)
		}
		if err := task.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	two.app("X-Client-Id", id).post("/auth/sign-in", credentials).want(t, 200, "")
}
