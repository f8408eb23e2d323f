package secret

// Purpose says what a key derived from the server secret is for. What is sealed
// or authenticated for one purpose opens for no other.
type Purpose uint8

// The purposes.
const (
	PurposeSigningKey   Purpose = iota // private JWT signing keys at rest
	PurposeRefreshToken                // the MAC in refresh tokens
	PurposeCSRFSession                 // the CSRF session cookie
	PurposeCSRFToken                   // the CSRF token bound to it
	PurposeDeviceCookie                // the cookie of a browser that signed in before
	PurposeJobPayload                  // queued jobs: mails in them hold live tokens
	PurposeOneTimeCode                 // six-digit codes: a bare digest would be searched through
	PurposeLimitKeys                   // the digests that limits are counted by
	PurposeInboxPass                   // the cookie of a browser that may read the inbox of development
	PurposeProviderFlow                // nonce and PKCE verifier toward a provider
	PurposeIdempotency                 // calls that are sent again: what they ask for, and what is shown once
	purposeCount
)

// label names the purpose in key derivation: changing one loses whatever was
// sealed under it.
func (p Purpose) label() string {
	return [purposeCount]string{
		"signing-key", "refresh-token", "csrf-session", "csrf-token",
		"device-cookie", "job-payload", "one-time-code", "limit-keys", "inbox-pass", "provider-flow", "idempotency",
	}[p]
}
