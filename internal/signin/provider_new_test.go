package signin

import (
	"strings"
	"testing"

	"watchword/internal/account"
	"watchword/internal/store"
	"watchword/internal/upstream"
)

// What a provider calls somebody stands in lists and mails here.
func TestOfAPersonIsTakenWhatFitsHere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		person upstream.Person
		want   account.NewUser
	}{
		"all":        {upstream.Person{Name: " Ada ", Picture: "https://p.example/a", Locale: "de-at"}, account.NewUser{Name: "Ada", Picture: "https://p.example/a", Locale: "de-AT"}},
		"nothing":    {upstream.Person{}, account.NewUser{Locale: "fr"}},
		"control":    {upstream.Person{Name: "A\x00da", Picture: "javascript:x", Locale: "??"}, account.NewUser{Locale: "fr"}},
		"direction":  {upstream.Person{Name: "A\u202eda", Picture: "http://p.example/a"}, account.NewUser{Locale: "fr"}},
		"a long one": {upstream.Person{Name: strings.Repeat("a", 201), Picture: "https://p.example/" + strings.Repeat("a", 2048)}, account.NewUser{Locale: "fr"}},
	} {
		got := comer{person: test.person, address: "ada@example.com", flow: store.ProviderFlow{Locale: "fr"}}.newUser()
		test.want.Address = "ada@example.com"
		if got.Address != test.want.Address || got.Name != test.want.Name || got.Picture != test.want.Picture || got.Locale != test.want.Locale {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
