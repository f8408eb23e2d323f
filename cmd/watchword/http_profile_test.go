package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"watchword/internal/store"
)

func TestProfileKeepsWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	in := app.signUp("ada@example.com")
	patch := func(body string) answer {
		return app.do(http.MethodPatch, "/auth/me", body, bearerOf(in)...)
	}
	patch(`{"name":" Ada  King ","locale":"de_at","picture":"https://example.com/a.png","metadata":{"a":1}}`).want(t, 200, "")
	patch(`{}`).want(t, 200, "")
	got := patch(`{"name":"Countess"}`).want(t, 200, "")
	if got.str("user", "name") != "Countess" || got.str("user", "locale") != "de-AT" || got.str("user", "picture") != "https://example.com/a.png" {
		t.Errorf("%s", got.text)
	}
	got = patch(`{"picture":"","metadata":{"b":{"deep":[1,null,"<&>"]},"n":12345678901234567890.10}}`).want(t, 200, "")
	user, _ := got.body["user"].(map[string]any)
	if user["picture"] != nil {
		t.Errorf("%s", got.text)
	}
	const kept = `"metadata":{"b":{"deep":[1,null,"<&>"]},"n":12345678901234567890.10}`
	for _, text := range []string{got.text, app.get("/auth/me", bearerOf(in)...).text} {
		if !strings.Contains(text, kept) {
			t.Errorf("want %s: %s", kept, text)
		}
	}
}

func TestMetadataHasSixteenKiB(t *testing.T) {
	t.Parallel()
	w := newWorld(t, store.SQLite, generous)
	app := w.app()
	in := app.signUp("ada@example.com")
	metadata := func(length int) string { // {"x":"…"}
		return fmt.Sprintf(`{"metadata":{"x":"%0*d"}}`, length-8, 0)
	}
	app.do(http.MethodPatch, "/auth/me", metadata(16<<10), bearerOf(in)...).want(t, 200, "")
	got := app.do(http.MethodPatch, "/auth/me", metadata(16<<10+1), bearerOf(in)...).want(t, 422, "validation_failed")
	if f := (badValue{status: 422, code: "too_long", field: "metadata"}).fault(got); f != "" {
		t.Errorf("%s: %s", f, got.text)
	}
}
