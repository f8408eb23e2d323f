package signin

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/store"
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
	SignInPerIP    limit.Rule
	SignUpPerIP    limit.Rule
	MailPerAddress limit.Rule
}

// Service is the journeys that start a session.
type Service struct {
	Store     *store.Store
	Sessions  *session.Service
	Hasher    *secret.Hasher
	Policy    secret.Policy
	Limiter   *limit.Limiter
	Throttled *limit.Throttled
	Limits    Limits
	Mails     account.MailLimits
	Verify    account.Verification
	// Client finds a client by id.
	Client        func(watchword.ClientID) (watchword.Client, bool)
	MagicLinkLife time.Duration
	Jobs          job.Queue
	Keyring       *secret.Keyring
	Discovery     Discovery
	SignUpMode    SignUpMode
	Verification  Verification
	Clock         func() time.Time
	Random        io.Reader
	Log           *slog.Logger
}

// Result is what a way in has led to.
type Result struct {
	Grant     session.Grant
	Address   string // canonical, that was signed in with
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

// takeIP counts an attempt of a client's network, and notes a refusal so that
// the audit record can sum them up.
func (s *Service) takeIP(ctx context.Context, rule limit.Rule, origin watchword.Origin) error {
	err := s.Limiter.Take(ctx, rule, network(origin))
	if err != nil {
		s.Throttled.Note(rule.Name, network(origin))
	}
	return err
}

// network is what attempts from one place are counted by.
func network(origin watchword.Origin) string {
	ip, _ := netip.ParseAddr(origin.IP) // what cannot be read shares one key
	return limit.IPKey(ip)
}
