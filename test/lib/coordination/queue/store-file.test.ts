import { randomUUID } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { headerLine } from '../../../../lib/coordination/journal/line';
import {
  createInProcessQueueStore,
  type InProcessQueueStore,
  type InProcessQueueStoreOptions,
} from '../../../../lib/coordination/queue/in-process-store';
import type { NumberedEntry } from '../../../../lib/coordination/queue/queue-entries';
import { QueueMemory } from '../../../../lib/coordination/queue/queue-memory';
import type {
  ChangeResult,
  SlotChange,
  TakenItem,
} from '../../../../lib/coordination/queue/queue-store';
import { SteadyClock } from '../../../../lib/coordination/steady-clock';
import type { StoreTrouble } from '../../../../lib/coordination/store-trouble';
import { FakeTime } from '../fake-time';
import { hurried, keptBeside, mortals, putStoreFile, storeFile } from '../journal/store-files';

const MINUTE = 60_000;

let folder: string;
let path: string;
let time: FakeTime;
let told: (string | undefined)[];
let store: InProcessQueueStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'queue-file-'));
  path = join(folder, 'queue.jsonl');
  time = new FakeTime();
  told = [];
  store = await open();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function open(
  options: Partial<InProcessQueueStoreOptions> = {},
): Promise<InProcessQueueStore> {
  const onTrouble = (trouble: StoreTrouble | undefined): void => void told.push(trouble?.kind);
  const { setTimer } = time;
  return createInProcessQueueStore({ time, setTimer, journal: path, onTrouble, ...options });
}

async function reopened(): Promise<void> {
  await store.close();
  store = await open();
}

function changeOf(record: string, rest: Partial<SlotChange> = {}): SlotChange {
  return {
    record,
    id: randomUUID(),
    revision: undefined,
    at: undefined,
    remove: 0,
    add: [],
    memory: undefined,
    memoryMs: MINUTE,
    limit: undefined,
    ends: undefined,
    count: {},
    ...rest,
  };
}

function add(record: string, text: string, rest: Partial<SlotChange> = {}): Promise<ChangeResult> {
  const acceptedAt = time.now();
  const items = [{ text, dueAt: 0, acceptedAt, deliveries: 0, note: undefined }];
  return store.change(changeOf(record, { add: items, ...rest }));
}

async function take(leaseMs = MINUTE): Promise<readonly TakenItem[]> {
  const tokens = Array.from({ length: 10 }, () => randomUUID());
  return (await store.take({ tokens, parallel: 100, leaseMs, batch: undefined })).taken;
}

