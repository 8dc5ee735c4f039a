import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type {
  RecordEndpointConfig,
  RecordEndpointCredentials,
} from '../../nodes/record-endpoint/config';
import { impossibleVersion } from '../../nodes/record-endpoint/probe';
import type { Sandbox } from '../../sandbox/index';
import { endpoint, endpointConfig, inboxes, updateNode } from '../support/flow-nodes';
import { ORDER, requestCount, startPractice, WORK_ORDER } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Seen } from '../support/scripted-server';
import { inEnglish, type Line } from '../support/words';

useNodeRed();

interface Answer {
  readonly status: number;
  readonly ok: boolean | undefined;
  readonly text: string;
  readonly code: string | undefined;
}

async function post(path: string, body: object, id = 'endpoint'): Promise<Answer> {
  const answer = await helper.request().post(`/record-updates/endpoint/${id}/${path}`).send(body);
  const { ok, lines, error } = answer.body as {
    ok?: boolean;
    lines?: Line[];
    error?: { code: string; message: string };
  };
  const text = lines === undefined ? (error?.message ?? '') : inEnglish(lines);
  return { status: answer.status, ok, text, code: error?.code };
}

const orders = (sandbox: Sandbox): Partial<RecordEndpointConfig> => ({
  server: 'url',
  baseUrl: `${sandbox.url}/api/data/v9.0`,
});
const workOrders = (sandbox: Sandbox): Partial<RecordEndpointConfig> => ({
  server: 'url',
  family: 'rest',
  baseUrl: `${sandbox.url}/api`,
});

/** The body the dialog posts. */
function body(
  config: Partial<RecordEndpointConfig>,
  more: object = {},
  credentials: RecordEndpointCredentials = {},
): object {
  const record = { collection: 'salesorders', key: ORDER };
  return { config: endpointConfig(config), credentials, ...record, ...more };
}

describe('Test connection', () => {
  it('says in words what was read, the evidence, and what would be sent back', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const { status, ok, text } = await post('test', body(orders(sandbox)));
    expect([status, ok]).toEqual([200, true]);
    const version = sandbox.orders.get(ORDER)?.version ?? '';
    expect(text).toMatch(/The record was read \(HTTP 200\): \d+ fields\./);
    expect(text).toContain(`Version evidence: ${version}`);
    expect(text).toContain(`A write sends back: If-Match: ${version}`);
    expect(text).not.toContain('New');
    expect(sandbox.stats().requests).toEqual({ GET: 1 });
  });

  it('says when the version travels in the body', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const field = { versionFrom: 'field', versionField: 'version', versionTo: 'field' } as const;
    const record = { collection: 'work-orders', key: WORK_ORDER };
    const { ok, text } = await post('test', body({ ...workOrders(sandbox), ...field }, record));
    expect(ok).toBe(true);
    expect(text).toContain('in its body');
  });

  it('says when the record is not there', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const gone = { key: '5a1e0000-2025-4000-8000-00000000ffff' };
    const { status, ok, text } = await post('test', body(orders(sandbox), gone));
    expect([status, ok]).toEqual([200, false]);
    expect(text).toContain('not-found');
  });

  it('says when nobody answers, and when there is no version', async () => {
    await Flow.start([endpoint()]);
    const nobody = await post(
      'test',
      body({ server: 'url', baseUrl: 'http://127.0.0.1:1', transientRetries: 0 }),
    );
    expect([nobody.status, nobody.ok]).toEqual([200, false]);
    expect(nobody.text).toContain('refused the connection');
    const { url } = await startScriptedServer(() => ({ status: 200, body: { a: 1 } }));
    const bare = await post('test', body({ server: 'url', family: 'rest', baseUrl: url }));
    expect(bare.ok).toBe(false);
    expect(bare.text).toContain('named no version');
  });

  it('takes environment variables as a deployed endpoint does', async () => {
    const sandbox = await startPractice();
    process.env.RECORD_UPDATES_TEST_URL = `${sandbox.url}/api/data/v9.0`;
    process.env.RECORD_UPDATES_TEST_RETRIES = '2';
    await Flow.start([endpoint()]);
    const retries = { conflictRetries: '${RECORD_UPDATES_TEST_RETRIES}' };
    const config = { server: 'url', baseUrl: '${RECORD_UPDATES_TEST_URL}', ...retries } as const;
    for (const id of ['endpoint', 'new']) {
      expect((await post('test', body(config), id)).ok).toBe(true);
    }
    const unknown = await post('test', body({ ...config, deadline: '${NOT_SET_ANYWHERE}' }));
    expect([unknown.status, unknown.code]).toEqual([400, 'NUMBER_INVALID']);
  });

  it('works for settings that are not deployed yet', async () => {
    const sandbox = await startPractice();
    await Flow.start([...inboxes('other')]);
    const { ok } = await post('test', body(orders(sandbox)), 'new');
    expect(ok).toBe(true);
  });

  it('uses the deployed Practice API, and says when there is none', async () => {
    await Flow.start([endpoint(), updateNode('update', [['out'], ['out']]), ...inboxes('out')]);
    const deployed = await post('test', body({ server: 'practice' }));
    expect(deployed.ok).toBe(true);
    for (const [config, id] of [
      [{ server: 'practice' }, 'new'],
      [{ server: 'practice', family: 'rest' }, 'endpoint'],
    ] as const) {
      const { status, code } = await post('test', body(config), id);
      expect([status, code]).toEqual([400, 'NOT_DEPLOYED']);
    }
  });
});

