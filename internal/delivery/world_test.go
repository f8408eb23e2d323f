package delivery_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"watchword"
	"watchword/internal/delivery"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a mailer on a real database, whose letters end with a postman.
type world struct {
	*testing.T
	delivery.Mailer
	postman  *postman
	clock    *storetest.Clock
	queue    job.Queue
	engine   store.Engine
	location string
}

// postman keeps what he is given, unless he has been told what to do with it.
type postman struct {
	mu      sync.Mutex
	letters []delivered
	do      func(context.Context, mail.Rendered) error
}

type delivered struct {
	mail.Rendered
	id string
}

func (p *postman) Send(ctx context.Context, letter mail.Rendered, id string) error {
	if p.do != nil {
		if err := p.do(ctx, letter); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, delivered{letter, id})
	return nil
}

func (p *postman) all() []delivered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]delivered(nil), p.letters...)
}

const publicURL = "https://id.example.com"

func onEach(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		clock, p := storetest.NewClock(), &postman{}
		location := storetest.Location(t, engine)
		keyring, err := secret.NewKeyring(secret.NewString("the secret of the server in these tests"), secret.String{})
		if err != nil {
			t.Fatal(err)
		}
		templates, err := mail.NewTemplates(mail.TemplateOptions{PublicURL: publicURL, Branding: mail.Branding{Name: "Watchword", Accent: "#3b5bdb"}})
		if err != nil {
			t.Fatal(err)
		}
		test(&world{
			T: t, clock: clock, postman: p, engine: engine, location: location, queue: job.Queue{Keyring: keyring},
			Mailer: delivery.Mailer{
				Store: storetest.OpenAt(t, engine, location, clock.Now), Keyring: keyring, Templates: templates, Links: mail.Links{PublicURL: publicURL},
				Client:   client,
				Provider: func(id string) (string, bool) { return "Forge", id == "forge" },
				Senders:  []delivery.Sender{p},
			},
		})
	})
}

// client knows web, which offers all there is, and others that offer what is in
// their names.
func client(id watchword.ClientID) (watchword.Client, bool) {
	c := watchword.Client{ID: id, Name: "My app", RedirectURIs: []string{"https://app.example.com/reset?lang=en"}}
	if id == "web" {
		return c, true
	}
	for _, m := range strings.Split(string(id), "+") {
		c.Methods = append(c.Methods, watchword.Method(m))
	}
	return c, c.Offers(watchword.MethodPassword)
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

func (w *world) do(act func(c *store.Conn) error) {
	w.Helper()
	w.ok(w.Store.Tx(context.WithoutCancel(w.Context()), act))
}

// user makes a user; e says how far their address is proven.
func (w *world) user(u store.NewUser, e watchword.Email) (watchword.UserID, watchword.EmailID) {
	w.Helper()
	w.do(func(c *store.Conn) (err error) {
		if e.UserID, err = c.InsertUser(w.Context(), u); err != nil {
			return err
		}
		e.Primary, e.Exclusive = true, true
		e.ID, err = c.InsertEmail(w.Context(), e)
		return err
	})
	return e.UserID, e.ID
}

func (w *world) ada() (watchword.UserID, watchword.EmailID) {
	w.Helper()
	return w.user(store.NewUser{Name: "Ada"}, watchword.Email{Address: "ada@example.com", VerifiedAt: w.clock.Now()})
}

// token makes a live token of an hour, and answers its text.
func (w *world) token(t store.OneTimeToken) string {
	w.Helper()
	token := secret.NewToken("otk_", rand.Reader)
	t.Digest, t.Reach = secret.Digest(token), store.ReachMailed
	if t.ExpiresAt.IsZero() {
		t.ExpiresAt = w.clock.Now().Add(time.Hour)
	}
	w.do(func(c *store.Conn) error { return c.InsertOneTimeToken(w.Context(), t) })
	return token.Reveal()
}

// deliver queues a message and does its job, as a runner would.
func (w *world) deliver(m mail.Message) error {
	w.Helper()
	w.enqueue(m)
	return w.Deliver(w.Context(), w.claim())
}

func (w *world) enqueue(m mail.Message) {
	w.Helper()
	w.do(func(c *store.Conn) error { return w.queue.EnqueueMail(w.Context(), c, m, c.Now().Add(time.Hour)) })
}

// claim takes the one job that is due, as a node does.
func (w *world) claim() store.Job {
	w.Helper()
	var jobs []store.Job
	w.ok(w.Store.Write(w.Context(), func(c *store.Conn) (err error) {
		jobs, err = c.ClaimJobs(w.Context(), string(job.KindMail), 9, c.Now().Add(2*time.Minute))
		return err
	}))
	if len(jobs) != 1 {
		w.Fatalf("%d jobs are due", len(jobs))
	}
	return jobs[0]
}

// run starts a runner, which ends with the test.
func (w *world) run(more map[job.Kind]job.Handler) *job.Runner {
	w.Helper()
	handlers := map[job.Kind]job.Handler{job.KindMail: w.Deliver}
	for kind, handler := range more {
		handlers[kind] = handler
	}
	r := job.NewRunner(w.Store, handlers, rand.Reader, slog.New(slog.DiscardHandler))
	r.Start()
	w.Cleanup(r.Stop)
	return r
}

// eventually waits until it is so; the bound only ends a hopeless wait.
func (w *world) eventually(what string, so func() bool) {
	w.Helper()
	for range 3000 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.Fatalf("never: %s", what)
}

// count is how many jobs there are of a status.
func (w *world) count(status store.JobStatus) int {
	w.Helper()
	list, _, err := w.Store.Read().Jobs(w.Context(), string(job.KindMail), status, watchword.Page{Limit: 100})
	w.ok(err)
	return len(list)
}

// sealed is how many jobs hold a payload.
func (w *world) sealed() int {
	w.Helper()
	return storetest.Count(w.T, w.engine, w.location, "jobs WHERE length(payload) > 0")
}
