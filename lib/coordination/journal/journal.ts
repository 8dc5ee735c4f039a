import type { Time } from '../../retry/time';
import type { StoreTrouble } from '../store-trouble';
import { Condition } from './condition';
import { entryLine } from './line';
import type { Find, Foreign } from './load';
import type { JournalOwner } from './owner';
import { StoreFile } from './store-file';

export interface JournalOptions {
  /** Its folder is made when missing. */
  readonly path: string;
  readonly owner: JournalOwner;
  readonly time: Pick<Time, 'now' | 'monotonic'>;
  /** Called with each trouble when it begins, also while opening, and with undefined when a lasting one is over. */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
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
  /** Writes what is under way and lets go of the file. */
  close(): Promise<void>;
}

/** Reads the file into its owner. Never rejects: where no file can be used it goes on in memory and says so. */
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

  constructor({ path, owner, time, onTrouble }: JournalOptions) {
    this.file = new StoreFile(path, owner, time.now, (find, aside) => {
      this.found = foundTrouble(path, find, aside);
      onTrouble(this.found);
    });
    const describeWriting = (error: Error): StoreTrouble => unwritable(path, error);
    const describeShrinking = (error: Error): StoreTrouble => unshrinkable(path, error);
    this.writing = new Condition({ time, onTrouble, describe: describeWriting });
    this.shrinking = new Condition({ time, onTrouble, describe: describeShrinking });
  }

  get failure(): StoreTrouble | undefined {
    return this.writing.trouble ?? this.shrinking.trouble;
  }

  async open(): Promise<void> {
    await this.writing.attempt(() => this.file.prepare()).catch(() => undefined);
    await this.shrink();
  }

  append(entry: unknown): Promise<void> {
    if (this.isClosed) return Promise.reject(new Error('The store is closed.'));
    this.lines.push(entryLine(entry));
    return (this.next ??= this.busy.then(() => this.write()));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.next?.catch(() => undefined);
    await this.busy;
    // The last chance for what could not be written so far.
    if (this.writing.trouble !== undefined) await this.file.prepare().catch(() => undefined);
    await this.file.close().catch(() => undefined);
  }

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
