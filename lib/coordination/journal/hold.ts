import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  closedPath,
  dataPath,
  highestEpoch,
  knockPath,
  listEpochFiles,
  lockPath,
  removeBelow,
  type EpochFile,
} from './epochs';
import { statIfPresent, syncFolder } from './files';
import { holderText, readHolder, type Holder, type Machine } from './holder';

/** How often a holder looks whether it still is one, and somebody who waits whether the holder is still there. */
export const LOOK_MS = 1000;

/** A holder that cannot be seen and leaves so many looks in a row without an answer is taken for gone. */
export const SILENT_LOOKS = 15;

/** After so long without a look somebody else may hold the file by now. */
const SURE_MS = 3 * LOOK_MS;

/** Another process holds the store. */
export class HeldError extends Error {
  override readonly name = 'HeldError';

  /**
   * @param holder undefined: the lock file does not say
   * @param isCertain false: it was asked whether it is still there, and may yet turn out to be gone
   */
  constructor(
    readonly holder: Holder | undefined,
    readonly isCertain: boolean,
  ) {
    super('another process holds the store');
  }
}

/** This process held the store and does not any more. */
class LostError extends Error {
  override readonly name = 'LostError';

  constructor() {
    super('another process has taken over the store');
  }
}

export interface HoldOptions {
  readonly machine: Machine;
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** Somebody to ask, and how often it has not answered. */
interface Knock {
  readonly epoch: number;
  readonly path: string;
  looks: number;
  lookedAt: number;
  hasAnswer: boolean;
}

/**
 * The right to write the files of a store, for one process at a time.
 *
 * A holder that still runs on this computer keeps it. One that cannot be seen from here is asked, and loses it when it
 * does not answer. It may only have been stopped: therefore a new holder never writes a file of the one before it, and
 * what that one writes counts only if it looks for a newer holder after the write (`verify`) and finds none. The new one
 * claims first and reads then: either the old one sees the claim, or the new one sees the write.
 *
 * That needs a file system on which an exclusively created file has one creator, and is seen by whoever lists the folder
 * after that: every local one has both; a network file system that caches folders has not.
 */
export class Hold {
  /** As far as this process knows. */
  isHeld = false;
  /** The highest number this process ever had. */
  private epoch = 0;
  /** Whose holder is sure to write no more. */
  private quietEpoch: number | undefined;
  private knock: Knock | undefined;
  private verifiedAt = -Infinity;
  /** When the lock file was written, by the clock of its file system: it tells it from another one of that name. */
  private lockedAt: number | undefined;
  private lockText = '';

  /** @param path of the store, without a number */
  constructor(
    private readonly path: string,
    private readonly options: HoldOptions,
  ) {}

  /** The file with the entries that only this holder writes. */
  get file(): string {
    return dataPath(this.path, this.epoch);
  }

  /** The last look is not long ago, or there is nothing to lose. */
  get isSure(): boolean {
    return !this.isHeld || this.options.monotonic() - this.verifiedAt < SURE_MS;
  }

  /** True: it was not held before. Throws HeldError. */
  async take(): Promise<boolean> {
    if (this.isHeld) return false;
    const files = await listEpochFiles(this.path);
    const top = Math.max(this.epoch, highestEpoch(files));
    const isQuiet = await this.passLast(files, top);
    await this.makeFolder();
    await this.claim(top + 1);
    this.quietEpoch = isQuiet ? top : undefined;
    return true;
  }

  /**
   * The file with the entries so far; undefined: there is none. `mayAdopt`: nobody can write it any more, so that it may
   * go on under the number of this holder.
   */
  async source(): Promise<{ readonly path: string; readonly mayAdopt: boolean } | undefined> {
    const files = await listEpochFiles(this.path);
    const data = files.filter(({ kind, epoch }) => kind === 'data' && epoch <= this.epoch);
    const [last] = data.sort((a, b) => b.epoch - a.epoch);
    return last && { path: last.path, mayAdopt: last.epoch === this.quietEpoch };
  }

  /** Throws LostError when somebody else holds the store by now; else whoever asks gets an answer. */
  async verify(): Promise<void> {
    if (!this.isHeld) throw new LostError();
    // What is seen may be over when a process that was stopped in between goes on.
    const since = this.options.monotonic();
    const files = await listEpochFiles(this.path);
    // The own lock file goes before a newer one does. In this order one of the two is seen to have changed.
    const own = await statIfPresent(lockPath(this.path, this.epoch));
    if (own === undefined || own.mtimeMs !== this.lockedAt || highestEpoch(files) > this.epoch) {
      await this.lose();
      throw new LostError();
    }
    this.verifiedAt = since;
    const asking = files.filter(({ kind, epoch }) => kind === 'knock' && epoch === this.epoch);
    for (const { path } of asking) await rm(path, { force: true }).catch(() => undefined);
  }

