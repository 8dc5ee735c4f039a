import type { Counters } from '../queue/queue-store';

/** Of what the scripts store. A queue that another version wrote is not touched. */
export const QUEUE_FORMAT = '2';

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
export const KNOWN_MS = 30_000;

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
 * - m record: revision · list · first · last · end of its memory (-1: none, 0: not begun) · 1 where of what waits something
 *   was noted · and of what runs: number · fence · deliveries · token. There as long as something waits, runs, or is
 *   remembered of the record. What waits are the items of its list from first to last; what runs has a number before
 *   them. On a line of its own the item with number 0, unless it is long: most records never have another one.
 * - i list.number: any other item: flushes when it came · dueAt · acceptedAt · deliveries · what scripts do not read.
 * - n list.number: deliveries · note, where they are others by now.
 * - y record: memory.
 *
 * due: records of which the first item waits and none runs, by when it may run. age: records that wait otherwise than in
 * due by the acceptance of their first item, by that. busy: records that run, by the end of the lease. fades: records of
 * which only memory is left, by its end. ids: what was done already, in two hashes that take turns.
 *
 * Numbers have up to 16 digits, which Lua writes whole only when told to. What is refused, for want of memory too, has
 * changed nothing: a script reads before it writes. What makes it fast are few calls, each for all that a script is given,
 * and few numbers made texts.
 */
const BEGIN = `
local DATA, DUE, AGE, BUSY, FADES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local call, match, find, sub = redis.call, string.match, string.find, string.sub
local floor, max, min = math.floor, math.max, math.min

local time = call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = floor(micros / 1000)
`;

/** What is kept of the whole queue. */
export const OF_QUEUE = "{'#switches', '#counts', '#totals', '#hold'}";

const READ = `
local function whole(number) return string.format('%.0f', number) end
local data = call('HMGET', DATA, unpack(fields))
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
local seq = max(counts[${COUNTS.seq}], micros - 1)
local function nextSeq()
  seq = seq + 1
  return whole(seq)
end
`;

/**
 * Reads what belongs to the whole queue.
 * @param first Lua that needs less than all of it
 * @param more Lua that adds to `fields`: they are read along, into `data` from 5 on
 */
export const opening = (more: string, first = ''): string =>
  `${BEGIN}${first}
local fields = ${OF_QUEUE}
${more}${READ}`;

/** Of a script for the whole queue, or for the one record that its first argument names: `text` is what there is of it. */
export const COMMON = `${opening("fields[5] = 'm' .. (ARGV[1] or '')")}
local text = data[5]
`;

/**
 * Of a script that is needed to get out of a full memory: what waits has to be handed out and written before it is gone.
 * Redis asks for memory before the first thing that a script writes only, and this is one that it does not ask for.
 */
export const ALTHOUGH_FULL = `
call('HDEL', DATA, '#')
`;

/** How scripts answer, as one text: clients are slow at reading many parts. When the first is due and how old the oldest is matters to a hold, and to whoever asks for it. */
export const STATE_OF = `
local function state(isAsked)
  local oldest, due = '', ''
  if hold ~= '' or isAsked then
    due = call('ZRANGE', DUE, 0, 0, 'WITHSCORES')[2] or ''
    oldest = call('ZRANGE', AGE, 0, 0, 'WITHSCORES')[2] or due
    if due ~= '' and tonumber(due) < tonumber(oldest) then oldest = due end
  end
  return table.concat({now, table.concat(counts, ' '), totals, switches, oldest, due, hold}, '\\n')
end
`;

/** Of a script that may be asked again after a lost answer. */
export const REMEMBERING = `
local last = tonumber(counts[${COUNTS.generation}])
local generation = max(floor(now / ${KNOWN_MS}), last)
local ids, idsBefore = KEYS[6 + generation % 2], KEYS[7 - generation % 2]
local function known(id)
  local found = generation == last and call('HGET', ids, id)
  return found or (generation < last + 2 and call('HGET', idsBefore, id))
end
local function renewIds()
  if generation == last then return end
  call('UNLINK', ids)
  if generation > last + 1 then call('UNLINK', idsBefore) end
  counts[${COUNTS.generation}], last = generation, generation
end
`;

/** By what a record waits whose first item begins like that: when it may run, and where that is later, since when it waits. */
export const PLACES = `
local function placesOf(since, due, accepted)
  -- Nobody can read it: so it leaves soon.
  if not accepted then return whole(now) end
  if tonumber(accepted) > now then accepted = whole(now) end
  if due == '0' or since ~= flushes or tonumber(due) <= tonumber(accepted) then return accepted end
  return due, accepted
end
`;

/**
 * The parts of what is stored of a record. What somebody else has changed so that it has none, or has taken away, is one
 * item, which nobody can read: that leaves the queue like any other, and holds up none.
 */
export const RECORDS = `
local function partsOfMail(mail)
  local revision, list, first, last, ends, noted, run, rest =
    match(mail or '', '^(%d+) (%d+) (%-?%d+) (%-?%d+) (%-?%d+) (%d) ?([^\\n]*)\\n?()')
  if not revision or (run ~= '' and not find(run, '^%-?%d+ %d+ %d+ ')) then
    return '1', nextSeq(), 0, 0, -1, '0', false, mail or '', false
  end
  ends = tonumber(ends)
  local hasEnded = ends > 0 and ends <= now
  if hasEnded then ends = -1 end
  local item = rest <= #mail and sub(mail, rest)
  return revision, list, tonumber(first), tonumber(last), ends, noted, run ~= '' and run, item, hasEnded
end
-- What it costs to make a text of a number is paid once for all of them that are the same.
local texts = {}
local function textOf(number)
  local text = texts[number]
  if not text then
    text = whole(number)
    texts[number] = text
  end
  return text
end
local function mailOf(revision, list, first, last, ends, noted, run, item)
  return revision .. ' ' .. list .. ' ' .. textOf(first) .. ' ' .. textOf(last) .. ' ' .. textOf(ends) .. ' ' .. noted
    .. (run and ' ' or '') .. (run or '') .. (item and '\\n' or '') .. (item or '')
end
local function partsOfRun(run)
  local number, fence, deliveries, token = match(run or '', '^(%-?%d+) (%d+) (%d+) (.*)$')
  return tonumber(number), fence, deliveries, token
end
`;

/** A longer item is not written anew with every step of its record. Bytes. */
export const MOST_IN_MAIL = 1024;

/** How a script answers what is stored of a record. */
export const SLOT = `
local function slot(kind, record, mail, valueOf)
  if not mail then return {kind, '0', false, flushes, false, '', '', false} end
  local revision, list, first, last, ends, _, run, inMail = partsOfMail(mail)
  local function itemOf(number)
    return number == 0 and inMail or valueOf('i' .. list .. '.' .. number)
  end
  local answer = {kind, (ends >= 0 or last >= first) and revision or '0', false, flushes, false, '', '', false}
  if ends >= 0 then answer[3] = valueOf('y' .. record) end
  if run then
    local number, _, deliveries, token = partsOfRun(run)
    answer[5], answer[6], answer[7], answer[8] = token, deliveries, itemOf(number), valueOf('n' .. list .. '.' .. number)
  end
  for number = first, last do
    answer[#answer + 1] = itemOf(number)
    answer[#answer + 1] = valueOf('n' .. list .. '.' .. number)
  end
  return answer
end
`;
