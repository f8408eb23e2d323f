package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"watchword/internal/mail"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// Kind names a sort of job; one handler does it.
type Kind string

// The kinds.
const (
	KindMail   Kind = "mail"    // send one message
	KindSignUp Kind = "sign_up" // finish a sign-up that was answered alike for all
	// KindWaitlist goes on approving or deleting where there are too many for one call.
	KindWaitlist Kind = "waitlist"
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
	return q.put(ctx, c, store.Job{Kind: string(kind), ExpiresAt: expires}, payload)
}

// EnqueueMail queues a message. It dies with the token that it carries, if any.
func (q Queue) EnqueueMail(ctx context.Context, c *store.Conn, m mail.Message, expires time.Time) error {
	return q.EnqueueMailAt(ctx, c, m, c.Now(), expires)
}

// EnqueueMailAt queues a message that is sent at a time and not before.
func (q Queue) EnqueueMailAt(ctx context.Context, c *store.Conn, m mail.Message, due, expires time.Time) error {
	j := store.Job{Kind: string(KindMail), Label: string(m.Template), RunAt: due, ExpiresAt: expires}
	if m.Token != "" {
		j.TokenDigest = secret.Digest(secret.NewString(m.Token))
	}
	return q.put(ctx, c, j, m)
}

func (q Queue) put(ctx context.Context, c *store.Conn, j store.Job, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode %s job: %w", j.Kind, err)
	}
	j.ID = c.NewJobID()
	j.Payload = q.Keyring.Seal(secret.PurposeJobPayload, text, []byte(j.ID))
	if err := c.InsertJob(ctx, j); err != nil {
		return fmt.Errorf("enqueue %s job: %w", j.Kind, err)
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
