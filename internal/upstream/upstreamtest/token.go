package upstreamtest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokenLife is how long its tokens live.
const tokenLife = 10 * time.Minute

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if !authenticated(r) {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	p.mu.Lock()
	code := r.PostForm.Get("code")
	granted, ok := p.codes[code]
	delete(p.codes, code)
	access := p.unique("access-")
	if ok {
		p.tokens[access] = granted.user
	}
	p.mu.Unlock()
	if !ok || r.PostForm.Get("grant_type") != "authorization_code" ||
		r.PostForm.Get("redirect_uri") != granted.redirectURI || !proves(r.PostForm.Get("code_verifier"), granted.challenge) {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	body := map[string]any{
		"access_token": access, "token_type": "Bearer",
		"expires_in": int(tokenLife.Seconds()), "scope": strings.Join(granted.scopes, " "),
	}
	if slices.Contains(granted.scopes, "openid") {
		signed, err := p.idToken(granted)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body["id_token"] = signed
	}
	if change := p.behaviour().Token; change != nil {
		change(body)
	}
	answer(w, http.StatusOK, body)
}

// authenticated takes the client's secret by header or form, as RFC 6749 §2.3.1
// says.
func authenticated(r *http.Request) bool {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if encodedID, encodedSecret, ok := r.BasicAuth(); ok {
		var err1, err2 error
		id, err1 = url.QueryUnescape(encodedID)
		secret, err2 = url.QueryUnescape(encodedSecret)
		if err1 != nil || err2 != nil {
			return false
		}
	}
	return id == ClientID && secret == ClientSecret
}

func proves(verifier, challenge string) bool {
	if challenge == "" {
		return verifier == ""
	}
	digest := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(digest[:]) == challenge
}

func (p *Provider) idToken(granted grant) (string, error) {
	now := p.Clock()
	claims := map[string]any{
		"iss": p.base, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	}
	if granted.nonce != "" {
		claims["nonce"] = granted.nonce
	}
	maps.Copy(claims, granted.user.claims())
	if change := p.behaviour().Claims; change != nil {
		change(claims)
	}
	return p.sign(claims)
}

// claims are the standard ones of OpenID Connect.
func (u User) claims() map[string]any {
	claims := map[string]any{"sub": u.Subject}
	if u.Email != "" {
		claims["email"], claims["email_verified"] = u.Email, u.EmailVerified
	}
	if u.Name != "" {
		claims["name"] = u.Name
	}
	if u.Picture != "" {
		claims["picture"] = u.Picture
	}
	maps.Copy(claims, u.Claims)
	return claims
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	p.tell(w, r, User.claims)
}

func (p *Provider) user(w http.ResponseWriter, r *http.Request) {
	p.tell(w, r, func(u User) map[string]any {
		body := map[string]any{"id": u.Subject, "login": u.Name, "name": u.Name, "email": nil, "avatar_url": u.Picture}
		if isDigits(u.Subject) {
			body["id"] = json.Number(u.Subject)
		}
		if u.Email != "" {
			body["email"], body["email_verified"] = u.Email, u.EmailVerified
		}
		maps.Copy(body, u.Claims)
		return body
	})
}

func isDigits(text string) bool {
	return text != "" && text[0] != '0' && strings.Trim(text, "0123456789") == ""
}

// tell answers who the bearer of an access token is.
func (p *Provider) tell(w http.ResponseWriter, r *http.Request, shape func(User) map[string]any) {
	access, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	user, ok := p.tokens[access]
	p.mu.Unlock()
	if !ok {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	body := shape(user)
	if change := p.behaviour().Userinfo; change != nil {
		change(body)
	}
	answer(w, http.StatusOK, body)
}
