import type { ScriptRunner } from './connection';
import { prefixBeside } from './hash-tag';
import { script } from './script';

/** Begins every token of ours; what stands in a lock otherwise is of another program. */
export const TOKEN_START = 'record-updates:';

/** Whom a free lock is offered has so long to take it, before the next one is asked. Milliseconds. */
const OFFER_MS = 250;
/** Whoever waits asks again long before; a queue that nobody asks for any more is gone after it. Milliseconds. */
const QUEUE_KEPT_MS = 60_000;

/**
 * Keys: lock, fence, queue. The lock is plain text, so that other programs can use the same: SET key token NX PX. The
 * fence is max(previous + 1, server time in µs): a counter alone would go back when Redis is restarted without its data.
 * The queue holds the tokens of the instances that wait, by the time they came.
 */
const COMMON = `
local function micros()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
local function nextFence(key)
  local last = redis.call('GET', key)
  if last and not tonumber(last) then error({err = 'WRONGTYPE ' .. key .. ' holds no number'}) end
  local fence = math.max((tonumber(last or '0')) + 1, micros())
  redis.call('SET', key, string.format('%.0f', fence), 'PX', 86400000)
  return string.format('%.0f', fence)
end
local function offer(lock, queue, head, channel)
  redis.call('SET', lock, head, 'PX', ${OFFER_MS})
  redis.call('ZREM', queue, head)
  local instance = string.match(head, '^record%-updates:([^.]+)')
  redis.pcall('PUBLISH', channel .. (instance or ''), head)
end
`;

const ACQUIRE = script(`${COMMON}
local lock, fence, queue = KEYS[1], KEYS[2], KEYS[3]
local me, lease, came, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local holder = redis.call('GET', lock)
local head = redis.call('ZRANGE', queue, 0, 0)[1]
if holder == me or (not holder and (not head or head == me)) then
  local number = nextFence(fence)
  redis.call('SET', lock, me, 'PX', lease)
  redis.call('ZREM', queue, me)
  return {1, number, redis.call('ZCARD', queue)}
end
if not holder then offer(lock, queue, head, channel) end
if came == '' then came = string.format('%.0f', micros()) end
redis.call('ZADD', queue, 'NX', came, me)
redis.call('PEXPIRE', queue, ${QUEUE_KEPT_MS})
local isForeign = holder and string.sub(holder, 1, ${TOKEN_START.length}) ~= '${TOKEN_START}'
return {0, redis.call('PTTL', lock), came, isForeign and 1 or 0}
`);

const TRANSFER = script(`${COMMON}
local holder = redis.call('GET', KEYS[1])
if holder ~= ARGV[1] then return {0} end
local number = nextFence(KEYS[2])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return {1, number, redis.call('ZCARD', KEYS[3])}
`);

const EXTEND = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

const RELEASE = script(`${COMMON}
local lock, queue = KEYS[1], KEYS[2]
redis.call('ZREM', queue, ARGV[1])
if redis.call('GET', lock) ~= ARGV[1] then return 0 end
local head = redis.call('ZRANGE', queue, 0, 0)[1]
if head then offer(lock, queue, head, ARGV[2]) else redis.call('DEL', lock) end
return 1
`);

export interface Granted {
  readonly granted: true;
  readonly fence: number;
  /** Other instances wait. */
  readonly isWanted: boolean;
}

export interface HeldElsewhere {
  readonly granted: false;
  /** Milliseconds until it frees itself; below 0: never. */
  readonly endsInMs: number;
  /** The place in the queue, to be named when asked again. */
  readonly came: string;
  /** Another program holds it. */
  readonly isForeign: boolean;
}

/** What Redis is asked about one lock. */
export class LockCommands {
  private readonly keys: readonly [lock: string, fence: string, queue: string];
  private readonly channel: string;

  constructor(
    private readonly runner: ScriptRunner,
    readonly lock: string,
  ) {
    const { prefix } = runner;
    const beside = prefixBeside(lock, prefix);
    this.keys = [lock, `${beside}fence:${lock}`, `${beside}queue:${lock}`];
    this.channel = channelOf(prefix, '');
  }

  /** Safe to ask again with the same token, also after an answer that was lost. */
  async acquire(token: string, leaseMs: number, came: string): Promise<Granted | HeldElsewhere> {
    const args = [token, whole(leaseMs), came, this.channel];
    const answer = (await this.runner.run(ACQUIRE, this.keys, args)) as AcquireAnswer;
    if (answer[0] === 1) return granted(answer);
    const [, endsInMs, place, isForeign] = answer;
    return { granted: false, endsInMs, came: place, isForeign: isForeign === 1 };
  }

  /** The lock goes to another token of this instance. Undefined: it was not held by `from` any more. */
  async transfer(from: string, to: string, leaseMs: number): Promise<Granted | undefined> {
    const args = [from, to, whole(leaseMs)];
    const answer = (await this.runner.run(TRANSFER, this.keys, args)) as GrantedAnswer | [0];
    return answer[0] === 1 ? granted(answer) : undefined;
  }

  async extend(token: string, leaseMs: number): Promise<boolean> {
    const [lock] = this.keys;
    return (await this.runner.run(EXTEND, [lock], [token, whole(leaseMs)])) === 1;
  }

  /** Leaves the queue too. False: it was not held. */
  async release(token: string): Promise<boolean> {
    const [lock, , queue] = this.keys;
    return (await this.runner.run(RELEASE, [lock, queue], [token, this.channel])) === 1;
  }
}

/** Where an instance hears that a lock is offered to one of its tokens. */
export function channelOf(prefix: string, instance: string): string {
  return `${prefix}wake:${instance}`;
}

type GrantedAnswer = [granted: 1, fence: string, waiting: number];
type AcquireAnswer =
  GrantedAnswer | [granted: 0, endsInMs: number, came: string, isForeign: number];

function granted([, fence, waiting]: GrantedAnswer): Granted {
  return { granted: true, fence: Number(fence), isWanted: waiting > 0 };
}

/** Redis takes whole milliseconds above 0. Never less than was asked for. */
function whole(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}
