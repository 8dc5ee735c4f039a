import { mkdtemp, open as openFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openJournal, type Journal } from '../../../../lib/coordination/journal/journal';
import { entryLine, headerLine } from '../../../../lib/coordination/journal/line';
import type { StoreTrouble } from '../../../../lib/coordination/store-trouble';
import { FakeTime } from '../fake-time';
import { keptBeside, mortals, storeFile } from './store-files';
import { Values } from './values';

let root: string;
let folder: string;
let path: string;
let time: FakeTime;
let told: (string | undefined)[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'journal-'));
  folder = join(root, 'deep', 'folder');
  path = join(folder, 'values.jsonl');
  time = new FakeTime();
  told = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true });
});

/** A journal and its owner, which changes its state before it appends. */
interface Store {
  readonly journal: Journal;
  readonly values: Values['values'];
  readonly set: (name: string, value: unknown) => Promise<void>;
}

async function open(clock: Pick<FakeTime, 'now' | 'monotonic'> = time): Promise<Store> {
  const owner = new Values();
  const onTrouble = (trouble: StoreTrouble | undefined): void => void told.push(trouble?.kind);
  const { setTimer } = time;
  const machine = mortals();
  const journal = await openJournal({ path, owner, time: clock, onTrouble, setTimer, machine });
  const set = (name: string, value: unknown): Promise<void> => {
    owner.values.set(name, value);
    return journal.append({ name, value });
  };
  return { journal, values: owner.values, set };
}

async function reopened(): Promise<Record<string, unknown>> {
  const { journal, values } = await open();
  await journal.close();
  return Object.fromEntries(values);
}

async function lines(): Promise<string[]> {
  return (await readFile(storeFile(path), 'utf8')).split(/(?<=\n)/);
}

/** What every file handle inherits from. */
async function fileHandle(): Promise<Awaited<ReturnType<typeof openFile>>> {
  const file = await openFile(root, 'r');
  await file.close();
  return Object.getPrototypeOf(file);
}

describe('a journal', () => {
  it('starts with a header, in a file that only its owner may read', async () => {
    const { journal, set } = await open();
    expect(await lines()).toEqual([headerLine({ kind: 'values', version: 1 })]);
    await set('a', 1);
    expect(await lines()).toEqual([expect.any(String), entryLine({ name: 'a', value: 1 })]);
    expect((await stat(storeFile(path))).mode & 0o777).toBe(0o600);
    await journal.close();
    expect(keptBeside(path)).toEqual([]);
    expect(told).toEqual([]);
  });

  it('has checksums that others can verify', () => {
    expect(entryLine({ name: 'a' })).toBe('8d762b96 {"name":"a"}\n');
  });

  it('goes on where it ended', async () => {
    const first = await open();
    await first.set('a', 1);
    await first.set('b', 2);
    await first.journal.append({ name: 'a' });
    await first.journal.close();
    const second = await open();
    expect([...second.values]).toEqual([['b', 2]]);
    await second.set('c', 'Ä'.repeat(3_000_000));
    await second.journal.close();
    expect(await reopened()).toEqual({ b: 2, c: 'Ä'.repeat(3_000_000) });
    expect(told).toEqual([]);
  });

  it('writes what comes during one write together in the next', async () => {
    const { journal, set } = await open();
    const flushed = vi.spyOn(await fileHandle(), 'datasync');
    const early = [set('a', 1), set('b', 2)];
    flushed.mockImplementationOnce(() => {
      late = ['c', 'd', 'e'].map(name => set(name, name));
      return Promise.resolve();
    });
    let late: Promise<void>[] = [];
    await Promise.all(early);
    await Promise.all(late);
    expect(flushed).toHaveBeenCalledTimes(2);
    await journal.close();
    expect(Object.keys(await reopened())).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('writes what is under way before it closes, and takes nothing after that', async () => {
    const { journal, set } = await open();
    const last = set('a', 1);
    await journal.close();
    await last;
    await expect(set('b', 2)).rejects.toThrow('closed');
    expect(await reopened()).toEqual({ a: 1 });
  });
});

describe('old entries', () => {
  it('go when they outweigh those that are wanted; what comes meanwhile goes to the new file', async () => {
    const { journal, set } = await open();
    const all = Array.from({ length: 25_000 }, (_, i) => set(`key ${i % 10}`, i));
    const { ino } = await stat(storeFile(path));
    await Promise.all(all);
    // The next write can only begin when the file has been written anew.
    await Promise.all([set('a', 1), set('b', 2)]);
    expect((await stat(storeFile(path))).ino).not.toBe(ino);
    expect((await lines()).length).toBeLessThan(20);
    await journal.close();
    expect(await reopened()).toMatchObject({ 'key 0': 24_990, 'key 9': 24_999, a: 1, b: 2 });
  });

  it('go when the file is opened', async () => {
    const old = Array.from({ length: 10_003 }, (_, i) => entryLine({ name: 'a', value: i }));
    const first = await open();
    await first.journal.close();
    await writeFile(storeFile(path), old.join(''), { flag: 'a' });
    expect(await reopened()).toEqual({ a: 10_002 });
    expect(await lines()).toHaveLength(2);
  });

  it('stay when the file cannot be written anew, which is said once; it goes on', async () => {
    const { journal, set } = await open();
    const old = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 10_010 }, (_, i) => set('a', i)));
    const sync = vi.spyOn(await fileHandle(), 'sync').mockRejectedValue(new Error('ENOSPC: full'));
    await old();
    await set('b', 1);
    time.pass(1000);
    await set('b', 2);
    // The next write waits for the attempt.
    await set('b', 2);
    expect(sync).toHaveBeenCalledTimes(2);
    expect(journal.failure?.message).toContain('keeps growing');
    sync.mockRestore();
    time.pass(1000);
    await set('b', 3);
    await journal.close();
    expect(told).toEqual(['unwritable', undefined]);
    expect((await lines()).length).toBeLessThan(10);
    expect(await reopened()).toEqual({ a: 10_009, b: 3 });
  });
});

