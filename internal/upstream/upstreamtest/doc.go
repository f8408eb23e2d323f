// Package upstreamtest is a real provider for tests and measurements: an OpenID
// Connect provider with discovery and a plain OAuth 2.0 one, on loopback, at which
// people sign in by a call or in a browser, and which misbehaves when told to.
//
//	p, err := upstreamtest.Serve(ctx, "127.0.0.1:0") // and p.Close()
//
// Settings that lead there, by the names of watchword.yaml:
//
//	{type: oidc, issuer: p.Issuer(), client_id: upstreamtest.ClientID, client_secret: upstreamtest.ClientSecret}
//	{type: oauth2, authorize_url: p.AuthorizeURL(), token_url: p.TokenURL(), userinfo_url: p.UserURL(),
//	 claims: {subject: id, email: email, email_verified: email_verified, name: name, picture: avatar_url}, …}
//
// A person signs in at, or turns away from, where the product sent them:
//
//	callback, err := p.Authorize(authorizeURL, upstreamtest.User{Subject: "7", Email: "ada@example.com", EmailVerified: true})
//	callback, err := p.Cancel(authorizeURL)
//
// In a browser the page at authorizeURL has a button for each user of p.Offer,
// labelled with their address, and "Cancel".
//
// p.Behave(Hooks{…}) changes what it says, p.RotateKeys what it signs with, and
// p.Requests tells what it was asked. The zero Hooks are good behaviour.
//
// It keeps nothing, and authenticates nobody but the client.
package upstreamtest
