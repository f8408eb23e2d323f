package watchword

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Identifiers are a prefix that names the noun and 128 bits in lower-case
// base32: seven bytes of microseconds since 1970, then nine random ones. They
// sort by the time they were made, which is what keyset paging relies on, and
// nothing is ever decided by one being hard to guess.
type (
	UserID          string
	EmailID         string
	AccountID       string
	MembershipID    string
	InviteID        string
	SessionID       string
	IdentityID      string
	ClientID        string // by NewID in the database, chosen by whoever writes them in the settings
	KeyID           string
	EventID         string
	MessageID       string
	FeatureID       string
	WaitlistEntryID string
)

// identifier is the set of identifiers that NewID makes.
type identifier interface {
	~string
	prefix() string
}

func (UserID) prefix() string          { return "usr_" }
func (EmailID) prefix() string         { return "eml_" }
func (AccountID) prefix() string       { return "acc_" }
func (MembershipID) prefix() string    { return "mem_" }
func (InviteID) prefix() string        { return "inv_" }
func (SessionID) prefix() string       { return "ses_" }
func (IdentityID) prefix() string      { return "idn_" }
func (KeyID) prefix() string           { return "key_" }
func (EventID) prefix() string         { return "evt_" }
func (MessageID) prefix() string       { return "msg_" }
func (FeatureID) prefix() string       { return "fea_" }
func (WaitlistEntryID) prefix() string { return "wle_" }
func (ClientID) prefix() string        { return "cli_" }

const (
	idTimeBytes = 7
	// IDBytes is the length of an identifier without its prefix, decoded.
	IDBytes = 16
)

// The alphabet is in ASCII order, so that text order is byte order is time order.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an identifier for something that came to be at the given time.
// random must be a source that does not fail, such as crypto/rand.Reader.
func NewID[T identifier](at time.Time, random io.Reader) T {
	var raw [IDBytes]byte
	micros := uint64(at.UnixMicro())
	for i := idTimeBytes - 1; i >= 0; i-- {
		raw[i] = byte(micros)
		micros >>= 8
	}
	if _, err := io.ReadFull(random, raw[idTimeBytes:]); err != nil {
		panic(fmt.Sprintf("the random source failed: %v", err)) // crypto/rand ends the process itself
	}
	return IDFromBytes[T](raw)
}

// IDFromBytes is the identifier with these 128 bits.
func IDFromBytes[T identifier](raw [IDBytes]byte) T {
	var zero T
	return T(zero.prefix() + idEncoding.EncodeToString(raw[:]))
}

var errMalformedID = errors.New("malformed identifier")

// IDToBytes is the inverse of IDFromBytes. Its error never holds the input.
func IDToBytes[T identifier](id T) (raw [IDBytes]byte, err error) {
	text, ok := strings.CutPrefix(string(id), id.prefix())
	if !ok || len(text) != idEncoding.EncodedLen(IDBytes) {
		return raw, errMalformedID
	}
	if _, err := idEncoding.Decode(raw[:], []byte(text)); err != nil {
		return raw, errMalformedID
	}
	// The last character has two bits to spare: only one spelling is an id.
	if idEncoding.EncodeToString(raw[:]) != text {
		return raw, errMalformedID
	}
	return raw, nil
}
