import type * as FileSystem from 'node:fs/promises';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Machine } from '../../../../lib/coordination/journal/holder';
import { openJournal, type Journal } from '../../../../lib/coordination/journal/journal';
import { entryLine, headerLine } from '../../../../lib/coordination/journal/line';
import type { SetTimer } from '../../../../lib/retry/time';
import { FakeTime } from '../fake-time';
import { hurried, mortals, putStoreFile, storeFile, strangers } from './store-files';
import { Values } from './values';

type FileHandle = FileSystem.FileHandle;

/** Stands between the journal and the disk. */
const disk = vi.hoisted(() => ({
  /** Called before each operation on a file. */
  before: (_operation: string): Promise<void> => Promise.resolve(),
  open: new Set<FileHandle>(),
}));

vi.mock('node:fs/promises', async importOriginal => {
  const real = await importOriginal<typeof FileSystem>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      await disk.before(`open ${nameOf(args[0])}`);
      const file = await real.open(...args);
      disk.open.add(file);
      return watched(file, nameOf(args[0]));
    },
    rename: async (...args: Parameters<typeof real.rename>) => {
      await disk.before(`rename ${nameOf(args[0])}`);
      await real.rename(...args);
    },
  };

  function watched(file: FileHandle, name: string): FileHandle {
    const append = file.appendFile.bind(file);
    file.appendFile = async data => {
      await disk.before(`append ${name}`);
      const text = String(data);
      // In two halves: it may be stopped between them.
      await append(text.slice(0, text.length / 2));
      await disk.before(`append more ${name}`);
      await append(text.slice(text.length / 2));
    };
    for (const method of ['sync', 'datasync', 'stat'] as const) {
      const act = file[method].bind(file) as () => Promise<never>;
      file[method] = async () => {
        await disk.before(`${method} ${name}`);
        return act();
      };
    }
    const close = file.close.bind(file);
    // Also lets go of the file when it fails.
    file.close = () =>
      disk.before(`close ${name}`).finally(() => {
        disk.open.delete(file);
        return close();
      });
    return file;
  }

  function nameOf(path: unknown): string {
    const [, name, kind] = /(values\.jsonl)(?:\.\d+)?(\.\w+)?$/.exec(String(path)) ?? [];
    return name === undefined ? 'folder' : name + (kind ?? '');
  }
});

let folder: string;
let path: string;
let time: FakeTime;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-faults-'));
  path = join(folder, 'values.jsonl');
  time = new FakeTime();
});
afterEach(async () => {
  disk.before = () => Promise.resolve();
  for (const file of disk.open) await file.close();
  await rm(folder, { recursive: true });
});

const OLD = { kept: 'from before' };

const ENTRIES = [
  { name: 'kept', value: OLD.kept },
  ...Array.from({ length: 10_000 }, (_, i) => ({ name: 'fleeting', value: i })),
];
const CONTENT = headerLine(new Values()) + ENTRIES.map(entryLine).join('');

/** A file that is written anew after a few more entries. */
function almostFull(): void {
  putStoreFile(path, CONTENT);
}

/** A process that has ended must not look after its file any more: by default none does. */
async function open(
  owner = new Values(),
  setTimer: SetTimer = () => () => undefined,
  machine = mortals(),
): Promise<Journal> {
  const onTrouble = (): undefined => undefined;
  return openJournal({ path, owner, time, onTrouble, setTimer, machine });
}

async function reopened(): Promise<Record<string, unknown>> {
  const owner = new Values();
  await (await open(owner, hurried(time))).close();
  return Object.fromEntries(owner.values);
}

