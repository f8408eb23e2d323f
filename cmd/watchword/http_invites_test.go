package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestInvitesAreMadeListedResentAndRevoked(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		ada := w.proven("ada@example.com")
		invites := ada.accountPath() + "/invites"
		mailed := w.as(ada, "POST", invites, `{"email":" Grace@Example.com"}`).want(t, 201, "")
		ends := w.clock.Now().Add(7 * 24 * time.Hour).Format(time.RFC3339)
		want := map[string]any{"id": mailed.str("id"), "email": "grace@example.com", "role": "member", "status": "pending", "expires_at": ends}
		if diff := cmp.Diff(want, mailed.body); diff != "" {
			t.Error(diff)
		}
		w.clock.Advance(time.Minute)
		handed := w.as(ada, "POST", invites, `{"email":"grace@example.com","role":"admin","deliver":"link","locale":"de"}`).want(t, 201, "")
		link, err := url.Parse(handed.str("accept_url"))
		if err != nil || link.Scheme+"://"+link.Host != w.url || link.Path != "/auth/accept-invite" || !strings.HasPrefix(link.Query().Get("token"), "otk_") {
			t.Errorf("%s", handed.text)
		}
		list := w.as(ada, "GET", invites, "").want(t, 200, "")
		if ids := list.ids(); len(ids) != 2 || ids[0] != handed.str("id") || ids[1] != mailed.str("id") || strings.Contains(list.text, "otk_") {
			t.Errorf("%s", list.text)
		}
		page := w.as(ada, "GET", invites+"?limit=1", "").want(t, 200, "")
		if rest := w.as(ada, "GET", invites+"?limit=1&cursor="+page.str("next_cursor"), "").want(t, 200, ""); len(rest.ids()) != 1 || rest.ids()[0] != mailed.str("id") {
			t.Errorf("%s", rest.text)
		}

		again := w.as(ada, "POST", invites+"/"+handed.str("id")+"/resend", "").want(t, 202, "")
		if again.str("id") != handed.str("id") || again.str("accept_url") != "" || again.str("status") != "pending" {
			t.Errorf("%s", again.text)
		}
		w.as(ada, "DELETE", invites+"/"+mailed.str("id"), "").want(t, 204, "")
		w.as(ada, "DELETE", invites+"/"+mailed.str("id"), "").want(t, 409, "invite_not_pending")
		w.clock.Advance(time.Minute)
		w.as(ada, "POST", invites+"/"+mailed.str("id")+"/resend", "").want(t, 409, "invite_not_pending")
		w.clock.Advance(7 * 24 * time.Hour)
		ada = w.app().post("/auth/sign-in", credentials).want(t, 200, "")
		statuses := map[any]any{}
		for _, row := range w.as(ada, "GET", invites, "").want(t, 200, "").body["data"].([]any) {
			statuses[row.(map[string]any)["id"]] = row.(map[string]any)["status"]
		}
		if statuses[mailed.body["id"]] != "revoked" || statuses[handed.body["id"]] != "expired" {
			t.Errorf("%v", statuses)
		}
	})
}

func TestInvitesNeedARoleAndAVerifiedAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	ada, bob, eve := w.proven("ada@example.com"), w.proven("bob@example.com"), w.app().signUp("eve@example.com")
	w.joins(bob, ada, watchword.RoleMember)
	invites := ada.accountPath() + "/invites"
	w.as(bob, "GET", invites, "").want(t, 403, "insufficient_role")
	w.as(bob, "POST", invites, `{"email":"new@example.com"}`).want(t, 403, "insufficient_role")
	w.as(eve, "POST", eve.accountPath()+"/invites", `{"email":"new@example.com"}`).want(t, 403, "email_unverified")
	w.as(ada, "POST", invites, `{"email":"BOB@example.com"}`).want(t, 409, "already_member")
	w.as(ada, "PATCH", w.memberPath(ada, bob), `{"role":"admin"}`).want(t, 200, "")
	w.as(bob, "POST", invites, `{"email":"new@example.com","role":"owner"}`).want(t, 403, "insufficient_role")
	w.as(bob, "POST", invites, `{"email":"new@example.com","role":"admin"}`).want(t, 201, "")
	w.as(bob, "POST", invites, `{"email":"new@example.com","deliver":"link"}`).want(t, 201, "")
	w.as(bob, "POST", invites, `{"email":"new@example.com"}`).want(t, 429, "rate_limited") // within a minute
}

