// What the described exchange of the general family sends, in whole updates at real servers that take nothing else.
import { describe, expect, test } from 'vitest';
import { DEFAULT_EXCHANGE, type ExchangeSettings } from '../../../lib/api/rest/exchange';
import type { ApiSettings } from '../../../lib/api/settings';
import type { RecordKey } from '../../../lib/record/fields';
import { Engine, type RequestPart } from '../../support/engine';
import { startScriptedServer, type Reply, type Seen } from '../../support/scripted-server';

type Parts = { [Part in keyof ExchangeSettings]?: Partial<ExchangeSettings[Part]> | undefined };

/** A description that differs from the default in these members. */
function exchange(parts: Parts): ExchangeSettings {
  const { address, media, read, write, version, answers } = DEFAULT_EXCHANGE;
  return {
    v: 1,
    address: { ...address, ...parts.address },
    media: { ...media, ...parts.media },
    read: { ...read, ...parts.read },
    write: { ...write, ...parts.write },
    version: { ...version, ...parts.version },
    answers: { ...answers, ...parts.answers },
  };
}

interface Case {
  readonly rest: Partial<ApiSettings>;
  readonly collection?: string;
  readonly key?: RecordKey;
  readonly request?: RequestPart;
  /** Of the read, which is repeated after a write. */
  readonly read: (request: Seen) => Reply;
  readonly write: (request: Seen) => Reply;
}

async function update({ rest, collection, key, request = {}, read, write }: Case) {
  const server = await startScriptedServer(seen =>
    seen.method === 'GET' ? read(seen) : write(seen),
  );
  const engine = new Engine(server.url, {
    rest,
    ...(collection === undefined ? {} : { collection }),
    ...(key === undefined ? {} : { key }),
    basePath: '/api',
  });
  const { result, record } = await engine.update({ changes: { status: 'Done' }, ...request });
  const writes = server.requests.filter(({ method }) => method !== 'GET');
  return { result, record, writes, requests: server.requests };
}

const NOT_FOUND: Reply = { status: 404, body: { detail: 'Not found.' } };
const body = ({ body: text }: Seen): unknown => JSON.parse(text);

describe('case 7: the address is a template', () => {
  test.each<[string, string, RecordKey, string]>([
    ['{collection}/{key}/', 'dcim/devices', '3', '/api/dcim/devices/3/'],
    ['{collection}/{key}.json', 'tickets', 'A 7', '/api/tickets/A%207.json'],
    ['{collection}/by-id/{key}/detail/', 'orders', 7, '/api/orders/by-id/7/detail/'],
    [
      'plants/{key.Plant}/{collection}/{key.Order}',
      'orders',
      { Plant: 'P/1'.replace('/', '-'), Order: 7 },
      '/api/plants/P-1/orders/7',
    ],
  ])('case 7: %s', async (template, collection, key, address) => {
    const { result, writes } = await update({
      rest: { exchange: exchange({ address: { template } }) },
      collection,
      key,
      read: ({ url }) =>
        url === address
          ? { status: 200, headers: { etag: '"1"' }, body: { status: 'New' } }
          : NOT_FOUND,
      write: ({ url, headers }) =>
        url === address && headers['if-match'] === '"1"'
          ? { status: 204, headers: { etag: '"2"' } }
          : NOT_FOUND,
    });
    expect(result.outcome).toBe('updated');
    expect(writes).toHaveLength(1);
  });

  test('case 7: a slash in a key goes as %2F where the API takes it for one step', async () => {
    const address = '/api/projects/group%2Fsub%2Fproject';
    const { result } = await update({
      rest: { exchange: exchange({ address: { template: 'projects/{key}', key: 'slash' } }) },
      key: 'group/sub/project',
      read: ({ url }) =>
        url === address
          ? { status: 200, headers: { etag: '"1"' }, body: { status: 'New' } }
          : NOT_FOUND,
      write: ({ url }) => (url === address ? { status: 204 } : NOT_FOUND),
    });
    expect(result.outcome).toBe('updated');
  });
});

