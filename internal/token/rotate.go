package token

import (
	"context"
	"time"
)

// RotateWhen says from when on a new key signs.
type RotateWhen string

// The two: after everybody who caches the key set has had time to see it, or at
// once, for a key that has leaked. Those who cache the set then refuse good
// tokens until they fetch it again.
const (
	RotateAhead RotateWhen = "ahead"
	RotateNow   RotateWhen = "now"
)

// Rotate makes the next key and answers its id and from when on it signs. The
// present key stays in the set until its last token has expired.
func (k *Keys) Rotate(ctx context.Context, when RotateWhen) (id string, signsAt time.Time, err error) {
	for {
		if err := k.load(ctx); err != nil {
			return "", time.Time{}, err
		}
		signsAt = k.options.Clock()
		if when == RotateAhead {
			signsAt = signsAt.Add(k.options.PublishAhead)
		}
		key, err := k.add(ctx, signsAt)
		if err != nil || when == RotateAhead || !key.SignsAt.After(signsAt) {
			return key.ID, key.SignsAt, err
		}
		// Another node came first, with a key that signs too late.
	}
}

// RotateIfDue makes the next key when the newest has signed, or will have
// signed, for its time by the moment the next one could begin.
func (k *Keys) RotateIfDue(ctx context.Context) error {
	keys := k.ring.Load().keys
	if len(keys) == 0 {
		return nil
	}
	newest := keys[len(keys)-1]
	begin := newest.SignsAt.Add(k.options.RotateEvery)
	now := k.options.Clock()
	if now.Before(begin.Add(-k.options.PublishAhead)) {
		return nil
	}
	_, err := k.add(ctx, later(begin, now.Add(k.options.PublishAhead)))
	return err
}
