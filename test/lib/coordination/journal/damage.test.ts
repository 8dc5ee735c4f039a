import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../../../lib/coordination/journal/journal';
import { entryLine, headerLine } from '../../../../lib/coordination/journal/line';
import type { StoreTrouble } from '../../../../lib/coordination/store-trouble';
import { FakeTime } from '../fake-time';
import { keptBeside, mortals, putStoreFile, storeFile } from './store-files';
import { Values } from './values';

let folder: string;
let path: string;
let told: (StoreTrouble | undefined)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  path = join(folder, 'values.jsonl');
  told = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function open(owner = new Values()): Promise<{ journal: Journal; values: Values['values'] }> {
  const onTrouble = (trouble: StoreTrouble | undefined): void => void told.push(trouble);
  const time = new FakeTime();
  const { setTimer } = time;
  const machine = mortals();
  const journal = await openJournal({ path, owner, time, onTrouble, setTimer, machine });
  return { journal, values: owner.values };
}

/** What the file holds for the next one who opens it. */
async function reopened(): Promise<Record<string, unknown>> {
  const { journal, values } = await open();
  await journal.close();
  return Object.fromEntries(values);
}

function keptAside(): string[] {
  return keptBeside(path);
}

const HEADER = headerLine(new Values());
const ENTRIES = [
  { name: 'a', value: 1 },
  { name: 'b', value: 'Ä\n"' },
  { name: 'c', value: [3, null] },
];
const CONTENT = Buffer.from(HEADER + ENTRIES.map(entryLine).join(''));

describe('a truncated file', () => {
  it('loses nothing that lies before the cut, wherever that is, and what was cut off is kept', async () => {
    // An empty one is another case.
    for (let cut = 1; cut <= CONTENT.length; cut++) {
      putStoreFile(path, CONTENT.subarray(0, cut));
      told = [];
      const { journal, values } = await open();
      const complete = ENTRIES.filter((_, index) => endOf(index) <= cut);
      expect([...values], `cut at ${cut}`).toEqual(
        complete.map(({ name, value }) => [name, value]),
      );
      expect(await cutOff(), `cut at ${cut}`).toEqual(tailOf(cut));
      await journal.append({ name: 'd', value: 4 });
      await journal.close();
      expect(await reopened(), `cut at ${cut}`).toEqual({ ...Object.fromEntries(values), d: 4 });
    }
  });

  /** Where an entry ends; its line feed is still to come. */
  function endOf(index: number): number {
    const before =
      HEADER +
      ENTRIES.slice(0, index + 1)
        .map(entryLine)
        .join('');
    return Buffer.byteLength(before) - 1;
  }

  /** The bytes after the last complete line; none when they are an entry but for its line feed. */
  function tailOf(cut: number): string | undefined {
    const start = CONTENT.subarray(0, cut).lastIndexOf('\n') + 1;
    const isEntry = ENTRIES.some((_, index) => endOf(index) === cut);
    return cut === start || isEntry ? undefined : CONTENT.toString('latin1', start, cut);
  }

  async function cutOff(): Promise<string | undefined> {
    const [aside, ...more] = keptAside();
    expect(more).toEqual([]);
    expect(told.map(trouble => trouble?.kind)).toEqual(aside === undefined ? [] : ['truncated']);
    if (aside === undefined) return undefined;
    expect(told[0]?.message).toContain(aside);
    const content = await readFile(aside, 'latin1');
    await rm(aside);
    return content;
  }

  it('may end in what a power failure leaves', async () => {
    const tail = `${'\0'.repeat(40)}\n\0\0`;
    putStoreFile(path, CONTENT.toString() + tail);
    expect(await reopened()).toEqual({ a: 1, b: 'Ä\n"', c: [3, null] });
    expect(told).toMatchObject([{ kind: 'truncated' }]);
    const [aside = ''] = keptAside();
    expect(await readFile(aside, 'latin1')).toBe(tail);
  });
});

describe('a damaged file', () => {
  it('keeps every entry that can be read, and the whole file aside', async () => {
    const damaged = CONTENT.toString('latin1').replace('"b"', '"x"');
    putStoreFile(path, damaged, 'latin1');
    const { journal, values } = await open();
    expect([...values.keys()]).toEqual(['a', 'c']);
    expect(journal.found).toMatchObject({ kind: 'damaged' });
    expect(told).toEqual([journal.found]);
    const [aside = ''] = keptAside();
    expect(journal.found?.message).toContain(aside);
    expect(await readFile(aside, 'latin1')).toBe(damaged);
    expect((await stat(aside)).mode & 0o777).toBe(0o600);
    await journal.close();
    told = [];
    expect(await reopened()).toEqual({ a: 1, c: [3, null] });
    expect(told).toEqual([]);
  });

  it('counts entries that the owner does not know as damage', async () => {
    putStoreFile(path, HEADER + entryLine({ who: 'knows' }) + entryLine(ENTRIES[0]));
    expect(await reopened()).toEqual({ a: 1 });
    expect(told).toMatchObject([{ kind: 'damaged' }]);
  });
});

