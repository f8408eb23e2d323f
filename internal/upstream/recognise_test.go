package upstream

import (
	"strings"
	"testing"

	"watchword/internal/upstream/upstreamtest"
)

func TestAnAddressIsProvenOnlyByTrueOfATrustedDomain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		domains  []string
		email    any
		verified any
		want     AddressProof
	}{
		"true":                      {[]string{"acme.example"}, "ada@acme.example", true, AddressProven},
		"true of any domain":        {[]string{"*"}, "ada@other.example", true, AddressProven},
		"true in upper case":        {[]string{"acme.example"}, "ADA@ACME.Example", true, AddressProven},
		"true of IDN":               {[]string{"xn--bcher-kva.example"}, "ada@Bücher.example", true, AddressProven},
		"false":                     {[]string{"*"}, "ada@acme.example", false, AddressUnproven},
		"absent":                    {[]string{"*"}, "ada@acme.example", nil, AddressUnproven},
		"text":                      {[]string{"*"}, "ada@acme.example", "true", AddressUnproven},
		"number":                    {[]string{"*"}, "ada@acme.example", 1, AddressUnproven},
		"list":                      {[]string{"*"}, "ada@acme.example", []bool{true}, AddressUnproven},
		"no domains":                {nil, "ada@acme.example", true, AddressUnproven},
		"another domain":            {[]string{"acme.example"}, "ada@other.example", true, AddressUnproven},
		"a domain below":            {[]string{"acme.example"}, "ada@evil.acme.example", true, AddressUnproven},
		"a domain that ends alike":  {[]string{"acme.example"}, "ada@evilacme.example", true, AddressUnproven},
		"a domain in the name":      {[]string{"acme.example"}, "acme.example@evil.example", true, AddressUnproven},
		"two domains":               {[]string{"acme.example"}, "ada@evil.example@acme.example", true, AddressUnproven},
		"two domains the other way": {[]string{"acme.example"}, "ada@acme.example@evil.example", true, AddressUnproven},
		"a wider domain":            {[]string{"acme.example"}, "ada@ａcme.example", true, AddressUnproven},
		"no name":                   {[]string{"acme.example"}, "@acme.example", true, AddressUnproven},
		"no at":                     {[]string{"*"}, "acme.example", true, AddressUnproven},
		"no text":                   {[]string{"*"}, 7, true, AddressUnproven},
		"no address":                {[]string{"*"}, nil, true, AddressUnproven},
	} {
		for kind, settings := range map[string]func(*world) Settings{"oidc": (*world).oidc, "oauth2": (*world).oauth2} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				s := settings(w)
				s.EmailDomains = test.domains
				change := func(c map[string]any) {
					delete(c, "email")
					delete(c, "email_verified")
					if test.email != nil {
						c["email"] = test.email
					}
					if test.verified != nil {
						c["email_verified"] = test.verified
					}
				}
				w.Behave(upstreamtest.Hooks{Claims: change, Userinfo: change})
				if who := w.believed(t, w.open(t, s), ada); who.Proof != test.want {
					t.Errorf("%s is %s", who.Email, who.Proof)
				}
			})
		}
	}
}

func TestWithoutANameOfTheClaimNothingIsProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.oauth2()
	s.Claims.EmailVerified = ""
	if who := w.believed(t, w.open(t, s), ada); who.Proof != AddressUnproven || who.Email != ada.Email {
		t.Errorf("%+v", who)
	}
}

// The domain that trust is asked for is the one that the address is kept under, or
// none.
func TestTrustGoesByTheCanonicalDomain(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@acme.example":              "acme.example",
		"ADA@ACME.EXAMPLE":              "acme.example",
		"ada@bücher.example":            "xn--bcher-kva.example",
		"ada@bücher.example":           "", // not in NFKC: nobody keeps it
		"ada@xn--bcher-kva.example":     "xn--bcher-kva.example",
		"ada@straße.example":            "xn--strae-oqa.example",
		"ada@ⓔxample.com":               "",
		"ada@acme。example":              "acme.example",
		"ada@acme..example":             "",
		"ada@acme.example ":             "acme.example",
		"ada@acme.example\u200b":        "",
		"ada@-acme.example":             "",
		"ada@acme_.example":             "",
		"ada@":                          "",
		"@acme.example":                 "",
		"acme.example":                  "",
		"ada@evil.example@acme.example": "",
	} {
		domain, ok := domainOf(cleanEmail(address))
		if domain != want || ok != (want != "") {
			t.Errorf("%q is trusted under %q, %t, want %q", address, domain, ok, want)
		}
	}
}

func TestWhatDescribesAPersonIsCleaned(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 300)
	for name, test := range map[string]struct{ got, want string }{
		"name":              {cleanName("  Ada \u202eecalevoL\u0000\n "), "Ada ecalevoL"},
		"joined name":       {cleanName("👩\u200d💻"), "👩\u200d💻"},
		"long name":         {cleanName(long), long[:400]},
		"invisible name":    {cleanName("\u200b\u2060"), ""},
		"email":             {cleanEmail(" ada@acme.example "), "ada@acme.example"},
		"email with NUL":    {cleanEmail("ada\x00@acme.example"), ""},
		"email in disguise": {cleanEmail("ada@acme.example\u200b"), ""},
		"email with a line": {cleanEmail("ada@acme.example\r\nBcc: x"), ""},
		"long email":        {cleanEmail(strings.Repeat("a", 250) + "@b.example"), ""},
		"picture":           {cleanPicture("https://a.example/ü.png"), "https://a.example/%C3%BC.png"},
		"plain picture":     {cleanPicture("http://a.example/x.png"), ""},
		"script":            {cleanPicture("javascript:alert(1)"), ""},
		"data":              {cleanPicture("data:image/png;base64,xx"), ""},
		"no host":           {cleanPicture("https:///x.png"), ""},
		"user in picture":   {cleanPicture("https://a:b@a.example/x.png"), ""},
		"long picture":      {cleanPicture("https://a.example/" + strings.Repeat("a", 2048)), ""},
		"wide picture":      {cleanPicture("https://a.example/" + strings.Repeat("ü", 500)), ""},
		"garbage picture":   {cleanPicture("https://a.example/%zz"), ""},
		"locale":            {cleanLocale("de_at"), "de-AT"},
		"long locale":       {cleanLocale(strings.Repeat("de-", 20)), ""},
		"garbage locale":    {cleanLocale("??"), ""},
		"no locale":         {cleanLocale(""), ""},
		"clipped":           {clip("a\x1b[31m\n" + strings.Repeat("ä", 200)), "a[31m" + strings.Repeat("ä", 97) + "…"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", name, test.got, test.want)
		}
	}
}

func TestNamesAreMadeOfTheirPartsWhereThereIsNone(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]claims{
		"Ada Lovelace": {"given_name": "Ada", "family_name": "Lovelace"},
		"Ada":          {"given_name": "Ada"},
		"Countess":     {"name": "Countess", "given_name": "Ada"},
		"":             {"name": 7},
	} {
		if got := readStandard(c).Name; got != want {
			t.Errorf("%v becomes %q", c, got)
		}
	}
}
