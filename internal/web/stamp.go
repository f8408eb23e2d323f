package web

import (
	"encoding/base64"
	"strings"

	"watchword/internal/secret"
)

// A stamp is a value of ours that browsers keep for us: the id of the key, a
// payload and its MAC, with dots between. Who holds it can read the payload and
// change nothing. The key id lets it live through a change of the server secret.

var stampEncoding = base64.RawURLEncoding.Strict() // one spelling for each value

// makeStamp stamps the payload together with what it is bound to, which the
// stamp itself does not hold.
func makeStamp(keys *secret.Keyring, purpose secret.Purpose, payload []byte, bound ...[]byte) (string, error) {
	id := keys.CurrentID()
	mac, err := keys.MAC(purpose, id, append([][]byte{payload}, bound...)...)
	if err != nil {
		return "", err
	}
	return id + "." + stampEncoding.EncodeToString(payload) + "." + stampEncoding.EncodeToString(mac), nil
}

// openStamp gives the payload back if the stamp is ours, for this purpose, and
// bound to the same. Whatever is wrong with it, it is no stamp: the key may be
// older than the previous secret, or made up.
func openStamp(keys *secret.Keyring, purpose secret.Purpose, stamp string, bound ...[]byte) (payload []byte, ok bool) {
	id, rest, _ := strings.Cut(stamp, ".")
	head, tail, _ := strings.Cut(rest, ".")
	payload, err := stampEncoding.DecodeString(head)
	if err != nil {
		return nil, false
	}
	mac, err := stampEncoding.DecodeString(tail)
	if err != nil {
		return nil, false
	}
	err = keys.CheckMAC(purpose, id, mac, append([][]byte{payload}, bound...)...)
	return payload, err == nil
}
