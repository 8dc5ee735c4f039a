import { describe, expect, test } from 'vitest';
import type { ConflictRule, Decide } from '../../../lib/update/request';
import type { UpdateOutput } from '../../../lib/update/known';
import { Engine, type EngineOptions, type RequestPart } from '../../support/engine';
import { preceded, startRecordApi, type RecordApi } from '../../support/engine-record';

const CHANGES = { status: 'Done', note: 'ours' };
const THEIRS = { status: 'Cancelled' };
const COLLISION = { name: 'status', base: 'Open', ours: 'Done', theirs: 'Cancelled' };

interface Collided extends UpdateOutput {
  readonly api: RecordApi;
}

/** An operator changes the record just before the first write. */
async function collide(
  rule: ConflictRule,
  part: RequestPart = {},
  theirs: Record<string, unknown> = THEIRS,
  values?: Record<string, unknown>,
  options?: EngineOptions,
): Promise<Collided> {
  const api = await startRecordApi(values === undefined ? {} : { values });
  api.writes.push(
    preceded(() => {
      api.change(theirs);
    }),
  );
  const output = await new Engine(api.url, options).update({ changes: CHANGES, rule, ...part });
  return { ...output, api };
}

function sent(api: RecordApi): unknown {
  return JSON.parse(api.written.at(-1)?.body ?? 'null');
}

test('report: the conflict with all three values, nothing more is written', async () => {
  const { result, record, api } = await collide('report');
  expect(result).toMatchObject({ outcome: 'conflict', verified: true });
  expect(result.conflict).toEqual({ fields: [COLLISION] });
  expect(result.kept).toBeUndefined();
  expect(record?.values.status).toBe('Cancelled');
  expect(api.written).toHaveLength(1);
});

describe('theirs', () => {
  test('gives up what collides and writes the rest', async () => {
    const { result, api } = await collide('theirs');
    expect(result).toMatchObject({ outcome: 'updated', kept: ['status'] });
    expect(sent(api)).toEqual({ note: 'ours' });
    expect(api.values).toMatchObject({ status: 'Cancelled', note: 'ours' });
  });

  test('gives everything up when everything collides', async () => {
    const { result, api } = await collide('theirs', { changes: { status: 'Done' } });
    expect(result).toMatchObject({ outcome: 'conflict', verified: true });
    expect(result.conflict).toEqual({ fields: [COLLISION], resolution: 'theirs' });
    expect(api.written).toHaveLength(1);
  });
});

describe('overwrite', () => {
  test('writes ours, but only on the version just read', async () => {
    const { result, api } = await collide('overwrite');
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(result.kept).toBeUndefined();
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
    expect(api.values).toMatchObject(CHANGES);
  });

  test('a lost overwrite that was reverted to what it overwrote is not repeated', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.change(THEIRS);
      }),
      (_request, proceed) => {
        proceed();
        api.change(THEIRS);
        return 'reset';
      },
    );
    const { result } = await new Engine(api.url).update({ changes: CHANGES, rule: 'overwrite' });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.committed).toHaveLength(1);
  });
});

describe('merge', () => {
  const base = { address: { street: 's0', city: 'c0', zip: 'z0' } };

  test('goes through an object leaf by leaf', async () => {
    const changes = { address: { street: 'ours', city: 'ours' } };
    const theirs = { address: { city: 'theirs', zip: 'theirs' } };
    const { result, api } = await collide('merge', { changes }, theirs, base);
    expect(result).toMatchObject({ outcome: 'updated', kept: ['address'] });
    expect(sent(api)).toEqual({ address: { street: 'ours' } });
    expect(api.values).toEqual({ address: { street: 'ours', city: 'theirs', zip: 'theirs' } });
  });

  test('leaves a plain value to the other side', async () => {
    const { result, api } = await collide('merge');
    expect(result).toMatchObject({ outcome: 'updated', kept: ['status'] });
    expect(api.values).toMatchObject({ status: 'Cancelled', note: 'ours' });
  });

  test('does not take a property for changed that is null instead of missing', async () => {
    const changes = { address: { street: 'ours', floor: 'ours' } };
    const theirs = { address: { street: 'theirs', floor: null } };
    const rest = { missingMeansNull: true };
    const { api } = await collide('merge', { changes }, theirs, base, { rest });
    expect(sent(api)).toEqual({ address: { floor: 'ours' } });
  });
});

