package account

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"watchword"
)

const goodHash = "$2b$10$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"

func TestAnImportLineIsRead(t *testing.T) {
	t.Parallel()
	user, err := parseImport([]byte(`{"email":" ADA@Example.com ","email_verified":true,"name":" Ada ","password_hash":"` + goodHash +
		`","account":{"name":"Engines"},"locale":"EN-gb","metadata":{ "id": 12345678901234567890, "tags": [] }}`))
	if err != nil {
		t.Fatal(err)
	}
	if user.Address != "ada@example.com" || !user.verified || user.Name != "Ada" || user.AccountName != "Engines" || user.Locale != "en-GB" {
		t.Errorf("read %+v", user)
	}
	if want := `{"id":12345678901234567890,"tags":[]}`; user.Metadata != want {
		t.Errorf("metadata %s, want %s: no number may lose digits", user.Metadata, want)
	}
	if user.Hash.Reveal() != goodHash {
		t.Error("the hash is another one")
	}
}

func TestAnImportLineNeedsNothingButAnAddress(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`{"email":"a@example.com"}`,
		`{"email":"a@example.com","email_verified":null,"name":null,"password_hash":null,"account":null,"locale":null,"metadata":null}`,
		`{"email":"a@example.com","name":"","password_hash":"","account":{},"locale":"","metadata":{}}`,
	} {
		user, err := parseImport([]byte(line))
		if err != nil || user.verified || !user.Hash.IsZero() {
			t.Errorf("%s: %+v, %v", line, user, err)
		}
	}
}

const canary = "CANARY"

func TestAnImportLineIsRefused(t *testing.T) {
	t.Parallel()
	with := func(rest string) string { return `{"email":"a@example.com",` + rest + `}` }
	for _, test := range []struct {
		line   string
		code   string
		fields []string
	}{
		{`CANARY`, "malformed_line", nil},
		{`"CANARY"`, "malformed_line", nil},
		{`["CANARY"]`, "malformed_line", nil},
		{`{"email":"CANARY@example.com"`, "malformed_line", nil},
		{`{"email":"CANARY@example.com"}{}`, "malformed_line", nil},
		{`{"email":"CANARY@example.com",}`, "malformed_line", nil},
		{`{"email":"CANARY@example.com","email":"b@example.com"}`, "malformed_line", nil},
		{"{\"email\":\"CANARY\xff@example.com\"}", "malformed_line", nil},
		{with(`"CANARY":1`), "malformed_line", nil},
		{with(`"Name":"CANARY"`), "malformed_line", nil},
		{with(`"account":{"id":"CANARY"}`), "malformed_line", nil},
		{with(`"metadata":{"a":1,"a":"CANARY"}`), "malformed_line", nil},
		{`{}`, "validation_failed", []string{"email"}},
		{`null`, "validation_failed", []string{"email"}},
		{`{"email":"CANARY"}`, "validation_failed", []string{"email"}},
		{`{"email":7}`, "validation_failed", []string{"email"}},
		{with(`"email_verified":"CANARY"`), "validation_failed", []string{"email_verified"}},
		{with(`"email_verified":1`), "validation_failed", []string{"email_verified"}},
		{with(`"name":"CAN\u0000ARY"`), "validation_failed", []string{"name"}},
		{with(`"name":"` + strings.Repeat(canary, 40) + `"`), "validation_failed", []string{"name"}},
		{with(`"account":"CANARY"`), "validation_failed", []string{"account"}},
		{with(`"account":{"name":["CANARY"]}`), "validation_failed", []string{"account.name"}},
		{with(`"account":{"name":"CAN\nARY"}`), "validation_failed", []string{"account.name"}},
		{with(`"locale":"CANARY!"`), "validation_failed", []string{"locale"}},
		{with(`"metadata":"CANARY"`), "validation_failed", []string{"metadata"}},
		{with(`"metadata":["CANARY"]`), "validation_failed", []string{"metadata"}},
		{with(`"metadata":{"a":"` + strings.Repeat("x", maxMetadata) + `"}`), "validation_failed", []string{"metadata"}},
		{with(`"password_hash":"CANARY"`), "validation_failed", []string{"password_hash"}},
		{with(`"password_hash":["CANARY"]`), "validation_failed", []string{"password_hash"}},
		{with(`"password_hash":"$2b$31$` + strings.Repeat("a", 53) + `"`), "validation_failed", []string{"password_hash"}},
		{with(`"password_hash":"pbkdf2_sha256$1000$sa\u0000lt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`), "validation_failed", []string{"password_hash"}},
		{`{"email":"CANARY","name":"CAN\nARY","locale":"CANARY!"}`, "validation_failed", []string{"email", "name", "locale"}},
	} {
		_, err := parseImport([]byte(test.line))
		e, ok := errors.AsType[*watchword.Error](err)
		if !ok || e.Code != test.code {
			t.Errorf("%s: %v, want %s", test.line, err, test.code)
			continue
		}
		var fields []string
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
			if strings.Contains(f.Message, canary) {
				t.Errorf("%s: the message repeats what stands there: %s", test.line, f.Message)
			}
		}
		if !slices.Equal(fields, test.fields) {
			t.Errorf("%s: faults in %v, want %v", test.line, fields, test.fields)
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error repeats what stands there: %v", test.line, err)
		}
	}
}

func FuzzImportLine(f *testing.F) {
	for _, seed := range []string{
		`{"email":"a@example.com","email_verified":true,"name":"A","password_hash":"` + goodHash + `","account":{"name":"A"},"locale":"en","metadata":{"a":[1]}}`,
		`{"email":"a@example.com","email":"b@example.com"}`, `{"email":null}`, `{"metadata":{"a":"\ud800"}}`, `[]`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		user, err := parseImport(line)
		if err != nil {
			if _, ok := errors.AsType[*watchword.Error](err); !ok {
				t.Fatalf("an error that is not ours: %v", err)
			}
			return
		}
		if again, err := CanonicalAddress(user.Address); err != nil || again != user.Address {
			t.Errorf("the address is not canonical: %q, %v", user.Address, err)
		}
		for _, text := range []string{user.Address, user.Name, user.AccountName, user.Locale, user.Metadata, user.Hash.Reveal()} {
			if strings.ToValidUTF8(text, "") != text || strings.ContainsRune(text, 0) {
				t.Errorf("a database would refuse %q", text)
			}
		}
	})
}
