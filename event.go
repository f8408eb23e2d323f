package watchword

import "time"

// EventType names what happened, dotted: noun, then past tense.
type EventType string

// The events.
const (
	EventUserCreated        EventType = "user.created"
	EventUserUpdated        EventType = "user.updated"
	EventUserImported       EventType = "user.imported"
	EventAdminGranted       EventType = "user.administrator_granted"
	EventAdminRevoked       EventType = "user.administrator_revoked"
	EventUserDisabled       EventType = "user.disabled"
	EventUserEnabled        EventType = "user.enabled"
	EventDeletionScheduled  EventType = "user.deletion_scheduled"
	EventUserDeleted        EventType = "user.deleted"
	EventEmailAdded         EventType = "email.added"
	EventEmailRemoved       EventType = "email.removed"
	EventPrimaryChanged     EventType = "email.primary_changed"
	EventAccountCreated     EventType = "account.created"
	EventAccountUpdated     EventType = "account.updated"
	EventAccountDeleted     EventType = "account.deleted"
	EventMemberRoleChanged  EventType = "member.role_changed"
	EventMemberRemoved      EventType = "member.removed"
	EventMemberLeft         EventType = "member.left"
	EventInviteCreated      EventType = "invite.created"
	EventInviteResent       EventType = "invite.resent"
	EventInviteRevoked      EventType = "invite.revoked"
	EventSignInFailed       EventType = "sign_in.failed"
	EventThrottled          EventType = "attempts.throttled"
	EventSessionStarted     EventType = "session.started"
	EventSessionEnded       EventType = "session.ended"
	EventSessionsEnded      EventType = "sessions.ended"
	EventSessionSwitched    EventType = "session.account_switched"
	EventRefreshReused      EventType = "refresh_token.reused"
	EventRefreshAhead       EventType = "refresh_token.ahead"
	EventPasswordChanged    EventType = "password.changed"
	EventPasswordRefused    EventType = "password.change_failed"
	EventPasswordRehashed   EventType = "password.rehashed"
	EventPasswordReset      EventType = "password.reset"
	EventResetRequested     EventType = "password.reset_requested"
	EventMagicLinkRequested EventType = "magic_link.requested"
	EventVerificationSent   EventType = "email.verification_sent"
	EventEmailVerified      EventType = "email.verified"
	EventEmailDisplaced     EventType = "email.displaced" // somebody else has proven it: password and sessions are gone
	EventEmailDisowned      EventType = "email.disowned"  // its reader said: this was not me
	EventUserReclaimed      EventType = "user.reclaimed"  // all that was unproven is gone
	EventIdentityLinked     EventType = "identity.linked"
	EventIdentityUnlinked   EventType = "identity.unlinked"
	EventCodeReplayed       EventType = "authorization_code.replayed"
	EventMailRetried        EventType = "mail.retried"
	EventInviteAccepted     EventType = "invite.accepted"
	EventMemberJoined       EventType = "member.joined"
	EventAPIKeyCreated      EventType = "api_key.created"
	EventAPIKeyRevoked      EventType = "api_key.revoked"
	EventClientCreated      EventType = "client.created"
	EventClientUpdated      EventType = "client.updated"
	EventClientDeleted      EventType = "client.deleted"
	EventClientRotated      EventType = "client.secret_rotated"
	EventSigningKeyCreated  EventType = "signing_key.created"
	EventSigningKeysRotated EventType = "signing_keys.rotated"
	EventWaitlistJoined     EventType = "waitlist.joined"
	EventWaitlistLeft       EventType = "waitlist.left"
	EventWaitlistApproved   EventType = "waitlist.approved"
	EventFeatureCreated     EventType = "waitlist.feature_created"
	EventFeatureUpdated     EventType = "waitlist.feature_updated"
	EventFeatureDeleted     EventType = "waitlist.feature_deleted"
	EventSecretResealed     EventType = "secret.resealed"
	EventDataExported       EventType = "data.exported"
	EventDataImported       EventType = "data.imported"
	EventDataBackedUp       EventType = "data.backed_up"
	EventDataRestored       EventType = "data.restored"
)

// Event is one line of the audit record, written in the transaction of what it
// tells of. Data holds details as a flat JSON object and never a secret.
type Event struct {
	ID        EventID
	Type      EventType
	At        time.Time
	UserID    UserID
	AccountID AccountID
	SessionID SessionID
	ClientID  ClientID
	Actor     string // "user:usr_…", "key:key_…", "cli" or "system"
	IP        string
	UserAgent string
	RequestID string
	Data      map[string]string
}

// Origin is where a request came from, as far as events and sessions record it.
type Origin struct {
	IP        string
	UserAgent string
	RequestID string
	ClientID  ClientID
}

// EventFilter selects events; zero fields select all.
type EventFilter struct {
	UserID    UserID
	AccountID AccountID
	Type      EventType
	Since     time.Time // from then on
	Until     time.Time // up to then, excluded
}
