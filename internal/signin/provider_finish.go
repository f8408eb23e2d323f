package signin

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/event"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/upstream"
)

// comer is somebody who has come back from a provider in the browser that began.
type comer struct {
	provider *upstream.Provider
	client   watchword.Client
	flow     store.ProviderFlow
	mode     watchword.SessionMode
	holder   account.Holder
	origin   watchword.Origin

	person  upstream.Person
	address string // of the person, canonical; empty: none that could be one's here
}

// proven says whether the provider's word is proof of the address. It is about the
// mailbox as the provider writes it: groß@ is written gross@ here, and may be
// somebody else's.
func (b comer) proven() bool {
	return b.address != "" && b.person.Proof == upstream.AddressProven && sameMailbox(b.person.Email, b.address)
}

// sameMailbox says whether nothing but ASCII letters' case tells the name of a
// mailbox from its canonical form. Domains are the same by IDNA.
func sameMailbox(written, canonical string) bool {
	name, _, _ := strings.Cut(strings.TrimSpace(written), "@")
	lower := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, name)
	return strings.HasPrefix(canonical, lower+"@")
}

// FinishProvider lets in who comes back from a provider, or links the provider to
// the user who has asked for it. The way back is used up before the provider is
// asked; what the provider says is believed or not in upstream; and who that is
// here is found out and acted on in one transaction. A refusal leaves an event.
//
// Errors: provider_not_found, oauth_state_invalid, oauth_state_expired,
// redirect_uri_not_allowed, provider_error, signup_disabled, user_disabled,
// email_unverified, account_link_required, those of an invite, rate_limited; of
// a link besides session_revoked, no_email, identity_taken.
func (s *Service) FinishProvider(ctx context.Context, in ProviderReturn) (ProviderResult, error) {
	if _, ok := s.Providers.Find(in.Provider); !ok {
		return ProviderResult{}, ErrProviderNotFound
	}
	if err := s.takeIP(ctx, providerLimit, in.Origin); err != nil {
		return ProviderResult{}, err
	}
	flow, err := s.flowOf(ctx, in.State)
	if err != nil {
		return ProviderResult{}, err
	}
	in.Origin.ClientID = flow.ClientID
	result, came, err := s.comeBack(ctx, flow, in)
	switch {
	case err == nil:
		s.verifyNewcomer(ctx, came)
		return result, nil
	case isFault(err):
		result.Flow = nil // the browser keeps its cookie: the way may not be used up
		return result, err
	}
	err = s.notIn(ctx, flow, came.user, in.Origin, err)
	if errors.Is(err, ErrEmailUnverified) {
		err = cmp.Or(s.Verify.SendUnasked(ctx, came.verify), err)
	}
	return result, err
}

// verifyNewcomer mails somebody who is in. They can have another mail sent, so that
// this one could not be is no reason to keep them out.
func (s *Service) verifyNewcomer(ctx context.Context, came entrance) {
	if err := s.Verify.SendUnasked(ctx, came.verify); err != nil {
		s.Log.WarnContext(ctx, "the mail that verifies a new user's address could not be queued", "user_id", came.verify.Email.UserID, "error", err)
	}
}

// isFault says whether an error is ours, and so no refusal.
func isFault(err error) bool {
	kind := watchword.KindOf(err)
	return kind == watchword.KindFault || kind == watchword.KindUnavailable
}

// flowOf is the way that a state was made for, live or not.
func (s *Service) flowOf(ctx context.Context, state secret.String) (store.ProviderFlow, error) {
	flow, err := s.Store.Read().ProviderFlow(ctx, secret.Digest(state))
	if errors.Is(err, store.ErrNotFound) {
		return flow, ErrStateInvalid.Because(err)
	}
	return flow, err
}

// comeBack is FinishProvider without what follows: the event, and the mail that
// verifies an address. The entrance says whom a refusal is about, where that is known.
func (s *Service) comeBack(ctx context.Context, flow store.ProviderFlow, in ProviderReturn) (ProviderResult, entrance, error) {
	asked := entrance{user: flow.UserID} // to link
	b, result, err := s.recognise(ctx, flow, in)
	if err != nil {
		return result, asked, err
	}
	if result.Refusal, err = s.ask(ctx, &b, in); err != nil {
		return result, asked, err
	}
	if flow.Purpose == store.FlowLink {
		linked, err := s.finishLink(ctx, b)
		if err == nil {
			result.Linked = &linked
		}
		return result, asked, err
	}
	if err := s.count(ctx, b); err != nil {
		return result, entrance{}, err
	}
	var entered entrance
	err = s.tx(ctx, func(c *store.Conn) (err error) {
		entered, err = s.enter(ctx, c, b)
		return err
	})
	if err != nil {
		return result, entered, err
	}
	if entered.mailed {
		s.Jobs.Announce()
	}
	return result, entered, s.fill(&result, entered)
}

