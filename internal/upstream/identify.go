package upstream

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"watchword/internal/secret"
)

var (
	errOtherPerson = errors.New("userinfo is of somebody else than the ID token")
	errSubject     = errors.New("the answer does not say who it is in a way that can be kept")
)

// Identify finds out who came back. ErrProvider: the provider did not say, or not
// in a way that can be believed.
func (p *Provider) Identify(ctx context.Context, r Return) (Person, error) {
	ctx, cancel := context.WithTimeout(ctx, inAll)
	defer cancel()
	who, err := p.identify(ctx, r)
	if err != nil {
		return Person{}, ErrProvider.Because(fmt.Errorf("sign somebody in at provider %s: %w", p.ID, err))
	}
	return who, nil
}

func (p *Provider) identify(ctx context.Context, r Return) (Person, error) {
	if err := checkCode(r.Code.Reveal()); err != nil {
		return Person{}, err
	}
	e, err := p.where(ctx)
	if err != nil {
		return Person{}, err
	}
	if err := e.checkResponseIssuer(p, r.Issuer); err != nil {
		return Person{}, err
	}
	granted, err := p.exchange(ctx, e, r)
	if err != nil {
		return Person{}, err
	}
	a, who := answer{}, Person{Issuer: p.issuer}
	if p.Type == TypeOIDC {
		proven, err := p.verify(ctx, e, granted.idToken, r)
		if err != nil {
			return Person{}, err
		}
		a.token, who.Issuer, who.Subject = proven.claims, proven.issuer, proven.subject
		if p.preset.subject != nil {
			who.Subject = p.preset.subject(proven.claims)
		}
	}
	if err := p.ask(ctx, e, granted, &a); err != nil {
		return Person{}, err
	}
	if r.User != "" {
		a.user, _ = parseClaims([]byte(r.User)) // nobody has signed it: it is a courtesy, not a reason to fail
	}
	return p.recognise(who, a)
}

// ask adds what the provider's calls for a person's data tell.
func (p *Provider) ask(ctx context.Context, e *endpoints, granted grant, a *answer) error {
	a.claims = a.token
	bearer := secret.NewString(granted.access)
	if e.userinfo != "" && !(p.Type == TypeOIDC && p.preset.skipsUserinfo) {
		var info claims
		q := question{target: e.userinfo, header: p.preset.headers, bearer: bearer}
		err := p.personal.get(ctx, q, func(body []byte) (err error) {
			info, err = parseClaims(body)
			return err
		})
		if err != nil {
			return fmt.Errorf("userinfo: %w", err)
		}
		// An access token of somebody else's may have been slipped in.
		if p.Type == TypeOIDC && info.text("sub") != a.token.text("sub") {
			return errOtherPerson
		}
		a.claims = merge(a.token, info)
	}
	if p.preset.moreURL == "" {
		return nil
	}
	q := question{target: p.preset.moreURL, header: p.preset.headers, bearer: bearer}
	err := p.personal.get(ctx, q, func(body []byte) (err error) {
		a.more, err = parseJSON(body)
		return err
	})
	if err != nil && !nothingMore(err) {
		return fmt.Errorf("userinfo: %w", err)
	}
	return nil
}

// nothingMore says whether an answer means that there is nothing more about the
// person, or nothing for us to see. Without their address somebody who is only put
// off would be taken for another, who has none.
func nothingMore(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && !r.putOff && slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, r.status)
}

// merge lays the ID token's claims over those of userinfo. An address and whether
// it is verified come from one of the two: mixed, one address would be proven by
// what is said of another.
func merge(token, info claims) claims {
	merged := maps.Clone(info)
	if token.at("email") != nil {
		delete(merged, "email_verified")
	}
	for name, value := range token {
		if name == "email_verified" && token.at("email") == nil {
			continue
		}
		merged[name] = value
	}
	return merged
}
