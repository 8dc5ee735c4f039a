import { setUnrefTimer, type SetTimer, type Time } from '../../retry/time';
import type { StoreTrouble } from '../store-trouble';
import { Condition } from './condition';
import { HeldError, Hold, LOOK_MS } from './hold';
import { thisMachine, type Machine } from './holder';
import { entryLine } from './line';
import type { JournalOwner } from './owner';
import { StoreFile } from './store-file';
import { foundTrouble, unshrinkable, unusable } from './troubles';

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
  /**
   * Looks for that now; `failure` says what came of it. One look for all who wait: as long as it lasts `isSure` is false,
   * so that whoever comes later does not go on before them.
   */
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
  /** Never rejects. */
  private looking: Promise<void> | undefined;
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
    if (this.looking !== undefined) return false;
    // Who has lost the file and does not know to whom is about to be told so.
    return this.hold.isHeld ? this.hold.isSure : this.failure !== undefined;
  }

  /** Resolves when the file is read in, cannot be, or is certain to be another process's. */
  async open(): Promise<void> {
    await this.prepare();
    await this.shrink();
    await new Promise<void>(resolve => {
      const { signal } = this.options;
      this.onDecided = resolve;
      signal?.addEventListener('abort', () => {
        resolve();
      });
      if (signal?.aborted === true) resolve();
      this.keepLooking();
    });
  }

  look(): Promise<void> {
    if (this.looking !== undefined) return this.looking;
    const looking = (this.looking = this.lookForAll());
    // The first to hear that it is over: nobody comes in between.
    void looking.then(() => (this.looking = undefined));
    return looking;
  }

  /** One that took so long that somebody else may have come meanwhile is made once more. */
  private async lookForAll(): Promise<void> {
    await this.lookOnce();
    if (!this.hold.isSure) await this.lookOnce();
  }

  private lookOnce(): Promise<void> {
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
      void this.lookOnce().then(this.keepLooking);
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
