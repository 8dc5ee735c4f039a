// What the write before has returned only chooses the version to try first (docs/safety.md, "Snapshot chaining").
import { setMaxListeners } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { orderId, startSandbox } from '../../../sandbox';
import { createInProcessLocks } from '../../../lib/coordination/in-process-locks';
import { InputError } from '../../../lib/errors';
import type { Fields } from '../../../lib/record/fields';
import type { Snapshot } from '../../../lib/record/snapshot';
import { systemTime } from '../../../lib/retry/time';
import { chainedBy } from '../../../lib/update/chain';
import { Chains, type ChainedRecord } from '../../../lib/update/chains';
import type { Event } from '../../../lib/update/decide';
import { updateRecord } from '../../../lib/update/loop';
import { updateHash, type Computation } from '../../../lib/update/request';
import { WORK_ORDERS } from '../../support/engine-guard';
import { Engine, type EngineOptions, type RequestPart } from '../../support/engine';
import {
  preceded,
  startRecordApi,
  type RecordApi,
  type RecordApiOptions,
} from '../../support/engine-record';
import {
  answered,
  BEGUN,
  endOf,
  GRANTED,
  play,
  read,
  REF,
  taskWith,
  unanswered,
  USED_UP,
  VALUES,
  type TaskPart,
} from '../../support/next-play';

const { key, url } = REF;
const READ_AT = '2026-02-08T10:00:05.000Z';

/** The write before made version 2. */
function after(values: Fields = VALUES, part: Partial<Snapshot> = {}): Event {
  const { answer } = read(2, values) as Extract<Event, { kind: 'read' }>;
  const snapshot = { key, url, version: '"v2"', values, readAt: READ_AT, ...part };
  return { kind: 'begun', chained: { snapshot, answer } };
}

function brought(n: number, values: Fields = VALUES, readAt = '2026-02-08T10:00:00.000Z') {
  return { snapshot: { key, url, version: `"v${String(n)}"`, values, readAt } };
}

const COMPUTED: TaskPart = {
  computation: {
    fields: ['status'],
    hash: 'h',
    of: () => Promise.reject(new Error('played by hand')),
  },
};
const computed = (changes: Fields): Event => ({
  kind: 'computed',
  answer: { changes, token: '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f' },
});

const GUARDED: TaskPart = {
  changes: { status: 'Complete' },
  transition: { url, field: 'status', from: 'In Progress', to: 'Complete', machine: WORK_ORDERS },
};

