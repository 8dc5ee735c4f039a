import { describe, expect, test } from 'vitest';
import { Engine, type EngineOptions } from '../../support/engine';
import { CACHED, cachedNow, STALE_MS } from '../../support/engine-cache';
import { preceded, startRecordApi, type RecordApi } from '../../support/engine-record';
import type { Reply } from '../../support/scripted-server';

function engineOf(api: RecordApi, options: EngineOptions = {}): Engine {
  return new Engine(api.url, { ...options, familyPart: CACHED });
}

/** Noise that the next so many reads do not show yet. */
function hiddenNoise(api: RecordApi, reads: number) {
  return preceded(() => {
    const old = cachedNow(api);
    for (let n = 0; n < reads; n++) api.reads.push(old);
    api.noise();
  });
}

describe('after a version conflict', () => {
  test.each([1, 3])('a cache that is %i reads behind is waited for', async reads => {
    const api = await startRecordApi();
    api.writes.push(hiddenNoise(api, reads));
    const engine = engineOf(api);
    const { result } = await engine.update();
    expect(result.outcome).toBe('updated');
    expect(engine.time.waits).toEqual(Array.from({ length: reads }, () => STALE_MS));
    expect(engine.phases).toContain('waiting');
    expect(api.committed).toHaveLength(1);
  });

  test('trap 5: a version that is refused for good stops the update all the same', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 412 };
    api.everyRead = () => cachedNow(api);
    const engine = engineOf(api);
    const { result } = await engine.update();
    expect(result.error?.code).toBe('VERSION_NOT_PROGRESSING');
    expect(engine.time.waits).toEqual([STALE_MS, STALE_MS, STALE_MS]);
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'GET', 'GET', 'GET']);
  });

  test('trap 6: a 409 is about the state only once the cache had time', async () => {
    const api = await startRecordApi();
    api.writes.push(() => {
      api.reads.push(cachedNow(api));
      api.noise();
      return { status: 409 };
    });
    const { result } = await engineOf(api).update();
    expect(result.outcome).toBe('updated');
  });

  test('a read that shows another version is taken as it is', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.noise();
        api.reads.push(cachedNow(api));
      }),
    );
    const engine = engineOf(api);
    expect((await engine.update()).result.outcome).toBe('updated');
    expect(engine.time.waits).toEqual([]);
  });

  test('nothing is waited for beyond the deadline', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 412 };
    api.everyRead = () => cachedNow(api);
    const engine = engineOf(api, { policy: { deadlineMs: 5_000 } });
    const { result } = await engine.update();
    expect(result.error?.code).toBe('VERSION_NOT_PROGRESSING');
    expect(engine.time.waits).toEqual([STALE_MS, STALE_MS]);
  });

  test('a stop ends the wait', async () => {
    const api = await startRecordApi();
    api.writes.push(hiddenNoise(api, 1));
    const engine = engineOf(api);
    engine.time.sleepsForever = true;
    engine.time.onSleep = () => {
      engine.stop.abort(new Error('stopped'));
    };
    await expect(engine.update()).rejects.toMatchObject({ code: 'STOPPED' });
  });
});

describe('a write in doubt', () => {
  test('is looked for past the cache', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      api.reads.push(cachedNow(api));
      proceed();
      return 'reset';
    });
    const { result } = await engineOf(api).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.written).toHaveLength(1);
  });

  test('trap 8: that a cache hides until somebody has reverted it is not written a second time', async () => {
    const api = await startRecordApi();
    api.writes.push(
      (_request, proceed) => {
        const old = cachedNow(api);
        for (let n = 0; n < 4; n++) api.reads.push(old);
        proceed();
        return 'reset';
      },
      preceded(() => {
        api.change({ status: 'Open' });
      }),
    );
    const { result } = await engineOf(api).update();
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.committed).toHaveLength(1);
  });
});

describe('the desired values in a cached read', () => {
  const FORMER = { status: 'Done', note: 'n0', owner: 'o0' };

  /** The record showed the desired values once, and a cache still does. */
  async function startOutdated(): Promise<[RecordApi, Reply]> {
    const api = await startRecordApi({ values: FORMER });
    const outdated = cachedNow(api);
    api.change({ status: 'Open' });
    return [api, outdated];
  }

  test('are no proof that nothing is to be written, and no baseline', async () => {
    const [api, outdated] = await startOutdated();
    api.reads.push(outdated);
    const { result } = await engineOf(api).update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
  });

  test('are no proof either where the cache never catches up', async () => {
    const [api, outdated] = await startOutdated();
    api.everyRead = outdated;
    const { result } = await engineOf(api).update();
    expect(result).toMatchObject({ outcome: 'unsupported', verified: false });
    expect(api.committed).toHaveLength(0);
  });

  test('that are still in place are written once more, on their version', async () => {
    const api = await startRecordApi({ values: FORMER });
    api.everyRead = () => cachedNow(api);
    const { result } = await engineOf(api).update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"']);
  });

  test('are no proof that a write in doubt is in place', async () => {
    const [api, outdated] = await startOutdated();
    api.writes.push(() => {
      api.everyRead = outdated;
      return 'reset';
    });
    const { result } = await engineOf(api).update();
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'SHOWN_BY_CACHE' } });
    expect(api.written).toHaveLength(1);
  });

  test('are looked at again once the cache had time', async () => {
    const [api, outdated] = await startOutdated();
    api.writes.push((_request, proceed) => {
      api.reads.push(outdated);
      proceed();
      return 'reset';
    });
    const { result } = await engineOf(api).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('are no proof that an accepted write is done', async () => {
    const [api, outdated] = await startOutdated();
    api.writes.push(() => {
      api.everyRead = outdated;
      return { status: 202 };
    });
    expect((await engineOf(api).update()).result.outcome).toBe('uncertain');
  });

  test('are no proof that a write in doubt is in place after a later refusal', async () => {
    const [api, outdated] = await startOutdated();
    api.writes.push(
      () => {
        api.reads.push({ status: 200, headers: { etag: '"v2"' }, body: { ...api.values } });
        return { status: 504 };
      },
      () => {
        api.everyRead = outdated;
        return { status: 403 };
      },
    );
    expect((await engineOf(api).update()).result.outcome).toBe('uncertain');
  });
});

describe('a wired loop', () => {
  test('is told when to come again instead', async () => {
    const api = await startRecordApi();
    api.writes.push(hiddenNoise(api, 1));
    const engine = engineOf(api);
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({
      outcome: 'retry',
      cause: 'noise',
      notBefore: new Date(engine.time.now() + STALE_MS).toISOString(),
    });
    expect(engine.time.waits).toEqual([]);
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });

  test('keeps a write in doubt in mind', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      api.reads.push(cachedNow(api));
      proceed();
      return 'reset';
    });
    const engine = engineOf(api);
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({
      outcome: 'retry',
      cause: 'transient',
      pending: { versionSent: '"v1"', seenUnmoved: false },
    });
  });
});
