package upstream_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"watchword/internal/upstream"
)

const (
	otherTenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	personal    = "9188040d-6c67-4c5b-b112-36a304b66dad"
	anyTenant   = "https://login.microsoftonline.com/{tenantid}/v2.0"
)

func issuerOf(tenant string) string { return "https://login.microsoftonline.com/" + tenant + "/v2.0" }

// placeMicrosoft fills in what discovery for a tenant says.
func (r *recording) placeMicrosoft(tenant, issuer string) {
	base := "https://login.microsoftonline.com/" + tenant
	r.at.discovery = base + "/v2.0/.well-known/openid-configuration"
	r.at.token, r.at.keys = base+"/oauth2/v2.0/token", base+"/discovery/v2.0/keys"
	r.edit("discovery", map[string]any{
		"issuer": issuer, "authorization_endpoint": base + "/oauth2/v2.0/authorize",
		"token_endpoint": r.at.token, "jwks_uri": r.at.keys,
	})
}

// microsoftOf is Microsoft set up for a tenant.
func microsoftOf(t *testing.T, tenant, announced string, domains ...string) *recording {
	t.Helper()
	d := microsoft()
	d.settings.Tenant, d.settings.EmailDomains = tenant, domains
	r := replay(t, d.settings, d.at)
	r.placeMicrosoft(cmp.Or(strings.ToLower(tenant), "common"), announced)
	return r
}

func from(tenant string) map[string]any {
	return map[string]any{"iss": issuerOf(tenant), "tid": tenant}
}

func TestMicrosoftTokenIsOfTheTenantThatItNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tenant, announced string
		token             map[string]any
		issuer            string // empty: refused
	}{
		"pinned":                               {tenant, issuerOf(tenant), nil, issuerOf(tenant)},
		"pinned in capitals":                   {"8EAEF023-2B34-4DA1-9BAA-8BC8C9D6A490", issuerOf(tenant), nil, issuerOf(tenant)},
		"pinned, of another":                   {tenant, issuerOf(tenant), from(otherTenant), ""},
		"pinned, names another":                {tenant, issuerOf(tenant), map[string]any{"tid": otherTenant}, ""},
		"pinned, names none":                   {tenant, issuerOf(tenant), map[string]any{"tid": absent}, ""},
		"pinned, announced another":            {tenant, issuerOf(otherTenant), from(otherTenant), ""},
		"pinned, announced any":                {tenant, anyTenant, nil, ""},
		"by domain":                            {"contoso.onmicrosoft.com", issuerOf(tenant), nil, issuerOf(tenant)},
		"by domain, of another":                {"contoso.onmicrosoft.com", issuerOf(tenant), from(otherTenant), ""},
		"by domain, announced any":             {"contoso.onmicrosoft.com", anyTenant, nil, ""},
		"any":                                  {"", anyTenant, nil, issuerOf(tenant)},
		"common":                               {"common", anyTenant, from(otherTenant), issuerOf(otherTenant)},
		"common, personal":                     {"common", anyTenant, from(personal), issuerOf(personal)},
		"common, of another than it names":     {"common", anyTenant, map[string]any{"iss": issuerOf(otherTenant)}, ""},
		"common, names none":                   {"common", anyTenant, map[string]any{"tid": absent}, ""},
		"common, names no GUID":                {"common", anyTenant, from("contoso.com"), ""},
		"common, names a path":                 {"common", anyTenant, from(tenant + "/../" + otherTenant), ""},
		"common, names the template":           {"common", anyTenant, from("{tenantid}"), ""},
		"common, names a list":                 {"common", anyTenant, map[string]any{"tid": []string{tenant}}, ""},
		"common, of another host":              {"common", anyTenant, map[string]any{"iss": "https://login.evil.example/" + tenant + "/v2.0"}, ""},
		"common, of the first version":         {"common", anyTenant, map[string]any{"iss": "https://sts.windows.net/" + tenant + "/"}, ""},
		"common, announced one":                {"common", issuerOf(tenant), nil, ""},
		"organizations":                        {"organizations", anyTenant, nil, issuerOf(tenant)},
		"organizations, personal":              {"organizations", anyTenant, from(personal), ""},
		"consumers":                            {"consumers", issuerOf(personal), from(personal), issuerOf(personal)},
		"consumers, of an organisation":        {"consumers", issuerOf(personal), nil, ""},
		"consumers, announced any":             {"consumers", anyTenant, from(personal), ""},
		"consumers, announced an organisation": {"consumers", issuerOf(tenant), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := microsoftOf(t, c.tenant, c.announced)
			r.edit("id_token", c.token)
			person, err := r.signIn("")
			switch {
			case c.issuer == "" && !errors.Is(err, upstream.ErrProvider):
				t.Errorf("let in is %q of %q, with %v", person.Subject, person.Issuer, err)
			case c.issuer != "" && (err != nil || person.Issuer != c.issuer):
				t.Errorf("the issuer is %q with %v, want %q", person.Issuer, err, c.issuer)
			}
		})
	}
}

