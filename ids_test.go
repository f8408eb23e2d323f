package watchword_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchword"
)

var idBytes = rapid.Custom(func(t *rapid.T) (raw [watchword.IDBytes]byte) {
	copy(raw[:], rapid.SliceOfN(rapid.Byte(), watchword.IDBytes, watchword.IDBytes).Draw(t, "raw"))
	return raw
})

func TestIDsAndBytesAreInverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := idBytes.Draw(t, "id")
		id := watchword.IDFromBytes[watchword.SessionID](raw)
		if back, err := watchword.IDToBytes(id); err != nil || back != raw {
			t.Fatalf("%x became %s, and that %x (%v)", raw, id, back, err)
		}
	})
}

// Paging compares ids as text and means the time.
func TestIDsSortAsTheirBytesAndTimes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := idBytes.Draw(t, "a"), idBytes.Draw(t, "b")
		texts := strings.Compare(string(watchword.IDFromBytes[watchword.EventID](a)), string(watchword.IDFromBytes[watchword.EventID](b)))
		if texts != bytes.Compare(a[:], b[:]) {
			t.Fatalf("%x and %x compare as %d", a, b, texts)
		}
		micros := rapid.Int64Range(0, 1<<55)
		early, late := micros.Draw(t, "early"), micros.Draw(t, "late")
		if early >= late {
			return
		}
		first := watchword.NewID[watchword.EventID](time.UnixMicro(early), rand.Reader)
		if second := watchword.NewID[watchword.EventID](time.UnixMicro(late), rand.Reader); first >= second {
			t.Fatalf("made at %d: %s, and at %d: %s", early, first, late, second)
		}
	})
}

func TestAnIDHasOneSpelling(t *testing.T) {
	t.Parallel()
	id := string(watchword.NewID[watchword.SessionID](time.Now(), rand.Reader))
	for name, other := range map[string]string{
		"upper case": strings.ToUpper(id), "another noun": "usr_" + id[4:], "no prefix": id[4:], "short": id[:len(id)-1], "long": id + "0",
		"line": id[:len(id)-1] + "\n", "padding": id[:len(id)-1] + "=", "a letter that is none": id[:len(id)-1] + "i", "empty": "",
		"two bits to spare": id[:len(id)-1] + "z", "NUL": id[:len(id)-1] + "\x00", "wide": id[:len(id)-2] + "é",
	} {
		if _, err := watchword.IDToBytes(watchword.SessionID(other)); err == nil {
			t.Errorf("%s: %q was taken", name, other)
		} else if other != "" && strings.Contains(err.Error(), other) {
			t.Errorf("%s: the error holds the input", name)
		}
	}
}

func FuzzIDToBytes(f *testing.F) {
	f.Add("ses_00000000000000000000000000")
	f.Add("ses_zzzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := watchword.IDToBytes(watchword.SessionID(text))
		if err == nil && string(watchword.IDFromBytes[watchword.SessionID](raw)) != text {
			t.Fatalf("%q is another spelling of %x", text, raw)
		}
	})
}

func TestEveryNounHasItsPrefix(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for prefix, id := range map[string]string{
		"usr_": string(watchword.NewID[watchword.UserID](now, rand.Reader)), "eml_": string(watchword.NewID[watchword.EmailID](now, rand.Reader)),
		"acc_": string(watchword.NewID[watchword.AccountID](now, rand.Reader)), "mem_": string(watchword.NewID[watchword.MembershipID](now, rand.Reader)),
		"inv_": string(watchword.NewID[watchword.InviteID](now, rand.Reader)), "ses_": string(watchword.NewID[watchword.SessionID](now, rand.Reader)),
		"idn_": string(watchword.NewID[watchword.IdentityID](now, rand.Reader)), "key_": string(watchword.NewID[watchword.KeyID](now, rand.Reader)),
		"evt_": string(watchword.NewID[watchword.EventID](now, rand.Reader)), "msg_": string(watchword.NewID[watchword.MessageID](now, rand.Reader)),
	} {
		if !strings.HasPrefix(id, prefix) || len(id) != 30 {
			t.Errorf("%s, want %s and 26 characters", id, prefix)
		}
	}
}
