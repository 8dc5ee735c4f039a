import { RECENT_MINUTES } from '../../retry/conflict-rate';
import { COMMON, COUNTS, numbers, RECORDS, REMEMBERING, SLOT, STATE_OF, TOTALS } from './queue-lua';
import { FOR_EACH_GIVEN } from './gathered';
import { script } from './script';

const MINUTE_MS = 60_000;
const SETTLED = TOTALS.indexOf('settled') + 1;
const CONFLICTS = TOTALS.indexOf('conflicts') + 1;

/** What is asked, and whether it can be done. */
const DECIDE = `
local record, id, token = given[1], given[2], given[4]
local text = call('HGET', DATA, 'm' .. record)
local wanted, at, remove, memoryMs, limit, adds, accepted, more = match(given[3], '^(%S+) (%S+) (%d+) (%d+) (%S+) (%d+) (%d+) ?(.*)$')
adds = tonumber(adds)
local memory = given[5 + adds]
local function refused(answer) return not isKnown(id) and answer end

local seq = whole(max(counts[${COUNTS.seq}] + 1, micros))
local revision, list, first, last, ends, run = '0', seq, 0, -1, -1, false
if text then revision, list, first, last, ends, run = partsOfMail(text) end
local number, ended
if run then
  local holder, _
  number, _, _, holder = partsOfRun(run)
  ended = token == holder and number
end
if token ~= '' then
  if not ended then return refused({'stale'}) end
  run = false
end
local before = last - first + 1
if wanted ~= '-' and wanted ~= ((ends >= 0 or before > 0) and revision or '0') then
  return refused(slot('moved', record, text))
end
at = min(tonumber(at) or before, before)
remove = min(tonumber(remove), before - at)
local growth = adds - remove
if limit ~= '-' and growth > 0 and counts[${COUNTS.waiting}] + growth > tonumber(limit) then
  return refused({'full'})
end
-- First of all, and it takes no memory: a run can be ended when there is none left.
if ended then call('ZREM', BUSY, record) end
if not remember(id) then return end
`;

/** Items go and come: at the head by moving where the list begins, else what is behind them moves. */
const SPLICE = `
local sets, gone = {}, {}
local function field(kind, number) return kind .. list .. '.' .. number end
local function drop(number)
  gone[#gone + 1] = field('i', number)
  gone[#gone + 1] = field('n', number)
end
local function keep(name, value)
  sets[#sets + 1] = name
  sets[#sets + 1] = value
end
if ended then drop(ended) end
local from, moved = first + at, 0
for i = from, from + remove - 1 do drop(i) end
if at == 0 and before > 0 and not (run and first - growth <= number) then
  first = first - growth
  from = first
else
  if growth ~= 0 then
    for i = from + remove, last do
      drop(i)
      keep(field('i', i + growth), call('HGET', DATA, field('i', i)))
      local noted = call('HGET', DATA, field('n', i))
      if noted then keep(field('n', i + growth), noted) end
    end
  end
  last = last + growth
end
for i = 1, adds do keep(field('i', from + i - 1), flushes .. ' ' .. given[4 + i]) end
local waits, isHeadNew = last >= first, at == 0 and (adds > 0 or remove > 0)
`;

const REMEMBER_RECORD = `
if memory then
  keep('y' .. record, memory)
elseif text and ends < 0 and match(text, '^%d+ %d+ %-?%d+ %-?%d+ %d') then
  -- What there was of it has ended.
  gone[#gone + 1] = 'y' .. record
  call('ZREM', FADES, record)
end
if ends >= 0 or memory then
  if waits or run then
    if text then call('ZREM', FADES, record) end
    ends = 0
  else
    ends = now + memoryMs
    call('ZADD', FADES, ends, record)
  end
end
if waits or run or ends >= 0 then
  if adds > 0 or remove > 0 or memory or not text then revision = seq end
  local mail = revision .. ' ' .. list .. ' ' .. first .. ' ' .. last .. ' ' .. whole(ends)
  keep('m' .. record, run and mail .. ' ' .. run or mail)
elseif text then
  gone[#gone + 1] = 'm' .. record
end
`;

