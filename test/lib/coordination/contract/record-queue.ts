import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { QueueSettings } from '../../../../lib/coordination/queue/queue-settings';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import type {
  TicketEnding,
  PutResult,
  QueuedUpdate,
  RecordQueue,
  Taken,
  UpdateToQueue,
} from '../../../../lib/coordination/queue/queue';
import type { QueueStore } from '../../../../lib/coordination/queue/queue-store';
import { InputError } from '../../../../lib/errors';
import { fateOf } from '../queue/fate';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const SETTINGS: QueueSettings = {
  mode: 'merge',
  limit: 1000,
  largestBytes: 1_000_000,
  whenFull: 'refuse',
  tries: 3,
  dispatch: { parallel: 100, leaseMs: HOUR, batch: undefined },
  batches: 'always',
  hold: { rates: undefined, hours: undefined, shortestMs: 2 * MINUTE, longestMs: 3 * MINUTE },
};

export const DONE: TicketEnding = { kind: 'done', metConflict: false };

export function updateOf(rest: Partial<UpdateToQueue> = {}): UpdateToQueue {
  return {
    record: 'r',
    changes: undefined,
    version: undefined,
    eventAt: undefined,
    dueAt: undefined,
    message: '{}',
    ...rest,
  };
}

/**
 * What a queue does over every kind of store. Runs on real time.
 * @param open a store of its own for each test, with nothing in it
 */
