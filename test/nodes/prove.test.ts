import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import { SAP_CX_ENDPOINT } from '../../lib/api/bulk/settings';
import { BULK_INPUTS } from '../../nodes/record-endpoint/bulk-fields';
import { settingsFor } from '../../nodes/record-endpoint/bulk-settings';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { defaultsOf } from '../../nodes/shared/fields';
import { endpoint, endpointConfig } from '../support/flow-nodes';
import { familyAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Reply, type Seen } from '../support/scripted-server';
import type { Finding } from '../../nodes/record-endpoint/probe';
import { inEnglish, type Line } from '../support/words';

useNodeRed();

interface Proof {
  readonly ok?: boolean;
  readonly text: string;
  readonly writes: readonly Seen[];
  readonly protection: string | undefined;
  readonly found: readonly Finding[] | undefined;
}

type Write = (request: Seen) => Reply;

/** Proves it on a record that an API shows so and writes so. */
async function prove(method: string, read: () => Reply, write: Write): Promise<Proof> {
  const writes: Seen[] = [];
  const { url } = await startScriptedServer(request => {
    if (request.method === 'GET') return read();
    writes.push(request);
    return write(request);
  });
  await Flow.start([endpoint()]);
  const config = { server: 'url', family: 'rest', baseUrl: url } as const;
  return {
    ...(await post(config, { collection: 'orders', key: 'A1', field: 'status', method })),
    writes,
  };
}

async function post(config: Partial<RecordEndpointConfig>, record: object) {
  const answer = await helper
    .request()
    .post('/record-updates/endpoint/endpoint/prove')
    .send({ config: endpointConfig(config), credentials: {}, ...record });
  const {
    ok,
    lines = [],
    writes,
    found,
  } = answer.body as {
    ok?: boolean;
    lines?: Line[];
    writes?: string;
    found?: Finding[];
  };
  return { found, ...(ok === undefined ? {} : { ok }), text: inEnglish(lines), protection: writes };
}

const BODY = { status: 'Open', note: 'n0' };
const shown = (etag: string) => (): Reply => ({ status: 200, headers: { etag }, body: BODY });
const ifMatch = ({ headers }: Seen): string | undefined => headers['if-match'];

/** True to its version, with this method only. */
const trueFor =
  (method: string, etag: string): Write =>
  request => {
    if (request.method !== method) return { status: 400, body: { message: 'Bad request' } };
    return ifMatch(request) === etag ? { status: 204 } : { status: 412 };
  };

