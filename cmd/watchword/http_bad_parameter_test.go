package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// Headers, queries and paths, of every operation that reads any. On Postgres,
// too: what it does not take must not reach it.
func TestParametersThatAreWrongAreNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		w := newWorld(t, engine, generous)
		who := w.everybody("ada@example.com")
		w.app().get("/admin/events", "Authorization", "Bearer "+who.key).want(t, 200, "") // marks the key as used
		before := w.rows()
		for _, o := range operations(t) {
			for _, p := range o.Parameters {
				for value, want := range badParameters(o, p.Value) {
					got := w.call(who, o, p.Value, value)
					if want.field == "" {
						want.field = p.Value.Name
					}
					if want.fault(got) != "" {
						t.Errorf("%s, %s %q: %s: %d %s", o.OperationID, p.Value.Name, value, want.fault(got), got.status, got.text)
					}
				}
			}
		}
		if diff := cmp.Diff(before, w.rows()); diff != "" {
			t.Errorf("something was written:\n%s", diff)
		}
	})
}

// call calls the operation with this value of the parameter, as it stands.
func (w *world) call(who everybody, o describedOperation, p *openapi3.Parameter, value string) answer {
	w.t.Helper()
	r := w.request(o.method, o.at("x"), o.minimal(w.t), who.credential(o)...)
	switch p.In {
	case "header":
		r.Header[p.Name] = []string{value}
	case "query":
		r.URL.RawQuery = value
		if !strings.Contains(value, "=") {
			r.URL.RawQuery = p.Name + "=" + value
		}
	case "path":
		r = w.request(o.method, o.at(value), o.minimal(w.t), append(who.credential(o), "Accept", "application/json")...)
		if o.form() != nil {
			setBody(r, "state=x")
			r.Header.Set("Content-Type", formType)
		}
	}
	return w.app().send(r)
}

// missing is what an operation says of an id that nothing has.
func (o describedOperation) missing() string {
	for prefix, code := range map[string]string{
		"/auth/sessions/": "session_not_found", "/auth/emails/": "email_not_found", "/accounts/": "account_not_found",
		"/auth/identities/": "identity_not_found", "/auth/{provider}/": "provider_not_found", "/oauth2/callback/": "provider_not_found",
		"/admin/users/": "user_not_found", "/admin/accounts/": "account_not_found", "/admin/sessions/": "session_not_found",
		"/admin/invites/": "invite_not_found", "/admin/clients/": "client_not_found", "/admin/api-keys/": "api_key_not_found",
		"/admin/mail/": "mail_not_found",
	} {
		if strings.HasPrefix(o.path, prefix) {
			return code
		}
	}
	return "a new sort of id: tell this function what is said of one that nothing has"
}

func badParameters(o describedOperation, p *openapi3.Parameter) map[string]badValue {
	list := map[string]badValue{}
	unprocessable := func(code string, values ...string) {
		for _, value := range values {
			list[value] = badValue{status: 422, code: code}
		}
	}
	s := p.Schema.Value
	if s.MaxLength != nil && p.Name != "cursor" {
		unprocessable("too_long", strings.Repeat("x", int(*s.MaxLength)+1))
	}
	if len(s.Enum) > 0 {
		unprocessable("not_allowed", "x", strings.ToUpper(s.Enum[0].(string)))
		if p.In == "query" {
			unprocessable("not_allowed", "%20"+s.Enum[0].(string)+",")
		} else {
			unprocessable("not_allowed", " "+s.Enum[0].(string)+",", "\xff")
		}
	}
	if s.Type.Is("integer") {
		unprocessable("out_of_range", "0", "-1", strconv.Itoa(int(*s.Max)+1), "9223372036854775807")
		unprocessable("wrong_type", "abc", "1.5", "1e1", "0x10", "1,2", "9223372036854775808", "%20", "+1%20")
	}
	if s.Type.Is("boolean") {
		unprocessable("wrong_type", "x", "2", "yes", "%20")
	}
	if s.Format == "date-time" {
		unprocessable("invalid", "yesterday", "2026-01-02", "1795427218", "2026-13-01T00:00:00Z", "2026-01-02T03:04:05", "2026-01-02%2003:04:05Z")
	}
	switch p.In {
	case "query":
		for _, value := range []string{"%00", "a%00b", "%ff", "%c0%80", "%ed%a0%80", p.Name + "=%zz", p.Name + "=1&" + p.Name + "=1", p.Name + "=1;x=2", "x=%zz"} {
			list[value] = badValue{status: 400, code: "bad_request"}
		}
	case "path":
		list["%00"] = badValue{status: 400, code: "bad_request"}
		list["%ff"] = badValue{status: 400, code: "bad_request"}
		if p.Name == "feature" {
			unprocessable("invalid", "%20", "'", "Beta", ".beta", "-beta", "be%20ta", "b%C3%A4ta", "beta%2Fx", "beta%0A", "a:b")
			break
		}
		for _, value := range []string{"ses_x", "%20", "'", "ses_00000000000000000000000000"} {
			list[value] = badValue{status: 404, code: o.missing()}
		}
	}
	switch p.Name {
	case "cursor":
		unprocessable("invalid", "x", "evt_", "usr_00000000000000000000000000", "evt_0000000000000000000000000!", "EVT_00000000000000000000000000",
			"ses_0000000000000000000000000", strings.Repeat("x", 30))
		unprocessable("too_long", strings.Repeat("x", int(*s.MaxLength)+1))
		if o.path == "/admin/users" { // where it is one
			delete(list, "usr_00000000000000000000000000")
		}
	case "If-Match":
		unprocessable("invalid", "x", "\"", "\xff", "*, \"x\"", "\"x\" \"y\"")
	case "Idempotency-Key":
		unprocessable("invalid", "a b", "ä", "\xff")
	case "grace":
		unprocessable("invalid", "x", "1w", "-1h", "1", "12345d", "1h30m")
		unprocessable("out_of_range", "366d", "9999h")
	case "X-Client-Id":
		for _, value := range []string{"nobody", "WEB", "web,web", "\xff", "ä", "'"} {
			list[value] = badValue{status: 404, code: "client_not_found"}
		}
	case "X-End-User-IP":
		for _, value := range []string{"x", "1.2.3", "1.2.3.4:5", "1.2.3.4, 5.6.7.8", "[::1]", "\xff"} {
			list[value] = badValue{status: 400, code: "end_user_ip_invalid"}
		}
	}
	return list
}

// What a caller may send and nobody reads does not stand in the way.
func TestHeadersThatNobodyReadsAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	who := w.everybody("ada@example.com")
	for name, value := range map[string]string{
		"Accept": "text/html", "Accept-Charset": "x", "Accept-Encoding": "x", "Accept-Language": "\xff;q=x", "X-Forwarded-For": "\xff",
		"Forwarded": "for=x", "X-Session-Mode": "", "X-Client-Id": "", "X-Request-Id": "\xff", "User-Agent": "\xff", "Cookie": "=;;=\xff; access_token",
		"If-Match": "x", "Range": "bytes=0-1", "X-HTTP-Method-Override": "DELETE", "X-CSRF-Token": "x",
	} {
		r := w.request("GET", "/auth/me?x=1", "", "Authorization", "Bearer "+who.access)
		r.Header[name] = []string{value}
		if got := w.app().send(r); got.status != 200 {
			t.Errorf("%s %q: %d %s", name, value, got.status, got.text)
		}
	}
}
