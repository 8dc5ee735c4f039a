import { describe, expect, it } from 'vitest';
import type { UpdateQueueConfig } from '../../nodes/update-queue/config';
import type { Sandbox } from '../../sandbox/index';
import {
  catcher,
  inboxes,
  queueNode,
  settleNode,
  storeNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
const clock = useFastClock(4);
/** It ends when a test says so. Seconds. */
const LEASE = 120;
const leasesEnd = (): void => clock.pass(LEASE * 1_000);

interface Members {
  readonly state?: string;
  readonly ticket?: { readonly token: string; readonly record: string };
  readonly updates?: number;
  readonly deliveries?: number;
  readonly waiting?: number;
  readonly [name: string]: unknown;
}

const queueOf = (msg: Msg | undefined): Members => msg?.queue as Members;

/** A queue whose updates a test settles itself. */
const byHand = (
  config: Partial<UpdateQueueConfig> = {},
  more: readonly FlowNode[] = [],
): FlowNode[] => [
  storeNode({ keep: 'memory' }),
  queueNode('queue', [['next'], ['superseded'], ['unsettled'], ['counters']], {
    counters: true,
    ...config,
  }),
  settleNode('settle', [['done'], ['again'], ['given-up']]),
  ...inboxes('next', 'superseded', 'unsettled', 'counters', 'done', 'again', 'given-up'),
  ...catcher(),
  ...more,
];

const deploy = (config: Partial<UpdateQueueConfig> = {}): Promise<Flow> =>
  Flow.start(byHand(config));

const update = (payload: unknown, more: object = {}): Msg => ({ key: 'A', payload, ...more });
const result = (outcome: string, more: object = {}): object => ({
  update: { outcome, attempts: [], ...more },
});

/** Waits until so many were accepted. */
async function accepted(flow: Flow, count: number): Promise<void> {
  await flow.until(
    () => (flow.completionsOf('queue').length >= count ? true : undefined),
    `${String(count)} accepted`,
  );
}

/** Settles the nth message that the queue has handed on. */
function settle(flow: Flow, nth: number, said: object): void {
  flow.send('settle', { ...flow.inbox('next')[nth], ...said });
}

describe('an update', () => {
  it('is handed on as it came, with a ticket, and is done when it is settled', async () => {
    const flow = await deploy();
    flow.send('queue', update({ status: 'Shipped' }, { topic: 't', _msgid: 'm1' }));
    const [next] = await flow.count('next', 1);
    expect(next).toMatchObject({
      _msgid: 'm1',
      topic: 't',
      key: 'A',
      payload: { status: 'Shipped' },
    });
    expect(queueOf(next)).toMatchObject({ updates: 1, deliveries: 1, postponed: 0 });
    expect(JSON.parse(JSON.stringify(next?.queue))).toEqual(next?.queue);
    settle(flow, 0, result('updated'));
    const [done] = await flow.count('done', 1);
    expect(queueOf(done)).toMatchObject({ state: 'done' });
    expect(queueOf(done)).not.toHaveProperty('ticket');
    await flow.shows('settle', 'update-queue.status.done');
  });

  it('waits for the one of its record that is in flight; of other records they go', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 2 }));
    flow.send('queue', update({ a: 3 }, { key: 'B' }));
    const messages = await flow.count('next', 2);
    expect(messages.map(({ key }) => key)).toEqual(['A', 'B']);
    settle(flow, 0, result('updated'));
    expect((await flow.count('next', 3))[2]).toMatchObject({ key: 'A', payload: { a: 2 } });
  });

  it('goes on without what another update has left in its message', async () => {
    const flow = await deploy();
    const error = { message: 'no', source: { id: 'u', type: 'conditional-update' } };
    flow.send('queue', update({ a: 1 }, { ...result('updated'), error }));
    const [next] = await flow.count('next', 1);
    expect(next).not.toHaveProperty('update');
    expect(next).not.toHaveProperty('error');
  });

  it('keeps an error that is no Catch node’s', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }, { error: { code: 7 } }));
    expect((await flow.count('next', 1))[0]?.error).toEqual({ code: 7 });
  });

  it('takes a number for the same key as its text', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }, { key: 7 }));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 2 }, { key: '7' }));
    flow.send('queue', update({ a: 3 }, { key: { Company: 1, Order: '2' } }));
    flow.send('queue', update({ a: 4 }, { key: { Order: 2, Company: '1' } }));
    await accepted(flow, 4);
    expect((await flow.count('next', 2)).map(({ payload }) => payload)).toEqual([
      { a: 1 },
      { a: 3 },
    ]);
  });

  it('takes a composite key for the same record in whatever order', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }, { key: { Company: 'USMF', Order: '1' } }));
    await flow.count('next', 1);
    flow.send('queue', update({ b: 2 }, { key: { Order: '1', Company: 'USMF' } }));
    flow.send('queue', update({ c: 3 }, { key: 'other' }));
    expect((await flow.count('next', 2))[1]?.key).toBe('other');
  });
});

