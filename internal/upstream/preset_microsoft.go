package upstream

import (
	"cmp"
	"regexp"
	"strings"
)

const (
	microsoftHost = "https://login.microsoftonline.com/"
	// microsoftAnyTenant is what discovery states where each tenant has its issuer.
	microsoftAnyTenant = microsoftHost + "{tenantid}/v2.0"
	// microsoftPersonal is the tenant of all accounts that belong to no organisation.
	microsoftPersonal = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func presetMicrosoft() preset {
	return preset{
		docs:          "https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc",
		name:          "Microsoft",
		kind:          TypeOIDC,
		issuer:        microsoftIssuer,
		template:      &issuerTemplate{announced: microsoftAnnounced, issued: microsoftIssued},
		scopes:        []string{"openid", "email", "profile"},
		auth:          authPost,
		skipsUserinfo: true, // it is one of Microsoft Graph
		proves:        provesMicrosoft,
	}
}

// microsoftTenant is the tenant of the settings: an id, a domain, or one of the
// names that stand for many tenants.
func microsoftTenant(s Settings) string {
	return cmp.Or(strings.ToLower(s.Tenant), "common")
}

func microsoftIssuer(s Settings) string { return microsoftIssuerOf(microsoftTenant(s)) }

func microsoftIssuerOf(tenant string) string { return microsoftHost + tenant + "/v2.0" }

// microsoftAnnounced says which issuer discovery may state for the tenant that
// was asked for.
func microsoftAnnounced(s Settings, issuer string) bool {
	switch tenant := microsoftTenant(s); {
	case tenant == "common" || tenant == "organizations":
		return issuer == microsoftAnyTenant
	case tenant == "consumers":
		return issuer == microsoftIssuerOf(microsoftPersonal)
	case guid.MatchString(tenant):
		return issuer == microsoftIssuerOf(tenant)
	default: // a domain, which discovery turns into the tenant's id
		return guid.MatchString(microsoftTenantOf(issuer))
	}
}

// microsoftIssued says whether a token's issuer is the one that was announced, or
// with many tenants the one of the tenant that the token itself names. All
// tenants sign with the same keys: what a token says of its tenant is all that
// keeps one from speaking for another.
func microsoftIssued(s Settings, announced, issuer string, token claims) bool {
	tenant := token.text("tid")
	switch {
	case !guid.MatchString(tenant) || issuer != microsoftIssuerOf(tenant):
		return false
	case announced != microsoftAnyTenant:
		return issuer == announced
	default: // organizations: no personal accounts
		return microsoftTenant(s) == "common" || tenant != microsoftPersonal
	}
}

func microsoftTenantOf(issuer string) string {
	tenant, _ := strings.CutPrefix(issuer, microsoftHost)
	tenant, found := strings.CutSuffix(tenant, "/v2.0")
	if !found {
		return ""
	}
	return tenant
}

// provesMicrosoft believes a pinned tenant alone: the administrator of any other
// writes into the address what they like. There xms_edov, an optional claim, says
// whether the domain is the tenant's own; where it is not sent, the operator's
// word for some domains does, but not for guests, whose address is written at
// home.
func provesMicrosoft(s Settings, a answer, address string) bool {
	switch microsoftTenant(s) {
	case "common", "organizations", "consumers", microsoftPersonal:
		return false
	}
	if owned, sent := a.token["xms_edov"]; sent {
		// Documented as a boolean; seen as text as well.
		return owned == true || owned == "true" || owned == "1"
	}
	return s.trusts(address) && !microsoftGuest(a.token)
}

func microsoftGuest(token claims) bool {
	home := token.text("idp") // where the person signed in, if not at this tenant
	return token.text("acct") == "1" || home != "" && !strings.Contains(home, token.text("tid"))
}
