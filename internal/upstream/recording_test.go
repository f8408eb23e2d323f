package upstream_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"watchword/internal/secret"
	"watchword/internal/upstream"
)

const (
	clientID     = "1234987819200.example"
	clientSecret = "s3cr3t-made-up"
	callback     = "https://auth.example.com/auth/them/callback"
	code         = "4724469134.made-up"
)

// places are where a provider is asked for what.
type places struct{ discovery, token, keys, userinfo, more string }

// recording is a provider as testdata remembers it. It answers in process, checks
// what it is asked, and keeps it.
type recording struct {
	t        *testing.T
	settings upstream.Settings
	at       places
	files    map[string]any    // what it answers, by the file's name
	refused  map[string]int    // statuses, by place
	headers  map[string]string // that the calls for the person's data must have
	provider *upstream.Provider

	mu        sync.Mutex
	time      time.Time
	departure url.Values // that the person came with
	asked     []asked
}

type asked struct {
	url    string
	header http.Header
	form   url.Values
}

// signing is shared: making such a key takes long.
var signing = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// replay opens the recording of a preset.
func replay(t *testing.T, settings upstream.Settings, at places) *recording {
	t.Helper()
	settings.ID, settings.ClientID = "them", clientID
	if settings.ClientSecret.IsZero() && settings.PrivateKey.IsZero() {
		settings.ClientSecret = secret.NewString(clientSecret)
	}
	r := &recording{
		t: t, settings: settings, at: at, files: map[string]any{}, refused: map[string]int{},
		time: time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC),
	}
	paths, err := filepath.Glob(filepath.Join("testdata", settings.Preset, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recording of %s: %v", settings.Preset, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		r.files[name[:len(name)-len(".json")]] = parse(t, text)
	}
	if discovery, ok := r.files["discovery"].(map[string]any); ok {
		r.at.token, _ = discovery["token_endpoint"].(string)
		r.at.keys, _ = discovery["jwks_uri"].(string)
		r.at.userinfo, _ = discovery["userinfo_endpoint"].(string)
	}
	return r
}

func parse(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // as subjects may be beyond what a float holds
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// edit changes an object that the recording answers with.
func (r *recording) edit(file string, changes map[string]any) {
	r.t.Helper()
	object, ok := r.files[file].(map[string]any)
	if !ok {
		r.t.Fatalf("the recording of %s has no %s", r.settings.Preset, file)
	}
	for name, value := range changes {
		if value == absent {
			delete(object, name)
		} else {
			object[name] = value
		}
	}
}

// absent, as a change, takes a field away.
const absent = "(absent)"

func (r *recording) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.time
}

func (r *recording) advance(by time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time = r.time.Add(by)
}

// verifier is of the length that RFC 7636 asks for.
const verifier = "verifier-of-43-characters-or-more-0123456789"

// depart sends somebody there.
func (r *recording) depart() (*url.URL, error) {
	r.t.Helper()
	if r.provider == nil {
		providers, err := upstream.Open([]upstream.Settings{r.settings}, upstream.Options{Clock: r.now, Transport: r})
		if err != nil {
			r.t.Fatal(err)
		}
		r.provider = providers.All()[0]
	}
	address, err := r.provider.AuthorizeURL(r.t.Context(), upstream.Departure{
		State: secret.NewString("state-1"), Nonce: secret.NewString("nonce-1"),
		Verifier: secret.NewString(verifier), RedirectURI: callback,
	})
	if err != nil {
		return nil, err
	}
	parsed, err := url.Parse(address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.departure = parsed.Query()
	return parsed, nil
}

// signIn sends somebody there who comes back at once; user is Apple's form field.
func (r *recording) signIn(user string) (upstream.Person, error) {
	r.t.Helper()
	if _, err := r.depart(); err != nil {
		return upstream.Person{}, err
	}
	return r.provider.Identify(r.t.Context(), upstream.Return{
		Code: secret.NewString(code), User: user, Nonce: secret.NewString("nonce-1"),
		Verifier: secret.NewString(verifier), RedirectURI: callback,
	})
}

// RoundTrip answers in place of the internet.
func (r *recording) RoundTrip(request *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := asked{url: request.URL.String(), header: request.Header}
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		one.form, _ = url.ParseQuery(string(body))
	}
	r.asked = append(r.asked, one)
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	if status := r.refused[one.url]; status != 0 {
		answer.WriteHeader(status)
		_, _ = answer.WriteString(`{"message":"no"}`)
		return answer.Result(), nil
	}
	if err := json.NewEncoder(answer).Encode(r.answer(request.Method, one)); err != nil {
		return nil, err
	}
	return answer.Result(), nil
}

