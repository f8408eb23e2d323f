package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/job"
	"watchword/internal/mail"
	"watchword/internal/mail/mailtest"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// unlimited are settings for tables of calls; the clients are two that do not
// trust each other.
const (
	unlimited  = "rate_limits: \"off\"\n" + appAndShop
	appAndShop = `
default_client: web
clients:
  - {id: web, name: Web, redirect_uris: ["https://app.example.com/in"], origins: ["https://app.example.com"]}
  - {id: shop, name: Shop, redirect_uris: ["https://shop.example.com/in", "shop.example:/in"], origins: ["https://shop.example.com"]}
`
	appPage       = "https://app.example.com/in"
	leadsToApp    = `"redirect_uri":"https://app.example.com/in"`
	leadsWithPKCE = leadsToApp + `,"state":"s+1 &2","code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"`
)

// postbox is the mail server that a test's servers send to.
type postbox struct {
	*mailtest.Server
	t *testing.T
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	return openPostbox(t, "127.0.0.1:0")
}

func openPostbox(t *testing.T, address string) *postbox {
	t.Helper()
	server, err := mailtest.Serve(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return &postbox{server, t}
}

// patience is how long a test waits for what must come.
const patience = time.Minute

// take waits for the next mail to an address.
func (p *postbox) take(to string) mailtest.Mail {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	m, err := p.Take(ctx, to)
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

// until waits until something is true of the mail server.
func (p *postbox) until(cond func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	if err := p.WaitFor(ctx, cond); err != nil {
		p.t.Fatal(err)
	}
}

// town is a server with a mail server.
type town struct {
	*world
	post *postbox
}

func newTown(t *testing.T, engine store.Engine, settings string) *town {
	t.Helper()
	post := newPostbox(t)
	return &town{newWorld(t, engine, "smtp: "+post.URL()+"\n"+settings), post}
}

// link is a mailed link, with all that its owner may hold besides.
type link struct {
	mailtest.Mail
	path    string // of the operation behind it
	binding string // cookie of the browser that asked; empty: none
	login   string // names it for its code
}

func (l link) query() string { return l.path + "?token=" + l.Token() }

func (l link) json() string { return `{"token":"` + l.Token() + `"}` }

// linkIn is the link in a mail that an answer was about; notices without one are
// passed over.
func (w *town) linkIn(a answer, to string) link {
	w.t.Helper()
	l := link{Mail: w.post.take(to), login: a.str("login_id")}
	for l.Link == "" {
		l.Mail = w.post.take(to)
	}
	u, err := url.Parse(l.Link)
	if err != nil || !strings.HasPrefix(l.Link, w.url+"/") {
		w.t.Fatalf("the link is %q", l.Link)
	}
	l.path = u.Path
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if strings.HasPrefix(c.Name, "__Host-link_") {
			l.binding = c.Name + "=" + c.Value
		}
	}
	return l
}

// magicLink has a link mailed; more are further fields of the request.
func (w *town) magicLink(email, more string, headers ...string) link {
	w.t.Helper()
	got := w.app().post("/auth/send-magic-link", withFields(email, more), headers...).want(w.t, 202, "")
	return w.linkIn(got, email)
}

func (w *town) resetLink(email, more string) link {
	w.t.Helper()
	got := w.app().post("/auth/send-password-reset", withFields(email, more)).want(w.t, 202, "")
	return w.linkIn(got, email)
}

// verification has a link mailed to a signed-in user's own address.
func (w *town) verification(in answer, more string) link {
	w.t.Helper()
	got := w.app().post("/auth/send-email-verification", adding("{}", more), "Authorization", "Bearer "+in.str("access_token")).want(w.t, 202, "")
	return w.linkIn(got, in.str("user", "email"))
}

func withFields(email, more string) string {
	body := `{"email":"` + email + `"}`
	if more != "" {
		body = adding(body, more)
	}
	return body
}

// member signs somebody up who has proven their address.
func (w *town) member(email string) answer {
	w.t.Helper()
	up := w.app().post("/auth/sign-up", signUpBody(email, `"name":"Ada Lovelace"`)).want(w.t, 201, "")
	l := w.linkIn(up, email)
	w.app().post(l.path, l.json()).want(w.t, 200, "")
	return w.app().post("/auth/switch-account", refreshBody(up)).want(w.t, 200, "")
}

// invite has somebody invited into the account of a signed-in user.
func (w *town) invite(by answer, email string, delivery watchword.Delivery, back account.Return) link {
	w.t.Helper()
	token := account.NewToken(rand.Reader)
	invite := watchword.Invite{
		Account: watchword.Account{ID: watchword.AccountID(by.str("account", "id"))}, Address: email, Role: watchword.RoleMember,
		Delivery: delivery, InvitedBy: watchword.UserID(by.str("user", "id")), ClientID: "web", ExpiresAt: w.clock.Now().Add(7 * 24 * time.Hour),
	}
	queue := job.Queue{Keyring: w.keyring}
	err := w.store.Tx(w.t.Context(), func(c *store.Conn) (err error) {
		if invite.ID, err = c.InsertInvite(w.t.Context(), invite); err != nil {
			return err
		}
		t := store.OneTimeToken{
			Digest: secret.Digest(token), Purpose: store.TokenInvite, InviteID: invite.ID, Address: email, Reach: store.ReachMailed,
			ClientID: "web", Newcomers: store.NewcomersCreated, RedirectURI: back.RedirectURI, State: back.State,
			CodeChallenge: back.CodeChallenge, ExpiresAt: invite.ExpiresAt,
		}
		if delivery == watchword.DeliverLink {
			t.Reach = store.ReachHandedOver
			return c.InsertOneTimeToken(w.t.Context(), t)
		}
		if err := c.InsertOneTimeToken(w.t.Context(), t); err != nil {
			return err
		}
		return queue.EnqueueMail(w.t.Context(), c, mail.Message{Template: mail.Invite, ClientID: "web", Token: token.Reveal()}, invite.ExpiresAt)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if delivery == watchword.DeliverLink {
		return link{Mail: mailtest.Mail{Link: "x?token=" + token.Reveal()}, path: mail.AcceptInvitePath}
	}
	w.runner.Wake()
	return w.linkIn(answer{}, email)
}

// row is what the database holds of a link.
func (w *town) row(l link) store.OneTimeToken {
	w.t.Helper()
	t, err := w.store.Read().OneTimeToken(w.t.Context(), secret.Digest(secret.NewString(l.Token())))
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// unused says whether a link still works.
func (w *town) unused(l link) bool {
	w.t.Helper()
	return w.row(l).Live(w.clock.Now())
}

// visitor is a caller who follows no redirect and keeps no cookies.
func (w *world) visitor(headers ...string) *browser {
	b := w.program(headers...)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// submit posts a form.
func (b *browser) submit(path, form string, headers ...string) answer {
	b.w.t.Helper()
	return b.post(path, form, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func (l link) form() string { return "token=" + l.Token() }