describe('what waits for a record', () => {
  it('becomes one update, field by field the newest, with the message of the newest', async () => {
    const flow = await deploy();
    flow.send('queue', update({ first: true }));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 1, deep: { x: 1 } }, { topic: 'older' }));
    flow.send('queue', update({ b: 2, deep: { y: 2 } }, { topic: 'newer' }));
    await accepted(flow, 3);
    settle(flow, 0, result('updated'));
    const [, next] = await flow.count('next', 2);
    expect(next).toMatchObject({ payload: { a: 1, b: 2, deep: { x: 1, y: 2 } }, topic: 'newer' });
    expect(queueOf(next).updates).toBe(2);
  });

  it('leaves by superseded when newer ones name all its fields', async () => {
    const flow = await deploy();
    flow.send('queue', update({ first: true }));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 1 }, { topic: 'older' }));
    flow.send('queue', update({ a: 2, b: 2 }));
    const [gone] = await flow.count('superseded', 1);
    expect(gone).toMatchObject({ topic: 'older', payload: { a: 1 }, key: 'A' });
    expect(queueOf(gone)).toMatchObject({ state: 'superseded', updates: 1 });
  });

  it('is never merged when only the newest counts', async () => {
    const flow = await deploy({ mode: 'newest' });
    flow.send('queue', update({ first: true }));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 1 }));
    flow.send('queue', update({ b: 2 }));
    await accepted(flow, 3);
    settle(flow, 0, result('updated'));
    expect((await flow.count('next', 2))[1]?.payload).toEqual({ a: 1 });
    settle(flow, 1, result('updated'));
    expect((await flow.count('next', 3))[2]?.payload).toEqual({ b: 2 });
  });

  it.each<[string, Partial<UpdateQueueConfig>, object]>([
    ['every one in order', { mode: 'order' }, {}],
    ['a status field', { statusFields: 'b, a' }, {}],
    ['a guard', {}, { guard: { machine: 'm' } }],
    ['a setting', { inOrder: 'kept', inOrderType: 'msg' }, { kept: true }],
  ])('keeps its place: %s', async (_name, config, more) => {
    const flow = await deploy(config);
    flow.send('queue', update({ a: 0 }, more));
    await flow.count('next', 1);
    for (const a of [1, 2, 3]) flow.send('queue', update({ a }, more));
    await accepted(flow, 4);
    for (const a of [1, 2, 3]) {
      settle(flow, a - 1, result('updated'));
      expect((await flow.count('next', a + 1))[a]?.payload).toEqual({ a });
    }
    expect(flow.inbox('superseded')).toEqual([]);
  });

  it('keeps its place without an object of changes', async () => {
    const flow = await deploy();
    flow.send('queue', update('7'));
    await flow.count('next', 1);
    flow.send('queue', update('8'));
    flow.send('queue', update(9));
    await accepted(flow, 3);
    settle(flow, 0, result('updated'));
    expect((await flow.count('next', 2))[1]?.payload).toBe('8');
    settle(flow, 1, result('updated'));
    expect((await flow.count('next', 3))[2]?.payload).toBe(9);
  });
});

