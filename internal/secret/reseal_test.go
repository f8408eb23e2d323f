package secret

import (
	"errors"
	"testing"
)

func TestResealMovesToTheCurrentSecretOnce(t *testing.T) {
	t.Parallel()
	first, second, third := NewString("first: 8Xv2mPqL5tRw9ZbN3cY7hJd4fG"), NewString("second: w9ZbN3cY7hJd4fGs6aUek8Xv2mPq"), NewString("third: mPqL5tRw9ZbN3cY7hJd4fGs6aUek8Xv2")
	keys := func(current, previous String) *Keyring {
		t.Helper()
		k, err := NewKeyring(current, previous)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	row := []byte("row")
	sealed := keys(first, String{}).Seal(PurposeSigningKey, []byte("text"), row)
	moved, err := keys(second, first).Reseal(PurposeSigningKey, sealed, row)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := keys(second, String{}).Open(PurposeSigningKey, moved, row); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	if again, err := keys(second, first).Reseal(PurposeSigningKey, moved, row); again != nil || err != nil {
		t.Errorf("it was moved again: %v", err)
	}
	if _, err := keys(third, second).Reseal(PurposeSigningKey, sealed, row); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("of a lost secret: %v", err)
	}
	if _, err := keys(second, first).Reseal(PurposeSigningKey, sealed, []byte("another row")); !errors.Is(err, ErrTampered) {
		t.Errorf("of another row: %v", err)
	}
}
