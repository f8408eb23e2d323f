package main

import (
	"encoding/base64"
	"fmt"
	"testing"

	"watchword"
	"watchword/internal/store"
)

const backendSecret = "n7Qw3eRt5yUi9oPa1sDf2gHj4kLz6xCv"

// A backend speaks for many users: limits count by the address that it names,
// if it has proven who it is, and by its own address otherwise.
func TestUserAddressIsTakenOnlyFromProvenBackends(t *testing.T) {
	t.Parallel()
	basic := func(secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("backend:"+secret))
	}
	tests := map[string]struct {
		authorization func(w *world) string
		last          int // status of the third try, each from another named address
	}{
		"nobody":               {func(*world) string { return "" }, 429},
		"API key":              {func(w *world) string { return "Bearer " + w.apiKey(watchword.ScopeUsersWrite) }, 401},
		"key of little scope":  {func(w *world) string { return "Bearer " + w.apiKey(watchword.ScopeMetricsRead) }, 403},
		"made-up API key":      {func(*world) string { return "Bearer wk_made_up_key_of_nobody" }, 401},
		"confidential client":  {func(*world) string { return basic(backendSecret) }, 401},
		"wrong client secret":  {func(*world) string { return basic("guess") }, 401},
		"an access token only": {func(*world) string { return "Bearer eyJ.e30.x" }, 429},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, store.SQLite, `
limits: {sign_in_per_ip: 2/1m}
default_client: backend
clients:
  - {id: backend, name: Backend, type: confidential, secret: `+backendSecret+`}
`)
			headers := []string{}
			if a := test.authorization(w); a != "" {
				headers = append(headers, "Authorization", a)
			}
			var got answer
			for i := range 3 {
				body := fmt.Sprintf(`{"email":"nobody%d@example.com","password":"wrong password"}`, i)
				got = w.program(headers...).post("/auth/sign-in", body, "X-End-User-IP", fmt.Sprintf("203.0.113.%d", i+1))
			}
			got.want(t, test.last, "")
			switch name {
			case "wrong client secret":
				got.want(t, 401, "invalid_client")
			case "made-up API key":
				got.want(t, 401, "api_key_invalid")
			case "API key", "confidential client":
				got.want(t, 401, "invalid_credentials")
			}
		})
	}
}