describe('the time of an event', () => {
  const AT = Date.parse('2025-02-08T14:00:00Z');
  const at = (seconds: number): object => ({
    event: { time: new Date(AT + seconds * 1000).toISOString() },
  });
  const byTime = { eventTime: 'event.time', eventTimeType: 'msg' } as const;

  it('lets a late-comer leave at once, also when the newer one is done', async () => {
    const flow = await deploy(byTime);
    flow.send('queue', update({ a: 'new' }, at(5)));
    await flow.count('next', 1);
    settle(flow, 0, result('updated'));
    await flow.count('done', 1);
    flow.send('queue', update({ a: 'old' }, at(3)));
    const [late] = await flow.count('superseded', 1);
    expect(late).toMatchObject({ payload: { a: 'old' }, queue: { state: 'superseded' } });
    expect(flow.inbox('next')).toHaveLength(1);
  });

  it('keeps what is left of a late-comer', async () => {
    const flow = await deploy(byTime);
    flow.send('queue', update({ a: 'new' }, at(5)));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 'old', b: 'only here' }, at(3)));
    await accepted(flow, 2);
    settle(flow, 0, result('updated'));
    expect((await flow.count('next', 2))[1]?.payload).toEqual({ b: 'only here' });
  });

  it.each([
    ['text', 'yesterday', 'EVENT_TIME_INVALID'],
    ['an object', {}, 'EVENT_TIME_INVALID'],
    ['seconds', 1_738_000_000, 'EVENT_TIME_INVALID'],
    ['ahead', '2999-01-01T00:00:00Z', 'EVENT_IN_FUTURE'],
  ])('that is none is an error: %s', async (_name, time, code) => {
    const flow = await deploy(byTime);
    const { at: where, msg } = await flow.pass('queue', update({ a: 1 }, { event: { time } }));
    expect([where, msg.error?.code]).toEqual(['caught', code]);
  });
});