func (r *recording) answer(method string, one asked) any {
	switch one.url {
	case r.at.discovery:
		return r.files["discovery"]
	case r.at.keys:
		key, err := signing()
		if err != nil {
			r.t.Error(err)
			return nil
		}
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "key-1", Algorithm: "RS256", Use: "sig"}}}
	case r.at.token:
		r.checkExchange(method, one)
		return r.tokens()
	case r.at.userinfo:
		r.checkCall(method, one)
		return r.files["userinfo"]
	case r.at.more:
		r.checkCall(method, one)
		return r.files["more"]
	default:
		r.t.Errorf("%s was asked", one.url)
		return nil
	}
}

func (r *recording) checkExchange(method string, one asked) {
	if method != http.MethodPost || one.form.Get("grant_type") != "authorization_code" ||
		one.form.Get("code") != code || one.form.Get("redirect_uri") != callback {
		r.t.Errorf("the code was exchanged by %s with %v", method, one.form)
	}
	digest := sha256.Sum256([]byte(one.form.Get("code_verifier")))
	switch challenge := r.departure.Get("code_challenge"); {
	case challenge == "" && one.form.Has("code_verifier"):
		r.t.Error("there is a verifier without a challenge")
	case challenge != "" && challenge != base64.RawURLEncoding.EncodeToString(digest[:]):
		r.t.Error("the verifier is not that of the challenge")
	}
}

func (r *recording) checkCall(method string, one asked) {
	token, _ := r.files["token"].(map[string]any)["access_token"].(string)
	if got := one.header.Get("Authorization"); method != http.MethodGet || got != "Bearer "+token {
		r.t.Errorf("%s was asked by %s with Authorization %q", one.url, method, got)
	}
	for name, want := range r.headers {
		if got := one.header.Get(name); got != want {
			r.t.Errorf("%s was asked with %s %q, want %q", one.url, name, got, want)
		}
	}
}

// tokens is the token endpoint's answer, with what stands empty filled in.
func (r *recording) tokens() any {
	answer := map[string]any{}
	for name, value := range r.files["token"].(map[string]any) {
		answer[name] = value
	}
	recorded, ok := r.files["id_token"].(map[string]any)
	if !ok {
		return answer
	}
	access, _ := answer["access_token"].(string)
	digest := sha256.Sum256([]byte(access))
	claims := map[string]any{}
	for name, value := range recorded {
		claims[name] = value
	}
	for name, value := range map[string]any{
		"aud": clientID, "azp": clientID, "nonce": r.departure.Get("nonce"),
		"at_hash": base64.RawURLEncoding.EncodeToString(digest[:16]),
		"iat":     r.time.Unix(), "nbf": r.time.Unix(), "exp": r.time.Add(time.Hour).Unix(),
	} {
		if _, there := claims[name]; there {
			claims[name] = value
		}
	}
	answer["id_token"] = r.sign(claims)
	return answer
}

func (r *recording) sign(claims map[string]any) string {
	key, err := signing()
	if err != nil {
		r.t.Error(err)
		return ""
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "key-1"))
	if err != nil {
		r.t.Error(err)
		return ""
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		r.t.Error(err)
	}
	return token
}

// exchanges are the requests of the token endpoint so far.
func (r *recording) exchanges() []asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []asked
	for _, one := range r.asked {
		if one.url == r.at.token {
			found = append(found, one)
		}
	}
	return found
}
