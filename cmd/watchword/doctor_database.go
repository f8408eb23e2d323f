package main

import (
	"context"
	"errors"
	"time"

	"watchword"
	"watchword/internal/config"
	"watchword/internal/secret"
	"watchword/internal/store"
	"watchword/internal/token"
)

// databaseTimeout is how long one look at the database may take.
const databaseTimeout = 10 * time.Second

// checkDatabase checks the database and what only it can tell.
func (d *doctor) checkDatabase(ctx context.Context) {
	const check = "database"
	if d.cfg.Database.IsZero() {
		return // a fault of the settings
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	s, err := openCurrent(ctx, d.cfg, d.surroundings)
	switch {
	case errors.Is(err, errNoDatabase), errors.Is(err, errOldDatabase):
		d.warn(check, "nothing to do; signing keys and jobs are checked when it is there", "%v", err)
		_, _ = d.checkSecret(nil)
		return
	case errors.Is(err, store.ErrNewerSchema):
		d.fail(check, "run the version of Watchword that the other servers run", "%v", err)
		return
	case err != nil:
		d.fail(check, "start it, let this machine in, and look at --database", "%v", err)
		return
	}
	defer database{store: s, log: d.log}.close()
	d.ok(check, "%s answers, and its schema is up to date", s.Engine())
	d.checkClock(ctx, s)
	d.checkJobs(ctx, s)
	d.checkKeys(ctx, s)
}

// Clocks that differ: from the first on it is worth mending, at the second the
// grace of refresh tokens is gone.
const (
	clockOff   = 2 * time.Second
	clockWrong = 30 * time.Second
)

// checkClock compares this machine's clock with what the database knows of time:
// its own clock, which stands for those of the other nodes, and the newest event,
// which cannot lie in the future.
func (d *doctor) checkClock(ctx context.Context, s *store.Store) {
	const check, mend = "clock", "let the machines keep their time by NTP"
	before := d.clock()
	theirs, err := s.EngineTime(ctx)
	after := d.clock()
	newest, _, err2 := s.Read().Events(ctx, watchword.EventFilter{}, watchword.Page{Limit: 1})
	if err := errors.Join(err, err2); err != nil {
		d.warn(check, "", "the database does not tell its time: %v", err)
		return
	}
	off := theirs.Sub(before.Add(after.Sub(before) / 2)).Abs()
	if len(newest) > 0 {
		off = max(off, newest[0].At.Sub(after))
	}
	switch off = off.Round(time.Millisecond); {
	case off >= clockWrong:
		d.fail(check, mend, "this machine's is off by %s, compared with the database", off)
	case off >= clockOff:
		d.warn(check, mend, "this machine's is off by %s, compared with the database", off)
	default:
		d.ok(check, "this machine's agrees with the database")
	}
}

// jobsLate is how long a job may wait for a server to take it up.
const jobsLate = 15 * time.Minute

func (d *doctor) checkJobs(ctx context.Context, s *store.Store) {
	const check = "jobs"
	waiting, err := s.Read().Backlogs(ctx)
	failed, err2 := s.Read().FailedJobs(ctx)
	if err := errors.Join(err, err2); err != nil {
		d.fail(check, "", "%v", err)
		return
	}
	before := len(d.findings)
	for _, b := range waiting {
		if since := d.clock().Sub(b.Oldest); since > jobsLate {
			d.warn(check, "look whether a server runs, and into its log",
				"%d jobs of kind %s wait, the oldest for %s", b.Waiting, b.Kind, since.Round(time.Minute))
		}
	}
	for _, f := range failed {
		d.warn(check, "look into the log for why", "%d jobs of kind %s failed for good, the last at %s",
			f.Failed, f.Kind, when(f.Latest, ""))
	}
	if len(d.findings) == before {
		d.ok(check, "none is late or has failed")
	}
}

// errNoSecretYet says that the secret would have to be made.
var errNoSecretYet = errors.New("there is no secret yet")

// noRandom has the secret be read and never be made.
type noRandom struct{}

func (noRandom) Read([]byte) (int, error) { return 0, errNoSecretYet }

// checkSecret reads the server secret, which seals the rows, and derives its
// keys. What its error says is among the findings.
func (d *doctor) checkSecret(rows []store.SigningKey) (*secret.Keyring, error) {
	const check = "secret"
	current, warnings, err := d.cfg.ServerSecret(noRandom{})
	for _, w := range warnings {
		d.warn(check, w.Mend, "%s %s", w.Source, w.Message)
	}
	switch {
	case errors.Is(err, errNoSecretYet) && len(rows) > 0:
		d.fail(check, "put it back from a backup, or give it by WATCHWORD_SECRET_FILE",
			"it is missing from %s, and what lies in the database is sealed under it", d.cfg.Data)
		return nil, err
	case errors.Is(err, errNoSecretYet):
		d.ok(check, "the first start makes it, in %s", d.cfg.Data)
		return nil, err
	case errors.Is(err, config.ErrNoSecret):
		return nil, err // a fault of the settings
	case err != nil:
		d.fail(check, "", "%v", err)
		return nil, err
	}
	keyring, err := secret.NewKeyring(current, d.cfg.SecretPrevious)
	if err != nil {
		d.fail(check, "", "%v", err)
	}
	return keyring, err
}

// checkKeys checks that the secret opens the signing keys, and that they rotate.
func (d *doctor) checkKeys(ctx context.Context, s *store.Store) {
	rows, err := s.Read().SigningKeys(ctx)
	if err != nil {
		d.fail("keys", "", "%v", err)
		return
	}
	keyring, err := d.checkSecret(rows)
	if err != nil {
		return
	}
	if len(rows) == 0 {
		d.ok("keys", "there is none yet: the first start makes it")
		return
	}
	keys, err := token.InspectKeys(ctx, keyOptions(d.cfg, database{store: s, keyring: keyring}, d.surroundings))
	if errors.Is(err, token.ErrSecret) {
		d.fail("secret", "give the secret that this database was made with", "%v", err)
		return
	}
	if err != nil {
		d.fail("keys", "", "%v", err)
		return
	}
	d.checkSeals(keyring, rows)
	d.checkAge(rows, keys.SigningSince())
}

// checkSeals says how far a change of the secret has come.
func (d *doctor) checkSeals(keyring *secret.Keyring, rows []store.SigningKey) {
	const check = "secret"
	for _, row := range rows {
		if id, err := keyring.SealedBy(row.Sealed); err == nil && id != keyring.CurrentID() {
			d.warn(check, "run `watchword admin reseal` once every server has the new secret",
				"signing keys are still sealed under the previous secret")
			return
		}
	}
	if d.cfg.SecretPrevious.IsZero() {
		d.ok(check, "it opens what is sealed in the database")
		return
	}
	d.ok(check, "it opens what is sealed in the database; `watchword admin reseal` says until when sessions need the previous one")
}

// checkAge checks that servers rotate the signing keys in time.
func (d *doctor) checkAge(rows []store.SigningKey, since time.Time) {
	const check = "keys"
	now, newest := d.clock(), rows[len(rows)-1]
	switch due := newest.SignsAt.Add(d.cfg.SigningKeys.RotateEvery); {
	case now.After(due):
		d.warn(check, "run a server: it rotates them; or `watchword admin rotate-keys`",
			"the newest has been due for rotation since %s", when(due, ""))
	case newest.SignsAt.After(now):
		d.ok(check, "one signs since %s; the next follows at %s", when(since, ""), when(newest.SignsAt, ""))
	default:
		d.ok(check, "one signs since %s, and is replaced by %s", when(since, ""), when(due, ""))
	}
}