describe('a write that fails', () => {
  /** Writes half of what it is given, as on a full disk. */
  async function failingWrites(times: number): Promise<void> {
    const prototype = await fileHandle();
    const spy = vi.spyOn(prototype, 'appendFile');
    for (let i = 0; i < times; i++) {
      spy.mockImplementationOnce(async function (this: typeof prototype, data) {
        await this.writeFile(String(data).slice(0, String(data).length / 2));
        throw new Error('ENOSPC: no space left on device, write');
      });
    }
  }

  it('is made good by writing the file anew', async () => {
    const { journal, set } = await open();
    await set('a', 1);
    await failingWrites(1);
    await set('b', 2);
    await journal.close();
    expect(told).toEqual([]);
    expect(keptBeside(path)).toEqual([]);
    expect(await reopened()).toEqual({ a: 1, b: 2 });
    expect(told).toEqual([]);
  });

  it('is told to who appended and once to all, and heals with a later entry', async () => {
    const { journal, set } = await open();
    await set('a', 1);
    await failingWrites(4);
    await expect(set('b', 2)).rejects.toThrow('ENOSPC');
    await expect(set('c', 3)).rejects.toThrow('ENOSPC');
    expect(journal.failure?.message).toMatch(/ENOSPC.*memory only/);
    time.pass(1000);
    await expect(set('d', 4)).rejects.toThrow('ENOSPC');
    expect(told).toEqual(['unwritable']);
    time.pass(1000);
    await expect(set('e', 5)).rejects.toThrow('ENOSPC');
    time.pass(1000);
    await set('f', 6);
    expect(told).toEqual(['unwritable', undefined]);
    expect(journal.failure).toBeUndefined();
    await journal.close();
    // Also what had been in memory only.
    expect(await reopened()).toEqual({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 });
  });

  it('loses nothing that was written before, when the process ends in the middle of it', async () => {
    const { set } = await open();
    await set('a', 1);
    await failingWrites(2);
    await expect(set('b', 2)).rejects.toThrow('ENOSPC');
    expect(await reopened()).toEqual({ a: 1 });
    expect(told).toEqual(['unwritable', 'truncated']);
  });

  it('is tried for the last time when it closes', async () => {
    const { journal, set } = await open();
    await failingWrites(2);
    await expect(set('a', 1)).rejects.toThrow('ENOSPC');
    await journal.close();
    expect(await reopened()).toEqual({ a: 1 });
  });
});

describe('when somebody else meddles', () => {
  it('a file that was deleted is written anew, with all that was in it', async () => {
    const { journal, set } = await open();
    await set('a', 1);
    await rm(root, { recursive: true });
    await set('b', 2);
    await journal.close();
    expect(told).toEqual([]);
    expect(await reopened()).toEqual({ a: 1, b: 2 });
  });

  it('a file put in its place is not overwritten', async () => {
    const { journal, set } = await open();
    await set('a', 1);
    await writeFile(`${path}.other`, 'precious');
    await rename(`${path}.other`, storeFile(path));
    await expect(set('b', 2)).rejects.toThrow('another program');
    time.pass(1000);
    await expect(set('c', 3)).rejects.toThrow('another program');
    await journal.close();
    expect(told).toEqual(['unwritable']);
    expect(await readFile(storeFile(path), 'utf8')).toBe('precious');
  });

  it('a folder that could not be used at first is used later, with what the file holds', async () => {
    const first = await open();
    await first.set('a', 1);
    await first.set('b', 1);
    await first.journal.close();
    await rename(join(root, 'deep'), join(root, 'away'));
    await writeFile(join(root, 'deep'), 'text');
    const { journal, values, set } = await open();
    await expect(set('c', 3)).rejects.toThrow('ENOTDIR');
    await rm(join(root, 'deep'));
    await rename(join(root, 'away'), join(root, 'deep'));
    time.pass(1000);
    await set('d', 4);
    expect(Object.fromEntries(values)).toEqual({ a: 1, b: 1, c: 3, d: 4 });
    await journal.close();
    expect(told).toEqual(['unwritable', undefined]);
    expect(await reopened()).toEqual({ a: 1, b: 1, c: 3, d: 4 });
  });
});

it('a look in the middle of which the process stood still is made once more', async () => {
  let at = 0;
  let standsStillFor = 0;
  const monotonic = (): number => {
    const read = at;
    at += standsStillFor;
    standsStillFor = 0;
    return read;
  };
  const { journal } = await open({ now: time.now, monotonic });
  at += 10_000;
  expect(journal.isSure).toBe(false);
  standsStillFor = 10_000;
  await journal.look();
  expect(journal.isSure).toBe(true);
  await journal.close();
});