describe('a file that is not ours', () => {
  const FOREIGN: Record<string, [content: string | Buffer, why: string]> = {
    'the flows of Node-RED': ['[\n  {"id": "a", "type": "tab"}\n]\n', 'does not begin'],
    'JSON without a line feed': ['{"format":"record-updates"}', 'does not begin'],
    'binary data': [Buffer.alloc(100_000, '\0\n\xff\x80'), 'does not begin'],
    'the store of something else': [headerLine({ kind: 'queue', version: 1 }), '"queue"'],
    'a later version': [headerLine({ kind: 'values', version: 2 }), 'later version'],
  };

  it.each(Object.entries(FOREIGN))('%s is kept under another name', async (_, [content, why]) => {
    putStoreFile(path, content);
    const { journal } = await open();
    expect(journal.found).toMatchObject({ kind: 'foreign' });
    expect(journal.found?.message).toContain(why);
    const [aside = '', ...more] = keptAside();
    expect(more).toEqual([]);
    expect(journal.found?.message).toContain(aside);
    expect(await readFile(aside)).toEqual(Buffer.from(content));
    await journal.append({ name: 'a', value: 1 });
    await journal.close();
    expect(await reopened()).toEqual({ a: 1 });
  });

  it('is never overwritten, however often that happens', async () => {
    for (const content of ['one', 'two', 'three']) {
      putStoreFile(path, content);
      await reopened();
    }
    const kept = await Promise.all(keptAside().map(name => readFile(name, 'utf8')));
    expect(kept.sort()).toEqual(['one', 'three', 'two']);
  });
});

describe('without a file that can be used', () => {
  async function expectMemoryOnly(why: string): Promise<void> {
    const { journal } = await open();
    expect(journal.failure).toMatchObject({ kind: 'unwritable' });
    expect(journal.failure?.message).toContain(why);
    expect(told).toEqual([journal.failure]);
    await expect(journal.append({ name: 'a', value: 1 })).rejects.toThrow(why);
    expect(told).toHaveLength(1);
    await journal.close();
  }

  it('says that its path is a folder, which it leaves alone', async () => {
    await mkdir(path);
    await writeFile(join(path, 'important'), 'text');
    await expectMemoryOnly('it is a folder');
    expect(await readdir(path)).toEqual(['important']);
  });

  it('says that its folder is a file', async () => {
    path = join(folder, 'file', 'values.jsonl');
    await writeFile(join(folder, 'file'), 'text');
    await expectMemoryOnly('ENOTDIR');
  });

  it.runIf(process.platform === 'linux')('does not read a device', async () => {
    await symlink('/dev/full', path);
    await expectMemoryOnly('it is no file');
  });
});

describe('case U44: a file that another program changes while it is open', () => {
  const appended = entryLine({ name: 'x', value: 'of somebody else' });
  it.each<[string, () => Promise<void>]>([
    ['is cut off', () => truncate(storeFile(path), HEADER.length + 3)],
    ['is emptied', () => truncate(storeFile(path), 0)],
    ['is written over', () => writeFile(storeFile(path), 'something else')],
    ['is added to, as by a second Node-RED', () => appendFile(storeFile(path), appended)],
  ])(
    '%s: noticed by the next write, written anew from memory, kept aside',
    async (_how, change) => {
      putStoreFile(path, CONTENT);
      const owner = new Values();
      const { journal } = await open(owner);
      await change();
      const changed = await readFile(storeFile(path), 'utf8');
      for (const name of ['d', 'e']) {
        owner.values.set(name, 4);
        await journal.append({ name, value: 4 });
      }
      await journal.close();
      expect(told.map(trouble => trouble?.said.text)).toEqual(['altered']);
      expect(journal.failure).toBeUndefined();
      const [aside = '', ...more] = keptAside();
      expect(more).toEqual([]);
      expect(told[0]?.message).toContain(aside);
      const line = entryLine({ name: 'd', value: 4 });
      expect(await readFile(aside, 'utf8')).toContain(changed + line);
      expect(await reopened()).toEqual({ a: 1, b: 'Ä\n"', c: [3, null], d: 4, e: 4 });
    },
  );

  it('again and again: told and kept once, and nothing is lost', async () => {
    const owner = new Values();
    const { journal } = await open(owner);
    for (let count = 0; count < 5; count++) {
      owner.values.set(`n${count}`, count);
      await journal.append({ name: `n${count}`, value: count });
      await truncate(storeFile(path), 0);
    }
    owner.values.set('last', 1);
    await journal.append({ name: 'last', value: 1 });
    await journal.close();
    expect(told.map(trouble => trouble?.said.text)).toEqual(['altered']);
    expect(keptAside()).toHaveLength(1);
    expect(await reopened()).toEqual({ n0: 0, n1: 1, n2: 2, n3: 3, n4: 4, last: 1 });
  });
});

it('case U44: an empty file that should have a header is told', async () => {
  putStoreFile(path, '');
  const { journal } = await open();
  expect(told.map(trouble => trouble?.said)).toEqual([
    { text: 'empty', values: { path: `${path}.1` } },
  ]);
  expect(await readFile(storeFile(path), 'utf8')).toBe(HEADER);
  await journal.append({ name: 'd', value: 4 });
  await journal.close();
  expect(keptAside()).toEqual([]);
  expect(await reopened()).toEqual({ d: 4 });
});
