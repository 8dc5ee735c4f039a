import { describe, expect, onTestFinished, test } from 'vitest';
import { createFamily } from '../../../../lib/api/families';
import { DEFAULT_API_SETTINGS } from '../../../../lib/api/settings';
import { createInProcessLocks } from '../../../../lib/coordination/in-process-locks';
import { InputError } from '../../../../lib/errors';
import { systemTime } from '../../../../lib/retry/time';
import type { AnyMember, BulkContext } from '../../../../lib/update/bulk/bulk';
import { BulkEngine, type BulkEngineOptions } from '../../../support/bulk-engine';
import { BulkRecords, bulkOf, idOf } from '../../../support/bulk-records';

async function start(count: number, options: BulkEngineOptions = {}) {
  const api = await new BulkRecords().start(count);
  return { api, engine: new BulkEngine(api.url, options) };
}

function all(count: number, outcome: string): string[] {
  return Array<string>(count).fill(outcome);
}

const written = ({ history }: BulkRecords): string[] => history.map(({ id }) => id);

/** An update that fails in a way nobody has foreseen, at its first step. */
function brokenAt(members: readonly AnyMember[], place: number): AnyMember[] {
  const broken = members[place];
  if (broken === undefined || !('request' in broken)) throw new Error('no such member');
  const request = Object.create(broken.request, {
    guards: {
      get: () => {
        throw new TypeError('nobody knows why');
      },
    },
  }) as typeof broken.request;
  return members.with(place, { ...broken, request });
}

describe('an update that breaks in a way nobody has foreseen', () => {
  test.each([0, 3, 5])('does not let its group be written without it (%i)', async place => {
    const { api, engine } = await start(6, { options: { atomic: true } });
    const run = engine.run(brokenAt(engine.members(6), place));
    await expect(run).rejects.toThrow('nobody knows why');
    expect(written(api)).toEqual([]);
  });

  test('does not take the others along', async () => {
    const { api, engine } = await start(6);
    const run = engine.run(brokenAt(engine.members(6), 0));
    await expect(run).rejects.toThrow('nobody knows why');
    expect(written(api)).toHaveLength(5);
    expect(engine.outputs.filter(output => output.result.outcome === 'updated')).toHaveLength(5);
  });
});

describe('a dialect that breaks', () => {
  const broken = (): never => {
    throw new TypeError('no dialect knows why');
  };

  test.each(['request', 'pageOf'] as const)('at %s of a list: every record ends', async name => {
    const { api, engine } = await start(6, {
      bulk: url => {
        const { reads, writes } = bulkOf(url);
        return reads && writes ? { writes, reads: { ...reads, [name]: broken } } : {};
      },
    });
    const { outcomes } = await engine.run(engine.members(6));
    expect(outcomes).not.toContain('none');
    expect(written(api)).toHaveLength(outcomes.filter(outcome => outcome === 'updated').length);
  });

  test.each([
    ['request', false],
    ['answersIn', false],
    ['request', true],
    ['answersIn', true],
  ] as const)('at %s of a batch: every record ends (all or nothing: %s)', async (name, atomic) => {
    const { api, engine } = await start(6, {
      options: { atomic },
      bulk: url => {
        const { reads, writes } = bulkOf(url);
        return reads && writes ? { reads, writes: { ...writes, [name]: broken } } : {};
      },
    });
    const { outcomes } = await engine.run(engine.members(6));
    expect(outcomes).not.toContain('none');
    const ours = written(api);
    outcomes.forEach((outcome, n) => {
      const times = ours.filter(id => id === idOf(n)).length;
      expect(times).toBeLessThanOrEqual(1);
      if (times === 0) expect(outcome).not.toBe('updated');
      else expect(['updated', 'already-applied', 'uncertain']).toContain(outcome);
    });
  });
});

describe('a request that cannot be sent', () => {
  const family = createFamily('rest', DEFAULT_API_SETTINGS);
  const bad = (url: string): object => (url.endsWith(idOf(2)) ? { 'X-Bad': 'a\nb' } : {});

  test('rejects its record as a single update would, and no other', async () => {
    const { api, engine } = await start(5, {
      bulk: () => ({}),
      familyPart: {
        readRequest: (ref, fields) => {
          const request = family.readRequest(ref, fields);
          return { ...request, headers: { ...request.headers, ...bad(ref.url) } };
        },
      },
    });
    const { outcomes, outputs } = await engine.run(engine.members(5));
    expect(outcomes).toEqual(all(5, 'updated').with(2, 'rejected'));
    expect(outputs[2]?.result.error?.code).toBe('HEADER_INVALID');
    expect(written(api)).toHaveLength(4);
  });
});

describe('groups', () => {
  /** Real turns, one set for all runs. */
  function turns(): Required<Pick<BulkContext, 'turnFor'>> {
    const locks = createInProcessLocks({ time: systemTime });
    onTestFinished(() => {
      locks.close();
    });
    return {
      turnFor:
        ({ request: { ref } }) =>
        (waitMs, signal, onWait) =>
          locks.acquire(ref.url, { leaseMs: 60_000, waitMs, signal, onWait }),
    };
  }

  test.each([
    ['in the same order', false],
    ['in opposite orders', true],
  ])(
    'that want the same records at the same time, %s, do not wait for ever',
    async (_name, isOpposite) => {
      const api = await new BulkRecords().start(8);
      const shared = turns();
      const options = { options: { atomic: true }, ...shared };
      const one = new BulkEngine(api.url, options);
      const other = new BulkEngine(api.url, options);
      const pick = (engine: BulkEngine, places: readonly number[]): AnyMember[] =>
        engine.members(8).filter(({ index }) => places.includes(index));
      const wanted = pick(other, [0, 1, 4]);
      const runs = await Promise.all([
        one.run(pick(one, [1, 2, 3, 4])),
        other.run(isOpposite ? wanted.reverse() : wanted),
      ]);
      const counts = runs.map(({ summary }) => [summary.updated, summary.unchanged]);
      expect(counts).toEqual([
        [4, 0],
        [1, 2],
      ]);
    },
  );
});

describe('pages of a list', () => {
  test('that lead in a circle are left', async () => {
    const { api, engine } = await start(40);
    for (let n = 0; n < 40; n += 2) api.rows.delete(idOf(n));
    api.page = 3;
    const circle = { status: 200, body: { items: [], next: 3 } };
    for (let n = 0; n < 200; n++) api.lists.push(() => circle);
    const { summary } = await engine.run(engine.members(40));
    expect(summary).toMatchObject({ updated: 20, 'not-found': 20 });
    expect(api.kinds.filter(kind => kind === 'GET list').length).toBeLessThanOrEqual(3);
  });
});

test('a hundred thousand items that are no updates let others have their turn', async () => {
  const { engine } = await start(1);
  const error = new InputError('KEY_INVALID', 'No key.');
  const members = Array.from({ length: 100_000 }, (_, index) => ({ index, key: undefined, error }));
  let turnsOfOthers = 0;
  const tick = setInterval(() => turnsOfOthers++, 0);
  const { summary } = await engine.run(members);
  clearInterval(tick);
  expect(summary.rejected).toBe(100_000);
  expect(turnsOfOthers).toBeGreaterThan(10);
});
