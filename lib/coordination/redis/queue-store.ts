import { InputError } from '../../errors';
import { boundedKey } from '../bounded-key';
import type {
  ChangeResult,
  QueueStore,
  Slot,
  SlotChange,
  StoreState,
  TakeOptions,
  TakeResult,
} from '../queue/queue-store';
import type { ScriptRunner } from './connection';
import { faultOf } from './faults';
import {
  recordsOf,
  slotOf,
  StateReader,
  Stored,
  takenOf,
  whole,
  type Value,
} from './queue-answers';
import { QUEUE_FORMAT, QUEUE_KEYS, TOTALS } from './queue-lua';
import {
  FLUSH,
  HOLD,
  LOOK,
  MOST_AT_ONCE,
  NOTE,
  OLDEST,
  PAUSE,
  STATE,
  STEP,
  SWEEP,
} from './queue-scripts';
import { MADE, QueueSteps } from './queue-steps';
import type { Script } from './script';

export interface RedisQueueStoreOptions {
  readonly runner: ScriptRunner & { readonly isDurable: boolean };
  /** Queues of the same name are one queue, in whatever process. */
  readonly name: string;
}

/**
 * A queue that all processes on one Redis share. Times are the server's. Memory is bounded by the queue's limit and by
 * Redis itself: where that is full, what would add rejects with InputError `STORE_MEMORY_FULL`, and what runs can still be
 * ended. In an outage everything rejects with StoreUnavailable. Whoever is told of work is this process only: another one
 * asks when its last answer said.
 */
export function createRedisQueueStore(options: RedisQueueStoreOptions): QueueStore {
  return new RedisQueueStore(options);
}

/** A sweep removes more than so many memories, which is what it is for. */
const MEMORIES_PER_SWEEP = MOST_AT_ONCE / 2;
/** Of what no change leaves behind any more: what changes without a memory cleans up, too, but not as often. */
const CHANGES_PER_MEMORY = 20;

class RedisQueueStore implements QueueStore {
  private readonly runner: RedisQueueStoreOptions['runner'];
  private readonly keys: readonly string[];
  private readonly steps: QueueSteps<StoreState>;
  private readonly listeners = new Set<() => void>();
  private readonly stopListening: () => void;
  private readonly states = new StateReader();
  private readonly puts = new PutNumbers();
  private unswept = 0;

  constructor({ runner, name }: RedisQueueStoreOptions) {
    this.runner = runner;
    const start = `${runner.prefix}updates:${boundedKey(name)}:`;
    this.keys = QUEUE_KEYS.map(key => start + key);
    this.steps = new QueueSteps(this.step, this.stateOf, this.wake);
    this.stopListening = runner.onConnected(this.wake);
  }

  get isDurable(): boolean {
    return this.runner.isDurable;
  }

  async look(record: string): Promise<Slot> {
    const { key } = new Stored(record);
    return slotOf(key, await this.run(LOOK, [key]));
  }

  change(change: SlotChange): Promise<ChangeResult> {
    const stored = new Stored(change.record);
    const given = argumentsOf(change, stored);
    const put = this.puts.of(change);
    return this.steps.change(
      put ?? numbersOf(change),
      given,
      put !== undefined,
      (answer, state) => {
        if (answer !== MADE) return this.refusalOf(stored.key, answer as readonly Value[]);
        this.sweepNowAndThen(change.memory === undefined ? 1 / CHANGES_PER_MEMORY : 1);
        return { kind: 'changed', saved: this.isDurable, state };
      },
    );
  }

  take({ tokens, parallel, leaseMs, batch }: TakeOptions): Promise<TakeResult> {
    const numbers = [parallel, whole(leaseMs), batch?.size ?? 0, whole(batch?.pauseMs ?? 0)];
    const given = [[...numbers, tokens.length].join(' '), ...tokens];
    return this.steps.take(given, (answer, state) => {
      const parts = answer as readonly Value[];
      if (parts[0] === 'failed') throw this.failureOf(parts);
      return { ...takenOf(parts), state };
    });
  }

  async note(record: string, token: string, note: string, leaseMs: number): Promise<boolean> {
    return this.isSo(NOTE, [new Stored(record).key, token, note, whole(leaseMs)]);
  }

  async oldest(most: number): Promise<readonly string[]> {
    return recordsOf(await this.run(OLDEST, ['', most]));
  }

  async state(): Promise<StoreState> {
    return this.stateOf((await this.run(STATE, []))[0]);
  }

  async setPaused(isPaused: boolean): Promise<void> {
    await this.isSo(PAUSE, ['', isPaused ? 1 : 0]);
    if (!isPaused) this.wake();
  }

  async setHold(before: string, after: string, heldUntil: number): Promise<boolean> {
    const isSet = await this.isSo(HOLD, ['', before, after, whole(heldUntil)]);
    if (isSet) this.wake();
    return isSet;
  }

