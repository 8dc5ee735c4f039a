import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { statIfPresent, syncFolder } from './files';
import type { Hold } from './hold';
import { entryLine, headerLine } from './line';
import { load, type Find } from './load';
import type { JournalOwner } from './owner';

/** Only a file that is there: one without a header would not be found to be ours. */
const APPEND = constants.O_WRONLY | constants.O_APPEND;

/** How many more entries than are wanted a file may hold besides: writing it anew takes its time. */
const SPARE_LINES = 10_000;

/** What was found, and in which file. */
interface Found {
  readonly find: Find;
  readonly path: string;
}

/** The file of one owner, while it is held. After whatever failed, the next call makes it good. */
export class StoreFile {
  private handle: FileHandle | undefined;
  private isLoaded = false;
  private mustRewrite = false;
  private isOrphan = false;
  private found: Found | undefined;
  private lines = 0;
  private wasAltered = false;
  /** Bytes in the file as it was written. */
  private size = 0;

  /** @param onKept called with what was found, and where it was kept aside; empty: there was nothing to keep */
  constructor(
    private readonly hold: Hold,
    private readonly owner: JournalOwner,
    private readonly now: () => number,
    private readonly onKept: (found: Found, aside: string) => void,
  ) {}

  private get path(): string {
    return this.hold.file;
  }

  get isOpen(): boolean {
    return this.handle !== undefined;
  }

  /** Old entries outweigh those that are still wanted. */
  get isWorthRewriting(): boolean {
    const living = this.owner.count();
    return this.lines - living > living + (this.owner.spareEntries ?? SPARE_LINES);
  }