describe('the first step', () => {
  const DONE = { ...VALUES, status: 'Done' };
  const sent = (part: TaskPart, event = after()): string[] => [
    ...play(taskWith(part), [event]).steps,
  ];

  test.each<[string, TaskPart, Event?]>([
    ['with all that is compared', {}],
    ['with guard fields that it shows', { guards: ['note'] }],
    ['with a wired loop', { mode: 'once' }],
    ['of a transition that it allows', GUARDED, after({ ...VALUES, status: 'In Progress' })],
    ['with an older snapshot in the message', brought(1)],
    ['with the same version in the message', brought(2, VALUES, '')],
  ])('is a write on that version %s', (_name, part, event) => {
    const { steps, step } = play(taskWith(part), [event ?? after()]);
    expect(steps).toEqual(['write']);
    expect(step).toMatchObject({ plan: { precondition: { version: '"v2"' } } });
  });

  test('computes on it', () => {
    const { step } = play(taskWith(COMPUTED), [after({ ...VALUES, status: 'Held' })]);
    expect(step).toMatchObject({ kind: 'compute', record: { values: { status: 'Held' } } });
  });

  test.each<[string, TaskPart, Event?]>([
    ['shows the update in place', {}, after(DONE)],
    ['lacks a target', {}, after({ note: 'n0' })],
    ['lacks a guard field', { guards: ['owner'] }],
    ['lacks what a transition depends on', GUARDED, after({ note: 'n0' })],
    ['shows that a transition is not allowed', GUARDED, after({ ...VALUES, status: 'Closed' })],
    ['shows that a transition has been made', GUARDED, after({ ...VALUES, status: 'Complete' })],
    ['collides with what the message was decided on', brought(1, { ...VALUES, status: 'Held' })],
    [
      'collides where the rule would be asked',
      { ...brought(1, { ...VALUES, status: 'Held' }), rule: () => Promise.resolve('overwrite') },
    ],
    [
      'shows another guard than the message',
      { guards: ['note'], ...brought(1, { ...VALUES, note: 'x' }) },
    ],
    [
      'cannot show what an expression uses',
      { computation: { ...COMPUTED.computation, fields: undefined } as Computation },
    ],
    ['is not enough for PUT', { method: 'PUT' }],
    ['proves nothing for a forced write', { force: true }],
    ['proves nothing for an action', { action: { name: 'close', parameters: {} } }],
  ])('is a read where that version %s', (_name, part, event) => {
    expect(sent(part, event)).toEqual(['read']);
  });

  test('is what the message asks for where that is not older, or nobody can tell', () => {
    for (const readAt of ['2026-02-08T10:00:09.000Z', '', 'yesterday']) {
      const { step } = play(taskWith(brought(3, VALUES, readAt)), [after()]);
      expect(step).toMatchObject({ kind: 'write', plan: { precondition: { version: '"v3"' } } });
    }
  });

  test('is a read for the passes of a wired loop after the first', () => {
    const about = {
      changesHash: updateHash({ ref: REF, changes: { status: 'Done' }, computation: undefined }),
    };
    const base = { ...brought(1), ...about };
    expect(sent({ mode: 'once', base })).toEqual(['read']);
    expect(
      sent({ mode: 'once', pending: { versionSent: '"v1"', seenUnmoved: true, ...about } }),
    ).toEqual(['read']);
  });
});

describe('what was computed on it', () => {
  const begun = after({ ...VALUES, status: 'Held' });

  test('is written on that very version', () => {
    const { step } = play(taskWith(COMPUTED), [begun, computed({ status: 'Done' })]);
    expect(step).toMatchObject({ kind: 'write', plan: { precondition: { version: '"v2"' } } });
  });

  test.each<[string, Event]>([
    ['failed', { kind: 'computed', answer: { error: new InputError('EXPRESSION_FAILED', 'x') } }],
    ['makes no changes', computed({})],
    ['is there already', computed({ status: 'Held' })],
  ])('is computed anew from a read where it %s', (_name, event) => {
    const { steps, known } = play(taskWith(COMPUTED), [begun, event, read(2)]);
    expect(steps).toEqual(['compute', 'read', 'compute']);
    expect(known.latest?.from).toBe('api');
  });
});

describe('a refusal of that version', () => {
  const REFUSED = [after({ ...VALUES, note: 'ours' }), answered(412)];

  test.each([409, 412])('(%i) is followed by a read at once, with no retry taken', status => {
    const { steps, known } = play(taskWith(), [after(), answered(status)]);
    expect(steps).toEqual(['write', 'read']);
    expect(known).toMatchObject({ base: undefined, awaiting: { reading: { for: 'first' } } });
    expect(known.attempts).toHaveLength(1);
  });

  test('makes the fresh read the baseline: what came before it is nobody’s conflict', () => {
    const events = [...REFUSED, read(4, { status: 'Held', note: 'theirs' })];
    const { step, known } = play(taskWith({ guards: ['note'] }), events);
    expect(step).toMatchObject({ kind: 'write', plan: { precondition: { version: '"v4"' } } });
    expect(known.base?.version).toBe('"v4"');
  });

  test('leaves the baseline of the message as it is', () => {
    const task = taskWith(brought(1));
    expect(endOf(task, [...REFUSED, read(4, { ...VALUES, status: 'Held' })])).toMatchObject({
      outcome: 'conflict',
      conflict: { fields: [{ base: 'Open', theirs: 'Held' }] },
    });
  });

  test('may be said once more about the version that reads show, which is a refusal of its own', () => {
    const stale = [...REFUSED, read(2), answered(412), GRANTED, read(2), read(2)];
    expect(endOf(taskWith(), stale)).toMatchObject({ error: { code: 'VERSION_NOT_PROGRESSING' } });
  });

  test('needs a new key for the request that follows', () => {
    const idempotency = { key: 'k1', requestHash: 'h1' };
    const refused = { ...(answered(412) as Extract<Event, { kind: 'written' }>), idempotency };
    const { step } = play(taskWith(), [after(), refused, read(2)]);
    expect(step).toMatchObject({ kind: 'write', idempotency: undefined });
  });
});