describe('the spelling of a version that is sent back', () => {
  test.each([
    ['case 8', 'as-read', 'E3289411A7695DF1', 'E3289411A7695DF1'],
    ['case 8', 'as-read', "'v 7'", "'v 7'"],
    ['case 8', 'quoted', 'E3289411', '"E3289411"'],
    ['case 9', 'bare', '"1682532272"', '1682532272'],
    ['case 9', 'bare', 'W/"1682532272"', '1682532272'],
    ['case 9', 'strong', 'W/"1682532272"', '"1682532272"'],
    ['case 9', 'strong', '"1682532272"', '"1682532272"'],
  ] as const)('%s: %s, %s goes back as %s', async (_case, spelling, etag, sent) => {
    const { result, writes } = await update({
      rest: { exchange: exchange({ version: { spelling } }) },
      read: () => ({ status: 200, headers: { etag }, body: { status: 'New' } }),
      write: ({ headers }) => ({ status: headers['if-match'] === sent ? 204 : 412 }),
    });
    expect(result.outcome).toBe('updated');
    expect(writes).toHaveLength(1);
  });

  test.each(['ETag', 'X-Version', 'x-revision'])(
    'case 9b: the header %s names it, whatever the body says',
    async header => {
      const { result, writes } = await update({
        rest: { exchange: exchange({ version: { header: header === 'ETag' ? '' : header } }) },
        read: () => ({
          status: 200,
          headers: { [header]: '"h1"' },
          body: { '@odata.etag': 'W/"b1"', status: 'New' },
        }),
        write: ({ headers }) => ({ status: headers['if-match'] === '"h1"' ? 204 : 412 }),
      });
      expect(result.outcome).toBe('updated');
      expect(writes).toHaveLength(1);
    },
  );
});

describe('case 12: media types', () => {
  test.each([
    ['application/merge-patch+json', 'application/json'],
    ['application/vnd.api+json', 'application/vnd.api+json'],
    ['application/json;charset=utf-8', 'application/json;odata=minimalmetadata'],
  ])('case 12: Content-Type %s, Accept %s', async (contentType, accept) => {
    const { result } = await update({
      rest: { exchange: exchange({ media: { contentType, accept } }) },
      read: ({ headers }) =>
        headers.accept === accept
          ? { status: 200, headers: { etag: '"1"' }, body: { status: 'New' } }
          : { status: 406 },
      write: ({ headers }) => ({ status: headers['content-type'] === contentType ? 204 : 415 }),
    });
    expect(result.outcome).toBe('updated');
  });

  test.each(['metadata.resourceVersion', 'metadata.generation', 'revision'])(
    'case 12: a merge patch with the version in it at %s',
    async path => {
      const nested = (value: unknown): Record<string, unknown> =>
        path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<
          string,
          unknown
        >;
      const { result, writes } = await update({
        rest: {
          versionFrom: 'field',
          versionField: path,
          exchange: exchange({ version: { to: 'body', names: [path] } }),
        },
        read: () => ({ status: 200, body: { ...nested('41'), status: 'New' } }),
        write: request =>
          JSON.stringify(body(request)) === JSON.stringify({ status: 'Done', ...nested('41') })
            ? { status: 200, body: { ...nested('42'), status: 'Done' } }
            : { status: 409 },
      });
      expect(result.outcome).toBe('updated');
      expect(writes).toHaveLength(1);
    },
  );
});

describe('case 13: OData V3 keeps the types of its fields', () => {
  const key = { PartitionKey: 'p', RowKey: '0a1b2c3d-0000-4000-8000-00000000ABCD' };
  const address = `/api/Readings(PartitionKey='p',RowKey='${key.RowKey}')`;
  const entity = {
    'odata.metadata': 'https://a.example/$metadata#Readings/@Element',
    'odata.type': 'a.Readings',
    ...key,
    'Meter@odata.type': 'Edm.Int64',
    Meter: '9007199254740995',
    'At@odata.type': 'Edm.DateTime',
    At: '2026-02-08T10:00:00Z',
    status: 'New',
  };
  const rest: Partial<ApiSettings> = {
    keyStyle: 'odata',
    exchange: exchange({
      address: { template: '{collection}({key})', key: 'odata' },
      media: { annotations: 'odata-v3' },
    }),
  };
  const read = ({ url, headers }: Seen): Reply => {
    if (!(headers.accept ?? '').includes('odata=')) return { status: 415 };
    return url === address ? { status: 200, headers: { etag: 'W/"1"' }, body: entity } : NOT_FOUND;
  };
  const write = ({ headers }: Seen): Reply => ({
    status: headers['if-match'] === 'W/"1"' ? 204 : 412,
  });

  test.each<[string, Partial<RequestPart>, unknown]>([
    [
      'a MERGE with the type',
      { method: 'MERGE', changes: { 'Meter@odata.type': 'Edm.Int64', Meter: '7' } },
      { 'Meter@odata.type': 'Edm.Int64', Meter: '7' },
    ],
    [
      'a PATCH without it, as the read showed it',
      { method: 'PATCH', changes: { Meter: '7', status: 'Done' } },
      { 'Meter@odata.type': 'Edm.Int64', Meter: '7', status: 'Done' },
    ],
    [
      'a PATCH with another type',
      { method: 'PATCH', changes: { 'At@odata.type': 'Edm.String', At: 'soon' } },
      { 'At@odata.type': 'Edm.String', At: 'soon' },
    ],
    [
      'a PUT, also those that nobody touched',
      { method: 'PUT', changes: { status: 'Done' } },
      Object.fromEntries(
        Object.entries({ ...entity, status: 'Done' }).filter(([name]) => name !== 'odata.metadata'),
      ),
    ],
  ])('case 13: %s', async (_what, request, sent) => {
    const { result, writes } = await update({
      rest,
      collection: 'Readings',
      key,
      request,
      read,
      write,
    });
    expect(result.outcome).toBe('updated');
    expect(writes.map(body)).toEqual([sent]);
  });

  test('case U31: annotations of V3 are no fields of the record', async () => {
    const { result } = await update({
      rest,
      collection: 'Readings',
      key,
      request: { changes: { 'odata.metadata': 'x', status: 'New' } },
      read,
      write,
    });
    expect(result.outcome).toBe('unchanged');
  });
});