/** Counters, and what was settled in the last minutes with what is settled now. */
const COUNT = `
counts[${COUNTS.seq}] = seq
counts[${COUNTS.waiting}] = counts[${COUNTS.waiting}] + growth
counts[${COUNTS.accepted}] = counts[${COUNTS.accepted}] + accepted
if ended then counts[${COUNTS.running}] = counts[${COUNTS.running}] - 1 end
if more ~= '' then
  local sums, news = {match(totals, '${numbers(TOTALS.length)}')}, {}
  for i, count in string.gmatch(more, '(%d+):(%d+)') do
    i = tonumber(i)
    sums[i], news[i] = sums[i] + count, count
  end
  totals, areTotalsNew = table.concat(sums, ' '), true
  local settled, conflicts = news[${SETTLED}] or 0, news[${CONFLICTS}] or 0
  if settled ~= 0 or conflicts ~= 0 then
    local start, recent = match(switches, '^(%d+ %d+ %d+ %d+ %d+ %d+)(.*)$')
    local minute, minutes = floor(now / ${MINUTE_MS}), start
    for at, a, b in string.gmatch(recent, '(%d+) (%d+) (%d+)') do
      if tonumber(at) >= minute then
        settled, conflicts = settled + a, conflicts + b
      elseif tonumber(at) > minute - ${RECENT_MINUTES} then
        minutes = minutes .. ' ' .. at .. ' ' .. a .. ' ' .. b
      end
    end
    switches = minutes .. ' ' .. minute .. ' ' .. settled .. ' ' .. conflicts
    areSwitchesNew = true
  end
end
isChanged = true
`;

/** More at a time Lua does not hand over. Even: names and values. */
const ARGUMENTS = 2000;

const ONE = `
${DECIDE}
${SPLICE}
${REMEMBER_RECORD}
${COUNT}
for i = 1, #gone, ${ARGUMENTS} do call('HDEL', DATA, unpack(gone, i, min(i + ${ARGUMENTS - 1}, #gone))) end
for i = 1, #sets, ${ARGUMENTS} do call('HSET', DATA, unpack(sets, i, min(i + ${ARGUMENTS - 1}, #sets))) end
if waits then
  if ended or isHeadNew or before == 0 then
    local head = adds > 0 and at == 0 and flushes .. ' ' .. given[5] or call('HGET', DATA, field('i', first))
    place(record, head, run, before == 0)
  end
elseif before > 0 then
  call('ZREM', DUE, record)
  call('ZREM', AGE, record)
end
`;

/** What all of them have changed of the queue as a whole. */
const SAVE = `
if isChanged then
  local sets = {'#counts', table.concat(counts, ' ')}
  if areTotalsNew or isNew then sets[3], sets[4] = '#totals', totals end
  if areSwitchesNew or isNew then sets[#sets + 1], sets[#sets + 2] = '#switches', switches end
  call('HSET', DATA, unpack(sets))
end
`;

/**
 * Several changes, one after the other. Arguments: nothing, and of each: how many follow, record, id, numbers (see below),
 * token of the run to end (or empty), items to add, memory if it changes.
 * Numbers: revision, at (-: any), how many to remove, memoryMs, limit (-: none), how many to add, accepted, and
 * number:count of every other counter that grows.
 * Answer of each: changed · state after all of them, moved · slot, stale, full, or what failed.
 */
export const CHANGE = script(`${COMMON}${STATE_OF}${REMEMBERING}${RECORDS}${SLOT}
local isChanged, areTotalsNew, areSwitchesNew = false, false, false
local function one(given)
${ONE}
end
${FOR_EACH_GIVEN}
${SAVE}
local after = state('changed')
for i = 1, #answers do answers[i] = answers[i] or after end
return answers
`);