describe('how it ends', () => {
  it.each(['retry', 'busy', 'exhausted', 'unavailable'])('%s: queued again', async outcome => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    settle(flow, 0, result(outcome));
    const [again] = await flow.count('again', 1);
    expect(queueOf(again)).toMatchObject({ state: 'again' });
    const [, next] = await flow.count('next', 2);
    expect(next).toMatchObject({ payload: { a: 1 }, queue: { postponed: 1, deliveries: 1 } });
    expect(next).not.toHaveProperty('update');
  });

  it.each(['conflict', 'rejected', 'uncertain', 'not-found', 'denied', 'invalid-state'])(
    '%s: given up, and the next one goes',
    async outcome => {
      const flow = await deploy();
      flow.send('queue', update({ a: 1 }));
      await flow.count('next', 1);
      flow.send('queue', update({ a: 2 }));
      settle(flow, 0, result(outcome));
      const [gone] = await flow.count('given-up', 1);
      expect(gone).toMatchObject({ queue: { state: 'given-up' }, update: { outcome } });
      expect((await flow.count('next', 2))[1]?.payload).toEqual({ a: 2 });
    },
  );

  it('is given up after so many tries, and a wired loop then has an outcome', async () => {
    const flow = await deploy({ tries: 2 });
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    settle(flow, 0, result('busy'));
    await flow.count('next', 2);
    settle(flow, 1, result('retry', { cause: 'busy' }));
    const [gone] = await flow.count('given-up', 1);
    expect(gone).toMatchObject({ update: { outcome: 'busy' }, queue: { state: 'given-up' } });
  });

  it.each(['FATE_NOT_STORED', 'TICKET_LOST'])(
    'uncertain only because nobody could go on (%s): it comes back with the fate of its write',
    async code => {
      const flow = await deploy({ lease: LEASE });
      flow.send('queue', update({ a: 1 }));
      await flow.count('next', 1);
      settle(flow, 0, result('uncertain', { error: { code, message: 'no' } }));
      const [again] = await flow.count('again', 1);
      expect(queueOf(again)).toMatchObject({ state: 'again' });
      leasesEnd();
      const [, next] = await flow.count('next', 2);
      expect(queueOf(next)).toMatchObject({ deliveries: 2, postponed: 0 });
      expect(flow.inbox('given-up')).toEqual([]);
    },
  );

  it('not before the time that the API has named', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    const notBefore = new Date(Date.now() + 1500).toISOString();
    settle(flow, 0, result('unavailable', { notBefore }));
    await flow.count('next', 2);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(notBefore) - 50);
  });

  it('as often as its setting says, whatever has become of the rest of msg.queue', async () => {
    const flow = await deploy({ tries: 2 });
    flow.send('queue', update({ a: 1 }));
    for (const nth of [0, 1]) {
      const messages = await flow.count('next', nth + 1);
      const { ticket } = queueOf(messages[nth]);
      flow.send('settle', { ...messages[nth], queue: { ticket }, ...result('busy') });
    }
    await flow.count('given-up', 1);
    expect(flow.inbox('again')).toHaveLength(1);
  });

  it('with a write in doubt that nobody has looked for: again, with what is stored of it', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    settle(flow, 0, result('uncertain', { reads: 0 }));
    await flow.count('again', 1);
    await flow.count('next', 2);
    settle(flow, 1, result('uncertain', { reads: 1 }));
    await flow.count('given-up', 1);
  });

  it('with a result that somebody has changed: again, and it is handed on', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    settle(flow, 0, result('retry', { base: 1, pending: { versionSent: 7 } }));
    const [, next] = await flow.count('next', 2);
    expect(next).not.toHaveProperty('update');
  });

  it('by a choice of its own, where nothing else says it', async () => {
    const flow = await Flow.start([
      ...byHand(),
      settleNode('as-done', [['done'], ['again'], ['given-up']], { settleAs: 'done' }),
    ]);
    flow.send('queue', update({ a: 1 }));
    const [next] = await flow.count('next', 1);
    flow.send('as-done', { ...next });
    await flow.count('done', 1);
  });

  it.each([
    ['of the flow', 'CHANGES_INVALID', 'given-up'],
    ['of a stopped flow', 'STOPPED', 'again'],
    ['of a store that is away', 'STORE_UNAVAILABLE', 'again'],
    ['of a full store', 'STORE_MEMORY_FULL', 'again'],
    ['of a full endpoint', 'QUEUE_FULL', 'again'],
    ['of a write in doubt', 'UPDATE_UNCERTAIN', 'again'],
  ])('with an error %s', async (_name, code, at) => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    const source = { id: 'x', type: 'conditional-update', name: '', count: 1 };
    settle(flow, 0, { error: { message: 'no', code, source } });
    const [gone] = await flow.count(at, 1);
    expect(queueOf(gone)).toMatchObject({ state: at });
  });

  it('twice: the second one changes nothing and is warned about', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    settle(flow, 0, result('updated'));
    await flow.count('done', 1);
    settle(flow, 0, result('conflict'));
    await flow.shows('settle', 'update-queue.status.late');
    expect(flow.inbox('given-up')).toEqual([]);
    expect(flow.warnings.join()).toContain('settled too late or twice');
  });

  it('with a ticket that nobody has given out', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    const [next] = await flow.count('next', 1);
    const members = queueOf(next);
    const forged = { ...members, ticket: { ...members.ticket, token: 'mine' } };
    flow.send('settle', { ...next, queue: forged, ...result('updated') });
    await flow.shows('settle', 'update-queue.status.late');
    settle(flow, 0, result('updated'));
    await flow.count('done', 1);
  });

  it.each([
    ['no ticket', { ...result('updated') }, 'TICKET_MISSING'],
    ['a queue that is not here', { queue: ticketOf('elsewhere') }, 'QUEUE_MISSING'],
  ])('%s is an error', async (_name, msg, code) => {
    const flow = await deploy();
    const { at, msg: caught } = await flow.pass('settle', { ...msg });
    expect([at, caught.error?.code]).toEqual(['caught', code]);
  });

  it('no result is an error, and the ticket stays', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    settle(flow, 0, {});
    const [caught] = await flow.count('caught', 1);
    expect(caught?.error?.code).toBe('RESULT_MISSING');
    settle(flow, 0, result('updated'));
    await flow.count('done', 1);
  });

  it('what a Catch node brings that was never queued is passed on', async () => {
    const flow = await deploy();
    const source = { id: 'queue', type: 'update-queue', name: '', count: 1 };
    flow.send('settle', { error: { message: 'full', code: 'QUEUE_FULL', source } });
    await flow.count('given-up', 1);
  });
});

