import { constants } from 'node:fs';
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keepAside } from './keep-aside';
import { load, statIfPresent, type Find } from './load';
import type { JournalOwner } from './owner';
import { syncFolder, writeSnapshot } from './snapshot';

/** Only a file that is there: one without a header would not be found to be ours. */
const APPEND = constants.O_WRONLY | constants.O_APPEND;

/** How many more entries than are wanted a file may hold besides: writing it anew takes its time. */
const SPARE_LINES = 10_000;

/** The file of one owner. After whatever failed, the next call makes it good. */
export class StoreFile {
  private handle: FileHandle | undefined;
  private isLoaded = false;
  private mustRewrite = false;
  private isOrphan = false;
  private find: Find | undefined;
  private lines = 0;

  /** @param onKept called when something was kept aside, with where */
  constructor(
    private readonly path: string,
    private readonly owner: JournalOwner,
    private readonly now: () => number,
    private readonly onKept: (find: Find, aside: string) => void,
  ) {}

  /** Old entries outweigh those that are still wanted. */
  get isWorthRewriting(): boolean {
    const living = this.owner.count();
    return this.lines - living > living + SPARE_LINES;
  }

  /** Makes the file ready for entries: reads it the first time, keeps aside what must not be lost. */
  async prepare(): Promise<void> {
    if (this.handle !== undefined) return;
    if (!this.isLoaded) await this.load();
    await this.keepFind();
    if (this.mustRewrite) await this.rewrite();
    this.handle ??= await open(this.path, APPEND);
  }

  /** Resolves when the lines are on disk. A write that fails is tried once more in a file written anew. */
  async write(lines: readonly string[]): Promise<void> {
    if (this.handle !== undefined) {
      try {
        await this.append(this.handle, lines);
        return;
      } catch {
        await this.abandon();
      }
    }
    await this.prepare();
    await this.writePrepared(lines);
  }

  /** Writes what the owner still wants to a new file, which takes the place of the old one. */
  async rewrite(): Promise<void> {
    if (this.isOrphan && (await statIfPresent(this.path)) !== undefined) {
      throw new Error('another program put a file in its place; restart Node-RED to use that one');
    }
    const folder = dirname(this.path);
    await mkdir(folder, { recursive: true });
    const fresh = `${this.path}.new`;
    const count = await writeSnapshot(fresh, this.owner);
    // Windows renames nothing over an open file.
    await this.close();
    await rename(fresh, this.path);
    await syncFolder(folder);
    this.lines = count;
    this.mustRewrite = false;
    this.isOrphan = false;
    this.handle = await open(this.path, APPEND);
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  private async load(): Promise<void> {
    try {
      const { find, lines, mustRewrite } = await load(this.path, this.owner);
      this.find = find;
      this.lines = lines;
      this.mustRewrite ||= mustRewrite;
      this.isLoaded = true;
    } catch (error) {
      // What comes before a later attempt is only in memory.
      this.mustRewrite = true;
      throw error;
    }
  }

  private async keepFind(): Promise<void> {
    const { find } = this;
    if (find === undefined) return;
    const aside = await keepAside(this.path, find, this.now());
    this.find = undefined;
    this.onKept(find, aside);
  }

  private async writePrepared(lines: readonly string[]): Promise<void> {
    if (this.handle === undefined) throw new Error('the file is not open');
    try {
      await this.append(this.handle, lines);
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  private async append(handle: FileHandle, lines: readonly string[]): Promise<void> {
    await handle.appendFile(lines.join(''));
    await handle.datasync();
    this.isOrphan = await this.isGone(handle);
    if (this.isOrphan) throw new Error('the file was deleted');
    this.lines += lines.length;
  }

  /** Somebody deleted or replaced the file: what goes there now is found by nobody. */
  private async isGone(handle: FileHandle): Promise<boolean> {
    const { nlink, ino } = await handle.stat();
    // Some file systems count no links.
    return nlink === 0 && (await statIfPresent(this.path))?.ino !== ino;
  }

  /** The file may end in half a line, and a failed flush may have lost what was written before it. */
  private async abandon(): Promise<void> {
    this.mustRewrite = true;
    await this.close().catch(() => undefined);
  }
}
