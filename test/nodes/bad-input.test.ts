import { describe, expect, it } from 'vitest';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { catcher, fetchNode, inboxes, lockNode, updateNode } from '../support/flow-nodes';
import {
  ORDER,
  ordersAt,
  requestCount,
  startPractice,
  WORK_ORDER,
  workOrdersAt,
} from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

interface Setup {
  readonly at?: typeof ordersAt;
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly node?: Partial<ConditionalUpdateConfig>;
}

const GOOD: Msg = { key: ORDER, payload: { orderstatus: 'Shipped' } };

/** Sends a message that cannot work and looks at everything the flow author gets to see. */
async function refused(
  node: 'fetch' | 'update' | 'lock',
  msg: Msg,
  setup: Setup = {},
): Promise<{ code: string | undefined; message: string }> {
  const sandbox = await startPractice();
  const { at = ordersAt } = setup;
  const place = at === workOrdersAt ? { collection: 'work-orders' } : {};
  const { endpoint, collection } = { ...place, ...setup.node } as Partial<ConditionalUpdateConfig>;
  const shared = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(collection === undefined ? {} : { collection }),
  };
  const flow = await Flow.start([
    at(sandbox, setup.endpoint),
    fetchNode('fetch', [['out'], ['out']], shared),
    updateNode('update', [['out'], ['out']], { ...place, ...setup.node }),
    lockNode('lock', [['out'], ['out']], shared),
    ...inboxes('out'),
    ...catcher(),
  ]);
  const out = await flow.pass(node, { ...msg, topic: 'whole' });
  expect(out.at).toBe('caught');
  expect(out.msg).toMatchObject({ ...msg, topic: 'whole' });
  expect(out.msg).not.toHaveProperty('update.outcome');
  expect(requestCount(sandbox)).toBe(0);
  expect(flow.completionsOf(node)).toHaveLength(1);
  const [{ error } = { error: undefined }] = flow.completionsOf(node);
  expect(Object.hasOwn(error ?? {}, 'code')).toBe(true);
  return { code: out.msg.error?.code, message: out.msg.error?.message ?? '' };
}

describe('a missing endpoint', () => {
  it.each(['fetch', 'update', 'lock'] as const)('at %s', async node => {
    const { code, message } = await refused(node, GOOD, { node: { endpoint: 'gone' } });
    expect(code).toBe('ENDPOINT_MISSING');
    expect(message).toContain('Endpoint');
  });

  it('or one of another type, as a hand-edited flow may have it', async () => {
    const { code } = await refused('update', GOOD, { node: { endpoint: 'out' } });
    expect(code).toBe('ENDPOINT_MISSING');
  });
});

describe('a base URL that is not http(s)', () => {
  it.each([
    'ftp://127.0.0.1/api',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '127.0.0.1/api',
    '',
    'http://',
    'http://user:pw@127.0.0.1/api',
    'http://127.0.0.1/api?x=1',
    'http://127.0.0.1/a\r\nb',
  ])('%j', async baseUrl => {
    const { code, message } = await refused('update', GOOD, { endpoint: { baseUrl } });
    expect(code).toBe('BASE_URL_INVALID');
    expect(message).toContain('Base URL');
    expect(message).not.toContain('pw@');
  });
});

describe('a record key', () => {
  const HOSTILE = [undefined, null, '', ' ', '.', '..', 'a\r\nb', 'a\u0000b', true, [], {}, NaN];

  it.each(HOSTILE.map(key => [key]))('%j at Dataverse', async key => {
    const { code, message } = await refused('update', { ...GOOD, key });
    expect(code).toBe('KEY_INVALID');
    expect(message).toContain('Key');
    expect(message).toContain('msg.key');
  });

  it.each([...HOSTILE, 'a/b', 'x\\..\\y', '//evil'].map(key => [key]))(
    '%j at a REST API',
    async key => {
      const { code } = await refused('update', { ...GOOD, key }, { at: workOrdersAt });
      expect(code).toBe('KEY_INVALID');
    },
  );

  it.each(['1)/Action(', '1)/Microsoft.Dynamics.CRM.WinOpportunity('])('%j', async key => {
    const { code } = await refused('update', { ...GOOD, key });
    expect(code).toBe('KEY_INVALID');
  });

  it.each(['fetch', 'lock'] as const)('is checked by %s as well', async node => {
    const { code } = await refused(node, { ...GOOD, key: '..' });
    expect(code).toBe('KEY_INVALID');
  });
});

describe('Records', () => {
  it.each([
    '',
    '..',
    'a/../b',
    'sales/ orders',
    'sales/%2e%2e/orders',
    '100%',
    'a?b',
    'a#b',
    'a%2fb',
    'a\\b',
  ])('%j', async collection => {
    const { code, message } = await refused('update', GOOD, { node: { collection } });
    expect(code).toBe('COLLECTION_INVALID');
    expect(message).toContain('Records');
  });
});

