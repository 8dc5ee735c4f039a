import { RECENT_MINUTES } from '../../retry/conflict-rate';
import {
  COUNTS,
  KNOWN_MS,
  MOST_IN_MAIL,
  numbers,
  OF_QUEUE,
  opening,
  PLACES,
  QUEUE_FORMAT,
  RECORDS,
  REMEMBERING,
  SLOT,
  STATE_OF,
  TOTALS,
} from './queue-lua';
import { TAKE } from './queue-take';
import { script } from './script';

/** In the place of the 0 of changes that are asked for first: all are puts of one item, of records of which nothing is known. */
export const PUTS = '+';

const MINUTE_MS = 60_000;
const SETTLED = TOTALS.indexOf('settled') + 1;
const CONFLICTS = TOTALS.indexOf('conflicts') + 1;

/** What is asked of each change, where it begins among the arguments, and the mail of its record, which is read with all others. */
const ASKED = `
local tokens = tonumber(match(ARGV[3], '%d*$')) or 0
local groups, starts, asked, at, changes = {}, {}, {}, 4 + tokens, 0
while made == '' and ARGV[at] do
  local times, revision, place, remove, memoryMs, limit, adds, accepted, ends, memory, more =
    match(ARGV[at], '^(%d+) (%S+) (%S+) (%d+) (%d+) (%S+) (%d+) (%d+) (%d) (%d) ?(.*)$')
  local endsRun, givesMemory = ends == '1', memory == '1'
  local isPlain, length = not givesMemory and remove == '0', 1 + 2 * ends + adds + memory
  local parts = {
    wanted = revision ~= '-' and revision, at = tonumber(place), remove = tonumber(remove), memoryMs = tonumber(memoryMs),
    limit = tonumber(limit), adds = tonumber(adds), accepted = tonumber(accepted), ends = endsRun, memory = givesMemory,
    more = more ~= '' and more, items = 2 * ends, length = length, changed = 0,
    mayBeLast = adds == '0' and isPlain and endsRun and revision == '-'
  }
  groups[#groups + 1] = parts
  at = at + 1
  for _ = 1, times do
    changes = changes + 1
    starts[changes], asked[changes], fields[changes + 4] = at, parts, 'm' .. ARGV[at]
    at = at + length
  end
end
`;

/** Adds what is kept of the whole queue to what is written anyway. */
const COUNTED = `
local function withCounts(sets)
  counts[${COUNTS.seq}], areCountsNew = whole(seq), false
  sets[#sets + 1], sets[#sets + 2] = '#counts', table.concat(counts, ' ')
  if areTotalsNew or isNew then sets[#sets + 1], sets[#sets + 2] = '#totals', totals end
  if areSwitchesNew or isNew then sets[#sets + 1], sets[#sets + 2] = '#switches', switches end
  return sets
end
`;

const ASKED_ALREADY = 'ERR asked again already';

/** How much later than the second asking the first one may come, where both get there. Milliseconds. */
const LATE_MS = 15_000;

/** What was asked before, and is known by now although it came first, is not done. */
const REMEMBER = `
renewIds()
local isLate = not isAgain and now % ${KNOWN_MS} < ${LATE_MS} and call('HEXISTS', idsBefore, ARGV[1]) == 1
if isLate or call(isAgain and 'HSET' or 'HSETNX', ids, ARGV[1], made) == 0 and not isAgain then
  return redis.error_reply('${ASKED_ALREADY}')
end
`;

/** What is asked of the puts, and whether all is as usual. Sequence numbers can be the time then. */
const ARE_FIRSTS = `
  local at, last, fields = 4, #ARGV, ${OF_QUEUE}
  if takes then at = 4 + match(ARGV[3], '%d*$') end
  local puts, limit = (last - at) / 2, tonumber(match(ARGV[at], '^%d+ %S+ %S+ %d+ %d+ (%S+)'))
  for n = 1, puts do fields[n + 4] = 'm' .. ARGV[at + 2 * n - 1] end
  local data = call('HMGET', DATA, unpack(fields))
  local format, flushes = match(data[1] or '', '^(%S+) (%d+)')
  local seq, generation, waiting, running, accepted = match(data[2] or '', '${numbers(Object.keys(COUNTS).length)}')
  local second, part = time[1], tonumber(time[2])
  local areFirsts = format == '${QUEUE_FORMAT}' and seq and micros > tonumber(seq) and part + puts < 1000000
    and floor(now / ${KNOWN_MS}) <= tonumber(generation) and not (limit and waiting + puts > limit)
  for n = 5, puts + 4 do
    if data[n] then areFirsts = false end
  end
`;

