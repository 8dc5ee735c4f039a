// Whatever a function node builds or a hand edits: a code and a name before any request, and never the end of a message
// without a word.
import { describe, expect, it } from 'vitest';
import {
  backoffNode,
  catcher,
  dedupeNode,
  endpoint,
  fetchNode,
  guardNode,
  inboxes,
  lockNode,
  storeNode,
  switchNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, requestCount, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';
import type { Sandbox } from '../../sandbox/index';

useNodeRed();

const OUT = [['out'], ['out']] as const;
const PENDING = new Promise<never>(() => undefined);
/** What an `await` would take for a promise. */
const thenable = (): object => ({ then: () => undefined });

async function flowOf(
  ...nodes: readonly FlowNode[]
): Promise<{ readonly flow: Flow; readonly sandbox: Sandbox }> {
  const sandbox = await startPractice();
  const flow = await Flow.start([ordersAt(sandbox), ...nodes, ...inboxes('out'), ...catcher()]);
  return { flow, sandbox };
}

/** Sends a message that is refused before any request. */
async function refused(node: FlowNode, msg: Msg): Promise<{ code: string; message: string }> {
  const { flow, sandbox } = await flowOf(node, storeNode({ keep: 'memory' }));
  const { at, msg: caught } = await flow.pass(node.id, msg);
  expect(at).toBe('caught');
  expect(requestCount(sandbox)).toBe(0);
  return { code: caught.error?.code ?? '', message: caught.error?.message ?? '' };
}

describe('case U37: a promise', () => {
  const update = (config = {}): FlowNode => updateNode('node', OUT, config);
  const CHANGE = { key: ORDER, payload: { name: 'new' } };
  const guard = guardNode('node', OUT, {
    field: 'status',
    states: [{ name: 'New', next: [] }] as never,
  });
  const record = { key: 'K', url: 'http://127.0.0.1/K', version: '"1"', values: { status: 'New' } };
  const byCount = updateNode('node', OUT, { key: '$string(payload.id)', keyType: 'jsonata' });

  it.each<[string, FlowNode, Msg, string]>([
    ['as changes', update(), { ...CHANGE, payload: PENDING }, 'CHANGES_INVALID'],
    ['that only looks like one', update(), { ...CHANGE, payload: thenable() }, 'CHANGES_INVALID'],
    ['in the changes', update(), { ...CHANGE, payload: { name: PENDING } }, 'CHANGES_INVALID'],
    ['as key', update(), { ...CHANGE, key: PENDING }, 'KEY_INVALID'],
    ['as key of a read', fetchNode('node', OUT), { key: thenable() }, 'KEY_INVALID'],
    ['as key of a lock', lockNode('node', OUT), { key: PENDING }, 'KEY_INVALID'],
    [
      'as key of the snapshot',
      update(),
      { payload: { a: 1 }, record: { key: PENDING } as never },
      'KEY_INVALID',
    ],
    [
      'as event id',
      dedupeNode('node', OUT, { eventId: 'id' }),
      { id: PENDING },
      'EVENT_ID_INVALID',
    ],
    ['as event', dedupeNode('node', OUT), { event: thenable() }, 'EVENT_PLACE_INVALID'],
    [
      'as fields',
      fetchNode('node', OUT, { fields: 'f', fieldsType: 'msg' }),
      { f: PENDING, key: ORDER },
      'FIELDS_INVALID',
    ],
    [
      'in a row of the table',
      update({
        changesType: 'fields',
        fields: [{ field: 'name', value: 'wanted', valueType: 'msg', optional: false }],
      }),
      { key: ORDER, wanted: PENDING },
      'CHANGES_INVALID',
    ],
    ['that an expression reads', byCount, { payload: PENDING }, 'EXPRESSION_FAILED'],
    ['as changes of a guard', guard, { payload: thenable(), record } as never, 'CHANGES_INVALID'],
  ])('%s is refused, naming a forgotten await', async (_name, node, msg, code) => {
    const said = await refused(node, msg);
    expect(said.message).toContain('await');
    if (code !== 'EXPRESSION_FAILED') expect(said.code).toBe(code);
  });
});

describe('case U36: whatever done() throws is logged, and the next message goes on', () => {
  /** Just deep enough that no copy of it can be made. */
  function nested(levels = 60_000): object {
    let inner: object = {};
    for (let level = 0; level < levels; level++) inner = { inner };
    return inner;
  }

  it('at a message whose error cannot be told to a Catch node', async () => {
    const { flow } = await flowOf(updateNode('update', OUT));
    flow.send('update', { payload: { a: 1 }, deep: nested() });
    const line = await flow.until(
      () =>
        flow.logs.find(
          ({ level, msg }) => level === 20 && String(msg).includes('could not be told'),
        ),
      'a line in the log',
    );
    expect(String(line.msg)).toContain('msg.key has none');
    expect((await flow.pass('update', { key: ORDER, payload: { name: 'x' } })).at).toBe('out');
  });

  it.each([
    ['updated', 200, 'MESSAGE_NOT_PASSED'],
    ['uncertain', 'lost', 'UPDATE_UNCERTAIN'],
  ] as const)('at an update that ended as %s and cannot be copied', async (outcome, how, code) => {
    const { url } = await startScriptedServer(({ method }) => {
      if (method === 'GET') {
        return {
          status: how === 'lost' && wrote ? 404 : 200,
          headers: { etag: '"1"' },
          body: { a: 1 },
        };
      }
      wrote = true;
      return how === 'lost'
        ? { status: 202 }
        : { status: 200, headers: { etag: '"2"' }, body: { a: 2 } };
    });
    let wrote = false;
    const two = ['out', 'other'];
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: url, deadline: 1 }),
      updateNode('update', [two, two]),
      ...inboxes('out', 'other'),
      ...catcher(),
    ]);
    flow.send('update', { key: 'K', payload: { a: 2 }, deep: nested() });
    const [done] = await flow.until(() => {
      const found = flow.completionsOf('update');
      return found.length > 0 ? found : undefined;
    }, 'its end');
    expect(done?.error?.code).toBe(code);
    expect(done?.error?.message).toContain(`"${outcome}"`);
    const logged = await flow.until(
      () =>
        flow.logs.find(
          ({ level, msg }) => level === 20 && String(msg).includes('could not be told'),
        ),
      'a line in the log',
    );
    expect(String(logged.msg)).toContain(`"${outcome}"`);
  });
});

