import { describe, expect, test } from 'vitest';
import { Engine, type RequestPart } from '../../support/engine';
import {
  lost,
  preceded,
  startRecordApi,
  type RecordApi,
  type Step,
} from '../../support/engine-record';

const ODATA = { family: 'odata' } as const;
const PARAMETERS = { reason: 'shipped', parcels: 2 };
const CALL = {
  action: { name: 'Sales.SetStatus', parameters: PARAMETERS },
  changes: { status: 'Done' },
} satisfies RequestPart;

/** An API whose action sets the status, and answers nothing unless a step says otherwise. */
function start(): Promise<RecordApi> {
  return startRecordApi({ answers: 'nothing', action: () => ({ status: 'Done' }) });
}

describe('a bound action', () => {
  test('is called with POST, its parameters as they are, and the version', async () => {
    const api = await start();
    const { result, record } = await new Engine(api.url, ODATA).update(CALL);
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    const [call] = api.written;
    expect(call).toMatchObject({ method: 'POST', headers: { 'if-match': '"v1"' } });
    expect(call?.url).toMatch(/\/Sales\.SetStatus$/);
    expect(JSON.parse(call?.body ?? '')).toEqual(PARAMETERS);
    expect(record).toBeUndefined();
  });

  test('whose changes are in place is not called', async () => {
    const api = await start();
    api.change({ status: 'Done' });
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('unchanged');
    expect(api.methods).toEqual(['GET']);
  });

  test('is called as a whole although one of its changes is in place', async () => {
    const api = await start();
    const part = { ...CALL, changes: { status: 'Done', note: 'n0' } };
    await new Engine(api.url, ODATA).update(part);
    expect(JSON.parse(api.written[0]?.body ?? '')).toEqual(PARAMETERS);
  });

  test('goes again on the new version after noise', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
    expect(api.committed).toHaveLength(1);
  });

  test('whose answer was lost is found in place', async () => {
    const api = await start();
    api.writes.push(lost);
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('that never arrived is called again', async () => {
    const api = await start();
    api.writes.push('reset');
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test('that the API refuses in this state ends as a write does', async () => {
    const api = await start();
    api.everyWrite = { status: 409, body: { error: { message: 'Cannot ship an open order' } } };
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('invalid-state');
    expect(api.methods).toEqual(['GET', 'POST', 'GET']);
  });

  test('that the API does not find on a record that is there is not taken for a record that is gone', async () => {
    const api = await start();
    api.everyWrite = { status: 404, body: { error: { message: 'No such operation' } } };
    const { result, record } = await new Engine(api.url, ODATA).update(CALL);
    expect(result).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'ACTION_NOT_FOUND', message: expect.stringContaining('No such operation') },
    });
    expect(result.error?.message).toContain('Check Action');
    expect(record?.version).toBe('"v1"');
    expect(api.methods).toEqual(['GET', 'POST', 'GET']);
  });

  test('of a record that is gone ends as a write does', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.isGone = true;
      }),
    );
    const { result, record } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('not-found');
    expect(record).toBeUndefined();
  });

  test('whose answer was lost and that is then not found is uncertain', async () => {
    const api = await start();
    api.writes.push({ status: 504 }, { status: 404 });
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('uncertain');
  });

  test('reads no more than it compares, also where the method is PUT', async () => {
    const api = await start();
    const engine = new Engine(api.url, ODATA);
    const snapshot = engine.snapshot('"v1"', api.values);
    await engine.update({ ...CALL, method: 'PUT', snapshot });
    expect(api.methods).toEqual(['POST']);
  });

  test('sets no stamp, so a field of that name is one of its changes', async () => {
    const api = await startRecordApi({ answers: 'nothing', action: values => values });
    const changes = { status: 'Done', writtenAt: '2026-01-01T00:00:00Z' };
    const { result } = await new Engine(api.url, ODATA).update({
      action: { name: 'Sales.SetStatus', parameters: changes },
      changes,
      stamp: 'writtenAt',
    });
    expect(result.outcome).toBe('updated');
    expect(JSON.parse(api.written[0]?.body ?? '')).toEqual(changes);
  });
});

describe('the snapshot after an action', () => {
  async function recordAfter(answer: Record<string, unknown>, headers = {}) {
    const api = await start();
    api.writes.push((_request, proceed) => {
      proceed();
      return { status: 200, headers, body: answer };
    });
    const { result, record } = await new Engine(api.url, ODATA).update(CALL);
    expect(result.outcome).toBe('updated');
    return record;
  }

  test('is the record in its answer', async () => {
    const record = await recordAfter({ '@odata.etag': '"v2"', status: 'Done', note: 'n7' });
    expect(record).toMatchObject({ version: '"v2"', values: { status: 'Done', note: 'n7' } });
    expect(record?.values).not.toHaveProperty('owner');
  });

  test.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['shows no version in its body', { status: 'Done' }, { etag: '"v2"' }],
    ['lacks a changed field', { '@odata.etag': '"v2"', note: 'n7' }, {}],
    ['is something else', { value: true }, { etag: '"v2"' }],
  ])('is left out when the answer %s', async (_name, answer, headers) => {
    expect(await recordAfter(answer, headers)).toBeUndefined();
  });

  test('that answers another value is reported', async () => {
    const api = await start();
    api.writes.push({ status: 200, body: { '@odata.etag': '"v2"', status: 'Open' } });
    const { result } = await new Engine(api.url, ODATA).update(CALL);
    expect(result).toMatchObject({
      outcome: 'updated',
      verified: false,
      error: { code: 'STORED_DIFFERENTLY' },
    });
  });
});