/** What was given becomes what is written. */
const FIRSTS = `
    local dues, ages, long, millis = {}, false, false, second .. sub(string.format('%06d', part), 1, 3)
    for n = 1, puts do
      local i = at + 2 * n
      local record, item = ARGV[i - 1], ARGV[i]
      local due, since = match(item, '^(%d+) (%d+)')
      if tonumber(since) > now then since = millis end
      if due ~= '0' and tonumber(due) > tonumber(since) then
        ages = ages or {}
        ages[#ages + 1], ages[#ages + 2] = since, record
        since = due
      end
      seq = second .. string.format('%06d', part + n)
      ARGV[i - 1] = fields[n + 4]
      if #flushes + 1 + #item > ${MOST_IN_MAIL} then
        long = long or {}
        long[#long + 1], long[#long + 2] = 'i' .. seq .. '.0', flushes .. ' ' .. item
        ARGV[i] = seq .. ' ' .. seq .. ' 0 0 -1 0'
      else
        -- Texts are dear by their length: this is the only one made of the item.
        ARGV[i] = seq .. ' ' .. seq .. ' 0 0 -1 0\\n' .. flushes .. ' ' .. item
      end
      dues[2 * n - 1], dues[2 * n] = since, record
    end
`;

/** And is written, and told where nothing else is asked for: `state` is the longer way to the same text. */
const WRITE_FIRSTS = `
    made, changed = string.rep('1', puts), puts
    local isLate = now % ${KNOWN_MS} < ${LATE_MS} and call('HEXISTS', KEYS[7 - generation % 2], ARGV[1]) == 1
    if isLate or call('HSETNX', KEYS[6 + generation % 2], ARGV[1], made) == 0 then
      return redis.error_reply('${ASKED_ALREADY}')
    end
    local counts = seq .. ' ' .. generation .. ' ' .. waiting + puts .. ' ' .. running .. ' ' .. accepted + puts
    call('HSET', DATA, '#counts', counts, unpack(ARGV, at + 1, last))
    if long then call('HSET', DATA, unpack(long)) end
    call('ZADD', DUE, unpack(dues))
    if ages then call('ZADD', AGE, unpack(ages)) end
    if not takes and (data[4] or '') == '' then
      return millis .. '\\n' .. counts .. '\\n' .. data[3] .. '\\n' .. data[1] .. '\\n\\n\\n'
    end
`;

/**
 * What is usual, made short: puts of one item each, of records of which nothing is stored. It makes no functions and few
 * texts of numbers, which are dear. Whatever is not as usual is left to what follows, and so is what else is asked for.
 */
const PUT_FIRSTS = `
local isAgain, takes, made, changed = ARGV[2] == '1', ARGV[3] ~= '', '', 0
if ARGV[2] == '${PUTS}' then
${ARE_FIRSTS}
  if areFirsts then
${FIRSTS}${WRITE_FIRSTS}
  end
end
`;

/** What is to be stored, false for what is to go; nothing is written before all is decided. */
const PENDING = `
local fresh, dues, ages, fades, over, remembered = {}, {}, {}, {}, {}, {}
local waiting, accepted = tonumber(counts[${COUNTS.waiting}]), tonumber(counts[${COUNTS.accepted}])
local function count(parts, growth)
  changed, waiting, accepted = changed + 1, waiting + growth, accepted + parts.accepted
  parts.changed = parts.changed + 1
end
local function endRun(record, id)
  over[#over + 1] = record
  if id ~= '' then remembered[id] = '' end
end
`;

/** What is asked, and whether it can be done. */
const DECIDE = `
local record, adds, memory = ARGV[start], parts.adds, parts.memory and ARGV[start + parts.length - 1]
local revision, list, first, last, ends, noted, run, inMail, hasEnded = '0', false, 0, -1, -1, '0', false, false, false
if text then revision, list, first, last, ends, noted, run, inMail, hasEnded = partsOfMail(text) end
-- It may be listed nowhere, whoever has changed it.
local isForeign = revision == '1'
local number, ended
if run then
  local holder, _
  number, _, _, holder = partsOfRun(run)
  ended = parts.ends and ARGV[start + 1] == holder and number
end
if parts.ends then
  local id = ARGV[start + 2]
  if not ended then return (remembered[id] or known(id)) and 1 or {'stale'} end
  run = false
end
local before = last - first + 1
if parts.wanted and parts.wanted ~= ((ends >= 0 or before > 0) and revision or '0') then
  return slot('moved', record, text, valueOf)
end
local at = min(parts.at or before, before)
local remove = min(parts.remove, before - at)
local growth = adds - remove
if parts.limit and growth > 0 and waiting + growth > parts.limit then return {'full'} end
count(parts, growth)
local seq = nextSeq()
list = list or seq
`;

