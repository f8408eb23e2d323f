package main

import (
	"context"
	"strconv"
	"time"

	"watchword"
	"watchword/internal/event"
	"watchword/internal/job"
	"watchword/internal/store"
	"watchword/internal/token"
)

type rotateKeysCommand struct {
	Now bool `help:"Sign with the new key at once, because the present one has leaked."`
}

// Help says what follows, and has the examples.
func (*rotateKeysCommand) Help() string {
	return `The new key is published at once and signs from the time that is printed, so that whoever keeps a copy of the key set has seen it by then. With --now it signs as soon as a server has read it, within 20 seconds, and programs with an older copy refuse its tokens until they fetch the set again. The present key stays in the set until its last token has expired. Where a key waits to sign already, it is that one, unless --now is given.

Examples:

    watchword admin rotate-keys
    watchword admin rotate-keys --now`
}

// Run rotates.
func (c *rotateKeysCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withDatabase(ctx, env, std, func(t tool, db database) error {
		begin := token.RotateAhead
		if c.Now {
			begin = token.RotateNow
		}
		key, err := db.keys.Rotate(ctx, watchword.Administrator{Actor: t.actor}, begin)
		if err != nil {
			return err
		}
		return t.say(struct {
			ID      string    `json:"id"`
			SignsAt time.Time `json:"signs_at"`
		}{key.ID, key.SignsAt}, "Signing key %s is published and begins to sign at %s.", key.ID, when(key.SignsAt, ""))
	})
}

type resealCommand struct{}

// Help says when, and has the examples.
func (*resealCommand) Help() string {
	return `Run it when every server has the new secret, with the old one as WATCHWORD_SECRET_PREVIOUS. It can be run beside them, broken off and run again. It says until when the old secret must be kept for the sake of sessions.

Example:

    WATCHWORD_SECRET_FILE=/etc/watchword/secret \
    WATCHWORD_SECRET_PREVIOUS_FILE=/etc/watchword/secret.previous \
    watchword admin reseal --database postgres://watchword@db/watchword`
}

// resealReport is what resealing came to, in JSON.
type resealReport struct {
	SigningKeys   int        `json:"signing_keys"`
	Jobs          int        `json:"jobs"`
	OpaqueJobs    int        `json:"opaque_jobs"`       // neither secret opens them
	Sessions      int64      `json:"sessions"`          // live, their refresh token still under the previous secret
	KeepUntil     *time.Time `json:"keep_until"`        // the previous secret
	LostSessions  int64      `json:"lost_sessions"`     // live, but under neither secret
	CurrentSecret string     `json:"current_secret_id"` // as sealed values name it
}

const resealBatch = 200

// Run reseals.
func (*resealCommand) Run(ctx context.Context, admin *adminCommand, env environment, std streams) error {
	return admin.withDatabase(ctx, env, std, func(t tool, db database) error {
		report := resealReport{CurrentSecret: db.keyring.CurrentID()}
		if err := report.sealKeys(ctx, t, db); err != nil {
			return err
		}
		if err := report.sealJobs(ctx, t, db); err != nil {
			return err
		}
		if err := report.countSessions(ctx, db); err != nil {
			return err
		}
		return report.print(t)
	})
}

func (r *resealReport) sealKeys(ctx context.Context, t tool, db database) error {
	return db.store.Tx(ctx, func(c *store.Conn) error {
		moved, err := token.Reseal(ctx, c, db.keyring)
		if err != nil {
			return err
		}
		r.SigningKeys = moved
		return recordReseal(ctx, c, t.actor, "signing_keys", moved)
	})
}

// sealJobs goes through the queue in batches, each a transaction of its own:
// servers write in between.
func (r *resealReport) sealJobs(ctx context.Context, t tool, db database) error {
	var after watchword.MessageID
	for ctx.Err() == nil {
		var done job.Resealed
		err := db.store.Tx(ctx, func(c *store.Conn) (err error) {
			if done, err = job.Reseal(ctx, c, db.keyring, after, resealBatch); err != nil {
				return err
			}
			return recordReseal(ctx, c, t.actor, "jobs", done.Moved)
		})
		if err != nil {
			return err
		}
		r.Jobs += done.Moved
		r.OpaqueJobs += done.Opaque
		if done.Last == "" {
			return nil
		}
		after = done.Last
		t.note("%d jobs moved so far", r.Jobs)
	}
	return ctx.Err()
}

func recordReseal(ctx context.Context, c *store.Conn, actor, what string, moved int) error {
	if moved == 0 {
		return nil
	}
	return event.Record(ctx, c, watchword.Origin{}, watchword.Event{
		Type: watchword.EventSecretResealed, Actor: actor, Data: map[string]string{what: strconv.Itoa(moved)},
	})
}

// countSessions finds whom the previous secret is still needed for: refresh
// tokens are with their owners, and move on when they are next used.
func (r *resealReport) countSessions(ctx context.Context, db database) error {
	uses, err := db.store.Read().SessionsBySecret(ctx)
	if err != nil {
		return err
	}
	for _, use := range uses {
		switch {
		case use.SecretKeyID == db.keyring.CurrentID():
		case db.keyring.Knows(use.SecretKeyID):
			r.Sessions, r.KeepUntil = use.Live, moment(use.LastEnd)
		default:
			r.LostSessions += use.Live
		}
	}
	return nil
}

func (r *resealReport) print(t tool) error {
	if t.json {
		return printJSON(t.std.out, r)
	}
	t.note("Moved to the current secret: %d signing keys, %d jobs.", r.SigningKeys, r.Jobs)
	if r.OpaqueJobs > 0 {
		t.note("%d jobs were left: neither secret opens them.", r.OpaqueJobs)
	}
	if r.LostSessions > 0 {
		t.note("%d sessions have refresh tokens under neither secret: their users must sign in again.", r.LostSessions)
	}
	switch {
	case t.cfg.SecretPrevious.IsZero():
		return t.say(nil, "Nothing is left to move. No previous secret is set.")
	case r.Sessions == 0:
		return t.say(nil, "No session needs the previous secret any more: WATCHWORD_SECRET_PREVIOUS can go.")
	default:
		return t.say(nil, "%d live sessions still have refresh tokens under the previous secret, and move on when they next refresh.\n"+
			"Keep WATCHWORD_SECRET_PREVIOUS until %s, when the last of them ends if it is not used.", r.Sessions, when(*r.KeepUntil, ""))
	}
}
