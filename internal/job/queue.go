package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"watchword/internal/secret"
	"watchword/internal/store"
)

// Kind names a sort of job; one handler does it.
type Kind string

// The kinds.
const (
	KindMail   Kind = "mail"    // send one message
	KindSignUp Kind = "sign_up" // finish a sign-up that was answered alike for all
)

// Queue takes jobs in.
type Queue struct {
	Keyring *secret.Keyring
	// Wake is told when a job of this process may be due; nil is allowed.
	Wake func()
}

// Enqueue writes a job in c's transaction. payload is encoded as JSON and sealed
// under the job's own id. After expires nobody wants it done any more.
func (q Queue) Enqueue(ctx context.Context, c *store.Conn, kind Kind, payload any, expires time.Time) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode %s job: %w", kind, err)
	}
	id := c.NewJobID()
	err = c.InsertJob(ctx, store.Job{
		ID: id, Kind: string(kind), ExpiresAt: expires,
		Payload: q.Keyring.Seal(secret.PurposeJobPayload, text, []byte(id)),
	})
	if err != nil {
		return fmt.Errorf("enqueue %s job: %w", kind, err)
	}
	return nil
}

// Announce says that a transaction with a job in it has committed.
func (q Queue) Announce() {
	if q.Wake != nil {
		q.Wake()
	}
}

// Decode opens the payload of a claimed job into v.
func Decode(keyring *secret.Keyring, j store.Job, v any) error {
	text, err := keyring.Open(secret.PurposeJobPayload, j.Payload, []byte(j.ID))
	if err != nil {
		return fmt.Errorf("open job %s: %w", j.ID, err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("decode job %s: %w", j.ID, err)
	}
	return nil
}
