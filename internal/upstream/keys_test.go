package upstream

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword/internal/upstream/upstreamtest"
)

// down has a provider answer nothing but the paths named.
func down(except ...string) upstreamtest.Hooks {
	return upstreamtest.Hooks{Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		for _, path := range except {
			if r.URL.Path == path {
				return false
			}
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}}
}

func TestAKeyThatSignsForTheFirstTimeIsFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	w.believed(t, p, ada)
	back := w.comeBack(t, p, ada)
	if err := w.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Identify(t.Context(), back); err != nil {
		t.Errorf("a rotation just before signing: %v", err)
	}
	if got := w.Asked("/keys"); got != 2 {
		t.Errorf("the keys are asked for %d times, want 2", got)
	}
}

func TestAKeyOfTheSameNameIsFetchedAsWell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	w.Behave(upstreamtest.Hooks{Keys: func(set *jose.JSONWebKeySet) { set.Keys[0].KeyID = "" }})
	w.believed(t, p, ada)
	if err := w.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	w.believed(t, p, ada)
}

func TestWhatWasGoodWorksWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	w.believed(t, p, ada)
	w.pass(25 * time.Hour)
	w.Behave(down("/token", "/userinfo"))
	w.believed(t, p, ada)
	before := w.Asked("/keys")
	if before != 2 {
		t.Errorf("keys that are due are asked for %d times, want 2", before)
	}
	w.believed(t, p, ada)
	if got := w.Asked("/keys"); got != before {
		t.Error("each sign-in tries again to refresh the keys")
	}
	w.pass(2 * time.Minute)
	w.Behave(upstreamtest.Hooks{})
	w.believed(t, p, ada)
	if got := w.Asked("/keys"); got != before+1 {
		t.Error("the keys are not refreshed once the provider is back")
	}
}

func TestAKeyThatWasTakenBackIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	stolen, id := w.Key()
	w.believed(t, p, ada)
	if err := w.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	w.Behave(upstreamtest.Hooks{Sign: func(c map[string]any) string {
		return mustSign(t, jose.ES256, jose.JSONWebKey{Key: stolen, KeyID: id}, c)
	}})
	w.believed(t, p, ada) // nobody has told us yet
	w.pass(61 * time.Minute)
	who, err := w.signIn(t, p, ada)
	refused(t, who, err)
}

func TestMetadataAreRefreshed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	w.believed(t, p, ada)
	w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) { d["token_endpoint"] = w.Issuer() + "/gone" }})
	w.believed(t, p, ada)
	w.pass(61 * time.Minute)
	who, err := w.signIn(t, p, ada)
	refused(t, who, err)
	if w.Asked("/gone") != 1 {
		t.Error("the new endpoint is not asked")
	}
}

// A provider that has become hostile does not take the good metadata along.
func TestMetadataThatAreNotBelievedDoNotReplaceGoodOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	w.believed(t, p, ada)
	w.pass(61 * time.Minute)
	w.Behave(upstreamtest.Hooks{Discovery: func(d map[string]any) { d["issuer"] = "https://evil.example" }})
	w.believed(t, p, ada)
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	number := func(bits int) string {
		bytes := make([]byte, bits/8)
		bytes[0], bytes[len(bytes)-1] = 0x80, 1
		return base64.RawURLEncoding.EncodeToString(bytes)
	}
	rsaKey := func(bits int, more string) string {
		return fmt.Sprintf(`{"kty":"RSA","n":%q,"e":"AQAB"%s}`, number(bits), more)
	}
	ed := `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"good":             {`{"keys":[` + rsaKey(2048, "") + `,` + ed + `]}`, 2},
		"weak beside good": {`{"keys":[` + rsaKey(1024, "") + `,` + ed + `]}`, 1},
		"vast beside good": {`{"keys":[` + rsaKey(16384, "") + `,` + ed + `]}`, 1},
		"for encryption":   {`{"keys":[` + rsaKey(2048, `,"use":"enc"`) + `,` + ed + `]}`, 1},
		"for signing":      {`{"keys":[` + rsaKey(2048, `,"use":"sig"`) + `]}`, 1},
		"unknown beside":   {`{"keys":[{"kty":"??"},7,null,` + ed + `]}`, 1},
		"shared":           {`{"keys":[{"kty":"oct","k":"c2hhcmVk"}]}`, 0},
		"private":          {`{"keys":[{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`, 0},
		"no curve's point": {`{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`, 0},
		"too many":         {`{"keys":[` + strings.Repeat(ed+",", 100) + ed + `]}`, 0},
		"none":             {`{"keys":[]}`, 0},
		"no list":          {`{}`, 0},
		"garbage":          {`<html>`, 0},
		"something else":   {`[]`, 0},
	} {
		keys, err := parseKeys([]byte(test.text))
		if len(keys) != test.want || (err == nil) != (test.want > 0) {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
}

func TestRSAKeysVerify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w.Behave(upstreamtest.Hooks{
		Keys: func(set *jose.JSONWebKeySet) {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: "rsa"})
		},
		Sign: func(c map[string]any) string {
			return mustSign(t, jose.RS256, jose.JSONWebKey{Key: key, KeyID: "rsa"}, c)
		},
	})
	w.believed(t, w.open(t, w.oidc()), ada)
}

func TestManyAtOnceFetchOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(t, w.oidc())
	errs := make(chan error)
	for range 20 {
		go func() {
			_, err := p.AuthorizeURL(t.Context(), departure())
			errs <- err
		}()
	}
	var err error
	for range 20 {
		err = errors.Join(err, <-errs)
	}
	if err != nil {
		t.Error(err)
	}
	if got := w.Asked("/.well-known/openid-configuration"); got != 1 {
		t.Errorf("the metadata are asked for %d times, want 1", got)
	}
}
