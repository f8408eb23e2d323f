package main

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/client"
	"watchword/internal/idempotency"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// byCLI is who makes clients in these tests.
var byCLI = watchword.Administrator{Actor: "cli"}

// registered makes a client in the database, whose page is appPage.
func (w *world) registered(typ watchword.ClientType) (id, key string) {
	w.t.Helper()
	made, secret, err := w.clients.Create(w.t.Context(), watchword.Client{
		Name: "Registered", Type: typ, RedirectURIs: []string{appPage}, Origins: []string{"https://registered.example.com"},
		Lifetimes: watchword.Lifetimes{AccessToken: time.Minute},
	}, byCLI, idempotency.Call{})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(made.ID), secret.Reveal()
}

func (w *world) rotate(id string, olderLives time.Duration) (key string) {
	w.t.Helper()
	_, secret, err := w.clients.RotateSecret(w.t.Context(), watchword.ClientID(id), olderLives, byCLI, idempotency.Call{})
	if err != nil {
		w.t.Fatal(err)
	}
	return secret.Reveal()
}

// formOf is a form with further fields.
func formOf(form url.Values, more ...string) url.Values {
	form = maps.Clone(form)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// A stranger who saw a code and does not know the secret must not take it from
// the client either.
func TestAFailedClientAuthenticationUsesNoCodeUp(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		id, key := w.registered(watchword.ClientConfidential)
		_, another := w.registered(watchword.ClientConfidential)
		code := w.pkceCode("ada@example.com", "X-Client-Id", id)
		bare := exchange(code)
		bare.Del("client_id")
		for name, c := range map[string]struct {
			form    url.Values
			headers []string
			status  int
			code    string
		}{
			"no secret":                    {formOf(bare, "client_id", id), nil, 401, "invalid_client"},
			"an empty secret":              {formOf(bare, "client_id", id, "client_secret", ""), nil, 401, "invalid_client"},
			"a wrong secret":               {formOf(bare, "client_id", id, "client_secret", key+"x"), nil, 401, "invalid_client"},
			"another client's secret":      {formOf(bare, "client_id", id, "client_secret", another), nil, 401, "invalid_client"},
			"a wrong secret by header":     {bare, basic(id, "wrong"), 401, "invalid_client"},
			"no secret by header":          {bare, basic(id, ""), 401, "invalid_client"},
			"an unknown client by header":  {bare, basic("cli_unknown", key), 401, "invalid_client"},
			"a public client by its place": {bare, basic("web", key), 401, "invalid_client"},
			"both ways at once":            {formOf(bare, "client_secret", key), basic(id, key), 400, "invalid_request"},
			"two names":                    {formOf(bare, "client_id", "web"), basic(id, key), 400, "invalid_request"},
			"no percent-encoding":          {bare, rawBasic(id, "%zz"), 400, "invalid_request"},
			"another scheme":               {formOf(bare, "client_id", id, "client_secret", key), []string{"Authorization", "Bearer " + key}, 401, "invalid_client"},
			"another client's code":        {formOf(bare, "client_id", "web"), nil, 400, "invalid_grant"},
		} {
			got := w.tokenCall(c.form, c.headers...)
			if got.status != c.status || got.str("error") != c.code {
				t.Errorf("%s: %d %s", name, got.status, got.text)
			}
			if (c.status == 401) != (got.header.Get("WWW-Authenticate") != "") {
				t.Errorf("%s: WWW-Authenticate %q", name, got.header.Get("WWW-Authenticate"))
			}
		}
		got := w.tokenCall(bare, basic(id, key)...).want(t, 200, "")
		if got.body["expires_in"] != 60.0 {
			t.Errorf("the client's own lifetime is not kept: %s", got.text)
		}
	})
}

func TestEitherOfTwoLiveSecretsRefreshes(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newTown(t, engine, unlimited)
		id, first := w.registered(watchword.ClientConfidential)
		in := w.tokenCall(formOf(exchange(w.pkceCode("ada@example.com", "X-Client-Id", id)), "client_id", id, "client_secret", first)).want(t, 200, "")
		token := in.str("refresh_token")
		refresh := func(key string, headers ...string) answer {
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {id}}
			if key != "" {
				form.Set("client_secret", key)
			}
			return w.tokenCall(form, headers...)
		}
		refused := func(got answer) {
			t.Helper()
			if got.status != 401 || got.str("error") != "invalid_client" {
				t.Errorf("%d %s", got.status, got.text)
			}
		}
		goesOn := func(got answer) {
			t.Helper()
			token = got.want(t, 200, "").str("refresh_token")
		}
		w.app().post("/auth/refresh", `{"refresh_token":"`+token+`"}`).want(t, 401, "client_auth_required")
		w.app().post("/auth/switch-account", `{"refresh_token":"`+token+`"}`).want(t, 401, "client_auth_required")
		refused(refresh(""))
		second := w.rotate(id, time.Hour)
		goesOn(refresh(first))
		goesOn(refresh("", basic(id, second)...))
		third := w.rotate(id, time.Hour)
		refused(refresh(first))
		goesOn(refresh(second))
		w.clock.Advance(time.Hour)
		refused(refresh(second))
		goesOn(refresh(third))
		fourth := w.rotate(id, 0)
		refused(refresh(third))
		goesOn(refresh(fourth))
		for _, row := range w.rows() {
			for _, key := range []string{first, second, third, fourth} {
				if strings.Contains(row, key) {
					t.Error("a secret is in the database")
				}
			}
		}
	})
}

