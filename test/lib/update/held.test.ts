import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../lib/outcome/answer';
import type { Transport } from '../../../lib/transport/transport';
import { Engine, type EngineOptions } from '../../support/engine';
import { startRecordApi, type RecordApi } from '../../support/engine-record';

const HELD_MS = 600_000;

const THROTTLED: Fault = {
  kind: 'fault',
  sent: 'no',
  code: 'THROTTLED',
  message: 'The API wants no request of this user for some time.',
  fatal: false,
  retryAfterMs: HELD_MS,
};

/** A transport that answers the n-th read or write with a fault before anything leaves. */
function engineWith(
  api: RecordApi,
  on: 'read' | 'write',
  fault: Fault,
  options: EngineOptions = {},
) {
  const engine = new Engine(api.url, options);
  const { transport } = engine.context;
  const faulty: Transport = {
    traffic: transport.traffic,
    read: (request, send) =>
      on === 'read' ? Promise.resolve(fault) : transport.read(request, send),
    write: (request, send) =>
      on === 'write' ? Promise.resolve(fault) : transport.write(request, send),
    close: () => Promise.resolve(),
  };
  return new Engine(api.url, { ...options, context: { ...options.context, transport: faulty } });
}

describe('a request that is held beyond the deadline', () => {
  test.each(['read', 'write'] as const)(
    'trap 18: ends a %s as exhausted, with the time',
    async on => {
      const api = await startRecordApi();
      const engine = engineWith(api, on, THROTTLED);
      const { result } = await engine.update();
      expect(result).toMatchObject({
        outcome: 'exhausted',
        error: { code: 'THROTTLED' },
        notBefore: new Date(engine.time.now() + HELD_MS).toISOString(),
      });
      expect(result.attempts).toEqual([]);
      expect(engine.time.waits).toEqual([]);
      expect(api.written).toHaveLength(0);
    },
  );

  test.each(['read', 'write'] as const)(
    'trap 18: sends a %s of a wired loop back, with the time',
    async on => {
      const api = await startRecordApi();
      const engine = engineWith(api, on, THROTTLED);
      const { result } = await engine.update({ mode: 'once' });
      expect(result).toMatchObject({
        outcome: 'retry',
        cause: 'throttled',
        notBefore: new Date(engine.time.now() + HELD_MS).toISOString(),
      });
      expect(result.pending).toBeUndefined();
    },
  );

  test('trap 18: ends a fetch as exhausted, with the time', async () => {
    const api = await startRecordApi();
    const engine = engineWith(api, 'read', THROTTLED);
    expect(await engine.fetch()).toMatchObject({
      result: {
        outcome: 'exhausted',
        notBefore: new Date(engine.time.now() + HELD_MS).toISOString(),
      },
    });
  });

  test('leaves an earlier write in doubt', async () => {
    const api = await startRecordApi();
    const engine = engineWith(api, 'read', THROTTLED);
    const snapshot = engine.snapshot('"v1"', api.values);
    api.writes.push('reset');
    const { result } = await engine.update({ snapshot });
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(result.notBefore).toBeDefined();
  });
});

test('one 429 holds the next update of the endpoint until the API takes requests again', async () => {
  const api = await startRecordApi();
  api.writes.push({ status: 429, headers: { 'retry-after': '600' } });
  const engine = new Engine(api.url);
  await engine.update();
  const sent = api.requests.length;
  const { result } = await engine.update();
  expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'THROTTLED' } });
  expect(result.notBefore).toBe(new Date(engine.time.now() + 600_000).toISOString());
  expect(api.requests).toHaveLength(sent);
});

test('a CSRF token that is refused for good is a refusal of access', async () => {
  const api = await startRecordApi();
  const fault = { ...THROTTLED, code: 'CSRF_REFUSED', message: 'No CSRF token.', fatal: true };
  const { result } = await engineWith(api, 'write', fault).update();
  expect(result).toMatchObject({ outcome: 'denied', error: { code: 'CSRF_REFUSED' } });
  expect(api.written).toHaveLength(0);
});

test('why a request waits for its turn shows in the status', async () => {
  const api = await startRecordApi();
  const real = new Engine(api.url);
  const { transport } = real.context;
  const telling: Transport = {
    traffic: transport.traffic,
    read: (request, send) => {
      send.onHeld?.('throttled');
      return transport.read(request, send);
    },
    write: (request, send) => {
      send.onHeld?.('limited');
      return transport.write(request, send);
    },
    close: () => Promise.resolve(),
  };
  const engine = new Engine(api.url, { context: { transport: telling } });
  await engine.update();
  expect(engine.phases).toEqual(['reading', 'throttled', 'writing', 'limited']);
});
