import { ALTHOUGH_FULL, COMMON, COUNTS, RECORDS, REMEMBERING, STATE_OF } from './queue-lua';
import { script } from './script';

/** What one script does of a kind at most: Redis serves nobody else meanwhile. */
export const MOST_AT_ONCE = 100;

/** A run whose lease is over goes back to the head of its record, with what was noted of it. */
const END_LEASES = `
local function endLease(record)
  local _, list, first, last, ends, run = partsOfMail(call('HGET', DATA, 'm' .. record))
  local number, _, deliveries = partsOfRun(run)
  local name, head = list .. '.' .. number, list .. '.' .. (first - 1)
  local stored = call('HMGET', DATA, 'i' .. name, 'n' .. name)
  local note = match(stored[2] or '', '^%d+( .*)$') or ''
  -- First of all what takes no memory: leases end when there is none left, too.
  call('ZREM', BUSY, record)
  if name ~= head then
    call('HDEL', DATA, 'i' .. name, 'n' .. name)
    call('HSET', DATA, 'i' .. head, stored[1])
  end
  local mail = nextSeq() .. ' ' .. list .. ' ' .. (first - 1) .. ' ' .. last .. ' ' .. whole(ends)
  call('HSET', DATA, 'm' .. record, mail, 'n' .. head, deliveries .. note)
  place(record, stored[1], false)
  counts[${COUNTS.running}], counts[${COUNTS.waiting}] = counts[${COUNTS.running}] - 1, counts[${COUNTS.waiting}] + 1
end
local leaseEnd = firstOf(BUSY)
if leaseEnd and leaseEnd <= now then
  local over = call('ZRANGEBYSCORE', BUSY, '-inf', now, 'LIMIT', 0, ${MOST_AT_ONCE})
  for _, record in ipairs(over) do endLease(record) end
  leaseEnd = firstOf(BUSY)
end
`;

/** The same tickets for whoever asks again. */
const HAND_AGAIN = `
local function handAgain()
  local asked = {}
  for i = 3, #ARGV do asked[ARGV[i]] = true end
  local busy = call('ZRANGE', BUSY, 0, -1, 'WITHSCORES')
  for i = 1, #busy, 2 do
    local _, list, _, _, _, run = partsOfMail(call('HGET', DATA, 'm' .. busy[i]))
    local number, fence, deliveries, token = partsOfRun(run)
    if asked[token] then
      local name = list .. '.' .. number
      hand(busy[i], call('HMGET', DATA, 'i' .. name, 'n' .. name), token, fence, busy[i + 1], deliveries)
    end
  end
  return answer(now)
end
`;

const HAND_OUT = `
local function handOut(record, due, token)
  local _, list, first, last, ends = partsOfMail(call('HGET', DATA, 'm' .. record))
  local name, leaseEnds = list .. '.' .. first, now + leaseMs
  local stored = call('HMGET', DATA, 'i' .. name, 'n' .. name, 'i' .. list .. '.' .. (first + 1))
  local accepted, deliveries = match(stored[1], '^%d+ %d+ (%d+) (%d+)')
  deliveries = (match(stored[2] or '', '^%d+') or deliveries) + 1
  local fence = nextSeq()
  call('ZREM', DUE, record)
  call('ZADD', BUSY, leaseEnds, record)
  local mail = fence .. ' ' .. list .. ' ' .. (first + 1) .. ' ' .. last .. ' ' .. whole(ends)
  call('HSET', DATA, 'm' .. record, mail .. ' ' .. first .. ' ' .. fence .. ' ' .. deliveries .. ' ' .. token)
  hand(record, stored, token, fence, leaseEnds, deliveries)
  if first < last then
    place(record, stored[3], true)
  elseif due ~= accepted then
    call('ZREM', AGE, record)
  end
end
`;

/**
 * Arguments: nothing, numbers (parallel, leaseMs, size of a batch and its pause; size 0: none), tokens.
 * Answer: taken · state · when there may be more (empty: not before something happens) · list with record, item, what was
 * noted, token, fence, end of the lease, deliveries of each.
 */
export const TAKE = script(`${COMMON}${STATE_OF}${REMEMBERING}${RECORDS}
local parallel, leaseMs, size, pauseMs = match(ARGV[2], '^(%d+) (%d+) (%d+) (%d+)$')
parallel, leaseMs, size, pauseMs = tonumber(parallel), tonumber(leaseMs), tonumber(size), tonumber(pauseMs)
local tokens, taken = #ARGV - 2, {}
local function nextSeq()
  counts[${COUNTS.seq}] = whole(max(counts[${COUNTS.seq}] + 1, micros))
  return counts[${COUNTS.seq}]
end
local function hand(record, stored, token, fence, ends, deliveries)
  local at = #taken
  taken[at + 1], taken[at + 2], taken[at + 3], taken[at + 4] = record, stored[1], stored[2], token
  taken[at + 5], taken[at + 6], taken[at + 7] = fence, ends, deliveries
end
local function save()
  if isNew then call('HSET', DATA, '#totals', totals) end
  call('HSET', DATA, '#counts', table.concat(counts, ' '), '#switches', switches)
end
local function answer(nextAt)
  save()
  local given = state('taken')
  given[9], given[10], given[11] = flushes, nextAt, taken
  return given
end
${HAND_AGAIN}
${HAND_OUT}
${END_LEASES}
local fixed, paused, heldUntil, windowAt, started, recent =
  match(switches, '^(%d+ %d+) (%d+) (%d+) (%d+) (%d+)(.*)$')
heldUntil, windowAt, started = tonumber(heldUntil), tonumber(windowAt), tonumber(started)
if now >= windowAt + pauseMs or now < windowAt then windowAt, started = now, 0 end
local running = tonumber(counts[${COUNTS.running}])
local room = min(tokens, parallel - running, ${MOST_AT_ONCE}, size > 0 and size - started or tokens)
if paused == '1' or heldUntil > now or room < 0 then room = 0 end
local waiting = call('ZRANGE', DUE, 0, room, 'WITHSCORES')
local ready = 0
while ready < room and waiting[2 * ready + 2] and tonumber(waiting[2 * ready + 2]) <= now do
  ready = ready + 1
end
${ALTHOUGH_FULL}
if ready == 0 then
  if tokens > 0 and isKnown(ARGV[3]) then return handAgain() end
elseif not remember(ARGV[3]) then
  return handAgain()
end
for i = 1, ready do handOut(waiting[2 * i - 1], waiting[2 * i], ARGV[2 + i]) end
running = running + ready
counts[${COUNTS.running}], counts[${COUNTS.waiting}] = running, counts[${COUNTS.waiting}] - ready
if size > 0 and ready > 0 then
  started = started + ready
  switches = fixed .. ' ' .. paused .. ' ' .. whole(heldUntil) .. ' ' .. whole(windowAt) .. ' ' .. started .. recent
end

if paused == '1' then return answer('') end
if heldUntil > now then return answer(heldUntil) end
local nextAt = tonumber(waiting[2 * ready + 2])
if ready > 0 then leaseEnd = min(leaseEnd or now + leaseMs, now + leaseMs) end
if parallel <= running then nextAt = nil end
if not nextAt or (leaseEnd and leaseEnd < nextAt) then nextAt = leaseEnd end
if not nextAt then return answer('') end
if size > 0 and started >= size then nextAt = max(nextAt, windowAt + pauseMs) end
return answer(max(nextAt, now))
`);
