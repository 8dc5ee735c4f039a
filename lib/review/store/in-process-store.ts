import type { SetTimer, Time } from '../../retry/time';
import { InputError } from '../../errors';
import type { Machine } from '../../coordination/journal/holder';
import { openJournal, type Journal } from '../../coordination/journal/journal';
import type { StoreTrouble } from '../../coordination/store-trouble';
import { DeadLetterMemory } from './memory';
import type {
  DeadLetterStore,
  HeadPage,
  StoredText,
  StorePlace,
  StoreAnswer,
  StoreChange,
} from './store';

export interface InProcessDeadLettersOptions {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** File in which they survive a restart; its folder is made when missing. Undefined: in memory only. */
  readonly journal?: string;
  /** Called with each trouble when it begins, also while the file is opened, and with undefined when a lasting one is over. */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
  readonly setTimer?: SetTimer;
  /** Who this process is, and which others run: for the file, which only one of them may write. */
  readonly machine?: Machine;
  /** Ends the wait for the answer of another process that holds the file. */
  readonly signal?: AbortSignal;
}

export interface InProcessDeadLetters extends DeadLetterStore {
  /** What is wrong now; else what was found when the file was opened. */
  readonly trouble: StoreTrouble | undefined;
}

/**
 * Dead letters of this process. Where one could not be written (`saved` false), it is kept in memory. While another
 * process holds the file everything rejects with InputError `STORE_IN_USE`.
 */
export async function createInProcessDeadLetters(
  options: InProcessDeadLettersOptions,
): Promise<InProcessDeadLetters> {
  const store = new InProcess(options);
  await store.open();
  return store;
}

class InProcess implements InProcessDeadLetters {
  private readonly memory: DeadLetterMemory;
  private journal: Journal | undefined;
  private isClosed = false;

  constructor(private readonly options: InProcessDeadLettersOptions) {
    this.memory = new DeadLetterMemory(options.time.now);
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

  async get(id: string): Promise<StoredText> {
    await this.ready();
    return this.memory.get(id);
  }

  async put(change: StoreChange): Promise<StoreAnswer> {
    await this.ready();
    const { memory, journal } = this;
    const { answer, entry } = memory.put(change);
    if (answer.kind !== 'changed' || journal === undefined) return answer;
    const { born } = memory;
    const saved = await journal.append(entry).then(
      () => true,
      () => false,
    );
    this.checkUse();
    if (born !== memory.born) throw inUse(MEANWHILE);
    return { ...answer, saved };
  }

  async heads(after: StorePlace | undefined, most: number): Promise<HeadPage> {
    await this.ready();
    return this.memory.heads(after, most);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.journal?.close();
  }

  /** Another store may have the file. */
  private async ready(): Promise<void> {
    if (this.journal?.isSure === false) await this.journal.look();
    if (this.isClosed) throw new Error('The store is closed.');
    this.checkUse();
  }

  private checkUse(): void {
    const failure = this.journal?.failure;
    if (failure?.kind === 'in-use') throw inUse(failure.message);
  }
}

const MEANWHILE =
  'Another process had the store file meanwhile, so this was not done. It is ours again: try once more.';

function inUse(message: string): InputError {
  return new InputError('STORE_IN_USE', message);
}
