import { script } from './script';

/**
 * Keys: event, target (the record's; the event's own again where only the id counts). An event is a hash: s = claimed or
 * confirmed, t = token of the claim that holds or has confirmed it, a = claimed at, g = key of the target it began. A
 * target is a hash: n = name, s, t, a, e = end of its window. All times are the server's, in milliseconds since the
 * epoch; what has ended Redis removes by itself.
 */
const COMMON = `
local function now()
  local t = redis.call('TIME')
  return math.floor(t[1] * 1000 + t[2] / 1000)
end
local function text(ms) return string.format('%.0f', ms) end
local function field(key, name) return redis.call('HGET', key, name) end
local function dropTarget(event, token)
  local target = field(event, 'g')
  if target and field(target, 't') == token then redis.call('DEL', target) end
end
`;

/** Arguments: token, claim and, where a target is named: name, window. Answer: first, or by · pending · seen at. */
export const CHECK = script(`${COMMON}
local event, target = KEYS[1], KEYS[2]
local token, claimMs, name, windowMs = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
if windowMs and field(target, 'n') ~= name then redis.call('DEL', target) end
local state = field(event, 's')
-- Asked again because the answer was lost.
if state == 'claimed' and field(event, 't') == token then return {'first'} end
if state then return {'id', state == 'claimed' and 1 or 0, field(event, 'a')} end
state = windowMs and field(target, 's')
if state then return {'same-target', state == 'claimed' and 1 or 0, field(target, 'a')} end
local at = now()
redis.call('HSET', event, 's', 'claimed', 't', token, 'a', text(at))
redis.call('PEXPIRE', event, claimMs)
if windowMs then
  redis.call('HSET', event, 'g', target)
  redis.call('HSET', target, 'n', name, 's', 'claimed', 't', token, 'a', text(at), 'e', text(at + windowMs))
  redis.call('PEXPIRE', target, math.min(claimMs, windowMs))
end
return {'first'}
`);

/** Arguments: token, window. Answer: whether the claim was held, now or when it confirmed the event before. */
export const CONFIRM = script(`${COMMON}
local event, token, windowMs = KEYS[1], ARGV[1], tonumber(ARGV[2])
local holder, state, target = field(event, 't'), field(event, 's'), field(event, 'g')
if state == 'confirmed' then return holder == token and 1 or 0 end
local at = now()
if target and field(target, 't') == holder then
  redis.call('HSET', target, 's', 'confirmed')
  redis.call('PEXPIRE', target, math.max(0, tonumber(field(target, 'e')) - at))
end
local claimedAt = field(event, 'a') or text(at)
local kept = holder == token and token or ''
redis.call('HSET', event, 's', 'confirmed', 't', kept, 'a', claimedAt)
redis.call('PEXPIRE', event, windowMs)
return holder == token and 1 or 0
`);

/** Argument: token. Answer: whether the claim was held. */
export const FORGET = script(`${COMMON}
local event, token = KEYS[1], ARGV[1]
if field(event, 's') ~= 'claimed' or field(event, 't') ~= token then return 0 end
dropTarget(event, token)
redis.call('DEL', event)
return 1
`);