describe('a test that somebody else set up', () => {
  it('takes JSON only: a form that a web page may post unasked is no command', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const answer = await helper
      .request()
      .post('/record-updates/endpoint/endpoint/test')
      .type('form')
      .send(`config[server]=url&config[baseUrl]=${sandbox.url}&collection=salesorders&key=1`);
    expect(answer.status).toBe(400);
    expect(sandbox.stats().requests).toEqual({});
  });

  it('presents no deployed client certificate to another server', async () => {
    await Flow.start([endpoint({ server: 'url', baseUrl: 'https://erp.example.com', tls: 't1' })]);
    const config = { server: 'url', baseUrl: 'https://elsewhere.example.com', tls: 't1' } as const;
    const { status, code } = await post('test', body(config));
    expect([status, code]).toEqual([400, 'SECRET_NEEDED']);
  });

  it('keeps the user when only the password is typed anew', async () => {
    const seen: Seen[] = [];
    const { url } = await startScriptedServer(request => {
      seen.push(request);
      return { status: 200, headers: { etag: '"v7"' }, body: { status: 'Open' } };
    });
    const config = { server: 'url', family: 'rest', baseUrl: url, auth: 'basic' } as const;
    await Flow.start([endpoint(config)], { endpoint: { user: 'robot', password: 'old' } });
    const { ok } = await post('test', body(config, { key: 'A1' }, { password: 'new' }));
    expect(ok).toBe(true);
    const sent = seen[0]?.headers.authorization?.replace('Basic ', '') ?? '';
    expect(Buffer.from(sent, 'base64').toString()).toBe('robot:new');
  });
});