describe('Prove it', () => {
  it('case U23: says that the real version is refused as well, as behind a proxy that compresses', async () => {
    const { ok, text, writes } = await prove('PATCH', shown('"v7-gzip"'), trueFor('PATCH', '"v7"'));
    expect([ok, text]).toEqual([false, expect.stringContaining('refused the real version')]);
    expect(writes.map(ifMatch)).toEqual(['"a0-aaaa"', '"v7-gzip"']);
  });

  it('case U23: is not misled by somebody who changed the record meanwhile', async () => {
    let reads = 0;
    const read = () => shown(`"v${String(++reads)}"`)();
    const { ok, text } = await prove('PATCH', read, () => ({ status: 412 }));
    expect([ok, text]).toEqual([false, expect.stringContaining('somebody changed the record')]);
  });

  it('case U23: tries the real version again when the record was changed once', async () => {
    let version = 7;
    const read = () => shown(`"v${String(version)}"`)();
    const { ok, text, writes } = await prove('PATCH', read, request => {
      // Somebody else comes before the first write.
      if (version === 7) version = 8;
      return trueFor('PATCH', `"v${String(version)}"`)(request);
    });
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
    expect(writes.map(ifMatch)).toEqual(['"a0"', '"v7"', '"v8"']);
  });

  it('case U23: an impossible version refused and the real one accepted is the proof', async () => {
    const { ok, text, writes } = await prove('PATCH', shown('"v7"'), trueFor('PATCH', '"v7"'));
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
    expect(writes.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { status: 'Open' },
      { status: 'Open' },
    ]);
  });

  it('case U24: a server that takes PUT only is proven by PUT, with the whole record as it was read', async () => {
    const { ok, text, writes } = await prove('PUT', shown('"v7"'), trueFor('PUT', '"v7"'));
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
    expect(writes.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
    expect(writes.map(({ body }) => JSON.parse(body) as unknown)).toEqual([BODY, BODY]);
  });

  it.each([405, 501])('case U24: %i to the method names another one', async status => {
    const { ok, text } = await prove('PATCH', shown('"v7"'), () => ({ status }));
    expect([ok, text]).toEqual([false, expect.stringContaining('takes no PATCH here')]);
  });

  it('case U24: documents that are written whole are proven, too', async () => {
    const sandbox = await startPractice();
    await Flow.start([endpoint()]);
    const config = familyAt(sandbox, 'couchdb') as Partial<RecordEndpointConfig>;
    const record = { collection: 'work-centers', key: 'WC-01', field: 'notes' };
    const before = sandbox.documents.get('WC-01')?.values;
    const { ok, text } = await post(config, record);
    expect([ok, text]).toEqual([true, expect.stringContaining('Protected')]);
    expect(sandbox.documents.requests('WC-01').map(({ method }) => method)).toEqual([
      'GET',
      'PUT',
      'PUT',
      'PUT', // in a batch: refused, too
    ]);
    const { _rev, ...values } = sandbox.documents.get('WC-01')?.values ?? {};
    expect(values).toEqual({ ...before, _rev: undefined });
    expect(_rev).toMatch(/^2-/);
  });

  it('case U25: a server that checks versions with PATCH and ignores them with PUT', async () => {
    const write: Write = request =>
      request.method === 'PUT' ? { status: 204 } : trueFor('PATCH', '"v7"')(request);
    const { ok, text, writes, protection } = await prove('PUT', shown('"v7"'), write);
    expect([ok, text]).toEqual([false, expect.stringContaining('ignores versions with PUT')]);
    expect(writes).toHaveLength(1);
    // The dialog then switches off what would try a version that was not just read.
    expect([protection, text]).toEqual(['unprotected', expect.stringContaining('is now off')]);
  });
});

describe('Prove it tells what it found for the way that was tried', () => {
  it.each<[string, string, Write, Finding['verdict']]>([
    ['PATCH', 'checks it', trueFor('PATCH', '"v7"'), 'checked'],
    ['PUT', 'checks it', trueFor('PUT', '"v7"'), 'checked'],
    ['MERGE', 'ignores it', () => ({ status: 204 }), 'ignored'],
    [
      'PUT',
      'ignores it with this method only',
      request => (request.method === 'PUT' ? { status: 200, body: BODY } : { status: 412 }),
      'ignored',
    ],
    ['PATCH', 'refuses its own', () => ({ status: 412 }), 'refused'],
    ['MERGE', 'takes no such', () => ({ status: 405 }), 'not-taken'],
    ['PATCH', 'refuses for another reason', () => ({ status: 400 }), 'unproven'],
  ])('%s: an API that %s', async (method, _name, write, verdict) => {
    const { found, writes } = await prove(method, shown('"v7"'), write);
    expect(found).toEqual([{ what: method, verdict }]);
    // Whatever it is, nothing but what was read is written.
    for (const { body } of writes) expect(BODY).toMatchObject(JSON.parse(body) as object);
  });

  it('case 9b: names the other ETag where body and header differ and the body is refused', async () => {
    const record = { ...BODY, '@odata.etag': 'W/"b1"' };
    const { url } = await startScriptedServer(request => {
      if (request.method === 'GET') return { status: 200, headers: { etag: '"h1"' }, body: record };
      return { status: ifMatch(request) === '"h1"' ? 204 : 412 };
    });
    await Flow.start([endpoint()]);
    const config = { server: 'url', family: 'odata', baseUrl: url } as const;
    const place = {
      collection: 'orders',
      key: 1,
      field: 'status',
      method: 'PATCH',
      bulkWrites: 'single',
    };
    const wrong = await post({ ...config, bulkWrites: 'single' }, place);
    expect([wrong.ok, wrong.found?.[0]?.verdict]).toEqual([false, 'refused']);
    expect(wrong.text).toMatch(/"h1".*set ETag from to the header/);
    const right = await post({ ...config, bulkWrites: 'single', etagFrom: 'header' }, place);
    expect([right.ok, right.found?.[0]?.verdict]).toEqual([true, 'checked']);
  });
});

