import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TransportSettings } from '../../../../lib/transport/settings';
import { MAX_TIMER_MS } from '../../../../lib/retry/time';
import { createThrottleGate, LONGEST_HOLD_MS } from '../../../../lib/transport/throttle/gate';
import type { Held, SendOptions } from '../../../../lib/transport/transport';
import { asAnswer, asFault, Bench, get, json, options, patch, type Handle } from '../support';
import { ManualTime } from './manual-time';

const bench = new Bench();
afterEach(() => bench.close());

const DATE = 'Sun, 08 Feb 2026 00:00:00 GMT';

const throttle: Handle = (_seen, response) => json(response, 429, {}, { 'retry-after': '60' });

/** A server that throttles its first request, and transports that share a gate. */
async function start(first: Handle = throttle, overrides: Partial<TransportSettings> = {}) {
  const time = new ManualTime();
  const gate = createThrottleGate(time);
  const server = await bench.serve((seen, response, count) =>
    count === 1 ? first(seen, response, count) : json(response, 200, {}),
  );
  const open = () => bench.transport(server.url, { time, gate, ...overrides });
  const held: Held[] = [];
  const within = (ms: number, signal?: AbortSignal): SendOptions => ({
    ...options(ms, signal),
    remainingMs: () => ms - time.monotonic(),
    onHeld: why => held.push(why),
  });
  return { time, gate, server, open, held, within, read: get(`${server.url}/a`) };
}