describe('Prove it', () => {
  it('protected: the API refuses an impossible version', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const before = sandbox.orders.get(ORDER)?.values;
    const { ok, text } = await post('prove', body(orders(sandbox), { field: 'description' }));
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
    expect(text).toContain('412');
    // The real version is accepted, and changes no value.
    expect(sandbox.orders.get(ORDER)?.values).toMatchObject({
      name: before?.name,
      description: before?.description,
    });
    expect(sandbox.stats().changes.api).toBe(1);
  });

  it('protected: 409 counts as well', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const record = { collection: 'work-orders', key: WORK_ORDER, field: 'notes' };
    const { ok, text } = await post('prove', body(workOrders(sandbox), record));
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
  });

  it('proves nothing when a 409 is about the state and not about the version', async () => {
    const { url } = await startScriptedServer(({ method }) =>
      method === 'GET'
        ? { status: 200, headers: { etag: '"v7"' }, body: { status: 'Closed' } }
        : { status: 409, body: { message: 'Cannot transition from current state' } },
    );
    await Flow.start([endpoint()]);
    const config = { server: 'url', family: 'rest', baseUrl: url } as const;
    const { ok, text } = await post('prove', body(config, { field: 'status' }));
    expect([ok, text]).toEqual([false, expect.stringContaining('proves nothing')]);
  });

  it('says so when the API takes no PATCH', async () => {
    const { url } = await startScriptedServer(({ method }) =>
      method === 'GET'
        ? { status: 200, headers: { etag: '"v7"' }, body: { status: 'Open' } }
        : { status: 405 },
    );
    await Flow.start([endpoint()]);
    const config = { server: 'url', family: 'rest', baseUrl: url } as const;
    const { ok, text } = await post('prove', body(config, { field: 'status' }));
    expect([ok, text]).toEqual([false, expect.stringContaining('takes no PATCH here')]);
  });

  it('not protected: the API ignores versions, and only the present value was written', async () => {
    const writes: Seen[] = [];
    const { url } = await startScriptedServer(request => {
      if (request.method !== 'GET') writes.push(request);
      return { status: 200, headers: { etag: '"v7"' }, body: { status: 'Open', note: 'n' } };
    });
    await Flow.start([endpoint()]);
    const config = { server: 'url', family: 'rest', baseUrl: url } as const;
    const { ok, text } = await post('prove', body(config, { field: 'status' }));
    expect([ok, text]).toEqual([false, expect.stringContaining('Not protected')]);
    expect(writes.map(({ body: sent }) => JSON.parse(sent) as unknown)).toEqual([
      { status: 'Open' },
    ]);
    expect(writes[0]?.headers['if-match']).toBe('"a0"');
  });

  it('proves nothing when the write is refused for another reason', async () => {
    const { url } = await startScriptedServer(({ method }) =>
      method === 'GET'
        ? { status: 200, headers: { etag: '"v7"' }, body: { status: 'Open' } }
        : { status: 403, body: { message: 'Not yours' } },
    );
    await Flow.start([endpoint()]);
    const config = { server: 'url', family: 'rest', baseUrl: url } as const;
    const { ok, text } = await post('prove', body(config, { field: 'status' }));
    expect(ok).toBe(false);
    expect(text).toContain('proves nothing');
    expect(text).toContain('Not yours');
  });

  it('writes nothing to a field the record does not have', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    for (const field of ['nope', '', '__proto__']) {
      const { status, code } = await post('prove', body(orders(sandbox), { field }));
      expect([status, code]).toEqual([400, 'FIELD_UNKNOWN']);
    }
    expect(sandbox.stats().requests).toEqual({ GET: 3 });
  });

  it('changes nothing when the read fails', async () => {
    const sandbox = await startPractice({ faults: [{ fault: 'unauthorized' }] });
    await Flow.start([endpoint()]);
    const { ok, text } = await post('prove', body(orders(sandbox), { field: 'name' }));
    expect([ok, text]).toEqual([false, expect.stringContaining('denied')]);
    expect(Object.keys(sandbox.stats().requests)).toEqual(['GET']);
  });

  it.each([
    'W/"467888"',
    '"v7"',
    '"0"',
    '"abc-1"',
    '7',
    '0',
    '1-967a00dff5e02add41819138abc3284d',
    '"!"',
    'Sun, 08 Feb 2026 10:00:00 GMT',
    '100',
    '"7"',
    '2026-02-08T10:00:06.000+0000',
    '1972-02-29 10:00:06.000000',
    `W/"datetime'2026-02-08T10%3A00%3A06.0000000Z'"`,
    '["3","1"]',
  ])('an impossible version for %s is another one of the same shape', version => {
    const impossible = impossibleVersion(version);
    expect(impossible).not.toBe(version);
    const shape = (text: string): string => text.replace(/[A-Za-z]/g, 'a').replace(/[0-9]/g, '0');
    if (/[a-z0-9]/i.test(version) && !version.endsWith('GMT'))
      expect(shape(impossible)).toBe(shape(version));
  });

  it.each(['7', '"7"', 'W/"7"', '10', '1'])(
    'an impossible version for %s does not say that there is none',
    version => {
      expect(Number(/\d+/.exec(impossibleVersion(version))?.[0])).toBeGreaterThan(0);
    },
  );

  it.each(['2026-02-08T10:00:06.000+0000', '2024-02-29 10:00:06.000000', '1972-02-29T10:00:06Z'])(
    'an impossible version for the time %s is a time',
    version => {
      const impossible = impossibleVersion(version);
      expect(new Date(impossible.replace('+0000', 'Z')).getTime()).toBeLessThan(Date.UTC(1980));
    },
  );

  it('of several parts only the first becomes impossible: an API may refuse another one as such', () => {
    expect(impossibleVersion('["3","1"]')).toBe('["1","1"]');
  });
});

