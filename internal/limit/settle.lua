-- Ends an attempt, as tallies.settle does.
-- KEYS[1]: the hash of begin.lua.
-- ARGV: wrong, hold, longest, lease, memory, id, outcome.
local limit, hold, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local memory, id, outcome = math.ceil(ARGV[5] / 1000), ARGV[6], ARGV[7]

local known = redis.call('EXISTS', KEYS[1]) == 1
local flew = redis.call('HDEL', KEYS[1], id) == 1
if outcome == 'right' then
  redis.call('HDEL', KEYS[1], 'wrong', 'till')
elseif outcome == 'wrong' and (flew or not known) then -- a lapsed one has been counted
  local wrong = redis.call('HINCRBY', KEYS[1], 'wrong', 1)
  if wrong >= limit then
    local clock = redis.call('TIME')
    local now = clock[1] * 1000000 + clock[2]
    local till = now + math.min(hold * 2 ^ (wrong - limit), longest)
    redis.call('HSET', KEYS[1], 'till', string.format('%.0f', till))
  end
  redis.call('PEXPIRE', KEYS[1], memory)
end
return 0
