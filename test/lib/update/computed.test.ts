import { LosslessNumber } from 'lossless-json';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../lib/errors';
import type { Fields } from '../../../lib/record/fields';
import type { Pending } from '../../../lib/outcome/outcome';
import type { Computation } from '../../../lib/update/request';
import { Engine, type RequestPart } from '../../support/engine';
import { lost, preceded, startRecordApi, type RecordApi } from '../../support/engine-record';
import { guardOf } from '../../support/engine-guard';

const STAMP = 'writtenBy';
const FORMER = '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';

function start(values: Fields = {}): Promise<RecordApi> {
  return startRecordApi({ values: { stock: 5, status: 'Open', [STAMP]: FORMER, ...values } });
}

/** Adds to the stock. */
function adding(amount: number): Computation {
  return {
    fields: ['stock'],
    hash: `add ${String(amount)}`,
    of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + amount }),
  };
}

/** What an update is that adds 1. */
function increment(part: RequestPart = {}): RequestPart {
  return { changes: undefined, computation: adding(1), ...part };
}

function bodies(api: RecordApi): Record<string, unknown>[] {
  return api.written.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

describe('computed changes', () => {
  test('case U1: five at once on one record all count', async () => {
    const api = await start();
    const updates = Array.from({ length: 5 }, (_, n) =>
      new Engine(api.url, { seed: n }).update(increment()),
    );
    const outcomes = (await Promise.all(updates)).map(({ result }) => result.outcome);
    expect(outcomes).toEqual(Array(5).fill('updated'));
    expect(api.values.stock).toBe(10);
  });

  test('are computed anew on every version, whatever others have made of the field', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ stock: 40 });
      }),
    );
    const { result } = await new Engine(api.url).update(increment());
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
    expect(bodies(api)).toEqual([{ stock: 6 }, { stock: 41 }]);
  });

  test('are not taken for done when somebody else has come to the same value', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ stock: 6 });
      }),
    );
    const { result } = await new Engine(api.url).update(increment());
    expect(result.outcome).toBe('updated');
    expect(api.values.stock).toBe(7);
  });

  test('read the record themselves, whatever snapshot the message brings', async () => {
    const api = await start();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, { stock: 1000 });
    await engine.update(increment({ snapshot }));
    expect(bodies(api)).toEqual([{ stock: 6 }]);
  });

  test('that change nothing write nothing', async () => {
    const api = await start();
    const { result } = await new Engine(api.url).update(increment({ computation: adding(0) }));
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true });
    expect(api.written).toHaveLength(0);
  });

  test('go with PUT in the whole record', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ stock: 7, status: 'Held' });
      }),
    );
    await new Engine(api.url).update(increment({ method: 'PUT' }));
    expect(api.values).toMatchObject({ stock: 8, status: 'Held' });
  });

  test('end with a guard field that moved', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Closed', stock: 6 });
      }),
    );
    const { result } = await new Engine(api.url).update(increment({ guards: ['status'] }));
    const conflict = [{ name: 'status', base: 'Open', ours: 'Open', theirs: 'Closed' }];
    expect(result).toMatchObject({ outcome: 'conflict', conflict: { fields: conflict } });
    expect(api.committed).toHaveLength(0);
  });

  test('end with a guard field that cannot be compared', async () => {
    const api = await start();
    api.writes.push(preceded(() => api.noise()));
    const { result } = await new Engine(api.url).update(increment({ guards: ['missing'] }));
    expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'FIELD_UNKNOWN' } });
  });

  test.each([
    ['fail', new InputError('EXPRESSION_FAILED', 'Changes could not be computed.')],
    ['are no object', 7],
    ['name no field', {}],
    ['hold no JSON', { stock: Number.NaN }],
  ])('that %s are a fault of the flow', async (_name, answer) => {
    const api = await start();
    const computation: Computation = {
      fields: undefined,
      hash: 'broken',
      of: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)),
    };
    const update = new Engine(api.url).update(increment({ computation }));
    await expect(update).rejects.toMatchObject({
      code: answer instanceof InputError ? 'EXPRESSION_FAILED' : 'CHANGES_INVALID',
    });
    expect(api.written).toHaveLength(0);
  });

  test('that fail later while a write is in doubt end as uncertain', async () => {
    const api = await start();
    api.writes.push(() => {
      api.noise();
      return 'reset';
    });
    const { of } = adding(1);
    let computed = 0;
    const computation: Computation = {
      ...adding(1),
      of: (record, exact) =>
        computed++ === 0
          ? of(record, exact)
          : Promise.reject(new InputError('EXPRESSION_FAILED', 'No.')),
    };
    const { result } = await new Engine(api.url).update(increment({ computation }));
    expect(result.outcome).toBe('uncertain');
  });

  test('need no force and no action', () => {
    const engine = new Engine('http://127.0.0.1/api');
    const about = (part: RequestPart) => () => engine.update(increment(part));
    expect(about({ force: true })).toThrow(expect.objectContaining({ code: 'FORCE_UNSUPPORTED' }));
    const dataverse = new Engine('http://127.0.0.1/api', { family: 'dataverse' });
    const action = { name: 'Ship', parameters: {} };
    expect(() => dataverse.update(increment({ action }))).toThrow(
      expect.objectContaining({ code: 'ACTION_UNSUPPORTED' }),
    );
  });

  test('are held to the transition guard once they are computed', async () => {
    const api = await start({ status: 'In Progress' });
    const engine = new Engine(api.url);
    const transition = guardOf(engine);
    const to = (status: string): Computation => ({
      fields: undefined,
      hash: status,
      of: ({ values }) => Promise.resolve({ stock: Number(values.stock) - 1, status }),
    });
    const wrong = engine.update(increment({ transition, computation: to('Elsewhere') }));
    await expect(wrong).rejects.toMatchObject({ code: 'GUARD_MISMATCH' });
    const { result } = await engine.update(
      increment({ transition, computation: to(String(transition.to)) }),
    );
    expect(result.outcome).toBe('updated');
    expect(api.values).toMatchObject({ stock: 4, status: transition.to });
  });
});