/** And as usual: what runs ends, and nothing is left of its record. */
const LAST = `
local list, from, to, number, token =
  match(mail, '^%d+ (%d+) (%-?%d+) (%-?%d+) %-1 %d (%-?%d+) %d+ %d+ ([^\\n]+)')
if token == ARGV[start + 1] and tonumber(from) > tonumber(to) then
  count(parts, 0)
  endRun(ARGV[start], ARGV[start + 2])
  local name = list .. '.' .. number
  fresh[field], fresh['n' .. name] = false, false
  if number ~= '0' or not find(mail, '\\n', 1, true) then fresh['i' .. name] = false end
  isUsual = true
end
`;

const ITEMS = `
local function valueOf(name)
  local value = fresh[name]
  if value == nil then return call('HGET', DATA, name) end
  return value
end
local function drop(list, number)
  local name = list .. '.' .. number
  fresh['i' .. name], fresh['n' .. name] = false, false
end
local function itemOf(list, number, inMail)
  return number == 0 and inMail or valueOf('i' .. list .. '.' .. number)
end
local function move(list, from, to, by, inMail)
  if by > 0 then from, to = to, from end
  for i = from, to, by > 0 and -1 or 1 do
    local later = list .. '.' .. (i + by)
    fresh['i' .. later], fresh['n' .. later] = itemOf(list, i, inMail), valueOf('n' .. list .. '.' .. i)
    drop(list, i)
  end
end
`;

/** Items go and come: at the head by moving where the list begins, else what is behind them moves. */
const SPLICE = `
local from = first + at
if ended then
  endRun(record, ARGV[start + 2])
  drop(list, ended)
  if ended == 0 then inMail = false end
end
for i = from, from + remove - 1 do
  drop(list, i)
  if i == 0 then inMail = false end
end
if at == 0 and before > 0 and not (run and first - growth <= number) then
  first = first - growth
  from = first
else
  if growth ~= 0 and from + remove <= last then
    move(list, from + remove, last, growth, inMail)
    if from + remove <= 0 and last >= 0 then inMail = false end
  end
  last = last + growth
end
for i = 1, adds do
  local number, item = from + i - 1, flushes .. ' ' .. ARGV[start + parts.items + i]
  if number == 0 and #item <= ${MOST_IN_MAIL} then inMail = item else fresh['i' .. list .. '.' .. number] = item end
end
local waits = last >= first
`;

const REMEMBER_RECORD = `
if memory then
  fresh['y' .. record] = memory
elseif hasEnded then
  fresh['y' .. record] = false
  fades[record] = false
end
if ends >= 0 or memory then
  if waits or run then
    if text then fades[record] = false end
    ends = 0
  else
    ends = now + parts.memoryMs
    fades[record] = whole(ends)
  end
end
if waits or run or ends >= 0 then
  if adds > 0 or remove > 0 or memory or not text then revision = seq end
  fresh['m' .. record] = mailOf(revision, list, first, last, ends, noted, run, inMail)
elseif text then
  fresh['m' .. record] = false
end
`;

const PLACE = `
if waits then
  if ended or isForeign or before == 0 or (at == 0 and (adds > 0 or remove > 0)) then
    local due, age = placesOf(match(itemOf(list, first, inMail) or '', '^(%d+) (%d+) (%d+)'))
    -- Behind one that runs it has no time of its own.
    if run then due, age = nil, age or due end
    if due then dues[record] = due end
    if age or before > 0 then ages[record] = age end
  end
elseif before > 0 then
  dues[record], ages[record] = false, false
end
`;

/** Counters, and what was settled in the last minutes with what is settled now. */
const SUM = `
local sums, settled, conflicts = false, 0, 0
for _, parts in ipairs(groups) do
  if parts.more and parts.changed > 0 then
    sums = sums or {match(totals, '${numbers(TOTALS.length)}')}
    for i, count in string.gmatch(parts.more, '(%d+):(%d+)') do
      i, count = tonumber(i), count * parts.changed
      sums[i] = sums[i] + count
      if i == ${SETTLED} then settled = settled + count end
      if i == ${CONFLICTS} then conflicts = conflicts + count end
    end
  end
end
if sums then totals, areTotalsNew = table.concat(sums, ' '), true end
if settled > 0 or conflicts > 0 then
  local start, recent = match(switches, '^(%d+ %d+ %d+ %d+ %d+ %d+)(.*)$')
  local minute, minutes = floor(now / ${MINUTE_MS}), start
  for at, a, b in string.gmatch(recent, '(%d+) (%d+) (%d+)') do
    if tonumber(at) >= minute then
      settled, conflicts = settled + a, conflicts + b
    elseif tonumber(at) > minute - ${RECENT_MINUTES} then
      minutes = minutes .. ' ' .. at .. ' ' .. a .. ' ' .. b
    end
  end
  switches, areSwitchesNew = minutes .. ' ' .. minute .. ' ' .. settled .. ' ' .. conflicts, true
end
`;

