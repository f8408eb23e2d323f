package signin_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/limit"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/session"
	"watchword/internal/signin"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
	"watchword/internal/token"
	"watchword/internal/upstream"
)

// world is the journeys of a server on a real database.
type world struct {
	*signin.Service
	testing.TB
	engine   store.Engine
	location string
	clock    *storetest.Clock
	networks atomic.Int64
	paused   func(time.Duration) // hears of pauses, which take no time
}

const (
	password = "violet tambourine 41 harvest"
	another  = "copper lantern 93 meadow"
	address  = "ada@example.com"
)

func newWorld(tb testing.TB, engine store.Engine) *world {
	tb.Helper()
	return newNode(tb, engine, storetest.Location(tb, engine), storetest.NewClock())
}

// newNode is one more server on a database.
func newNode(tb testing.TB, engine store.Engine, location string, clock *storetest.Clock) *world {
	tb.Helper()
	s := storetest.OpenAt(tb, engine, location, clock.Now)
	keyring, err := secret.NewKeyring(secret.NewString("the secret of the server in these tests"), secret.String{})
	if err != nil {
		tb.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	keys, err := token.OpenKeys(context.Background(), token.KeysOptions{
		Store: s, Keyring: keyring, Issuer: "https://id.example.com", Algorithm: jose.ES256, RotateEvery: 90 * 24 * time.Hour,
		PublishAhead: 24 * time.Hour, TokenLife: 10 * time.Minute, Clock: clock.Now, Random: rand.Reader, Log: log,
	})
	if err != nil {
		tb.Fatal(err)
	}
	limiter := limit.New(limit.Config{Now: clock.Now, DigestKey: []byte("limits")})
	queue := job.Queue{Keyring: keyring}
	find := func(id watchword.ClientID) (watchword.Client, bool) { return web(), id == "web" }
	lookup := func(_ context.Context, id watchword.ClientID) (watchword.Client, bool, error) {
		return web(), id == "web", nil
	}
	mails := account.MailLimits{
		Limiter:    limiter,
		PerAddress: limit.Rule{Name: "mail_address", Count: 5, Per: time.Hour}, PerIP: limit.Rule{Name: "mail", Count: 20, Per: time.Hour},
	}
	w := &world{TB: tb, engine: engine, location: location, clock: clock, paused: func(time.Duration) {}}
	w.Service = &signin.Service{
		Store: s, Limiter: limiter, Mails: mails, Client: find, Lookup: lookup, MagicLinkLife: 10 * time.Minute, Jobs: queue, Keyring: keyring,
		Sessions: &session.Service{
			Store: s, Keys: keys, Keyring: keyring, Limiter: limiter, RefreshLimit: limit.Rule{Name: "refresh", Count: 60, Per: time.Minute},
			Issuer: "https://id.example.com", Lookup: lookup,
			Jobs: queue, Clock: clock.Now, Random: rand.Reader,
		},
		// Cheap hashes: what is tested is that they are made, not how long they take.
		Hasher: secret.NewHasher(secret.HasherOptions{Params: secret.Params{Memory: 64, Time: 1, Threads: 1}, MaxWait: time.Minute}),
		Policy: secret.Policy{MinLength: 10, MinScore: 3, Product: "Watchword"},
		Limits: signin.Limits{
			NoticePerAddress: limit.Rule{Name: "mail", Count: 5, Per: time.Hour},
			SignInPerIP:      limit.Rule{Name: "sign_in", Count: 10, Per: time.Minute}, SignUpPerIP: limit.Rule{Name: "sign_up", Count: 10, Per: time.Hour},
			CheckEmailPerIP: limit.Rule{Name: "check_email", Count: 10, Per: time.Minute},
		},
		PublicURL: "https://id.example.com", Providers: upstream.NewProviders(providers()...),
		Discovery: signin.DiscoveryOpen, SignUpMode: signin.SignUpOpen, Verification: signin.VerificationOptional,
		Verify: account.Verification{Store: s, Jobs: queue, Mails: mails, Client: find, Life: 24 * time.Hour, Random: rand.Reader},
		Clock:  clock.Now, Random: rand.Reader, Log: log,
		Pause: func(_ context.Context, d time.Duration) { w.paused(d) },
	}
	return w
}

// providers are set up in an order that is not that of their names.
func providers() []*upstream.Provider {
	return []*upstream.Provider{
		{ID: "google", Name: "Google", Type: upstream.TypeOIDC},
		{ID: "acme", Name: "Acme & Co", Type: upstream.TypeOIDC},
		{ID: "forge", Name: "Forge", Type: upstream.TypeOAuth2},
	}
}

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) { test(newWorld(t, engine)) })
}

