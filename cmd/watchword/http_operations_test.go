package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"watchword"
)

// described operations are what the tables of bad input are made of, so that a
// new operation or field is tested because it is there.
type describedOperation struct {
	*openapi3.Operation
	method, path string
}

func operations(t *testing.T) []describedOperation {
	t.Helper()
	var list []describedOperation
	paths := description(t).Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		all := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(all)) {
			list = append(list, describedOperation{all[method], method, path})
		}
	}
	return list
}

// body is the schema of the operation's JSON, nil if it takes none.
func (o describedOperation) body() *openapi3.Schema { return o.content("application/json") }

// form is the schema of its form.
func (o describedOperation) form() *openapi3.Schema { return o.content(formType) }

func (o describedOperation) content(media string) *openapi3.Schema {
	if o.RequestBody == nil || o.RequestBody.Value.Content[media] == nil {
		return nil
	}
	return o.RequestBody.Value.Content[media].Schema.Value
}

const formType = "application/x-www-form-urlencoded"

// anyOrigin are the operations that pages of any origin may call: what they are
// authorized by, no browser sends of itself.
func (o describedOperation) anyOrigin() bool {
	return strings.HasPrefix(o.path, "/oauth2/") || o.path == "/auth/{provider}/callback" // which acts on nothing
}

// refusesBodies says whether it changes something and takes no body: whatever a
// body says to it is too much.
func (o describedOperation) refusesBodies() bool {
	return o.RequestBody == nil && o.method != http.MethodGet
}

// at is the operation's path with this value for its parameters.
func (o describedOperation) at(value string) string {
	parts := strings.Split(o.path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = value
		}
	}
	return strings.Join(parts, "/")
}

// in lists the operation's parameters of this place.
func (o describedOperation) in(place string) (list []*openapi3.Parameter) {
	for _, p := range o.Parameters {
		if p.Value.In == place {
			list = append(list, p.Value)
		}
	}
	return list
}

// takes says whether a credential of this scheme is one that the operation takes.
func (o describedOperation) takes(scheme string) bool {
	return slices.ContainsFunc(*o.Security, func(all openapi3.SecurityRequirement) bool { return all[scheme] != nil })
}

func (o describedOperation) admitsAnybody() bool {
	return slices.ContainsFunc(*o.Security, func(all openapi3.SecurityRequirement) bool { return len(all) == 0 })
}

// scope is the one that an API key needs, empty where keys are of no use.
func (o describedOperation) scope() watchword.Scope {
	for _, all := range *o.Security {
		if scopes := all["apiKey"]; len(scopes) > 0 {
			return watchword.Scope(scopes[0])
		}
	}
	return ""
}

// scopes is how many an API key needs, whichever way it is shown.
func (o describedOperation) scopes() (n int) {
	for _, all := range *o.Security {
		n += len(all["apiKey"])
	}
	return n
}

// valid is a value that the field takes.
func valid(t *testing.T, field string) any {
	t.Helper()
	values := map[string]any{
		"email": "somebody@example.com", "password": testPassword, "current_password": testPassword,
		"remember": true, "all": false, "account_id": "acc_00000000000000000000000000", "invite_token": "otk_" + strings.Repeat("A", 43),
		"refresh_token": "rt_x", "name": "Ada", "account_name": "Engines", "locale": "en",
		"token": "otk_" + strings.Repeat("A", 43), "login_id": "lgn_x", "code": "123456", "not_me": false, "create_user": true,
		"redirect_uri": "http://localhost:3000/callback", "state": "xyz", "code_challenge": strings.Repeat("A", 43),
		"picture": "https://example.com/ada.png", "metadata": map[string]any{"theme": "dark"},
		"role": "member", "deliver": "mail", "primary": true, "provider": "google",
		"feature": "beta-search", "title": "Beta search", "description": "Soon", "add_claim": true, "closed": true,
		"count": 1, "percent": 50, "user_ids": []string{"usr_x"}, "account_ids": []string{"acc_x"}, "emails": []string{"ada@example.com"},
		"email_verified": true, "admin_metadata": map[string]any{"plan": "pro"}, "send_invite": false, "administrator": false,
		"clear_password": false, "subject": "112233", "issuer": "https://idp.example", "user_id": "usr_00000000000000000000000000",
		"type": "public", "audience": "urn:shop", "redirect_uris": []string{"https://shop.example.com/in"}, "origins": []string{"https://shop.example.com"},
		"methods": []string{"password"}, "lifetimes": map[string]any{"access_token": 60},
		"scopes": []string{"keys:write"}, "expires_at": "2100-01-01T00:00:00Z",
	}
	value, ok := values[field]
	if !ok {
		t.Fatalf("a new field: tell this function a value that %s takes", field)
	}
	return value
}

// fields are valid values of the fields that the body must have.
func (o describedOperation) fields(t *testing.T) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if o.body() == nil {
		return fields
	}
	for _, name := range o.body().Required {
		fields[name] = valid(t, name)
	}
	return fields
}

// minimal is the shortest body that the operation takes, empty if none is needed.
func (o describedOperation) minimal(t *testing.T) string {
	t.Helper()
	if o.body() == nil || !o.RequestBody.Value.Required {
		return ""
	}
	return asJSON(t, o.fields(t))
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// request makes a request with whatever body.
func (w *world) request(method, path, body string, headers ...string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// generous are limits that no table of calls runs into.
const generous = `
limits: {sign_in_per_ip: 100000/1m, sign_up_per_ip: 100000/1m, refresh_per_session: 100000/1m, check_email_per_ip: 100000/1m, mail_per_ip: 100000/1m, mail_per_address: 100000/1m}
`

// everybody holds what each operation can be called with.
type everybody struct{ access, refresh, key string }

func (w *world) everybody(email string) everybody {
	w.t.Helper()
	in := w.app().signUp(email)
	w.settled() // or a mail would be written down as sent while a test looks on
	return everybody{in.str("access_token"), in.str("refresh_token"), w.apiKey(watchword.Scopes()...)}
}

// renewed is who again, or somebody new where the calls before have signed them out.
// To make somebody for each call would be most of the work.
func (w *world) renewed(who everybody, email string) everybody {
	w.t.Helper()
	if w.app().get("/auth/me", "Authorization", "Bearer "+who.access).status == http.StatusOK {
		return who
	}
	return w.everybody(email)
}

// credential is the header that lets the caller call the operation.
func (e everybody) credential(o describedOperation) []string {
	switch {
	case o.scope() != "":
		return []string{"Authorization", "Bearer " + e.key}
	case o.takes("session"):
		return []string{"Authorization", "Bearer " + e.access}
	default:
		return nil
	}
}