  /** What earlier holders left is of no use any more. */
  async clean(): Promise<void> {
    await removeBelow(this.path, this.epoch).catch(() => undefined);
  }

  /** Lets the next one have it at once. Nothing may be written any more. */
  async release(): Promise<void> {
    await this.stopAsking();
    if (!this.isHeld) return;
    this.isHeld = false;
    const lock = lockPath(this.path, this.epoch);
    await rename(lock, closedPath(this.path, this.epoch))
      .catch(() => rm(lock, { force: true }))
      .catch(() => undefined);
  }

  private async makeFolder(): Promise<void> {
    const folder = dirname(this.path);
    const made = await mkdir(folder, { recursive: true });
    // A new folder must be found after a power failure, too.
    if (made !== undefined) await syncFolder(dirname(folder));
  }

  /** Whether the last holder is sure to write no more. Throws HeldError. */
  private async passLast(files: readonly EpochFile[], top: number): Promise<boolean> {
    const last = files.filter(({ epoch }) => epoch === top);
    const lock = last.find(({ kind }) => kind === 'lock');
    // Without any word of the holder somebody may have removed its lock file by hand.
    if (lock === undefined) return last.some(({ kind }) => kind === 'closed');
    const text = await readFile(lock.path, 'utf8').catch(() => '');
    const holder = readHolder(text);
    const isRunning = holder && (await this.options.machine.isRunning(holder));
    if (isRunning === true) throw new HeldError(holder, true);
    if (isRunning === undefined) await this.ask(files, top, holder);
    return isRunning === false;
  }

  /** Throws HeldError unless it has been silent for long enough. Counts looks, not time: both may have been stopped. */
  private async ask(files: readonly EpochFile[], epoch: number, holder?: Holder): Promise<void> {
    const now = this.options.monotonic();
    const knock = (this.knock = this.askedBefore(epoch));
    if (!files.some(({ path }) => path === knock.path)) {
      await create(knock.path, '');
      knock.hasAnswer ||= knock.looks > 0;
      knock.looks = 1;
      knock.lookedAt = now;
    } else if (now - knock.lookedAt >= LOOK_MS) {
      knock.looks++;
      knock.lookedAt = now;
    }
    if (knock.looks <= SILENT_LOOKS) throw new HeldError(holder, knock.hasAnswer);
  }

  private askedBefore(epoch: number): Knock {
    if (this.knock?.epoch === epoch) return this.knock;
    const path = knockPath(this.path, epoch, randomUUID());
    return { epoch, path, looks: 0, lookedAt: -Infinity, hasAnswer: false };
  }

  private async stopAsking(): Promise<void> {
    const { knock } = this;
    this.knock = undefined;
    if (knock !== undefined) await rm(knock.path, { force: true }).catch(() => undefined);
  }

  /** Throws HeldError when somebody else was faster. */
  private async claim(epoch: number): Promise<void> {
    const { machine, now, monotonic } = this.options;
    const lock = lockPath(this.path, epoch);
    const text = holderText(await machine.self(now()));
    const since = monotonic();
    const isMine = await create(lock, text);
    if (!isMine) throw new HeldError(undefined, false);
    const written = await statIfPresent(lock);
    // Since the folder was listed, somebody may have taken that number, done its work and removed its lock file.
    const files = await listEpochFiles(this.path);
    if (files.some(file => file.epoch >= epoch && file.kind !== 'knock' && file.path !== lock)) {
      await rm(lock, { force: true }).catch(() => undefined);
      throw new HeldError(undefined, false);
    }
    await this.stopAsking();
    this.lockedAt = written?.mtimeMs;
    this.lockText = text;
    this.epoch = epoch;
    this.isHeld = true;
    this.verifiedAt = since;
  }

  private async lose(): Promise<void> {
    this.isHeld = false;
    // Left behind it would name a process that runs and holds nothing.
    const lock = lockPath(this.path, this.epoch);
    const text = await readFile(lock, 'utf8').catch(() => undefined);
    if (text === this.lockText) await rm(lock, { force: true }).catch(() => undefined);
  }
}

/**
 * Creates a file. False: it was there. That it exists is what counts; where its text cannot be written, it is like one
 * that cannot be read.
 */
async function create(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  });
  await file?.appendFile(text).catch(() => undefined);
  await file?.close().catch(() => undefined);
  return file !== undefined;
}