describe('changes', () => {
  it.each([
    ['text', 'Shipped'],
    ['a number', 5],
    ['an array', [{ a: 1 }]],
    ['null', null],
    ['nothing', undefined],
    ['empty', {}],
    ['only annotations', { '@odata.etag': 'x' }],
    ['a buffer', Buffer.from('{}')],
    ['a function inside', { a: () => 1 }],
    ['NaN inside', { a: NaN }],
  ])('%s', async (_name, payload) => {
    const { code, message } = await refused('update', { ...GOOD, payload });
    expect(code).toBe('CHANGES_INVALID');
    expect(message).toMatch(/change/i);
  });
});

describe('a version in msg.record', () => {
  it.each(['"v7"\r\nX-Evil: 1', '"v\n7"', '"vé"', '', ' "v7"', '*', 'v7', '"a", "b"'])(
    'trap 11: %j',
    async version => {
      const sandbox = await startPractice();
      const flow = await Flow.start([
        workOrdersAt(sandbox),
        updateNode('update', [['out'], ['out']], { collection: 'work-orders' }),
        ...inboxes('out'),
        ...catcher(),
      ]);
      const record = {
        key: WORK_ORDER,
        url: `${sandbox.url}/api/work-orders/${WORK_ORDER}`,
        version,
        values: { notes: 'before' },
        readAt: '',
      };
      const msg = { key: WORK_ORDER, payload: { notes: 'x' }, record };
      const out = await flow.pass('update', msg);
      expect([out.at, out.msg.error?.code]).toEqual(['caught', 'VERSION_INVALID']);
      expect(out.msg).toMatchObject(msg);
      expect(requestCount(sandbox)).toBe(0);
    },
  );
});

describe('a number field that holds text', () => {
  it.each([
    ['Conflict retries', { conflictRetries: 'eight' }],
    ['Conflict retries', { conflictRetries: '1.5' }],
    ['Fault retries', { transientRetries: '' }],
    ['Deadline (s)', { deadline: 'soon' }],
    ['Deadline (s)', { deadline: -1 }],
    ['Time-out per request (s)', { timeout: '10 s' }],
    ['First wait (s)', { base: 'short' }],
    ['Factor', { factor: 'two' }],
    ['Longest wait (s)', { cap: '${NOT_SET}' }],
    ['Jitter (%)', { jitter: 'percent' as const, jitterPercent: 'ten' }],
    ['Largest answer (KB)', { maxResponseKb: 'big' }],
  ])('of the endpoint: %s %j', async (label, config) => {
    const { code, message } = await refused('update', GOOD, { endpoint: config });
    expect(code).toBe('NUMBER_INVALID');
    expect(message).toContain(label);
  });

  it.each([
    ['Wait for turn (s)', { lockWait: 'long' }],
    ['Decimal places', { fieldTypes: [{ name: 'a', type: 'decimal' as const, scale: 'two' }] }],
  ])('of conditional-update: %s', async (label, node) => {
    const { code, message } = await refused('update', GOOD, { node });
    expect(code).toBe('NUMBER_INVALID');
    expect(message).toContain(label);
  });

  it('waits that are no list', async () => {
    const { code } = await refused('update', GOOD, { endpoint: { schedule: 'list', waits: 'a' } });
    expect(code).toBe('RETRY_INVALID');
  });
});

describe('other settings that cannot work', () => {
  it('PUT at an API that takes none', async () => {
    const { code, message } = await refused('update', GOOD, { node: { method: 'PUT' } });
    expect(code).toBe('METHOD_UNSUPPORTED');
    expect(message).toContain('Method');
  });

  it('force where nothing could stop a lost update or a creation', async () => {
    const { code } = await refused('update', GOOD, {
      at: workOrdersAt,
      endpoint: { versionFrom: 'field', versionField: 'version', versionTo: 'field' },
      node: { force: true },
    });
    expect(code).toBe('FORCE_UNSUPPORTED');
  });

  it('a version field without a name', async () => {
    const { code } = await refused('update', GOOD, {
      at: workOrdersAt,
      endpoint: { versionFrom: 'field' },
    });
    expect(code).toBe('VERSION_FIELD_MISSING');
  });

  it('a decision that is no JSONata', async () => {
    const { code, message } = await refused('update', GOOD, {
      node: { rule: 'decide', decision: '(((' },
    });
    expect(code).toBe('EXPRESSION_FAILED');
    expect(message).toContain('Decision');
  });

  it.each([
    ['result', { result: 'key.update' }],
    ['snapshot', { record: 'topic.record' }],
    ['empty result', { result: '' }],
  ])('a place for the %s that cannot be set, before anything is written', async (_name, node) => {
    const { code } = await refused('update', GOOD, { node });
    expect(code).toBe('PROPERTY_INVALID');
  });

  it.each([
    ['a TLS configuration', { tls: 'gone' }],
    ['a proxy', { proxy: 'gone' }],
  ])('%s that is gone', async (_name, endpoint) => {
    const { code } = await refused('update', GOOD, { endpoint });
    expect(code).toBe('CONFIG_NODE_MISSING');
  });

  it.each([
    ['basic' as const, 'User'],
    ['bearer' as const, 'Token'],
    ['api-key' as const, 'API key'],
    ['oauth2' as const, 'Token URL'],
  ])('sign-in %s without credentials', async (auth, label) => {
    const { code, message } = await refused('update', GOOD, { endpoint: { auth } });
    expect(code).toBe('CREDENTIALS_MISSING');
    expect(message).toContain(label);
  });
});