func TestAClientOfTheSettingsHasTwoSecretsForAWhile(t *testing.T) {
	t.Parallel()
	const now, before = "p+q%r&s=t: u é and so on to thirty-two", "the one before, of thirty-two characters"
	w := newWorld(t, store.SQLite, "default_client: web\nclients:\n  - {id: web}\n"+
		"  - {id: backend, type: confidential, secret: \""+now+"\", secret_previous: \""+before+"\"}\n"+generous)
	in := w.app("X-Client-Id", "backend").signUp("ada@example.com")
	token := in.str("refresh_token")
	for _, c := range []struct {
		headers []string
		goesOn  bool
	}{
		{basic("backend", now), true},
		{rawBasic("backend", now), false}, // its + and % mean something else then
		{basic("backend", before), true},
		{basic("backend", now+before), false},
		{basic("backend", now), true},
	} {
		got := w.tokenCall(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, c.headers...)
		if !c.goesOn {
			if got.status == http.StatusOK {
				t.Errorf("a wrong secret: %s", got.text)
			}
			continue
		}
		token = got.want(t, 200, "").str("refresh_token")
	}
}

// A client that was made on one node is known on the others when it is needed, and
// one that was deleted is known nowhere any more after their next look.
func TestNodesAgreeOnClients(t *testing.T) {
	t.Parallel()
	one := newWorld(t, store.Postgres, generous)
	two := one.beside(generous)
	for _, node := range []*world{one, two} {
		node.periodic.Stop() // this test looks by itself
	}
	look := func() {
		t.Helper()
		if err := two.clients.Registry.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	id, key := one.registered(watchword.ClientPublic)
	if key != "" {
		t.Error("a public client has a secret")
	}
	signIn := `{"email":"ada@example.com","password":"` + testPassword + `"}`
	here := one.app("X-Client-Id", id).signUp("ada@example.com")
	there := two.app("X-Client-Id", id).post("/auth/sign-in", signIn).want(t, 200, "")

	if err := one.clients.Delete(t.Context(), watchword.ClientID(id), byCLI, watchword.Precondition{}); err != nil {
		t.Fatal(err)
	}
	late := two.app("X-Client-Id", id).post("/auth/sign-in", signIn).want(t, 200, "") // begun after the others have ended
	for _, session := range []answer{here, there} {
		for _, node := range []*world{one, two} {
			node.app("Authorization", "Bearer "+session.str("access_token")).get("/auth/me").want(t, 401, "session_revoked")
			node.app().post("/auth/refresh", refreshBody(session)).want(t, 401, "session_revoked")
		}
	}
	one.app("Authorization", "Bearer "+late.str("access_token")).get("/auth/me").want(t, 401, "session_revoked")
	two.app("Authorization", "Bearer "+late.str("access_token")).get("/auth/me").want(t, 200, "")
	look()
	two.app("Authorization", "Bearer "+late.str("access_token")).get("/auth/me").want(t, 401, "session_revoked")
	two.app().post("/auth/refresh", refreshBody(late)).want(t, 401, "session_revoked")
	two.app("X-Client-Id", id).post("/auth/sign-in", signIn).want(t, 404, "client_not_found")
}

// Whoever has signed in on one node is logged out by no other for what that does not
// know yet.
func TestANewClientIsGoodOnEveryNodeAtOnce(t *testing.T) {
	t.Parallel()
	one := newWorld(t, store.Postgres, generous)
	two := one.beside(generous)
	for _, node := range []*world{one, two} {
		node.periodic.Stop()
	}
	for name, call := range map[string]func(id string, in answer){
		"me": func(_ string, in answer) {
			two.app("Authorization", "Bearer "+in.str("access_token")).get("/auth/me").want(t, 200, "")
		},
		"sessions": func(_ string, in answer) {
			two.app("Authorization", "Bearer "+in.str("access_token")).get("/auth/sessions").want(t, 200, "")
		},
		"refresh": func(_ string, in answer) {
			two.app().post("/auth/refresh", refreshBody(in)).want(t, 200, "")
		},
		"refresh of a named client": func(id string, in answer) {
			two.app("X-Client-Id", id).post("/auth/refresh", refreshBody(in)).want(t, 200, "")
		},
		"second tab": func(_ string, in answer) {
			one.app().post("/auth/refresh", refreshBody(in)).want(t, 200, "")
			two.app().post("/auth/refresh", refreshBody(in)).want(t, 200, "")
		},
		"switch": func(_ string, in answer) {
			two.app().post("/auth/switch-account", refreshBody(in)).want(t, 200, "")
		},
	} {
		two.clock.Advance(time.Second) // or it is told to come back
		id, _ := one.registered(watchword.ClientPublic)
		call(id, one.app("X-Client-Id", id).signUp(strings.ReplaceAll(name, " ", ".")+"@example.com"))
	}
	two.clock.Advance(time.Second)
	id, key := one.registered(watchword.ClientConfidential)
	in := one.app("X-Client-Id", id).signUp("backend@example.com")
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {in.str("refresh_token")}}
	two.tokenCall(form, basic(id, key)...).want(t, 200, "")

	// While the database does not tell it is no 401, and nobody is logged out.
	two.clock.Advance(time.Second)
	id, key = one.registered(watchword.ClientConfidential)
	in = one.app("X-Client-Id", id).signUp("later@example.com")
	form.Set("refresh_token", in.str("refresh_token"))
	storetest.Exec(t, one.engine, one.location, "ALTER TABLE client_secrets RENAME TO away")
	bearer := []string{"Authorization", "Bearer " + in.str("access_token")}
	two.tokenCall(form, basic(id, key)...).want(t, 503, "")
	two.app(bearer...).get("/auth/me").want(t, 503, "unavailable")
	storetest.Exec(t, one.engine, one.location, "ALTER TABLE away RENAME TO client_secrets")
	two.app(bearer...).get("/auth/me").want(t, 503, "unavailable")
	two.clock.Advance(time.Second)
	two.app(bearer...).get("/auth/me").want(t, 200, "")
	two.tokenCall(form, basic(id, key)...).want(t, 200, "")
}