  async flush(): Promise<void> {
    // In steps, so that others are served meanwhile; what comes after it began need not be due.
    let later = await this.ask(FLUSH, ['', 1]);
    for (let left = Number(later) - MOST_AT_ONCE; left > 0 && Number(later) > 0;) {
      later = await this.ask(FLUSH, ['', 0]);
      left -= MOST_AT_ONCE;
    }
    this.wake();
  }

  onWork(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.stopListening();
    this.listeners.clear();
    // The connection is the store's.
    return Promise.resolve();
  }

  private refusalOf(key: string, answer: readonly Value[]): ChangeResult {
    const kind = answer[0] as Exclude<ChangeResult['kind'], 'changed'> | 'failed';
    if (kind === 'failed') throw this.failureOf(answer);
    return kind === 'moved' ? { kind, slot: slotOf(key, answer) } : { kind };
  }

  private failureOf([, words]: readonly Value[]): ReturnType<typeof faultOf> {
    return faultOf(String(words), this.runner.prefix);
  }

  /** Whoever changes something cleans up, too. */
  private sweepNowAndThen(memories: number): void {
    this.unswept += memories;
    if (this.unswept < MEMORIES_PER_SWEEP) return;
    this.unswept = 0;
    // Where it fails, the next one does it.
    this.ask(SWEEP, []).catch(() => undefined);
  }

  private readonly step = async (args: readonly string[]): Promise<string | readonly Value[]> =>
    (await this.ask(STEP, args)) as string | readonly Value[];

  private readonly stateOf = (text: Value | undefined): StoreState => this.states.read(text);

  private readonly wake = (): void => {
    for (const listener of [...this.listeners]) listener();
  };

  private async isSo(script: Script, args: readonly (string | number)[]): Promise<boolean> {
    return (await this.ask(script, args)) === 1;
  }

  private async run(script: Script, args: readonly (string | number)[]): Promise<readonly Value[]> {
    return (await this.ask(script, args)) as readonly Value[];
  }

  private async ask(script: Script, args: readonly (string | number)[]): Promise<unknown> {
    const answer = await this.runner.run(script, this.keys, args);
    if (Array.isArray(answer) && answer[0] === 'format') throw this.otherFormat(answer[1]);
    return answer;
  }

  private otherFormat(format: unknown): InputError {
    const where = `the queue in Redis at ${this.keys[0]} (format ${String(format)}, this version knows ${QUEUE_FORMAT})`;
    if (Number(format) < Number(QUEUE_FORMAT)) {
      return new InputError(
        'STORE_VERSION_OLDER',
        `An earlier version of this package wrote ${where}. It was left as it is. Let the version that wrote it hand on what waits, then delete the keys of the queue; or choose another queue name.`,
      );
    }
    return new InputError(
      'STORE_VERSION_NEWER',
      `A later version of this package wrote ${where}. It was left as it is. Update the package in this Node-RED, or choose another queue name.`,
    );
  }
}

/** As the script takes it. */
function argumentsOf(change: SlotChange, stored: Stored): string[] {
  const { id, ends, add, memory } = change;
  const args = [stored.key];
  if (ends !== undefined) args.push(ends, id ?? '');
  for (const item of add) args.push(stored.item(item));
  if (memory !== undefined) args.push(memory);
  return args;
}

function numbersOf(change: SlotChange): string {
  const { revision = NONE, at = NONE, remove, add, memory, memoryMs, limit = NONE } = change;
  const { accepted = 0 } = change.count;
  const [ends, remembers] = [change.ends === undefined ? 0 : 1, memory === undefined ? 0 : 1];
  const numbers = `${revision} ${at} ${remove} ${whole(memoryMs)} ${limit} ${add.length} ${accepted}`;
  return `${numbers} ${ends} ${remembers}${totalsOf(change.count)}`;
}

const NONE = '-';

/** Puts of records of which nothing is known have the same numbers, mostly: they are made once. */
class PutNumbers {
  private last: SlotChange | undefined;
  private numbers = '';

  /** Undefined: the change is something else. */
  of(change: SlotChange): string | undefined {
    if (!isPut(change)) return undefined;
    const { last } = this;
    const isSame =
      change.revision === last?.revision &&
      change.limit === last?.limit &&
      change.memoryMs === last?.memoryMs;
    if (!isSame) {
      this.last = change;
      this.numbers = numbersOf(change);
    }
    return this.numbers;
  }
}

/** One item comes, whatever is there or nothing, and nothing else is counted. */
function isPut({ revision = 0, at, remove, add, memory, ends, count }: SlotChange): boolean {
  const adds = revision === 0 && at === undefined && remove === 0 && add.length === 1;
  if (!adds || memory !== undefined || ends !== undefined || count.accepted !== 1) return false;
  for (const name in count) if (name !== 'accepted') return false;
  return true;
}

function totalsOf(count: SlotChange['count']): string {
  let totals = '';
  for (const [i, name] of TOTALS.entries()) {
    const more = count[name];
    if (more !== undefined && more > 0) totals += ` ${i + 1}:${more}`;
  }
  return totals;
}