describe('after a restart', () => {
  it('all that waits is there as it was, in its order, with memory and counters', async () => {
    await add('a', '1', { count: { accepted: 1 }, memory: 'm' });
    await add('a', '2', { count: { accepted: 1, settled: 3, conflicts: 1 } });
    await add('b', '3');
    const { revision } = await store.look('a');
    const middle = { text: '1b', dueAt: 5, acceptedAt: 7, deliveries: 2, note: 'n' };
    await store.change(changeOf('a', { revision, at: 1, add: [middle] }));
    const before = await Promise.all(['a', 'b'].map(record => store.look(record)));
    const state = await store.state();
    await reopened();
    // Where it is written anew besides.
    await reopened();
    const after = await Promise.all(['a', 'b'].map(record => store.look(record)));
    const apart = { revision: expect.any(Number) };
    expect(after).toEqual(before.map(slot => ({ ...slot, ...apart })));
    expect(await store.state()).toEqual(state);
    expect((await take()).map(({ text }) => text).sort()).toEqual(['1', '3']);
  });

  it('a pause and a hold go on, the hold by the time that has passed', async () => {
    await store.setPaused(true);
    expect(await store.setHold('', 'held', time.now() + MINUTE)).toBe(true);
    const { heldUntil } = await store.state();
    time.pass(1000);
    await reopened();
    expect(await store.state()).toMatchObject({ isPaused: true, hold: 'held', heldUntil });
    await store.setPaused(false);
    await add('a', '1');
    expect(await take()).toEqual([]);
    time.pass(MINUTE);
    expect(await take()).toHaveLength(1);
  });

  it('a run goes on until its lease is over, and can be settled; fences grow on', async () => {
    await add('a', '1');
    await add('b', '2');
    const [first, second] = await take();
    await store.note('b', second?.token ?? '', 'noted', 2 * MINUTE);
    await reopened();
    expect((await store.state()).inFlight).toBe(2);
    expect(await take()).toEqual([]);
    const ended = await store.change(changeOf('a', { ends: first?.token ?? '' }));
    expect(ended.kind).toBe('changed');
    time.pass(MINUTE);
    await reopened();
    expect(await take()).toEqual([]);
    time.pass(MINUTE);
    const [again] = await take();
    expect(again).toMatchObject({ record: 'b', text: '2', deliveries: 2, note: 'noted' });
    expect(again?.fence).toBeGreaterThan(second?.fence ?? Infinity);
    const late = await store.change(changeOf('b', { ends: second?.token ?? '' }));
    expect(late.kind).toBe('stale');
  });

  it('with the clock set back a lease, a hold and a memory last no longer than they would have', async () => {
    await add('a', '1', { memory: 'm' });
    await store.setHold('', 'held', time.now() + MINUTE);
    await store.flush();
    const [taken] = await take();
    await store.setHold('held', 'again', time.now() + MINUTE);
    await store.close();
    time.setWall(time.now() - 1000 * MINUTE);
    store = await open();
    expect((await store.state()).heldUntil).toBeLessThanOrEqual(time.now() + MINUTE);
    time.pass(MINUTE);
    expect(await take()).toMatchObject([{ text: '1', deliveries: 2 }]);
    expect(taken).toBeDefined();
  });

  it('memory ends a while after the last item and run', async () => {
    await add('a', '1', { memory: 'm' });
    const [taken] = await take();
    await store.change(changeOf('a', { ends: taken?.token ?? '' }));
    await reopened();
    expect((await store.look('a')).memory).toBe('m');
    time.pass(MINUTE - 1);
    await reopened();
    expect((await store.look('a')).memory).toBe('m');
    time.pass(1);
    expect(await store.look('a')).toMatchObject({ revision: 0, memory: undefined });
    await reopened();
    expect(await store.look('a')).toMatchObject({ revision: 0, memory: undefined });
  });
});