describe('case 19: the version goes somewhere else', () => {
  const search = (fields: Record<string, unknown>): Reply => ({
    status: 200,
    body: { _id: 'A1', ...fields, _source: { status: 'New', hold: true } },
  });

  test('case 19: as parameters made of two fields, the changes in an envelope', async () => {
    const { result, record, writes } = await update({
      rest: {
        versionFrom: 'field',
        versionField: '_seq_no',
        recordPath: '_source',
        exchange: exchange({
          address: {
            template: '{collection}/_doc/{key}',
            writeTemplate: '{collection}/_update/{key}',
          },
          write: { methods: ['PATCH'], method: 'POST', path: 'doc' },
          version: {
            more: ['_primary_term'],
            to: 'query',
            names: ['if_seq_no', 'if_primary_term'],
          },
        }),
      },
      read: ({ url }) =>
        url === '/api/orders/_doc/A1' ? search({ _seq_no: 5, _primary_term: 1 }) : NOT_FOUND,
      write: ({ method, url }) =>
        method === 'POST' && url === '/api/orders/_update/A1?if_seq_no=5&if_primary_term=1'
          ? { status: 200, body: { result: 'updated', _seq_no: 6, _primary_term: 1 } }
          : { status: 400 },
    });
    expect(result.outcome).toBe('updated');
    expect(record?.version).toBe('["6","1"]');
    expect(writes.map(body)).toEqual([{ doc: { status: 'Done' } }]);
  });

  test('case 19: hold of another writer is kept, because the outdated version is refused', async () => {
    let n = 5;
    let held = false;
    const { result } = await update({
      rest: {
        versionFrom: 'field',
        versionField: '_seq_no',
        recordPath: '_source',
        exchange: exchange({ version: { to: 'query', names: ['if_seq_no'] } }),
      },
      request: { guards: ['hold'] },
      read: () => ({ status: 200, body: { _seq_no: n, _source: { status: 'New', hold: held } } }),
      write: ({ url }) => {
        if (n === 5) {
          n = 6;
          held = true;
        }
        return url.endsWith(`if_seq_no=${String(n)}`) ? { status: 200 } : { status: 409 };
      },
    });
    expect(result).toMatchObject({ outcome: 'conflict' });
  });

  test.each<[string, NonNullable<Parts['version']>, Partial<Seen>, unknown]>([
    ['a header of its own', { to: 'header', names: ['X-Version'] }, {}, undefined],
    ['a parameter', { to: 'query', names: ['cas'] }, { url: '/api/orders/A1?cas=7' }, undefined],
    ['a field of another name', { to: 'body', names: ['options.cas'] }, {}, { cas: 7 }],
    ['the next number', { to: 'body', names: ['options.cas'], step: 'next' }, {}, { cas: 8 }],
    ['the next number in a header', { to: 'header', names: ['X-Version'], step: 'next' }, {}, 8],
  ])('case 19: %s', async (_what, version, seen, value) => {
    const { result, writes } = await update({
      rest: { versionFrom: 'field', versionField: 'version', exchange: exchange({ version }) },
      read: () => ({ status: 200, body: { version: 7, status: 'New' } }),
      write: () => ({ status: 204 }),
    });
    expect(result.outcome).toBe('updated');
    expect(writes[0]).toMatchObject(seen);
    if (version.to === 'header')
      expect(writes[0]?.headers['x-version']).toBe(
        value === undefined ? '7' : JSON.stringify(value),
      );
    if (version.to === 'body') expect(writes.map(body)).toMatchObject([{ options: value }]);
  });

  test('case 19: a store of texts says with false that the version was outdated', async () => {
    const stored = (status: string): string =>
      Buffer.from(JSON.stringify({ status, n: 1 })).toString('base64');
    const answers = ['false', 'true'];
    let index = 200;
    const { result, writes } = await update({
      rest: {
        versionFrom: 'field',
        versionField: '0.ModifyIndex',
        recordPath: '0.Value',
        exchange: exchange({
          address: { template: 'kv/{collection}/{key}', key: 'path' },
          read: { record: 'base64' },
          write: { methods: ['PUT'] },
          version: { to: 'query', names: ['cas'] },
          answers: { refusedValue: 'false' },
        }),
      },
      key: 'plant/A1',
      request: { method: 'PUT' },
      read: ({ url }) =>
        url === '/api/kv/orders/plant/A1'
          ? { status: 200, body: [{ ModifyIndex: (index += 1), Value: stored('New') }] }
          : NOT_FOUND,
      write: () => ({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: answers.shift() ?? 'true',
      }),
    });
    expect(result).toMatchObject({ outcome: 'updated' });
    expect(writes.map(({ url }) => url)).toEqual([
      '/api/kv/orders/plant/A1?cas=201',
      expect.stringContaining('?cas=20') as string,
    ]);
    expect(writes.map(body)).toEqual([
      { status: 'Done', n: 1 },
      { status: 'Done', n: 1 },
    ]);
  });
});