/** Appends while the file is written anew; `told` gets what was acknowledged. */
async function work(
  told: Record<string, unknown>,
  setTimer?: SetTimer,
  machine?: Machine,
): Promise<void> {
  const owner = new Values();
  const journal = await open(owner, setTimer, machine);
  const set = async (name: string): Promise<void> => {
    owner.values.set(name, name);
    await journal.append({ name, value: name }).then(
      () => (told[name] = name),
      () => undefined,
    );
  };
  const names = (prefix: string): string[] => Array.from({ length: 5 }, (_, i) => `${prefix}${i}`);
  for (const prefix of ['a', 'b']) {
    const now = names(prefix).map(set);
    // While those are being written.
    const during = Promise.resolve().then(() => Promise.all(names(`${prefix}-late-`).map(set)));
    for (let i = 0; i < 20; i++) journal.append({ name: 'fleeting' }).catch(() => undefined);
    await Promise.all([...now, during]);
    time.pass(60_000);
  }
  await journal.close();
}

/** What the disk does without a fault. */
async function operations(): Promise<string[]> {
  const done: string[] = [];
  disk.before = operation => {
    done.push(operation);
    return Promise.resolve();
  };
  almostFull();
  await work({});
  disk.before = () => Promise.resolve();
  expect(done).toContain('rename values.jsonl.new');
  return done;
}

describe('while the file is written anew and entries come', () => {
  it('the process may end at any operation: what was acknowledged is there', async () => {
    const all = await operations();
    for (let last = 0; last < all.length; last++) {
      almostFull();
      let count = 0;
      const told: Record<string, unknown> = {};
      await new Promise<void>(stopped => {
        disk.before = () => {
          if (count++ < last) return Promise.resolve();
          stopped();
          return new Promise(() => undefined);
        };
        // How many entries go together differs from run to run, and with that how many operations there are.
        void work(told).then(stopped);
      });
      disk.before = () => Promise.resolve();
      expect(await reopened(), `${last}: ${String(all[last])}`).toMatchObject({ ...OLD, ...told });
    }
  });

  it('any operation may fail: what was acknowledged is there at once, the rest when it closes', async () => {
    const all = await operations();
    for (let failing = 0; failing < all.length; failing++) {
      almostFull();
      let count = 0;
      disk.before = operation =>
        count++ === failing ? Promise.reject(new Error(`EIO: ${operation}`)) : Promise.resolve();
      const told: Record<string, unknown> = {};
      await work(told);
      disk.before = () => Promise.resolve();
      const where = `${failing}: ${String(all[failing])}`;
      expect(disk.open.size, where).toBe(0);
      const copy = await readFile(storeFile(path));
      expect(await reopened(), where).toMatchObject({ ...OLD, ...told });
      for (const name of ['a0', 'a-late-4', 'b-late-4']) {
        expect(copy.includes(`"${name}"`), where).toBe(true);
      }
    }
  });

  it('closing waits for what is under way', async () => {
    almostFull();
    const owner = new Values();
    const journal = await open(owner);
    owner.values.set('a', 1);
    const first = journal.append({ name: 'a', value: 1 });
    for (let i = 0; i < 20; i++) void journal.append({ name: 'fleeting', value: i });
    await first;
    owner.values.set('b', 2);
    const second = journal.append({ name: 'b', value: 2 });
    await journal.close();
    await second;
    expect(disk.open.size).toBe(0);
    expect(await reopened()).toMatchObject({ ...OLD, a: 1, b: 2 });
  });
});

