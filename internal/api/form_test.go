package api

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func TestAFormIsReadAsTheJSONThatAProgramSends(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"token=otk_x":                  `{"token":"otk_x"}`,
		"token=otk_x&not_me=true":      `{"not_me":true,"token":"otk_x"}`,
		"token=otk_x&not_me=false":     `{"not_me":false,"token":"otk_x"}`,
		"token=otk_x&not_me=True":      `{"not_me":"True","token":"otk_x"}`,
		"token=a%22%2C%22x%22%3A%22b":  `{"token":"a\",\"x\":\"b"}`,
		"token=a+b%26c":                `{"token":"a b\u0026c"}`,
		"token=":                       `{"token":""}`,
		"":                             `{}`,
		"token=1":                      `{"token":"1"}`,
		"token[x]=1":                   `{"token[x]":"1"}`,
		"token=a&token=b":              "",
		"token=a;not_me=true":          "",
		"token=%zz":                    "",
		"token=a%00b":                  "", // no text to Postgres
		"token=a%ffb":                  "",
		"token=%ed%a0%80":              "",
		"token=a&token=" + "a":         "",
		"t%6fken=a&token=b":            "",
		strings.Repeat("a=1&", 3)[:11]: "",
	} {
		var got any
		err := unmarshalForm([]byte(form), &got)
		if want == "" {
			if err == nil {
				t.Errorf("%q is taken for %v", form, got)
			}
			continue
		}
		text, _ := json.Marshal(got)
		if err != nil || string(text) != want {
			t.Errorf("%q: %s (%v), want %s", form, text, err, want)
		}
	}
}

// A form says no more than its fields, each once, and nothing in them can become
// another field.
func FuzzUnmarshalForm(f *testing.F) {
	for _, form := range []string{"token=otk_x&not_me=true", "a=1&a=2", "a=%22%7D", "a;b", "=", "%00=%ff", "not_me=true&not_me=false"} {
		f.Add([]byte(form))
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		var got map[string]any
		if unmarshalForm(form, &got) != nil {
			return
		}
		values, err := url.ParseQuery(string(form))
		if err != nil || len(values) < len(got) {
			t.Fatalf("%q: %v", form, got)
		}
		for name, value := range got {
			switch v := value.(type) {
			case bool:
				if given := values.Get(name); given != "true" && given != "false" {
					t.Fatalf("%q: %s is %v", form, name, v)
				}
			case string:
			default:
				t.Fatalf("%q: %s is a %T", form, name, value)
			}
		}
	})
}