describe('stored secrets', () => {
  const DEPLOYED = { auth: 'bearer', apiKeyHeader: 'x-key' } as const;
  const STORED = { endpoint: { token: 'stored-token' } };

  async function deploy(): Promise<{
    seen: readonly Seen[];
    config: Partial<RecordEndpointConfig>;
  }> {
    const { url, requests } = await startScriptedServer(() => ({
      status: 200,
      headers: { etag: '"1"' },
      body: { a: 1 },
    }));
    const config = { server: 'url', family: 'rest', baseUrl: url, ...DEPLOYED } as const;
    await Flow.start([endpoint(config)], STORED);
    return { seen: requests, config };
  }

  it('are used for the settings that are deployed', async () => {
    const { seen, config } = await deploy();
    expect((await post('test', body({ ...config, deadline: 5 }))).ok).toBe(true);
    expect(seen[0]?.headers.authorization).toBe('Bearer stored-token');
  });

  it.each([
    ['another base URL', { baseUrl: 'http://127.0.0.1:1' }],
    ['another token URL', { tokenUrl: 'http://127.0.0.1:1' }],
    ['another proxy', { proxy: 'proxy' }],
    ['another TLS configuration', { tls: 'tls' }],
    ['another sign-in', { auth: 'api-key' as const }],
    ['another header', { apiKeyHeader: 'x-other' }],
  ])('are not used for %s', async (_name, change) => {
    const { seen, config } = await deploy();
    for (const path of ['test', 'prove']) {
      const answer = await post(path, body({ ...config, ...change }, { field: 'a' }));
      expect([answer.status, answer.code]).toEqual([400, 'SECRET_NEEDED']);
      expect(answer.text).not.toContain('stored-token');
    }
    expect(seen).toEqual([]);
  });

  it.each(['other', 'new', 'catch'])(
    'are not used through the id of another node: %s',
    async id => {
      const { seen, config } = await deploy();
      const answer = await post('test', body(config), id);
      expect([answer.status, answer.code]).toEqual([400, 'SECRET_NEEDED']);
      expect(seen).toEqual([]);
    },
  );

  it('a secret typed anew is used, with no need of the stored one', async () => {
    const { seen, config } = await deploy();
    const changed = { ...config, apiKeyHeader: 'x-other' };
    expect((await post('test', body(changed, {}, { token: 'typed' }))).ok).toBe(true);
    expect(seen[0]?.headers.authorization).toBe('Bearer typed');
  });
});