describe('case U43: a frozen message', () => {
  const frozen = (part: Msg = {}): Msg =>
    Object.freeze({ _msgid: 'm', key: ORDER, payload: { name: 'new' }, ...part });

  it.each<[string, FlowNode, Msg]>([
    ['an update', updateNode('node', OUT), frozen()],
    ['a read', fetchNode('node', OUT), frozen()],
    ['a lock', lockNode('node', OUT), frozen()],
    ['a check for duplicates', dedupeNode('node', OUT, { eventId: 'id' }), frozen({ id: '1' })],
    ['a switch', switchNode('node', [['out']]), frozen({ statusCode: 412 })],
    ['a loop', backoffNode('node', OUT), frozen()],
    [
      'an update whose place is frozen',
      updateNode('node', OUT, { result: 'payload.update' }),
      { key: ORDER, payload: Object.freeze({ name: 'new' }) },
    ],
    [
      'an update whose place is read-only',
      updateNode('node', OUT),
      Object.defineProperty({ key: ORDER, payload: { name: 'n' } }, 'record', {
        get: () => undefined,
      }),
    ],
  ])('is refused by %s before anything is sent', async (_name, node, msg) => {
    const { code, message } = await refused(node, msg);
    expect(code).toBe('PROPERTY_INVALID');
    expect(message).toContain('msg.');
  });
});

describe('case U43: forged members of a message', () => {
  const loop = backoffNode('node', [['again'], ['ended']], {
    policy: 'own',
    transientRetries: 2,
    schedule: 'list',
    waits: '0',
    jitter: 'none',
  });
  const COUNTER = { node: 'node', key: ORDER, startedAt: new Date().toISOString(), delayMs: 0 };
  const RETRY = { outcome: 'retry', cause: 'transient' };

  it.each([
    { ...COUNTER, count: -50, causes: { transient: -50 } },
    { ...COUNTER, count: 0, causes: { noise: 50, transient: -50 } },
    { ...COUNTER, count: 2, causes: { noise: 50 } },
    { ...COUNTER, count: Number.NaN, causes: {} },
    { ...COUNTER, count: 0.5, causes: { transient: 0.5 } },
    { ...COUNTER, count: 1, causes: { transient: '1' } },
    { ...COUNTER, count: 1, causes: { transient: 1 }, startedAt: 'soon' },
    { ...COUNTER, count: 1, causes: { transient: 1 }, delayMs: -1 },
  ])('the counter %j allows no more tries than are set', async retry => {
    const flow = await Flow.start([loop, ...inboxes('again', 'ended'), ...catcher()]);
    const { at, msg } = await flow.pass('node', { key: ORDER, retry, update: RETRY } as never);
    expect([at, msg.error?.code]).toEqual(['caught', 'COUNTER_INVALID']);
    expect(msg.error?.message).toContain('msg.retry');
  });

  it('what a flow keeps in msg.retry for itself is no counter', async () => {
    const flow = await Flow.start([loop, ...inboxes('again', 'ended'), ...catcher()]);
    for (const retry of [3, 'often', { count: -1 }, { ...COUNTER, node: 'other', count: -1 }]) {
      const { at, msg } = await flow.pass('node', { key: ORDER, retry, update: RETRY } as never);
      expect([at, msg.retry?.count]).toEqual(['again', 1]);
    }
  });

  it('two tries are two, whatever the result says of its cause and its times', async () => {
    const flow = await Flow.start([loop, ...inboxes('again', 'ended'), ...catcher()]);
    const update = { ...RETRY, cause: '__proto__', durationMs: 'long', reads: -1, attempts: 5 };
    let msg: Msg = { key: ORDER, update } as never;
    const path: string[] = [];
    for (let pass = 1; pass <= 3; pass++) {
      const next = await flow.pass('node', msg);
      path.push(next.at);
      msg = { ...next.msg, update } as never;
    }
    expect(path).toEqual(['again', 'again', 'ended']);
  });

  const HASH = { changesHash: 'h' };
  it.each([
    ['a doubt that is none', { pending: 5 }],
    ['a doubt without a version', { pending: { ...HASH } }],
    ['a version that is no text', { pending: { ...HASH, versionSent: 7 } }],
    ['a baseline that is none', { base: 'x' }],
    ['a baseline without a snapshot', { base: { ...HASH } }],
    ['a baseline without values', { base: { ...HASH, snapshot: { url: 'u', version: '"1"' } } }],
  ])('a result that says "retry" with %s is refused', async (_name, part) => {
    const update = { ...RETRY, ...part } as never;
    const msg = { key: ORDER, payload: { name: 'new' }, update };
    const { code, message } = await refused(updateNode('node', OUT), msg);
    expect(code).toBe('RESULT_INVALID');
    expect(message).toContain('msg.update');
  });

  it.each([null, 5, 'retry', { outcome: 7 }, { outcome: 'updated', pending: 5 }])(
    'any other result is left behind: %j',
    async update => {
      const { flow } = await flowOf(updateNode('node', OUT));
      const msg = { key: ORDER, payload: { name: 'new' }, update } as never;
      expect((await flow.pass('node', msg)).msg.update?.outcome).toBe('updated');
    },
  );
});

