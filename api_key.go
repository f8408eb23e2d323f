package watchword

import "time"

// APIKey is what is known of a key of the administration besides the key itself.
type APIKey struct {
	ID         KeyID
	Name       string
	Scopes     []Scope
	CreatedBy  string // an actor, as in events
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time
	RevokedAt  time.Time
}

// APIKeyStatus says whether a key is good.
type APIKeyStatus string

// The three.
const (
	APIKeyLive    APIKeyStatus = "live"
	APIKeyExpired APIKeyStatus = "expired"
	APIKeyRevoked APIKeyStatus = "revoked"
)

// Status is where the key stands at a time.
func (k APIKey) Status(now time.Time) APIKeyStatus {
	switch {
	case !k.RevokedAt.IsZero():
		return APIKeyRevoked
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return APIKeyExpired
	default:
		return APIKeyLive
	}
}
