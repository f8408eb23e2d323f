package upstream

// preset is a provider whose particulars are built in. The zero value of each
// field is what most providers do, so that an entry of the table says only what
// is particular.
type preset struct {
	docs string // where the provider documents what stands here
	name string // for people
	kind Type

	// issuer is, of OpenID Connect, where discovery is done and what the document
	// and the ID tokens must state. Of OAuth 2.0 it is a constant: the name under
	// which the provider's subjects are kept.
	issuer func(s Settings) string
	// template replaces the comparison with issuer where the provider has an issuer
	// for each of its tenants.
	template *issuerTemplate

	// Of OAuth 2.0 alone.
	authorizeURL, tokenURL, userinfoURL string

	scopes []string          // where the settings name none
	params map[string]string // besides, on the way there

	auth clientAuth
	// secretAudience is aud of the client secret that is signed where the settings
	// hold a private key.
	secretAudience string

	lacksPKCE     bool // it documents none, or none for every application
	skipsUserinfo bool // OIDC: its ID token says all, or its userinfo is no OIDC one

	headers map[string]string // of the calls for the person's data
	// moreURL is asked after userinfo with the same access token. That it is
	// refused (401, 403, 404) is no failure: there is nothing more. That it is put
	// off is one.
	moreURL string

	// read takes the provider's documented answer into a Person. nil: the standard
	// claims of OpenID Connect, or the settings' ClaimNames. Issuer and Proof are
	// not its affair, nor is Subject with OpenID Connect.
	read func(a answer) Person
	// subject is, of OpenID Connect, who a verified ID token speaks of where sub alone
	// does not say it. Empty: nobody. nil: sub.
	subject func(token claims) string
	// proves says whether the answer proves the address that was read from it. nil:
	// as for a provider without preset, email_verified for one of EmailDomains.
	proves func(s Settings, a answer, address string) bool
}

// issuerTemplate is for a provider that has many issuers.
type issuerTemplate struct {
	// announced says whether discovery may state this issuer.
	announced func(s Settings, issuer string) bool
	// issued says whether a verified token may be of this issuer.
	issued func(s Settings, announced, issuer string, token claims) bool
}

// clientAuth is how we authenticate at a token endpoint.
type clientAuth string

// The ways. The zero value is what the metadata announce, client_secret_basic
// where they are silent and client_secret_post where there are none.
const (
	authAnnounced clientAuth = ""
	authBasic     clientAuth = "client_secret_basic"
	authPost      clientAuth = "client_secret_post"
)

// answer is what a provider has said of a person.
type answer struct {
	// claims are what a Person is read from: userinfo's, and over them those of the
	// ID token; email and email_verified always of the same of the two.
	claims claims
	token  claims // of the ID token alone; nil with OAuth 2.0
	more   any    // of moreURL, as claims hold values; nil: nothing
	user   claims // Apple's form field, which nobody has signed; nil: none came
}