describe('a body that is not what the dialog posts', () => {
  const full = (): Record<string, unknown> =>
    body({ server: 'url', baseUrl: 'http://127.0.0.1:1' }) as Record<string, unknown>;
  const config = (part: object): object => ({
    ...full(),
    config: { ...endpointConfig(), ...part },
  });

  it.each<[string, unknown, string]>([
    ['empty', {}, 'REQUEST_INVALID'],
    ['an array', [], 'REQUEST_INVALID'],
    ['without a key', { ...full(), key: undefined }, 'REQUEST_INVALID'],
    ['a key that is null', { ...full(), key: null }, 'REQUEST_INVALID'],
    ['without settings', { ...full(), config: undefined }, 'REQUEST_INVALID'],
    ['settings that are null', { ...full(), config: null }, 'REQUEST_INVALID'],
    ['settings without fields', { ...full(), config: {} }, 'REQUEST_INVALID'],
    ['an unknown sign-in', config({ auth: 'magic' }), 'REQUEST_INVALID'],
    ['credentials that are text', { ...full(), credentials: 'x' }, 'REQUEST_INVALID'],
    ['a credential that is no text', { ...full(), credentials: { token: {} } }, 'REQUEST_INVALID'],
    ['a field that is no text', { ...full(), field: {} }, 'REQUEST_INVALID'],
    [
      'an unknown family',
      config({ server: 'url', family: 'soap', baseUrl: 'http://a' }),
      'FAMILY_UNKNOWN',
    ],
    ['a bad base URL', config({ server: 'url', baseUrl: 'ftp://a' }), 'BASE_URL_INVALID'],
    [
      'a bad number',
      config({ server: 'url', baseUrl: 'http://a', deadline: 'x' }),
      'NUMBER_INVALID',
    ],
    ['a hostile key', { ...full(), key: '..' }, 'KEY_INVALID'],
    ['a hostile collection', { ...full(), collection: '../x' }, 'COLLECTION_INVALID'],
  ])('%s: 400 with a code', async (_name, value, code) => {
    await Flow.start([endpoint()]);
    for (const path of ['test', 'prove']) {
      const answer = await post(path, value as object);
      expect([answer.status, answer.code]).toEqual([400, code]);
      expect(answer.text).not.toBe('');
    }
  });
});

describe('the endpoint', () => {
  it('keeps secrets and network settings away from the Practice API', async () => {
    const flow = await Flow.start([
      endpoint({ auth: 'oauth2', proxy: 'gone', tls: 'gone' }),
      updateNode('update', [['out'], ['out']]),
      ...inboxes('out'),
    ]);
    const { msg } = await flow.pass('update', { key: ORDER, payload: { orderstatus: 'Shipped' } });
    expect(msg.update?.outcome).toBe('updated');
  });

  it('starts nothing before a message comes', async () => {
    const flow = await Flow.start([endpoint()]);
    expect(flow.logs.filter(({ msg }) => String(msg).includes('Practice API on'))).toEqual([]);
  });

  it('signs in with OAuth2, with one token for all', async () => {
    const sandbox = await startPractice({ auth: {} });
    const flow = await Flow.start(
      [
        endpoint({
          ...orders(sandbox),
          auth: 'oauth2',
          tokenUrl: `${sandbox.url}/oauth2/v2.0/token`,
          clientId: 'practice-client',
        }),
        updateNode('update', [['out'], ['out']]),
        ...inboxes('out'),
      ],
      { endpoint: { clientSecret: 'practice-secret' } },
    );
    for (let n = 1; n <= 10; n++) {
      const key = { ordernumber: `SO-2025-${String(n).padStart(4, '0')}` };
      flow.send('update', { key, payload: { description: 'x' } });
    }
    const out = await flow.count('out', 10);
    expect(out.map(({ update }) => update?.outcome)).toEqual(Array(10).fill('updated'));
    expect(sandbox.stats().tokens).toBe(1);
    expect(requestCount(sandbox)).toBe(21);
  });
});
