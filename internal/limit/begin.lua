-- Admits an attempt, as tally.begin does.
-- KEYS[1]: a hash with the field wrong (answers in a row), the field till (no
-- attempt before), and a field for each attempt in flight, named by the instant
-- of its admission, made unique.
-- ARGV: wrong, hold, longest, lease, memory. Instants and durations are
-- microseconds, by the clock of Redis.
-- Returns {0, id} admitted, {1, wait} refused, {2, 0} undecided.
local limit, hold, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local lease, memory = tonumber(ARGV[4]), math.ceil(ARGV[5] / 1000)
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local wrong, till, flying, newest = 0, 0, 0, 0
local lapsed = {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local name, value = fields[i], tonumber(fields[i + 1])
  if name == 'wrong' then
    wrong = value
  elseif name == 'till' then
    till = value
  else
    local start = tonumber(name)
    if start + lease <= now or start > now + lease then -- the latter: a clock set back
      lapsed[#lapsed + 1] = name
    else
      flying = flying + 1
      newest = math.max(newest, start)
    end
  end
end

if #lapsed > 0 then -- nobody reported them: they count as wrong
  redis.call('HDEL', KEYS[1], unpack(lapsed))
  wrong = wrong + #lapsed
  redis.call('HSET', KEYS[1], 'wrong', wrong)
  if wrong >= limit then
    till = now + math.min(hold * 2 ^ (wrong - limit), longest)
    redis.call('HSET', KEYS[1], 'till', string.format('%.0f', till))
  end
  redis.call('PEXPIRE', KEYS[1], memory)
end

if wrong >= limit and till > now then
  return {1, math.min(till - now, longest)}
end
if flying >= math.max(limit - wrong, 1) then
  return {2, 0}
end
local id = math.max(now, newest + 1)
redis.call('HSET', KEYS[1], string.format('%.0f', id), 1)
redis.call('PEXPIRE', KEYS[1], memory)
return {0, id}
