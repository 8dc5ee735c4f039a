import { ALTHOUGH_FULL, COUNTS, RECORDS } from './queue-lua';

/** What one script does of a kind at most: Redis serves nobody else meanwhile. */
export const MOST_AT_ONCE = 100;

/** A run whose lease is over goes back to the head of its record, with what was noted of it. */
const END_LEASES = `
local function place(record, item)
  local due, age = placesOf(match(item, '^(%d+) (%d+) (%d+)'))
  call('ZADD', DUE, due, record)
  if age then call('ZADD', AGE, age, record) else call('ZREM', AGE, record) end
end
local function runs(by)
  counts[${COUNTS.running}], counts[${COUNTS.waiting}] = counts[${COUNTS.running}] - by, counts[${COUNTS.waiting}] + by
end
-- Somebody else has changed or taken away what is stored of the record.
local function endUnknown(record, list, first, last, ends, hasNotes, inMail)
  call('ZREM', BUSY, record)
  areCountsNew = true
  runs(1)
  if last < first then return end
  call('HSET', DATA, 'm' .. record, mailOf(nextSeq(), list, first, last, ends, hasNotes, false, inMail))
  place(record, first == 0 and inMail or call('HGET', DATA, 'i' .. list .. '.' .. first) or '')
end
local function endLease(record)
  local _, list, first, last, ends, hasNotes, run, inMail = partsOfMail(call('HGET', DATA, 'm' .. record))
  if not run then return endUnknown(record, list, first, last, ends, hasNotes, inMail) end
  local number, _, deliveries = partsOfRun(run)
  local head, name = first - 1, list .. '.' .. number
  local stored = call('HMGET', DATA, 'i' .. name, 'n' .. name)
  local item = number == 0 and inMail or stored[1] or ''
  local noted = stored[2] or ''
  -- What else it says of a write nobody knows: so it stays.
  local note = match(noted, '^%d+( .*)$') or (find(noted, '^%d*$') and '' or ' ' .. noted)
  -- First of all what takes no memory: leases end when there is none left, too.
  call('ZREM', BUSY, record)
  if number ~= head then
    call('HDEL', DATA, 'i' .. name, 'n' .. name)
    call('HSET', DATA, 'i' .. list .. '.' .. head, item)
    if number == 0 then inMail = false end
  end
  local mail = mailOf(nextSeq(), list, head, last, ends, '1', false, inMail)
  call('HSET', DATA, 'm' .. record, mail, 'n' .. list .. '.' .. head, deliveries .. note)
  place(record, item)
  areCountsNew = true
  runs(1)
end
local function firstEnd()
  local first = call('ZRANGE', BUSY, 0, 0, 'WITHSCORES')
  return tonumber(first[2])
end
local leaseEnd = firstEnd()
if leaseEnd and leaseEnd <= now then
  local over = call('ZRANGEBYSCORE', BUSY, '-inf', now, 'LIMIT', 0, ${MOST_AT_ONCE})
  for _, record in ipairs(over) do endLease(record) end
  leaseEnd = firstEnd()
end
`;

/** The same tickets for whoever asks again. */
const HAND_AGAIN = `
local function handAgain()
  local asked = {}
  for i = 4, 3 + tokens do asked[ARGV[i]] = true end
  local busy = call('ZRANGE', BUSY, 0, -1, 'WITHSCORES')
  for i = 1, #busy, 2 do
    local _, list, _, _, _, _, run, inMail = partsOfMail(call('HGET', DATA, 'm' .. busy[i]))
    local number, fence, deliveries, token = partsOfRun(run)
    if asked[token] then
      local name = list .. '.' .. number
      local stored = call('HMGET', DATA, 'i' .. name, 'n' .. name)
      hand(busy[i], number == 0 and inMail or stored[1], stored[2], token, fence, busy[i + 1], deliveries)
    end
  end
  return answer(now)
end
`;

