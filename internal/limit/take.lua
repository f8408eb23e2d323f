-- Counts one attempt: a sliding window.
-- KEYS[1]: a list of the instants at which attempts passed, newest first.
-- ARGV: count, per. Instants and durations are microseconds, by the clock of Redis.
-- Returns 0 if the attempt passes, else the time until one may.
local count, per = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- A clock set back a little stands still until it has caught up; one set back
-- by more than the window would refuse for too long, so the window is dropped.
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0) or 0)
if newest > now + per then
  redis.call('DEL', KEYS[1])
elseif newest > now then
  now = newest
end

local last = redis.call('LINDEX', KEYS[1], count - 1)
if last and last + per > now then
  return last + per - now
end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('LTRIM', KEYS[1], 0, count - 1)
redis.call('PEXPIRE', KEYS[1], math.ceil(per / 1000))
return 0