describe('a write on that version', () => {
  test('in doubt is looked for, and goes again while the version stays', () => {
    const lost = [after(), unanswered('TIMEOUT'), GRANTED];
    expect(play(taskWith(), lost).steps).toEqual(['write', 'wait', 'read']);
    expect(play(taskWith(), [...lost, read(2)]).step.kind).toBe('write');
    expect(endOf(taskWith(), [...lost, read(3, { ...VALUES, status: 'Done' })]).outcome).toBe(
      'already-applied',
    );
    expect(endOf(taskWith(), [...lost, read(3, { ...VALUES, note: 'x' })])).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'POSSIBLY_REVERTED' },
    });
  });

  test('in doubt once and refused then is no refusal of the chain', () => {
    const { result } = answered(409) as Extract<Event, { kind: 'written' }>;
    const verdict = { class: 'in-progress' } as const;
    const atWork = { ...answered(409), result: { ...result, verdict } } as Event;
    const { steps } = play(taskWith(), [after(), atWork, GRANTED, answered(412)]);
    expect(steps).toEqual(['write', 'wait', 'write', 'wait']);
  });

  test('shown not to be in place leaves no baseline that nobody has decided on', () => {
    const former = '2026-02-07T08:12:31.417Z';
    const task = taskWith({ stamp: 'at', guards: ['note'] });
    const lost = [after({ ...VALUES, at: former }), unanswered('TIMEOUT'), GRANTED];
    const moved = { status: 'Held', note: 'theirs', at: former };
    const { step, known } = play(task, [...lost, read(4, moved)]);
    expect([step.kind, known.base?.version]).toEqual(['write', '"v4"']);
    const part = { ...COMPUTED, stamp: 'at', guards: ['note'] };
    const token = '7d9e4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';
    const { steps } = play(taskWith(part), [
      after({ ...VALUES, at: token }),
      computed({ status: 'Done' }),
      ...lost.slice(1),
      read(4, { ...moved, at: token }),
    ]);
    expect(steps.at(-1)).toBe('compute');
  });

  test('that never left goes again as it was', () => {
    const events = [after(), unanswered('ECONNREFUSED', 'no'), GRANTED];
    expect(play(taskWith(), events).steps).toEqual(['write', 'wait', 'write']);
    const end = endOf(taskWith(), [after(), unanswered('ECONNREFUSED', 'no'), USED_UP]);
    expect(end.outcome).toBe('unavailable');
  });

  test('that was taken for later is waited for', () => {
    const events = [after(), answered(202), GRANTED, read(3, { ...VALUES, status: 'Done' })];
    expect(endOf(taskWith(), events).outcome).toBe('updated');
  });

  test('sends all changes: what a write has answered is no read', () => {
    const { step } = play(taskWith({ changes: { status: 'Done', note: 'n0' } }), [after()]);
    expect(step).toMatchObject({ plan: { changes: { status: 'Done', note: 'n0' } } });
    expect(step).not.toHaveProperty('plan.read');
  });
});

