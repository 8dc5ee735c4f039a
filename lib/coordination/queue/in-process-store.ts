import { InputError } from '../../errors';
import type { SetTimer, Time } from '../../retry/time';
import type { Machine } from '../journal/holder';
import { openJournal, type Journal } from '../journal/journal';
import { SteadyClock } from '../steady-clock';
import type { StoreTrouble } from '../store-trouble';
import type { NumberedEntry } from './queue-entries';
import { QueueMemory } from './queue-memory';
import type {
  ChangeResult,
  QueueStore,
  Slot,
  SlotChange,
  StoreState,
  TakeOptions,
  TakeResult,
} from './queue-store';

export interface InProcessQueueStoreOptions {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** File in which the queue survives a restart; its folder is made when missing. Undefined: in memory only. */
  readonly journal?: string;
  /** Kept in the file, where that is not named by it. */
  readonly name?: string;
  /**
   * Called with each trouble when it begins, also while the file is opened, and with undefined when a lasting one is
   * over.
   */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
  readonly setTimer?: SetTimer;
  /** Who this process is, and which others run: for the file, which only one of them may write. */
  readonly machine?: Machine;
  /** Ends the wait for the answer of another process that holds the file. */
  readonly signal?: AbortSignal;
}

export interface InProcessQueueStore extends QueueStore {
  /** What is wrong now; else what was found when the file was opened. */
  readonly trouble: StoreTrouble | undefined;
}

/**
 * A queue of this process. Leases, holds and due times go on while the computer's clock is set; after a restart they go
 * by that clock, and what began in its future counts as begun at the restart. Where an item could not be written
 * (`saved` false), it is kept in memory. While another process holds the file everything rejects with InputError
 * `STORE_IN_USE`. Each change costs as much as its record has items: a backlog belongs to many records.
 */
export async function createInProcessQueueStore(
  options: InProcessQueueStoreOptions,
): Promise<InProcessQueueStore> {
  const store = new InProcess(options);
  await store.open();
  return store;
}

class InProcess implements InProcessQueueStore {
  private readonly memory: QueueMemory;
  private readonly listeners = new Set<() => void>();
  private journal: Journal | undefined;
  private isClosed = false;

  constructor(private readonly options: InProcessQueueStoreOptions) {
    this.memory = new QueueMemory(new SteadyClock(options.time), options.name);
  }

  get isDurable(): boolean {
    return this.options.journal !== undefined;
  }

  get trouble(): StoreTrouble | undefined {
    return this.journal?.failure ?? this.journal?.found;
  }

  async open(): Promise<void> {
    const { journal: path, ...options } = this.options;
    if (path === undefined) return;
    this.journal = await openJournal({ ...options, path, owner: this.memory });
  }

  async look(record: string): Promise<Slot> {
    await this.ready();
    return this.memory.look(record);
  }

  async change(change: SlotChange): Promise<ChangeResult> {
    // Every update goes through here, and each wait costs a visible share.
    if (!this.isReady) await this.ready();
    const { answer, entries } = this.memory.change(change);
    if (answer !== undefined) return answer;
    const state = this.memory.state();
    this.tellWork();
    return { kind: 'changed', saved: await this.save(entries), state };
  }

  async take(options: TakeOptions): Promise<TakeResult> {
    await this.ready();
    const { answer, entries } = this.memory.take(options);
    // What is handed out must be known after a crash: it comes back as handed out before.
    await this.save(entries);
    return answer;
  }

  async note(record: string, token: string, note: string, leaseMs: number): Promise<boolean> {
    await this.ready();
    const { answer, entries } = this.memory.note(record, token, note, leaseMs);
    await this.save(entries);
    return answer;
  }

  async oldest(most: number): Promise<readonly string[]> {
    await this.ready();
    return this.memory.oldest(most);
  }

  async state(): Promise<StoreState> {
    await this.ready();
    return this.memory.state();
  }

  async setPaused(isPaused: boolean): Promise<void> {
    await this.ready();
    const entry = this.memory.setPaused(isPaused);
    this.tellWork();
    await this.save([entry]);
  }

  async setHold(before: string, after: string, heldUntil: number): Promise<boolean> {
    await this.ready();
    const { answer, entries } = this.memory.setHold(before, after, heldUntil);
    this.tellWork();
    await this.save(entries);
    return answer;
  }

  async flush(): Promise<void> {
    await this.ready();
    const entry = this.memory.flush();
    this.tellWork();
    await this.save([entry]);
  }

  onWork(listener: () => void): () => void {
    // The same function may wait twice.
    const own = (): void => {
      listener();
    };
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
    await this.journal?.close();
  }

  private get isReady(): boolean {
    const { journal } = this;
    return !this.isClosed && (journal === undefined || (journal.isSure && !journal.failure));
  }

  /** Another store may have the file, and hand out what this one would, too. */
  private async ready(): Promise<void> {
    if (this.journal?.isSure === false) await this.journal.look();
    if (this.isClosed) throw new Error('The store is closed.');
    this.checkUse();
  }

  private checkUse(): void {
    const failure = this.journal?.failure;
    if (failure?.kind === 'in-use') throw new InputError('STORE_IN_USE', failure.message);
  }

  /** False: it could not be saved. The journal tells why. */
  private async save(entries: readonly NumberedEntry[]): Promise<boolean> {
    const { journal, memory } = this;
    if (journal === undefined) return true;
    const { generation } = memory;
    const [only] = entries;
    if (only === undefined) return true;
    const written = entries.length === 1 ? journal.append(only) : appendAll(journal, entries);
    const saved = await written.then(
      () => true,
      () => false,
    );
    this.checkUse();
    if (generation === memory.generation) return saved;
    throw new InputError(
      'STORE_IN_USE',
      'Another process had the store file meanwhile, so this was not done. It is ours again: try once more.',
    );
  }

  private tellWork(): void {
    for (const listener of this.listeners) listener();
  }
}

async function appendAll(journal: Journal, entries: readonly NumberedEntry[]): Promise<void> {
  await Promise.all(entries.map(entry => journal.append(entry)));
}
