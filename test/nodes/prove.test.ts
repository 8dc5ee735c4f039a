import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { endpoint, endpointConfig } from '../support/flow-nodes';
import { familyAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer, type Reply, type Seen } from '../support/scripted-server';
import { inEnglish, type Line } from '../support/words';

useNodeRed();

interface Proof {
  readonly ok?: boolean;
  readonly text: string;
  readonly writes: readonly Seen[];
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
  const { ok, lines = [] } = answer.body as { ok?: boolean; lines?: Line[] };
  return { ...(ok === undefined ? {} : { ok }), text: inEnglish(lines) };
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
    ]);
    const { _rev, ...values } = sandbox.documents.get('WC-01')?.values ?? {};
    expect(values).toEqual({ ...before, _rev: undefined });
    expect(_rev).toMatch(/^2-/);
  });

  it('case U25: a server that checks versions with PATCH and ignores them with PUT', async () => {
    const write: Write = request =>
      request.method === 'PUT' ? { status: 204 } : trueFor('PATCH', '"v7"')(request);
    const { ok, text, writes } = await prove('PUT', shown('"v7"'), write);
    expect([ok, text]).toEqual([false, expect.stringContaining('ignores versions with PUT')]);
    expect(writes).toHaveLength(1);
  });
});
