import { describe, expect, test } from 'vitest';
import { createInProcessLocks } from '../../../lib/coordination/in-process-locks';
import { systemTime } from '../../../lib/retry/time';
import { StopError } from '../../../lib/errors';
import { Engine } from '../../support/engine';
import { preceded, startRecordApi, type RecordApi } from '../../support/engine-record';
import type { Reply } from '../../support/scripted-server';

const SECRET_VALUE = 'value-4711';

/** A write that is held until it is let go; `reached` resolves when it has arrived. */
function heldWrite(api: RecordApi): { reached: Promise<void>; letGo: () => void } {
  let letGo = (): void => undefined;
  const reached = new Promise<void>(resolve => {
    api.writes.push((_request, proceed) => {
      const held = new Promise<Reply>(answer => {
        letGo = () => {
          answer(proceed());
        };
      });
      resolve();
      return held;
    });
  });
  return {
    reached,
    letGo: () => {
      letGo();
    },
  };
}

async function stopErrorOf(update: Promise<unknown>): Promise<StopError> {
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StopError);
  return error as StopError;
}

describe('trap 25', () => {
  test('trap 25: a lock that ends in the middle of a write costs a 412, not an update', async () => {
    const api = await startRecordApi();
    const locks = createInProcessLocks({ time: systemTime });
    const turnOf = (leaseMs: number) => (waitMs: number, signal: AbortSignal) =>
      locks.acquire('orders/A1', { leaseMs, waitMs, signal });
    const slow = new Engine(api.url, { turn: turnOf(1) });
    const fast = new Engine(api.url, { turn: turnOf(10_000) });

    const { reached, letGo } = heldWrite(api);
    const first = slow.update();
    await reached;
    const second = await fast.update({ changes: { note: 'other' } });
    expect(second.result.outcome).toBe('updated');
    letGo();
    expect((await first).result.outcome).toBe('updated');
    expect(api.values).toMatchObject({ status: 'Done', note: 'other' });
    expect(api.written).toHaveLength(3);
  });

  test.each([
    [{ key: '5A1E0000-2025-4000-8000-000000000145' }, '5a1e0000-2025-4000-8000-000000000145'],
    [{ key: "'5a1e0000-2025-4000-8000-000000000145'" }, '5a1e0000-2025-4000-8000-000000000145'],
  ])('trap 25: spellings of one key share one address and so one lock', (options, key) => {
    const family = { family: 'dataverse', collection: 'salesorders' } as const;
    const one = new Engine('http://127.0.0.1:1', { ...family, ...options });
    const other = new Engine('http://127.0.0.1:1', { ...family, key });
    expect(one.snapshot('W/"1"', {}).url).toBe(other.snapshot('W/"1"', {}).url);
  });

  test('trap 25: a stop ends a wait at once', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 429, headers: { 'retry-after': '20' } };
    const engine = new Engine(api.url);
    engine.time.sleepsForever = true;
    engine.time.onSleep = () => {
      engine.stop.abort();
    };
    const error = await stopErrorOf(engine.update({ changes: { status: SECRET_VALUE } }));
    expect(error.code).toBe('STOPPED');
    expect(error.message).toContain('"A1"');
    expect(error.message).toContain('"v1"');
    expect(error.message).toContain('status');
    expect(error.message).not.toContain(SECRET_VALUE);
  });

  test('trap 25: a stop ends a read at once', async () => {
    const api = await startRecordApi();
    const reached = new Promise<void>(resolve => {
      api.reads.push(() => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    const engine = new Engine(api.url);
    const update = engine.update();
    await reached;
    engine.stop.abort();
    expect(await stopErrorOf(update)).toMatchObject({ code: 'STOPPED' });
    expect(api.requests).toHaveLength(1);
  });

  test('trap 25: a stop ends a read for its own sake', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    api.reads.push(() => {
      engine.stop.abort();
      return new Promise(() => undefined);
    });
    expect(await stopErrorOf(engine.fetch())).toMatchObject({ code: 'STOPPED' });
  });

  test('trap 25: a stop ends the wait for the turn', async () => {
    const locks = createInProcessLocks({ time: systemTime });
    await locks.acquire('orders/A1', { leaseMs: 60_000, waitMs: 0 });
    const api = await startRecordApi();
    const engine = new Engine(api.url, {
      turn: (waitMs, signal) => {
        const turn = locks.acquire('orders/A1', { leaseMs: 60_000, waitMs, signal });
        engine.stop.abort();
        return turn;
      },
    });
    expect(await stopErrorOf(engine.update())).toMatchObject({ code: 'STOPPED' });
    expect(api.requests).toHaveLength(0);
    locks.close();
  });

  test('trap 25: a write that was already sent may finish', async () => {
    const api = await startRecordApi();
    const { reached, letGo } = heldWrite(api);
    const engine = new Engine(api.url);
    const update = engine.update();
    await reached;
    engine.stop.abort();
    letGo();
    expect((await update).result.outcome).toBe('updated');
  });

  test('trap 25: a write that was refused while stopping is not in doubt', async () => {
    const api = await startRecordApi();
    const { reached, letGo } = heldWrite(api);
    const engine = new Engine(api.url);
    const update = engine.update();
    await reached;
    api.noise();
    engine.stop.abort();
    letGo();
    expect(await stopErrorOf(update)).toMatchObject({ code: 'STOPPED' });
    expect(api.committed).toHaveLength(0);
  });

  test('trap 25: a pass of a wired loop is not passed on once the flow is stopped', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    api.writes.push(() => {
      engine.stop.abort();
      return { status: 429 };
    });
    const error = await stopErrorOf(engine.update({ mode: 'once' }));
    expect(error).toMatchObject({ code: 'STOPPED' });
  });

  test('trap 25: a write that does not finish in time leaves the update uncertain', async () => {
    const api = await startRecordApi();
    const { reached } = heldWrite(api);
    const engine = new Engine(api.url);
    const update = engine.update({ changes: { status: SECRET_VALUE } });
    await reached;
    engine.stop.abort();
    engine.kill.abort();
    const error = await stopErrorOf(update);
    expect(error.code).toBe('UPDATE_UNCERTAIN');
    expect(error.message).toContain('"v1"');
    expect(error.message).toContain('status');
    expect(error.message).not.toContain(SECRET_VALUE);
  });

  test('trap 25: a stop after a lost answer leaves the update uncertain', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    engine.time.onSleep = () => {
      engine.stop.abort();
    };
    api.writes.push('reset');
    expect(await stopErrorOf(engine.update())).toMatchObject({ code: 'UPDATE_UNCERTAIN' });
  });

  test('trap 25: a stop in a later pass names the version of the pass that is in doubt', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url, { policy: { transientRetries: 0 } });
    api.writes.push((_request, proceed) => {
      proceed();
      api.reads.push('reset');
      return 'reset';
    });
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', pending: { versionSent: '"v1"' } });
    engine.stop.abort();
    const error = await stopErrorOf(
      engine.update({ mode: 'once', base: result.base, pending: result.pending }),
    );
    expect(error.code).toBe('UPDATE_UNCERTAIN');
    expect(error.message).toContain('"v1"');
  });

  test('trap 25: nothing is sent once the flow is stopped', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    engine.stop.abort();
    const snapshot = engine.snapshot('"v1"', api.values);
    expect(await stopErrorOf(engine.update({ snapshot }))).toMatchObject({ code: 'STOPPED' });
    expect(api.requests).toHaveLength(0);
  });

  test('trap 25: the turn is given back after success and after a stop', async () => {
    const locks = createInProcessLocks({ time: systemTime });
    const api = await startRecordApi();
    const turn = (waitMs: number, signal: AbortSignal) =>
      locks.acquire('orders/A1', { leaseMs: 60_000, waitMs, signal });
    const engine = new Engine(api.url, { turn });
    await engine.update();
    expect(locks.size).toBe(0);
    api.everyWrite = preceded(() => {
      engine.stop.abort();
      api.noise();
    });
    await stopErrorOf(engine.update({ changes: { status: 'Next' } }));
    expect(locks.size).toBe(0);
  });
});
