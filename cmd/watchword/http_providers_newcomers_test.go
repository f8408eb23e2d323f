package main

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/upstream/upstreamtest"
)

func TestAnInviteRidesThroughAProvider(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "sign_up: {mode: invite_only}\n", func(t *testing.T, w *abroad) {
		host := w.hosting("host@example.com")
		invited := func(email string, delivery watchword.Delivery) link {
			return w.invite(host, email, delivery, account.Return{})
		}
		come := func(provider string, l link, who upstreamtest.User) answer {
			return w.come(w.person(), provider, url.Values{"invite_token": {l.Token()}}, who, namesJSON...)
		}
		wantRefused(t, "without", w.come(w.person(), "acme", nil, as("20", "mailed@example.com"), namesJSON...), 403, "signup_disabled")

		mailed := invited("mailed@example.com", watchword.DeliverMail)
		before := w.standing()
		wantRefused(t, "another address", come("acme", mailed, ada()), 409, "invite_email_mismatch")
		wantRefused(t, "no address", come("acme", mailed, upstreamtest.User{Subject: "21"}), 409, "invite_email_mismatch")
		if diff := cmp.Diff(before, w.standing()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
		// Who reads the mailbox has proven it, whatever the provider's word is worth.
		got := come("forge", mailed, as("22", "mailed@example.com")).want(t, 200, "")
		if got.body["is_new_user"] != true || got.body["user"].(map[string]any)["email_verified"] != true || got.str("account", "id") != host.str("account", "id") || got.str("account", "role") != "member" {
			t.Errorf("%s", got.text)
		}
		b := w.person()
		b.get(ways["OAuth"].to("acme", url.Values{"invite_token": {mailed.Token()}}), namesJSON...).want(t, 410, "token_used")

		handed := invited("handed@example.com", watchword.DeliverLink)
		got = come("forge", handed, as("23", "handed@example.com")).want(t, 200, "")
		if got.body["is_new_user"] != true || got.body["user"].(map[string]any)["email_verified"] != false || got.str("account", "id") != host.str("account", "id") || got.str("next") != "verify_email" {
			t.Errorf("%s", got.text)
		}
		handed = invited("proven@example.com", watchword.DeliverLink)
		got = come("acme", handed, as("24", "proven@example.com")).want(t, 200, "")
		if got.body["user"].(map[string]any)["email_verified"] != true || got.str("account", "id") != host.str("account", "id") {
			t.Errorf("%s", got.text)
		}

		// By code, the session stands in the account of the invite as well.
		coded := invited("coded@example.com", watchword.DeliverMail)
		_, with := w.come(w.person(), "acme", plus(byCode(), "invite_token", coded.Token()), as("25", "coded@example.com")).led(t)
		if got := w.me(w.tokenCall(exchange(with.Get("code"))).want(t, 200, "")); got.str("account", "id") != host.str("account", "id") {
			t.Errorf("%s", got.text)
		}
		// Revoked on the way.
		late := invited("late@example.com", watchword.DeliverMail)
		b = w.person()
		callback := w.back(b.leave("acme", url.Values{"invite_token": {late.Token()}}), as("26", "late@example.com"))
		w.revoke(host, late)
		wantRefused(t, "revoked", b.get(callback, namesJSON...), 410, "invite_revoked")
	})
}

// hosting is somebody with an account, where nobody may sign up.
func (w *abroad) hosting(email string) answer {
	w.t.Helper()
	var made account.Created
	err := w.store.Tx(w.t.Context(), func(c *store.Conn) (err error) {
		made, err = account.Create(w.t.Context(), c, rand.Reader, watchword.Origin{}, account.NewUser{Address: email, VerifiedAt: c.Now()})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{body: map[string]any{
		"user": map[string]any{"id": string(made.UserID)}, "account": map[string]any{"id": string(made.Account.ID)},
	}}
}

func TestSignUpModesHoldForProviders(t *testing.T) {
	t.Parallel()
	for mode, open := range map[string]bool{"open": true, "invite_only": false, "closed": false} {
		t.Run(mode, func(t *testing.T) {
			w := newAbroad(t, store.SQLite, "sign_up: {mode: "+mode+"}\n")
			before := w.standing()
			for _, provider := range []string{"acme", "forge"} {
				for _, query := range []url.Values{nil, byCode(), byCookie()} {
					got := w.come(w.person(), provider, query, as("of "+provider, provider+"@example.com"), namesJSON...)
					if open {
						if got.status != 200 && got.status != 303 {
							t.Errorf("%s: %d %s", provider, got.status, got.text)
						}
						continue
					}
					wantRefused(t, mode, got, 403, "signup_disabled")
				}
			}
			if diff := cmp.Diff(before, w.standing()); diff != "" && !open {
				t.Errorf("something was written:\n%s", diff)
			}
		})
	}
}

func TestNobodyWhoIsDisabledComesInByAProvider(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		w.in("acme", ada())
		w.member("eve@example.com")
		w.settled()
		b := w.person()
		code := func() string {
			_, with := w.come(w.person(), "acme", byCode(), ada()).led(t)
			return with.Get("code")
		}()
		callback := w.back(b.leave("acme", nil), ada()) // who is on their way
		w.alter("UPDATE users SET status = 'disabled'")
		before := w.standing()
		for name, got := range map[string]answer{
			"on the way":              b.get(callback, namesJSON...),
			"known":                   w.come(w.person(), "acme", byCookie(), ada(), namesJSON...),
			"by code":                 w.come(w.person(), "acme", byCode(), ada(), namesJSON...),
			"to be linked by address": w.come(w.person(), "acme", nil, as("8", "eve@example.com"), namesJSON...),
		} {
			wantRefused(t, name, got, 403, "user_disabled")
		}
		page := w.come(w.person(), "acme", byCookie(), ada()).want(t, 403, "")
		if diff := cmp.Diff(before, w.standing()); diff != "" || !strings.Contains(page.text, "This account is disabled") {
			t.Errorf("%s\n%s", page.text, diff)
		}
		if got := w.tokenCall(exchange(code)); got.str("error") != "invalid_grant" {
			t.Errorf("a code of before: %s", got.text)
		}
		if n := len(slices.DeleteFunc(w.told(watchword.EventSignInFailed), func(e string) bool { return !strings.Contains(e, "user_disabled") })); n != 5 {
			t.Errorf("%d events", n)
		}
	})
}

// A new user of an untrusted provider has proven nothing; one of a trusted one has.
func TestANewUserIsVerifiedByATrustedProviderAlone(t *testing.T) {
	t.Parallel()
	onEachAbroad(t, "", func(t *testing.T, w *abroad) {
		for provider, c := range map[string]struct {
			verified bool
			next     any
		}{"acme": {true, nil}, "forge": {false, "verify_email"}, "other": {false, "verify_email"}} {
			b := w.person()
			got := w.come(b, provider, nil, as("9", provider+"@example.com"), namesJSON...).want(t, 200, "")
			if got.body["is_new_user"] != true || got.body["user"].(map[string]any)["email_verified"] != c.verified || got.body["next"] != c.next {
				t.Errorf("%s: %s", provider, got.text)
			}
			if !c.verified { // the mail is theirs: their own browser verifies by it at once
				l := w.linkIn(got, provider+"@example.com")
				b.get(l.query()).want(t, 200, "")
				if me := w.me(got); me.body["user"].(map[string]any)["email_verified"] != true {
					t.Errorf("%s: %s", provider, me.text)
				}
			}
		}
	})
}