// fill makes the tokens, once the transaction has committed.
func (s *Service) fill(result *ProviderResult, entered entrance) error {
	result.IsNewUser, result.Binding, result.Code = entered.isNewUser, entered.verify.Binding.Value, entered.code
	if !entered.code.IsZero() {
		return nil
	}
	grant, err := s.Sessions.Mint(entered.started)
	if err != nil {
		return err
	}
	result.Grant, result.Device, result.Next = grant, entered.device, s.next(grant.User)
	return nil
}

// recognise says whether this browser has begun this way at this provider, and
// where the way leads back to. A mere state is nobody's: whoever sends somebody
// else their own answer of a provider would have them signed in as a stranger.
func (s *Service) recognise(ctx context.Context, flow store.ProviderFlow, in ProviderReturn) (comer, ProviderResult, error) {
	if flow.Provider != in.Provider || !in.Bound(flow.Binding) {
		return comer{}, ProviderResult{}, ErrStateInvalid
	}
	result := ProviderResult{Flow: flow.Binding}
	client, ok, err := s.Lookup(ctx, flow.ClientID)
	if err != nil {
		return comer{}, result, err
	}
	if !ok {
		return comer{}, result, ErrStateInvalid // it was removed since
	}
	result.Client = client
	provider, err := s.offered(flow.Provider, client)
	if err != nil {
		return comer{}, result, err
	}
	result.Provider = provider.Name
	if flow.RedirectURI != "" && !client.AllowsRedirect(flow.RedirectURI) {
		return comer{}, result, account.ErrRedirectNotAllowed // taken off the list since
	}
	result.Return = account.Return{RedirectURI: flow.RedirectURI, State: flow.State, CodeChallenge: flow.CodeChallenge}
	switch {
	case !flow.UsedAt.IsZero():
		return comer{}, result, ErrStateInvalid
	case !s.Store.Read().Now().Before(flow.ExpiresAt):
		return comer{}, result, ErrStateExpired
	}
	b := comer{provider: provider, client: client, flow: flow, mode: in.Mode, holder: in.Holder, origin: in.Origin}
	if flow.RedirectURI != "" {
		b.mode = watchword.SessionCookie // never a token in a URL
	}
	return b, result, nil
}

// ask uses the way up and has the provider say who came back. Where it says that
// nobody did, the OAuth error to lead back with comes with upstream.ErrProvider.
func (s *Service) ask(ctx context.Context, b *comer, in ProviderReturn) (refusal string, err error) {
	nonce, verifier, err := s.flowSecrets(b.flow, in.State)
	if err != nil {
		return "", err // made by a node whose server secret this one has yet to be given
	}
	err = s.Store.Write(ctx, func(c *store.Conn) error { return c.UseProviderFlow(ctx, b.flow.StateDigest) })
	if errors.Is(err, store.ErrNotFound) {
		return "", ErrStateInvalid.Because(err) // another call was first
	}
	if err != nil {
		return "", err
	}
	if in.Error != "" {
		return refusalOf(in.Error), upstream.ErrProvider
	}
	b.person, err = b.provider.Identify(ctx, upstream.Return{
		Code: in.Code, Issuer: in.Issuer, User: in.User, Nonce: nonce, Verifier: verifier, RedirectURI: s.callbackURL(b.provider),
	})
	if err != nil {
		return "", err
	}
	if b.address, err = account.CanonicalAddress(b.person.Email); err != nil {
		b.address = "" // one that we cannot take is none
	}
	return "", nil
}

// refusalOf is what the client is told of a provider's error (RFC 6749 §4.1.2.1,
// OpenID Connect Core §3.1.2.6). What a provider writes there goes no further.
func refusalOf(text string) string {
	switch text {
	case "access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required":
		return text
	default:
		return "server_error"
	}
}

// notIn records that nobody came in, and why, and answers why. What a limit refuses
// is summed up by the limiter.
func (s *Service) notIn(ctx context.Context, flow store.ProviderFlow, user watchword.UserID, origin watchword.Origin, why error) error {
	refused, ok := errors.AsType[*watchword.Error](why)
	if !ok || refused.Kind == watchword.KindLimited {
		return why
	}
	err := s.Store.Write(ctx, func(c *store.Conn) error {
		return event.Record(ctx, c, origin, watchword.Event{
			Type: watchword.EventSignInFailed, UserID: user, Actor: event.ActorSystem,
			Data: map[string]string{"method": flow.Provider, "reason": refused.Code},
		})
	})
	if err != nil {
		return err
	}
	return why
}
