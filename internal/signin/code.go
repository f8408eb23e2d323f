package signin

import (
	"context"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// codeLife is how long a client has to exchange an authorization code (RFC 6749
// §4.1.2 allows ten minutes; nobody needs them).
const codeLife = time.Minute

// issueCode makes the authorization code for which the client that asked with a
// PKCE challenge gets the session, in c's transaction.
func (s *Service) issueCode(ctx context.Context, c *store.Conn, from store.OneTimeToken, user watchword.UserID) (secret.String, error) {
	code := account.NewToken(s.Random)
	return code, c.InsertOneTimeToken(ctx, store.OneTimeToken{
		Digest: secret.Digest(code), Purpose: store.TokenAuthorizationCode, UserID: user, Address: from.Address, Reach: store.ReachHandedOver,
		ClientID: from.ClientID, RedirectURI: from.RedirectURI, CodeChallenge: from.CodeChallenge,
		AMR: from.AMR, AccountID: from.AccountID, Scope: from.Scope, Nonce: from.Nonce, ExpiresAt: c.Now().Add(codeLife),
	})
}
