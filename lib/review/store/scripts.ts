import { script } from '../../coordination/redis/script';

/** Of what the scripts store. What another version wrote is not touched. */
export const LETTERS_FORMAT = '1';

/** The keys of a list, by what follows its name, in the order in which every script gets them. */
export const LETTERS_KEYS = ['meta', 'texts', 'heads', 'order', 'gone'] as const;

/** Of what has gone, so many are told one by one. */
const MOST_GONE = 1_000;

/**
 * meta, a hash: format, born (when it was made: what was seen of another one is worth nothing), seq (from which
 * revisions are taken; it only grows, also over a restart of Redis without its data), entries, bytes, floor (the last
 * change that is not told of one by one any more). texts and heads, hashes by id: texts with the revision before them.
 * order: ids by the revision of their last change. gone: the same of those that have gone, which are in `order`, too.
 */
const COMMON = `
local META, TEXTS, HEADS, ORDER, GONE = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local call, match = redis.call, string.match
local function whole(number) return string.format('%.0f', number) end
local time = call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = whole(math.floor(micros / 1000))
local meta = call('HMGET', META, 'format', 'born', 'seq', 'entries', 'bytes', 'floor')
local born = meta[2] or ''
if not meta[1] then
  for _, key in ipairs(KEYS) do
    if call('EXISTS', key) == 1 then
      return redis.error_reply('WRONGTYPE ' .. key .. ' is there, but holds no dead letters of ours')
    end
  end
elseif meta[1] ~= '${LETTERS_FORMAT}' then
  return {'format', meta[1]}
end
local seq, entries, bytes, floor = tonumber(meta[3] or 0), tonumber(meta[4] or 0), tonumber(meta[5] or 0), tonumber(meta[6] or 0)
local function kept(kind, id)
  local text = call('HGET', TEXTS, id)
  if not text then return {kind, now, '0', false} end
  local revision, rest = match(text, '^(%d+) (.*)$')
  return {kind, now, revision, rest}
end
`;

/** Arguments: id. Answer: kind · now · revision · text. */
export const GET = script(`${COMMON}return kept('kept', ARGV[1])
`);

/**
 * Arguments: id, revision, whether it goes, limits (entries and bytes; -: none), head, text. Answer: as GET with `moved`,
 * or full · now, or changed · now · revision.
 */
export const PUT = script(`${COMMON}
local id, wanted, goes, head, text = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[5], ARGV[6]
local stored = call('HGET', TEXTS, id)
if (stored and match(stored, '^%d+') or '0') ~= wanted then return kept('moved', id) end
local before, after = 0, 0
if stored then before = #match(stored, '^%d+ (.*)$') + #(call('HGET', HEADS, id) or '') end
if not goes then after = #text + #head end
local most, mostBytes = match(ARGV[4], '^(%S+) (%S+)$')
if most ~= '-' and not goes then
  if not stored and entries >= tonumber(most) then return {'full', now} end
  if after > before and bytes + after - before > tonumber(mostBytes) then return {'full', now} end
end
seq = math.max(seq + 1, micros)
local revision = whole(seq)
if born == '' then born = revision end
if not stored and goes then return {'changed', now, '0'} end
if goes then
  call('HDEL', TEXTS, id)
  call('HDEL', HEADS, id)
  call('ZADD', ORDER, revision, id)
  call('ZADD', GONE, revision, id)
  entries = entries - 1
  if call('ZCARD', GONE) > ${MOST_GONE} then
    local first = call('ZRANGE', GONE, 0, 0, 'WITHSCORES')
    call('ZREM', GONE, first[1])
    call('ZREM', ORDER, first[1])
    floor = tonumber(first[2])
  end
else
  call('HSET', TEXTS, id, revision .. ' ' .. text)
  call('HSET', HEADS, id, head)
  call('ZADD', ORDER, revision, id)
  call('ZREM', GONE, id)
  if not stored then entries = entries + 1 end
end
bytes = bytes + after - before
call('HSET', META, 'format', '${LETTERS_FORMAT}', 'born', born, 'seq', revision, 'entries', whole(entries), 'bytes', whole(bytes), 'floor', whole(floor))
return {'changed', now, revision}
`);

/**
 * Arguments: born and up to where it was seen, how many at most, floor when that began. Answer: heads · now · born · seq ·
 * whether it begins anew · entries · bytes · whether there are more · list of id, revision, head (none: it has gone) ·
 * floor when it began.
 */
export const HEADS = script(`${COMMON}
local upTo, most, seen = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local isAnew = ARGV[1] ~= born or math.max(upTo, seen) < floor
if isAnew then upTo, seen = 0, floor end
local found = call('ZRANGEBYSCORE', ORDER, '(' .. whole(upTo), '+inf', 'WITHSCORES', 'LIMIT', 0, most + 1)
local list, last = {}, seq
local isMore = #found > 2 * most
for i = 1, math.min(#found, 2 * most), 2 do
  local head = call('HGET', HEADS, found[i])
  if head or not isAnew then
    list[#list + 1] = found[i]
    list[#list + 1] = whole(tonumber(found[i + 1]))
    list[#list + 1] = head
  end
  if isMore then last = tonumber(found[i + 1]) end
end
return {'heads', now, born, whole(last), isAnew and 1 or 0, whole(entries), whole(bytes), isMore and 1 or 0, list, whole(seen)}
`);
