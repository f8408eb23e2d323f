package job

import (
	"context"
	"errors"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Resealed is what one batch of resealing came to.
type Resealed struct {
	Last   watchword.MessageID // where the next batch goes on; empty: there is none
	Moved  int                 // from the previous secret to the current
	Opaque int                 // left as they are: neither secret opens them
}

// Reseal moves up to n payloads behind the job after from the previous server
// secret to the current, in c's transaction. Moving them again moves none; a job
// that a server takes up meanwhile is left to it.
func Reseal(ctx context.Context, c *store.Conn, keyring *secret.Keyring, after watchword.MessageID, n int) (Resealed, error) {
	jobs, err := c.WaitingJobs(ctx, after, n)
	if err != nil {
		return Resealed{}, err
	}
	var done Resealed
	for _, j := range jobs {
		sealed, err := keyring.Reseal(secret.PurposeJobPayload, j.Payload, []byte(j.ID))
		switch {
		case err != nil:
			done.Opaque++
			continue
		case sealed == nil:
			continue
		}
		err = c.ResealJob(ctx, j, sealed)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return Resealed{}, err
		}
		done.Moved++
	}
	if len(jobs) == n {
		done.Last = jobs[n-1].ID
	}
	return done, nil
}
