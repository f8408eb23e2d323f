package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "canary-3f9a1c"

type holder struct {
	Shown  String
	hidden String
	hash   Hash
	Inner  struct{ deep *String }
	List   []String
	Any    any
	Map    map[string]Hash
}

func newHolder() holder {
	s := NewString(canary)
	h := holder{
		Shown: s, hidden: s, hash: StoredHash(canary), List: []String{s},
		Any: s, Map: map[string]Hash{"hash": StoredHash(canary)},
	}
	h.Inner.deep = &s
	return h
}

func assertNoCanary(t *testing.T, how, output string) {
	t.Helper()
	lower := strings.ToLower(output)
	for _, form := range []string{
		canary, hex.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte(canary)),
		strings.Trim(fmt.Sprint([]byte(canary)), "[]"),
	} {
		if strings.Contains(lower, strings.ToLower(form)) {
			t.Errorf("%s gives the secret away: %s", how, output)
		}
	}
}

func TestNoFormatVerbPrintsASecret(t *testing.T) {
	t.Parallel()
	h := newHolder()
	values := []any{h.Shown, &h.Shown, h.hash, &h.hash, h, &h, []holder{h}, []any{h.Shown}, struct{ s String }{h.Shown}}
	for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "40", ".3"} {
			format := "%" + flags + string(verb)
			for _, value := range values {
				assertNoCanary(t, format, fmt.Sprintf(format, value))
			}
		}
	}
	assertNoCanary(t, "Println", fmt.Sprintln(values...))
	for _, text := range []string{h.Shown.String(), h.Shown.GoString(), fmt.Sprint(h.Shown), fmt.Sprintf("%#v", h.hash)} {
		if text != "[redacted]" {
			t.Errorf("got %q", text)
		}
	}
}

func TestNoErrorPrintsASecret(t *testing.T) {
	t.Parallel()
	h := newHolder()
	err := fmt.Errorf("sign in with %s (%v): %w", h.Shown, h, errors.New("no"))
	assertNoCanary(t, "error", errors.Join(err, fmt.Errorf("again: %w", err)).Error())
}

func TestNoLogHandlerPrintsASecret(t *testing.T) {
	t.Parallel()
	h := newHolder()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var out bytes.Buffer
		log := slog.New(handler(&out)).With("bound", h.Shown)
		log.Info("it", "string", h.Shown, "hash", h.hash, "struct", h, "pointer", &h, "list", h.List,
			slog.Group("group", "inner", h.Shown))
		assertNoCanary(t, name, out.String())
		if !strings.Contains(out.String(), redacted) {
			t.Errorf("%s: nothing redacted in %s", name, out.String())
		}
	}
}

func TestJSONRedactsOnTheWayOutAndAcceptsOnTheWayIn(t *testing.T) {
	t.Parallel()
	h := newHolder()
	out, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	assertNoCanary(t, "json", string(out))

	var in struct {
		Password String
		Absent   String
		Null     String
	}
	if err := json.Unmarshal([]byte(`{"Password":"p\u00e4ss \"word","Null":null}`), &in); err != nil {
		t.Fatal(err)
	}
	if in.Password.Reveal() != `päss "word` || !in.Absent.IsZero() || !in.Null.IsZero() {
		t.Errorf("read %q", in.Password.Reveal())
	}
}

func TestUnmarshalErrorsDoNotQuoteTheInput(t *testing.T) {
	t.Parallel()
	for _, input := range []string{`{"canary-3f9a1c":1}`, `12345`, `["canary-3f9a1c"]`, "\"canary-3f9a1c\xff\"", `true`, `canary`} {
		var s String
		err := s.UnmarshalJSON([]byte(input))
		if !errors.Is(err, errNotJSONString) {
			t.Fatalf("%q: %v", input, err)
		}
		assertNoCanary(t, "error", err.Error())
		if strings.Contains(err.Error(), "12345") || !s.IsZero() {
			t.Errorf("%q: error %q", input, err)
		}
	}
}

func TestUnmarshalTextTakesTheTextAsItIs(t *testing.T) {
	t.Parallel()
	var s String
	if err := s.UnmarshalText([]byte("  spaces stay ")); err != nil || s.Reveal() != "  spaces stay " {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	text, err := s.MarshalText()
	if err != nil || string(text) != redacted {
		t.Errorf("marshalled %q, %v", text, err)
	}
}

func TestEqualComparesTheTexts(t *testing.T) {
	t.Parallel()
	a, same, other := NewString("one"), NewString("one"), NewString("two")
	if !a.Equal(same) || a.Equal(other) || a.Equal(String{}) || !(String{}).Equal(NewString("")) {
		t.Error("Equal is wrong")
	}
}
