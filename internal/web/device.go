package web

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"time"

	"watchword"
	"watchword/internal/secret"
)

const (
	deviceCookie  = "__Host-device"
	deviceLife    = 365 * 24 * time.Hour
	deviceIDBytes = 16
)

// Devices marks browsers in which somebody has signed in, so that wrong
// passwords sent from elsewhere do not lock them out. The cookie is bound to its
// owner without holding them: it is of no use for another address, tells nobody
// who used this browser, and a copy that a thief took ends with the password.
type Devices struct {
	Keys   *secret.Keyring
	Now    func() time.Time
	Random io.Reader
}

// Mark sets the cookie after a success of its owner. A browser keeps one, for the
// address that signed in last.
func (d Devices) Mark(w http.ResponseWriter, owner watchword.DeviceOwner) error {
	payload := make([]byte, 8+deviceIDBytes)
	binary.BigEndian.PutUint64(payload, uint64(d.Now().Unix()))
	if _, err := io.ReadFull(d.Random, payload[8:]); err != nil {
		return fmt.Errorf("device id: %w", err)
	}
	stamp, err := makeStamp(d.Keys, secret.PurposeDeviceCookie, payload, bound(owner)...)
	if err != nil {
		return err
	}
	SetCookies(w, &http.Cookie{
		Name: deviceCookie, Value: stamp, Path: "/", MaxAge: int(deviceLife / time.Second),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// Key names the device for a counter of its own, if this browser has had a
// success of the owner with their present password within a year. For an address
// that nobody has, the owner without a user, it does the same work.
func (d Devices) Key(r *http.Request, owner watchword.DeviceOwner) (key string, ok bool) {
	stamp, ok := readCookie(r, deviceCookie)
	if !ok {
		return "", false
	}
	payload, ok := openStamp(d.Keys, secret.PurposeDeviceCookie, stamp, bound(owner)...)
	if !ok || len(payload) != 8+deviceIDBytes {
		return "", false
	}
	marked := time.Unix(int64(binary.BigEndian.Uint64(payload)), 0)
	// A copied cookie must not live on for ever: Max-Age binds browsers only.
	if d.Now().Sub(marked) >= deviceLife {
		return "", false
	}
	return base64.RawURLEncoding.EncodeToString(payload[8:]), true
}

func bound(owner watchword.DeviceOwner) [][]byte {
	version := binary.BigEndian.AppendUint64(nil, uint64(owner.PasswordVersion))
	return [][]byte{[]byte(owner.Address), []byte(owner.UserID), version}
}