/** More at a time Lua does not hand over. Even: names and values. */
const ARGUMENTS = 2000;

const WRITE = `
local function write(command, key, list)
  local count = #list
  if count > 0 and count <= ${ARGUMENTS} then return call(command, key, unpack(list)) end
  for i = 1, count, ${ARGUMENTS} do call(command, key, unpack(list, i, min(i + ${ARGUMENTS - 1}, count))) end
end
local function score(key, scores)
  if not next(scores) then return end
  local come, go = {}, {}
  for record, at in pairs(scores) do
    if at then
      come[#come + 1] = at
      come[#come + 1] = record
    else
      go[#go + 1] = record
    end
  end
  write('ZREM', key, go)
  write('ZADD', key, come)
end
`;

const WRITE_ALL = `
${SUM}
-- First of all, and it takes no memory: a run can be ended when there is none left.
write('ZREM', BUSY, over)
${REMEMBER}
for id in pairs(remembered) do call('HSET', ids, id, '') end
counts[${COUNTS.waiting}], counts[${COUNTS.accepted}], areCountsNew = waiting, accepted, true
counts[${COUNTS.running}] = counts[${COUNTS.running}] - #over
local sets, gone = {}, {}
for name, value in pairs(fresh) do
  if value then
    sets[#sets + 1] = name
    sets[#sets + 1] = value
  else
    gone[#gone + 1] = name
  end
end
write('HDEL', DATA, gone)
write('HSET', DATA, takes and sets or withCounts(sets))
score(DUE, dues)
score(AGE, ages)
score(FADES, fades)
`;

/** Whatever is not as usual. What only this needs is made when it is first needed: a script makes all its functions anew. */
const GENERAL = `
inGeneral = (function()
${RECORDS}${SLOT}${ITEMS}
return function(start, parts, text)
${DECIDE}
${SPLICE}
${REMEMBER_RECORD}
${PLACE}
return 1
end
end)()
`;

const CHANGE = `
local before = isAgain and known(ARGV[1])
local inGeneral, outcomes = nil, {}
for n = 1, changes do
  local start, parts, field, answer, isUsual = starts[n], asked[n], fields[n + 4], 1, false
  if not before or sub(before, n, n) ~= '1' then
    local mail = fresh[field]
    if mail == nil then mail = data[n + 4] end
    if mail and parts.mayBeLast then
${LAST}
    end
    if not isUsual then
      if not inGeneral then
${GENERAL}
      end
      local already, isDone = changed
      isDone, answer = pcall(inGeneral, start, parts, mail)
      if not isDone then
        -- Half of it is done.
        if changed > already then error(answer) end
        answer = {'failed', tostring(answer)}
      end
    end
  end
  outcomes[n] = answer == 1 and '1' or '0'
  if answer ~= 1 then answers[#answers + 1] = answer end
end
made = table.concat(outcomes)
`;

/**
 * Several changes, one after the other, and then a take. Arguments: id of these changes, by which they are known when they
 * are asked for again; 1 when they are, + for puts of different records with the same numbers, else 0; of the take numbers
 * (parallel, leaseMs, size of a batch and its pause; size 0: none; how many tokens) and tokens, or empty: none. Then numbers
 * of one change or more, and of each of them: record, where a run ends its token and the id of the change (or empty: it is
 * not asked for again otherwise), items to add, memory if it changes. Numbers: how many changes have the same ones, revision
 * (-: any), at (-: at the end), how many to remove, memoryMs, limit (-: none), how many to add, accepted, 1 or 0 for a run
 * that ends, for memory, and number:count of every other counter that grows.
 * Answer: state after all of them; what was taken (see there); 1 for each change that was made and 0 for the others, as one
 * text; and of each of those: moved · slot, stale, full, or failed and why. The state alone where all puts were made and
 * nothing was to be taken.
 */
export const STEP = script(`${opening(ASKED, PUT_FIRSTS)}${STATE_OF}${REMEMBERING}${PLACES}
local answers, areCountsNew, areTotalsNew, areSwitchesNew = {false, false, false}, false, false, false
${COUNTED}
if changes > 0 then
${PENDING}${CHANGE}${WRITE}
  if changed > 0 then
${WRITE_ALL}
  end
end
if takes then
${TAKE}
  local isDone, taken = pcall(take)
  -- Nothing else was done: it is said by all of it.
  if not isDone and changed == 0 then error(taken) end
  answers[2] = isDone and taken or {'failed', type(taken) == 'table' and taken.err or tostring(taken)}
  if areCountsNew then call('HSET', DATA, unpack(withCounts({}))) end
end
answers[1], answers[3] = state(false), made
return answers
`);
