import { setUnrefTimer, type SetTimer, type Time } from '../../retry/time';
import type { StoreTrouble } from '../store-trouble';
import { Condition } from './condition';
import { Hold, HeldError, LOOK_MS, SILENT_LOOKS } from './hold';
import { thisMachine, type Machine } from './holder';
import { entryLine } from './line';
import type { Find, Foreign } from './load';
import type { JournalOwner } from './owner';
import { StoreFile } from './store-file';

export interface JournalOptions {
  /** Of the store; its files have this path and a number (epochs.ts). Its folder is made when missing. */
  readonly path: string;
  readonly owner: JournalOwner;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** Called with each trouble when it begins, also while opening, and with undefined when a lasting one is over. */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
  readonly setTimer?: SetTimer;
  /** Who this process is, and which others run. */
  readonly machine?: Machine;
  /** Ends the wait for an answer of the holder. */
  readonly signal?: AbortSignal;
}

/** The durable copy of what its owner has in memory. */
export interface Journal {
  /** What is wrong now. */
  readonly failure: StoreTrouble | undefined;
  /** What was found when the file was opened. */
  readonly found: StoreTrouble | undefined;
  /**
   * Resolves when the entry is on disk, rejects when it could not be written: then it is in the owner's memory only,
   * until a later entry succeeds. Entries that come while others are being written go together in the next write.
   */
  append(entry: unknown): Promise<void>;
  /** It was looked not long ago whether another process has taken over the file. */
  readonly isSure: boolean;
  /** Looks for that now; `failure` says what came of it. */
  look(): Promise<void>;
  /** Writes what is under way and lets go of the file. */
  close(): Promise<void>;
}

/**
 * Reads the file into its owner. Never rejects: where no file can be used it goes on in memory and says so. While another
 * process holds the file, `failure` is of kind `in-use`; it is read in as soon as that one is gone. Whether it is may
 * have to be waited for.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const journal = new FileJournal(options);
  await journal.open();
  return journal;
}

class FileJournal implements Journal {
  found: StoreTrouble | undefined;
  private readonly file: StoreFile;
  private readonly writing: Condition;
  private readonly shrinking: Condition;
  /** To be written together next, and how that ends. */
  private lines: string[] = [];
  private next: Promise<void> | undefined;
  /** What the next write waits for; never rejects. */
  private busy: Promise<void> = Promise.resolve();
  private isClosed = false;
  private readonly hold: Hold;
  private readonly setTimer: SetTimer;
  private cancelTimer = (): void => undefined;
  private onDecided = (): void => undefined;
  /** Of the last look at who holds the file. */
  private isDecided = true;

  constructor(private readonly options: JournalOptions) {
    const { path, owner, time, onTrouble, machine = thisMachine } = options;
    this.setTimer = options.setTimer ?? setUnrefTimer;
    this.hold = new Hold(path, { machine, now: time.now, monotonic: time.monotonic });
    this.file = new StoreFile(this.hold, owner, time.now, (found, aside) => {
      this.found = foundTrouble(found.path, found.find, aside);
      onTrouble(this.found);
    });
    const describeWriting = (error: Error): StoreTrouble => unusable(path, error);
    const describeShrinking = (error: Error): StoreTrouble => unshrinkable(path, error);
    this.writing = new Condition({ time, onTrouble, describe: describeWriting });
    this.shrinking = new Condition({ time, onTrouble, describe: describeShrinking });
  }

  get failure(): StoreTrouble | undefined {
    return this.writing.trouble ?? this.shrinking.trouble;
  }

  get isSure(): boolean {
    return this.hold.isSure;
  }

  /** Resolves when the file is read in, cannot be, or is certain to be another process's. */
  async open(): Promise<void> {
    await this.prepare();
    await this.shrink();
    await new Promise<void>(resolve => {
      this.onDecided = resolve;
      this.options.signal?.addEventListener('abort', () => {
        resolve();
      });
      this.keepLooking();
    });
  }

  look(): Promise<void> {
    // A write looks by itself.
    if (this.next !== undefined) return this.next.catch(() => undefined);
    return (this.busy = this.busy.then(async () => {
      if (this.isClosed) return;
      await this.file.look();
      if (this.mayBeFree) await this.prepare();
    }));
  }

  append(entry: unknown): Promise<void> {
    if (this.isClosed) return Promise.reject(new Error('The store is closed.'));
    this.lines.push(entryLine(entry));
    return (this.next ??= this.busy.then(() => this.write()));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelTimer();
    await this.next?.catch(() => undefined);
    await this.busy;
    // The last chance for what could not be written so far.
    if (this.writing.trouble?.kind === 'unwritable') {
      await this.file.prepare().catch(() => undefined);
    }
    await this.file.close().catch(() => undefined);
    await this.hold.release();
  }

  /** Nothing but another process keeps this one from the file, or did when it was looked last. */
  private get mayBeFree(): boolean {
    const { trouble } = this.writing;
    return trouble === undefined ? !this.file.isOpen : trouble.kind === 'in-use';
  }

  private async prepare(): Promise<void> {
    this.isDecided = true;
    await this.writing
      .attempt(() => this.file.prepare(), true)
      .catch((error: unknown) => {
        this.isDecided = !(error instanceof HeldError) || error.isCertain;
      });
  }

  private readonly keepLooking = (): void => {
    if (this.isDecided) this.onDecided();
    if (this.isClosed) return;
    this.cancelTimer = this.setTimer(() => {
      void this.look().then(this.keepLooking);
    }, LOOK_MS);
  };

  private write(): Promise<void> {
    const { lines } = this;
    this.lines = [];
    this.next = undefined;
    const written = this.writing.attempt(() => this.file.write(lines));
    this.busy = written.catch(() => undefined).then(() => this.shrink());
    return written;
  }

  /** Where that fails, the file goes on as it is. */
  private async shrink(): Promise<void> {
    if (this.writing.trouble !== undefined || !this.file.isWorthRewriting) return;
    await this.shrinking.attempt(() => this.file.rewrite()).catch(() => undefined);
  }
}