describe('an answer leaves for the next update', () => {
  const left = (
    event: Event,
    part: TaskPart = {},
    first: readonly Event[] = [BEGUN, read(1)],
  ): ChainedRecord | undefined => {
    const task = taskWith(part);
    return chainedBy(task, play(task, [...first, event]).known);
  };
  const etag = '"v2"';

  test('the record that it shows, and none of what was only read', () => {
    const values = { status: 'Done', extra: 1 };
    expect(left(answered(200, values, { etag }))?.snapshot).toMatchObject({
      version: etag,
      values,
    });
  });

  test.each<[string, Event, TaskPart?, (readonly Event[])?]>([
    ['without a version', answered(200, { status: 'Done' })],
    ['without a record', answered(204, undefined, { etag })],
    ['with a report', answered(200, { ok: true }, { etag })],
    ['with the version that was sent', answered(200, { status: 'Done' }, { etag: '"v1"' })],
    [
      'of an action',
      answered(200, { status: 'Done' }, { etag }),
      { action: { name: 'close', parameters: {} } },
    ],
    ['that comes later', answered(202, { status: 'Done' }, { etag })],
    ['that refuses', answered(422, { status: 'Done' }, { etag })],
  ])('nothing %s', (_name, event, part, first) => {
    expect(left(event, part, first)).toBeUndefined();
  });

  test('nothing where the version is a time', async () => {
    const { requests } = await hot({ evidence: 'last-modified' }, 4, {
      rest: { versionFrom: 'last-modified' },
    });
    expect(requests).toBe(8);
  });
});

const ADD_ONE: Computation = {
  fields: ['stock'],
  hash: 'add 1',
  of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + 1 }),
};
const INCREMENT: RequestPart = { changes: undefined, computation: ADD_ONE };

/** A record that several updates want at once, in their turns. */
async function hotRecord(
  options: RecordApiOptions,
  engineOptions: EngineOptions = {},
  isChained = true,
): Promise<{ api: RecordApi; engine: Engine }> {
  const api = await startRecordApi(options);
  const locks = createInProcessLocks({ time: systemTime });
  const engine = new Engine(api.url, {
    turn: (waitMs, signal, onWait) =>
      locks.acquire('A1', { leaseMs: 60_000, waitMs, signal, onWait }),
    ...engineOptions,
    ...(isChained ? { context: { chains: new Chains() } } : {}),
  });
  setMaxListeners(100, engine.stop.signal);
  return { api, engine };
}

async function hot(
  options: RecordApiOptions,
  updates: number,
  engineOptions: EngineOptions = {},
  part: (n: number) => RequestPart = n => ({ changes: { status: `S${String(n)}` } }),
  isChained = true,
) {
  const { api, engine } = await hotRecord(options, engineOptions, isChained);
  const all = await Promise.all(Array.from({ length: updates }, (_, n) => engine.update(part(n))));
  expect(all.map(({ result }) => result.outcome)).toEqual(all.map(() => 'updated'));
  expect(api.committed).toHaveLength(updates);
  return { api, requests: api.requests.length };
}