// A password is a way in where a client of the database alone takes it.
func TestAPasswordForARegisteredClientIsAWayIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, "default_client: web\nclients:\n  - {id: web, methods: [magic_link]}\n"+generous)
	id, _ := w.registered(watchword.ClientPublic)
	in := w.app("X-Client-Id", id).signUp("ada@example.com")
	var linked watchword.IdentityID
	link := func(subject string) {
		err := w.store.Tx(t.Context(), func(c *store.Conn) (err error) {
			linked, err = c.InsertIdentity(t.Context(), watchword.Identity{UserID: watchword.UserID(in.str("user", "id")), Provider: "gone", Issuer: "gone", Subject: subject})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	link("7")
	w.as(in, "DELETE", "/auth/identities/"+string(linked), "").want(t, 204, "")
	link("8")
	if _, err := w.clients.Update(t.Context(), watchword.ClientID(id), client.Change{Methods: &[]watchword.Method{watchword.MethodMagicLink}}, byCLI, watchword.Precondition{}); err != nil {
		t.Fatal(err)
	}
	w.as(in, "DELETE", "/auth/identities/"+string(linked), "").want(t, 409, "last_sign_in_method")
}

// One after the other: they are looked for once a second at most.
func TestClientsThatSomebodyMakesUpAreNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	for range 3 {
		id := watchword.NewID[watchword.ClientID](w.clock.Now(), rand.Reader)
		w.app("X-Client-Id", string(id)).post("/auth/sign-in", `{"email":"ada@example.com","password":"correct-horse-battery"}`).want(t, 404, "client_not_found")
	}
}

// What a node starts with is what the database has.
func TestAStartKnowsTheClientsOfTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		one := newWorld(t, engine, generous)
		id, key := one.registered(watchword.ClientConfidential)
		two := one.beside(generous)
		if !two.clients.Registry.Authenticate(watchword.ClientID(id), secret.NewString(key)) {
			t.Error("unknown to a node that starts")
		}
	})
}

func TestPagesOfARegisteredClientMayCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, unlimited)
	const page = "https://registered.example.com"
	preflight := []string{"Origin", page, "Access-Control-Request-Method", "POST"}
	w.program().do(http.MethodOptions, "/auth/sign-in", "", preflight...).want(t, 403, "cross_origin_refused")
	id, _ := w.registered(watchword.ClientPublic)
	if got := w.program().do(http.MethodOptions, "/auth/sign-in", "", preflight...); got.status != 204 || got.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("%d %v", got.status, got.header)
	}
	signUp := `{"email":"ada@example.com","password":"` + testPassword + `"}`
	w.program("Origin", page, "Sec-Fetch-Site", "cross-site").post("/auth/sign-up", signUp).want(t, 403, "cross_origin_refused")
	got := w.program("Origin", page, "Sec-Fetch-Site", "cross-site", "X-Client-Id", id).post("/auth/sign-up", signUp).want(t, 201, "")
	if got.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("its answer cannot be read: %v", got.header)
	}
	if err := w.clients.Delete(t.Context(), watchword.ClientID(id), byCLI, watchword.Precondition{}); err != nil {
		t.Fatal(err)
	}
	w.program().do(http.MethodOptions, "/auth/sign-in", "", preflight...).want(t, 403, "cross_origin_refused")
}