describe('case 19d: an envelope, another name, a query of writes', () => {
  test('case 19d: all of them in one PUT that carries the changes', async () => {
    const { result, writes } = await update({
      rest: {
        versionFrom: 'field',
        versionField: 'ticket.updated_at',
        recordPath: 'ticket',
        exchange: exchange({
          address: { template: '{collection}/{key}.json' },
          write: {
            methods: ['PATCH'],
            method: 'PUT',
            path: 'ticket',
            members: { ticket: { safe_update: true } },
          },
          version: { to: 'body', names: ['ticket.updated_stamp'] },
        }),
      },
      read: () => ({
        status: 200,
        body: { ticket: { updated_at: '2026-02-08T10:00:00Z', status: 'New' } },
      }),
      write: () => ({
        status: 200,
        body: { ticket: { updated_at: '2026-02-08T10:00:05Z', status: 'Done' } },
      }),
    });
    expect(result.outcome).toBe('updated');
    expect(writes.map(({ method }) => method)).toEqual(['PUT']);
    expect(writes.map(body)).toEqual([
      { ticket: { safe_update: true, status: 'Done', updated_stamp: '2026-02-08T10:00:00Z' } },
    ]);
  });

  test('case 19d: the names of the fields as a query of writes only', async () => {
    const { requests } = await update({
      rest: {
        query: 'alt=json',
        exchange: exchange({
          read: { query: 'view=full' },
          write: { query: 'updateMask={fields}&record={key}' },
        }),
      },
      request: { changes: { status: 'Done', 'a b': 1 } },
      read: () => ({ status: 200, headers: { etag: '"1"' }, body: { status: 'New', 'a b': 0 } }),
      write: () => ({ status: 204 }),
    });
    expect(requests.map(({ url }) => url).slice(0, 2)).toEqual([
      '/api/orders/A1?view=full&alt=json',
      '/api/orders/A1?updateMask=status,a%20b&record=A1&alt=json',
    ]);
  });

  test('case 19d: a typed object around the attributes', async () => {
    const { writes } = await update({
      rest: {
        recordPath: 'data.attributes',
        exchange: exchange({
          write: { path: 'data.attributes', members: { data: { type: 'orders', id: '{key}' } } },
        }),
      },
      read: () => ({
        status: 200,
        headers: { etag: '"1"' },
        body: { data: { id: 'A1', attributes: { status: 'New' } } },
      }),
      write: () => ({ status: 204 }),
    });
    expect(writes.map(body)).toEqual([
      { data: { type: 'orders', id: 'A1', attributes: { status: 'Done' } } },
    ]);
  });
});

