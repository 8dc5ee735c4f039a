import helper from 'node-red-node-test-helper';
import { expect, it } from 'vitest';
import { endpoint, endpointConfig } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Reply } from '../support/scripted-server';

useNodeRed();

interface Description {
  readonly form?: string;
  readonly text?: string;
  readonly fields?: readonly object[];
  readonly trouble?: { readonly code: string; readonly message: string };
  readonly error?: { readonly code: string };
}

async function ask(asked: unknown, more: object = {}, id = 'endpoint'): Promise<Description> {
  const answer = await helper
    .request()
    .post(`/record-updates/endpoint/${id}/describe`)
    .send({ asked, ...more });
  return answer.body as Description;
}

async function deployed(reply: Reply, family: 'odata' | 'dataverse' | 'rest' = 'odata') {
  const server = await startScriptedServer(() => reply);
  await Flow.start([endpoint({ server: 'url', family, baseUrl: server.url })]);
  return server;
}

it('hands the metadata on as they came', async () => {
  const body = '<edmx:Edmx>not looked at</edmx:Edmx>';
  const server = await deployed({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body,
  });
  expect(await ask({ what: 'sets' })).toEqual({ form: 'csdl', text: body });
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /$metadata']);
});

it('reads more than a record may be, and no more than 32 MB', async () => {
  const server = await startScriptedServer(({ url }) => ({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<a>${'x'.repeat(url.startsWith('/large') ? 33 * 1024 * 1024 : 2 * 1024 * 1024)}</a>`,
  }));
  const at = (path: string, id: string) =>
    endpoint({ server: 'url', family: 'odata', baseUrl: server.url + path }, id);
  await Flow.start([at('/small', 'small'), at('/large', 'large')]);
  expect((await ask({ what: 'sets' }, {}, 'small')).text).toHaveLength(2 * 1024 * 1024 + 7);
  expect((await ask({ what: 'sets' }, {}, 'large')).trouble).toMatchObject({
    code: 'DESCRIPTION_TOO_LARGE',
  });
});

it('says what the API said instead', async () => {
  const error = { error: { code: '1', message: 'No right to read metadata' } };
  await deployed({ status: 403, headers: { 'content-type': 'application/json' }, body: error });
  const { trouble } = await ask({ what: 'sets' });
  expect(trouble?.message).toContain('HTTP 403): No right to read metadata');
});

it('tells the fields of a sample and none of its values', async () => {
  const body = { id: 7, status: 'Secret-value', lines: [{ price: 4711 }], note: null };
  await deployed({ status: 200, headers: { etag: '"1"' }, body }, 'rest');
  const found = await ask({ what: 'sample', collection: 'orders', key: '7' });
  expect(found.fields).toEqual([
    { name: 'id', type: 'number', isKey: false, isReadOnly: false },
    { name: 'lines', type: 'array', isKey: false, isReadOnly: false },
    { name: 'note', type: 'null', isKey: false, isReadOnly: false },
    { name: 'status', type: 'string', isKey: false, isReadOnly: false },
  ]);
  expect(JSON.stringify(found)).not.toMatch(/Secret-value|4711/);
});

it('sends nothing where nothing can be described', async () => {
  const server = await deployed({ status: 200, body: {} }, 'rest');
  expect((await ask({ what: 'sets' })).trouble).toMatchObject({ code: 'NOT_DESCRIBED' });
  expect((await ask({ what: 'sets' }, {}, 'gone')).trouble).toMatchObject({ code: 'NOT_DEPLOYED' });
  for (const asked of [undefined, null, {}, { what: 'all' }, { what: 'fields' }, 'sets']) {
    expect((await ask(asked)).error).toMatchObject({ code: 'REQUEST_INVALID' });
  }
  expect(server.requests).toEqual([]);
});

it('takes settings that are not deployed, and no stored secret to another address', async () => {
  const server = await startScriptedServer(() => ({ status: 200, body: '<a/>' }));
  const elsewhere = await startScriptedServer(() => ({ status: 200, body: '<a/>' }));
  const own = { server: 'url', family: 'odata', auth: 'bearer' } as const;
  await Flow.start([endpoint({ ...own, baseUrl: server.url })], {
    endpoint: { token: 'a-stored-token' },
  });
  const config = endpointConfig({ ...own, baseUrl: elsewhere.url });
  expect((await ask({ what: 'sets' }, { config })).trouble).toMatchObject({
    code: 'SECRET_NEEDED',
  });
  expect(elsewhere.requests).toEqual([]);
  const credentials = { token: 'typed' };
  expect((await ask({ what: 'sets' }, { config, credentials })).text).toBe('<a/>');
  expect(elsewhere.requests[0]?.headers.authorization).toBe('Bearer typed');
});
