// Documents of a real server of the CouchDB protocol: by the family that knows it, and by generic REST that is told of it.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createBulkApi } from '../../lib/api/bulk/create';
import { DEFAULT_BULK_SETTINGS } from '../../lib/api/bulk/settings';
import { DEFAULT_EXCHANGE } from '../../lib/api/rest/exchange';
import type { ApiSettings } from '../../lib/api/settings';
import type { Fields } from '../../lib/record/fields';
import { updateRecords } from '../../lib/update/bulk/bulk';
import { fetchRecord } from '../../lib/update/fetch';
import { Engine, REST, type EngineOptions } from '../support/engine';
import { PouchDbPeer } from './pouchdb-peer';

const peer = await PouchDbPeer.start();
afterAll(() => peer.close());

const DESCRIBED: Partial<ApiSettings> = {
  versionFrom: 'field',
  versionField: '_rev, rev',
  createdIsUpdate: true,
  exchange: {
    ...DEFAULT_EXCHANGE,
    address: { ...DEFAULT_EXCHANGE.address, template: '{collection}/{key}' },
    write: { ...DEFAULT_EXCHANGE.write, methods: ['PUT'] },
    version: { ...DEFAULT_EXCHANGE.version, to: 'body', names: ['_rev'] },
    answers: { ...DEFAULT_EXCHANGE.answers, errorMessage: 'reason', errorCode: 'error' },
  },
};

const START = { status: 'Open', note: 'n0', meter: 12.5, lines: [{ n: 1 }] };

describe.each<[string, EngineOptions]>([
  ['the family couchdb', { family: 'couchdb' }],
  ['generic REST', { family: 'rest', rest: DESCRIBED }],
])('at PouchDB, %s', (_name, options) => {
  async function start(fields: Fields = START) {
    const id = randomUUID();
    await peer.create(id, fields);
    const engine = new Engine(peer.url, { ...options, key: id });
    return { id, engine, part: { method: 'PUT', changes: { status: 'Done' } } as const };
  }

  test('writes the whole document on its revision, which the answer names', async () => {
    const { id, engine, part } = await start();
    const { result, record } = await engine.update(part);
    expect(result).toMatchObject({ outcome: 'updated', reads: 1 });
    const stored = await peer.read(id);
    expect(stored).toMatchObject({ ...START, status: 'Done' });
    expect([record?.version, String(stored._rev).slice(0, 2)]).toEqual([stored._rev, '2-']);
    expect((await engine.update(part)).result.outcome).toBe('unchanged');
  });

  test('heals noise and tells a conflict, on a document that a message brings', async () => {
    const { id, engine, part } = await start();
    const fetched = await engine.fetch();
    if (!('snapshot' in fetched)) throw new Error('not read');
    const { snapshot } = fetched;
    await peer.change(id, { note: 'theirs' });
    const noise = await engine.update({ ...part, snapshot });
    expect([noise.result.outcome, await peer.read(id)]).toEqual([
      'updated',
      expect.objectContaining({ status: 'Done', note: 'theirs' }),
    ]);
    await peer.change(id, { status: 'Hold' });
    const theirs = await engine.update({ ...part, snapshot });
    expect(theirs.result.outcome).toBe('conflict');
    expect(await peer.read(id)).toMatchObject({ status: 'Hold' });
  });

  test('two at a time lose nothing', async () => {
    const { id, engine } = await start();
    const other = new Engine(peer.url, { ...options, key: id });
    const [one, two] = await Promise.all([
      engine.update({ method: 'PUT', changes: { status: 'Done' } }),
      other.update({ method: 'PUT', changes: { note: 'ours' } }),
    ]);
    expect([one.result.outcome, two.result.outcome]).toEqual(['updated', 'updated']);
    expect(await peer.read(id)).toMatchObject({ ...START, status: 'Done', note: 'ours' });
  });

  test('does not make a document that was deleted again', async () => {
    const { id, engine, part } = await start();
    const fetched = await engine.fetch();
    if (!('snapshot' in fetched)) throw new Error('not read');
    await peer.remove(id);
    for (const snapshot of [undefined, fetched.snapshot]) {
      const { result } = await engine.update({ ...part, snapshot });
      expect(result.outcome).toBe('not-found');
    }
    await expect(peer.read(id)).rejects.toThrow(/: 404 /);
  });

  test('tells in the words of the server why a document is refused', async () => {
    const { engine } = await start();
    const { result } = await engine.update({ method: 'PUT', changes: { _unknown: 1 } });
    // A 500 in general is a fault that may pass: only the family knows this one.
    expect(result.outcome).toBe(options.family === 'couchdb' ? 'rejected' : 'unavailable');
    expect(result.error).toMatchObject({
      apiCode: 'doc_validation',
      message: expect.stringContaining('Bad special document member: _unknown') as string,
    });
  });
});

test('at PouchDB, many documents are read with one request and written with one, each on its revision', async () => {
  const ids = Array.from({ length: 20 }, () => randomUUID());
  for (const id of ids) await peer.create(id, START);
  const engine = new Engine(peer.url, { family: 'couchdb' });
  const { family, context } = engine;
  const refOf = (id: string) => family.locate(peer.url, 'orders', id);
  const [first = '', second = ''] = ids;
  const before = await fetchRecord(refOf(first), undefined, context);
  if (!('snapshot' in before)) throw new Error('not read');
  await peer.change(first, { status: 'Hold' });
  await peer.remove(second);
  const members = ids.map((id, index) => ({
    index,
    request: engine.request({
      ref: refOf(id),
      method: 'PUT',
      changes: { status: 'Done' },
      ...(id === first ? { snapshot: before.snapshot } : {}),
    }),
  }));
  const outcomes: string[] = [];
  const bulk = createBulkApi(family, {
    settings: REST,
    bulk: DEFAULT_BULK_SETTINGS,
    baseUrl: peer.url,
  });
  await updateRecords(
    members,
    { ...context, bulk },
    { batchSize: 50, parallel: 1, pauseMs: 0, atomic: false },
    { onResult: (index, { result }) => (outcomes[index] = result.outcome) },
  );
  expect(outcomes).toEqual(['conflict', 'not-found', ...ids.slice(2).map(() => 'updated')]);
  expect(await peer.read(ids[2] ?? '')).toMatchObject({ ...START, status: 'Done' });
});
