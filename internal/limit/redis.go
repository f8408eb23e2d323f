package limit

import (
	"context"
	_ "embed"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"watchword"
)

// redisTimeout bounds one call, connecting included. Redis stands next to the
// nodes; a slower answer is worth less than a local one.
const redisTimeout = 100 * time.Millisecond

// ErrRedisURL says that the address of Redis makes no sense. It never tells the
// address, which may hold a password.
var ErrRedisURL = watchword.NewError(watchword.KindInvalid, "redis_url_invalid",
	"The Redis address must look like redis://user:password@host:6379/0 (rediss:// for TLS).")

//go:embed take.lua
var takeScript string

//go:embed begin.lua
var beginScript string

//go:embed settle.lua
var settleScript string

// Redis is where several nodes keep their counts: Redis 5 or newer, or what
// speaks its language. It holds nothing that could not be lost.
type Redis struct {
	client  redis.UniversalClient
	timeout time.Duration
	take    *redis.Script
	begin   *redis.Script
	settle  *redis.Script
}

// OpenRedis prepares connections to redis://, rediss:// or unix:// addresses. One
// with further nodes (?addr=host:port&addr=…) is a Redis Cluster. It does not
// connect: Redis may come later. It returns ErrRedisURL for anything else.
func OpenRedis(address string) (*Redis, error) {
	// The library would write each failed connection, unbounded, to stderr. What
	// matters of that is in the breaker's alarm.
	logging.Disable()
	client, err := newClient(address)
	if err != nil {
		return nil, ErrRedisURL // without the cause: it quotes the address
	}
	return &Redis{
		client: client, timeout: redisTimeout,
		take:   redis.NewScript(takeScript),
		begin:  redis.NewScript(beginScript),
		settle: redis.NewScript(settleScript),
	}, nil
}

func newClient(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if u.Query().Has("addr") {
		o, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, err
		}
		// A repeated call would count an attempt twice.
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = -1, 1, true
		o.DisableIdentity, o.MaintNotificationsConfig = true, quiet
		return redis.NewClusterClient(o), nil
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = -1, 1, true
	o.DisableIdentity, o.MaintNotificationsConfig = true, quiet
	return redis.NewClient(o), nil
}

// Ping says whether Redis answers in time. Its error holds no password.
func (r *Redis) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.client.Ping(ctx).Err()
}

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }

// run runs a script on its one key, which is what lets a Redis Cluster run it.
// The caller's going away neither ends the call, or a client could leave its
// attempt uncounted, nor looks like an outage of Redis.
func (r *Redis) run(ctx context.Context, s *redis.Script, key string, args ...any) *redis.Cmd {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
	defer cancel()
	return s.Run(ctx, r.client, []string{key}, args...)
}
