package upstream

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Whatever stands where a preset looks, it reads a person who can be kept, or
// nobody; and who proves nothing is not brought to.
func FuzzPresets(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*", "*.json"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("there are no recordings: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	all, proving := presets(), []string{"apple", "github", "google", "microsoft"}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := parseJSON(text)
		if err != nil {
			return
		}
		object, _ := value.(map[string]any)
		for name, known := range all {
			p := &Provider{Type: known.kind, preset: known, settings: Settings{
				Tenant: "8eaef023-2b34-4da1-9baa-8bc8c9d6a490", EmailDomains: []string{"*"},
			}}
			who := Person{Subject: claims(object).text("sub")}
			if known.subject != nil {
				who.Subject = known.subject(object)
			}
			if known.template != nil {
				issuer, announced := claims(object).text("iss"), known.issuer(p.settings)
				if known.template.issued(p.settings, announced, issuer, object) && issuer != announced {
					t.Errorf("%s: a token of %q is taken", name, issuer)
				}
			}
			person, err := p.recognise(who, answer{claims: object, token: object, more: value, user: object})
			if err != nil {
				continue
			}
			if !keepable(person.Subject, maxSubject) || person.Email != cleanEmail(person.Email) {
				t.Errorf("%s: read is %+v", name, person)
			}
			if person.Proof == AddressProven && (person.Email == "" || !slices.Contains(proving, name)) {
				t.Errorf("%s: %q is proven", name, person.Email)
			}
		}
	})
}
