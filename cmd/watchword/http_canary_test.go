package main

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"watchword/internal/store"
)

// canary is a password that somebody sends in every place of every operation,
// the right one and all wrong ones.
const canary = "Canary7f3a-orchid-lantern-52"

// told are the fields that are there to be shown to others.
var told = []string{"name", "account_name", "title", "description", "audience"}

func TestWhatIsSubmittedIsNeitherAnsweredNorLoggedNorStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	calls := 0
	who := everybody{}
	for i, o := range operations(t) {
		who = w.renewed(who, fmt.Sprintf("ada%d@example.com", i)) // signing out, or deleting oneself, is among the operations
		for name, request := range w.canaries(t, who, o) {
			calls++
			got := w.program().send(request)
			if sings(fmt.Sprint(got.header)) || sings(got.text) {
				t.Errorf("%s with the canary %s: %d %v\n%s", o.OperationID, name, got.status, got.header, got.text)
			}
			if got.status >= 500 {
				t.Errorf("%s with the canary %s: %d %s", o.OperationID, name, got.status, got.text)
			}
		}
	}
	if calls < 500 {
		t.Errorf("only %d calls", calls)
	}
	for line := range strings.Lines(w.log.String()) {
		if sings(line) {
			t.Errorf("the log: %s", line)
		}
	}
	for _, row := range w.rows() {
		if sings(row) {
			t.Errorf("the database: %s", row)
		}
	}
}

// A right password passes every layer that a wrong one does not reach.
func TestPasswordThatWorksIsNeitherAnsweredNorLoggedNorStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	credentials := fmt.Sprintf(`{"email":"ada@example.com","password":%q}`, canary)
	up := w.program().post("/auth/sign-up", credentials).want(t, 201, "")
	in := w.program().post("/auth/sign-in", credentials).want(t, 200, "")
	change := fmt.Sprintf(`{"current_password":%q,"password":%q}`, canary, canary+"-two")
	changed := w.program().post("/auth/password", change, "Authorization", "Bearer "+in.str("access_token")).want(t, 204, "")
	everything := fmt.Sprint(up, in, changed, w.log, w.rows())
	if sings(everything) {
		t.Error("the password is in an answer, in the log or in the database")
	}
}

func sings(text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(canary[:10])) ||
		strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(canary))[:16])
}

