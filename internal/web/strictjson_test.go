package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"watchword"
)

func TestCheckJSONAccepts(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `[]`, `null`, `true`, `"text"`, `-1.5e3`, " \t\r\n{\"a\" : [1, {\"a\":2}]} \n",
		`{"a":{"a":1},"b":{"a":1}}`,
		`{"a":"\ud83d\ude00 \\u0000 größe"}`,
		`{"a":1,"A":2}`, // other names: the operation refuses the wrong case
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
	} {
		if err := CheckJSON([]byte(body)); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestCheckJSONRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, says string }{
		"empty":                     {"", "is empty"},
		"blank":                     {" \n ", "is empty"},
		"duplicate":                 {`{"canary":1,"canary":2}`, "same name, the second at byte 12"},
		"duplicate, deep":           {`[{"x":{"a":1,"a":1}}]`, "same name"},
		"duplicate, escaped":        {`{"a":1,"\u0061":2}`, "same name"},
		"trailing value":            {`{"a":1} {"canary":2}`, "follows the JSON value at byte 8"},
		"trailing bracket":          {`{"a":1}}`, "follows the JSON value at byte 7"},
		"trailing NUL":              {"{}\x00", "follows the JSON value at byte 2"},
		"comma after the value":     {`1,`, "follows the JSON value at byte 1"},
		"invalid UTF-8":             {"{\"a\":\"caf\xe9\"}", "not valid UTF-8 at byte 9"},
		"overlong UTF-8":            {"{\"a\":\"\xc0\xaf\"}", "not valid UTF-8"},
		"surrogate as UTF-8":        {"\"\xed\xa0\x80\"", "not valid UTF-8 at byte 1"},
		"lone surrogate":            {`{"a":"\ud800"}`, "out of place"},
		"lone low surrogate":        {`{"a":"\udc00x"}`, "out of place"},
		"surrogates in wrong order": {`{"a":"\udc00\ud800"}`, "out of place"},
		"raw NUL":                   {"{\"a\":\"x\x00y\"}", "out of place"},
		"escaped NUL":               {`{"a":"x\u0000y"}`, "NUL"},
		"escaped NUL in a name":     {`{"a\u0000":1}`, "NUL"},
		"newline in a string":       {"{\"a\":\"x\ny\"}", "out of place"},
		"too deep":                  {strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), "too deep at byte 64"},
		"far too deep":              {strings.Repeat(`{"a":`, 10_000), "too deep"},
		"truncated":                 {`{"a":"canary`, "ends too early"},
		"truncated object":          {`{"a":1`, "ends too early"},
		"truncated literal":         {`tru`, "ends too early"},
		"byte order mark":           {"\ufeff{}", "out of place at byte 0"},
		"single quotes":             {`{'a':1}`, "out of place"},
		"comment":                   {`{"a":1/*canary*/}`, "out of place"},
		"trailing comma":            {`{"a":1,}`, "out of place"},
		"leading zero":              {`[01]`, "out of place"},
		"NaN":                       {`NaN`, "out of place"},
		"no quotes":                 {`{canary:1}`, "out of place"},
	} {
		err := CheckJSON([]byte(c.body))
		e, ok := errors.AsType[*watchword.Error](err)
		if !ok || e.Kind != watchword.KindMalformed || e.Code != "malformed_json" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: %q does not say %q", name, e.Message, c.says)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the body is repeated: %v", name, err)
		}
	}
}

// What passes means one thing only: the two JSON packages read it alike.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e7,"x\n\u00e9\ud83d\ude00",null,true]}`, `{"a":1,"a":2}`, `"\ud800"`, `"\\u0000\u0000"`,
		"\"\xff\"", `{} {}`, `[[[[`, ` `, `1e999`, `{"":{"":""}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		err := CheckJSON(body)
		if !bytes.Equal(kept, body) {
			t.Fatal("the body was changed")
		}
		if err != nil {
			if watchword.KindOf(err) != watchword.KindMalformed {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var v1, v2 any
		if err := decoder.Decode(&v1); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", body, err)
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			t.Fatalf("encoding/json finds more after %q: %v", body, err)
		}
		if bytes.ContainsAny(body, "0123456789") {
			return // as numbers the two read into different types
		}
		if err := jsonv2.Unmarshal(body, &v2); err != nil || !reflect.DeepEqual(v1, v2) {
			t.Fatalf("%q: %#v, %#v, %v", body, v1, v2, err)
		}
		if strings.ContainsRune(flat(v1), 0) {
			t.Fatalf("NUL passes: %q", body)
		}
	})
}

// flat is every string in v, names included.
func flat(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var all strings.Builder
		for _, element := range v {
			all.WriteString(flat(element))
		}
		return all.String()
	case map[string]any:
		var all strings.Builder
		for name, element := range v {
			all.WriteString(name + flat(element))
		}
		return all.String()
	default:
		return ""
	}
}

func BenchmarkCheckJSON(b *testing.B) {
	for name, body := range map[string]string{
		"sign-in": `{"email":"somebody@example.com","password":"correct horse battery staple","remember":true}`,
		"refresh": `{"refresh_token":"rt_` + strings.Repeat("aB3_", 22) + `"}`,
		"64KiB":   `{"metadata":"` + strings.Repeat("0123456789abcde ", 4090) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			data := []byte(body)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := CheckJSON(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
