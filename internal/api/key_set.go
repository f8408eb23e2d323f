package api

import (
	"encoding/json"
	"net/http"
	"reflect"
)

// keySetAge is how long others may keep the key set; a new key is published for
// longer than that before it signs.
const keySetAge = "public, max-age=300"

// KeySet is a JSON Web Key Set.
type KeySet struct {
	Keys []map[string]any `json:"keys" doc:"Each a JSON Web Key (RFC 7517) with kid, alg and use."`
}

func (a *API) mountKeySet() {
	a.plain(operation{
		id: "jwks", method: http.MethodGet, path: "/.well-known/jwks.json", tag: "Server", security: anyone(),
		summary:     "The keys that sign tokens",
		description: "A JSON Web Key Set (RFC 7517). It answers while the database is away and while the server drains.",
	}, "application/json", a.schemaOf(reflect.TypeFor[KeySet]()), http.HandlerFunc(a.keySet))
}

func (a *API) keySet(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(a.Keys.Set())
	if err != nil {
		panic(err) // public keys: recovered, logged and answered as a fault
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", keySetAge)
	_, _ = w.Write(body)
}
