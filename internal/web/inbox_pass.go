package web

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"time"

	"watchword/internal/secret"
)

const (
	inboxCookie = "watchword_inbox"
	inboxPath   = "/dev"
	inboxLife   = 12 * time.Hour
)

// InboxPass lets a browser read the inbox of development for as long as an API key
// that was shown once lives, so that the key stands in no URL and no page. The
// cookie holds the key's digest: it is of no use for anything else.
type InboxPass struct {
	Keys   *secret.Keyring
	Now    func() time.Time
	Public *url.URL
}

// Grant sets the cookie for the key with this digest. It ends with the browser,
// or after half a day.
func (p InboxPass) Grant(w http.ResponseWriter, digest []byte) error {
	payload := binary.BigEndian.AppendUint64(nil, uint64(p.Now().Add(inboxLife).Unix()))
	stamp, err := makeStamp(p.Keys, secret.PurposeInboxPass, append(payload, digest...))
	if err != nil {
		return err
	}
	SetCookies(w, &http.Cookie{
		Name: inboxCookie, Value: stamp, Path: inboxPath, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		// A development server may be reached by plain http alone.
		Secure: p.Public.Scheme == "https",
	})
	return nil
}

// Digest is that of the key which the browser has shown.
func (p InboxPass) Digest(r *http.Request) (digest []byte, ok bool) {
	stamp, ok := readCookie(r, inboxCookie)
	if !ok {
		return nil, false
	}
	payload, ok := openStamp(p.Keys, secret.PurposeInboxPass, stamp)
	if !ok || len(payload) < 8 {
		return nil, false
	}
	expires := time.Unix(int64(binary.BigEndian.Uint64(payload)), 0)
	return payload[8:], p.Now().Before(expires)
}