describe('a conflict', () => {
  const colliding = (api: RecordApi): Step =>
    preceded(() => {
      api.change({ status: 'Cancelled' });
    });

  test.each(['report', 'theirs'] as const)('with the rule %s calls nothing', async rule => {
    const api = await start();
    api.writes.push(colliding(api));
    const { result } = await new Engine(api.url, ODATA).update({ ...CALL, rule });
    expect(result.outcome).toBe('conflict');
    expect(result.conflict?.resolution).toBe(rule === 'theirs' ? 'theirs' : undefined);
    expect(api.committed).toHaveLength(0);
    expect(api.values.status).toBe('Cancelled');
  });

  test('with keep theirs does not call the action for the rest either', async () => {
    const api = await start();
    api.writes.push(colliding(api));
    const changes = { status: 'Done', note: 'ours' };
    const { result } = await new Engine(api.url, ODATA).update({
      ...CALL,
      changes,
      rule: 'theirs',
    });
    expect(result).toMatchObject({ outcome: 'conflict', kept: ['status'] });
    expect(api.committed).toHaveLength(0);
  });

  test('with the rule overwrite calls it on the version just read', async () => {
    const api = await start();
    api.writes.push(colliding(api));
    const { result } = await new Engine(api.url, ODATA).update({ ...CALL, rule: 'overwrite' });
    expect(result.outcome).toBe('updated');
    expect(api.written.at(-1)?.headers['if-match']).toBe('"v2"');
  });

  test('with the rule overwrite after a lost answer does not call it a second time', async () => {
    const api = await start();
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ status: 'Cancelled' });
      return 'reset';
    });
    const { result } = await new Engine(api.url, ODATA).update({ ...CALL, rule: 'overwrite' });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
    expect(api.committed).toHaveLength(1);
  });

  test.each<[string, RequestPart['rule']]>([
    ['merge', 'merge'],
    ['a decision that merges', () => Promise.resolve('merge')],
    ['a decision with values', () => Promise.resolve({ status: 'Shipped' })],
  ])('with %s is reported: an action cannot be called in part', async (_name, rule) => {
    const api = await start();
    api.writes.push(colliding(api));
    const { result } = await new Engine(api.url, ODATA).update({ ...CALL, ...(rule && { rule }) });
    expect(result).toMatchObject({
      outcome: 'conflict',
      verified: true,
      error: { code: 'ACTION_INDIVISIBLE' },
      conflict: { fields: [{ name: 'status', theirs: 'Cancelled' }] },
    });
    expect(api.committed).toHaveLength(0);
  });
});

describe('before any request', () => {
  test('a family without actions refuses one and names the way out', async () => {
    const api = await start();
    const engine = new Engine(api.url, { ...ODATA, familyPart: { takesActions: false } });
    expect(() => engine.update(CALL)).toThrow(
      expect.objectContaining({
        code: 'ACTION_UNSUPPORTED',
        message: expect.stringContaining('PATCH'),
      }),
    );
    expect(api.requests).toHaveLength(0);
  });

  test.each(['rest', 'odata'] as const)('the name of an action of %s is checked', async family => {
    const api = await start();
    const engine = new Engine(api.url, { family });
    const call = { ...CALL, action: { name: '../A', parameters: {} } };
    expect(() => engine.update(call)).toThrow(expect.objectContaining({ code: 'ACTION_INVALID' }));
    expect(api.requests).toHaveLength(0);
  });

  test('case U38: parameters that hold one object many times over are refused', async () => {
    const engine = new Engine((await start()).url, ODATA);
    let value: unknown = 'x';
    for (let level = 0; level < 60; level++) value = { a: value, b: value };
    const action = { name: 'A', parameters: { value } };
    expect(() => engine.update({ ...CALL, action })).toThrow(/levels/);
  });

  test('parameters must be JSON', async () => {
    const api = await start();
    const engine = new Engine(api.url, ODATA);
    const parameters = { parcels: 2, reason: new Date() };
    expect(() => engine.update({ ...CALL, action: { name: 'A', parameters } })).toThrow(
      expect.objectContaining({
        code: 'PARAMETERS_INVALID',
        message: expect.stringContaining('"reason"'),
      }),
    );
  });

  test('the method that changes would be written with does not matter', async () => {
    const api = await start();
    const engine = new Engine(api.url, { ...ODATA, familyPart: { methods: ['MERGE'] } });
    const { result } = await engine.update({ ...CALL, method: 'PATCH' });
    expect(result.outcome).toBe('updated');
  });
});
