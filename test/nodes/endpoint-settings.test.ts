import { describe, expect, it } from 'vitest';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import {
  UPDATE_DEFAULTS,
  type ConditionalUpdateConfig,
} from '../../nodes/conditional-update/config';
import { startRecordApi, type RecordApi } from '../support/engine-record';
import { catcher, endpoint, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice, WORK_ORDER, workOrdersAt } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';

useNodeRed();

const CHANGE: Msg = { key: 'A1', payload: { status: 'Shipped' } };

async function deploy(
  api: RecordApi,
  settings: Partial<RecordEndpointConfig>,
  node: Partial<ConditionalUpdateConfig> = {},
): Promise<Flow> {
  return Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: api.url, ...settings }),
    updateNode('update', [['out'], ['out']], { collection: 'orders', ...node }),
    ...inboxes('out'),
    ...catcher(),
  ]);
}

describe('the text that means try again', () => {
  it('case 18: is taken from the endpoint, whatever the family', async () => {
    const api = await startRecordApi();
    api.writes.push({ status: 422, body: { message: 'The month is closing now' } });
    const settings = { family: 'apriso', retryText: ' is closing ', base: 0.01 } as const;
    const flow = await deploy(api, settings);
    const { msg } = await flow.pass('update', CHANGE);
    expect(msg.update?.outcome).toBe('updated');
  });
});