/** Read at once and written at once. What waits behind one that is handed out has its age to be known by. */
const HAND_OUT = `
local fields = {}
for n = 1, ready do records[n], fields[n] = waiting[2 * n - 1], 'm' .. waiting[2 * n - 1] end
local mails, leaseEnds = call('HMGET', DATA, unpack(fields)), whole(now + leaseMs)
local sets, busy, come, go = {}, {}, {}, {}
for n = 1, ready do
  local record, token = records[n], ARGV[3 + n]
  local _, list, first, last, ends, hasNotes, _, inMail = partsOfMail(mails[n])
  -- It is listed, and nothing waits: somebody else has taken it away.
  last = max(first, last)
  local name = list .. '.' .. textOf(first)
  local item = first == 0 and inMail or call('HGET', DATA, 'i' .. name)
  local noted = hasNotes == '1' and call('HGET', DATA, 'n' .. name)
  local accepted, deliveries = match(item or '', '^%d+ %d+ (%d+) (%d+)')
  deliveries = textOf((noted and match(noted, '^%d+') or deliveries or 0) + 1)
  local fence = nextSeq()
  local run = textOf(first) .. ' ' .. fence .. ' ' .. deliveries .. ' ' .. token
  sets[2 * n - 1] = fields[n]
  sets[2 * n] = mailOf(fence, list, first + 1, last, ends, hasNotes, run, inMail)
  busy[2 * n - 1], busy[2 * n] = leaseEnds, record
  if first < last then
    local behind = first == -1 and inMail or call('HGET', DATA, 'i' .. list .. '.' .. textOf(first + 1))
    local due, age = placesOf(match(behind or '', '^(%d+) (%d+) (%d+)'))
    come[#come + 1] = age or due
    come[#come + 1] = record
  elseif waiting[2 * n] ~= accepted then
    go[#go + 1] = record
  end
  hand(record, item, noted, token, fence, leaseEnds, deliveries)
end
${ALTHOUGH_FULL}
renewIds()
running = running + ready
counts[${COUNTS.running}], counts[${COUNTS.waiting}] = running, counts[${COUNTS.waiting}] - ready
if size > 0 then
  started = started + ready
  switches = fixed .. ' ' .. paused .. ' ' .. whole(heldUntil) .. ' ' .. whole(windowAt) .. ' ' .. started .. recent
  areSwitchesNew = true
end
call('HSET', ids, ARGV[4], '')
call('ZREM', DUE, unpack(records))
call('ZADD', BUSY, unpack(busy))
call('HSET', DATA, unpack(withCounts(sets)))
if #come > 0 then call('ZADD', AGE, unpack(come)) end
if #go > 0 then call('ZREM', AGE, unpack(go)) end
`;

/**
 * Hands out what may be, after all changes. What only this needs is made only where it is asked for: a script makes all its
 * functions anew. Answer: when there may be more (empty: not before something happens) · flushes · list with record, item,
 * what was noted, token, fence, end of the lease, deliveries of each.
 */
export const TAKE = `
local function take()
${RECORDS}
local parallel, leaseMs, size, pauseMs = match(ARGV[3], '^(%d+) (%d+) (%d+) (%d+)')
parallel, leaseMs, size, pauseMs = tonumber(parallel), tonumber(leaseMs), tonumber(size), tonumber(pauseMs)
local taken = {}
local function hand(record, item, noted, token, fence, ends, deliveries)
  local at = #taken
  taken[at + 1], taken[at + 2], taken[at + 3], taken[at + 4] = record, item, noted, token
  taken[at + 5], taken[at + 6], taken[at + 7] = fence, ends, deliveries
end
local function answer(nextAt)
  return {nextAt, flushes, taken}
end
${HAND_AGAIN}
${END_LEASES}
local fixed, paused, heldUntil, windowAt, started, recent =
  match(switches, '^(%d+ %d+) (%d+) (%d+) (%d+) (%d+)(.*)$')
heldUntil, windowAt, started = tonumber(heldUntil), tonumber(windowAt), tonumber(started)
if now >= windowAt + pauseMs or now < windowAt then windowAt, started = now, 0 end
local running = tonumber(counts[${COUNTS.running}])
local room = min(tokens, parallel - running, ${MOST_AT_ONCE}, size > 0 and size - started or tokens)
if paused == '1' or heldUntil > now or room < 0 then room = 0 end
local waiting = call('ZRANGE', DUE, 0, room, 'WITHSCORES')
if #waiting == 0 and not leaseEnd and (running ~= 0 or tonumber(counts[${COUNTS.waiting}]) ~= 0) then
  -- Whatever somebody else has taken away is counted no more.
  running, counts[${COUNTS.running}], counts[${COUNTS.waiting}] = 0, '0', '0'
  areCountsNew = true
end
local ready, records = 0, {}
while ready < room and waiting[2 * ready + 2] and tonumber(waiting[2 * ready + 2]) <= now do ready = ready + 1 end
if tokens > 0 and known(ARGV[4]) then return handAgain() end
if ready > 0 then
${HAND_OUT}
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
end
`;