func (w *world) canaries(t *testing.T, who everybody, o describedOperation) map[string]*http.Request {
	list := map[string]*http.Request{}
	add := func(name, body string, change func(r *http.Request)) {
		r := w.request(o.method, o.at("ses_x"), body, who.credential(o)...)
		change(r)
		list[name] = r
	}
	unchanged := func(*http.Request) {}
	if o.body() != nil || o.refusesBodies() {
		for i, body := range canaryBodies(t, o) {
			add(fmt.Sprintf("in body %d: %.80q", i, body), body, unchanged)
		}
		add("as a form", "email="+canary, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
		add("as a content type", "{}", func(r *http.Request) { r.Header.Set("Content-Type", "application/"+canary) })
		add("as a charset", "{}", func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset="+canary) })
		add("as an encoding", "{}", func(r *http.Request) { r.Header.Set("Content-Encoding", canary) })
	}
	for i, form := range canaryForms(o) {
		add(fmt.Sprintf("in form %d: %.80q", i, form), form, func(r *http.Request) { r.Header.Set("Content-Type", formType) })
	}
	for name, value := range canaryHeaders(o) {
		add(fmt.Sprintf("as header %s: %.40s", name, value), o.minimal(t), func(r *http.Request) { r.Header[name] = []string{value} })
	}
	for i, query := range canaryQueries(o) {
		add(fmt.Sprintf("in query %d", i), o.minimal(t), func(r *http.Request) { r.URL.RawQuery = query })
	}
	for _, path := range []string{canary, "%00" + canary, "%ff" + canary, strings.Repeat(canary, 9)} {
		list["in the path "+path] = w.request(o.method, o.at(path), o.minimal(t), who.credential(o)...)
		list["beyond the path "+path] = w.request(o.method, o.at("x")+"/"+path, o.minimal(t), who.credential(o)...)
	}
	add("as the method", "", func(r *http.Request) { r.Method = strings.ToUpper(canary[:10]) })
	add("as the user", "", func(r *http.Request) { r.SetBasicAuth(canary, canary) })
	return list
}

func canaryHeaders(o describedOperation) map[string]string {
	cookies := func(csrf string) string {
		return strings.NewReplacer("C", canary).Replace("access_token=C; refresh_token=C; __Host-device=C; C=C; __Host-csrf_session=" + csrf)
	}
	list := map[string]string{
		"Accept": canary, "Accept-Language": canary, "X-Request-Id": canary, "Origin": "https://" + canary + ".example", "Sec-Fetch-Site": canary,
		"X-Forwarded-For": canary, "X-Forwarded-Host": canary, "Forwarded": canary, "If-Match": canary, "Referer": canary,
		"Cookie": cookies(canary), "X-CSRF-Token": canary,
	}
	for _, p := range o.in("header") {
		list[p.Name] = canary
	}
	return list
}

func canaryQueries(o describedOperation) []string {
	list := []string{canary + "=1", "x=" + canary, "x=%zz" + canary, canary + "=1&" + canary + "=2", "x=" + canary + "%00"}
	for _, p := range o.in("query") {
		name := p.Name + "="
		list = append(list, name+canary, name+canary+"%00", name+"%ff"+canary, name+strings.Repeat(canary, 9), name+canary+"&"+name+canary)
	}
	return list
}

// canaryForms sing in each field, under each grant: once, twice and garbled.
func canaryForms(o describedOperation) (list []string) {
	if o.form() == nil {
		return nil
	}
	for _, field := range slices.Sorted(maps.Keys(o.form().Properties)) {
		song := field + "=" + canary
		for _, grant := range []string{"", "client_id=web&grant_type=authorization_code&", "client_id=web&grant_type=refresh_token&"} {
			list = append(list, grant+song, grant+song+"&"+song, grant+song+"%00%ff")
		}
	}
	return append(list, canary, canary+"=1", "%zz"+canary, strings.Repeat(canary, 3000))
}

func canaryBodies(t *testing.T, o describedOperation) []string {
	t.Helper()
	quoted := asJSON(t, canary)
	list := []string{
		canary, quoted, quoted[:9], "[" + quoted + "]", "{" + quoted + ":1}", "{" + quoted + ":1," + quoted + ":1}", "{}" + canary,
		`{"a.` + canary + `.b":1}`, `{"password.` + canary + `":` + quoted + `}`, "\ufeff" + quoted,
		`{"x":` + strings.Repeat("[", 100) + quoted + strings.Repeat("]", 100) + "}", strings.Repeat(canary, 3000),
	}
	if o.body() == nil {
		return list
	}
	for _, field := range slices.Sorted(maps.Keys(o.body().Properties)) {
		rest := o.fields(t)
		delete(rest, field)
		in := func(value string) { list = append(list, adding(asJSON(t, rest), fmt.Sprintf("%q:%s", field, value))) }
		if !slices.Contains(told, field) {
			in(quoted)
			in(`"` + canary + `@` + canary + `@example.com"`)
		}
		in(`{` + quoted + `:` + quoted + `}[`)
		in("[" + quoted + "]")
		in(`"` + canary + `\u0000"`)
		in("\"" + canary + "\xff\"")
		in(`"` + canary + `\ud800"`)
		in(`"` + canary + "\u202e\"")
		in(`"` + strings.Repeat(canary, 100) + `"`)
		in(`"` + canary)
		in(quoted + fmt.Sprintf(",%q:%s", field, quoted))
		in(quoted + `,` + quoted + `:` + quoted)
		in(canary)
	}
	return list
}
