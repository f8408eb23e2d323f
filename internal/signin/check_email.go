package signin

import (
	"context"
	"errors"
	"slices"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/store"
)

// EmailCheck is the question how whoever has an address comes in.
type EmailCheck struct {
	Email  string
	Client watchword.Client
	Origin watchword.Origin
}

// Presence says whether somebody has an address.
type Presence string

// What can be said of it. To hold an address is to have verified it or signed up
// with it: what was added and never verified is a mere claim.
const (
	PresenceUntold Presence = "untold" // under private discovery: nothing
	PresenceHeld   Presence = "held"
	PresenceFree   Presence = "free"
)

// Step is what somebody does next to come in.
type Step string

// The steps.
const (
	StepPassword  Step = "password"
	StepProvider  Step = "provider"
	StepMagicLink Step = "magic_link"
	StepSignUp    Step = "sign_up"
)

// Way is one way in.
type Way struct {
	Step     Step
	Provider string // of StepProvider, its id
	URL      string // at which it begins
}

// EmailChecked is how whoever has an address comes in.
type EmailChecked struct {
	Presence Presence
	Ways     []Way // the better ones first
	Next     Step
}

// CheckEmail tells how whoever has an address comes in at a client; where nobody
// has it, how somebody signs up with it. Under private discovery it tells what the
// client offers, without looking: alike for every address, in the same time.
func (s *Service) CheckEmail(ctx context.Context, in EmailCheck) (EmailChecked, error) {
	address, err := account.CanonicalAddress(in.Email)
	if err != nil {
		return EmailChecked{}, err
	}
	if err := s.takeIP(ctx, s.Limits.CheckEmailPerIP, in.Origin); err != nil {
		return EmailChecked{}, err
	}
	offered := s.waysIn(in.Client)
	if s.Discovery != DiscoveryOpen {
		return EmailChecked{Presence: PresenceUntold, Ways: offered, Next: first(offered)}, nil
	}
	held, err := s.Store.Read().WaysInOf(ctx, address)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.free(offered), nil
	case err != nil:
		return EmailChecked{}, err
	default:
		return heldBy(held, offered), nil
	}
}

// free is the answer for an address that nobody has. Where to sign up would be
// refused nobody is sent there: perhaps they have an account under another address.
func (s *Service) free(offered []Way) EmailChecked {
	answer := EmailChecked{Presence: PresenceFree, Ways: s.waysToSignUp(offered), Next: StepSignUp}
	if len(answer.Ways) == 0 {
		answer.Next = first(offered)
	}
	return answer
}

// heldBy is the answer for a user's address. A user to whom none of the ways is open
// is not sent to sign up, which would be refused: a trusted provider may link them,
// a reset may tell them how they do sign in.
func heldBy(held store.WaysIn, offered []Way) EmailChecked {
	answer := EmailChecked{Presence: PresenceHeld, Next: first(offered)}
	for _, w := range offered {
		if w.open(held) {
			answer.Ways = append(answer.Ways, w)
		}
	}
	if len(answer.Ways) > 0 {
		answer.Next = first(answer.Ways)
	}
	return answer
}

// waysIn are those that the client offers, the better ones first: what needs no
// waiting for a mail.
func (s *Service) waysIn(client watchword.Client) (ways []Way) {
	if client.Offers(watchword.MethodPassword) {
		ways = append(ways, Way{Step: StepPassword, URL: s.PublicURL + signInPath})
	}
	for _, p := range s.providersOf(client) {
		ways = append(ways, Way{Step: StepProvider, Provider: p.ID, URL: s.authorizeURL(p, clientQuery(client))})
	}
	if client.Offers(watchword.MethodMagicLink) {
		ways = append(ways, Way{Step: StepMagicLink, URL: s.PublicURL + sendMagicLinkPath})
	}
	return ways
}

// waysToSignUp are those of the ways in by which somebody can become a user.
func (s *Service) waysToSignUp(offered []Way) (ways []Way) {
	if s.SignUpMode == SignUpClosed {
		return nil
	}
	for _, w := range offered {
		if w.Step == StepMagicLink && s.SignUpMode != SignUpOpen {
			continue // it takes no invite along
		}
		if w.Step == StepPassword {
			w.URL = s.PublicURL + signUpPath
		}
		ways = append(ways, w)
	}
	return ways
}

// open says whether a user with these credentials can come in this way.
func (w Way) open(held store.WaysIn) bool {
	switch w.Step {
	case StepPassword:
		return held.HasPassword
	case StepProvider:
		return slices.Contains(held.Providers, w.Provider)
	default:
		return true // a mail reaches whoever has the address
	}
}

// first is the step to offer first. A client that offers nothing is told what is
// refused as any other would be.
func first(ways []Way) Step {
	if len(ways) == 0 {
		return StepPassword
	}
	return ways[0].Step
}
