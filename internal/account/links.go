package account

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"watchword"
	"watchword/internal/limit"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// LinkKind is what a mailed link is for.
type LinkKind string

// The kinds of link.
const (
	LinkSignIn LinkKind = "sign_in"
	LinkInvite LinkKind = "invite"
	LinkVerify LinkKind = "verify"
	LinkReset  LinkKind = "reset"
)

func (k LinkKind) purpose() store.TokenPurpose {
	switch k {
	case LinkSignIn:
		return store.TokenMagicLink
	case LinkInvite:
		return store.TokenInvite
	case LinkReset:
		return store.TokenResetPassword
	default:
		return store.TokenVerifyEmail
	}
}

// LinkView is what is known of a link before it is used, for the page that asks
// whether to go on.
type LinkView struct {
	Kind        LinkKind
	Address     string // masked
	Account     string // of an invite
	Role        watchword.Role
	ClientID    watchword.ClientID
	UserID      watchword.UserID // whose address a verification is about
	RedirectURI string
	Binding     []byte
	// Refusal is why the link cannot be used any more; nil where it can.
	Refusal error
	// Done says that a verification has happened: opening its link again is no fault.
	Done bool
	// Claimed says that a verification is about an address that somebody has added
	// to their user, not about one that a user was made with.
	Claimed bool
	// HasPassword and Providers, by name, are how whoever made that user comes in.
	HasPassword bool
	Providers   []string
}

// Links looks at mailed links without using them.
type Links struct {
	Store   *store.Store
	Limiter *limit.Limiter
	Client  func(watchword.ClientID) (watchword.Client, bool)
	// Provider is what a provider is called, by its id.
	Provider func(id string) string
}

// linkLimit bounds how often links are opened from one network.
var linkLimit = limit.Rule{Name: "link", Count: 20, Per: time.Minute}

// Look reads what a link is about. It uses nothing up. ErrTokenInvalid: it is no
// link of that kind.
func (l Links) Look(ctx context.Context, kind LinkKind, token secret.String, origin watchword.Origin) (LinkView, error) {
	if err := l.Limiter.Take(ctx, linkLimit, limit.Network(origin), origin); err != nil {
		return LinkView{Kind: kind}, err
	}
	c := l.Store.Read()
	t, err := LookToken(ctx, c, token, kind.purpose())
	if err != nil {
		return LinkView{Kind: kind}, err
	}
	view := LinkView{
		Kind: kind, Address: Masked(t.Address), ClientID: t.ClientID, UserID: t.UserID,
		RedirectURI: returnOf(t, l.Client).RedirectURI,
		Binding:     t.Binding, Refusal: Refusal(t, c.Now()),
	}
	switch kind {
	case LinkInvite:
		return l.invite(ctx, c, t, view)
	case LinkVerify:
		return l.verification(ctx, c, t, view)
	default:
		return view, nil
	}
}

func (l Links) verification(ctx context.Context, c *store.Conn, t store.OneTimeToken, view LinkView) (LinkView, error) {
	e, err := c.Email(ctx, t.EmailID)
	if err != nil {
		return view, notFoundAs(err, ErrTokenInvalid)
	}
	view.Claimed = !e.Exclusive
	if !t.UsedAt.IsZero() && e.Verified() {
		view.Done, view.Refusal = true, nil
	}
	asks := !view.Claimed && !view.Done && view.Refusal == nil // whether that was them
	if !asks {
		return view, nil
	}
	user, err := c.User(ctx, e.UserID)
	if err != nil {
		return view, notFoundAs(err, ErrTokenInvalid)
	}
	view.HasPassword = user.HasPassword
	view.Providers, err = c.Providers(ctx, e.UserID)
	for i, id := range view.Providers {
		view.Providers[i] = l.Provider(id)
	}
	return view, err
}

func (l Links) invite(ctx context.Context, c *store.Conn, t store.OneTimeToken, view LinkView) (LinkView, error) {
	invite, err := c.Invite(ctx, t.InviteID)
	if errors.Is(err, store.ErrNotFound) {
		return view, ErrTokenInvalid
	}
	if err != nil {
		return view, err
	}
	view.Account, view.Role = invite.Account.Name, invite.Role
	view.Refusal = InviteRefusal(t, invite, c.Now())
	return view, nil
}

// Masked shows an address to somebody who knows it, and hides it from somebody
// who looks over their shoulder or has found the link: a•••@example.com.
func Masked(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return "•••"
	}
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "•••@" + domain
}
