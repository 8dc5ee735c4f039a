// What would go wrong in silence: each of it says so, once, where one looks for it.
import { describe, expect, it } from 'vitest';
import {
  backoffNode,
  catcher,
  endpoint,
  fetchNode,
  inboxes,
  lockNode,
  switchNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, requestCount, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';

useNodeRed();

const CHANGE: Msg = { key: ORDER, payload: { description: 'new' } };
const UNWIRED = 'no wire leads on from there';

/** An API that refuses the changes of some messages. */
async function refusingApi(): Promise<FlowNode> {
  const { url } = await startScriptedServer(({ method, body }) =>
    method === 'PATCH' && body.includes('bad')
      ? { status: 422, body: { error: { code: 'BAD', message: 'not like this' } } }
      : { status: 200, headers: { etag: '"1"' }, body: { a: 1 } },
  );
  return endpoint({ server: 'url', family: 'rest', baseUrl: url });
}

const refusedMsg = (n: number): Msg => ({ key: `K${String(n)}`, payload: { a: 'bad' } });

describe('case U6: an outcome on an output that nobody has wired', () => {
  it('is told once for each outcome, and counted in the status from then on', async () => {
    const flow = await Flow.start([
      await refusingApi(),
      updateNode('update', [['out'], []]),
      ...inboxes('out'),
      ...catcher(),
    ]);
    for (const n of [1, 2, 3]) flow.send('update', refusedMsg(n));
    await flow.until(() => flow.completionsOf('update')[2], 'the third refusal');
    const told = flow.warnings.filter(line => line.includes(UNWIRED));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('"rejected"');
    await flow.pass('update', { key: 'K4', payload: { a: 2 } });
    await flow.shows('update', 'conditional-update.status.updated · shared.status.unwired');
    expect(flow.errors).toEqual([]);
  });

  it('is told anew for another outcome', async () => {
    const { url } = await startScriptedServer(({ url: path }) =>
      path.includes('gone') ? { status: 404 } : { status: 401 },
    );
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: url }),
      fetchNode('fetch', [['out'], []]),
      ...inboxes('out'),
    ]);
    flow.send('fetch', { key: 'gone' });
    flow.send('fetch', { key: 'locked' });
    await flow.until(() => flow.completionsOf('fetch')[1], 'both reads');
    const told = flow.warnings.filter(line => line.includes(UNWIRED));
    expect(told.map(line => /"([a-z-]+)"/.exec(line)?.[1]).sort()).toEqual(['denied', 'not-found']);
  });

  it.each<[string, FlowNode, Msg]>([
    [
      'a switch whose row leads nowhere',
      switchNode('node', [[], [], [], []]),
      { update: { outcome: 'conflict' } as never },
    ],
    [
      'a switch without a row for it',
      switchNode('node', [['out']], { rows: [{ outcomes: ['updated'], otherwise: false }] }),
      { update: { outcome: 'rejected' } as never },
    ],
    [
      'a loop that is given up',
      backoffNode('node', [['out'], []], { policy: 'own', transientRetries: 0 }),
      { ...CHANGE, update: { outcome: 'retry', cause: 'transient' } as never },
    ],
  ])('holds for %s', async (_name, node, msg) => {
    const flow = await Flow.start([endpoint(), node, ...inboxes('out')]);
    flow.send('node', msg);
    await flow.until(() => flow.completionsOf('node')[0], 'its end');
    expect(flow.warnings.filter(line => line.includes(UNWIRED))).toHaveLength(1);
  });

  it('holds for a lock that is not acquired', async () => {
    const flow = await Flow.start([
      endpoint(),
      lockNode('lock', [['out'], []], { wait: 0 }),
      ...inboxes('out'),
    ]);
    flow.send('lock', { key: ORDER });
    flow.send('lock', { key: ORDER });
    await flow.until(() => flow.completionsOf('lock')[1], 'the second message');
    expect(flow.warnings.filter(line => line.includes(UNWIRED))).toHaveLength(1);
  });

  it('is no matter where the update is done, or the output is wired', async () => {
    const flow = await Flow.start([
      await refusingApi(),
      updateNode('first', [[], ['out']]),
      ...inboxes('out'),
    ]);
    flow.send('first', { key: 'K', payload: { a: 2 } });
    flow.send('first', refusedMsg(1));
    await flow.until(() => flow.completionsOf('first')[1], 'both updates');
    expect(flow.warnings.filter(line => line.includes(UNWIRED))).toEqual([]);
  });
});

