package api

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/apikey"
	"watchword/internal/client"
	"watchword/internal/delivery"
	"watchword/internal/event"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/statistics"
	"watchword/internal/token"
	"watchword/internal/waitlist"
	"watchword/internal/web"
)

// Deps are what the operations call.
type Deps struct {
	Sessions      *session.Service
	SignIn        *signin.Service
	Verify        account.Verification
	Resets        account.Resets
	Links         account.Links
	LinkPages     LinkPages
	ProviderPages ProviderPages
	Identities    account.Identities
	Passwords     account.Passwords
	Profiles      account.Profiles
	Accounts      account.Accounts
	Invites       account.Invites
	Emails        account.Emails
	Places        waitlist.Places
	Features      waitlist.Features
	// Administration is what administrators do with users and accounts.
	Administration account.Administration
	APIKeys        apikey.Keys
	Events         event.Log
	Applications   client.Applications
	Mails          delivery.Queue
	Statistics     *statistics.Overview
	Keys           *token.Keys
	Clients        Clients
	Cookies        web.SessionCookies
	CSRF           web.CSRF
	CrossOrigin    *web.CrossOrigin
	Devices        web.Devices
	OAuth          OAuthHandlers
	Ready          func(*http.Request) error
	Metrics        http.Handler
	Clock          func() time.Time
	Log            *slog.Logger
	Version        string
	PublicURL      string
}

// API is the mounted operations.
type API struct {
	Deps
	huma huma.API
	mux  *web.Mux
}

// Exceptions are the patterns of this package that are guarded otherwise than
// most: what is public may be read from anywhere.
func Exceptions() map[string]web.Rule {
	public := web.Rule{CORS: web.CORSPublic}
	none := web.Rule{CORS: web.CORSNone}
	// It acts on nothing, so pages of any origin may post there.
	posted := web.Rule{Body: web.BodyForm, Origin: web.OriginAny, CORS: web.CORSNone}
	form := web.Rule{Body: web.BodyForm, Origin: web.OriginForms}
	return map[string]web.Rule{
		"GET /healthz":               none,
		"GET /readyz":                none,
		"GET /metrics":               none,
		"GET /.well-known/jwks.json": public,
		"GET /openapi.json":          public,
		"GET /openapi.yaml":          public,
		"GET /auth/csrf/init":        public,
		// Pages of ours post forms there.
		"POST /auth/sign-in/token":         form,
		"POST /auth/accept-invite":         form,
		"POST /auth/verify-email":          form,
		"POST /auth/{provider}/callback":   posted,
		"POST /oauth2/callback/{provider}": posted,
	}
}

// Mount registers every operation on the mux.
func Mount(mux *web.Mux, deps Deps) *API {
	takeOverErrors()
	a := &API{Deps: deps, mux: mux}
	a.huma = humago.New(mux, a.config())

	a.mountLoginMethods()
	a.mountCheckEmail()
	a.mountSignIn()
	a.mountSignUp()
	a.mountMagicLink()
	a.mountAcceptInvite()
	a.mountVerifyEmail()
	a.mountResetPassword()
	a.mountAuthorize()
	a.mountCallback()
	a.mountIdentities()
	a.mountRefresh()
	a.mountSwitchAccount()
	a.mountSignOut()
	a.mountSessions()
	a.mountMe()
	a.mountProfile()
	a.mountPassword()
	a.mountEmails()
	a.mountDeleteMe()
	a.mountAccounts()
	a.mountMembers()
	a.mountInvites()
	a.mountWaitlist()
	a.mountAdminWaitlist()
	a.mountCSRF()
	a.mountAdminUsers()
	a.mountAdminAccounts()
	a.mountAdminSessions()
	a.mountAdminInvites()
	a.mountEvents()
	a.mountAdminClients()
	a.mountAdminKeys()
	a.mountAdminSigningKeys()
	a.mountAdminMail()
	a.mountAdminStats()
	a.mountOAuth()
	a.mountKeySet()
	a.mountHealth()
	a.mountOpenAPI()
	return a
}

// OpenAPI is the description of what is mounted.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

var errorsTaken sync.Once

// takeOverErrors makes huma's own errors ours. It is process-wide, because huma
// keeps it so, and the same for every API.
func takeOverErrors() {
	errorsTaken.Do(func() {
		huma.ValidateStrictCasing = true // Email is not email
		huma.DefaultArrayNullable = false
		huma.NewErrorWithContext = problemOf
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return problemOf(nil, status, msg, errs...)
		}
	})
}

// errClientNotFound says that X-Client-Id, or client_id, names nobody.
var errClientNotFound = watchword.NewError(watchword.KindNotFound, "client_not_found",
	"There is no client application with this id.")
