package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"watchword"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

var requestIDs = regexp.MustCompile(`"request_id":"[0-9a-f]+"`)

// loginIDs are of one mail each.
var loginIDs = regexp.MustCompile(`"login_id":"lgn_[\w-]{43}"`)

var bindingCookies = regexp.MustCompile(`__Host-link_[0-9a-f]{12}=[\w-]{43}`)

// face is what an answer shows, but for what is different in any two answers.
func (a answer) face() map[string]any {
	header := a.header.Clone()
	header.Del("X-Request-Id")
	header.Del("Date")
	for i, cookie := range header["Set-Cookie"] {
		header["Set-Cookie"][i] = bindingCookies.ReplaceAllString(cookie, "bound")
	}
	return map[string]any{"status": a.status, "header": header, "body": loginIDs.ReplaceAllString(requestIDs.ReplaceAllString(a.text, ""), "")}
}

// work is what the server has done so far: hashes, pauses and rows by table.
func (w *world) work() map[string]int {
	w.t.Helper()
	done := map[string]int{}
	metrics := w.program().get("/metrics", "Authorization", "Bearer "+w.apiKey(watchword.ScopeMetricsRead)).want(w.t, 200, "").text
	_, rest, _ := strings.Cut(metrics, "\nwatchword_hash_done_total ")
	number, _, _ := strings.Cut(rest, "\n")
	done["hashes"], _ = strconv.Atoi(number)
	for _, row := range w.rows() {
		table, _, _ := strings.Cut(row, ":")
		done[table]++
	}
	done["pauses"] = int(w.pauses.Load())
	delete(done, "api_keys")
	delete(done, "events") // the keys of this function itself are events
	return done
}

// Under private discovery nothing that a stranger can see, count or measure tells
// whether an address has an account.
func TestPrivateDiscoveryAnswersAlikeForEveryAddress(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous+"account_discovery: private")
		w.privateUser("ada@example.com")
		w.privateUser("eve@example.com")
		w.privateUser("ivy@example.com")
		imported, err := bcrypt.GenerateFromPassword([]byte(testPassword), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		w.alter("UPDATE users SET password_hash = '" + string(imported) + "' WHERE id = (SELECT user_id FROM emails WHERE address = 'ivy@example.com')")
		w.alter("UPDATE users SET status = 'disabled' WHERE id = (SELECT user_id FROM emails WHERE address = 'eve@example.com')")
		calls := map[string]func(email string) answer{
			"sign-up":          func(e string) answer { return w.app().post("/auth/sign-up", signUpBody(e, `"name":"Test Person"`)) },
			"sign-up, cookies": func(e string) answer { return w.page().post("/auth/sign-up", signUpBody(e, `"name":"X"`)) },
			"weak sign-up":     func(e string) answer { return w.app().post("/auth/sign-up", `{"email":"`+e+`","password":"short"}`) },
			"wrong password": func(e string) answer {
				defer func(before int64) {
					if w.pauses.Load() != before+1 {
						t.Error("the failure came when it was ready")
					}
				}(w.pauses.Load())
				return w.app().post("/auth/sign-in", `{"email":"`+e+`","password":"a wrong one"}`)
			},
			"check-email":   func(e string) answer { return w.app().post("/auth/check-email", withFields(e, "")).want(t, 200, "") },
			"login-methods": func(e string) answer { return w.app().post("/auth/login-methods", withFields(e, "")).want(t, 200, "") },
			"magic link":    func(e string) answer { return w.app().post("/auth/send-magic-link", withFields(e, "")) },
			"magic link for members": func(e string) answer {
				return w.page().post("/auth/send-magic-link", withFields(e, `"create_user":false`))
			},
			"magic link, too soon": func(e string) answer {
				w.app().post("/auth/send-magic-link", withFields(e, "")).want(t, 202, "")
				return w.app().post("/auth/send-magic-link", withFields(e, "")).want(t, 429, "rate_limited")
			},
			"password reset": func(e string) answer { return w.app().post("/auth/send-password-reset", withFields(e, "")) },
			"password reset, again": func(e string) answer { // voids the older link
				return w.app().post("/auth/send-password-reset", withFields(e, ""))
			},
			"wrong code": func(e string) answer {
				sent := w.app().post("/auth/send-magic-link", withFields(e, `"create_user":false`)).want(t, 202, "")
				return w.app().post("/auth/sign-in/token", `{"login_id":"`+sent.str("login_id")+`","code":"000000x"}`).want(t, 400, "token_invalid")
			},
			"one code too many": func(e string) answer {
				sent := w.app().post("/auth/send-magic-link", withFields(e, `"create_user":false`)).want(t, 202, "")
				wrong := `{"login_id":"` + sent.str("login_id") + `","code":"000000x"}`
				for range 5 {
					w.app().post("/auth/sign-in/token", wrong).want(t, 400, "token_invalid")
				}
				return w.app().post("/auth/sign-in/token", wrong).want(t, 410, "token_used")
			},
		}
		for name, call := range calls {
			w.clock.Advance(time.Minute) // past the last mail
			var first map[string]any
			var firstWork map[string]int
			for i, email := range []string{"ada@example.com", "eve@example.com", "ivy@example.com", "nobody-" + strconv.Itoa(len(name)) + "@example.com"} {
				before := w.work()
				got := call(email)
				w.settled()
				done := w.work()
				for k := range done {
					done[k] -= before[k]
				}
				delete(done, "inbox_messages") // what the reader of the mailbox alone would see
				for _, theirs := range []string{"users", "emails", "accounts", "memberships", "one_time_tokens"} {
					if strings.Contains(name, "sign-up") {
						delete(done, theirs) // what an unknown address gets, and nobody sees
					}
				}
				if i == 0 {
					first, firstWork = got.face(), done
					continue
				}
				if diff := cmp.Diff(first, got.face()); diff != "" {
					t.Errorf("%s answers %s otherwise:\n%s", name, email, diff)
				}
				if diff := cmp.Diff(firstWork, done); diff != "" {
					t.Errorf("%s does other work for %s:\n%s", name, email, diff)
				}
			}
		}
	})
}

// privateUser signs somebody up, who signs in once the address is verified.
func (w *world) privateUser(email string) {
	w.t.Helper()
	got := w.app().post("/auth/sign-up", signUpBody(email, `"name":"Test Person"`)).want(w.t, http.StatusAccepted, "")
	if got.text != "{\"status\":\"check_email\"}\n" || len(got.header.Values("Set-Cookie")) != 1 {
		w.t.Fatalf("%s %q", got.text, got.header.Values("Set-Cookie"))
	}
	w.settled()
	signIn := fmt.Sprintf(`{"email":%q,"password":%q}`, email, testPassword)
	// Not yet: it would tell that the address was free.
	w.app().post("/auth/sign-in", signIn).want(w.t, 401, "invalid_credentials")
	w.alter("UPDATE emails SET verified_at = created_at WHERE address = '" + email + "'")
	w.app().post("/auth/sign-in", signIn).want(w.t, 200, "")
}

// The refusals that come by counting come alike, too.
func TestWrongPasswordsAreCountedAlikeForKnownAndUnknownAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	w.app().signUp("ada@example.com")
	for range 7 {
		known := w.app().post("/auth/sign-in", `{"email":"ada@example.com","password":"a wrong one"}`)
		unknown := w.app().post("/auth/sign-in", `{"email":"nobody@example.com","password":"a wrong one"}`)
		if diff := cmp.Diff(known.face(), unknown.face()); diff != "" {
			t.Fatal(diff)
		}
	}
	w.app().post("/auth/sign-in", credentials).want(t, 429, "rate_limited")
}
