import type { Counters } from '../queue/queue-store';

/** Of what the scripts store. A queue that another version wrote is not touched. */
export const QUEUE_FORMAT = '1';

/** The keys of a queue, by what follows its name, in the order in which every script gets them. */
export const QUEUE_KEYS = ['data', 'due', 'age', 'busy', 'fades', 'ids0', 'ids1'] as const;

/** Numbers that every change needs, as Lua counts them. */
export const COUNTS = { seq: 1, generation: 2, waiting: 3, running: 4, accepted: 5 } as const;

/** Those that only some need. */
export const TOTALS = [
  'merged',
  'superseded',
  'done',
  'again',
  'givenUp',
  'settled',
  'conflicts',
] as const satisfies readonly (keyof Counters)[];

/** What is remembered to be done is known for so long at least. Milliseconds. */
const KNOWN_MS = 30_000;

const zeros = (count: number): string => Array(count).fill('0').join(' ');
export const numbers = (count: number): string => `^${Array(count).fill('(%d+)').join(' ')}$`;

export const NO_COUNTS = zeros(Object.keys(COUNTS).length);
export const NO_TOTALS = zeros(TOTALS.length);
export const NO_SWITCHES = `${QUEUE_FORMAT} ${zeros(5)}`;

/**
 * data, a hash:
 * - #counts: seq, which only grows, also over a restart of Redis without its data, and from which revisions, names of
 *   lists and fences are taken; generation of ids; items that wait; runs; accepted. #totals: the other counters.
 *   #switches: format · flushes · paused · heldUntil · start of the batch · started in it · minute, settled, conflicts of
 *   each of the last minutes. #hold: a text.
 * - m record: revision · list · first · last · end of its memory (-1: none, 0: not begun), and of what runs: number ·
 *   fence · deliveries · token. There as long as something waits, runs, or is remembered of the record. What waits are
 *   the items of its list from first to last; what runs has a number before them.
 * - i list.number: an item: flushes when it came · dueAt · acceptedAt · deliveries · what scripts do not read.
 * - n list.number: deliveries · note, where they are others by now.
 * - y record: memory.
 *
 * due: records of which the first item waits and none runs, by when it may run. age: records that wait otherwise than in
 * due by the acceptance of their first item, by that. busy: records that run, by the end of the lease. fades: records of
 * which only memory is left, by its end. ids: what was done already, in two sets that take turns.
 *
 * Numbers have up to 16 digits, which Lua writes whole only when told to. What is refused, for want of memory too, has
 * changed nothing: a script reads before it writes. Few calls with few arguments make it fast.
 */
export const COMMON = `
local DATA, DUE, AGE, BUSY, FADES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local call, match, floor, max, min = redis.call, string.match, math.floor, math.max, math.min
local function whole(number) return string.format('%.0f', number) end

local time = call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = floor(micros / 1000)

local data = call('HMGET', DATA, '#switches', '#counts', '#totals', '#hold', 'm' .. (ARGV[1] or ''))
local switches, totals, hold, isNew = data[1], data[3], data[4] or '', false
if not switches then
  for _, key in ipairs(KEYS) do
    if call('EXISTS', key) == 1 then
      return redis.error_reply('WRONGTYPE ' .. key .. ' is there, but is no queue of ours')
    end
  end
  switches, data[2], totals, isNew = '${NO_SWITCHES}', '${NO_COUNTS}', '${NO_TOTALS}', true
end
local format, flushes = match(switches, '^(%S+) (%d+)')
if format ~= '${QUEUE_FORMAT}' then return {'format', format or switches} end
local counts = {match(data[2], '${numbers(Object.keys(COUNTS).length)}')}
local text = data[5]
`;

/**
 * Of a script that is needed to get out of a full memory: what waits has to be handed out and written before it is gone.
 * Redis asks for memory before the first thing that a script writes only, and this is one that it does not ask for.
 */
export const ALTHOUGH_FULL = `
call('HDEL', DATA, '#')
`;

/** How scripts answer. */
export const STATE_OF = `
local function firstOf(key)
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return tonumber(first[2])
end
local function state(kind)
  local due, aged = firstOf(DUE), firstOf(AGE)
  local oldest = due
  if not due or (aged and aged < due) then oldest = aged end
  return {kind, now, table.concat(counts, ' '), totals, switches, hold, oldest or '', due or ''}
end
`;

/** Of a script that may be asked again after a lost answer. */
export const REMEMBERING = `
local last = tonumber(counts[${COUNTS.generation}])
local generation = max(floor(now / ${KNOWN_MS}), last)
local ids, idsBefore = KEYS[6 + generation % 2], KEYS[7 - generation % 2]
local function isKnown(id)
  return (generation < last + 2 and call('SISMEMBER', idsBefore, id) == 1)
    or (generation == last and call('SISMEMBER', ids, id) == 1)
end
-- False: it is known already.
local function remember(id)
  if generation > last then
    call('UNLINK', ids)
    if generation > last + 1 then call('UNLINK', idsBefore) end
    counts[${COUNTS.generation}], last = generation, generation
  end
  return call('SADD', ids, id) == 1 and call('SISMEMBER', idsBefore, id) == 0
end
`;

/** The parts of what is stored of a record, and where it waits whose first item is that one: `isFirst` where none did. */
export const RECORDS = `
local function partsOfMail(mail)
  local revision, list, first, last, ends, run = match(mail, '^(%d+) (%d+) (%-?%d+) (%-?%d+) (%-?%d+) ?(.*)$')
  ends = tonumber(ends)
  if ends > 0 and ends <= now then ends = -1 end
  return revision, list, tonumber(first), tonumber(last), ends, run ~= '' and run
end
local function partsOfRun(run)
  local number, fence, deliveries, token = match(run, '^(%-?%d+) (%d+) (%d+) (.*)$')
  return tonumber(number), fence, deliveries, token
end
local function place(record, item, isRunning, isFirst)
  local since, due, accepted = match(item, '^(%d+) (%d+) (%d+)')
  accepted = min(tonumber(accepted), now)
  due = since == flushes and max(tonumber(due), accepted) or accepted
  if not isRunning then call('ZADD', DUE, due, record) end
  if isRunning or due > accepted then
    call('ZADD', AGE, accepted, record)
  elseif not isFirst then
    call('ZREM', AGE, record)
  end
end
`;

export const SLOT = `
local function slot(kind, record, mail)
  if not mail then return {kind, '0', false, flushes, false, '', '', false} end
  local revision, list, first, last, ends, run = partsOfMail(mail)
  local answer = {kind, (ends >= 0 or last >= first) and revision or '0', false, flushes, false, '', '', false}
  if ends >= 0 then answer[3] = call('HGET', DATA, 'y' .. record) end
  if run then
    local number, _, deliveries, token = partsOfRun(run)
    local name = list .. '.' .. number
    local stored = call('HMGET', DATA, 'i' .. name, 'n' .. name)
    answer[5], answer[6], answer[7], answer[8] = token, deliveries, stored[1], stored[2]
  end
  for number = first, last do
    local name = list .. '.' .. number
    local stored = call('HMGET', DATA, 'i' .. name, 'n' .. name)
    answer[#answer + 1] = stored[1]
    answer[#answer + 1] = stored[2]
  end
  return answer
end
`;