describe('the file', () => {
  it('gets one line for each change', async () => {
    const lines = async (): Promise<number> =>
      (await readFile(storeFile(path), 'latin1')).split('\n').length;
    const before = await lines();
    await add('a', '1', { memory: 'm', count: { accepted: 1 } });
    expect(await lines()).toBe(before + 1);
    const [taken] = await take();
    expect(await lines()).toBe(before + 2);
    await store.change(changeOf('a', { ends: taken?.token ?? '', count: { done: 1 } }));
    expect(await lines()).toBe(before + 3);
  });

  it('is written anew when old entries outweigh what is wanted, while changes go on, and holds the same', async () => {
    const work = async (record: string): Promise<void> => {
      for (let n = 0; n < 400; n++) {
        await add(record, String(n));
        for (const { token, ...item } of await take()) {
          await store.change(changeOf(item.record, { ends: token }));
        }
      }
    };
    const kept = Array.from({ length: 50 }, (_, n) => `kept${n}`);
    const due = { dueAt: time.now() + MINUTE, acceptedAt: 1, deliveries: 0, note: undefined };
    for (const record of kept) {
      await store.change(changeOf(record, { add: [{ text: record, ...due }] }));
    }
    await Promise.all(Array.from({ length: 20 }, (_, n) => work(`r${n}`)));
    expect((await readFile(storeFile(path), 'latin1')).split('\n').length).toBeLessThan(15_000);
    // Nobody took what waited behind another one at last.
    for (let taken = await take(); taken.length > 0; taken = await take()) {
      for (const { record, token } of taken) await store.change(changeOf(record, { ends: token }));
    }
    const state = await store.state();
    expect(state).toMatchObject({ waiting: 50, inFlight: 0 });
    await reopened();
    expect(await store.state()).toEqual(state);
    time.pass(MINUTE);
    const texts: string[] = [];
    for (let round = 0; round < 5; round++) texts.push(...(await take()).map(({ text }) => text));
    expect(texts.sort()).toEqual([...kept].sort());
  });

  it('skips what the state that was written down holds already', () => {
    const memory = new QueueMemory(new SteadyClock(time));
    const entries: NumberedEntry[] = [];
    const acceptedAt = time.now();
    const items = ['1', '2'].map(text => ({
      text,
      dueAt: 0,
      acceptedAt,
      deliveries: 0,
      note: undefined,
    }));
    const count = { accepted: 1 };
    entries.push(...memory.change(changeOf('a', { add: items, count })).entries);
    const options = { tokens: ['t'], parallel: 1, leaseMs: MINUTE, batch: undefined };
    entries.push(...memory.take(options).entries);
    const snapshot = [...memory.living()];
    expect(memory.count()).toBe(snapshot.length);
    entries.push(...memory.change(changeOf('a', { ends: 't', count })).entries);
    entries.push(memory.setPaused(true));
    const other = new QueueMemory(new SteadyClock(time));
    other.onLoading();
    for (const entry of [...snapshot, ...entries, ...entries]) {
      expect(other.replay(JSON.parse(JSON.stringify(entry)))).toBe('used');
    }
    other.onLoaded();
    const apart = { revision: expect.any(Number) };
    expect(other.look('a')).toEqual({ ...memory.look('a'), ...apart });
    expect(other.state()).toEqual(memory.state());
  });

  it('of which the end is missing loses that only, and says so', async () => {
    await add('a', '1');
    await add('b', '2');
    await store.close();
    const content = await readFile(storeFile(path));
    putStoreFile(path, content.subarray(0, -5));
    store = await open();
    expect(told).toEqual(['truncated']);
    expect(store.trouble?.kind).toBe('truncated');
    expect((await take()).map(({ text }) => text)).toEqual(['1']);
  });

  it('that is damaged in the middle keeps all the rest', async () => {
    for (const text of ['1', '2', '3']) await add('a', text);
    await store.close();
    const content = await readFile(storeFile(path), 'latin1');
    putStoreFile(path, content.replace('"2"', '"x"'), 'latin1');
    store = await open();
    expect(told).toEqual(['damaged']);
    const { items } = await store.look('a');
    expect(items.map(({ text }) => text)).toEqual(['1', '3']);
    expect(keptBeside(path).join()).toContain('.damaged-');
  });

  it.each([
    ['of another kind', headerLine({ kind: 'seen-events', version: 1 })],
    ['of a later version', headerLine({ kind: 'update-queue', version: 2 })],
    ['of another program', 'precious\n'],
  ])('%s is kept aside whole', async (_what, content) => {
    await store.close();
    putStoreFile(path, content);
    store = await open();
    expect(told).toEqual(['foreign']);
    const [aside] = keptBeside(path);
    expect(await readFile(aside ?? '', 'utf8')).toBe(content);
    expect(await add('a', '1')).toMatchObject({ saved: true });
    await reopened();
    expect(await take()).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['no object', 7],
    ['nothing known', { n: 1 }],
    ['no number', { n: 'x', time: 1, record: 'a', memoryMs: 1 }],
    ['items that are none', { n: 1, time: 1, record: 'a', memoryMs: 1, add: [[1, 2]] }],
    ['counts that are none', { n: 1, time: 1, record: 'a', memoryMs: 1, count: { done: null } }],
    ['a state without items', { state: 'a', time: 1 }],
    ['a run without an item', { state: 'a', time: 1, items: [], run: { token: 't', leaseMs: 1 } }],
    ['a beginning without counters', { begin: 1, time: 1 }],
    ['takings that are none', { n: 1, time: 1, over: [], taken: [['a']], leaseMs: 1 }],
  ])('is not taken at its word: %s', (_what, entry) => {
    const memory = new QueueMemory(new SteadyClock(time));
    memory.onLoading();
    expect(memory.replay(entry)).toBe('unknown');
  });
});

