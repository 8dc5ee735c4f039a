import type { Machine } from '../coordination/journal/holder';
import { openJournal, type Journal } from '../coordination/journal/journal';
import type { StoreTrouble } from '../coordination/store-trouble';
import { InputError } from '../errors';
import type { SetTimer, Time } from '../retry/time';
import { CountedRuns, entryOf } from './counted-runs';
import type { CounterMemory } from './counter-memory';
import { hourOf, type CountedHour, type CounterStore } from './counter-store';

export interface InProcessCountersOptions {
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** Tells this run of Node-RED from those before it, whose counters are kept beside. */
  readonly run: string;
  /** File in which the counters survive a restart; its folder is made when missing. Undefined: in memory only. */
  readonly journal?: string;
  /** Called with each trouble when it begins, and with undefined when a lasting one is over. */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
  readonly setTimer?: SetTimer;
  readonly machine?: Machine;
  /** Ends the wait for the answer of another process that holds the file. */
  readonly signal?: AbortSignal;
}

export interface InProcessCounters extends CounterStore {
  /** What is wrong now; else what was found when the file was opened. */
  readonly trouble: StoreTrouble | undefined;
}

/** Counters of this process. While another one holds the file, everything rejects with InputError `STORE_IN_USE`. */
export async function createInProcessCounters(
  options: InProcessCountersOptions,
): Promise<InProcessCounters> {
  const counters = new InProcess(options);
  await counters.open();
  return counters;
}

class InProcess implements InProcessCounters {
  private readonly runs: CountedRuns;
  private journal: Journal | undefined;

  constructor(private readonly options: InProcessCountersOptions) {
    this.runs = new CountedRuns(() => hourOf(options.time.now()));
  }

  get known(): CounterMemory {
    return this.runs.memory;
  }

  get trouble(): StoreTrouble | undefined {
    return this.journal?.failure ?? this.journal?.found;
  }

  async open(): Promise<void> {
    const { journal: path, ...options } = this.options;
    if (path === undefined) return;
    this.journal = await openJournal({ ...options, path, owner: this.runs });
  }

  async save(hours: readonly CountedHour[]): Promise<void> {
    await this.checkUse();
    const entries = hours.map(hour => entryOf(hour, this.options.run));
    for (const entry of entries) this.runs.save(entry);
    const { journal } = this;
    if (journal !== undefined) await Promise.all(entries.map(entry => journal.append(entry)));
  }

  async read(): Promise<CounterMemory> {
    await this.checkUse();
    return this.known;
  }

  async close(): Promise<void> {
    await this.journal?.close();
  }

  private async checkUse(): Promise<void> {
    const { journal } = this;
    if (journal?.isSure === false) await journal.look();
    const failure = journal?.failure;
    if (failure?.kind === 'in-use') throw new InputError('STORE_IN_USE', failure.message);
  }
}