func TestMicrosoftProvesAddressesOfAPinnedTenantAlone(t *testing.T) {
	t.Parallel()
	const proven, unproven = upstream.AddressProven, upstream.AddressUnproven
	contoso := []string{"contoso.com"}
	for name, c := range map[string]struct {
		tenant  string
		domains []string
		token   map[string]any
		want    upstream.AddressProof
	}{
		"a pinned tenant alone":           {tenant, nil, nil, unproven},
		"its domain":                      {tenant, contoso, nil, proven},
		"another domain":                  {tenant, contoso, map[string]any{"email": "abe@fabrikam.com"}, unproven},
		"a domain that ends alike":        {tenant, contoso, map[string]any{"email": "abe@evilcontoso.com"}, unproven},
		"a domain below":                  {tenant, contoso, map[string]any{"email": "abe@contoso.com.evil.example"}, unproven},
		"two at signs":                    {tenant, contoso, map[string]any{"email": "abe@contoso.com@evil.example"}, unproven},
		"no address":                      {tenant, contoso, map[string]any{"email": absent}, unproven},
		"owned":                           {tenant, nil, map[string]any{"xms_edov": true}, proven},
		"owned, as text":                  {tenant, nil, map[string]any{"xms_edov": "1"}, proven},
		"not owned":                       {tenant, nil, map[string]any{"xms_edov": false}, unproven},
		"not owned, as text":              {tenant, nil, map[string]any{"xms_edov": "0"}, unproven},
		"owned, in another shape":         {tenant, nil, map[string]any{"xms_edov": map[string]any{"value": true}}, unproven},
		"its domain, not owned":           {tenant, contoso, map[string]any{"xms_edov": false}, unproven},
		"its domain, of a guest":          {tenant, contoso, map[string]any{"idp": issuerOf(otherTenant)}, unproven},
		"its domain, of a personal guest": {tenant, contoso, map[string]any{"idp": "live.com"}, unproven},
		"its domain, marked a guest":      {tenant, contoso, map[string]any{"acct": 1}, unproven},
		"its domain, of a member":         {tenant, contoso, map[string]any{"acct": 0, "idp": "https://sts.windows.net/" + tenant + "/"}, proven},
		"email_verified alone":            {tenant, nil, map[string]any{"email_verified": true}, unproven},
		"any tenant, owned":               {"", nil, map[string]any{"xms_edov": true}, unproven},
		"any tenant, domain":              {"common", contoso, nil, unproven},
		"any tenant in capitals, owned":   {"Common", nil, map[string]any{"xms_edov": true}, unproven},
		"any organisation, owned":         {"organizations", contoso, map[string]any{"xms_edov": true}, unproven},
		"personal accounts, owned":        {"consumers", contoso, map[string]any{"xms_edov": true, "iss": issuerOf(personal), "tid": personal}, unproven},
		"personal accounts by id, owned":  {personal, contoso, map[string]any{"xms_edov": true, "iss": issuerOf(personal), "tid": personal}, unproven},
		"a tenant by its domain, owned":   {"contoso.onmicrosoft.com", nil, map[string]any{"xms_edov": true}, proven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			announced := map[string]string{
				"": anyTenant, "common": anyTenant, "Common": anyTenant, "organizations": anyTenant,
				"consumers": issuerOf(personal), personal: issuerOf(personal),
			}[c.tenant]
			if announced == "" {
				announced = issuerOf(tenant)
			}
			r := microsoftOf(t, c.tenant, announced, c.domains...)
			r.edit("id_token", c.token)
			person, err := r.signIn("")
			if err != nil || person.Proof != c.want {
				t.Errorf("the address is %q with %v, want %q", person.Proof, err, c.want)
			}
		})
	}
}

func TestMicrosoftUserNameIsNoAddress(t *testing.T) {
	t.Parallel()
	r := microsoft().replay(t)
	r.edit("id_token", map[string]any{"email": absent})
	if person, err := r.signIn(""); err != nil || person.Email != "" {
		t.Errorf("the address is %q with %v", person.Email, err)
	}
}