export function recordQueueContract(open: () => Promise<QueueStore>): void {
  let queue: RecordQueue;
  let store: QueueStore;
  let superseded: QueuedUpdate[];
  let givenUp: Omit<Taken, 'ticket'>[];

  beforeEach(() => use({}));
  afterEach(() => queue.close());

  async function use(settings: Partial<QueueSettings>): Promise<void> {
    if ((queue as RecordQueue | undefined) !== undefined) await queue.close();
    store = await open();
    queue = createRecordQueue(store, { ...SETTINGS, ...settings });
    superseded = [];
    givenUp = [];
    queue.onSuperseded(update => superseded.push(update));
    queue.onGivenUp(taken => givenUp.push(taken));
  }

  const put = (
    changes: UpdateToQueue['changes'],
    rest: Partial<UpdateToQueue> = {},
  ): Promise<PutResult> =>
    queue.put(updateOf({ changes, message: JSON.stringify(changes), ...rest }));

  async function take(): Promise<Taken> {
    const { taken } = await queue.take(10);
    if (taken[0] === undefined || taken.length > 1) throw new Error(`${taken.length} were taken`);
    return taken[0];
  }

  async function nothingToTake(): Promise<void> {
    expect((await queue.take(10)).taken).toEqual([]);
  }

  /** The changes that are handed on one after the other until nothing is left. */
  async function drained(): Promise<unknown[]> {
    const all: unknown[] = [];
    for (;;) {
      const { taken } = await queue.take(10);
      if (taken.length === 0) return all;
      for (const { ticket, update } of taken) {
        all.push(update.changes ?? update.message);
        await queue.settle(ticket, DONE);
      }
    }
  }

  const back = (
    taken: Taken,
    rest: Partial<TicketEnding & { kind: 'again' }> = {},
  ): Promise<unknown> =>
    queue.settle(taken.ticket, {
      kind: 'again',
      metConflict: false,
      dueAt: 0,
      fate: undefined,
      ...rest,
    });

  it('hands on what it accepted, once, with all that came along', async () => {
    const before = Date.now();
    const result = await put(
      { a: 1, 'b.c': { d: null, __proto: 2 } },
      { record: 'ö', version: '"7"', message: '{"x":\n12345678901234567890}' },
    );
    expect(result).toEqual({ state: 'queued', durable: store.isDurable, superseded: [] });
    const taken = await take();
    expect(taken).toMatchObject({ deliveries: 1, fate: undefined });
    expect(taken.ticket).toEqual({
      record: 'ö',
      token: expect.any(String),
      fence: expect.any(Number),
      expiresAt: expect.any(Number),
    });
    expect(taken.update).toEqual({
      record: 'ö',
      changes: { a: 1, 'b.c': { d: null, __proto: 2 } },
      version: '"7"',
      eventAt: undefined,
      message: '{"x":\n12345678901234567890}',
      acceptedAt: expect.any(Number),
      updates: 1,
      postponed: 0,
    });
    expect(Math.abs(taken.update.acceptedAt - before)).toBeLessThan(MINUTE);
    await nothingToTake();
    expect(await queue.settle(taken.ticket, DONE)).toEqual({ state: 'done' });
    expect(await queue.settle(taken.ticket, DONE)).toEqual({ state: 'late' });
    await nothingToTake();
  });

  describe('merge', () => {
    it('makes one update of those that wait, field by field the newest, within objects too', async () => {
      await put({ a: 1, o: { x: 1, y: 1 } });
      expect(await put({ b: 2, o: { x: 2 } })).toMatchObject({ state: 'merged', superseded: [] });
      const { update } = await take();
      expect(update).toMatchObject({ changes: { a: 1, b: 2, o: { x: 2, y: 1 } }, updates: 2 });
      expect(JSON.parse(update.message)).toEqual({ b: 2, o: { x: 2 } });
    });

    it('tells of an older one that a newer one names wholly', async () => {
      await put({ a: 1 });
      const result = await put({ a: 2, b: 1 });
      expect(result).toMatchObject({ state: 'queued', superseded: [{ changes: { a: 1 } }] });
      expect(await drained()).toEqual([{ a: 2, b: 1 }]);
    });

    it('begins anew while one runs', async () => {
      await put({ a: 1 });
      const { ticket } = await take();
      expect(await put({ b: 2 })).toMatchObject({ state: 'queued' });
      expect(await put({ c: 3 })).toMatchObject({ state: 'merged' });
      await nothingToTake();
      await queue.settle(ticket, DONE);
      expect(await drained()).toEqual([{ b: 2, c: 3 }]);
    });

    it('never makes one of two snapshots, and moves nothing across what keeps its place', async () => {
      await put({ a: 1 }, { version: '1' });
      expect(await put({ b: 1 }, { version: '2' })).toMatchObject({ state: 'queued' });
      await put(undefined, { message: 'transition' });
      await put({ a: 2, b: 2 });
      await put({ c: 2 });
      const expected = [{ a: 1 }, { b: 1 }, 'transition', { a: 2, b: 2, c: 2 }];
      expect(await drained()).toEqual(expected);
    });

    it('keeps both where no one update says the same', async () => {
      await put({ o: null });
      await put({ o: { x: 1 } });
      expect(await drained()).toEqual([{ o: null }, { o: { x: 1 } }]);
    });
  });

  describe('newest', () => {
    it('drops who is named wholly, and keeps the others in order', async () => {
      await use({ mode: 'newest' });
      await put({ a: 1 });
      await put({ b: 1 });
      const result = await put({ a: 2, c: 1 });
      expect(result).toMatchObject({ state: 'queued', superseded: [{ changes: { a: 1 } }] });
      expect(await drained()).toEqual([{ b: 1 }, { a: 2, c: 1 }]);
    });
  });

  describe('order', () => {
    it('drops and merges nothing, whatever its event time', async () => {
      await use({ mode: 'order' });
      const now = Date.now();
      await put({ a: 1 }, { eventAt: now });
      await put({ a: 2 }, { eventAt: now - HOUR });
      await put({ a: 3 });
      expect(await drained()).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    });
  });

  describe('many of one record at once', () => {
    const MANY = 200;
    const all = (changesOf: (n: number) => UpdateToQueue['changes']): Promise<PutResult[]> =>
      Promise.all(Array.from({ length: MANY }, (_, n) => put(changesOf(n))));
    /** Each that began again would be a step of its own. */
    const FEW = MANY / 10;

    it.each<[QueueSettings['mode'], number, Partial<Awaited<ReturnType<RecordQueue['stats']>>>]>([
      ['merge', 1, { merged: MANY - 1, superseded: 0 }],
      ['order', MANY, { merged: 0, superseded: 0 }],
      ['newest', MANY, { merged: 0, superseded: 0 }],
    ])(
      'are stored in few steps, as if they came one after the other: %s',
      async (mode, waiting, counted) => {
        await use({ mode });
        const change = vi.spyOn(store, 'change');
        const results = await all(n => ({ [`f${n}`]: n }));
        expect(change.mock.calls.length).toBeLessThan(FEW);
        const merged = results.filter(({ state }) => state === 'merged');
        expect(merged).toHaveLength(mode === 'merge' ? MANY - 1 : 0);
        expect(await queue.stats()).toMatchObject({ accepted: MANY, waiting, ...counted });
        const changes = Object.assign({}, ...(await drained())) as object;
        expect(changes).toEqual(
          Object.fromEntries(Array.from({ length: MANY }, (_, n) => [`f${n}`, n])),
        );
      },
    );

    it('where the newest wins, each of the others leaves by the one that took its place', async () => {
      await use({ mode: 'newest' });
      const results = await all(n => ({ a: n }));
      const left = results.flatMap(result => ('durable' in result ? result.superseded : []));
      expect(left.map(({ changes }) => changes)).toEqual(
        Array.from({ length: MANY - 1 }, (_, n) => ({ a: n })),
      );
      expect(await queue.stats()).toMatchObject({ waiting: 1, superseded: MANY - 1 });
      expect(await drained()).toEqual([{ a: MANY - 1 }]);
    });

    it('with event times: those that are late are told so', async () => {
      const now = Date.now();
      const results = await Promise.all(
        Array.from({ length: MANY }, (_, n) => put({ a: n }, { eventAt: now - n })),
      );
      expect(results.filter(({ state }) => state === 'superseded')).toHaveLength(MANY - 1);
      expect(await drained()).toEqual([{ a: 0 }]);
    });

    it('keep their places among those that keep theirs', async () => {
      const given = [{ a: 1 }, undefined, { b: 1 }, { b: 2 }, undefined, { c: 1 }];
      await Promise.all(given.map(changes => put(changes, { message: '{}' })));
      expect(await drained()).toEqual([{ a: 1 }, '{}', { b: 2 }, '{}', { c: 1 }]);
    });

    it('where there is room for some, those are accepted', async () => {
      await use({ mode: 'order', limit: 10 });
      const puts = Array.from({ length: 20 }, (_, a) => put({ a }));
      const settled = await Promise.allSettled(puts);
      expect(settled.map(({ status }) => status)).toEqual([
        ...Array<string>(10).fill('fulfilled'),
        ...Array<string>(10).fill('rejected'),
      ]);
      expect(settled[10]).toMatchObject({ reason: { code: 'QUEUE_FULL' } });
      expect(await drained()).toHaveLength(10);
    });
  });

  describe('what would be larger than one update may be', () => {
    const half = (n: number): string => String(n).repeat(400);

    it('waits one after the other instead of merged', async () => {
      await use({ largestBytes: 600 });
      await put({ a: half(1) }, { message: '{}' });
      const second = await put({ b: half(2) }, { message: '{}' });
      expect(second).toMatchObject({ state: 'queued', superseded: [] });
      expect(await put({ c: 3 }, { message: '{}' })).toMatchObject({ state: 'merged' });
      expect(await drained()).toEqual([{ a: half(1) }, { b: half(2), c: 3 }]);
    });

    it('does so when it comes back, too', async () => {
      await use({ largestBytes: 600 });
      await put({ a: half(1) }, { message: '{}' });
      const { ticket } = await take();
      await put({ b: half(2) }, { message: '{}' });
      const dueAt = Date.now();
      await queue.settle(ticket, { kind: 'again', metConflict: false, dueAt, fate: undefined });
      expect(await drained()).toEqual([{ a: half(1) }, { b: half(2) }]);
    });
  });

  describe('event times', () => {
    it('an older one loses the fields that have newer values, waiting, running or done', async () => {
      const now = Date.now();
      await put({ a: 'new' }, { eventAt: now });
      expect(await put({ a: 'old' }, { eventAt: now - 1 })).toEqual({ state: 'superseded' });
      await put({ a: 'old', b: 1 }, { eventAt: now - 1 });
      const first = await take();
      expect(first.update.changes).toEqual({ a: 'new', b: 1 });
      expect(await put({ a: 'old' }, { eventAt: now - 2 })).toEqual({ state: 'superseded' });
      await queue.settle(first.ticket, DONE);
      expect(await put({ a: 'old' }, { eventAt: now - 2 })).toEqual({ state: 'superseded' });
      await put({ a: 'same time' }, { eventAt: now });
      await put({ b: 'arrives now' });
      expect(await put({ b: 2 }, { eventAt: now - 1 })).toEqual({ state: 'superseded' });
      expect(await drained()).toEqual([{ a: 'same time', b: 'arrives now' }]);
    });

    it('one without counts as of its arrival when one with comes, waiting or running', async () => {
      await put({ a: 'runs' });
      const { ticket } = await take();
      await put({ b: 'waits' });
      const eventAt = Date.now() - MINUTE;
      expect(await put({ a: 'old', b: 'old' }, { eventAt })).toEqual({ state: 'superseded' });
      await put({ a: 'old', c: 'only' }, { eventAt });
      await queue.settle(ticket, DONE);
      expect(await drained()).toEqual([{ b: 'waits', c: 'only' }]);
    });

    it('of names that keep changing are forgotten in the end: what may be older is late then, and told so', async () => {
      const start = Date.now() - HOUR;
      const name = (n: number): string => `reading ${n}`.padEnd(400);
      const putAt = (n: number, changes: UpdateToQueue['changes']): Promise<PutResult> =>
        put(changes, { eventAt: start + n });
      await putAt(1, { status: 1 });
      for (let n = 2; n < 10; n++) {
        const many = Array.from({ length: 50 }, (_, m) => [name(50 * n + m), n]);
        await putAt(n, Object.fromEntries(many));
      }
      await drained();
      const { memory = '' } = await store.look('r');
      expect(memory.length).toBeLessThanOrEqual(32_768);

      expect(await putAt(0, { status: 0 })).toEqual({ state: 'superseded' });
      expect(await putAt(2, { other: 2 })).toEqual({ state: 'superseded' });
      expect(await putAt(9, { other: 9 })).toMatchObject({ state: 'queued' });
      expect(await putAt(10, { status: 10 })).toMatchObject({ state: 'merged' });
      expect(await put({ status: 'by arrival' })).toMatchObject({ state: 'merged' });
      expect(await drained()).toEqual([{ other: 9, status: 'by arrival' }]);
    });

    it('of more fields than are remembered are those of the record as a whole', async () => {
      const at = Date.now() - HOUR;
      const many = Array.from({ length: 3000 }, (_, n) => [`field ${n}`, n]);
      await put({ ...Object.fromEntries(many), deep: { within: 1 } }, { eventAt: at });
      await drained();
      const older = { eventAt: at - 1 };
      expect(await put({ 'field 2': 0 }, older)).toEqual({ state: 'superseded' });
      expect(await put({ other: 0 }, older)).toEqual({ state: 'superseded' });
      expect(await put({ 'field 2': 1 }, { eventAt: at })).toMatchObject({ state: 'queued' });
      expect((await store.look('r')).memory).toBe(JSON.stringify({ at }));
    });

    it.each([NaN, 0, 1_764_000_000, Date.UTC(2200, 0)])(
      'that cannot be right are refused: %d',
      async eventAt => {
        await expect(put({ a: 1 }, { eventAt })).rejects.toMatchObject({
          code: 'EVENT_TIME_INVALID',
        });
        expect(await queue.stats()).toMatchObject({ accepted: 0, waiting: 0 });
      },
    );
  });

  describe('due times', () => {
    it('wait, and nothing newer makes an older one wait for it', async () => {
      const dueAt = Date.now() + HOUR;
      await put({ a: 1 }, { record: 'later', dueAt });
      await put({ a: 1 });
      await put({ a: 2 }, { dueAt });
      expect(await drained()).toEqual([{ a: 1 }]);
      expect(await queue.stats()).toMatchObject({ waiting: 2, superseded: 0 });
      await put({ a: 3 });
      expect(await drained()).toEqual([{ a: 3 }]);
      await queue.flush();
      expect(await drained()).toEqual([{ a: 1 }]);
    });

    it('in the past are at once, too far ahead an error', async () => {
      await put({ a: 1 }, { dueAt: 1 });
      expect(await drained()).toEqual([{ a: 1 }]);
      const dueAt = Date.now() + 40 * 24 * HOUR;
      await expect(put({ a: 1 }, { dueAt })).rejects.toMatchObject({ code: 'DUE_INVALID' });
    });
  });

  describe('a ticket', () => {
    it('that comes back waits before newer ones and never takes the place of their values', async () => {
      await put({ a: 1, b: 1 });
      const first = await take();
      await put({ a: 2 });
      expect(await back(first)).toEqual({ state: 'queued' });
      const second = await take();
      expect(second.update).toMatchObject({ changes: { a: 2, b: 1 }, updates: 2, postponed: 1 });
      await put({ a: 3, b: 3 });
      expect(await back(second)).toEqual({ state: 'superseded' });
      expect(superseded).toMatchObject([{ changes: { a: 2, b: 1 } }]);
      expect(await drained()).toEqual([{ a: 3, b: 3 }]);
    });

    it('that comes back while others come in is older than they are, and nothing is lost', async () => {
      await use({ tries: 100 });
      await put({ n: -1, a: -1 });
      for (let round = 0; round < 20; round++) {
        const taken = await take();
        const coming = [0, 1, 2].map(n => put({ n: 10 * round + n, ['b' + String(n)]: round }));
        await Promise.all([...coming, back(taken)]);
      }
      expect(await drained()).toEqual([{ n: expect.any(Number), a: -1, b0: 19, b1: 19, b2: 19 }]);
    });

    it('that comes back waits for its time', async () => {
      await put({ a: 1 });
      expect(await back(await take(), { dueAt: Date.now() + HOUR })).toEqual({ state: 'queued' });
      await nothingToTake();
      await queue.flush();
      expect(await take()).toMatchObject({ deliveries: 1, update: { postponed: 1 } });
    });

    it('that comes back without a time waits for a growing one, and never longer than a day', async () => {
      await use({ tries: 100 });
      await put({ a: 1 });
      let taken = await take();
      for (let n = 0; n < 12; n++) {
        const before = Date.now();
        await back(taken, { dueAt: undefined });
        const next = await queue.take(1);
        // On a busy machine its time may have come already.
        const [early] = next.taken;
        const dueAt = early === undefined ? (next.nextAt ?? Infinity) : Date.now();
        const most = Math.min(2 ** n * 1000, 5 * MINUTE);
        // Clocks are read apart, and round.
        expect(dueAt - before).toBeGreaterThan(most / 2 - 20);
        expect(dueAt - Date.now()).toBeLessThan(most + 20);
        await queue.flush();
        taken = early ?? (await take());
      }
      await back(taken, { dueAt: Date.now() + 8_000_000 * HOUR });
      const { nextAt = Infinity } = await queue.take(1);
      expect(nextAt - Date.now()).toBeLessThanOrEqual(24 * HOUR);
    });

    it.each([-HOUR, HOUR])(
      'goes by the clock of the store where that of this computer is wrong: by %i ms',
      async wrongMs => {
        const time = { now: (): number => Date.now() + wrongMs };
        const wrong = createRecordQueue(store, SETTINGS, { time, random: () => 0 });
        await wrong.take(1);
        const before = Date.now();
        await wrong.put(updateOf({ changes: { a: 1 } }));
        const taken = await take();
        expect(taken.update.acceptedAt).toBeGreaterThan(before - MINUTE / 2);
        expect(taken.update.acceptedAt).toBeLessThan(Date.now() + MINUTE / 2);
        const again = {
          kind: 'again',
          metConflict: false,
          dueAt: undefined,
          fate: undefined,
        } as const;
        await wrong.settle(taken.ticket, again);
        const { taken: early, nextAt = Infinity } = await queue.take(1);
        // On a busy machine its time may have come already.
        for (const { ticket } of early) await queue.settle(ticket, DONE);
        const dueAt = early.length > 0 ? Date.now() : nextAt;
        expect(dueAt).toBeGreaterThan(before);
        expect(dueAt).toBeLessThan(Date.now() + MINUTE / 2);
        await wrong.put(updateOf({ record: 's', dueAt: time.now() + MINUTE }));
        await queue.flush();
        await drained();
        await wrong.put(updateOf({ record: 's', dueAt: time.now() + 2 * MINUTE }));
        const { nextAt: later = Infinity } = await queue.take(1);
        expect(later).toBeGreaterThan(before + MINUTE);
        expect(later).toBeLessThan(Date.now() + 3 * MINUTE);
      },
    );

    it('that comes back as often as the limit allows is given up, whatever its message says', async () => {
      await put({ a: 1 });
      for (let n = 1; n < SETTINGS.tries; n++) {
        expect(await back(await take())).toEqual({ state: 'queued' });
      }
      expect(await back(await take())).toEqual({ state: 'given-up' });
      await nothingToTake();
      expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 0, givenUp: 1 });
    });

    it('that nobody got is due at once, and that was no try', async () => {
      await put({ a: 1 });
      for (let n = 0; n < 2 * SETTINGS.tries; n++) {
        const taken = await take();
        expect(taken).toMatchObject({ deliveries: 1, update: { postponed: 0 } });
        expect(await queue.settle(taken.ticket, { kind: 'unseen' })).toEqual({ state: 'queued' });
      }
      expect(await queue.stats()).toMatchObject({ again: 0, waiting: 1 });
    });

    it('whose record nobody has looked at comes back with the fate as it was stored', async () => {
      await put({ a: 1 });
      const first = await take();
      const fate = fateOf('"9"');
      await queue.beforeWrite(first.ticket, fate);
      await back(first, { fate: 'as-stored' });
      const second = await take();
      expect(second.fate).toEqual(fate);
      await back(second, { fate: undefined });
      expect((await take()).fate).toBeUndefined();
    });

    it('is reported once, however many listen', async () => {
      const others: unknown[] = [];
      queue.onSuperseded(update => others.push(update));
      queue.onGivenUp(taken => others.push(taken));
      await put({ a: 1 });
      const first = await take();
      await put({ a: 2 });
      await back(first);
      expect([superseded.length, others.length]).toEqual([1, 0]);
    });

    it('with a write in doubt is judged before anything else, whatever came meanwhile', async () => {
      await put({ a: 1 });
      const first = await take();
      const fate = fateOf('"7"');
      expect(await queue.beforeWrite(first.ticket, fate)).toBe(true);
      await put({ a: 2 });
      await back(first, { fate });
      expect(await put({ a: 3 })).toMatchObject({ superseded: [{ changes: { a: 2 } }] });
      const second = await take();
      expect(second).toMatchObject({ update: { changes: { a: 1 } } });
      expect(second.fate).toEqual(fate);
      await back(second);
      expect(superseded).toMatchObject([{ changes: { a: 1 } }]);
      expect(await drained()).toEqual([{ a: 3 }]);
    });

    it('that nobody settles comes back, with the fate of its write, until it is given up', async () => {
      await use({ tries: 2, dispatch: { ...SETTINGS.dispatch, leaseMs: 5 } });
      await put({ a: 1 });
      await put({ b: 1 }, { record: 'other' });
      const before = (await queue.take(10)).taken.find(({ ticket }) => ticket.record === 'r');
      if (before === undefined) throw new Error('it was not taken');
      const fate = fateOf('"8"');
      expect(await queue.beforeWrite(before.ticket, fate)).toBe(true);
      const seen: Taken[] = [];
      await vi.waitFor(
        async () => {
          for (const taken of (await queue.take(10)).taken) {
            if (taken.ticket.record === 'r') seen.push(taken);
            else await queue.settle(taken.ticket, DONE);
          }
          expect(givenUp).toHaveLength(1);
        },
        { timeout: 240_000, interval: 5 },
      );
      expect(seen).toMatchObject([{ deliveries: 2, fate, update: { changes: { a: 1 } } }]);
      expect(givenUp).toMatchObject([{ deliveries: 2, fate, update: { changes: { a: 1 } } }]);
      for (const { ticket } of [before, ...seen]) {
        expect(await queue.settle(ticket, DONE)).toEqual({ state: 'late' });
        expect(await queue.beforeWrite(ticket, fate)).toBe(false);
      }
      expect(await queue.stats()).toMatchObject({ waiting: 0, inFlight: 0, givenUp: 1 });
      await put({ a: 2 });
      expect(await drained()).toEqual([{ a: 2 }]);
    });

    it('of a stranger or of another record changes nothing', async () => {
      await put({ a: 1 });
      const { ticket } = await take();
      for (const strange of [
        { ...ticket, token: 'x' },
        { ...ticket, record: 's' },
      ]) {
        expect(await queue.settle(strange, DONE)).toEqual({ state: 'late' });
        expect(await back({ ticket: strange } as Taken)).toEqual({ state: 'late' });
        expect(await queue.beforeWrite(strange, fateOf('1'))).toBe(false);
      }
      expect(await queue.settle(ticket, { kind: 'given-up', metConflict: true })).toEqual({
        state: 'given-up',
      });
    });
  });

  describe('when it is full', () => {
    it('refuses, and says what to do; what does not grow comes in', async () => {
      await use({ limit: 1 });
      await put({ a: 1 });
      const refused = put({ a: 1 }, { record: 's' });
      await expect(refused).rejects.toThrow(InputError);
      await expect(refused).rejects.toMatchObject({
        code: 'QUEUE_FULL',
        message: expect.stringContaining('limit of 1'),
      });
      expect(await put({ b: 1 })).toMatchObject({ state: 'merged' });
      expect(await queue.stats()).toMatchObject({ accepted: 2, waiting: 1 });
    });

    it('lets the oldest leave and tells of it, but none whose write is in doubt', async () => {
      await use({ limit: 2, whenFull: 'oldest' });
      await put({ a: 1 }, { record: 'doubt' });
      await back(await take(), { fate: fateOf('1') });
      await put({ a: 2 }, { record: 's' });
      expect(await put({ a: 3 }, { record: 't' })).toMatchObject({
        superseded: [{ record: 's', changes: { a: 2 } }],
      });
      expect((await drained()).length).toBe(2);
      const { accepted, superseded: left, done } = await queue.stats();
      expect({ accepted, left, done }).toEqual({ accepted: 3, left: 1, done: 2 });
    });
  });

  describe('pause, holds and counts', () => {
    it('hands on nothing while it is paused, and tells when there is work again', async () => {
      await queue.pause();
      await put({ a: 1 });
      await nothingToTake();
      expect((await queue.stats()).isPaused).toBe(true);
      const onWork = vi.fn();
      queue.onWork(onWork);
      await queue.resume();
      await vi.waitFor(() => expect(onWork).toHaveBeenCalled(), { timeout: 240_000, interval: 5 });
      expect(await drained()).toEqual([{ a: 1 }]);
    });

    it('collects when too many meet conflicts, then hands on what waited in batches', async () => {
      const batch = { size: 2, pauseMs: HOUR };
      const rates = { from: 0.3, to: 0.15 };
      await use({
        dispatch: { ...SETTINGS.dispatch, batch },
        batches: 'held',
        hold: { ...SETTINGS.hold, rates },
      });
      for (let n = 0; n < 20; n++) {
        await put({ n }, { record: `r${n}` });
        // The first take does not know yet whether there is a hold.
        for (const { ticket } of (await queue.take(1)).taken) {
          await queue.settle(ticket, { kind: 'done', metConflict: n < 7 });
        }
      }
      const { heldUntil, conflictRate } = await queue.stats();
      expect(conflictRate).toBeCloseTo(0.35);
      expect(heldUntil).toBeGreaterThan(Date.now() + MINUTE);
      expect(heldUntil).toBeLessThan(Date.now() + 4 * MINUTE);
      for (let n = 0; n < 5; n++) await put({ n }, { record: `s${n}` });
      const held = await queue.take(10);
      expect(held.taken).toEqual([]);
      expect(Math.abs((held.nextAt ?? 0) - (heldUntil ?? 0))).toBeLessThan(1000);
      await queue.flush();
      expect((await queue.take(10)).taken.length).toBeLessThanOrEqual(2);
      expect((await queue.stats()).heldUntil).toBeUndefined();
    });

    it('of one update that waits for its own time puts off no other hold', async () => {
      const always = { fromMinute: 0, toMinute: 0, weekdays: [0, 1, 2, 3, 4, 5, 6] };
      const hours = { ...always, timeZone: 'UTC' };
      await use({ hold: { ...SETTINGS.hold, shortestMs: 20, longestMs: 20, hours } });
      await put({ a: 1 }, { record: 'late', dueAt: Date.now() + HOUR });
      const holds = new Set<number>();
      await vi.waitFor(
        async () => {
          const { nextAt = 0 } = await queue.take(1);
          const { heldUntil } = await queue.stats();
          if (heldUntil !== undefined) holds.add(heldUntil);
          expect(nextAt).toBeGreaterThan(0);
          expect(holds.size).toBeGreaterThan(2);
        },
        { timeout: 240_000, interval: 5 },
      );
    });

    it('counts so that nothing is missing', async () => {
      await put({ a: 1 });
      await put({ b: 1 });
      await put({ a: 2, b: 2, c: 2 });
      const first = await take();
      await put({ a: 3 });
      await back(first);
      await put({ d: 4 }, { record: 's' });
      await queue.take(1);
      const stats = await queue.stats();
      const { accepted, merged, superseded: left, done, waiting, inFlight } = stats;
      expect(stats).toMatchObject({ accepted: 5, again: 1, inFlight: 1, waiting: 1 });
      expect(accepted).toBe(merged + left + done + waiting + inFlight);
      expect(stats.oldestAgeMs).toBeGreaterThanOrEqual(0);
    });
  });

  it('takes no update that is larger than it may be, with changes, message, record and version', async () => {
    await use({ largestBytes: 1000 });
    const message = JSON.stringify('x'.repeat(497));
    await put({ a: 'ä'.repeat(244) }, { message, version: 'ää' });
    const larger = [
      { changes: { a: 'ä'.repeat(247) } },
      { changes: { a: 'ä'.repeat(244) }, version: 'ääx' },
      { changes: { a: 'ä'.repeat(245) }, record: 'ää' },
    ];
    for (const { changes, ...rest } of larger) {
      await expect(put(changes, { message, ...rest })).rejects.toMatchObject({
        code: 'UPDATE_TOO_LARGE',
        message: expect.stringMatching(/100[1-3] bytes .*1000 bytes/),
      });
    }
    await expect(put({ a: 1 }, { record: 'r'.repeat(1000) })).rejects.toMatchObject({
      code: 'UPDATE_TOO_LARGE',
    });
    expect(await queue.stats()).toMatchObject({ accepted: 1 });
  });

  describe('bad input', () => {
    it.each<[string, Partial<QueueSettings>]>([
      ['limit', { limit: 0 }],
      ['tries', { tries: 1.5 }],
      ['parallel', { dispatch: { ...SETTINGS.dispatch, parallel: 0 } }],
      ['leaseMs', { dispatch: { ...SETTINGS.dispatch, leaseMs: NaN } }],
      ['batch.size', { dispatch: { ...SETTINGS.dispatch, batch: { size: 0, pauseMs: 1 } } }],
      ['batch.pauseMs', { dispatch: { ...SETTINGS.dispatch, batch: { size: 1, pauseMs: 0 } } }],
      ['shortestMs', { hold: { ...SETTINGS.hold, shortestMs: 0 } }],
      ['longestMs', { hold: { ...SETTINGS.hold, longestMs: 1 } }],
    ])('of the settings is a RangeError: %s', (name, settings) => {
      const create = (): unknown => createRecordQueue(store, { ...SETTINGS, ...settings });
      expect(create).toThrow(RangeError);
      expect(create).toThrow(name);
    });

    it('of a caller is a RangeError', async () => {
      await expect(queue.take(0)).rejects.toThrow(RangeError);
      await expect(put({ a: 1 }, { record: '' })).rejects.toThrow(RangeError);
    });
  });
}