describe('case 20: a POST that means another method', () => {
  test.each([
    ['x-method-override', '', 'PATCH', 'PATCH'],
    ['X-HTTP-Method', '', 'MERGE', 'MERGE'],
    ['X-Update', 'partial', 'PATCH', 'partial'],
  ] as const)('case 20: %s: %s for a %s', async (methodHeader, methodValue, method, sent) => {
    const { result, writes } = await update({
      rest: {
        exchange: exchange({
          write: { method: 'POST', methodHeader, methodValue, headers: { patchtype: 'MERGE' } },
        }),
      },
      request: { method },
      read: () => ({ status: 200, headers: { etag: '"1"' }, body: { status: 'New' } }),
      write: ({ method: wire, headers }) => ({
        status:
          wire === 'POST' &&
          headers[methodHeader.toLowerCase()] === sent &&
          headers.patchtype === 'MERGE'
            ? 204
            : 405,
      }),
    });
    expect(result.outcome).toBe('updated');
    expect(writes[0]?.headers['if-match']).toBe('"1"');
  });
});

describe('case 21: read and write differ in shape', () => {
  test.each([
    ['value', { value: 'Done', label: 'Finished' }, 'Done'],
    ['id', { id: 7, name: 'Seven' }, 7],
    ['code', { code: 'D', text: 'Done' }, 'D'],
  ])('case 21: by its member %s, a lost answer is told', async (member, shown, written) => {
    let status: unknown = { [member]: 'other' };
    let n = 1;
    const server = await startScriptedServer(({ method }) => {
      if (method === 'GET') {
        return { status: 200, headers: { etag: `"${String(n)}"` }, body: { status } };
      }
      status = shown;
      n += 1;
      return 'reset';
    });
    const engine = new Engine(server.url);
    const { result } = await engine.update({
      changes: { status: written },
      fieldTypes: { status: { type: 'member', member } },
    });
    expect(result.outcome).toBe('already-applied');
    expect(server.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
    const again = await engine.update({
      changes: { status: written },
      fieldTypes: { status: { type: 'member', member } },
    });
    expect(again.result.outcome).toBe('unchanged');
  });
});

describe('an API that checks no version', () => {
  const rest = { exchange: exchange({ version: { to: 'none' } }) };
  const read = (): Reply => ({ status: 200, body: { status: 'New' } });
  const write = (): Reply => ({ status: 204 });

  test('is refused before anything is sent', async () => {
    const { result, requests } = await update({ rest, read, write });
    expect(result).toMatchObject({ outcome: 'unsupported', error: { code: 'VERSION_UNCHECKED' } });
    expect(requests).toEqual([]);
  });

  test('is written by force, without a condition', async () => {
    const { result, writes } = await update({ rest, request: { force: true }, read, write });
    expect(result.outcome).toBe('updated');
    expect(writes).toHaveLength(1);
    expect(writes[0]?.headers).not.toHaveProperty('if-match');
  });
});

describe('what answers mean', () => {
  const read = (): Reply => ({ status: 200, headers: { etag: '"1"' }, body: { status: 'New' } });
  test.each<[string, NonNullable<Parts['answers']>, Reply, string]>([
    [
      'a state conflict by its words',
      { state: { statuses: [], text: 'is closed' } },
      { status: 400, body: { message: 'Order IS CLOSED' } },
      'invalid-state',
    ],
    [
      'a state conflict by its status',
      { state: { statuses: [418], text: '' } },
      { status: 418 },
      'invalid-state',
    ],
    [
      'throttling by its words',
      { throttled: { statuses: [400], text: 'busy' } },
      { status: 400, body: { message: 'System busy' } },
      'exhausted',
    ],
    [
      'a reason to try again',
      { again: { statuses: [], text: 'job is running' } },
      { status: 409, body: { message: 'A job is running' } },
      'unavailable',
    ],
  ])('%s', async (_what, answers, reply, outcome) => {
    const { result } = await update({
      rest: { exchange: exchange({ answers }) },
      read,
      write: () => reply,
    });
    expect(result.outcome).toBe(outcome);
  });

  test('the reason stands where the description says, and is masked', async () => {
    const { result } = await update({
      rest: {
        exchange: exchange({
          answers: { errorMessage: 'errors.1.why', errorCode: 'errors.1.no' },
        }),
      },
      read,
      write: () => ({
        status: 400,
        body: {
          message: 'general',
          errors: [{ why: 'first' }, { why: 'Reason is missing', no: 17 }],
        },
      }),
    });
    expect(result).toMatchObject({
      outcome: 'rejected',
      error: { message: 'HTTP 400: Reason is missing', apiCode: '17' },
    });
  });
});
