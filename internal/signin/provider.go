package signin

import (
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
)

// The errors of signing in at a provider, besides those of upstream.
var (
	ErrProviderNotFound = watchword.NewError(watchword.KindNotFound, "provider_not_found",
		"There is no such provider here.")
	ErrPKCERequired = watchword.NewError(watchword.KindMalformed, "pkce_required",
		"A code is given for a PKCE challenge alone: send code_challenge, and code_challenge_method=S256.")
	ErrResponseType = watchword.NewError(watchword.KindMalformed, "unsupported_response_type",
		"The only response_type is code. Leave it out for cookies.")
	ErrStateInvalid = watchword.NewError(watchword.KindMalformed, "oauth_state_invalid",
		"This sign-in was not begun in this browser, or is over. Begin again.")
	ErrStateExpired = watchword.NewError(watchword.KindMalformed, "oauth_state_expired",
		"This sign-in took too long. Begin again.")
	ErrLinkRequired = watchword.NewError(watchword.KindConflict, "account_link_required",
		"There is an account with this email address. Sign in to it another way, then link the provider there.")
	ErrIdentityTaken = watchword.NewError(watchword.KindConflict, "identity_taken",
		"Somebody else here signs in with this account of the provider.")
)

// ProviderStart is somebody's wish to sign in at a provider.
type ProviderStart struct {
	Provider        string
	Client          watchword.Client
	Return          account.Return
	ResponseType    string // empty or code
	ChallengeMethod string // S256, where there is a challenge
	Scope           string
	Nonce           string // the client's own, for its ID token
	LoginHint       string
	Prompt          string
	InviteToken     secret.String
	Locale          string
	Origin          watchword.Origin
}

// LinkStart is a signed-in user's wish to sign in by a provider as well.
type LinkStart struct {
	Caller   account.Caller
	Provider string
	Client   watchword.Client
	Return   account.Return
	Origin   watchword.Origin
}

// Departure is where somebody is sent to sign in.
type Departure struct {
	AuthorizeURL string
	Binding      secret.String // for a cookie of the browser that is sent
	ExpiresAt    time.Time
	Life         time.Duration
}

// ProviderReturn is what comes back from a provider.
type ProviderReturn struct {
	Provider string
	State    secret.String
	Code     secret.String
	Issuer   string // RFC 9207
	Error    string // RFC 6749 §4.1.2.1
	User     string // Apple's
	// Bound says whether the browser holds the cookie of this digest.
	Bound  func(digest []byte) bool
	Mode   watchword.SessionMode // where no redirect URI was given
	Holder account.Holder
	Origin watchword.Origin
}

// ProviderResult is what a return from a provider has led to. Its Return is there
// with an error, too, once the browser has shown that it began: it leads back.
type ProviderResult struct {
	Result
	Linked   *watchword.Identity // of a link flow
	Refusal  string              // the OAuth error to lead back with, where the person did not sign in
	Provider string              // its name, for people
	Client   watchword.Client
	Flow     []byte // digest of the flow's cookie, which has done its work
}
