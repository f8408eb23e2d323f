package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"watchword"
	"watchword/internal/secret"
	"watchword/internal/store"
)

// KeysOptions are what Keys works with.
type KeysOptions struct {
	Store     *store.Store
	Keyring   *secret.Keyring
	Issuer    string
	Algorithm jose.SignatureAlgorithm // of new keys: ES256, EdDSA or RS256
	// RotateEvery is how long a key signs, PublishAhead how long it is in the
	// key set before: longer than anybody caches the set.
	RotateEvery  time.Duration
	PublishAhead time.Duration
	// TokenLife is the longest life of a token that a key signs: so much longer
	// it stays in the set.
	TokenLife time.Duration
	// Added is told of each key in the transaction that adds it, to record it, and of
	// who asked for it: nobody where its time had come. nil is allowed.
	Added  func(ctx context.Context, c *store.Conn, by watchword.Administrator, key store.SigningKey) error
	Clock  func() time.Time
	Random io.Reader
	Log    *slog.Logger
}

// Keys are the signing keys of all nodes. They live sealed in the database; each
// node holds them in memory, so that tokens are signed and checked, and the key
// set is served, while the database is away.
type Keys struct {
	options  KeysOptions
	verified *cache
	ring     atomic.Pointer[ring]

	reloading  sync.Mutex
	lastReload time.Time

	stop context.CancelFunc
	done chan struct{}
}

// algorithms are those that tokens may have been signed by.
var algorithms = []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256}

// ErrSecret says that the server secret opens none of the keys in the database:
// the wrong secret was given, and starting would lock everybody out.
var ErrSecret = errors.New("the server secret does not open the signing keys in the database: " +
	"it is not the secret that this database was made with; give the right one, or the older one as WATCHWORD_SECRET_PREVIOUS")

const (
	reloadEvery = 20 * time.Second
	// A token with an unknown key makes us look for it, and garbage must not turn
	// that into a query for each request.
	reloadAtMostEvery = time.Second
)

// OpenKeys loads the keys and makes the first one on an empty database.
func OpenKeys(ctx context.Context, o KeysOptions) (*Keys, error) {
	k, err := InspectKeys(ctx, o)
	if err != nil {
		return nil, err
	}
	if _, err := k.ring.Load().signing(k.options.Clock()); err != nil {
		if _, err := k.add(ctx, watchword.Administrator{}, k.options.Clock()); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// InspectKeys loads the keys as they are, for whoever only looks: it makes none.
func InspectKeys(ctx context.Context, o KeysOptions) (*Keys, error) {
	k := &Keys{options: o, verified: newCache()}
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	return k, nil
}

// Start keeps the keys fresh until Stop: what other nodes made is taken up, and
// the next key is made when its time has come.
func (k *Keys) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	k.stop, k.done = cancel, make(chan struct{})
	go func() {
		defer close(k.done)
		tick := time.NewTicker(reloadEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				k.tend(ctx)
			}
		}
	}()
}

// Stop ends what Start began.
func (k *Keys) Stop() {
	k.stop() // also what waits for a database that hangs
	<-k.done
}

func (k *Keys) tend(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, reloadEvery)
	defer cancel()
	if err := k.load(ctx); err != nil {
		k.options.Log.WarnContext(ctx, "the signing keys could not be read again; the ones in memory stay in use", "error", err)
		return
	}
	if err := k.RotateIfDue(ctx); err != nil {
		k.options.Log.WarnContext(ctx, "the next signing key could not be made; it will be tried again", "error", err)
	}
}

// load replaces what is in memory by what is in the database.
func (k *Keys) load(ctx context.Context) error {
	rows, err := k.options.Store.Read().SigningKeys(ctx)
	if err != nil {
		return err
	}
	r, err := openRing(k.options.Keyring, rows)
	if err != nil {
		return err
	}
	k.ring.Store(r)
	return nil
}

// public is the key of this id, if it is in the set.
func (k *Keys) public(id string) (jose.JSONWebKey, bool) {
	if key, ok := k.ring.Load().published(id, k.options.Clock()); ok {
		return key.public, true
	}
	k.reloadForUnknown()
	key, ok := k.ring.Load().published(id, k.options.Clock())
	if !ok {
		return jose.JSONWebKey{}, false
	}
	return key.public, true
}

// reloadForUnknown looks whether another node has just made a key.
func (k *Keys) reloadForUnknown() {
	k.reloading.Lock()
	defer k.reloading.Unlock()
	if k.options.Clock().Sub(k.lastReload) < reloadAtMostEvery {
		return
	}
	// Those who wait here meanwhile share this look, also when it takes long.
	defer func() { k.lastReload = k.options.Clock() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := k.load(ctx); err != nil {
		k.options.Log.Warn("the signing keys could not be read again", "error", err)
	}
}

// Set is the published key set (RFC 7517 §5): keys that sign, will sign, or have
// signed tokens that may still live.
func (k *Keys) Set() jose.JSONWebKeySet {
	return k.ring.Load().set(k.options.Clock())
}

// Algorithms are those by which tokens are signed: that of new keys, and those of
// keys that are still in the set.
func (k *Keys) Algorithms() []string {
	list := []string{string(k.options.Algorithm)}
	for _, key := range k.Set().Keys {
		if !slices.Contains(list, key.Algorithm) {
			list = append(list, key.Algorithm)
		}
	}
	return list
}

// SigningSince says since when the present key signs, for metrics and doctor.
func (k *Keys) SigningSince() time.Time {
	key, err := k.ring.Load().signing(k.options.Clock())
	if err != nil {
		return time.Time{}
	}
	return key.SignsAt
}

// add makes the next key, to sign from signsAt on, and answers the newest. If
// another node makes it at the same time, theirs is taken: both then agree.
func (k *Keys) add(ctx context.Context, by watchword.Administrator, signsAt time.Time) (ringKey, error) {
	made, err := generate(k.options.Algorithm, k.options.Random)
	if err != nil {
		return ringKey{}, err
	}
	sealed, id, err := made.seal(k.options.Keyring)
	if err != nil {
		return ringKey{}, err
	}
	// The next after those that were looked at when it was decided to add one: a
	// look in the transaction would see the other node's and add one more.
	known := k.ring.Load().keys
	err = k.options.Store.Tx(ctx, func(c *store.Conn) error {
		row := store.SigningKey{ID: id, Sequence: 1, Algorithm: string(k.options.Algorithm), Sealed: sealed, SignsAt: signsAt}
		for _, older := range known {
			row.Sequence = older.Sequence + 1
			// From then on none of them signs, not even one that was to sign later.
			if err := c.ExpireSigningKey(ctx, older.ID, signsAt.Add(k.options.TokenLife+expiryMargin)); err != nil {
				return err
			}
		}
		if err := c.InsertSigningKey(ctx, row); err != nil || k.options.Added == nil {
			return err
		}
		return k.options.Added(ctx, c, by, row)
	})
	if err != nil && !errors.Is(err, store.ErrDuplicate) {
		return ringKey{}, fmt.Errorf("add signing key: %w", err)
	}
	if err := k.load(ctx); err != nil {
		return ringKey{}, err
	}
	keys := k.ring.Load().keys
	return keys[len(keys)-1], nil
}

// expiryMargin covers clocks that differ and tokens signed in the last moment.
const expiryMargin = 10 * time.Minute

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
