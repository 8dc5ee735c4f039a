import { describe, expect, it } from 'vitest';
import type { EtagFetchConfig } from '../../nodes/etag-fetch/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { FaultRule, Sandbox } from '../../sandbox/index';
import { catcher, endpoint, fetchNode, inboxes } from '../support/flow-nodes';
import {
  ORDER,
  ordersAt,
  requestCount,
  startPractice,
  WORK_ORDER,
  workOrdersAt,
} from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';

useNodeRed();
const OUT = [...inboxes('read', 'not-read'), ...catcher()];
const PORTS = [['read'], ['not-read']];

async function deploy(
  node: Partial<EtagFetchConfig> = {},
  faults: readonly FaultRule[] = [],
  config: Partial<RecordEndpointConfig> = {},
): Promise<{ flow: Flow; sandbox: Sandbox }> {
  const sandbox = await startPractice({ faults });
  const fast = { base: 0.01, cap: 0.02, transientRetries: 1, ...config };
  const flow = await Flow.start([ordersAt(sandbox, fast), fetchNode('fetch', PORTS, node), ...OUT]);
  return { flow, sandbox };
}

async function read(flow: Flow, msg: Msg): Promise<Msg> {
  const out = await flow.pass('fetch', msg);
  expect([out.at, out.msg.error]).toEqual(['read', undefined]);
  return out.msg;
}

/** What an earlier pass of a wired loop has kept. */
const BASE = { key: ORDER, url: 'u', version: 'W/"1"', values: {}, readAt: '' };

describe('the snapshot', () => {
  it('shows what one read saw, and the message stays as it was', async () => {
    const { flow, sandbox } = await deploy();
    const payload = { orderstatus: 'Shipped' };
    const msg = await read(flow, { key: ORDER, payload, topic: 't' });
    expect(msg).toMatchObject({ key: ORDER, payload, topic: 't' });
    expect(msg.record).toEqual({
      key: ORDER,
      url: `${sandbox.url}/api/data/v9.0/salesorders(${ORDER})`,
      version: sandbox.orders.get(ORDER)?.version,
      values: expect.objectContaining({ orderstatus: 'New' }) as object,
      readAt: expect.stringMatching(/Z$/) as string,
    });
    expect(msg).not.toHaveProperty('update');
    expect(JSON.parse(JSON.stringify(msg))).toEqual(msg);
  });

  it('replaces msg.record only: what a wired loop keeps stays', async () => {
    const { flow } = await deploy();
    const update = { outcome: 'retry', base: { snapshot: BASE, changesHash: 'h' } } as never;
    const retry = { node: 'n', key: ORDER, count: 1, causes: {}, startedAt: '', delayMs: 0 };
    const msg = await read(flow, { key: ORDER, payload: { orderstatus: 'x' }, update, retry });
    expect(msg.update).toEqual(update);
    expect(msg.retry).toEqual(retry);
  });

  it('can go to another place', async () => {
    const { flow } = await deploy({ record: 'my.snapshot' });
    const msg = await read(flow, { key: ORDER, payload: {} });
    expect(msg.my).toMatchObject({ snapshot: { key: ORDER } });
    expect(msg).not.toHaveProperty('record');
  });
});

describe('Fields', () => {
  const values = (msg: Msg): string[] =>
    Object.keys(msg.record?.values ?? {})
      .filter(name => name !== 'salesorderid')
      .sort();

  it('auto: those of the changes in msg.payload', async () => {
    const { flow } = await deploy();
    const msg = await read(flow, {
      key: ORDER,
      payload: { orderstatus: 'x', description: 'y', '@odata.etag': 'z' },
    });
    expect(values(msg)).toEqual(['description', 'orderstatus']);
  });

  it.each([
    ['no changes', {}],
    ['text', 'a'],
    ['nothing', undefined],
  ])('auto: all of them when msg.payload is %s', async (_name, payload) => {
    const { flow } = await deploy();
    expect(values(await read(flow, { key: ORDER, payload })).length).toBeGreaterThan(10);
  });

  it.each([
    ['str', 'name, orderstatus', {}],
    ['json', '["name", "orderstatus"]', {}],
    ['msg', 'wanted', { wanted: ['name', 'orderstatus'] }],
    ['msg', 'wanted', { wanted: 'orderstatus,name' }],
  ] as const)('as %s %s', async (fieldsType, fields, more) => {
    const { flow } = await deploy({ fields, fieldsType });
    expect(values(await read(flow, { key: ORDER, ...more }))).toEqual(['name', 'orderstatus']);
  });

  it('guard fields are read besides', async () => {
    const { flow } = await deploy({ guards: 'pricingstatus , orderstatus' });
    const msg = await read(flow, { key: ORDER, payload: { orderstatus: 'x' } });
    expect(values(msg)).toEqual(['orderstatus', 'pricingstatus']);
  });

  it.each([[[1]], [new Array(1)]])('that are no names are an error: %j', async wanted => {
    const { flow, sandbox } = await deploy({ fields: 'wanted', fieldsType: 'msg' });
    const { at, msg } = await flow.pass('fetch', { key: ORDER, wanted });
    expect([at, msg.error?.code]).toEqual(['caught', 'FIELDS_INVALID']);
    expect(requestCount(sandbox)).toBe(0);
  });
});

