package signin

import (
	"context"
	"io"
	"log/slog"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
	"watchword/internal/upstream"
)

// Discovery says whether operations tell which addresses have accounts here.
type Discovery string

// The two: tell, under tight limits, or answer alike for all.
const (
	DiscoveryOpen    Discovery = "open"
	DiscoveryPrivate Discovery = "private"
)

// SignUpMode says who may make an account.
type SignUpMode string

// The sign-up modes.
const (
	SignUpOpen       SignUpMode = "open"
	SignUpInviteOnly SignUpMode = "invite_only"
	SignUpClosed     SignUpMode = "closed"
)

// Verification says whether an address must be verified before a password lets
// its user in.
type Verification string

// The two.
const (
	VerificationOptional Verification = "optional"
	VerificationRequired Verification = "required"
)

// Limits are the rules that the journeys count under.
type Limits struct {
	SignInPerIP      limit.Rule
	SignUpPerIP      limit.Rule
	NoticePerAddress limit.Rule // mails that tell an address of somebody who came with it
	CheckEmailPerIP  limit.Rule
}

// Service is the journeys that start a session.
type Service struct {
	Store    *store.Store
	Sessions *session.Service
	Hasher   *secret.Hasher
	Policy   secret.Policy
	Limiter  *limit.Limiter
	Limits   Limits
	Mails    account.MailLimits
	Verify   account.Verification
	// Providers are those that people can sign in at.
	Providers *upstream.Providers
	// Client finds a client by id, and Lookup also one that this node does not know
	// yet. That one may ask the database, and has no place in a transaction; its error
	// says that it could not be found out.
	Client        func(watchword.ClientID) (watchword.Client, bool)
	Lookup        func(context.Context, watchword.ClientID) (watchword.Client, bool, error)
	PublicURL     string // scheme://host[:port]
	MagicLinkLife time.Duration
	Jobs          job.Queue
	Keyring       *secret.Keyring
	Discovery     Discovery
	SignUpMode    SignUpMode
	Verification  Verification
	Clock         func() time.Time
	Pause         func(ctx context.Context, d time.Duration) // waits, or until the context ends
	Random        io.Reader
	Log           *slog.Logger
}

// Result is what a way in has led to.
type Result struct {
	Grant     session.Grant
	Device    watchword.DeviceOwner
	IsNewUser bool
	Next      Next
	Binding   secret.String  // of the verification mail: for a cookie of this browser
	Code      secret.String  // in place of the grant: an authorization code for the client's page
	Return    account.Return // where a link leads back to
}

// Next is what the user should do next.
type Next string

// What can come next; empty: nothing.
const (
	NextSetPassword Next = "set_password"
	NextVerifyEmail Next = "verify_email"
)

// next is the one place that decides what comes after a credential.
func (s *Service) next(user watchword.User) Next {
	switch {
	case user.Email != "" && !user.EmailVerified:
		return NextVerifyEmail
	default:
		return ""
	}
}

// takeIP counts an attempt of a client's network.
func (s *Service) takeIP(ctx context.Context, rule limit.Rule, origin watchword.Origin) error {
	return s.Limiter.Take(ctx, rule, limit.Network(origin), origin)
}