describe('after a lost answer, computed changes', () => {
  test('go again with the same bytes while the version is in place', async () => {
    const api = await start();
    api.writes.push('reset');
    const { result } = await new Engine(api.url).update(increment({ stamp: STAMP }));
    expect(result.outcome).toBe('updated');
    expect(bodies(api)).toHaveLength(2);
    expect(bodies(api)[1]).toEqual(bodies(api)[0]);
    expect(api.values.stock).toBe(6);
  });

  test('are in place where the record shows their token, whatever happened since', async () => {
    const api = await start();
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ stock: 60 });
      return 'reset';
    });
    const { result } = await new Engine(api.url).update(increment({ stamp: STAMP }));
    expect(result).toMatchObject({ outcome: 'already-applied', verified: true });
    expect(api.committed).toHaveLength(1);
    expect(api.values.stock).toBe(60);
  });

  test('are computed anew where the record shows the token of before', async () => {
    const api = await start();
    api.writes.push(() => {
      api.change({ stock: 6 });
      return 'reset';
    });
    const { result } = await new Engine(api.url).update(increment({ stamp: STAMP }));
    expect(result.outcome).toBe('updated');
    expect(api.values.stock).toBe(7);
    expect(new Set(bodies(api).map(body => body[STAMP])).size).toBe(2);
  });

  test.each([
    ['without a stamp field', undefined, FORMER],
    ['with a stamp field that was never written', STAMP, null],
    ['with a stamp field that holds no token', STAMP, 'x'],
  ])('are uncertain on a moved record %s', async (_name, stamp, former) => {
    const api = await start({ [STAMP]: former });
    api.writes.push(() => {
      api.noise();
      return 'reset';
    });
    const { result } = await new Engine(api.url).update(increment({ stamp }));
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
    expect(api.committed).toHaveLength(0);
  });

  test('are uncertain although the record shows the very value', async () => {
    const api = await start();
    api.writes.push(lost);
    const { result } = await new Engine(api.url).update(increment());
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
    expect(api.values.stock).toBe(6);
  });

  test('are never counted twice where the look that settled it was behind', async () => {
    const api = await start();
    const before = { status: 200, headers: { etag: api.version }, body: { ...api.values } };
    api.writes.push((_request, proceed) => {
      proceed();
      return { status: 500, body: { error: { code: 'X', message: 'Fault.' } } };
    });
    api.reads.push((_request, proceed) => proceed(), before);
    const { result } = await new Engine(api.url).update(increment());
    expect(result.outcome).toBe('uncertain');
    expect(api.committed).toHaveLength(1);
  });
});

