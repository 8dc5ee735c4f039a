import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRecordQueue } from '../../../../lib/coordination/queue/record-queue';
import type { GivenUp, RecordQueue, Ticket } from '../../../../lib/coordination/queue/queue';
import type { QueueStore, StoredItem } from '../../../../lib/coordination/queue/queue-store';
import { fateOf } from '../queue/fate';
import { DONE, SETTINGS, updateOf } from './record-queue';

const NOTED = JSON.stringify(fateOf('1'));
const GOOD = '{"changes":{"a":1}}\n{"payload":1}';

/** What somebody else, a later version or a crash of another program may leave in a store. */
const TEXTS: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['what is no JSON', 'hello'],
  ['a first line that was cut off', GOOD.slice(0, 12)],
  ['JSON without a first line', '{"payload":1}'],
  ['a list for a first line', '[1]\n{"payload":1}'],
  ['changes that are none', '{"changes":"status"}\n{"payload":1}'],
  ['a time that is none', '{"changes":{"a":1},"eventAt":"now"}\n{"payload":1}'],
  ['a number of updates that is none', '{"changes":{"a":1},"updates":{}}\n{"payload":1}'],
  ['times that are none', '{"changes":{"a":1},"times":{"in":{"a":null}}}\n{"payload":1}'],
];

const NOTES: readonly (readonly [what: string, note: string])[] = [
  ['nothing', ''],
  ['what is no JSON', 'hello'],
  ['JSON that was cut off', NOTED.slice(0, -5)],
  ['null', 'null'],
  ['another object', '{"version":2}'],
  ['a baseline without values', '{"base":{"changesHash":"h"},"pending":{}}'],
];

/**
 * What a queue does with what it cannot read, over every kind of store: it leaves with what is known of it, and holds up
 * nothing else.
 */
export function unreadableContract(open: () => Promise<QueueStore>): void {
  let queue: RecordQueue;
  let store: QueueStore;
  let givenUp: GivenUp[];

  beforeEach(async () => {
    store = await open();
    queue = createRecordQueue(store, SETTINGS);
    givenUp = [];
    queue.onGivenUp(one => givenUp.push(one));
  });
  afterEach(() => queue.close());

  /** As it may stand in the store, before whatever waits. */
  async function plant(record: string, item: Partial<StoredItem>): Promise<void> {
    const planted: StoredItem = {
      text: GOOD,
      dueAt: 0,
      acceptedAt: 1_000,
      deliveries: 0,
      note: undefined,
      ...item,
    };
    const change = { record, id: undefined, revision: undefined, at: 0, remove: 0 };
    const rest = { memory: undefined, memoryMs: 0, limit: undefined, ends: undefined };
    const count = { accepted: 1 };
    const { kind } = await store.change({ ...change, add: [planted], ...rest, count });
    expect(kind).toBe('changed');
  }

  const good = (record: string): Promise<unknown> =>
    queue.put(updateOf({ record, changes: { a: 1 } }));

  async function taken(): Promise<{ readonly records: string[]; readonly tickets: Ticket[] }> {
    const tickets: Ticket[] = [];
    for (;;) {
      const round = await queue.take(10);
      tickets.push(...round.taken.map(({ ticket }) => ticket));
      // What was given up made room for others.
      if (round.taken.length === 0) break;
    }
    return { records: tickets.map(({ record }) => record).sort(), tickets };
  }

  it.each(TEXTS)('an update of which is stored %s', async (_what, text) => {
    await plant('broken', { text });
    await good('other');
    await good('broken');
    const first = await taken();
    // What waited behind it is handed on, too.
    expect(first.records).toEqual(['broken', 'other']);
    expect(givenUp).toEqual([
      {
        update: expect.objectContaining({ record: 'broken', changes: undefined, message: text }),
        deliveries: 0,
        fate: undefined,
        unread: { what: 'update', text },
      },
    ]);
    for (const ticket of first.tickets) await queue.settle(ticket, DONE);
    const { waiting, inFlight, givenUp: number } = await queue.stats();
    expect({ waiting, inFlight, number }).toEqual({ waiting: 0, inFlight: 0, number: 1 });
  });

  it.each(NOTES)('a write in doubt of which is stored %s', async (_what, note) => {
    await plant('broken', { note, deliveries: 1 });
    await good('other');
    await good('broken');
    expect((await taken()).records).toEqual(['broken', 'other']);
    expect(givenUp).toEqual([
      {
        update: expect.objectContaining({ changes: { a: 1 }, message: '{"payload":1}' }),
        deliveries: 1,
        fate: undefined,
        unread: { what: 'fate', text: note },
      },
    ]);
  });

  it('stays where it is as long as nobody is told', async () => {
    const silent = createRecordQueue(store, {
      ...SETTINGS,
      dispatch: { ...SETTINGS.dispatch, leaseMs: 1 },
    });
    await plant('broken', { text: 'hello' });
    await silent.take(10);
    const { waiting, inFlight, givenUp: number } = await silent.stats();
    expect({ held: waiting + inFlight, number }).toEqual({ held: 1, number: 0 });
    await expect.poll(async () => (await queue.take(10), givenUp.length)).toBe(1);
  });

  it('is not merged, not changed and not dropped to make room', async () => {
    const full = createRecordQueue(store, { ...SETTINGS, limit: 2, whenFull: 'oldest' });
    full.onGivenUp(one => givenUp.push(one));
    await plant('r', { text: 'hello' });
    await full.put(updateOf({ changes: { a: 1 } }));
    await full.put(updateOf({ changes: { b: 1 } }));
    const { superseded } = (await full.put(updateOf({ record: 's', changes: { a: 1 } }))) as {
      readonly superseded: readonly { readonly message: string }[];
    };
    expect(superseded).toMatchObject([{ record: 'r', changes: { a: 1, b: 1 } }]);
    await full.take(10);
    expect(givenUp).toMatchObject([{ unread: { what: 'update', text: 'hello' } }]);
  });

  it.each(['hello', '[]', '{"in":{"a":7}}', '{"at":"now"}'])(
    'event times of a record of which is stored %s: what comes is refused, for nobody can tell whether it is late',
    async memory => {
      const change = { record: 'r', id: undefined, revision: undefined, at: 0, remove: 0, add: [] };
      const rest = { memoryMs: 3_600_000, limit: undefined, ends: undefined, count: {} };
      await store.change({ ...change, memory, ...rest });
      await expect(queue.put(updateOf({ changes: { a: 1 } }))).rejects.toMatchObject({
        code: 'STORED_TIMES_UNREADABLE',
        message: expect.stringMatching(/"r".*not accepted.*24 hours/),
      });
      await queue.put(updateOf({ record: 's', changes: { a: 1 } }));
      // What keeps its place needs no times.
      await queue.put(updateOf());
      expect((await taken()).records).toEqual(['r', 's']);
    },
  );
}
