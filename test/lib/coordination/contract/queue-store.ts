import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  ChangeResult,
  Counters,
  QueueStore,
  Slot,
  SlotChange,
  StoredItem,
  StoreState,
  TakenItem,
  TakeOptions,
  TakeResult,
} from '../../../../lib/coordination/queue/queue-store';

const HOUR = 3_600_000;

/** Names that a store must keep apart, whatever it does with them. */
const NAMES = [
  'a',
  'a ',
  ' a',
  'A',
  '',
  '__proto__',
  'a:b',
  'a b\nc\0d',
  'ä',
  'a\u0308',
  'é'.repeat(300),
];

export interface QueueStoreContract {
  /** A store of its own for each test, with nothing in it. */
  readonly open: () => Promise<QueueStore>;
  /** Between caller and store an answer may be lost: the same may be asked again. */
  readonly mayLoseAnswers: boolean;
}

/**
 * What every kind of queue store does. Runs on real time: what ends is asked for until it has, what must not end has an
 * hour.
 */
export function queueStoreContract({ open, mayLoseAnswers }: QueueStoreContract): void {
  let store: QueueStore;

  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  function item(text: string, rest: Partial<StoredItem> = {}): StoredItem {
    return { text, dueAt: 0, acceptedAt: 1000, deliveries: 0, note: undefined, ...rest };
  }

  function change(record: string, rest: Partial<SlotChange> = {}): SlotChange {
    return {
      record,
      id: undefined,
      revision: undefined,
      at: undefined,
      remove: 0,
      add: [],
      memory: undefined,
      memoryMs: HOUR,
      limit: undefined,
      ends: undefined,
      count: {},
      ...rest,
    };
  }

  async function changed(record: string, rest: Partial<SlotChange> = {}): Promise<StoreState> {
    const result = await store.change(change(record, rest));
    if (result.kind !== 'changed') throw new Error(`it is ${result.kind}`);
    expect(result.saved).toBe(true);
    return result.state;
  }

  const add = (record: string, ...texts: string[]): Promise<StoreState> =>
    changed(record, { add: texts.map(text => item(text)) });

  async function tried(record: string, rest: Partial<SlotChange>): Promise<ChangeResult['kind']> {
    return (await store.change(change(record, rest))).kind;
  }

  async function texts(record: string): Promise<string[]> {
    return (await store.look(record)).items.map(({ text }) => text);
  }

  function options(most: number, rest: Partial<TakeOptions> = {}): TakeOptions {
    const tokens = Array.from({ length: most }, () => randomUUID());
    return { tokens, parallel: 1000, leaseMs: HOUR, batch: undefined, ...rest };
  }

  const take = (most = 100, rest: Partial<TakeOptions> = {}): Promise<TakeResult> =>
    store.take(options(most, rest));

  async function takenTexts(most?: number, rest?: Partial<TakeOptions>): Promise<string[]> {
    return (await take(most, rest)).taken.map(({ text }) => text);
  }

  async function takeOne(rest: Partial<TakeOptions> = {}): Promise<TakenItem> {
    const [taken] = (await take(1, rest)).taken;
    if (taken === undefined) throw new Error('there is nothing to take');
    return taken;
  }

  async function comes<T>(ask: () => Promise<T>): Promise<T> {
    return vi.waitFor(ask, { timeout: 240_000, interval: 5 });
  }

  /** Clocks that are compared may round apart. */
  function expectAbout(time: number | undefined, expected: number): void {
    expect(Math.abs((time ?? NaN) - expected)).toBeLessThanOrEqual(1);
  }

  /** Until the store's clock has surely passed that time. */
  async function passed(time: number): Promise<void> {
    await comes(async () => expect((await store.state()).now).toBeGreaterThan(time + 1));
  }

  describe('what waits', () => {
    it('is nothing at first, without a revision', async () => {
      const nothing = { revision: 0, items: [], memory: undefined, run: undefined };
      expect(await store.look('a')).toEqual(nothing);
      expect(await take()).toMatchObject({ taken: [], nextAt: undefined });
      expect(await store.oldest(10)).toEqual([]);
      const state = await store.state();
      expect(Math.abs(state.now - Date.now())).toBeLessThan(60_000);
      expect(state).toEqual({
        now: state.now,
        waiting: 0,
        inFlight: 0,
        oldestAt: undefined,
        counters: none,
        recent: { settled: 0, conflicts: 0 },
        isPaused: false,
        hold: '',
        heldUntil: 0,
      });
    });

    it('comes back as it was given, in the order in which it came', async () => {
      const soon = Date.now() + HOUR;
      const given = [
        item('{"id": 12345678901234567890, "f": 1.0}', {
          dueAt: soon,
          acceptedAt: 1_764_000_000_123,
        }),
        item('', { deliveries: 3, note: '' }),
        item('\0\n\r\t"\\ ü 𝄞 \u2028', { note: 'what\nwas noted: 1.0 𝄞', deliveries: 1 }),
      ];
      await changed('a', { add: given.slice(0, 2) });
      const first = await store.look('a');
      await changed('a', { add: given.slice(2) });
      const second = await store.look('a');
      expect(second.items).toEqual(given);
      expect(second.revision).toBeGreaterThan(0);
      expect(second.revision).not.toBe(first.revision);
    });

    it('of one record is not that of another, whatever their names', async () => {
      for (const name of NAMES) await add(name, `of ${name}`);
      for (const name of NAMES) expect(await texts(name)).toEqual([`of ${name}`]);
      const { taken } = await take();
      expect(new Map(taken.map(({ record, text }) => [record, text]))).toEqual(
        new Map(NAMES.map(name => [name, `of ${name}`])),
      );
    });

    it.each<[what: string, change: Partial<SlotChange>, expected: string[]]>([
      ['at the head', { at: 0, add: [item('x'), item('y')] }, ['x', 'y', '1', '2', '3']],
      ['in the middle', { at: 1, add: [item('x')] }, ['1', 'x', '2', '3']],
      ['in the place of others', { at: 1, remove: 2, add: [item('x')] }, ['1', 'x']],
      ['in the place of all', { at: 0, remove: 3, add: [item('x')] }, ['x']],
      ['for nothing', { at: 1, remove: 1 }, ['1', '3']],
      ['after the last one', { at: 3, add: [item('x')] }, ['1', '2', '3', 'x']],
    ])('goes and comes %s', async (_what, splice, expected) => {
      const { waiting } = await add('a', '1', '2', '3');
      expect(waiting).toBe(3);
      const { revision } = await store.look('a');
      expect((await changed('a', { revision, ...splice })).waiting).toBe(expected.length);
      expect(await texts('a')).toEqual(expected);
      expect((await store.look('a')).revision).not.toBe(revision);
    });

    it('has no revision when all of it has gone, and never one again that it had before', async () => {
      const revisions = new Set<number>();
      for (let round = 0; round < 3; round++) {
        await changed('a', { revision: 0, add: [item('x')] });
        const { revision } = await store.look('a');
        expect(revisions).not.toContain(revision);
        revisions.add(revision);
        await changed('a', { revision, at: 0, remove: 1 });
        expect((await store.look('a')).revision).toBe(0);
      }
      expect((await store.state()).waiting).toBe(0);
    });

    it('is not changed on a revision that is not its own any more: the answer tells what it is now', async () => {
      await add('a', '1');
      const before = await store.look('a');
      await add('a', '2');
      for (const revision of [0, before.revision]) {
        const result = await store.change(
          change('a', { revision, at: 0, remove: 1, memory: 'm', count: { superseded: 1 } }),
        );
        expect(result).toEqual({ kind: 'moved', slot: await store.look('a') });
      }
      expect(await texts('a')).toEqual(['1', '2']);
      expect((await store.look('a')).memory).toBeUndefined();
      expect((await store.state()).counters).toEqual(none);
    });

    it('is changed by one of those who decide on the same revision at the same moment', async () => {
      await add('a', '0');
      const { revision } = await store.look('a');
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) => tried('a', { revision, add: [item(String(n + 1))] })),
      );
      expect(results.filter(kind => kind === 'changed')).toHaveLength(1);
      expect(results.filter(kind => kind === 'moved')).toHaveLength(19);
      expect(await texts('a')).toHaveLength(2);
    });

    it('all comes in when nobody has to decide, at the same moment too', async () => {
      await Promise.all(Array.from({ length: 50 }, (_, n) => add('a', String(n))));
      expect(new Set(await texts('a')).size).toBe(50);
      expect((await store.state()).waiting).toBe(50);
    });

    it('stays below its limit: what would grow beyond it is refused, what does not grow is not', async () => {
      await add('a', '1', '2');
      expect(await tried('b', { limit: 2, add: [item('3')], count: { accepted: 1 } })).toBe('full');
      expect(await store.look('b')).toMatchObject({ revision: 0, items: [] });
      const { revision } = await store.look('a');
      const replace = { revision, at: 0, remove: 1, add: [item('x')] };
      expect(await tried('a', { limit: 1, ...replace })).toBe('changed');
      expect(await tried('b', { limit: 3, add: [item('3'), item('4')] })).toBe('full');
      expect(await tried('b', { limit: 3, add: [item('3')], count: { accepted: 1 } })).toBe(
        'changed',
      );
      expect((await store.state()).counters.accepted).toBe(1);
      // What runs does not wait.
      await take(1);
      expect(await tried('c', { limit: 3, add: [item('4')] })).toBe('changed');
      expect(await tried('d', { limit: 3, add: [item('5')] })).toBe('full');
    });

    it('changed by several at the same moment: each is judged by what those before it have left', async () => {
      const first = (text: string): Promise<ChangeResult> =>
        store.change(change('a', { revision: 0, add: [item(text)], count: { accepted: 1 } }));
      const moved = { kind: 'moved', slot: { items: [{ text: '1' }] } };
      expect(await Promise.all(['1', '2', '3'].map(first))).toMatchObject([
        { kind: 'changed', state: { waiting: 1 } },
        moved,
        moved,
      ]);
      await Promise.all([add('a', '2'), add('b', '3'), add('a', '4'), add('c', '5')]);
      expect(await Promise.all(['a', 'b', 'c'].map(texts))).toEqual([
        ['1', '2', '4'],
        ['3'],
        ['5'],
      ]);
      expect(await store.state()).toMatchObject({ waiting: 5, counters: { accepted: 1 } });
      expect((await takenTexts()).sort()).toEqual(['1', '3', '5']);
    });

    it('at the limit gets in by one of those who come at the same moment', async () => {
      await add('a', '1');
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, n) => tried(`b${n}`, { limit: 2, add: [item('2')] })),
      );
      expect(results.filter(kind => kind === 'changed')).toHaveLength(1);
      expect((await store.state()).waiting).toBe(2);
    });
  });

  describe('memory', () => {
    it('stays until it is replaced, and has a revision of its own', async () => {
      await changed('a', { memory: 'm1' });
      const first = await store.look('a');
      expect(first).toMatchObject({ memory: 'm1', items: [] });
      expect(first.revision).toBeGreaterThan(0);
      await add('a', '1');
      expect((await store.look('a')).memory).toBe('m1');
      expect(await tried('a', { revision: first.revision, memory: 'm2' })).toBe('moved');
      await changed('a', { memory: '' });
      expect((await store.look('a')).memory).toBe('');
    });

    it('outlives the last item and run by its time, and no longer', async () => {
      const brief = { memoryMs: 20 };
      for (const record of ['waits', 'runs', 'ends']) {
        await changed(record, { ...brief, memory: 'm', add: record === 'ends' ? [] : [item('1')] });
      }
      const { taken } = await take();
      const tokenOf = (name: string): string | undefined =>
        taken.find(({ record }) => record === name)?.token;
      await add('waits', '2');
      await comes(async () => expect((await store.look('ends')).revision).toBe(0));
      expect(await store.look('ends')).toMatchObject({ memory: undefined });
      await changed('waits', { ...brief, ends: tokenOf('waits') });
      await changed('again', { ...brief, memory: 'm' });
      await comes(async () => expect((await store.look('again')).memory).toBeUndefined());
      expect((await store.look('waits')).memory).toBe('m');
      expect((await store.look('runs')).memory).toBe('m');
      await changed('runs', { ...brief, ends: tokenOf('runs') });
      await comes(async () => expect((await store.look('runs')).revision).toBe(0));
    });
  });

  describe('taking', () => {
    it('hands an item out with a lease, and what runs can be looked at', async () => {
      await changed('a', { add: [item('1', { acceptedAt: 77 }), item('2')] });
      const before = await store.look('a');
      const taking = options(10, { leaseMs: 5000 });
      const { taken, nextAt, state } = await store.take(taking);
      expect(taken).toEqual([
        {
          ...item('1', { acceptedAt: 77, deliveries: 1 }),
          record: 'a',
          token: expect.any(String),
          fence: expect.any(Number),
          expiresAt: expect.any(Number),
        },
      ]);
      const [{ token, expiresAt, fence } = await takeOne()] = taken;
      expect(taking.tokens).toContain(token);
      expect(Number.isSafeInteger(fence)).toBe(true);
      expect(Math.abs(expiresAt - state.now - 5000)).toBeLessThan(1000);
      expectAbout(nextAt, expiresAt);
      expect(state).toMatchObject({ waiting: 1, inFlight: 1 });
      const slot: Slot = await store.look('a');
      expect(slot.run).toEqual({ token, item: item('1', { acceptedAt: 77, deliveries: 1 }) });
      expect(slot.items).toEqual([item('2')]);
      expect(slot.revision).not.toBe(before.revision);
    });

    it('hands out one of each record at a time, the next one when the run has ended', async () => {
      await add('a', '1', '2');
      await add('b', '3');
      const { taken } = await take();
      expect(taken.map(({ text }) => text).sort()).toEqual(['1', '3']);
      expect(await takenTexts()).toEqual([]);
      const first = taken.find(({ record }) => record === 'a');
      await changed('a', { ends: first?.token });
      expect(await takenTexts()).toEqual(['2']);
    });

    it('has no revision of what runs: who comes first behind it need not look', async () => {
      await add('a', '1');
      const { token } = await takeOne();
      expect(await store.look('a')).toMatchObject({ revision: 0, items: [], run: { token } });
      expect(await tried('a', { revision: 0, add: [item('2')] })).toBe('changed');
      expect(await tried('a', { revision: 0, add: [item('3')] })).toBe('moved');
      const { revision } = await store.look('a');
      await changed('a', { ends: token });
      expect(await tried('a', { revision, at: 0, remove: 1, add: [item('4')] })).toBe('changed');
    });

    it('goes by the time of acceptance, not by names or by who comes in', async () => {
      const accepted = [5000, 3000, 1000, 4000, 2000];
      for (const [n, acceptedAt] of accepted.entries()) {
        await changed(`r${n}`, { add: [item(String(acceptedAt), { acceptedAt })] });
      }
      expect(await takenTexts(2)).toEqual(['1000', '2000']);
      expect(await takenTexts()).toEqual(['3000', '4000', '5000']);
    });

    it('leaves a record its place when something else waits there in the place of what did', async () => {
      await changed('a', { add: [item('1', { acceptedAt: 1 })] });
      await changed('b', { add: [item('2', { acceptedAt: 2 })] });
      const { revision } = await store.look('a');
      const add = [item('new', { acceptedAt: 1 })];
      await changed('a', { revision, at: 0, remove: 1, add });
      expect(await takenTexts(1)).toEqual(['new']);
    });

    it('does not wait for the clock of whoever accepted it', async () => {
      const acceptedAt = Date.now() + HOUR;
      await changed('a', { add: [item('1', { acceptedAt })] });
      expect(await takenTexts()).toEqual(['1']);
    });

    it('waits for what is not due yet, and says until when', async () => {
      const dueAt = (await store.state()).now + 60;
      await changed('later', { add: [item('later', { dueAt: dueAt + HOUR }), item('behind')] });
      await changed('soon', { add: [item('soon', { dueAt })] });
      await changed('past', { add: [item('past', { dueAt: dueAt - HOUR })] });
      const { taken, nextAt, state } = await take();
      if (state.now < dueAt) expectAbout(nextAt, dueAt);
      const seen = taken.map(({ text }) => text);
      await comes(async () => {
        const more = await take();
        seen.push(...more.taken.map(({ text }) => text));
        expect(seen).toContain('soon');
        expect(more.state.now).toBeGreaterThanOrEqual(dueAt - 1);
      });
      // Where both have become due by the first look, it may be in either order.
      expect(seen.toSorted()).toEqual(['past', 'soon']);
      expect(await texts('later')).toEqual(['later', 'behind']);
    });

    it('says that there is more when it was asked for less', async () => {
      await add('a', '1');
      await add('b', '2');
      const { taken, nextAt, state } = await take(1);
      expect(taken).toHaveLength(1);
      expect(nextAt).toBeLessThanOrEqual(state.now);
      const last = await take(1);
      expect(last.nextAt).toBeGreaterThan(last.state.now + HOUR / 2);
    });

    it('keeps to the parallel limit, whoever took what runs', async () => {
      for (const record of ['a', 'b', 'c', 'd']) await add(record, record);
      const first = await take(10, { parallel: 2 });
      expect(first.taken).toHaveLength(2);
      const none = await take(10, { parallel: 2 });
      expect(none.taken).toEqual([]);
      // Not before a lease ends.
      expectAbout(none.nextAt, Math.min(...first.taken.map(({ expiresAt }) => expiresAt)));
      const [{ record, token } = await takeOne()] = first.taken;
      await changed(record, { ends: token });
      expect(await takenTexts(10, { parallel: 2 })).toHaveLength(1);
      expect(await takenTexts(10, { parallel: 3 })).toHaveLength(1);
    });

    it('hands everything out once, whoever takes at the same moment', async () => {
      for (let n = 0; n < 30; n++) await add(`r${n}`, String(n));
      const results = await Promise.all(Array.from({ length: 10 }, () => take(5)));
      const all = results.flatMap(({ taken }) => taken);
      expect(new Set(all.map(({ text }) => text)).size).toBe(30);
      expect(all).toHaveLength(30);
      expect(new Set(all.map(({ fence }) => fence)).size).toBe(30);
    });

    it('hands out batches with a pause between them', async () => {
      const batch = { size: 3, pauseMs: 50 };
      // A batch begins with the first that is handed out.
      await take(1, { batch: { size: 1, pauseMs: HOUR } });
      for (let n = 0; n < 7; n++) await add(`r${n}`, String(n));
      const before = (await store.state()).now;
      const first = await take(2, { batch });
      expect(first.taken).toHaveLength(2);
      const second = await take(10, { batch });
      // The window begins somewhere between the two looks at the clock.
      const isSameWindow = second.state.now < before + batch.pauseMs - 1;
      if (isSameWindow) {
        expect(second.taken).toHaveLength(1);
        expect(second.nextAt).toBeGreaterThan(second.state.now);
        expect(second.nextAt).toBeLessThanOrEqual(first.state.now + batch.pauseMs + 1);
      }
      let taken = first.taken.length + second.taken.length;
      await comes(async () => {
        const more = await take(10, { batch });
        expect(more.taken.length).toBeLessThanOrEqual(3);
        taken += more.taken.length;
        expect(taken).toBe(7);
      });
      const hour = { size: 2, pauseMs: HOUR };
      for (let n = 0; n < 4; n++) await add(`s${n}`, String(n));
      const one = await comes(async () => {
        const found = await take(10, { batch: hour });
        expect(found.taken).not.toEqual([]);
        return found;
      });
      const rest = await take(10, { batch: hour });
      expect(one.taken.length + rest.taken.length).toBeLessThanOrEqual(2);
      expect((await take(10)).taken.length).toBeGreaterThanOrEqual(2);
    });

    it('is nothing while it is paused', async () => {
      await store.setPaused(true);
      await add('a', '1');
      const paused = await take();
      expect(paused).toMatchObject({ taken: [], nextAt: undefined });
      expect(paused.state.isPaused).toBe(true);
      await store.flush();
      expect(await takenTexts()).toEqual([]);
      await store.setPaused(false);
      expect((await store.state()).isPaused).toBe(false);
      expect(await takenTexts()).toEqual(['1']);
    });

    it('is nothing while it is held, until the time of that or until it is let go', async () => {
      const { now } = await store.state();
      expect(await store.setHold('', 'first', now + HOUR)).toBe(true);
      expect(await store.setHold('', 'other', 0)).toBe(false);
      await add('a', '1');
      const held = await take();
      expect(held.taken).toEqual([]);
      expectAbout(held.nextAt, now + HOUR);
      expect(held.state.hold).toBe('first');
      expectAbout(held.state.heldUntil, now + HOUR);
      await store.flush();
      const { hold, heldUntil } = await store.state();
      expect(hold).toBe('first');
      expect(heldUntil).toBeLessThanOrEqual(now + 60_000);
      expect(await takenTexts()).toEqual(['1']);
      await add('b', '2');
      expect(await store.setHold('first', 'second', (await store.state()).now + 30)).toBe(true);
      await comes(async () => expect(await takenTexts()).toEqual(['2']));
      expect(await store.setHold('second', '', 0)).toBe(true);
      expect(await store.state()).toMatchObject({ hold: '', heldUntil: 0 });
    });

    it('one of those who set the hold at the same moment does', async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, n) => store.setHold('', `h${n}`, 0)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('after a flush finds all of it due, what waits behind another one too', async () => {
      const dueAt = (await store.state()).now + HOUR;
      await changed('a', { add: [item('1', { dueAt }), item('2', { dueAt })] });
      await changed('b', { add: [item('3', { dueAt })] });
      expect(await takenTexts()).toEqual([]);
      await store.flush();
      const { taken } = await take();
      expect(taken.map(({ text }) => text).sort()).toEqual(['1', '3']);
      for (const { record, token } of taken) await changed(record, { ends: token });
      expect(await takenTexts()).toEqual(['2']);
      await changed('c', { add: [item('4', { dueAt })] });
      expect(await takenTexts()).toEqual([]);
    });
  });

  describe('a run', () => {
    it('ends once, by its token only', async () => {
      await add('a', '1');
      const { token } = await takeOne();
      expect(await tried('a', { ends: 'other', count: { done: 1 } })).toBe('stale');
      expect(await tried('b', { ends: token })).toBe('stale');
      const state = await changed('a', {
        ends: token,
        count: { done: 1, settled: 1, conflicts: 1 },
      });
      expect(state).toMatchObject({ waiting: 0, inFlight: 0 });
      expect(await tried('a', { ends: token, count: { done: 1 } })).toBe('stale');
      expect((await store.state()).counters).toEqual({
        ...none,
        done: 1,
        settled: 1,
        conflicts: 1,
      });
      expect(await store.look('a')).toMatchObject({ revision: 0, run: undefined });
    });

    it('ends and comes back to the head of its record in one step', async () => {
      await add('a', '1', '2');
      const { token } = await takeOne();
      const { revision } = await store.look('a');
      const dueAt = (await store.state()).now + HOUR;
      const back = item('1 again', { dueAt, note: 'in doubt' });
      await add('a', '3');
      const ending = { ends: token, at: 0, add: [back] };
      expect(await tried('a', { revision, ...ending })).toBe('moved');
      expect((await store.look('a')).run?.token).toBe(token);
      const state = await changed('a', { revision: (await store.look('a')).revision, ...ending });
      expect(state).toMatchObject({ waiting: 3, inFlight: 0 });
      expect((await store.look('a')).items).toEqual([back, item('2'), item('3')]);
      expect(await takenTexts()).toEqual([]);
      await store.flush();
      expect(await takeOne()).toMatchObject({ text: '1 again', note: 'in doubt', deliveries: 1 });
    });

    it('whose lease is over goes on by another token, says how often and with what was noted', async () => {
      await add('a', '1', '2');
      const first = await takeOne({ leaseMs: 20 });
      expect(await store.note('a', first.token, 'draft', 20)).toBe(true);
      expect(await store.note('a', first.token, 'sent: 1.0', 20)).toBe(true);
      const second = await comes(() => takeOne());
      expect(second).toMatchObject({ record: 'a', text: '1', note: 'sent: 1.0', deliveries: 2 });
      expect(second.token).not.toBe(first.token);
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await store.note('a', first.token, 'late', HOUR)).toBe(false);
      expect(await tried('a', { ends: first.token })).toBe('stale');
      expect((await store.look('a')).run?.item.note).toBe('sent: 1.0');
      await changed('a', { ends: second.token });
      expect(await takeOne()).toMatchObject({ text: '2', note: undefined, deliveries: 1 });
    });

    it('whose lease is over waits at the head again as soon as somebody takes, although nothing is handed out', async () => {
      await add('a', '1', '2');
      const { token, expiresAt } = await takeOne({ leaseMs: 10 });
      await store.setPaused(true);
      await passed(expiresAt);
      const before = await store.look('a');
      expect(before.run?.token).toBe(token);
      const { state } = await take();
      expect(state).toMatchObject({ waiting: 2, inFlight: 0 });
      const slot = await store.look('a');
      expect(slot.items).toEqual([item('1', { deliveries: 1 }), item('2')]);
      expect(slot.run).toBeUndefined();
      expect(slot.revision).not.toBe(before.revision);
      expect(await tried('a', { ends: token })).toBe('stale');
    });

    it('whose lease is over still ends by its token while nobody else has taken it', async () => {
      await add('a', '1');
      const { token, expiresAt } = await takeOne({ leaseMs: 10 });
      await passed(expiresAt);
      expect(await tried('a', { ends: token })).toBe('changed');
      expect(await takenTexts()).toEqual([]);
    });

    it('lasts on by what is noted of it', async () => {
      await add('a', '1');
      await add('b', '2');
      const { taken } = await take(2, { leaseMs: 40 });
      const [{ record, token } = await takeOne()] = taken;
      expect(await store.note(record, token, 'n', HOUR)).toBe(true);
      expect(await store.note('c', token, 'n', HOUR)).toBe(false);
      await comes(async () => expect(await takenTexts()).toHaveLength(1));
      expect((await store.look(record)).run?.token).toBe(token);
      expect((await store.look(record)).run?.item.note).toBe('n');
      expect(await tried(record, { ends: token })).toBe('changed');
    });

    it('has a fence above all before, also when nothing is known of the record any more', async () => {
      const fences: number[] = [];
      for (let round = 0; round < 5; round++) {
        await add('a', '1');
        const { token, fence } = await takeOne();
        fences.push(fence);
        await changed('a', { ends: token });
      }
      expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
    });
  });

  describe('the oldest', () => {
    it('is who has waited longest, what runs not counted', async () => {
      const accepted = { a: 3000, b: 1000, c: 2000 };
      for (const [record, acceptedAt] of Object.entries(accepted)) {
        await changed(record, {
          add: [item('1', { acceptedAt }), item('2', { acceptedAt: 9000 })],
        });
      }
      expect(await store.oldest(10)).toEqual(['b', 'c', 'a']);
      expect(await store.oldest(1)).toEqual(['b']);
      await take(1);
      expect((await store.state()).oldestAt).toBe(2000);
      expect(await store.oldest(10)).toEqual(['c', 'a', 'b']);
      const { revision } = await store.look('c');
      await changed('c', { revision, at: 0, remove: 2 });
      expect((await store.state()).oldestAt).toBe(3000);
      expect(await store.oldest(10)).toEqual(['a', 'b']);
    });
  });

  describe('counters', () => {
    it('add up, those of the last minutes apart', async () => {
      await changed('a', { count: { accepted: 1, merged: 2, superseded: 3 } });
      const state = await changed('b', {
        count: { accepted: 1, again: 4, givenUp: 5, settled: 6, conflicts: 2 },
      });
      const counters = { ...none, accepted: 2, merged: 2, superseded: 3, again: 4, givenUp: 5 };
      expect(state.counters).toEqual({ ...counters, settled: 6, conflicts: 2 });
      expect(state.recent).toEqual({ settled: 6, conflicts: 2 });
      expect(await store.state()).toMatchObject({ counters: state.counters, recent: state.recent });
    });
  });

  describe('who waits for work', () => {
    it('is called when there may be some, until it does not wait any more', async () => {
      let calls = 0;
      let late = 0;
      store.onWork(() => calls++);
      const stop = store.onWork(() => late++);
      const called = async (): Promise<void> => {
        await vi.waitFor(() => expect(calls).toBeGreaterThan(0), { timeout: 240_000, interval: 5 });
        // Those of one cause may be several.
        calls = 0;
      };
      await add('a', '1', '2');
      await called();
      stop();
      const before = late;
      const { token } = await takeOne();
      calls = 0;
      await changed('a', { ends: token });
      await called();
      await store.setPaused(true);
      calls = 0;
      await store.setPaused(false);
      await called();
      await store.flush();
      await called();
      expect(late).toBe(before);
    });
  });

  const ifAnswersGetLost = (title: string, tests: () => void): void => {
    if (mayLoseAnswers) describe(title, tests);
  };
  ifAnswersGetLost('asked again because an answer was lost', () => {
    it('a run is ended once, and answers the same', async () => {
      await add('a', '0');
      const { token } = await takeOne();
      const end = change('a', { id: randomUUID(), ends: token, count: { done: 1 } });
      expect(await store.change(end)).toMatchObject({ kind: 'changed' });
      await add('a', '1');
      const { token: another } = await takeOne();
      expect(await store.change(end)).toMatchObject({ kind: 'changed', saved: true });
      expect(await store.change({ ...end, id: randomUUID() })).toEqual({ kind: 'stale' });
      expect((await store.look('a')).run?.token).toBe(another);
      expect((await store.state()).counters).toEqual({ ...none, done: 1 });
    });

    it('the same tickets are handed out', async () => {
      for (const record of ['a', 'b', 'c']) await add(record, record);
      const taking = options(2);
      const first = await store.take(taking);
      const again = await store.take(taking);
      const byToken = (a: TakenItem, b: TakenItem): number => (a.token < b.token ? -1 : 1);
      expect([...again.taken].sort(byToken)).toEqual([...first.taken].sort(byToken));
      expect((await store.state()).inFlight).toBe(2);
      expect(await takenTexts()).toHaveLength(1);
    });
  });
}

const none: Counters = {
  accepted: 0,
  merged: 0,
  superseded: 0,
  done: 0,
  again: 0,
  givenUp: 0,
  settled: 0,
  conflicts: 0,
};