describe('in a wired loop, computed changes', () => {
  const once = { mode: 'once', stamp: STAMP } as const;

  test('carry what was sent, and send it again on the same version', async () => {
    const api = await start();
    api.writes.push('reset');
    const engine = new Engine(api.url);
    const first = (await engine.update(increment(once))).result;
    expect(first).toMatchObject({ outcome: 'retry', pending: { sent: { stock: 6 } } });
    const { pending, base } = structuredClone(first);
    const { result } = await engine.update(increment({ ...once, pending, base }));
    expect(result.outcome).toBe('updated');
    expect(bodies(api)[1]).toEqual(bodies(api)[0]);
  });

  test('are found by their token in the next pass', async () => {
    const api = await start();
    api.writes.push(lost);
    api.reads.push((_request, proceed) => proceed(), { status: 503 });
    const engine = new Engine(api.url, { policy: { transientRetries: 0 } });
    const { pending, base } = (await engine.update(increment(once))).result;
    api.change({ stock: 9 });
    const { result } = await engine.update(increment({ ...once, pending, base }));
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('belong to the same message only', async () => {
    const api = await start();
    api.writes.push('reset');
    const engine = new Engine(api.url);
    const { pending } = (await engine.update(increment(once))).result;
    await engine.update(increment({ ...once, pending, computation: adding(2) }));
    expect(bodies(api)[1]).toMatchObject({ stock: 7 });
  });

  test('are computed anew where a message brings something unusable as sent', async () => {
    const api = await start();
    api.writes.push('reset');
    const engine = new Engine(api.url);
    const { pending } = (await engine.update(increment(once))).result;
    const forged = { ...pending, sent: 'all of it' } as unknown as Pending;
    await engine.update(increment({ ...once, pending: forged }));
    expect(bodies(api)[1]).toMatchObject({ stock: 6 });
  });
});

describe('when somebody else has set the same value', () => {
  const changes = { stock: 6 };

  async function afterOthers(part: RequestPart, theirs: Fields = { stock: 6 }) {
    const api = await start({ statecode: 0 });
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.change(theirs);
    const { result } = await engine.update({ changes, snapshot, ...part });
    return { result, api };
  }

  test('case U1: a number that was decided on a snapshot of the message is a conflict', async () => {
    const { result, api } = await afterOthers({});
    expect(result).toMatchObject({
      outcome: 'conflict',
      sameByOthers: ['stock'],
      conflict: { fields: [{ name: 'stock', base: 5, ours: 6, theirs: 6 }] },
      error: { code: 'SAME_VALUE', message: expect.stringContaining('stock') },
    });
    expect(api.written).toHaveLength(1);
  });

  test('also where another field is still to be written', async () => {
    const { result } = await afterOthers({ changes: { stock: 6, status: 'Held' } });
    expect(result).toMatchObject({ outcome: 'conflict', sameByOthers: ['stock'] });
  });

  test('also beside a field that somebody else has changed', async () => {
    const part = { changes: { stock: 6, status: 'Held' } };
    const { result } = await afterOthers(part, { stock: 6, status: 'Closed' });
    expect(result.conflict?.fields.map(({ name }) => name)).toEqual(['status', 'stock']);
  });

  test.each<[string, RequestPart, Fields]>([
    ['text', { changes: { status: 'Held' } }, { status: 'Held' }],
    ['a code', { fieldTypes: { stock: { type: 'code' } } }, { stock: 6 }],
    ['the state of a Dataverse record', { changes: { statecode: 1 } }, { statecode: 1 }],
    ['what the setting calls done', { sameValue: 'done' }, { stock: 6 }],
  ])('%s is done, and marked', async (_name, part, theirs) => {
    const { result } = await afterOthers(part, theirs);
    const [name] = Object.keys(theirs);
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true, sameByOthers: [name] });
  });

  test('a number is done where nobody decided on a value', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ stock: 6 });
      }),
    );
    const { result } = await new Engine(api.url).update({ changes });
    expect(result).toMatchObject({ outcome: 'unchanged', sameByOthers: ['stock'] });
  });

  test('text is a conflict where the setting says so, also without a snapshot', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Held' });
      }),
    );
    const part = { changes: { status: 'Held' }, sameValue: 'conflict' } as const;
    const { result } = await new Engine(api.url).update(part);
    expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'SAME_VALUE' } });
  });

  test('a declared number in text is a count, too', async () => {
    const fieldTypes = { stock: { type: 'decimal' } } as const;
    const { result } = await afterOthers({ fieldTypes, changes: { stock: '6.0' } });
    expect(result.outcome).toBe('conflict');
  });

  test('a conflict rule decides it like any other', async () => {
    const { result, api } = await afterOthers({ rule: () => Promise.resolve({ stock: 7 }) });
    expect(result).toMatchObject({ outcome: 'updated', sameByOthers: ['stock'] });
    expect(api.values.stock).toBe(7);
  });

  test('after a lost answer equality proves nothing', async () => {
    const api = await start();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.writes.push(lost);
    const { result } = await engine.update({ changes, snapshot });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
    expect(result.sameByOthers).toBeUndefined();
    expect(api.committed).toHaveLength(1);
  });

  test('case U1: also behind a transition guard, though somebody has made the transition, too', async () => {
    const api = await start({ status: 'In Progress' });
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.change({ stock: 6, status: 'Complete' });
    const both = { status: 'Complete', stock: 6 };
    const transition = guardOf(engine);
    const { result } = await engine.update({ changes: both, snapshot, transition });
    expect(result).toMatchObject({
      outcome: 'conflict',
      sameByOthers: ['status', 'stock'],
      error: { code: 'SAME_VALUE', message: expect.stringContaining('stock') },
    });
  });

  test('behind a transition guard, the status and text of somebody else are done', async () => {
    const api = await start({ status: 'In Progress', note: 'n0' });
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    const both = { status: 'Complete', note: 'n1' };
    api.change(both);
    const transition = guardOf(engine);
    const { result } = await engine.update({ changes: both, snapshot, transition });
    expect(result).toMatchObject({ outcome: 'unchanged', sameByOthers: ['status', 'note'] });
  });

  test.each(['9007199254740993', '1234567890123456.75'])(
    'a number that JavaScript cannot hold is a count, too: %s',
    async digits => {
      const api = await start();
      api.everyRead = (_request, proceed) => ({
        ...proceed(),
        body: `{"stock":${digits},"status":"Open"}`,
      });
      const engine = new Engine(api.url);
      const snapshot = engine.snapshot(api.version, { stock: 5 });
      api.noise();
      const changed = { stock: new LosslessNumber(digits) };
      const { result } = await engine.update({ changes: changed, snapshot });
      expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'SAME_VALUE' } });
    },
  );

  test('what was the same before is nobody’s doing', async () => {
    const { result } = await afterOthers({ changes: { stock: 5 } }, { status: 'Held' });
    expect(result.outcome).toBe('unchanged');
    expect(result.sameByOthers).toBeUndefined();
  });
});