/** @param aside where the find is kept */
function foundTrouble(path: string, find: Find, aside: string): StoreTrouble {
  const { kind } = find;
  switch (kind) {
    case 'truncated': {
      const said = { text: kind, values: { path, aside, count: find.bytes } };
      const message = `The store file ${path} ended in the middle of an entry, as it does when Node-RED is stopped while writing. All entries before are in use. The ${find.bytes} bytes that were cut off are kept in ${aside}.`;
      return { kind, message, said };
    }
    case 'damaged': {
      const said = { text: kind, values: { path, aside, count: find.entries } };
      const message = `Entries of the store file ${path} cannot be read (${find.entries} lines). All others are in use. The file as it was is kept in ${aside}. Check the disk.`;
      return { kind, message, said };
    }
    case 'empty': {
      const message = `The store file ${path} was empty, which no store leaves behind: what it held is lost, and a new file was started. Events that came before may pass once more. Check the disk, and what else writes there.`;
      return { kind: 'damaged', message, said: { text: kind, values: { path } } };
    }
    case 'altered': {
      const { expected, bytes } = find;
      const said = { text: kind, values: { path, aside, expected, bytes } };
      const message = `Another program has changed the store file ${path} while it was in use: it has ${bytes} bytes instead of ${expected}. It was written anew from memory, so nothing is lost; the file as it was is kept in ${aside}. Check whether a second Node-RED runs in the same user directory.`;
      return { kind: 'damaged', message, said };
    }
    case 'foreign': {
      const { text, ...more } = find.why;
      const message = `${path} cannot be used as the store file: ${inWords(find.why)}. It is kept as ${aside}, and a new file was started. What the old one holds is not known to this store.`;
      return { kind, message, said: { text, values: { path, aside, ...more } } };
    }
  }
}

function inWords(why: Foreign): string {
  switch (why.text) {
    case 'foreign-start':
      return 'it does not begin as a store file does';
    case 'foreign-kind':
      return `it holds "${why.holds}", not "${why.wanted}"`;
    case 'foreign-version':
      return 'a later version of this package wrote it';
  }
}

function unusable(path: string, error: Error): StoreTrouble {
  if (!(error instanceof HeldError)) return unwritable(path, error);
  const { holder } = error;
  const seconds = (SILENT_LOOKS * LOOK_MS) / 1000;
  const who = holder ?? { pid: '?', host: '?', since: '?' };
  const values = { path, pid: who.pid, host: who.host, since: who.since, seconds };
  const text = holder === undefined ? 'in-use-unnamed' : 'in-use';
  const by =
    holder === undefined
      ? 'another process; its lock file cannot be read'
      : `another Node-RED, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
  const message = `The store file ${path} is in use by ${by}. Only one can write it, so this one lets no events through (STORE_IN_USE). It goes on by itself as soon as the other one has ended, or, where its process cannot be seen from here, has not answered for ${seconds} seconds. Stop the other one, or give each Node-RED a user directory of its own.`;
  return { kind: 'in-use', message, said: { text, values } };
}

function unwritable(path: string, error: Error): StoreTrouble {
  const said = { text: 'unwritable', values: { path, why: error.message } } as const;
  const message = `The store file ${path} cannot be used now (${error.message}). What is new is kept in memory only and lost if Node-RED stops. Check that the disk has space and that Node-RED may write there; the next entry tries again.`;
  return { kind: 'unwritable', message, said };
}

function unshrinkable(path: string, error: Error): StoreTrouble {
  const said = { text: 'unshrinkable', values: { path, why: error.message } } as const;
  const message = `The store file ${path} cannot be written anew without its old entries (${error.message}). New entries are still saved, but the file keeps growing. Check that the disk has space for a second copy.`;
  return { kind: 'unwritable', message, said };
}