describe('updates of one record that wait for each other', () => {
  test('take one request each after the first', async () => {
    const { api, requests } = await hot({}, 50);
    expect(requests).toBe(51);
    expect(api.values.status).toBe('S49');
  });

  test('take two each where nothing is handed on', async () => {
    expect((await hot({}, 10, {}, undefined, false)).requests).toBe(20);
  });

  test('count right', async () => {
    const { api, requests } = await hot({ values: { stock: 5 } }, 20, {}, () => INCREMENT);
    expect([api.values.stock, requests]).toEqual([25, 21]);
  });

  test.each<[string, RequestPart]>([
    ['guard fields', { guards: ['name'] }],
    ['fields that need not be sent', { changes: { name: 'the same', description: 'x' } }],
  ])('at Dataverse go on with %s, for which it is asked', async (_what, part) => {
    const sandbox = await startSandbox({ orders: 1, workOrders: 0 });
    onTestFinished(() => sandbox.close());
    sandbox.orders.touch(orderId(1), { name: 'the same' });
    const locks = createInProcessLocks({ time: systemTime });
    const engine = new Engine(sandbox.url, {
      family: 'dataverse',
      basePath: '/api/data/v9.0',
      collection: 'salesorders',
      key: orderId(1),
      turn: (waitMs, signal, onWait) =>
        locks.acquire('order', { leaseMs: 60_000, waitMs, signal, onWait }),
      context: { chains: new Chains() },
    });
    const all = ['a', 'b', 'c'].map(description =>
      engine.update({ ...part, changes: { ...(part.changes as Fields), description } }),
    );
    const outcomes = (await Promise.all(all)).map(({ result }) => result.outcome);
    expect(outcomes).toEqual(['updated', 'updated', 'updated']);
    expect(sandbox.stats().requests).toEqual({ GET: 1, PATCH: 3 });
  });

  test('keep the digits of long numbers', async () => {
    const stock = '12345678901234567890';
    const exactly: Computation = {
      ...ADD_ONE,
      of: (_record, exact) => Promise.resolve({ stock: exact().stock, note: 'counted again' }),
    };
    const { api, engine } = await hotRecord({});
    const seen: unknown[] = [];
    const shown = (body: string) => ({ status: 200, headers: { etag: api.version }, body });
    api.everyRead = () => shown(`{"stock":${stock},"note":"n0"}`);
    api.everyWrite = ({ body }) => {
      api.noise();
      seen.push(body);
      return shown(`{"stock":${stock},"note":"counted"}`);
    };
    const again = { ...INCREMENT, computation: { ...exactly, fields: ['stock', 'note'] } };
    await Promise.all([
      engine.update({ changes: { note: 'first', stock: 1 } }),
      engine.update(again),
    ]);
    expect(seen[1]).toContain(`"stock":${stock}`);
    expect(api.methods).toEqual(['GET', 'PATCH', 'PATCH']);
  });

  test.each(['version', 'nothing'] as const)(
    'read where an answer shows %s of the record',
    async answers => {
      expect((await hot({ answers }, 5)).requests).toBe(10);
    },
  );

  test('read where an answer shows only what was written, and more is compared', async () => {
    const { api, engine } = await hotRecord({});
    api.everyWrite = (request, proceed) => ({
      ...(proceed() as object),
      status: 200,
      headers: { etag: api.version },
      body: JSON.parse(request.body) as Fields,
    });
    const all = [0, 1, 2].map(n => engine.update({ changes: { status: String(n) } }));
    await Promise.all([...all, engine.update({ changes: { note: 'x' } })]);
    expect(api.methods).toEqual(['GET', 'PATCH', 'PATCH', 'PATCH', 'GET', 'PATCH']);
  });

  test('compare what somebody else did in between, with a fresh read', async () => {
    const { api, engine } = await hotRecord({});
    const snapshot = engine.snapshot(api.version, api.values);
    const first = engine.update({ changes: { note: 'ours' } });
    api.writes.push(
      (_request, proceed) => proceed(),
      preceded(() => {
        api.change({ status: 'Cancelled' });
      }),
    );
    const [, second] = await Promise.all([first, engine.update({ snapshot })]);
    expect(second.result).toMatchObject({
      outcome: 'conflict',
      conflict: { fields: [{ base: 'Open', theirs: 'Cancelled' }] },
    });
  });

  test('go on with the next one where one is refused for good', async () => {
    const { api, engine } = await hotRecord({});
    api.writes.push((_request, proceed) => proceed(), { status: 422 });
    const all = [0, 1, 2].map(n => engine.update({ changes: { status: String(n) } }));
    const outcomes = (await Promise.all(all)).map(({ result }) => result.outcome);
    expect(outcomes).toEqual(['updated', 'rejected', 'updated']);
    expect(api.methods).toEqual(['GET', 'PATCH', 'PATCH', 'GET', 'PATCH']);
  });

  test('use nothing that another endpoint has left', async () => {
    const { api, engine } = await hotRecord({});
    const other = { ...engine.context, chains: new Chains() };
    await Promise.all([
      engine.update({ changes: { status: 'a' } }),
      updateRecord(engine.request({ changes: { status: 'b' } }), other),
    ]);
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
  });

  test('stop trying where the answers name versions that the API does not take', async () => {
    const { api, engine } = await hotRecord({});
    api.everyWrite = (_request, proceed) => {
      const reply = proceed() as { status: number; body?: unknown };
      return { ...reply, headers: { etag: `W/"of the answer ${String(api.history.length)}"` } };
    };
    const all = Array.from({ length: 60 }, (_, n) =>
      engine.update({ changes: { status: String(n) } }),
    );
    const outcomes = (await Promise.all(all)).map(({ result }) => result.outcome);
    expect(new Set(outcomes)).toEqual(new Set(['updated']));
    expect(api.requests.length).toBeLessThanOrEqual(2 * 60 + 6);
  });
});