describe('case U43: settings of another type', () => {
  it('a variable that holds a number is text where the dialog has text', async () => {
    const { url, requests } = await startScriptedServer(() => ({
      status: 200,
      headers: { etag: '"1"' },
      body: { a: 1, 5: 'v1' },
    }));
    const numbers = { query: 5, recordPath: 0, conflictText: 7, modifiedField: 8, versionField: 5 };
    const flow = await Flow.start([
      endpoint({
        ...({ ...numbers, query: '', recordPath: '' } as object),
        server: 'url',
        family: 'rest',
        versionFrom: 'field',
        baseUrl: url,
      }),
      fetchNode('fetch', OUT, { guards: 5 as never }),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { at, msg } = await flow.pass('fetch', { key: 'K' });
    expect([at, msg.record?.version]).toEqual(['out', 'v1']);
    expect(requests).toHaveLength(1);
  });

  it.each<[string, object, string, string]>([
    ['a number as query', { query: 5 }, 'QUERY_INVALID', 'Query'],
    ['a list as query', { query: ['a'] }, 'SETTING_INVALID', 'Query'],
    ['an object as base URL', { baseUrl: {} }, 'SETTING_INVALID', 'Base URL'],
    ['a family that is none', { family: 'oracle' }, 'SETTING_INVALID', 'family'],
    ['a sign-in that is none', { auth: 7 }, 'SETTING_INVALID', 'auth'],
    ['text as a checkbox', { peak: 'yes' }, 'SETTING_INVALID', 'Peak'],
    ['an object as a number', { parallel: {} }, 'SETTING_INVALID', 'parallel'],
  ])('of the endpoint: %s', async (_name, part, code, named) => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox, part),
      updateNode('update', OUT),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { msg } = await flow.pass('update', { key: ORDER, payload: { name: 'x' } });
    expect(msg.error?.code).toBe(code);
    expect(msg.error?.message.toLowerCase()).toContain(named.toLowerCase());
    expect(requestCount(sandbox)).toBe(0);
  });

  it.each<[string, object, string]>([
    ['a list as guard fields', { guards: ['a'] }, 'Guard fields'],
    ['an object as place', { result: {} }, 'Result'],
    ['a mode that is none', { mode: 'often' }, 'mode'],
    ['text as force', { force: 'perhaps' }, 'whatever the version'],
    ['a table that is none', { changesType: 'fields', fields: 'name' }, 'fields'],
    ['a row that is none', { changesType: 'fields', fields: [null] }, 'fields'],
    ['a row with an object', { changesType: 'fields', fields: [{ field: {} }] }, 'fields'],
  ])('of an update: %s', async (_name, part, named) => {
    const msg = { key: ORDER, payload: { name: 'x' } };
    const { code, message } = await refused(updateNode('node', OUT, part), msg);
    expect(code).toBe('SETTING_INVALID');
    expect(message.toLowerCase()).toContain(named.toLowerCase());
  });

  it('a rule of conflict-switch that is no list', async () => {
    const node = switchNode('node', [['out']], { rows: [{ outcomes: 'all' }] as never });
    const { code } = await refused(node, { update: { outcome: 'updated' } as never });
    expect(code).toBe('SETTING_INVALID');
  });

  it('"false" as text forces nothing', async () => {
    const { url, requests } = await startScriptedServer(() => ({
      status: 200,
      headers: { etag: '"1"' },
      body: { a: 1 },
    }));
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: url }),
      updateNode('node', OUT, { force: 'false' as never }),
      ...inboxes('out'),
    ]);
    await flow.pass('node', { key: 'K', payload: { a: 2 } });
    expect(requests.map(({ headers }) => headers['if-match'])).toEqual([undefined, '"1"']);
  });
});