function ticketOf(queue: string): object {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  return { ticket: { store: 'store', queue, record: 'r', token: 't', fence: 1, expiresAt } };
}

describe('nobody settles', () => {
  it('it comes back, and is given up after so many times', async () => {
    const flow = await deploy({ lease: LEASE, tries: 2 });
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    leasesEnd();
    const messages = await flow.count('next', 2);
    expect(messages.map(msg => queueOf(msg).deliveries)).toEqual([1, 2]);
    leasesEnd();
    const [gone] = await flow.count('unsettled', 1);
    expect(gone).toMatchObject({
      payload: { a: 1 },
      queue: { state: 'given-up', deliveries: 2 },
      update: { outcome: 'exhausted', error: { code: 'UPDATE_UNSETTLED' } },
    });
    expect(flow.warnings.join()).toContain('never settled');
  });

  it('is told once, of two nodes with one queue', async () => {
    const settings = { lease: LEASE, tries: 1, queueName: 'orders' } as const;
    const other = queueNode('other', [['next'], ['superseded'], ['unsettled']], settings);
    const flow = await Flow.start(byHand(settings, [other]));
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    leasesEnd();
    await flow.count('unsettled', 1);
    flow.send('other', update({ b: 1 }, { key: 'B' }));
    await flow.count('next', 2);
    leasesEnd();
    await flow.count('unsettled', 2);
    expect(flow.inbox('unsettled').map(({ key }) => key)).toEqual(['A', 'B']);
    expect(flow.warnings.filter(text => text.includes('never settled'))).toHaveLength(2);
  });

  it('whoever settles then is late', async () => {
    const flow = await deploy({ lease: LEASE });
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    leasesEnd();
    await flow.count('next', 2);
    settle(flow, 0, result('updated'));
    await flow.shows('settle', 'update-queue.status.late');
  });
});

describe('not before', () => {
  const later = { notBefore: 'due', notBeforeType: 'msg' } as const;

  it('waits for its time; one in the past is at once', async () => {
    const flow = await deploy(later);
    const due = Date.now() + 1500;
    flow.send('queue', update({ a: 1 }, { due }));
    flow.send('queue', update({ a: 2 }, { key: 'B', due: '2001-01-01T00:00:00Z' }));
    expect((await flow.count('next', 1))[0]?.key).toBe('B');
    await flow.count('next', 2);
    expect(Date.now()).toBeGreaterThanOrEqual(due - 50);
  });

  it.each([
    ['no time', 'soon'],
    ['in seconds', Math.floor(Date.now() / 1000) + 3600],
    ['too far', Date.now() + 40 * 86_400_000],
  ])('%s is an error', async (_name, due) => {
    const flow = await deploy(later);
    const { at, msg } = await flow.pass('queue', update({ a: 1 }, { due }));
    expect([at, msg.error?.code]).toEqual(['caught', 'NOT_BEFORE_INVALID']);
  });
});

