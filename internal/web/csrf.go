package web

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/secret"
)

const (
	csrfCookie      = "__Host-csrf_session"
	csrfLife        = 12 * time.Hour
	csrfRandomBytes = 16

	// CSRFHeader is the header in which a page proves that it could read its token.
	CSRFHeader = "X-CSRF-Token"
)

// The refusals of [CSRF.Check], in the order in which they are looked for.
var (
	ErrCSRFMissing = watchword.NewError(watchword.KindForbidden, "csrf_missing",
		"A call that a cookie authenticates needs the X-CSRF-Token header.")
	ErrCSRFSessionMissing = watchword.NewError(watchword.KindForbidden, "csrf_session_missing",
		"There is no valid CSRF session; begin one with GET /auth/csrf/init.")
	ErrCSRFInvalid = watchword.NewError(watchword.KindForbidden, "csrf_invalid",
		"The CSRF token does not belong to this browser and sign-in; fetch a new one.")
)

//go:embed csrf.js
var csrfScript []byte

// CSRF guards calls that a cookie authenticates against pages that can make the
// browser send it. The server keeps nothing: the cookie holds a stamped random
// value with its end, and the token is a MAC over that value and the id of the
// sign-in session, so that signing in or out makes older tokens void.
type CSRF struct {
	Keys   *secret.Keyring
	Now    func() time.Time
	Random io.Reader
}

// ServeScript answers GET /auth/csrf/init: it keeps or begins the CSRF session
// and serves the snippet, which holds no secret, so pages of any origin may load
// it. To make use of it they must be listed by a client.
func (c CSRF) ServeScript(w http.ResponseWriter, r *http.Request) {
	if err := c.Begin(w, r); err != nil {
		WriteProblem(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(csrfScript) // a caller who left needs no answer
}

// Begin sets the CSRF session cookie unless the request has a valid one.
func (c CSRF) Begin(w http.ResponseWriter, r *http.Request) error {
	if _, _, ok := c.session(r); ok {
		return nil
	}
	session := make([]byte, 8+csrfRandomBytes)
	binary.BigEndian.PutUint64(session, uint64(c.Now().Add(csrfLife).Unix()))
	if _, err := io.ReadFull(c.Random, session[8:]); err != nil {
		return fmt.Errorf("csrf session: %w", err)
	}
	stamp, err := makeStamp(c.Keys, secret.PurposeCSRFSession, session)
	if err != nil {
		return err
	}
	SetCookies(w, &http.Cookie{
		Name: csrfCookie, Value: stamp, Path: "/", MaxAge: int(csrfLife / time.Second),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	})
	return nil
}

// Token is the token for this browser and sign-in session (empty when signed
// out), and when it expires. The error is ErrCSRFSessionMissing.
func (c CSRF) Token(r *http.Request, signIn watchword.SessionID) (token string, expires time.Time, err error) {
	session, expires, ok := c.session(r)
	if !ok {
		return "", time.Time{}, ErrCSRFSessionMissing
	}
	token, err = makeStamp(c.Keys, secret.PurposeCSRFToken, nil, session, []byte(signIn))
	return token, expires, err
}

// Check is to be called where a cookie is what authenticates a state-changing
// call. signIn is the session that the cookie names, be it alive or not.
func (c CSRF) Check(r *http.Request, signIn watchword.SessionID) error {
	tokens := r.Header[http.CanonicalHeaderKey(CSRFHeader)]
	if len(tokens) == 0 || tokens[0] == "" {
		return ErrCSRFMissing
	}
	session, _, ok := c.session(r)
	if !ok {
		return ErrCSRFSessionMissing
	}
	if len(tokens) > 1 {
		return ErrCSRFInvalid
	}
	if _, ok := openStamp(c.Keys, secret.PurposeCSRFToken, tokens[0], session, []byte(signIn)); !ok {
		return ErrCSRFInvalid
	}
	return nil
}

// session is the browser's CSRF session, if it is one of ours and not expired.
func (c CSRF) session(r *http.Request) (session []byte, expires time.Time, ok bool) {
	stamp, ok := readCookie(r, csrfCookie)
	if !ok {
		return nil, time.Time{}, false
	}
	session, ok = openStamp(c.Keys, secret.PurposeCSRFSession, stamp)
	if !ok || len(session) != 8+csrfRandomBytes {
		return nil, time.Time{}, false
	}
	expires = time.Unix(int64(binary.BigEndian.Uint64(session)), 0).UTC()
	return session, expires, c.Now().Before(expires)
}