func web() watchword.Client {
	return watchword.Client{ID: "web", Type: watchword.ClientPublic, Audience: "https://api.example.com", RedirectURIs: []string{callback, "https://app.example.com/cb"}, Lifetimes: watchword.Lifetimes{
		AccessToken: 10 * time.Minute, RefreshIdle: 7 * 24 * time.Hour, RefreshAbsolute: 30 * 24 * time.Hour,
		RefreshShort: 12 * time.Hour, RefreshGrace: 30 * time.Second,
	}}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// is fails the test unless err is the error wanted, by its code.
func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// somewhere is a network that nobody has called from.
func (w *world) somewhere() watchword.Origin {
	n := w.networks.Add(1)
	return watchword.Origin{IP: fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255), UserAgent: "test", RequestID: "req", ClientID: "web"}
}

// wish is a sign-in from a network of its own.
func (w *world) wish(email, password string) signin.ByPassword {
	return signin.ByPassword{
		Email: email, Password: secret.NewString(password), Client: web(), Mode: watchword.SessionBoth, Remember: watchword.RememberLong,
		Device: func(watchword.DeviceOwner) string { return "" }, Origin: w.somewhere(),
	}
}

func (w *world) signIn(email, password string) (signin.Result, error) {
	return w.Password(context.Background(), w.wish(email, password))
}

// joining is a sign-up from a network of its own.
func (w *world) joining(email string) signin.SignUp {
	return signin.SignUp{
		Email: email, Password: secret.NewString(password), Name: "Test Person", Client: web(), Mode: watchword.SessionBoth, Origin: w.somewhere(),
	}
}

func (w *world) signUp(email string) signin.Result {
	w.Helper()
	r, err := w.SignUp(context.Background(), w.joining(email))
	w.ok(err)
	return r
}

func (w *world) count(from string) int {
	w.Helper()
	return storetest.Count(w.TB, w.engine, w.location, from)
}

func (w *world) exec(statement string, arguments ...any) {
	w.Helper()
	storetest.Exec(w.TB, w.engine, w.location, statement, arguments...)
}

func (w *world) events(typ watchword.EventType) []watchword.Event {
	w.Helper()
	list, _, err := w.Store.Read().Events(w.Context(), watchword.EventFilter{Type: typ}, watchword.Page{Limit: 100})
	w.ok(err)
	return list
}

// jobs are what waits of a kind.
func (w *world) jobs(kind job.Kind) (jobs []store.Job) {
	w.Helper()
	errLook := errors.New("only looked")
	err := w.Store.Tx(w.Context(), func(c *store.Conn) (err error) {
		if jobs, err = c.ClaimJobs(w.Context(), string(kind), 100, c.Now()); err != nil {
			return err
		}
		return errLook
	})
	w.is(err, errLook)
	return jobs
}

// mails are the messages that wait.
func (w *world) mails() (list []mail.Message) {
	w.Helper()
	for _, j := range w.jobs(job.KindMail) {
		var m mail.Message
		w.ok(job.Decode(w.Keyring, j, &m))
		list = append(list, m)
	}
	return list
}