describe('what cannot be kept', () => {
  const own: Record<string, unknown> = {};
  own.self = own;

  it.each<[string, object, RegExp]>([
    ['a function', { callback: () => 1 }, /msg\.callback .*function/],
    ['a symbol', { deep: [{ mark: Symbol('x') }] }, /msg\.deep\[0\]\.mark .*symbol/],
    ['a BigInt', { count: 1n }, /msg\.count .*bigint/],
    ['a buffer', { raw: Buffer.from('x') }, /msg\.raw .*buffer/],
    ['a map', { map: new Map() }, /msg\.map .*Map/],
    ['a circle', { own }, /msg\.own\.self/],
    ['not a number', { value: Number.NaN }, /msg\.value .*NaN/],
    ['a promise', { later: Promise.resolve(1) }, /msg\.later .*promise/],
    ['a request', { req: { url: '/' } }, /msg\.req .*HTTP in/],
  ])('%s is named, and the message goes to the Catch node whole', async (_name, more, words) => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }, more));
    const [done] = await flow.until(
      () => (flow.completionsOf('queue').length > 0 ? flow.completionsOf('queue') : undefined),
      'the refusal',
    );
    expect(done?.error?.code).toBe('MESSAGE_NOT_STORABLE');
    expect(done?.error?.message).toMatch(words);
    expect(done?.msg).toMatchObject({ payload: { a: 1 } });
  });

  it('a request that the flow has taken out is none', async () => {
    const flow = await deploy();
    flow.send('queue', update({ a: 1 }, { req: null, res: null }));
    await flow.count('next', 1);
  });

  it.each<[string, object]>([
    ['the message', { payload: { a: 1 }, text: 'ü'.repeat(520) }],
    ['the changes', { payload: { a: 'ü'.repeat(520) } }],
  ])(
    'is too large by %s: size and limit are named, and the message goes on whole',
    async (_name, more) => {
      const flow = await deploy({ largest: 1 });
      flow.send('queue', { key: 'A', payload: { a: 1 } });
      await flow.count('next', 1);
      const { at, msg } = await flow.pass('queue', { key: 'A', ...more });
      expect([at, msg.error?.code]).toEqual(['caught', 'UPDATE_TOO_LARGE']);
      expect(msg.error?.message).toMatch(/is 1\d{3} bytes .* at most 1024 bytes/);
      expect(msg).toMatchObject(more);
    },
  );

  it('a date is kept as text, and what is undefined is left out', async () => {
    const flow = await deploy();
    const at = new Date('2025-02-08T14:00:00Z');
    flow.send('queue', update({ a: 1 }, { at, none: undefined }));
    const [next] = await flow.count('next', 1);
    expect(next?.at).toBe('2025-02-08T14:00:00.000Z');
    expect(next).not.toHaveProperty('none');
  });
});

describe('bad input', () => {
  it.each<[string, Msg, string]>([
    ['no key', { payload: { a: 1 } }, 'KEY_INVALID'],
    ['an action that there is not', { queue: { action: 'clear' } }, 'CONTROL_INVALID'],
    ['a ticket', { key: 'A', payload: {}, queue: ticketOf('queue') }, 'TICKET_UNSETTLED'],
    ['a promise', { key: 'A', payload: Promise.resolve({}) }, 'CHANGES_INVALID'],
    ['a value that is none', { key: 'A', payload: { a: 2 ** 60 } }, 'CHANGES_INVALID'],
  ])('%s is an error', async (_name, msg, code) => {
    const flow = await deploy();
    flow.send('queue', msg);
    const done = await flow.until(
      () => flow.completionsOf('queue').find(({ error }) => error !== undefined),
      'the error',
    );
    expect(done.error?.code).toBe(code);
  });

  it('no store is an error', async () => {
    const flow = await deploy({ store: '' });
    const { msg } = await flow.pass('queue', update({ a: 1 }));
    expect(msg.error?.code).toBe('STORE_MISSING');
  });

  it('a hold that ends above where it begins is an error of every message', async () => {
    const flow = await deploy({ holdFrom: 10, holdTo: 20 });
    const { msg } = await flow.pass('queue', update({ a: 1 }));
    expect(msg.error?.code).toBe('HOLD_INVALID');
  });

  it.each([
    ['refuses the new one', 'refuse', 'caught', { key: 'B', error: { code: 'QUEUE_FULL' } }],
    ['lets the oldest go', 'oldest', 'superseded', { key: 'A', payload: { a: 2 } }],
  ] as const)('a full queue %s', async (_name, whenFull, at, msg) => {
    const flow = await deploy({ limit: 1, whenFull });
    flow.send('queue', update({ a: 1 }));
    await flow.count('next', 1);
    flow.send('queue', update({ a: 2 }));
    await accepted(flow, 2);
    flow.send('queue', update({ a: 3 }, { key: 'B' }));
    expect((await flow.count(at, 1))[0]).toMatchObject(msg);
  });

  it.each<Partial<UpdateQueueConfig>>([{ mode: 'order' }, { changes: 'data' }])(
    'two nodes with one queue and different settings are named: %j',
    async differing => {
      const other = queueNode('other', [[], [], []], {
        queueName: 'orders',
        name: 'second',
        ...differing,
      });
      const flow = await Flow.start(byHand({ queueName: 'orders', name: 'first' }, [other]));
      const { msg } = await flow.pass('other', update({ a: 1 }));
      expect(msg.error?.code).toBe('QUEUE_DIFFERS');
      expect(msg.error?.message).toMatch(/"second" and "first"/);
    },
  );
});

