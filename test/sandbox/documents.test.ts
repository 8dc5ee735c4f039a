import { describe, expect, it } from 'vitest';
import { call, start } from './client';

const PATH = '/couch/work-centers/WC-01';
const CONFLICT = { error: 'conflict', reason: 'Document update conflict.' };

describe('documents', () => {
  it('show their revision in the body, and in quotes as ETag', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', PATH);
    const { version } = sandbox.documents.get('WC-01') ?? {};
    expect(version).toMatch(/^1-[0-9a-f]{32}$/);
    expect(answer.headers.get('etag')).toBe(`"${String(version)}"`);
    expect(Object.entries(answer.json).slice(0, 2)).toEqual([
      ['_id', 'WC-01'],
      ['_rev', version],
    ]);
  });

  it('are replaced as a whole with the revision in the body', async () => {
    const sandbox = await start();
    const { json } = await call(sandbox, 'GET', PATH);
    const members = Object.entries(json).filter(([name]) => name !== 'notes');
    const body = { ...Object.fromEntries(members), operator: 'Kim', location: { hall: 3 } };
    const answer = await call(sandbox, 'PUT', PATH, {}, body);
    const after = await call(sandbox, 'GET', PATH);
    expect([answer.status, answer.json]).toEqual([
      201,
      { ok: true, id: 'WC-01', rev: after.json._rev },
    ]);
    expect(after.json._rev).toMatch(/^2-/);
    expect(after.json).toEqual({ ...body, _rev: after.json._rev });
    expect(sandbox.documents.history('WC-01')[1]?.fields).toMatchObject({
      operator: { before: '', after: 'Kim' },
      notes: { before: '', after: null },
    });
  });

  it('take the revision in the query or as If-Match too, but not two different ones', async () => {
    const sandbox = await start();
    const rev = (): string => sandbox.documents.get('WC-01')?.version ?? '';
    const query = await call(sandbox, 'PUT', `${PATH}?rev=${rev()}`, {}, {});
    const header = await call(sandbox, 'PUT', PATH, { 'if-match': `"${rev()}"` }, {});
    const both = await call(sandbox, 'PUT', `${PATH}?rev=1-a`, {}, { _rev: rev() });
    expect([query.status, header.status, both.status]).toEqual([201, 201, 400]);
  });

  it('answer 409 to a stale, missing or needless revision', async () => {
    const sandbox = await start();
    const stale = sandbox.documents.get('WC-01')?.version;
    sandbox.documents.touch('WC-01', { temperature: 30 }, 'background');
    const attempts: [string, unknown][] = [
      [PATH, { _rev: stale }],
      [PATH, {}],
      ['/couch/work-centers/new', { _rev: stale }],
    ];
    for (const [path, body] of attempts) {
      const answer = await call(sandbox, 'PUT', path, {}, body);
      expect([answer.status, answer.json]).toEqual([409, CONFLICT]);
    }
    expect(sandbox.documents.get('new')).toBeUndefined();
  });

  it('are created without a revision', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PUT', '/couch/work-centers/n%2Fw', {}, { a: 1 });
    expect(answer.json).toMatchObject({ ok: true, id: 'n/w' });
    const read = await call(sandbox, 'GET', '/couch/work-centers/n%2Fw');
    expect(read.json).toEqual({ _id: 'n/w', _rev: answer.json.rev, a: 1 });
  });

  it('say whether they were never there or are gone, and start anew', async () => {
    const sandbox = await start();
    const first = sandbox.documents.get('WC-01')?.version;
    sandbox.documents.remove('WC-01');
    const gone = await call(sandbox, 'GET', PATH);
    const never = await call(sandbox, 'GET', '/couch/work-centers/never');
    expect([gone.status, gone.json]).toEqual([404, { error: 'not_found', reason: 'deleted' }]);
    expect([never.status, never.json]).toEqual([404, { error: 'not_found', reason: 'missing' }]);
    expect((await call(sandbox, 'PUT', PATH, {}, {})).status).toBe(201);
    expect((await call(sandbox, 'GET', PATH)).json._rev).not.toBe(first);
  });

  it.each([[{ _secret: 1 }], [{ _id: 'other' }], [{ _rev: 7 }], [['list']], ['not json']])(
    'refuse the body %j',
    async body => {
      const sandbox = await start();
      expect((await call(sandbox, 'PUT', PATH, {}, body)).status).toBe(400);
    },
  );

  it('are counted by their database, know no PATCH and no other database', async () => {
    const sandbox = await start();
    const database = await call(sandbox, 'GET', '/couch/work-centers');
    expect(database.json).toEqual({ db_name: 'work-centers', doc_count: 5 });
    expect((await call(sandbox, 'PATCH', PATH, {}, {})).status).toBe(405);
    const other = await call(sandbox, 'GET', '/couch/other/WC-01');
    expect([other.status, other.json.reason]).toEqual([404, 'Database does not exist.']);
  });

  it('are changed by others where the write changes nothing, and where it does', async () => {
    const sandbox = await start({ load: { noise: 1, target: 0 } });
    const { json } = await call(sandbox, 'GET', PATH);
    const body = { ...json, operator: 'Kim' };
    expect((await call(sandbox, 'PUT', PATH, {}, body)).status).toBe(409);
    const [, noise] = sandbox.documents.history('WC-01');
    expect(noise?.by).toBe('background');
    expect(['partsMade', 'temperature', 'energyUsed']).toContain(
      Object.keys(noise?.fields ?? {})[0],
    );
    sandbox.setLoad({ noise: 0, target: 1 });
    const again = await call(sandbox, 'GET', PATH);
    await call(sandbox, 'PUT', PATH, {}, { ...again.json, operator: 'Kim' });
    const [, , theirs] = sandbox.documents.history('WC-01');
    expect(theirs).toMatchObject({ by: 'operator', fields: { operator: { before: '' } } });
  });
});