describe('a process that is stopped while it works, replaced, and goes on', () => {
  /** Lets the other one do all that it may until the next operation is not this process's any more. */
  async function replacedAt(pause: number, where: string): Promise<boolean> {
    almostFull();
    const others = strangers();
    // It sees the other one run, once it goes on.
    const machine = { ...others, isRunning: () => Promise.resolve(true) };
    const told: Record<string, unknown> = {};
    let count = 0;
    let goOn = (): void => undefined;
    let work1: Promise<void> = Promise.resolve();
    const isStopped = await new Promise<boolean>(resolve => {
      disk.before = () => {
        if (count++ !== pause) return Promise.resolve();
        resolve(true);
        return new Promise(resume => (goOn = resume));
      };
      work1 = work(told, hurried(time), machine).then(() => {
        resolve(false);
      });
    });
    const next = new Values();
    const journal = await open(next, hurried(time), others);
    const read = Object.fromEntries(next.values);
    expect(read, where).toMatchObject({ ...OLD, ...told });
    const set = async (name: string): Promise<void> => {
      next.values.set(name, name);
      await journal.append({ name, value: name });
    };
    await set('next');
    const mine = storeFile(path);
    const { ino } = await stat(mine);
    const content = await readFile(mine);
    goOn();
    await work1;
    // Nobody wrote there but its holder, and what was acknowledged late had been read by that one.
    if (isStopped) {
      // By itself: `toEqual` goes through it byte by byte.
      expect((await readFile(mine)).equals(content), where).toBe(true);
      expect((await stat(mine)).ino, where).toBe(ino);
      expect(read, where).toMatchObject(told);
    }
    await set('last');
    expect(storeFile(path), where).toBe(mine);
    await journal.close();
    disk.before = () => Promise.resolve();
    expect(await reopened(), where).toMatchObject({ ...OLD, ...told, next: 'next', last: 'last' });
    return isStopped;
  }

  it('wherever that is: it changes nothing of the new holder, and acknowledges only what that one has read', async () => {
    const all = await operations();
    let stopped = 0;
    for (let pause = 0; pause < all.length; pause++) {
      if (await replacedAt(pause, `${pause}: ${String(all[pause])}`)) stopped++;
    }
    expect(stopped).toBeGreaterThan(20);
  });
});

describe('after a power failure', () => {
  it('nothing is acknowledged in a new file before the folder is known to hold it', async () => {
    almostFull();
    const journal = await open();
    const done: string[] = [];
    disk.before = operation => {
      done.push(operation);
      return operation === 'sync folder' && !done.slice(0, -1).includes(operation)
        ? Promise.reject(new Error('EIO'))
        : Promise.resolve();
    };
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => journal.append({ name: 'fleeting', value: i })),
    );
    time.pass(60_000);
    await journal.append({ name: 'fleeting', value: 0 });
    await journal.close();
    const folders = done.filter(operation => operation === 'sync folder');
    expect(folders.length).toBeGreaterThan(1);
    // Between the flush that failed and the next one that did not, nothing was acknowledged.
    const failed = done.indexOf('sync folder');
    const synced = done.indexOf('sync folder', failed + 1);
    expect(done.slice(failed, synced)).not.toContain('datasync values.jsonl');
  });

  it('a new file is on disk before it takes the place of the old one', async () => {
    const all = await operations();
    const renamed = all.indexOf('rename values.jsonl.new');
    const flushed = all.indexOf('sync values.jsonl.new');
    expect(flushed).toBeGreaterThan(all.lastIndexOf('append more values.jsonl.new', renamed));
    expect(flushed).toBeLessThan(renamed);
    expect(all.indexOf('sync folder', renamed)).toBeGreaterThan(renamed);
  });

  it('what an earlier run left unflushed is flushed before it counts', async () => {
    almostFull();
    const done: string[] = [];
    disk.before = operation => {
      done.push(operation);
      return Promise.resolve();
    };
    const journal = await open();
    expect(done).toContain('datasync values.jsonl');
    await journal.close();
  });
});

it('a file that was moved away is written anew where it belongs', async () => {
  const owner = new Values();
  const journal = await open(owner);
  owner.values.set('a', 1);
  await journal.append({ name: 'a', value: 1 });
  await rename(storeFile(path), `${path}.moved`);
  owner.values.set('b', 2);
  await journal.append({ name: 'b', value: 2 });
  expect(await readFile(storeFile(path), 'utf8')).toContain('"b"');
  await journal.close();
  expect(await reopened()).toEqual({ a: 1, b: 2 });
});
