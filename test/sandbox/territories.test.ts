import { describe, expect, it } from 'vitest';
import { call, start } from './client';

const LIST = '/territory-api/v1/assignments';
const PATH = `${LIST}/T001`;
const MISMATCH = { error: 'ETag mismatch - resource modified' };

describe('territory assignments', () => {
  it('show their version alike in header and body', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', PATH);
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{8}-1"$/);
    expect(answer.json).toMatchObject({ id: 'T001', etag: answer.headers.get('etag') });
    expect(answer.headers.get('x-cache-status')).toBe('MISS');
  });

  it('come as a map of versions for the ids that exist', async () => {
    const sandbox = await start();
    const { json } = await call(sandbox, 'GET', `${LIST}?ids=T001,T999,T003&fields=id,etag`);
    expect(json).toEqual({
      assignments: ['T001', 'T003'].map(id => ({ id, etag: sandbox.territories.get(id)?.version })),
    });
    expect((await call(sandbox, 'GET', LIST)).json.assignments).toHaveLength(5);
  });

  it('are changed with the current version or without any', async () => {
    const sandbox = await start();
    const etag = sandbox.territories.get('T001')?.version ?? '';
    const body = { salesRepId: 'EMP-7', quota: 10.005 };
    const first = await call(sandbox, 'PATCH', PATH, { 'if-match': etag }, body);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ ...body, quota: 10.01, region: 'AMER' });
    expect(first.headers.get('etag')).toBe(sandbox.territories.get('T001')?.version);
    expect((await call(sandbox, 'PATCH', PATH, {}, { notes: 'x' })).status).toBe(200);
  });

  it('answer 409 to a stale version', async () => {
    const sandbox = await start();
    const etag = sandbox.territories.get('T001')?.version ?? '';
    sandbox.territories.touch('T001', { accountCount: 3 }, 'background');
    for (const method of ['PATCH', 'PUT']) {
      const answer = await call(sandbox, method, PATH, { 'if-match': etag }, { notes: 'x' });
      expect([answer.status, answer.json]).toEqual([409, MISMATCH]);
    }
  });

  it('are replaced as a whole by PUT, where the read-only fields may come along', async () => {
    const sandbox = await start();
    const { json } = await call(sandbox, 'GET', PATH);
    const members = Object.entries(json).filter(([name]) => name !== 'notes');
    const body = { ...Object.fromEntries(members), region: 'APJ' };
    const answer = await call(sandbox, 'PUT', PATH, {}, body);
    expect(answer.json).toMatchObject({
      region: 'APJ',
      notes: null,
      territoryName: json.territoryName,
    });
    expect(answer.json.etag).not.toBe(json.etag);
  });

  it('refuse unknown fields, wrong types, missing records and other methods', async () => {
    const sandbox = await start();
    const attempts: [string, string, unknown][] = [
      ['PATCH', PATH, { nope: 1 }],
      ['PATCH', PATH, { priority: 'high' }],
      ['PATCH', PATH, 'not json'],
      ['PATCH', `${LIST}/T999`, {}],
      ['GET', `${LIST}/a/b`, undefined],
      ['DELETE', PATH, undefined],
      ['POST', LIST, {}],
    ];
    const statuses = [];
    for (const [method, path, body] of attempts) {
      statuses.push((await call(sandbox, method, path, {}, body)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 404, 404, 405, 405]);
  });
});