describe('control', () => {
  it('tells what the queue holds, pauses and resumes', async () => {
    const flow = await deploy();
    flow.send('queue', { queue: { action: 'pause' } });
    expect(queueOf((await flow.count('counters', 1))[0])).toMatchObject({ paused: true });
    flow.send('queue', update({ a: 1 }));
    await accepted(flow, 2);
    flow.send('queue', { queue: { action: 'stats' } });
    const [, stats] = await flow.count('counters', 2);
    expect(queueOf(stats)).toMatchObject({ action: 'stats', waiting: 1, inFlight: 0, accepted: 1 });
    expect(flow.inbox('next')).toEqual([]);
    flow.send('queue', { queue: { action: 'resume' } });
    await flow.count('next', 1);
  });

  it('makes due what waits for its time', async () => {
    const flow = await deploy({ notBefore: 'due', notBeforeType: 'msg' });
    flow.send('queue', update({ a: 1 }, { due: Date.now() + 3_600_000 }));
    await accepted(flow, 1);
    flow.send('queue', { queue: { action: 'flush' } });
    await flow.count('next', 1);
  });
});

describe('with conditional-update', () => {
  async function deployLoop(config: Partial<UpdateQueueConfig> = {}): Promise<{
    readonly flow: Flow;
    readonly sandbox: Sandbox;
  }> {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      storeNode({ keep: 'memory' }),
      ordersAt(sandbox),
      queueNode('queue', [['update'], ['superseded'], ['unsettled']], config),
      updateNode('update', [['settle'], ['settle']]),
      settleNode('settle', [['done'], ['again'], ['given-up']]),
      ...inboxes('superseded', 'unsettled', 'done', 'again', 'given-up'),
      ...catcher(['settle', 'caught']),
    ]);
    return { flow, sandbox };
  }

  it('writes a burst with few requests, and the newest values stand', async () => {
    const { flow, sandbox } = await deployLoop();
    for (let n = 0; n < 20; n++) {
      flow.send('queue', { key: ORDER, payload: { description: `n${n}`, freightamount: n } });
    }
    await flow.until(() => {
      const ended = flow.inbox('done').length + flow.inbox('superseded').length;
      return ended >= 20 ? true : undefined;
    }, 'the end of all');
    const values = sandbox.orders.get(ORDER)?.values;
    expect(values).toMatchObject({ description: 'n19', freightamount: 19 });
    expect(sandbox.orders.requests(ORDER).length).toBeLessThan(20);
  });

  it('gives up what does not exist', async () => {
    const { flow } = await deployLoop();
    flow.send('queue', {
      key: '5a1e0000-2025-4000-8000-000000000999',
      payload: { description: 'x' },
    });
    const [gone] = await flow.count('given-up', 1);
    expect(gone?.update?.outcome).toBe('not-found');
  });

  it('gives up what is no update', async () => {
    const { flow } = await deployLoop();
    flow.send('queue', { key: ORDER, payload: 7 });
    const [gone] = await flow.count('given-up', 1);
    expect(gone?.error?.code).toBe('CHANGES_INVALID');
  });
});