describe('the throttle gate', () => {
  it('trap 18: one 429 stops reads and writes of all endpoints that share it until Retry-After', async () => {
    const { time, server, open, held, within, read } = await start();
    const [one, other] = [open(), open()];
    expect(asAnswer(await one.read(read, within(90_000))).status).toBe(429);
    expect([one.traffic.heldForMs(), other.traffic.heldForMs()]).toEqual([60_000, 60_000]);
    const waiting = [
      one.read(read, within(90_000)),
      other.read(read, within(90_000)),
      other.write(patch(`${server.url}/a`), within(90_000)),
    ];
    await expect.poll(() => time.sleeping).toBe(3);
    time.advance(59_999);
    expect(server.seen).toHaveLength(1);
    time.advance(1);
    const answers = (await Promise.all(waiting)).map(asAnswer);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(held).toEqual(['throttled', 'throttled', 'throttled']);
  });

  it('trap 18: also stops those that wait for the parallel limit, and keeps no place for them', async () => {
    const { time, server, open, held, within } = await start(throttle, { parallel: 1 });
    const transport = open();
    const write = (ms: number) => transport.write(patch(`${server.url}/a`), within(ms));
    const [first, patient, hasty] = [write(90_000), write(90_000), write(30_000)];
    expect(asAnswer(await first).status).toBe(429);
    expect(asFault(await hasty).code).toBe('THROTTLED');
    expect(time.sleeping).toBe(1);
    expect(server.seen).toHaveLength(1);
    time.advance(60_000);
    expect(asAnswer(await patient).status).toBe(200);
    expect(held).toEqual(['limited', 'limited', 'throttled']);
  });

  it.each<[string, number, Record<string, string>, number]>([
    ['a 503 that names a time', 503, { 'retry-after': '60' }, 60_000],
    ['a 413 that names a time', 413, { 'retry-after': '60' }, 60_000],
    ['a date', 429, { 'retry-after': 'Sun, 08 Feb 2026 00:01:00 GMT', date: DATE }, 60_000],
    ['no time named', 429, {}, 0],
    ['case 3: decimals', 429, { 'retry-after': '60.0' }, 60_000],
    ['case 2: a 403 that names a time', 403, { 'retry-after': '60' }, 60_000],
    ['an unusable time', 429, { 'retry-after': '1.5.2' }, 0],
    ['another status', 400, { 'retry-after': '60' }, 0],
  ])('holds as long as the answer says: %s', async (_what, status, headers, heldForMs) => {
    const { open, server, within } = await start((_seen, response) =>
      json(response, status, {}, headers),
    );
    const transport = open();
    await transport.write(patch(`${server.url}/a`), within(60_000));
    expect(transport.traffic.heldForMs()).toBe(heldForMs);
  });

  it('case 2: is not held by a full storage, whatever time it names', async () => {
    const { open, server, within } = await start((_seen, response) =>
      json(response, 403, { error: { code: 'storageQuotaExceeded' } }, { 'retry-after': '60' }),
    );
    const transport = open();
    await transport.write(patch(`${server.url}/a`), within(60_000));
    expect(transport.traffic.heldForMs()).toBe(0);
  });

  it('does not wait beyond the deadline, and names the time', async () => {
    const { server, open, held, within, read } = await start();
    const transport = open();
    await transport.write(patch(`${server.url}/a`), within(60_000));
    for (const sent of [
      transport.read(read, within(60_000)),
      transport.write(patch(`${server.url}/a`), within(60_000)),
    ]) {
      expect(asFault(await sent)).toMatchObject({
        code: 'THROTTLED',
        sent: 'no',
        fatal: false,
        retryAfterMs: 60_000,
        message: expect.stringContaining('60 s'),
      });
    }
    expect(held).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });

  it('trap 17: never waits longer than a timer can', async () => {
    const { time, gate, open, within, read } = await start();
    gate.hold(2 ** 31);
    expect(gate.heldForMs()).toBeLessThan(MAX_TIMER_MS);
    const waiting = open().read(read, within(Infinity));
    await expect.poll(() => time.sleeping).toBe(1);
    time.advance(LONGEST_HOLD_MS);
    expect(asAnswer(await waiting).status).toBe(429);
  });

  it('looks again after each wait', async () => {
    const { time, gate, server, open, within, read } = await start();
    gate.hold(10_000);
    const transport = open();
    const patient = transport.write(patch(`${server.url}/a`), within(60_000));
    const hasty = transport.read(read, within(30_000));
    await expect.poll(() => time.sleeping).toBe(2);
    time.advance(5_000);
    gate.hold(30_000);
    time.advance(5_000);
    expect(asFault(await hasty)).toMatchObject({ code: 'THROTTLED', retryAfterMs: 25_000 });
    await expect.poll(() => time.sleeping).toBe(1);
    expect(server.seen).toHaveLength(0);
    time.advance(25_000);
    expect(asAnswer(await patient).status).toBe(429);
  });

  it('lets go of what is aborted, and never sends it', async () => {
    const { time, gate, server, open, within, read } = await start();
    gate.hold(10_000);
    const transport = open();
    const abort = new AbortController();
    const waiting = [
      transport.write(patch(`${server.url}/a`), within(60_000, abort.signal)),
      transport.read(read, within(60_000, abort.signal)),
    ];
    await expect.poll(() => time.sleeping).toBe(2);
    abort.abort();
    for (const sent of waiting) {
      expect(asFault(await sent)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    }
    time.advance(10_000);
    await transport.read(get(`${server.url}/b`), within(60_000));
    expect(server.seen.map(({ path }) => path)).toEqual(['/b']);
  });

  it('holds the repeats of a read', async () => {
    const { time, gate, server, open, within, read } = await start(
      (_seen, response) => json(response, 500, {}),
      {
        retryWait: () => {
          gate.hold(10_000);
          return 0;
        },
      },
    );
    const sent = open().read(read, within(60_000));
    await expect.poll(() => time.sleeping).toBe(1);
    expect(server.seen).toHaveLength(1);
    time.advance(10_000);
    expect(asAnswer(await sent).status).toBe(200);
  });

  it('holds the fetch of a CSRF token, and the write that needs it gives up in time', async () => {
    const { time, gate, server, open, held, within } = await start(
      (_seen, response) => json(response, 200, {}, { 'x-csrf-token': 'abc' }),
      { csrf: { query: '' } },
    );
    gate.hold(10_000);
    const transport = open();
    const write = patch(`${server.url}/a`);
    expect(asFault(await transport.write(write, within(10_000))).code).toBe('THROTTLED');
    const patient = transport.write(write, within(60_000));
    await expect.poll(() => time.sleeping).toBe(1);
    expect(held).toEqual(['throttled']);
    expect(server.seen).toHaveLength(0);
    time.advance(10_000);
    expect(asAnswer(await patient).status).toBe(200);
    expect(server.seen).toHaveLength(2);
  });

  it('does not hold the token endpoint, nor is it held by it', async () => {
    const tokens = await bench.serve((_seen, response, count) =>
      json(response, count === 1 ? 429 : 200, { access_token: 't' }, { 'retry-after': '0' }),
    );
    const auth = {
      kind: 'oauth2',
      tokenUrl: tokens.url,
      clientId: 'c',
      client: { by: 'body', secret: 's' },
    } as const;
    const { time, gate, open, within, read } = await start(throttle, { auth });
    const hold = vi.spyOn(gate, 'hold');
    gate.hold(10_000);
    const sent = open().read(read, within(60_000));
    await expect.poll(() => time.sleeping).toBe(1);
    expect(tokens.seen).toHaveLength(2);
    expect(hold).toHaveBeenCalledOnce();
    time.advance(10_000);
    expect(asAnswer(await sent).status).toBe(429);
  });

  it('is its own where none is shared', async () => {
    const { open, within, read } = await start();
    const one = open();
    const other = bench.transport(read.url.replace('/a', ''), { time: new ManualTime() });
    await one.read(read, within(60_000));
    expect(asAnswer(await other.read(read, options())).status).toBe(200);
  });

  describe('case U40: a pause of years', () => {
    const HOUR = 3_600_000;
    const forYears: Handle = (_seen, response) =>
      json(response, 429, {}, { 'retry-after': '999999999' });

    it('holds the credential for an hour, which is said once', async () => {
      const long: number[] = [];
      const { server, open, within, read } = await start(forYears, {
        onLongHold: ms => long.push(ms),
      });
      const [one, other] = [open(), open()];
      await one.read(read, within(1_000));
      expect([one.traffic.heldForMs(), other.traffic.heldForMs()]).toEqual([HOUR, HOUR]);
      expect(asFault(await other.read(read, within(1_000))).code).toBe('THROTTLED');
      expect([long, server.seen.length]).toEqual([[999_999_999_000], 1]);
    });

    it('is tried by one request after that hour, and the others follow when it is answered', async () => {
      const { time, server, open, within } = await start(forYears);
      const [one, other] = [open(), open()];
      const write = (transport: typeof one) =>
        transport.write(patch(`${server.url}/a`), within(2 * HOUR));
      await write(one);
      const waiting = [write(one), write(one), write(other)];
      await expect.poll(() => time.sleeping).toBe(3);
      time.advance(HOUR);
      expect(asAnswer(await Promise.race(waiting)).status).toBe(200);
      expect([server.seen.length, time.sleeping]).toEqual([2, 2]);
      expect(one.traffic.heldForMs()).toBe(0);
      time.advance(5_000);
      const answers = (await Promise.all(waiting)).map(asAnswer);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    });

    it('is held for another hour when that one is refused again, and said again', async () => {
      const long: number[] = [];
      const server = await bench.serve(forYears);
      const time = new ManualTime();
      const transport = bench.transport(server.url, { time, onLongHold: ms => long.push(ms) });
      const given = { ...options(), remainingMs: () => 2 * HOUR - time.monotonic() };
      await transport.read(get(`${server.url}/a`), given);
      time.advance(HOUR);
      await transport.read(get(`${server.url}/a`), given);
      expect(transport.traffic.heldForMs()).toBe(HOUR);
      expect([long.length, server.seen.length]).toEqual([2, 2]);
    });

    it('is tried by the next one when the first gets no answer', async () => {
      const { time, server, open, within, read } = await start((seen, response, count) => {
        forYears(seen, response, count);
      });
      const transport = open();
      await transport.read(read, within(2 * HOUR));
      time.advance(HOUR);
      const cut = AbortSignal.abort(new Error('stopped'));
      await transport.read(read, within(2 * HOUR, cut));
      expect(transport.traffic.heldForMs()).toBe(5_000);
      time.advance(5_000);
      expect(asAnswer(await transport.read(read, within(2 * HOUR))).status).toBe(200);
      expect([transport.traffic.heldForMs(), server.seen.length]).toEqual([0, 2]);
    });
  });
});
