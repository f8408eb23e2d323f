package token

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"watchword"
	"watchword/internal/secret"
)

// Refresh is what a refresh token says. Its text is "rt_" and base64url of key
// id, session id, generation, nonce and a MAC over them under the server secret:
// only the server can make one, and only for a session whose nonce it has seen.
type Refresh struct {
	SessionID  watchword.SessionID
	Generation int64
	Nonce      []byte // NonceBytes, the session's own, in its row
	KeyID      string // of the server secret
}

const (
	refreshPrefix = "rt_"
	keyIDBytes    = 4
	// NonceBytes is the length of a session's nonce.
	NonceBytes   = 16
	macBytes     = 32
	refreshBody  = keyIDBytes + watchword.IDBytes + 8 + NonceBytes
	refreshBytes = refreshBody + macBytes
)

// ErrMalformed says that a text is no token of ours: garbage, cut short, or
// sealed by nobody whom we know.
var ErrMalformed = errors.New("not a token of this server")

var refreshEncoding = base64.RawURLEncoding.Strict() // one text for one token

// SealRefresh is the text of a refresh token, sealed under its KeyID.
func SealRefresh(keys *secret.Keyring, r Refresh) (secret.String, error) {
	var raw [refreshBytes]byte
	keyID, err := hex.DecodeString(r.KeyID)
	if err != nil || len(keyID) != keyIDBytes || len(r.Nonce) != NonceBytes || r.Generation < 1 {
		return secret.String{}, fmt.Errorf("seal refresh token: %w", ErrMalformed)
	}
	id, err := watchword.IDToBytes(r.SessionID)
	if err != nil {
		return secret.String{}, fmt.Errorf("seal refresh token: %w", err)
	}
	b := append(raw[:0], keyID...)
	b = append(b, id[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Generation))
	b = append(b, r.Nonce...)
	mac, err := keys.MAC(secret.PurposeRefreshToken, r.KeyID, b)
	if err != nil {
		return secret.String{}, fmt.Errorf("seal refresh token: %w", err)
	}
	return secret.NewString(refreshPrefix + refreshEncoding.EncodeToString(append(b, mac...))), nil
}

// OpenRefresh reads a refresh token and checks its seal, before anything is
// asked of the database. Any fault is ErrMalformed.
func OpenRefresh(keys *secret.Keyring, text secret.String) (Refresh, error) {
	body, ok := strings.CutPrefix(text.Reveal(), refreshPrefix)
	if !ok || len(body) != refreshEncoding.EncodedLen(refreshBytes) {
		return Refresh{}, ErrMalformed
	}
	var raw [refreshBytes]byte
	if n, err := refreshEncoding.Decode(raw[:], []byte(body)); err != nil || n != refreshBytes {
		return Refresh{}, ErrMalformed
	}
	keyID := hex.EncodeToString(raw[:keyIDBytes])
	if err := keys.CheckMAC(secret.PurposeRefreshToken, keyID, raw[refreshBody:], raw[:refreshBody]); err != nil {
		return Refresh{}, ErrMalformed
	}
	b := raw[keyIDBytes:]
	r := Refresh{
		KeyID:      keyID,
		SessionID:  watchword.IDFromBytes[watchword.SessionID]([watchword.IDBytes]byte(b[:watchword.IDBytes])),
		Generation: int64(binary.BigEndian.Uint64(b[watchword.IDBytes:])),
		Nonce:      append([]byte(nil), b[watchword.IDBytes+8:watchword.IDBytes+8+NonceBytes]...),
	}
	return r, nil
}