  /**
   * Makes the file ready for entries: reads what others left when it was not held before, keeps aside what must not be
   * lost. Throws HeldError.
   */
  async prepare(): Promise<FileHandle> {
    if (this.handle !== undefined) return this.handle;
    try {
      if (await this.hold.take()) this.isLoaded = this.isOrphan = false;
      if (!this.isLoaded) await this.load();
      await this.keepFound();
      const handle = this.mustRewrite ? await this.rewrite() : await this.reopen();
      await this.hold.clean();
      return handle;
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  /** Whether it is still held. When it is not, or nobody knows, it has to be prepared again. */
  async look(): Promise<void> {
    if (this.handle !== undefined) await this.hold.verify().catch(() => this.abandon());
  }

  /** Resolves when the lines are on disk. A write that fails is tried once more in a file written anew. */
  async write(lines: readonly string[]): Promise<void> {
    const wasOpen = this.handle !== undefined;
    try {
      await this.append(lines);
    } catch (error) {
      if (!wasOpen) throw error;
      await this.append(lines);
    }
  }

  /** Writes what the owner still wants to a new file, which takes the place of the old one. */
  async rewrite(): Promise<FileHandle> {
    if (this.isOrphan && (await statIfPresent(this.path)) !== undefined) {
      throw new Error('another program put a file in its place; restart Node-RED to use that one');
    }
    const fresh = `${this.path}.new`;
    const count = await writeSnapshot(fresh, this.owner);
    // Windows renames nothing over an open file.
    await this.close();
    await rename(fresh, this.path);
    // Until the folder is flushed a power failure may bring the old file back.
    this.mustRewrite = true;
    await syncFolder(dirname(this.path));
    this.lines = count;
    this.mustRewrite = false;
    this.isOrphan = false;
    return this.opened();
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** What was read counts as durable, but whoever wrote it may have been killed before it was. */
  private async reopen(): Promise<FileHandle> {
    const handle = await this.opened();
    await handle.datasync();
    return handle;
  }

  private async opened(): Promise<FileHandle> {
    const handle = await open(this.path, APPEND);
    try {
      this.size = (await handle.stat()).size;
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
    return (this.handle = handle);
  }

  private async load(): Promise<void> {
    for (;;) {
      const source = await this.hold.source();
      if (source === undefined) {
        this.mustRewrite = true;
        break;
      }
      const { path, mayAdopt } = source;
      this.owner.onLoading?.();
      const loaded = await load(path, this.owner);
      // A holder that was stopped on its way may have gone on and given it another number.
      if (loaded === undefined) continue;
      const { find, lines, mustRewrite } = loaded;
      if (lines > 0) this.owner.onLoaded?.();
      this.lines = lines;
      this.found = find && { find, path };
      this.mustRewrite ||= mustRewrite || !mayAdopt;
      if (!this.mustRewrite) await this.adopt(path);
      break;
    }
    this.isLoaded = true;
  }

  /** The file goes on under another name. */
  private async adopt(path: string): Promise<void> {
    await rename(path, this.path);
    await syncFolder(dirname(this.path));
  }

  private async keepFound(): Promise<void> {
    const { found } = this;
    if (found === undefined) return;
    const aside = await keepAside(found, this.now());
    this.found = undefined;
    this.onKept(found, aside);
  }

  private async append(lines: readonly string[]): Promise<void> {
    const handle = await this.prepare();
    try {
      const text = lines.join('');
      await handle.appendFile(text);
      await handle.datasync();
      await this.check(handle, this.size + Buffer.byteLength(text));
      this.lines += lines.length;
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  /** Throws when the next start would not find in the file what was written to it. */
  private async check(handle: FileHandle, expected: number): Promise<void> {
    await this.hold.verify();
    const [own, there] = await Promise.all([handle.stat(), statIfPresent(this.path)]);
    // Somebody deleted, moved or replaced it. Not every file system counts links, and not on every one a file keeps
    // its number.
    this.isOrphan = there === undefined || (own.nlink === 0 && own.ino !== there.ino);
    if (this.isOrphan) throw new Error('the file was deleted or moved away');
    // Somebody cut it off, wrote over it or added to it.
    if (own.size !== expected) {
      // Once is enough to keep and to tell: it may happen at every write.
      const find = { kind: 'altered', expected, bytes: own.size } as const;
      if (!this.wasAltered) this.found = { find, path: this.path };
      this.wasAltered = true;
      throw new Error('another program has changed the file');
    }
    this.size = expected;
  }

  /** The file may lack entries, end in half a line, or have lost in a failed flush what was written before. */
  private async abandon(): Promise<void> {
    this.mustRewrite = true;
    await this.close().catch(() => undefined);
  }
}

const CHUNK_CHARS = 1 << 18;

/** Writes the state of an owner to a new file, down to the disk. Returns how many entries that were. */
async function writeSnapshot(path: string, owner: JournalOwner): Promise<number> {
  const file = await open(path, 'w', 0o600);
  try {
    const count = await writeEntries(file, owner);
    await file.sync();
    await file.close();
    return count;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

async function writeEntries(file: FileHandle, owner: JournalOwner): Promise<number> {
  let text = headerLine(owner);
  let count = 0;
  for (const entry of owner.living()) {
    text += entryLine(entry);
    count++;
    if (text.length < CHUNK_CHARS) continue;
    await file.appendFile(text);
    text = '';
  }
  await file.appendFile(text);
  return count;
}

/**
 * Keeps what was found in a file of its own beside it and returns that one's path. A foreign file is renamed; of a
 * truncated one the tail, of others the whole is copied. An empty one is nothing to keep: the path is empty, too.
 * @param now wall clock, milliseconds since the epoch
 */
async function keepAside({ find, path }: Found, now: number): Promise<string> {
  if (find.kind === 'empty') return '';
  const aside = asidePath(path, find.kind, now);
  if (find.kind === 'foreign') await rename(path, aside);
  else await copyFrom(path, find.kind === 'truncated' ? find.from : 0, aside);
  return aside;
}

/** A name that no file has: nothing kept earlier is ever overwritten. */
function asidePath(path: string, kind: Find['kind'], now: number): string {
  const time = new Date(now).toISOString().replace(/[:.]/g, '-');
  return `${path}.${kind}-${time}-${randomBytes(4).toString('hex')}`;
}

async function copyFrom(path: string, start: number, aside: string): Promise<void> {
  const copy = await open(aside, 'wx', 0o600);
  try {
    await writeFile(copy, createReadStream(path, { start }));
    await copy.sync();
  } catch (error) {
    await copy.close();
    await rm(aside, { force: true });
    throw error;
  }
  await copy.close();
}
