import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox';
import { call, start } from '../client';

const DB = '/couch/work-centers';
const BULK = `${DB}/_bulk_docs`;
const ALL = `${DB}/_all_docs`;

function rev(sandbox: Sandbox, id: string): string {
  return sandbox.documents.get(id)?.version ?? '';
}

describe('_bulk_docs', () => {
  it('answers 201 with what became of each document', async () => {
    const sandbox = await start();
    const stale = rev(sandbox, 'WC-02');
    sandbox.documents.touch('WC-02', { temperature: 30 }, 'background');
    const docs = [
      { _id: 'WC-01', _rev: rev(sandbox, 'WC-01'), name: 'one' },
      { _id: 'WC-02', _rev: stale, name: 'two' },
      { _id: 'WC-03', name: 'three' },
      { _id: 'n/w', name: 'new' },
      { name: 'unnamed' },
    ];
    const answer = await call(sandbox, 'POST', BULK, {}, { docs });
    const conflict = { error: 'conflict', reason: 'Document update conflict.' };
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual([
      { ok: true, id: 'WC-01', rev: rev(sandbox, 'WC-01') },
      { id: 'WC-02', ...conflict },
      { id: 'WC-03', ...conflict },
      { ok: true, id: 'n/w', rev: rev(sandbox, 'n/w') },
      { ok: true, id: expect.stringMatching(/^[0-9a-f]{32}$/), rev: expect.stringMatching(/^1-/) },
    ]);
    const read = await call(sandbox, 'GET', `${DB}/WC-01`);
    expect(read.json).toEqual({ _id: 'WC-01', _rev: rev(sandbox, 'WC-01'), name: 'one' });
  });

  it('meets other people in between, and a document twice is a conflict', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    const doc = { _id: 'WC-01', _rev: rev(sandbox, 'WC-01') };
    const { json } = await call(sandbox, 'POST', BULK, {}, { docs: [doc] });
    expect(json).toMatchObject([{ id: 'WC-01', error: 'conflict' }]);
    expect(sandbox.documents.history('WC-01').map(({ by }) => by)).toEqual(['seed', 'background']);
    sandbox.setLoad('quiet');
    const current = { ...doc, _rev: rev(sandbox, 'WC-01') };
    const twice = await call(sandbox, 'POST', BULK, {}, { docs: [current, current] });
    expect(twice.json).toMatchObject([{ ok: true }, { error: 'conflict' }]);
  });

  it('tells a fault of one document as the error of that document', async () => {
    const sandbox = await start({ faults: [{ fault: 'unavailable', record: 'WC-02' }] });
    const docs = ['WC-01', 'WC-02'].map(id => ({ _id: id, _rev: rev(sandbox, id) }));
    const { json } = await call(sandbox, 'POST', BULK, {}, { docs });
    expect(json).toEqual([
      expect.objectContaining({ ok: true }),
      { id: 'WC-02', error: 'service_unavailable', reason: 'The server is busy.' },
    ]);
  });

  it.each([
    ['not json', 'Request body must be a JSON object'],
    [{}, 'POST body must include `docs` parameter.'],
    [{ docs: {} }, '`docs` parameter must be an array.'],
    [{ docs: [7] }, 'Document must be a JSON object'],
    [{ docs: [{ _id: 7 }] }, 'Document id must be a non-empty string'],
    [{ docs: [{ _id: 'WC-01', _secret: 1 }] }, 'Bad special document member: _secret'],
    [{ docs: [{ _id: '_local' }] }, 'Only reserved document ids may start with underscore.'],
    [{ docs: [], new_edits: false }, '`new_edits` cannot be switched off here.'],
  ])('refuses %j as a whole', async (body, reason) => {
    const sandbox = await start();
    const answer = await call(sandbox, 'POST', BULK, {}, body);
    expect([answer.status, answer.json.reason]).toEqual([400, reason]);
  });

  it('is a POST of JSON', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'GET', BULK)).status).toBe(405);
    const headers = { 'content-type': 'text/plain' };
    expect((await call(sandbox, 'POST', BULK, headers, { docs: [] })).status).toBe(415);
    expect((await call(sandbox, 'POST', '/couch/other/_bulk_docs', {}, { docs: [] })).status).toBe(
      404,
    );
  });
});

describe('_all_docs', () => {
  it('lists every document with its revision, by id', async () => {
    const sandbox = await start();
    sandbox.documents.put({ _id: 'A' });
    const { json } = await call(sandbox, 'GET', ALL);
    expect(json).toMatchObject({ total_rows: 6, offset: 0 });
    expect(json.rows).toHaveLength(6);
    expect((json.rows as unknown[])[0]).toEqual({
      id: 'A',
      key: 'A',
      value: { rev: rev(sandbox, 'A') },
    });
    const page = await call(sandbox, 'GET', `${ALL}?skip=1&limit=2`);
    expect(page.json).toMatchObject({ offset: 1, rows: [{ id: 'WC-01' }, { id: 'WC-02' }] });
  });

  it('tells one row per key, in their order, whatever is there', async () => {
    const sandbox = await start();
    const gone = rev(sandbox, 'WC-02');
    sandbox.documents.remove('WC-02');
    const keys = ['WC-03', 'never', 'WC-02', 'WC-01'];
    const { json } = await call(sandbox, 'POST', `${ALL}?include_docs=true`, {}, { keys });
    const whole = async (id: string): Promise<unknown> =>
      (await call(sandbox, 'GET', `${DB}/${id}`)).json;
    expect(json.rows).toEqual([
      {
        id: 'WC-03',
        key: 'WC-03',
        value: { rev: rev(sandbox, 'WC-03') },
        doc: await whole('WC-03'),
      },
      { key: 'never', error: 'not_found' },
      { id: 'WC-02', key: 'WC-02', value: { rev: gone, deleted: true }, doc: null },
      {
        id: 'WC-01',
        key: 'WC-01',
        value: { rev: rev(sandbox, 'WC-01') },
        doc: await whole('WC-01'),
      },
    ]);
    const query = `keys=${encodeURIComponent(JSON.stringify(keys))}`;
    const plain = await call(sandbox, 'GET', `${ALL}?${query}`);
    expect((plain.json.rows as object[])[0]).not.toHaveProperty('doc');
    expect(plain.json.rows).toHaveLength(4);
  });

  it.each([
    ['POST', '', { keys: 'WC-01' }],
    ['POST', '', { keys: [1] }],
    ['POST', '', '[]'],
    ['GET', '?keys=WC-01', undefined],
    ['GET', '?limit=-1', undefined],
  ])('refuses %s %s %j', async (method, query, body) => {
    const sandbox = await start();
    expect((await call(sandbox, method, ALL + query, {}, body)).status).toBe(400);
  });

  it('takes no other method', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'PUT', ALL, {}, {})).status).toBe(405);
  });
});
