package signin

import (
	"net/url"

	"watchword"
	"watchword/internal/account"
	"watchword/internal/secret"
	"watchword/internal/upstream"
)

// The paths at which the ways in begin.
const (
	signInPath        = "/auth/sign-in"
	signUpPath        = "/auth/sign-up"
	sendResetPath     = "/auth/send-password-reset"
	sendMagicLinkPath = "/auth/send-magic-link"
)

// MethodsRequest is a client's question which ways in to show.
type MethodsRequest struct {
	Client      watchword.Client
	RedirectURI string        // to which providers shall lead back; empty: none
	Email       string        // for providers to fill in; empty: none
	InviteToken secret.String // to be used by whoever comes from a provider; zero: none
}

// Methods are the ways in that a client offers, by where each begins: empty where
// it is not offered.
type Methods struct {
	SignInURL    string // with a password, as the next two
	SignUpURL    string
	ResetURL     string
	MagicLinkURL string
	Policy       secret.Policy
	Providers    []OfferedProvider
	SignUp       SignUpMode
}

// OfferedProvider is a provider that a client offers.
type OfferedProvider struct {
	ID           string
	Name         string
	Type         upstream.Type
	AuthorizeURL string
	CallbackURL  string // what is to be registered at the provider
}

// Methods tells which ways in a client offers. Whose address it is that the request
// names is not looked at: the answer tells nothing of anybody.
func (s *Service) Methods(in MethodsRequest) (Methods, error) {
	query, err := in.providerQuery()
	if err != nil {
		return Methods{}, err
	}
	m := Methods{Policy: s.Policy, SignUp: s.SignUpMode}
	if in.Client.Offers(watchword.MethodPassword) {
		m.SignInURL, m.ResetURL = s.PublicURL+signInPath, s.PublicURL+sendResetPath
		if s.SignUpMode != SignUpClosed {
			m.SignUpURL = s.PublicURL + signUpPath
		}
	}
	if in.Client.Offers(watchword.MethodMagicLink) {
		m.MagicLinkURL = s.PublicURL + sendMagicLinkPath
	}
	for _, p := range s.providersOf(in.Client) {
		m.Providers = append(m.Providers, OfferedProvider{
			ID: p.ID, Name: p.Name, Type: p.Type, AuthorizeURL: s.authorizeURL(p, query), CallbackURL: s.callbackURL(p),
		})
	}
	return m, nil
}

// providerQuery is what goes along to every provider.
func (in MethodsRequest) providerQuery() (url.Values, error) {
	if err := (account.Return{RedirectURI: in.RedirectURI}).Check(in.Client); err != nil {
		return nil, err
	}
	query := clientQuery(in.Client)
	if in.RedirectURI != "" {
		query.Set("redirect_uri", in.RedirectURI)
	}
	if in.Email != "" {
		address, err := account.CanonicalAddress(in.Email)
		if err != nil {
			return nil, err
		}
		query.Set("login_hint", address)
	}
	if !in.InviteToken.IsZero() {
		// No text but a token's own form goes into an address.
		if _, err := account.TokenDigest(in.InviteToken); err != nil {
			return nil, err
		}
		query.Set("invite_token", in.InviteToken.Reveal())
	}
	return query, nil
}

// clientQuery is what every way to a provider says: for whom.
func clientQuery(client watchword.Client) url.Values {
	return url.Values{"client_id": {string(client.ID)}}
}

// providersOf are those that a client offers, in the order of the settings.
func (s *Service) providersOf(client watchword.Client) (list []*upstream.Provider) {
	for _, p := range s.Providers.All() {
		if client.Offers(watchword.Method(p.ID)) {
			list = append(list, p)
		}
	}
	return list
}

// The ids of providers need no escaping: the settings see to it.

func (s *Service) authorizeURL(p *upstream.Provider, query url.Values) string {
	return s.PublicURL + "/auth/" + p.ID + "/authorize?" + query.Encode()
}

func (s *Service) callbackURL(p *upstream.Provider) string {
	return s.PublicURL + "/auth/" + p.ID + "/callback"
}
