import { describe, expect, test } from 'vitest';
import type { UpdateOutput } from '../../../lib/update/known';
import { Engine, type RequestPart } from '../../support/engine';
import { preceded, startRecordApi, type RecordApi, type Step } from '../../support/engine-record';
import type { Scripted } from '../../support/scripted-server';

const STAMP = 'writtenAt';
const FORMER = '2026-02-07T08:12:31.417Z';

/** The engine's clock begins here. */
const NOW = '2026-02-08T10:00:00.000Z';

function start(former: unknown = FORMER): Promise<RecordApi> {
  return startRecordApi({ values: { status: 'Open', note: 'n0', [STAMP]: former } });
}

function bodies(api: RecordApi): Record<string, unknown>[] {
  return api.written.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

/** The write never arrives, and somebody else changes the record. */
function lostAmongNoise(api: RecordApi): Step {
  return () => {
    api.noise();
    return 'reset';
  };
}

/** The API says itself that it failed. */
const TOLD = { status: 500, body: { error: { code: 'X1', message: 'Not now' } } };

/** The write arrives, its answer does not, and somebody sets the fields back. */
function appliedAndReverted(
  api: RecordApi,
  reverted: Record<string, unknown>,
  answer: Scripted = 'reset',
): Step {
  return (_request, proceed) => {
    proceed();
    api.change(reverted);
    return answer;
  };
}

describe('every write', () => {
  test('sets the field to its own time', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.noise();
        engine.time.advance(1_500);
      }),
    );
    const engine = new Engine(api.url);
    const { result, record } = await engine.update({ stamp: STAMP });
    expect(result.outcome).toBe('updated');
    expect(bodies(api)).toEqual([
      { status: 'Done', [STAMP]: NOW },
      { status: 'Done', [STAMP]: '2026-02-08T10:00:01.500Z' },
    ]);
    expect(record?.values[STAMP]).toBe('2026-02-08T10:00:01.500Z');
  });

  test('sends it also where only differences are sent', async () => {
    const api = await start();
    const engine = new Engine(api.url, { familyPart: { sendsOnlyDifferences: true } });
    await engine.update({ stamp: STAMP, changes: { status: 'Done', note: 'n0' } });
    expect(bodies(api)).toEqual([{ status: 'Done', [STAMP]: NOW }]);
  });

  test('is told when the API does not take the field', async () => {
    const api = await start();
    api.writes.push((_request, proceed) => {
      const reply = proceed();
      api.values = { ...api.values, [STAMP]: FORMER };
      return { ...reply, body: api.values };
    });
    const { result } = await new Engine(api.url).update({ stamp: STAMP });
    expect(result).toMatchObject({
      outcome: 'updated',
      error: { code: 'STORED_DIFFERENTLY', message: expect.stringContaining(STAMP) },
    });
  });

  test('is content with a field that keeps less of the time', async () => {
    const api = await start('2026-02-07T08:12:31Z');
    const engine = new Engine(api.url);
    engine.time.advance(1_500);
    api.writes.push((_request, proceed) => {
      const reply = proceed();
      return { ...reply, body: { ...api.values, [STAMP]: '2026-02-08T10:00:01Z' } };
    });
    const { result } = await engine.update({ stamp: STAMP });
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(result.error).toBeUndefined();
  });

  test('that is the same one sent again keeps its time', async () => {
    const api = await start();
    api.writes.push({ status: 423 });
    await new Engine(api.url).update({ stamp: STAMP });
    expect(bodies(api)[1]).toEqual(bodies(api)[0]);
  });
});

describe('the field', () => {
  test('is read along', async () => {
    const fields: (readonly string[] | undefined)[] = [];
    const api = await start();
    const engine = new Engine(api.url);
    const readRequest = engine.family.readRequest.bind(engine.family);
    engine.family.readRequest = (ref, names) => {
      fields.push(names);
      return readRequest(ref, names);
    };
    await engine.update({ stamp: STAMP, guards: ['owner'], changes: { note: 'n1' } });
    expect(fields).toEqual([['note', STAMP, 'owner']]);
  });

  test('is no target: a record that shows the changes is unchanged', async () => {
    const api = await start();
    const part = { stamp: STAMP, changes: { status: 'Open', [STAMP]: 'whatever' } };
    const { result } = await new Engine(api.url).update(part);
    expect(result.outcome).toBe('unchanged');
    expect(api.written).toHaveLength(0);
  });

  test('is no target: a stamp that others moved is noise', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ [STAMP]: '2026-02-08T09:59:59.000Z' });
      }),
    );
    const { result } = await new Engine(api.url).update({ stamp: STAMP });
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  test('does not tell two passes of a wired loop apart', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once', stamp: STAMP });
    engine.time.advance(5_000);
    api.change({ status: 'Cancelled' });
    const { base } = first.result;
    const second = await engine.update({ mode: 'once', stamp: STAMP, base });
    expect(second.result.outcome).toBe('conflict');
  });

  test('cannot be part of the key', async () => {
    const api = await start();
    const engine = new Engine(api.url, { familyPart: { keyField: () => 'id' } });
    expect(() => engine.update({ stamp: 'id' })).toThrow(
      expect.objectContaining({ code: 'STAMP_INVALID', message: expect.stringContaining('"id"') }),
    );
  });
});