describe('decide', () => {
  test.each<[Awaited<ReturnType<Decide>>, object]>([
    ['report', { outcome: 'conflict', conflict: { fields: [COLLISION] } }],
    ['theirs', { outcome: 'updated', kept: ['status'] }],
    ['overwrite', { outcome: 'updated' }],
    ['merge', { outcome: 'updated', kept: ['status'] }],
  ])('as %s', async (decision, expected) => {
    const { result } = await collide(() => Promise.resolve(decision));
    expect(result).toMatchObject(expected);
    expect(result.error).toBeUndefined();
  });

  test('is told key and values of all three sides', async () => {
    const views: unknown[] = [];
    await collide(view => {
      views.push(view);
      return Promise.resolve('report');
    });
    expect(views).toMatchObject([
      {
        key: 'A1',
        fields: [COLLISION],
        base: { status: 'Open', note: 'n0' },
        ours: CHANGES,
        theirs: { status: 'Cancelled', note: 'n0' },
      },
    ]);
  });

  test('by other values: they are written on the version just read', async () => {
    const { result, api } = await collide(() => Promise.resolve({ status: 'Review' }));
    expect(result.outcome).toBe('updated');
    expect(result.kept).toBeUndefined();
    expect(sent(api)).toEqual({ status: 'Review', note: 'ours' });
    expect(api.written.at(-1)?.headers['if-match']).toBe('"v2"');
  });

  test('by values for none of the colliding fields: theirs stay', async () => {
    const { result, api } = await collide(() => Promise.resolve({}));
    expect(result).toMatchObject({ outcome: 'updated', kept: ['status'] });
    expect(sent(api)).toEqual({ note: 'ours' });
  });

  test('is asked again when the record collides again, with the decided value as base', async () => {
    const api = await startRecordApi();
    for (const status of ['Cancelled', 'Closed']) {
      api.writes.push(
        preceded(() => {
          api.change({ status });
        }),
      );
    }
    const seen: unknown[] = [];
    const rule: Decide = ({ fields }) => {
      seen.push(fields[0]);
      return Promise.resolve('overwrite');
    };
    const { result } = await new Engine(api.url).update({ rule });
    expect(result.outcome).toBe('updated');
    expect(seen).toEqual([COLLISION, { ...COLLISION, base: 'Cancelled', theirs: 'Closed' }]);
  });

  test.each<[string, Decide]>([
    ['throws', () => Promise.reject(new Error('no such function'))],
    ['gives nothing', () => Promise.resolve(undefined as never)],
    ['gives nonsense', () => Promise.resolve('perhaps' as never)],
    ['gives a number', () => Promise.resolve(7 as never)],
    ['names a field that is not written', () => Promise.resolve({ decision: 'overwrite' })],
    ['gives no JSON value', () => Promise.resolve({ status: () => 1 })],
  ])('that %s decides nothing: the conflict is reported', async (_name, rule) => {
    const { result, api } = await collide(rule);
    expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'DECISION_UNUSABLE' } });
    expect(result.conflict?.fields).toEqual([COLLISION]);
    expect(api.written).toHaveLength(1);
  });
});

describe('guards', () => {
  test('that did not move do not stop noise from healing', async () => {
    const { result } = await collide('report', { guards: ['owner'] }, { touched: 1 });
    expect(result.outcome).toBe('updated');
  });

  test('together with a target: both are named, whatever the rule', async () => {
    const theirs = { ...THEIRS, owner: 'somebody' };
    const { result, api } = await collide('overwrite', { guards: ['owner'] }, theirs);
    expect(result.outcome).toBe('conflict');
    expect(result.conflict?.fields.map(({ name }) => name)).toEqual(['status', 'owner']);
    expect(api.committed).toHaveLength(0);
  });
});

test('the other side did part of the work: the rest is written without a conflict', async () => {
  const { result, api } = await collide('report', {}, { status: 'Done' });
  expect(result).toMatchObject({ outcome: 'updated' });
  expect(result.kept).toBeUndefined();
  expect(api.values).toMatchObject(CHANGES);
});