describe('while nothing can be written', () => {
  it('goes on in memory and says so with each change, until it can: then all is there', async () => {
    await add('a', '1');
    const file = await openFile(storeFile(path));
    const prototype = Object.getPrototypeOf(file) as { appendFile: () => Promise<void> };
    await file.close();
    const spy = vi.spyOn(prototype, 'appendFile').mockRejectedValue(new Error('ENOSPC'));
    expect(await add('b', '2')).toMatchObject({ kind: 'changed', saved: false });
    expect(store.trouble?.kind).toBe('unwritable');
    const [first] = await take();
    expect(first?.text).toBe('1');
    spy.mockRestore();
    time.pass(10 * MINUTE);
    expect(await add('c', '3')).toMatchObject({ saved: true });
    expect(told).toEqual(['unwritable', undefined]);
    await reopened();
    expect((await store.look('b')).run ?? (await store.look('b')).items[0]).toBeDefined();
    const all = (await take()).map(({ text }) => text);
    expect(all.sort()).toEqual(['1', '2', '3']);
  });
});

describe('another process with the same file', () => {
  it('takes nothing and hands out nothing, until the first has ended: then it has all of it', async () => {
    await add('a', '1');
    const machine = { ...mortals(), isRunning: () => Promise.resolve(true) };
    const signal = AbortSignal.timeout(1000);
    const other = await open({ machine, signal, setTimer: hurried(time) });
    const refused = { code: 'STORE_IN_USE' };
    await expect(other.state()).rejects.toMatchObject(refused);
    await expect(other.look('a')).rejects.toMatchObject(refused);
    await expect(other.change(changeOf('a'))).rejects.toMatchObject(refused);
    await expect(other.setPaused(true)).rejects.toMatchObject(refused);
    await store.close();
    store = other;
    await vi.waitFor(async () => expect((await take()).map(({ text }) => text)).toEqual(['1']), {
      timeout: 240_000,
      interval: 5,
    });
  });

  it('that took the file while this one slept: what it did counts, and nothing of ours comes back', async () => {
    await add('a', '1');
    await add('b', '2');
    // As seen from the others, this process has ended.
    const other = await open({ machine: mortals() });
    const theirs = await other.take({
      tokens: ['t', 'u'],
      parallel: 2,
      leaseMs: MINUTE,
      batch: undefined,
    });
    for (const { record, token } of theirs.taken) {
      await other.change(changeOf(record, { ends: token }));
    }
    await other.change(changeOf('c', { memory: 'm', memoryMs: 10 * MINUTE }));
    const refused = await add('d', 'lost?').catch((error: unknown) => error);
    await other.close();
    time.pass(2 * MINUTE);
    const again = await vi.waitFor(() => store.state(), { timeout: 240_000, interval: 5 });
    expect(refused).toMatchObject({ code: 'STORE_IN_USE' });
    expect(again.waiting).toBe(0);
    expect((await store.look('c')).memory).toBe('m');
    expect(await take()).toEqual([]);
  });
});

it('keeps the order in which updates come where it has to be looked first whether the file is still ours', async () => {
  // A process that stood still for so long may have lost the file.
  time.pass(MINUTE);
  const looked = store.look('a');
  const waiting = add('b', 'earlier');
  await looked;
  await Promise.all([waiting, add('c', 'later')]);
  expect((await take()).map(({ text }) => text)).toEqual(['earlier', 'later']);
});

it('refuses everything after it was closed', async () => {
  await store.close();
  await expect(store.look('a')).rejects.toThrow('closed');
});