describe('the cache in front of the assignments', () => {
  it('serves so many outdated reads after a change, single or as a map', async () => {
    const sandbox = await start({ staleReads: 2 });
    const read = async (path = PATH): Promise<unknown[]> => {
      const { headers, json } = await call(sandbox, 'GET', path);
      const [listed = json] = (json.assignments ?? []) as Record<string, unknown>[];
      return [headers.get('x-cache-status'), listed.etag];
    };
    const [, before] = await read();
    const after = sandbox.territories.touch('T001', { notes: 'theirs' });
    expect(await read()).toEqual(['HIT', before]);
    expect(await read(`${LIST}?ids=T001&fields=id,etag`)).toEqual(['HIT', before]);
    expect(await read()).toEqual(['MISS', after]);
    const latest = sandbox.territories.touch('T001', {});
    expect(await read()).toEqual(['HIT', after]);
    sandbox.cx.staleReads = 0;
    expect(await read()).toEqual(['HIT', after]);
    expect(await read()).toEqual(['MISS', latest]);
    sandbox.territories.touch('T001', {});
    expect((await read())[0]).toBe('MISS');
  });

  it('lags by so many milliseconds after it took a record', async () => {
    const sandbox = await start();
    const read = async (): Promise<unknown[]> => {
      const { headers, json } = await call(sandbox, 'GET', PATH);
      return [headers.get('x-cache-status'), json.etag];
    };
    sandbox.cx.lagMs = 1000;
    const [, before] = await read();
    sandbox.territories.touch('T001', { notes: 'theirs' });
    const latest = sandbox.territories.touch('T001', { notes: 'theirs again' });
    expect(await read()).toEqual(['HIT', before]);
    expect(await read()).toEqual(['HIT', before]);
    await expect.poll(read).toEqual(['MISS', latest]);
  });

  it('does not stand before the writes', async () => {
    const sandbox = await start({ staleReads: 5 });
    const { json } = await call(sandbox, 'GET', PATH);
    const current = sandbox.territories.touch('T001', {});
    const write = async (etag: string): Promise<number> =>
      (await call(sandbox, 'PATCH', PATH, { 'if-match': etag }, { notes: 'x' })).status;
    expect([await write(String(json.etag)), await write(current)]).toEqual([409, 200]);
  });

  it('is set over HTTP', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'PUT', '/sandbox/cx', {}, { staleReads: 3 })).status).toBe(204);
    const { json } = await call(sandbox, 'GET', '/sandbox/cx');
    expect(json).toEqual({ staleReads: 3, lagMs: 0, busyReplays: 0, replays: 0 });
    const refused = await call(sandbox, 'PUT', '/sandbox/cx', {}, { staleReads: -1 });
    expect([refused.status, refused.json.error]).toEqual([
      400,
      'staleReads: a whole number, 0 or more',
    ]);
  });
});

describe('Idempotency-Key at the assignments', () => {
  const KEY = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };

  it('replays the stored answer to the same request without processing it again', async () => {
    const sandbox = await start({ faults: [{ fault: 'lost-response', on: 'write', times: 1 }] });
    const etag = sandbox.territories.get('T001')?.version ?? '';
    const headers = { ...KEY, 'if-match': etag };
    await expect(call(sandbox, 'PATCH', PATH, headers, { notes: 'mine' })).rejects.toThrow();
    const again = await call(sandbox, 'PATCH', PATH, headers, { notes: 'mine' });
    expect([again.status, again.json.notes]).toEqual([200, 'mine']);
    expect(sandbox.territories.history('T001').map(({ by }) => by)).toEqual(['seed', 'api']);
    expect(sandbox.stats().replays).toBe(1);
    expect(sandbox.territories.requests('T001')).toMatchObject([
      { method: 'PATCH', answered: false, idempotencyKey: KEY['idempotency-key'] },
      { method: 'PATCH', answered: true, idempotencyKey: KEY['idempotency-key'] },
    ]);
  });

  it('replays an error too, even when the request would succeed by now', async () => {
    const sandbox = await start();
    const body = { notes: 'x' };
    const stale = { ...KEY, 'if-match': '"old"' };
    expect((await call(sandbox, 'PATCH', PATH, stale, body)).status).toBe(409);
    const fresh = { ...KEY, 'if-match': sandbox.territories.get('T001')?.version ?? '' };
    const again = await call(sandbox, 'PATCH', PATH, fresh, body);
    expect([again.status, again.json]).toEqual([409, MISMATCH]);
  });

  it('answers 422 to a key with another payload or for another record', async () => {
    const sandbox = await start();
    await call(sandbox, 'PATCH', PATH, KEY, { notes: 'a' });
    const payload = await call(sandbox, 'PATCH', PATH, KEY, { notes: 'b' });
    const record = await call(sandbox, 'PATCH', `${LIST}/T002`, KEY, { notes: 'a' });
    expect([payload.status, record.status]).toEqual([422, 422]);
    expect(payload.headers.get('content-type')).toBe('application/problem+json');
    expect(payload.json.title).toBe('Idempotency-Key is already used');
  });

  it('answers 409 in progress as often as it is told, then the stored answer', async () => {
    const sandbox = await start();
    await call(sandbox, 'PUT', '/sandbox/cx', {}, { busyReplays: 2 });
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await call(sandbox, 'PATCH', PATH, KEY, {}));
    expect(answers.map(({ status }) => status)).toEqual([200, 409, 409, 200]);
    expect(answers[1]?.json.title).toBe('A request is outstanding for this Idempotency-Key');
    expect(sandbox.territories.history('T001')).toHaveLength(2);
  });

  it.each(['8e03978e', '""', '"a'])('refuses %s, which is no quoted text', async key => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PATCH', PATH, { 'idempotency-key': key }, {});
    expect(answer.status).toBe(400);
  });
});
