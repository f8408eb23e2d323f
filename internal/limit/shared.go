package limit

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

var errReply = errors.New("unexpected reply of a script")

// shared counts in Redis. Each act also says whether it did: if not, Redis is
// away and the caller counts on this node.
type shared struct {
	redis   *Redis
	breaker breaker
}

func (s *shared) take(ctx context.Context, rule Rule, key digest) (wait time.Duration, ok bool) {
	ok = s.call(ctx, func() error {
		micros, err := s.redis.run(ctx, s.redis.take, key.redisKey("limit:"+rule.Name),
			rule.Count, rule.Per.Microseconds()).Int64()
		wait = time.Duration(micros) * time.Microsecond
		return err
	})
	return wait, ok
}

func (s *shared) begin(ctx context.Context, p policy, key digest) (r ruling, ok bool) {
	ok = s.call(ctx, func() (err error) {
		r, err = parseRuling(s.redis.run(ctx, s.redis.begin, key.redisKey(attemptsName), p.args()...))
		return err
	})
	return r, ok
}

func (s *shared) settle(ctx context.Context, p policy, key digest, id int64, how outcome) bool {
	return s.call(ctx, func() error {
		return s.redis.run(ctx, s.redis.settle, key.redisKey(attemptsName),
			append(p.args(), id, string(how))...).Err()
	})
}

func (s *shared) clear(ctx context.Context, key digest) {
	// A right answer to no attempt: it ends the row and leaves what is in flight.
	s.settle(ctx, policy{}, key, 0, right)
}

func (s *shared) call(ctx context.Context, act func() error) bool {
	if !s.breaker.ask() {
		return false
	}
	err := act()
	s.breaker.report(ctx, err)
	return err == nil
}

// args is the policy as the scripts take it, in microseconds.
func (p policy) args() []any {
	return []any{
		p.wrong, p.hold.Microseconds(), p.longest.Microseconds(),
		p.lease.Microseconds(), p.memory.Microseconds(),
	}
}

func parseRuling(cmd *redis.Cmd) (ruling, error) {
	reply, err := cmd.Int64Slice()
	if err != nil {
		return ruling{}, err
	}
	if len(reply) != 2 || reply[0] < 0 || reply[0] > int64(undecided) {
		return ruling{}, errReply
	}
	r := ruling{verdict: verdict(reply[0])}
	switch r.verdict {
	case admitted:
		r.id = reply[1]
	case refused:
		r.wait = time.Duration(reply[1]) * time.Microsecond
	case undecided:
		r.again = after(pollEvery)
	}
	return r, nil
}

// after is closed when d has passed.
func after(d time.Duration) <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(d, func() { close(c) })
	return c
}
