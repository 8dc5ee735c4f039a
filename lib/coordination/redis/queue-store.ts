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
import { Gathered } from './gathered';
import { recordsOf, slotOf, stateOf, Stored, takeOf, whole, type Value } from './queue-answers';
import { QUEUE_FORMAT, QUEUE_KEYS, TOTALS } from './queue-lua';
import {
  CHANGE,
  FLUSH,
  HOLD,
  LOOK,
  MOST_AT_ONCE,
  NOTE,
  OLDEST,
  PAUSE,
  STATE,
  SWEEP,
  TAKE,
} from './queue-scripts';
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

/** A sweep removes more than so many changes can leave behind. */
const CHANGES_PER_SWEEP = MOST_AT_ONCE / 2;

class RedisQueueStore implements QueueStore {
  private readonly runner: RedisQueueStoreOptions['runner'];
  private readonly keys: readonly string[];
  private readonly changing: Gathered<readonly Value[]>;
  private readonly listeners = new Set<() => void>();
  private readonly stopListening: () => void;
  private changes = 0;

  constructor({ runner, name }: RedisQueueStoreOptions) {
    this.runner = runner;
    const start = `${runner.prefix}updates:${boundedKey(name)}:`;
    this.keys = QUEUE_KEYS.map(key => start + key);
    // As any script of the queue, which may find that it is none of this version's.
    const asked = {
      prefix: runner.prefix,
      run: (script: Script, _keys: readonly string[], args: readonly (string | number)[]) =>
        this.ask(script, args),
    };
    this.changing = new Gathered(asked, CHANGE, [], '', answer => answer as readonly Value[]);
    this.stopListening = runner.onConnected(() => {
      this.wake();
    });
  }

  get isDurable(): boolean {
    return this.runner.isDurable;
  }

  async look(record: string): Promise<Slot> {
    const { key } = new Stored(record);
    return slotOf(key, await this.run(LOOK, [key]));
  }

  async change(change: SlotChange): Promise<ChangeResult> {
    const stored = new Stored(change.record);
    const given = argumentsOf(change, stored);
    const answer = await this.changing.ask([], [given.length, ...given]);
    const kind = answer[0] as ChangeResult['kind'];
    if (kind === 'moved') return { kind, slot: slotOf(stored.key, answer) };
    if (kind !== 'changed') return { kind };
    this.sweepNowAndThen();
    if (change.add.length > 0 || change.ends !== undefined) this.wake();
    return { kind, saved: this.isDurable, state: stateOf(answer) };
  }

  async take({ tokens, parallel, leaseMs, batch }: TakeOptions): Promise<TakeResult> {
    const limits = [parallel, whole(leaseMs), batch?.size ?? 0, whole(batch?.pauseMs ?? 0)];
    return takeOf(await this.run(TAKE, ['', limits.join(' '), ...tokens]));
  }

  async note(record: string, token: string, note: string, leaseMs: number): Promise<boolean> {
    return this.isSo(NOTE, [new Stored(record).key, token, note, whole(leaseMs)]);
  }

  async oldest(most: number): Promise<readonly string[]> {
    return recordsOf(await this.run(OLDEST, ['', most]));
  }

  async state(): Promise<StoreState> {
    return stateOf(await this.run(STATE, []));
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

  /** Whoever changes something cleans up, too. */
  private sweepNowAndThen(): void {
    if (++this.changes % CHANGES_PER_SWEEP !== 0) return;
    // Where it fails, the next one does it.
    this.ask(SWEEP, []).catch(() => undefined);
  }

  private wake(): void {
    for (const listener of [...this.listeners]) listener();
  }

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
    return new InputError(
      'STORE_VERSION_NEWER',
      `A later version of this package wrote the queue in Redis at ${this.keys[0]} (format ${String(format)}, this version knows ${QUEUE_FORMAT}). It was left as it is. Update the package in this Node-RED, or choose another queue name.`,
    );
  }
}

function argumentsOf(change: SlotChange, stored: Stored): (string | number)[] {
  const { id, revision, at, remove, add, memory, memoryMs, limit, ends, count } = change;
  const numbers = [
    revision ?? NONE,
    at ?? NONE,
    remove,
    whole(memoryMs),
    limit ?? NONE,
    add.length,
    count.accepted ?? 0,
    ...totalsOf(count),
  ];
  return [
    stored.key,
    id,
    numbers.join(' '),
    ends ?? '',
    ...add.map(item => stored.item(item)),
    ...(memory === undefined ? [] : [memory]),
  ];
}

const NONE = '-';

function totalsOf(count: SlotChange['count']): string[] {
  return TOTALS.flatMap((name, i) => {
    const more = count[name] ?? 0;
    return more > 0 ? [`${i + 1}:${more}`] : [];
  });
}
