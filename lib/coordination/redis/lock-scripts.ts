import type { ScriptRunner } from './connection';
import { Gathered, scriptForEach } from './gathered';
import { prefixBeside } from './hash-tag';
import { script } from './script';

/** Begins every token of ours; what stands in a lock otherwise is of another program. */
export const TOKEN_START = 'record-updates:';

/** Whom a free lock is offered has so long to take it, before the next one is asked. Milliseconds. */
const OFFER_MS = 250;
/** Whoever waits asks again long before; a queue that nobody asks for any more is gone after it. Milliseconds. */
const QUEUE_KEPT_MS = 60_000;

/**
 * Keys: fence, lock, queue. The lock is plain text, so that other programs can use the same: SET key token NX PX. The
 * fence is max(previous + 1, server time in µs): a counter alone would go back when Redis is restarted without its data.
 * It is one for all locks of the store, and one of its own for each that other programs know. The queue holds the tokens of
 * the instances that wait, by the time they came. Few calls make a script fast.
 */
const COMMON = `
local call = redis.call
local function micros()
  local t = call('TIME')
  return t[1] * 1000000 + t[2]
end
local number
local function nextFence()
  if number then
    number = number + 1
  else
    local last = call('GET', KEYS[1])
    if last and not tonumber(last) then error({err = 'WRONGTYPE ' .. KEYS[1] .. ' holds no number'}) end
    number = math.max(tonumber(last or '0') + 1, micros())
    call('SET', KEYS[1], string.format('%.0f', number + count - 1), 'PX', 86400000)
  end
  return string.format('%.0f', number)
end
local function offer(lock, queue, head)
  call('SET', lock, head, 'PX', ${OFFER_MS})
  call('ZREM', queue, head)
  local instance = string.match(head, '^record%-updates:([^.]+)')
  redis.pcall('PUBLISH', ARGV[1] .. (instance or ''), head)
end
`;

/** Most locks are free, and nobody waits for them. Asked again by whoever has it already, it answers anew. */
const ACQUIRE = scriptForEach({
  before: COMMON,
  keys: ['lock', 'queue'],
  args: ['me', 'lease', 'came'],
  each: `
local head = call('ZRANGE', queue, 0, 0)[1]
local holder = call('GET', lock)
if holder == me or (not holder and (not head or head == me)) then
  local fence = nextFence()
  call('SET', lock, me, 'PX', lease)
  if not head then return {1, fence, 0} end
  call('ZREM', queue, me)
  return {1, fence, call('ZCARD', queue)}
end
if not holder then offer(lock, queue, head) end
if came == '' then came = string.format('%.0f', micros()) end
call('ZADD', queue, 'NX', came, me)
call('PEXPIRE', queue, ${QUEUE_KEPT_MS})
local isForeign = holder and string.sub(holder, 1, ${TOKEN_START.length}) ~= '${TOKEN_START}'
return {0, call('PTTL', lock), came, isForeign and 1 or 0}`,
});

const TRANSFER = scriptForEach({
  before: COMMON,
  keys: ['lock', 'queue'],
  args: ['from', 'to', 'lease'],
  each: `
if call('GET', lock) ~= from then return {0} end
local fence = nextFence()
call('SET', lock, to, 'PX', lease)
return {1, fence, call('ZCARD', queue)}`,
});

const RELEASE = scriptForEach({
  before: COMMON,
  keys: ['lock', 'queue'],
  args: ['me'],
  each: `
local head = call('ZRANGE', queue, 0, 0)[1]
if head and call('ZREM', queue, me) == 1 then head = call('ZRANGE', queue, 0, 0)[1] end
if call('GET', lock) ~= me then return 0 end
if head then offer(lock, queue, head) else call('DEL', lock) end
return 1`,
});

const EXTEND = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** What an instance asks of all locks of which the helper keys lie in one place. */
export class LockScripts {
  readonly acquire: Gathered<Granted | HeldElsewhere>;
  readonly transfer: Gathered<Granted | undefined>;
  readonly release: Gathered<boolean>;

  /** @param fence key of their fence */
  constructor(
    readonly runner: ScriptRunner,
    fence: string,
  ) {
    const channel = channelOf(runner.prefix, '');
    this.acquire = new Gathered(runner, ACQUIRE, [fence], channel, acquired);
    this.transfer = new Gathered(runner, TRANSFER, [fence], channel, transferred);
    this.release = new Gathered(runner, RELEASE, [fence], channel, isDone);
  }
}

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
  private readonly keys: readonly [lock: string, queue: string];

  /** @param own of all locks of the store */
  static of(lock: string, own: LockScripts): LockCommands {
    const { runner } = own;
    const beside = prefixBeside(lock, runner.prefix);
    const queue = `${beside}queue:${lock}`;
    // One that other programs know may lie elsewhere in a cluster, or be forbidden: no other is to fail with it.
    const isOwn = lock.startsWith(runner.prefix);
    const scripts = isOwn ? own : new LockScripts(runner, `${beside}fence:${lock}`);
    return new LockCommands(scripts, lock, queue);
  }

  private constructor(
    private readonly scripts: LockScripts,
    readonly lock: string,
    queue: string,
  ) {
    this.keys = [lock, queue];
  }

  /** Safe to ask again with the same token, also after an answer that was lost. */
  acquire(token: string, leaseMs: number, came: string): Promise<Granted | HeldElsewhere> {
    return this.scripts.acquire.ask(this.keys, [token, whole(leaseMs), came]);
  }

  /** The lock goes to another token of this instance. Undefined: it was not held by `from` any more. */
  transfer(from: string, to: string, leaseMs: number): Promise<Granted | undefined> {
    return this.scripts.transfer.ask(this.keys, [from, to, whole(leaseMs)]);
  }

  async extend(token: string, leaseMs: number): Promise<boolean> {
    const [lock] = this.keys;
    return (await this.scripts.runner.run(EXTEND, [lock], [token, whole(leaseMs)])) === 1;
  }

  /** Leaves the queue too. False: it was not held. */
  release(token: string): Promise<boolean> {
    return this.scripts.release.ask(this.keys, [token]);
  }
}

/** Where an instance hears that a lock is offered to one of its tokens. */
export function channelOf(prefix: string, instance: string): string {
  return `${prefix}wake:${instance}`;
}

type Answer =
  | readonly [granted: 1, fence: string, waiting: number]
  | readonly [granted: 0, endsInMs: number, came: string, isForeign: number];

function acquired(answer: unknown): Granted | HeldElsewhere {
  const given = answer as Answer;
  if (given[0] === 1) return { granted: true, fence: Number(given[1]), isWanted: given[2] > 0 };
  const [, endsInMs, came, isForeign] = given;
  return { granted: false, endsInMs, came, isForeign: isForeign === 1 };
}

function transferred(answer: unknown): Granted | undefined {
  const given = acquired(answer);
  return given.granted ? given : undefined;
}

function isDone(answer: unknown): boolean {
  return answer === 1;
}

/** Redis takes whole milliseconds above 0. Never less than was asked for. */
function whole(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}