describe('a write in doubt, and the record on another version with the old values', () => {
  test('is not in place when the former stamp is: the write goes again', async () => {
    const api = await start();
    api.writes.push(lostAmongNoise(api));
    const { result } = await new Engine(api.url).update({ stamp: STAMP });
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(api.committed).toHaveLength(1);
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
  });

  test('is not in place in another spelling of the former stamp either', async () => {
    const api = await start();
    api.writes.push(() => {
      api.change({ [STAMP]: '2026-02-07T09:12:31.4170000+01:00' });
      return 'reset';
    });
    expect((await new Engine(api.url).update({ stamp: STAMP })).result.outcome).toBe('updated');
  });

  test('counts by the snapshot it was sent on, not by the first one', async () => {
    const api = await start();
    api.writes.push(
      preceded(() => {
        api.change({ [STAMP]: '2026-02-08T09:59:58.123Z' });
      }),
      lostAmongNoise(api),
    );
    const { result } = await new Engine(api.url).update({ stamp: STAMP });
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test('trap 8: was applied and reverted: uncertain, not written a second time', async () => {
    const api = await start();
    api.writes.push(appliedAndReverted(api, { status: 'Open' }));
    const { result } = await new Engine(api.url).update({ stamp: STAMP });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.committed).toHaveLength(1);
    expect(api.written).toHaveLength(1);
  });

  test.each([null, '', 'never', 42])(
    'stays uncertain without a former stamp (%s)',
    async former => {
      const api = await start(former);
      api.writes.push(lostAmongNoise(api));
      const { result } = await new Engine(api.url).update({ stamp: STAMP });
      expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
      expect(api.written).toHaveLength(1);
    },
  );

  test.each([
    ['days', '2026-02-08T00:00:00Z'],
    ['days of a time zone', '2026-02-07T23:00:00Z'],
    ['minutes', '2026-02-08T10:01:00Z', 75_000],
    ['seconds', '2026-02-08T10:00:07Z', 7_800],
    ['milliseconds', '2026-02-08T10:00:00.007Z', 7],
  ])(
    'stays uncertain where the field keeps %s only and would show both stamps alike',
    async (_name, former, later = 0) => {
      const api = await start(former);
      const engine = new Engine(api.url);
      engine.time.advance(later);
      // What the field keeps of the new stamp is what it showed before.
      api.writes.push(appliedAndReverted(api, { status: 'Open', [STAMP]: former }));
      const { result } = await engine.update({ stamp: STAMP });
      expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
      expect(api.committed).toHaveLength(1);
    },
  );

  test('stays uncertain where the record never had a stamp', async () => {
    const api = await startRecordApi();
    api.writes.push(lostAmongNoise(api));
    const { result } = await new Engine(api.url).update({ stamp: STAMP });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
  });

  test('stays uncertain when a cache shows the former stamp', async () => {
    const api = await start();
    const isCached = { isCached: () => true, staleMs: 0 };
    const engine = new Engine(api.url, { familyPart: { cachedReads: isCached } });
    const older = { status: 200, headers: { etag: '"v0"' }, body: { ...api.values, note: 'old' } };
    api.writes.push((_request, proceed) => {
      api.everyRead = older;
      proceed();
      return 'reset';
    });
    const { result } = await engine.update({ stamp: STAMP });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.written).toHaveLength(1);
  });

  test('stays uncertain when forced: such a write lands on any version', async () => {
    const api = await start();
    api.writes.push(lostAmongNoise(api));
    const { result } = await new Engine(api.url).update({ stamp: STAMP, force: true });
    expect(result.outcome).toBe('uncertain');
  });

  describe('in a wired loop', () => {
    /** A lost write, after which the record could not be read. */
    async function unseen(wasApplied: boolean): Promise<[RecordApi, Engine, UpdateOutput]> {
      const api = await start();
      api.writes.push((_request, proceed) => {
        if (wasApplied) proceed();
        api.reads.push('reset');
        return 'reset';
      });
      const engine = new Engine(api.url, { policy: { transientRetries: 0 } });
      const first = await engine.update({ mode: 'once', stamp: STAMP });
      expect(first.result).toMatchObject({ outcome: 'retry', pending: { stamp: NOW } });
      engine.time.advance(2_000);
      return [api, engine, JSON.parse(JSON.stringify(first)) as UpdateOutput];
    }

    function next(engine: Engine, { result }: UpdateOutput, part: RequestPart = {}) {
      const { base, pending } = result;
      return engine.update({ mode: 'once', stamp: STAMP, base, pending, ...part });
    }

    test('the next pass writes when the former stamp is still there', async () => {
      const [api, engine, first] = await unseen(false);
      api.noise();
      expect((await next(engine, first)).result.outcome).toBe('updated');
      expect(api.committed).toHaveLength(1);
    });

    test('trap 8: the next pass does not write when the look that settled the doubt was behind', async () => {
      const api = await start();
      let shown: Scripted = 'reset';
      api.reads.push(
        (_request, proceed) => (shown = proceed()),
        () => shown,
      );
      api.writes.push(appliedAndReverted(api, { status: 'Open' }, TOLD));
      const engine = new Engine(api.url);
      const first = await engine.update({ mode: 'once', stamp: STAMP });
      expect(first.result).toMatchObject({ outcome: 'retry', pending: { settled: true } });
      expect((await next(engine, first)).result.outcome).toBe('uncertain');
      expect(api.committed).toHaveLength(1);
    });

    test('the next pass writes when the record moved after a look that settled the doubt', async () => {
      const api = await start();
      api.writes.push(TOLD);
      const engine = new Engine(api.url);
      const first = await engine.update({ mode: 'once', stamp: STAMP });
      expect(first.result).toMatchObject({ outcome: 'retry', pending: { settled: true } });
      api.noise();
      engine.time.advance(2_000);
      expect((await next(engine, first)).result.outcome).toBe('updated');
      expect(api.committed).toHaveLength(1);
    });

    test('trap 8: the next pass does not write when the stamp is another', async () => {
      const [api, engine, first] = await unseen(true);
      api.change({ status: 'Open' });
      expect((await next(engine, first)).result.outcome).toBe('uncertain');
      expect(api.committed).toHaveLength(1);
    });
  });
});