// Where accepting leads to is for the client that is named to say, else for that
// of the session.
func TestInvitesLeadBackToWhatTheirClientLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous+`
default_client: web
clients:
  - {id: web, name: Web, type: public, redirect_uris: ["https://app.example.com/in"]}
  - {id: blog, name: Blog, type: public, redirect_uris: ["https://blog.example.com/in"]}
`)
	ada := w.proven("ada@example.com")
	invite := func(more string, headers ...string) answer {
		body := `{"email":"new@example.com","deliver":"link"` + more + `}`
		return w.app().do("POST", ada.accountPath()+"/invites", body, append(headers, bearerOf(ada)...)...)
	}
	web, blog := `,"redirect_uri":"https://app.example.com/in"`, `,"redirect_uri":"https://blog.example.com/in"`
	challenge := `,"code_challenge":"` + strings.Repeat("a", 43) + `"`
	invite(web+challenge+`,"state":"s"`).want(t, 201, "")
	invite(blog).want(t, 400, "redirect_uri_not_allowed")
	invite(blog, "X-Client-Id", "blog").want(t, 201, "")
	invite(web, "X-Client-Id", "blog").want(t, 400, "redirect_uri_not_allowed")
	invite(web, "X-Client-Id", "nobody").want(t, 404, "client_not_found")
	for more, field := range map[string]string{
		`,"state":"s"`: "redirect_uri", challenge: "redirect_uri", web + `,"code_challenge":"short"`: "code_challenge",
	} {
		got := invite(more).want(t, 422, "validation_failed")
		if list, _ := got.body["errors"].([]any); len(list) != 1 || list[0].(map[string]any)["field"] != field {
			t.Errorf("%s: %s", more, got.text)
		}
	}
}

// Neither an invite nor an added address tells who has an address, whatever
// the setting: there is nothing to look up.
func TestInvitesAndAddedAddressesAnswerAlikeForEveryAddress(t *testing.T) {
	t.Parallel()
	for _, discovery := range []string{"open", "private"} {
		t.Run(discovery, func(t *testing.T) {
			t.Parallel()
			storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
				w := newWorld(t, engine, generous+"account_discovery: "+discovery)
				known := []string{"eve@example.com", "bob@example.com", "nobody@example.com"}
				for _, email := range append([]string{"ada@example.com"}, known[:2]...) {
					if discovery == "private" {
						w.privateUser(email)
					} else {
						w.app().signUp(email)
					}
				}
				ada := w.app().post("/auth/sign-in", credentials).want(t, 200, "")
				w.verifies(ada)
				for name, path := range map[string]string{"invite": ada.accountPath() + "/invites", "address": "/auth/emails"} {
					var first map[string]any
					var firstWork map[string]int
					for i, email := range known {
						w.settled()
						before := w.work()
						got := w.as(ada, "POST", path, `{"email":"`+email+`"}`).want(t, 201, "")
						got.text = strings.NewReplacer(got.str("id"), "", email, "").Replace(got.text)
						got.header.Del("Content-Length")
						w.settled()
						done := w.work()
						for k := range done {
							done[k] -= before[k]
						}
						if i == 0 {
							first, firstWork = got.face(), done
							continue
						}
						if diff := cmp.Diff(first, got.face()); diff != "" {
							t.Errorf("%s answers otherwise for %s:\n%s", name, email, diff)
						}
						if diff := cmp.Diff(firstWork, done); diff != "" {
							t.Errorf("%s does other work for %s:\n%s", name, email, diff)
						}
					}
				}
			})
		})
	}
}
