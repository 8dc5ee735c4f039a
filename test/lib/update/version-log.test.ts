import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../../lib/outcome/outcome';
import { Engine, type EngineOptions } from '../../support/engine';
import { lost, preceded, startRecordApi, type RecordApi } from '../../support/engine-record';

function logging(api: RecordApi, options: EngineOptions = {}): [Engine, Attempt[]] {
  const log: Attempt[] = [];
  const onAttempt = (attempt: Attempt): void => {
    log.push(structuredClone(attempt));
  };
  return [new Engine(api.url, { ...options, context: { ...options.context, onAttempt } }), log];
}

test('without a version log no attempt holds a value', async () => {
  const api = await startRecordApi();
  api.writes.push(
    preceded(() => {
      api.change({ status: 'Cancelled' });
    }),
  );
  const { result } = await new Engine(api.url).update();
  expect(result.attempts).toHaveLength(1);
  expect(result.attempts[0]).not.toHaveProperty('diff');
});

describe('the version log', () => {
  test('gets a successful attempt with the version it made', async () => {
    const api = await startRecordApi();
    const [engine, log] = logging(api);
    const { result } = await engine.update();
    expect(log).toEqual(result.attempts);
    expect(log).toMatchObject([
      { class: 'success', versionSent: '"v1"', versionSeen: '"v2"', diff: [] },
    ]);
  });

  test('gets what differed after each attempt, once it is known', async () => {
    const api = await startRecordApi();
    const known: number[] = [];
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
      (_request, proceed) => {
        known.push(log.length);
        api.change({ owner: 'somebody', status: 'Cancelled' });
        return proceed();
      },
    );
    const [engine, log] = logging(api);
    const { result } = await engine.update({ guards: ['owner'] });
    expect(result.outcome).toBe('conflict');
    expect(known).toEqual([1]);
    expect(log).toEqual(result.attempts);
    expect(log).toMatchObject([
      { class: 'version-conflict', versionSent: '"v1"', versionSeen: '"v2"', diff: [] },
      {
        versionSent: '"v2"',
        versionSeen: '"v3"',
        diff: [
          { name: 'status', base: 'Open', ours: 'Done', theirs: 'Cancelled' },
          { name: 'owner', base: 'o0', ours: 'o0', theirs: 'somebody' },
        ],
      },
    ]);
  });

  test('compares with the baseline as it was before the conflict rule moved it', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Cancelled' });
      }),
    );
    const [engine, log] = logging(api);
    await engine.update({ rule: 'overwrite' });
    expect(log.map(({ diff }) => diff)).toEqual([
      [{ name: 'status', base: 'Open', ours: 'Done', theirs: 'Cancelled' }],
      [],
    ]);
  });

  test('shows our own value after a lost answer', async () => {
    const api = await startRecordApi();
    api.writes.push(lost);
    const [engine, log] = logging(api);
    await engine.update();
    expect(log).toMatchObject([
      { versionSeen: '"v2"', diff: [{ name: 'status', base: 'Open', theirs: 'Done' }] },
    ]);
    expect(log[0]).not.toHaveProperty('status');
  });

  test('shows a field that is not there any more, and none that never was', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.noise();
        api.values = { note: 'n0' };
      }),
    );
    const [engine, log] = logging(api);
    await engine.update({ guards: ['nowhere'] });
    expect(log[0]?.diff).toEqual([
      { name: 'status', base: 'Open', ours: 'Done', theirs: undefined },
    ]);
  });

  test('tells equal values of a declared type from different ones', async () => {
    const api = await startRecordApi({ values: { price: '1.0', status: 'Open' } });
    api.writes.push(
      preceded(() => {
        api.change({ price: '1.00' });
      }),
    );
    const [engine, log] = logging(api);
    await engine.update({ guards: ['price'], fieldTypes: { price: { type: 'decimal' } } });
    expect(log[0]?.diff).toEqual([]);
  });

  test('gets an attempt after which nothing was read', async () => {
    const api = await startRecordApi();
    api.writes.push({ status: 423 }, { status: 422 });
    const [engine, log] = logging(api);
    await engine.update();
    expect(log.map(({ status, diff }) => [status, diff])).toEqual([
      [423, []],
      [422, []],
    ]);
  });

  test('gets every attempt once, also when the flow stops', async () => {
    const api = await startRecordApi();
    api.writes.push({ status: 423 }, { status: 423 });
    const [engine, log] = logging(api);
    engine.time.onSleep = () => {
      if (engine.time.waits.length === 2) engine.stop.abort(new Error('stopped'));
    };
    await expect(engine.update()).rejects.toMatchObject({ code: 'STOPPED' });
    expect(log).toHaveLength(2);
  });
});