describe('case U7: an endpoint', () => {
  it('without a server is refused before anything is started', async () => {
    const flow = await Flow.start([
      endpoint({ server: '' }),
      updateNode('update', [['out'], ['out']]),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { at, msg } = await flow.pass('update', { ...CHANGE });
    expect([at, msg.error?.code]).toEqual(['caught', 'SERVER_MISSING']);
    expect(msg.error?.message).toContain('Server');
    expect(flow.logs.filter(({ msg: line }) => String(line).includes('Practice API'))).toEqual([]);
  });

  it('on the Practice API says so: in the log at the deploy, the status and the result', async () => {
    const flow = await Flow.start([
      endpoint(),
      fetchNode('fetch', [['update'], ['out']]),
      updateNode('update', [['out'], ['out']]),
      ...inboxes('out'),
    ]);
    const said = (): number =>
      flow.logs.filter(({ msg }) => String(msg).includes('reaches no system of yours')).length;
    expect(said()).toBe(1);
    const { msg } = await flow.pass('fetch', { ...CHANGE });
    expect(msg.update).toMatchObject({ outcome: 'updated', practice: true });
    await flow.shows('update', 'shared.status.practice · conditional-update.status.updated');
    await flow.shows('fetch', 'shared.status.practice · etag-fetch.status.read');
    const missing = await flow.pass('fetch', { key: '5a1e0000-2025-4000-8000-00000000ffff' });
    expect(missing.msg.update).toMatchObject({ outcome: 'not-found', practice: true });
    expect(said()).toBe(1);
  });

  it('of one’s own says nothing of the kind', async () => {
    const flow = await Flow.start([
      ordersAt(await startPractice()),
      updateNode('update', [['out'], ['out']]),
      ...inboxes('out'),
    ]);
    const { msg } = await flow.pass('update', { ...CHANGE });
    expect(msg.update).not.toHaveProperty('practice');
    await flow.shows('update', 'conditional-update.status.updated');
    expect(flow.logs.filter(({ msg: line }) => String(line).includes('Practice'))).toEqual([]);
  });
});

describe('an endpoint that is not there', () => {
  const NODES = [
    ['etag-fetch', fetchNode],
    ['conditional-update', updateNode],
    ['record-lock', lockNode],
    ['backoff-delay', backoffNode],
  ] as const;

  it.each(NODES)('shows at %s from the deploy on', async (_type, make) => {
    const flow = await Flow.start([make('node', [[], []], { endpoint: 'gone' })]);
    const { fill } = await flow.shows('node', 'shared.status.no-endpoint');
    expect(fill).toBe('red');
  });

  it.each([
    ['', 'No endpoint is chosen'],
    ['gone', 'deleted or is disabled'],
  ])('is told by what is wrong with it: %j', async (id, said) => {
    const nodes = [updateNode('update', [[], []], { endpoint: id }), ...catcher()];
    const flow = await Flow.start(nodes);
    const { msg } = await flow.pass('update', { ...CHANGE });
    expect(msg.error?.code).toBe('ENDPOINT_MISSING');
    expect(msg.error?.message).toContain(said);
  });
});

describe('a key', () => {
  it.each<[string, Msg, object, readonly string[]]>([
    ['that is missing', {}, {}, ['msg.key has none', 'under Key']],
    ['that is null', { key: null }, {}, ['msg.key has none', 'under Key']],
    ['missing elsewhere', {}, { key: 'order.id', keyType: 'msg' }, ['msg.order.id', 'under Key']],
    ['missing in the context', {}, { key: 'id', keyType: 'flow' }, ['flow.id', 'under Key']],
    ['of the wrong kind', { key: true }, {}, ['Key must be text', 'taken from msg.key']],
  ])(
    'case U11: %s names its place and the field of the dialog',
    async (_name, msg, more, parts) => {
      const sandbox = await startPractice();
      const flow = await Flow.start([
        ordersAt(sandbox),
        fetchNode('fetch', [['out'], ['out']], more),
        updateNode('update', [['out'], ['out']], more),
        lockNode('lock', [['out'], ['out']], more),
        ...inboxes('out'),
        ...catcher(),
      ]);
      for (const node of ['fetch', 'update', 'lock']) {
        const caught = (await flow.pass(node, { payload: { a: 1 }, ...msg })).msg;
        expect(caught.error?.code).toBe('KEY_INVALID');
        for (const part of parts) expect(caught.error?.message).toContain(part);
      }
      expect(requestCount(sandbox)).toBe(0);
    },
  );

  it.each(['SO-2025-0145', 145, '5a1e0000-2025-4000-8000'])(
    'case U10: %j at Dataverse is explained before any request',
    async key => {
      const sandbox = await startPractice();
      const flow = await Flow.start([
        ordersAt(sandbox),
        updateNode('update', [['out'], ['out']]),
        ...inboxes('out'),
        ...catcher(),
      ]);
      const { msg } = await flow.pass('update', { ...CHANGE, key });
      expect(msg.error?.code).toBe('KEY_INVALID');
      for (const part of ['GUID', 'alternate key', 'msg.key'])
        expect(msg.error?.message).toContain(part);
      expect(requestCount(sandbox)).toBe(0);
    },
  );

  it.each([ORDER, ORDER.toUpperCase(), `{${ORDER}}`, `'${ORDER}'`, { salesorderid: ORDER }])(
    'case U10: the spellings of a GUID and alternate keys stay what they are: %j',
    async key => {
      const flow = await Flow.start([
        ordersAt(await startPractice()),
        fetchNode('fetch', [['out'], ['out']]),
        ...inboxes('out'),
        ...catcher(),
      ]);
      const { at, msg } = await flow.pass('fetch', { key });
      expect([at, msg.record?.values.salesorderid]).toEqual(['out', ORDER]);
    },
  );
});
