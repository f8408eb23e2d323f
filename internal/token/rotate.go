package token

import (
	"context"

	"watchword"
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

// Rotate makes the next key and answers it. The present key stays in the set until
// its last token has expired. Where one is published already that is to sign, ahead
// is that one: a call that is sent again, or a program that calls without end, does
// not fill the set.
func (k *Keys) Rotate(ctx context.Context, by watchword.Administrator, when RotateWhen) (Info, error) {
	for {
		if err := k.load(ctx); err != nil {
			return Info{}, err
		}
		r, now := k.ring.Load(), k.options.Clock()
		signsAt := now
		if when == RotateAhead {
			if newest := r.info(r.keys[len(r.keys)-1], now); newest.Status == KeyPublished {
				return newest, nil
			}
			signsAt = signsAt.Add(k.options.PublishAhead)
		}
		key, err := k.add(ctx, by, signsAt)
		if err != nil {
			return Info{}, err
		}
		if when == RotateAhead || !key.SignsAt.After(signsAt) {
			return k.ring.Load().info(key, now), nil
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
	_, err := k.add(ctx, watchword.Administrator{}, later(begin, now.Add(k.options.PublishAhead)))
	return err
}