describe('Prove it, for batches,', () => {
  const bulk = {
    ...settingsFor(defaultsOf(BULK_INPUTS)),
    endpoint: { ...SAP_CX_ENDPOINT, path: 'bulk' },
  };

  /** An API that keeps to versions, and whose bulk endpoint answers so. */
  async function proveBatch(batch: (request: Seen) => Reply, more: object = {}) {
    const seen: Seen[] = [];
    const { url } = await startScriptedServer(request => {
      if (request.method === 'GET') return shown('"v7"')();
      seen.push(request);
      if (request.url.includes('/bulk')) return batch(request);
      return trueFor('PATCH', '"v7"')(request);
    });
    await Flow.start([endpoint()]);
    const config = { server: 'url', family: 'rest', baseUrl: url, bulk, ...more } as const;
    const record = { collection: 'orders', key: 'A1', field: 'status', method: 'PATCH' };
    const answer = await helper
      .request()
      .post('/record-updates/endpoint/endpoint/prove')
      .send({ config: endpointConfig(config), credentials: {}, ...record });
    const { ok, lines, batches, found } = answer.body as {
      ok: boolean;
      lines: Line[];
      batches?: string;
      found: Finding[];
    };
    return { ok, text: inEnglish(lines), batches, seen, found: found.at(-1) };
  }

  const answered = (status: number): Reply => ({
    status: 200,
    body: { results: [{ id: 'A1', status }] },
  });

  it('says that versions are compared there, too, and sends one that cannot be', async () => {
    const { ok, text, batches, seen, found } = await proveBatch(() => answered(412));
    expect(found).toEqual({ what: 'batch', verdict: 'checked' });
    expect([ok, batches]).toEqual([true, undefined]);
    expect(text).toContain('compares versions inside a batch as well');
    expect(seen).toHaveLength(3);
    const [, , batch] = seen;
    expect(batch?.headers['x-etags']).toBe('{"A1":"\\"a0\\""}');
    expect(batch?.body).toContain('"status":"Open"');
  });

  it('says that they are not, so that the dialog can switch batches off', async () => {
    const { ok, text, batches, found } = await proveBatch(() => answered(200));
    expect(found).toEqual({ what: 'batch', verdict: 'ignored' });
    expect([ok, batches]).toEqual([false, 'unprotected']);
    expect(text).toContain('does not look at versions inside a batch');
  });

  it.each<[string, () => Reply]>([
    ['no such endpoint', () => ({ status: 404, body: { message: 'no route' } })],
    ['an answer without results', () => ({ status: 200, body: { ok: true } })],
    ['a page', () => ({ status: 200, body: '<html>' })],
    ['a refusal for another reason', () => answered(403)],
  ])('proves nothing by %s, and leaves the rest as it is', async (_name, batch) => {
    const { ok, text, batches, found } = await proveBatch(batch);
    expect(found).toEqual({ what: 'batch', verdict: 'unproven' });
    expect([ok, batches]).toEqual([true, undefined]);
    expect(text).toContain('proves nothing about batches');
  });

  it('sends none where they are switched off', async () => {
    const off = await proveBatch(() => answered(412), { bulkWrites: 'single' });
    expect([off.ok, off.seen.length]).toEqual([true, 2]);
    expect(off.text).not.toContain('batch');
  });
});