describe('the idempotency header', () => {
  const header = { idempotencyHeader: 'Idempotency-Key' };

  it('trap 24: is not sent unless the endpoint names it', async () => {
    const api = await startRecordApi();
    const flow = await deploy(api, {});
    await flow.pass('update', CHANGE);
    expect(Object.keys(api.written[0]?.headers ?? {})).not.toContain('idempotency-key');
  });

  it.each([
    ['as a flow of an earlier version was saved: in quotes', undefined, /^"[0-9a-f-]{36}"$/],
    ['bare', 'bare', /^[0-9a-f-]{36}$/],
    ['in quotes', 'quoted', /^"[0-9a-f-]{36}"$/],
  ] as const)('case 16: carries the key %s', async (_how, idempotencyKey, pattern) => {
    const api = await startRecordApi();
    const version = idempotencyKey === undefined ? { configVersion: undefined } : {};
    const chosen = { ...header, ...version, idempotencyKey } as Partial<RecordEndpointConfig>;
    const flow = await deploy(api, chosen);
    await flow.pass('update', CHANGE);
    expect(String(api.written[0]?.headers['idempotency-key'])).toMatch(pattern);
  });

  it('trap 24: carries a quoted key, the same for an identical resend and a new one after a rebase', async () => {
    const api = await startRecordApi();
    const flow = await deploy(api, {
      ...header,
      idempotencyKey: 'quoted',
      base: 0.01,
      cap: 0.01,
    });
    // The API says itself that it failed: what was read then settles it.
    api.writes.push({ status: 503, body: { code: 'BUSY' } }, (_request, proceed) => {
      api.noise();
      return proceed();
    });
    const { msg } = await flow.pass('update', CHANGE);
    expect(msg.update?.outcome).toBe('updated');
    const keys = api.written.map(({ headers }) => String(headers['idempotency-key']));
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(key).toMatch(/^"[0-9a-f-]{36}"$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it.each(['If-Match', 'authorization', 'Content-Type', 'Idempotency Key', 'a:b', 'X-CSRF-Token'])(
    'cannot be %s',
    async idempotencyHeader => {
      const api = await startRecordApi();
      const flow = await deploy(api, { idempotencyHeader });
      const { at, msg } = await flow.pass('update', CHANGE);
      expect([at, msg.error?.code]).toEqual(['caught', 'IDEMPOTENCY_HEADER_INVALID']);
      expect(api.requests).toEqual([]);
    },
  );

  it('cannot be the header of the API key', async () => {
    const api = await startRecordApi();
    const flow = await Flow.start(
      [
        endpoint({
          server: 'url',
          family: 'rest',
          baseUrl: api.url,
          auth: 'api-key',
          idempotencyHeader: 'X-Api-Key',
        }),
        updateNode('update', [['out'], ['out']], { collection: 'orders' }),
        ...inboxes('out'),
        ...catcher(),
      ],
      { endpoint: { apiKey: 'k' } },
    );
    const { msg } = await flow.pass('update', CHANGE);
    expect(msg.error?.code).toBe('IDEMPOTENCY_HEADER_INVALID');
  });
});

describe('what goes along with every address and write', () => {
  it('the query of the endpoint', async () => {
    const api = await startRecordApi();
    const flow = await deploy(api, { query: ' sap-client=100 ' });
    await flow.pass('update', CHANGE);
    expect(api.requests.length).toBeGreaterThan(1);
    for (const { url } of api.requests) expect(url).toContain('sap-client=100');
  });

  it.each([
    ['the Last-Modified header', ''],
    ['a field of the record', 'changedAt'],
  ])('If-Unmodified-Since beside If-Match, from %s', async (_name, modifiedField) => {
    const at = 'Sun, 08 Feb 2026 10:00:00 GMT';
    const { url, requests } = await startScriptedServer(() => ({
      status: 200,
      headers: { etag: '"v7"', ...(modifiedField === '' ? { 'last-modified': at } : {}) },
      body: { status: 'Open', changedAt: '2026-02-08T10:00:00Z' },
    }));
    const flow = await Flow.start([
      endpoint({
        server: 'url',
        family: 'rest',
        baseUrl: url,
        unmodifiedSince: true,
        modifiedField,
      }),
      updateNode('update', [['out'], ['out']], { collection: 'orders' }),
      ...inboxes('out'),
    ]);
    await flow.pass('update', CHANGE);
    const write = requests.find(({ method }) => method === 'PATCH');
    expect(write?.headers).toMatchObject({ 'if-match': '"v7"', 'if-unmodified-since': at });
  });

  it('the stamp field with the time of the write', async () => {
    const api = await startRecordApi();
    const flow = await deploy(api, {}, { stamp: ' writtenByUs ' });
    const { msg } = await flow.pass('update', CHANGE);
    expect(msg.update?.outcome).toBe('updated');
    const { writtenByUs, status } = JSON.parse(api.written[0]?.body ?? '{}') as Msg;
    expect(status).toBe('Shipped');
    expect(Date.parse(String(writtenByUs))).toBeGreaterThan(Date.now() - 60_000);
  });

  it('MERGE as the method', async () => {
    const api = await startRecordApi();
    const flow = await deploy(api, {}, { method: 'MERGE' });
    await flow.pass('update', CHANGE);
    expect(api.written.map(({ method }) => method)).toEqual(['MERGE']);
  });
});

describe('an action', () => {
  const NAME = 'Microsoft.Dynamics.CRM.UpdateOrderStatus';
  const payload = { orderstatus: 'Shipped' };

  async function call(node: Partial<ConditionalUpdateConfig>, msg: Msg = {}) {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      ordersAt(sandbox),
      updateNode('update', [['out'], ['out']], { method: 'ACTION', ...node }),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const out = await flow.pass('update', { key: ORDER, payload, ...msg });
    const writes = sandbox.orders.requests(ORDER).filter(({ method }) => method !== 'GET');
    return { ...out, writes, values: sandbox.orders.get(ORDER)?.values };
  }

  it('is called with the changes, on the version just read', async () => {
    const { msg, writes, values } = await call({ action: ` ${NAME} ` });
    expect([msg.update?.outcome, msg.update?.error]).toEqual(['updated', undefined]);
    expect(writes.map(({ method }) => method)).toEqual(['POST']);
    expect(writes[0]?.ifMatch).toMatch(/^W\//);
    expect(values?.orderstatus).toBe('Shipped');
  });

  it('is called with parameters of its own', async () => {
    const own = { parameters: 'given', parametersType: 'msg' } as const;
    const { msg, values } = await call({ action: NAME, ...own }, { given: payload });
    expect(msg.update?.outcome).toBe('updated');
    expect(values?.orderstatus).toBe('Shipped');
  });

  it.each<[string, Partial<ConditionalUpdateConfig>]>([
    ['ACTION_MISSING', { action: ' ' }],
    ['PARAMETERS_INVALID', { action: NAME, parameters: 'topic', parametersType: 'msg' }],
    ['PARAMETERS_INVALID', { action: NAME, parameters: '[1]', parametersType: 'json' }],
    ['EXPRESSION_FAILED', { action: NAME, parameters: '{"a":', parametersType: 'json' }],
  ])('%s is a fault of the flow: %j', async (code, node) => {
    const { at, msg, writes } = await call(node, { topic: 'text' });
    expect([at, msg.error?.code]).toEqual(['caught', code]);
    expect(writes).toEqual([]);
  });

  it('is a fault of the flow where the API has none', async () => {
    const sandbox = await startPractice();
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'couchdb', baseUrl: `${sandbox.url}/couch` }),
      updateNode('update', [['out'], ['out']], { method: 'ACTION', action: 'close' }),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { msg } = await flow.pass('update', { key: 'WC-01', payload: { notes: 'x' } });
    expect(msg.error?.code).toBe('ACTION_UNSUPPORTED');
  });
});

describe('the version log', () => {
  async function logged(versionLog: boolean): Promise<{ flow: Flow; msg: Msg }> {
    const api = await startRecordApi();
    const flow = await deploy(api, { versionLog });
    api.writes.push((_request, proceed) => {
      api.change({ status: 'Cancelled' });
      return proceed();
    });
    const { msg } = await flow.pass('update', CHANGE);
    expect(msg.update?.outcome).toBe('conflict');
    return { flow, msg };
  }

  const debugLines = (flow: Flow): string[] =>
    flow.logs
      .filter(({ level, id }) => level === DEBUG && id === 'update')
      .map(({ msg }) => String(msg));

  it('has one line per attempt, with versions and differences, which the message holds too', async () => {
    const { flow, msg } = await logged(true);
    const lines = debugLines(flow);
    expect(lines).toHaveLength(1);
    const { attempt } = JSON.parse(lines[0] ?? '{}') as { attempt: Record<string, unknown> };
    expect(attempt).toMatchObject({
      collection: 'orders',
      key: 'A1',
      versionSent: '"v1"',
      versionSeen: '"v2"',
      class: 'version-conflict',
      status: 412,
    });
    const diff = [{ name: 'status', base: 'Open', ours: 'Shipped', theirs: 'Cancelled' }];
    expect(attempt.diff).toEqual(diff);
    expect(msg.update?.attempts.map(one => one.diff)).toEqual([diff]);
  });

  it('is silent unless the endpoint wants it, and no values are in the message then', async () => {
    const { flow, msg } = await logged(false);
    expect(debugLines(flow)).toEqual([]);
    expect(msg.update?.attempts.map(one => one.diff)).toEqual([undefined]);
  });
});

const DEBUG = 50;

describe('a flow saved by an earlier version', () => {
  /** The settings that the first version did not have. */
  const LATER = [
    ...['odataVersion', 'crossCompany', 'query', 'keyStyle', 'fieldsParameter', 'conflictText'],
    ...['createdIsUpdate', 'csrf', 'cacheHeader', 'unmodifiedSince', 'modifiedField'],
    ...['idempotencyKey', 'retryText'],
    ...['idempotencyHeader', 'parallel', 'retryBudget', 'retryEarned', 'versionLog'],
    ...['peak', 'peakFrom', 'peakTo', 'peakDays', 'peakZone'],
    ...['peakConflictRetries', 'peakDeadline', 'peakWaitFactor'],
    ...['action', 'parameters', 'parametersType', 'stamp'],
  ];

  it('lacks settings that this version has', () => {
    const known = { ...ENDPOINT_DEFAULTS, ...UPDATE_DEFAULTS };
    expect(LATER.filter(name => !(name in known))).toEqual([]);
  });

  it.each(['dataverse', 'rest'] as const)('works as before: %s', async family => {
    const without = <Node extends object>(node: Node): Node =>
      Object.fromEntries(Object.entries(node).filter(([name]) => !LATER.includes(name))) as Node;
    const sandbox = await startPractice();
    const isRest = family === 'rest';
    const place = isRest ? { collection: 'work-orders' } : {};
    const at = isRest ? workOrdersAt(sandbox) : ordersAt(sandbox);
    const flow = await Flow.start([
      without(at),
      fetchNode('fetch', [['update'], ['out']], place),
      without(updateNode('update', [['out'], ['out']], place)),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const msg = isRest
      ? { key: WORK_ORDER, payload: { notes: 'x' } }
      : { key: ORDER, payload: { description: 'x' } };
    const out = await flow.pass('fetch', msg);
    expect([out.at, out.msg.update?.outcome, out.msg.error]).toEqual(['out', 'updated', undefined]);
  });
});

describe('headers of the endpoint', () => {
  const headers = 'x-ms-blob-type: BlockBlob\nAccept:  application/json;odata=verbose';

  it('case U32: go with every request, in the place of others of the same name', async () => {
    const api = await startRecordApi();
    const flow = await deploy(api, { headers }, { method: 'PUT' });
    const { msg } = await flow.pass('update', CHANGE);
    expect(msg.update?.outcome).toBe('updated');
    expect(api.requests.map(({ method }) => method)).toEqual(['GET', 'PUT']);
    for (const request of api.requests) {
      expect(request.headers).toMatchObject({
        'x-ms-blob-type': 'BlockBlob',
        accept: 'application/json;odata=verbose',
      });
    }
    expect(api.written[0]?.headers).toMatchObject({ 'if-match': expect.any(String) as string });
  });

  it('case U32: fetch the CSRF token, too', async () => {
    const api = await startScriptedServer(({ headers }) =>
      headers['x-csrf-token'] === 'Fetch' && headers['x-gateway'] === 'on'
        ? { status: 200, headers: { 'x-csrf-token': 'abc', 'set-cookie': 'sid=1' }, body: {} }
        : { status: 200, headers: { etag: '"1"' }, body: { status: 'Open' } },
    );
    const flow = await Flow.start([
      endpoint({
        server: 'url',
        family: 'rest',
        baseUrl: api.url,
        csrf: true,
        headers: 'x-gateway: on',
      }),
      updateNode('update', [['out'], ['out']], { collection: 'orders' }),
      ...inboxes('out'),
    ]);
    await flow.pass('update', CHANGE);
    const write = api.requests.find(({ method }) => method === 'PATCH');
    expect(write?.headers).toMatchObject({ 'x-csrf-token': 'abc', cookie: 'sid=1' });
  });

  it.each([
    ['If-Match: "1"', {}],
    ['Authorization: Bearer x', {}],
    ['Content-Type: text/plain', {}],
    ['Accept-Encoding: gzip', {}],
    ['X-Ok: 1\nCookie: a=b', {}],
    ['X-Twice: 1\nx-twice: 2', {}],
    ['X-Repeat: 1', { idempotencyHeader: 'x-repeat' }],
    ['Prefer: return=minimal', { family: 'dataverse' }],
    ['no header at all', {}],
    ['X-Ok: gr\u00fcn', {}],
  ] as const)('case U32: cannot be %j', async (lines, settings) => {
    const api = await startRecordApi();
    const flow = await deploy(api, { headers: lines, ...settings });
    const { at, msg } = await flow.pass('update', CHANGE);
    expect([at, msg.error?.code]).toEqual(['caught', 'HEADER_INVALID']);
    expect(api.requests).toEqual([]);
  });
});

describe('case U33: the CSRF token is a choice', () => {
  /** A service of OData without anything that deals with CSRF tokens. */
  async function requestsWith(settings: Partial<RecordEndpointConfig>): Promise<string[]> {
    const api = await startScriptedServer(({ method, headers }) => {
      if (headers['x-csrf-token'] === 'Fetch') {
        return { status: 200, headers: { 'x-csrf-token': 'abc' }, body: {} };
      }
      const record = { status: method === 'GET' ? 'Open' : 'Shipped' };
      const { odataVersion = 'v4' } = settings;
      return {
        status: 200,
        headers: { etag: '"1"' },
        body: odataVersion === 'v2' ? { d: record } : record,
      };
    });
    const flow = await Flow.start([
      endpoint({ server: 'url', baseUrl: api.url, ...settings }),
      updateNode('update', [['out'], ['out']], { collection: 'orders', mode: 'once' }),
      ...inboxes('out'),
    ]);
    await flow.pass('update', CHANGE);
    return api.requests.map(
      ({ method, headers }) => `${method} ${String(headers['x-csrf-token'] ?? '-')}`,
    );
  }

  it.each<[string, Partial<RecordEndpointConfig>, string[]]>([
    ['SAP Gateway fetches one', { family: 'sap-gateway' }, ['GET -', 'GET Fetch', 'PATCH abc']],
    ['SAP Gateway without', { family: 'sap-gateway', csrfToken: 'none' }, ['GET -', 'PATCH -']],
    ['OData has none', { family: 'odata' }, ['GET -', 'PATCH -']],
    [
      'OData with one',
      { family: 'odata', csrfToken: 'fetch' },
      ['GET -', 'GET Fetch', 'PATCH abc'],
    ],
    [
      'of other families it says nothing',
      { family: 'apriso', csrfToken: 'fetch' },
      ['GET -', 'PATCH -'],
    ],
  ])('%s', async (_what, settings, expected) => {
    const v2 = settings.family === 'sap-gateway' ? ({ odataVersion: 'v2' } as const) : {};
    const requests = await requestsWith({ ...settings, ...v2 });
    expect(requests.slice(0, expected.length)).toEqual(expected);
  });
});

it.each([
  [{ query: 'v=1&API_KEY=2' }],
  [{ apiKeyParameter: 'fields', fieldsParameter: 'fields' }],
  [{ apiKeyParameter: '$select' }],
  [{ apiKeyParameter: 'a b' }],
])(
  'case U31: the parameter of an API key cannot be one that means something else: %j',
  async settings => {
    const api = await startRecordApi();
    const flow = await Flow.start(
      [
        endpoint({
          server: 'url',
          family: 'rest',
          baseUrl: api.url,
          auth: 'api-key-query',
          ...settings,
        }),
        updateNode('update', [['out'], ['out']], { collection: 'orders' }),
        ...inboxes('out'),
        ...catcher(),
      ],
      { endpoint: { apiKey: 'k' } },
    );
    const { at, msg } = await flow.pass('update', CHANGE);
    expect([at, msg.error?.code]).toEqual(['caught', 'AUTH_INVALID']);
    expect(api.requests).toEqual([]);
  },
);