describe('not read', () => {
  const outcome = async (
    rule: FaultRule | undefined,
    key: Msg['key'] = ORDER,
    config: Partial<RecordEndpointConfig> = {},
  ): Promise<Msg> => {
    const { flow } = await deploy({}, rule === undefined ? [] : [rule], config);
    const { at, msg } = await flow.pass('fetch', { key, payload: { orderstatus: 'x' } });
    expect(at).toBe('not-read');
    expect(msg).not.toHaveProperty('record');
    expect(msg.update).toMatchObject({
      key,
      attempts: [],
      verified: expect.any(Boolean) as boolean,
    });
    expect(msg.update?.error?.message).toBeTruthy();
    return msg;
  };

  it('not-found', async () => {
    const msg = await outcome(undefined, '5a1e0000-2025-4000-8000-00000000ffff');
    expect(msg.update?.outcome).toBe('not-found');
  });

  it('denied', async () => {
    const msg = await outcome({ fault: 'unauthorized' });
    expect(msg.update?.outcome).toBe('denied');
  });

  it('unavailable, after the reads were repeated', async () => {
    const msg = await outcome({ fault: 'unavailable' });
    expect(msg.update?.outcome).toBe('unavailable');
  });

  it('unavailable when nobody answers', async () => {
    const msg = await outcome(undefined, ORDER, { baseUrl: 'http://127.0.0.1:1' });
    expect(msg.update).toMatchObject({ outcome: 'unavailable', error: { code: 'ECONNREFUSED' } });
  });

  it('exhausted when the API throttles beyond the deadline', async () => {
    const msg = await outcome({ fault: 'throttled', retryAfter: '90' });
    expect(msg.update?.outcome).toBe('exhausted');
    expect(msg.update?.notBefore).toBeTruthy();
  });

  it('unsupported when it is a redirect', async () => {
    const msg = await outcome({ fault: 'redirect', location: 'http://127.0.0.1:1/' });
    expect(msg.update?.outcome).toBe('unsupported');
  });

  it('denied when it is a sign-in page', async () => {
    const msg = await outcome({ fault: 'login-page' });
    expect(msg.update).toMatchObject({ outcome: 'denied', error: { code: 'HTML_ANSWER' } });
  });

  it('unsupported when the record has no version', async () => {
    const server = await startScriptedServer(() => ({ status: 200, body: { status: 'Open' } }));
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: server.url }),
      fetchNode('fetch', PORTS, { collection: 'orders' }),
      ...OUT,
    ]);
    const { at, msg } = await flow.pass('fetch', { key: 'A1' });
    expect(at).toBe('not-read');
    expect(msg.update).toMatchObject({ outcome: 'unsupported', error: { code: 'NO_VERSION' } });
    expect(msg.update?.error?.message).toContain('named no version');
  });

  const loop = (pending?: object): Msg => ({
    key: ORDER,
    payload: { orderstatus: 'x' },
    update: {
      outcome: 'retry',
      base: { snapshot: BASE, changesHash: 'h' },
      ...(pending === undefined ? {} : { pending }),
    } as never,
    retry: { node: 'n', key: ORDER, count: 1, causes: {}, startedAt: '', delayMs: 0 },
  });
  const PENDING = { versionSent: 'W/"1"', changesHash: 'h', seenUnmoved: false };

  it('in a wired loop, a write in doubt stays in doubt', async () => {
    const { flow } = await deploy({}, [{ fault: 'unavailable' }]);
    const { msg } = await flow.pass('fetch', loop(PENDING));
    expect(msg.update?.outcome).toBe('uncertain');
  });

  it('in a wired loop, a record that is gone holds no write of ours', async () => {
    const { flow, sandbox } = await deploy();
    sandbox.orders.remove(ORDER);
    const { msg } = await flow.pass('fetch', loop(PENDING));
    expect(msg.update?.outcome).toBe('not-found');
  });

  it('in a wired loop, it ends the loop: baseline and counter go', async () => {
    const { flow } = await deploy({}, [{ fault: 'unavailable' }]);
    const { msg } = await flow.pass('fetch', loop());
    expect(msg.update?.outcome).toBe('unavailable');
    expect(msg.update).not.toHaveProperty('base');
    expect(msg).not.toHaveProperty('retry');
  });
});

describe('the generic API', () => {
  it('takes the version from a field', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      workOrdersAt(sandbox, { versionFrom: 'field', versionField: 'version', versionTo: 'field' }),
      fetchNode('fetch', PORTS, { collection: '/work-orders/' }),
      ...OUT,
    ]);
    const msg = await read(flow, { key: WORK_ORDER });
    expect(msg.record?.version).toBe('7');
  });
});
