import { ALTHOUGH_FULL, COMMON, RECORDS, SLOT, STATE_OF } from './queue-lua';
import { MOST_AT_ONCE } from './queue-take';
import { script } from './script';

export { STEP } from './queue-change';
export { MOST_AT_ONCE } from './queue-take';

/** Argument: record. Answer: slot. */
export const LOOK = script(`${COMMON}${RECORDS}${SLOT}
return slot('slot', ARGV[1], text, function(name) return call('HGET', DATA, name) end)
`);

/** Arguments: record, token, note, leaseMs. Answer: whether the run is that token's. */
export const NOTE = script(`${COMMON}${RECORDS}
if not text then return 0 end
local _, list, _, _, _, _, run = partsOfMail(text)
if not run then return 0 end
local number, _, deliveries, token = partsOfRun(run)
if token ~= ARGV[2] then return 0 end
${ALTHOUGH_FULL}
call('HSET', DATA, 'n' .. list .. '.' .. number, deliveries .. ' ' .. ARGV[3])
call('ZADD', BUSY, now + ARGV[4], ARGV[1])
return 1
`);

/** Arguments: nothing, how many at most. Answer: records and the first item of each. */
export const OLDEST = script(`${COMMON}${RECORDS}
local most, ages, records = tonumber(ARGV[2]), {}, {}
for _, key in ipairs({AGE, DUE}) do
  local found = call('ZRANGE', key, 0, most - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    -- Whoever is in both has waited since the time in the first.
    if not ages[found[i]] then
      ages[found[i]] = tonumber(call('ZSCORE', AGE, found[i]) or found[i + 1])
      records[#records + 1] = found[i]
    end
  end
end
table.sort(records, function(a, b)
  if ages[a] == ages[b] then return a < b end
  return ages[a] < ages[b]
end)
local answer = {}
for i = 1, min(most, #records) do
  local _, list, first, _, _, _, _, item = partsOfMail(call('HGET', DATA, 'm' .. records[i]))
  answer[2 * i - 1] = records[i]
  answer[2 * i] = first == 0 and item or call('HGET', DATA, 'i' .. list .. '.' .. first)
end
return answer
`);

/** Answer: state. */
export const STATE = script(`${COMMON}${STATE_OF}
return {state(true)}
`);

const SWITCHES = `
local fixed, count, paused, heldUntil, rest = match(switches, '^(%d+) (%d+) (%d+) (%d+) (.*)$')
${ALTHOUGH_FULL}
local function save(value)
  if isNew then call('HSET', DATA, '#counts', data[2], '#totals', totals) end
  call('HSET', DATA, '#switches', value)
end
`;

/** Arguments: nothing, 1 or 0. */
export const PAUSE = script(`${COMMON}${SWITCHES}
save(fixed .. ' ' .. count .. ' ' .. ARGV[2] .. ' ' .. heldUntil .. ' ' .. rest)
return 1
`);

/** Arguments: nothing, the hold as it was, as it is to be, and until when. Answer: whether it is that now. */
export const HOLD = script(`${COMMON}${SWITCHES}
if hold == ARGV[3] and heldUntil == ARGV[4] then return 1 end
if hold ~= ARGV[2] then return 0 end
save(fixed .. ' ' .. count .. ' ' .. paused .. ' ' .. ARGV[4] .. ' ' .. rest)
call('HSET', DATA, '#hold', ARGV[3])
return 1
`);

/** Arguments: nothing, whether it begins. Answer: how many records were not due yet. */
export const FLUSH = script(`${COMMON}${SWITCHES}
if ARGV[2] == '1' then save(fixed .. ' ' .. (count + 1) .. ' ' .. paused .. ' 0 ' .. rest) end
local from = '(' .. whole(now)
local later = call('ZCOUNT', DUE, from, '+inf')
for _, record in ipairs(call('ZRANGEBYSCORE', DUE, from, '+inf', 'LIMIT', 0, ${MOST_AT_ONCE})) do
  call('ZADD', DUE, now, record)
end
return later
`);

/** Forgets what is remembered of records for long enough. Answer: how many. */
export const SWEEP = script(`${COMMON}
local over = call('ZRANGEBYSCORE', FADES, '-inf', now, 'LIMIT', 0, ${MOST_AT_ONCE})
for _, record in ipairs(over) do
  call('ZREM', FADES, record)
  call('HDEL', DATA, 'm' .. record, 'y' .. record)
end
return #over
`);
