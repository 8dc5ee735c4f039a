import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { Answer } from '../../../../lib/outcome/answer';
import { createTransport } from '../../../../lib/transport/client';
import { createThrottleGate } from '../../../../lib/transport/throttle/gate';
import { TrafficControl } from '../../../../lib/transport/throttle/traffic-control';
import type { Transport } from '../../../../lib/transport/transport';
import { Bench, get, json, options, patch, settings, type Seen, type TestServer } from '../support';
import { ManualTime } from './manual-time';

const bench = new Bench();
afterEach(() => bench.close());

/** All callbacks that are due have run. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve));

interface Guest {
  readonly signal: AbortController;
  readonly stop: AbortController;
  readonly until: number;
  round: number;
  state: 'waiting' | 'inside' | 'gone';
}

const who = fc.nat(3);
const step = fc.oneof(
  fc.record({ do: fc.constant('enter' as const), forMs: fc.constantFrom(5, 50, 100_000) }),
  fc.record({
    do: fc.constant('end' as const),
    who,
    status: fc.constantFrom(200, 412, 429, 503),
    retryAfter: fc.constantFrom('', '0', '1', '30'),
  }),
  fc.record({ do: fc.constant('abort' as const), who, by: fc.constantFrom('signal', 'stop') }),
  fc.record({ do: fc.constant('hold' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 2_000 }) }),
  fc.record({ do: fc.constant('settle' as const) }),
);

/** Requests of one endpoint, as the transport treats them, on a clock that stands still. */
class Crowd {
  readonly time = new ManualTime();
  readonly gate = createThrottleGate(this.time);
  readonly traffic: TrafficControl;
  readonly guests: Guest[] = [];

  constructor(readonly full: number) {
    this.traffic = new TrafficControl({ time: this.time, gate: this.gate, parallel: full });
  }

  in(state: Guest['state']): Guest[] {
    return this.guests.filter(guest => guest.state === state);
  }

  enter(forMs: number): void {
    const [signal, stop] = [new AbortController(), new AbortController()];
    const until = this.time.monotonic() + forMs;
    const guest: Guest = { signal, stop, until, round: 0, state: 'waiting' };
    this.guests.push(guest);
    const letIn = (): void => {
      guest.round = this.traffic.round;
      guest.state = 'inside';
    };
    const waiting = this.traffic.enter({
      signal: signal.signal,
      stop: stop.signal,
      // Real timers bound the wait for a turn; those of this crowd end it by an abort.
      remainingMs: () => Math.max(until - this.time.monotonic(), 1),
    });
    if (waiting === undefined) letIn();
    else waiting.then(letIn, () => (guest.state = 'gone'));
  }

  end(guest: Guest | undefined, status: number, retryAfter: string): void {
    if (guest === undefined) return;
    guest.state = 'gone';
    const headers = { 'retry-after': retryAfter };
    const answer: Answer = {
      kind: 'answer',
      status,
      headers,
      text: '',
      json: undefined,
      roundTripMs: 1,
    };
    this.traffic.ended(answer, guest.round);
  }

  /** Lets everybody through to the end, with proper answers. */
  async finish(): Promise<void> {
    while (this.in('gone').length < this.guests.length) {
      this.time.advance(60_000);
      await settle();
      for (const guest of this.in('inside')) this.end(guest, 200, '');
    }
  }

  /** How many get in at once. */
  async places(): Promise<number> {
    this.time.advance(60_000);
    const before = this.guests.length;
    for (let n = 0; n <= this.full; n++) this.enter(100_000);
    await settle();
    return this.guests.slice(before).filter(({ state }) => state === 'inside').length;
  }
}

it('after any mix of answers, aborts, stops and holds every place is free again', async () => {
  const runs = fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.array(step, { minLength: 20, maxLength: 80 }),
  );
  await fc.assert(
    fc.asyncProperty(runs, async ([full, steps]) => {
      const crowd = new Crowd(full);
      for (const next of steps) {
        if (next.do === 'enter') crowd.enter(next.forMs);
        if (next.do === 'end')
          crowd.end(crowd.in('inside')[next.who], next.status, next.retryAfter);
        if (next.do === 'abort') {
          const guest = crowd.in('waiting')[next.who];
          (next.by === 'stop' ? guest?.stop : guest?.signal)?.abort();
        }
        if (next.do === 'hold') crowd.gate.hold(next.ms);
        if (next.do === 'advance') crowd.time.advance(next.ms);
        if (next.do === 'settle') await settle();
        expect(crowd.in('inside').length).toBeLessThanOrEqual(full);
      }
      await crowd.finish();
      expect(await crowd.places()).toBe(crowd.traffic.limit);
      await crowd.finish();
    }),
    { numRuns: 150 },
  );
});

const FULL = 4;

/** Answers by what the path asks for. */
function misbehave({ path, socket }: Seen, response: ServerResponse): void {
  switch (path.split('/')[1]) {
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'silent':
      return;
    case 'half':
      response.writeHead(200, { 'content-length': 100 }).write('{');
      setImmediate(() => socket.destroy());
      return;
    case 'large':
      json(response, 200, { filler: 'x'.repeat(2_000) });
      return;
    case 'packed':
      json(response, 200, {}, { 'content-encoding': 'gzip' });
      return;
    case 'odd-cookie':
      json(response, 200, {}, { 'set-cookie': ['=', 'a', `ü="; Expires=${'9'.repeat(50)}`] });
      return;
    default:
      json(response, Number(path.split('/')[1]), {}, { 'retry-after': '0' });
  }
}

const KINDS = ['200', '401', '403', '412', '429', '500', '503', 'reset', 'silent', 'half'];
const kind = fc.constantFrom(...KINDS, 'large', 'packed', 'odd-cookie');
const request = fc.record({
  kind,
  isWrite: fc.boolean(),
  endsBy: fc.constantFrom('itself', 'deadline', 'signal', 'stop'),
  afterMs: fc.integer({ min: 0, max: 30 }),
});

/** How many requests are under way at once, when nobody answers. */
async function placesOf(server: TestServer, transport: Transport): Promise<number> {
  const end = new AbortController();
  const arrived = () => server.seen.filter(({ path }) => path === '/silent/late').length;
  const before = arrived();
  const { limit } = transport.traffic;
  const late = Array.from({ length: limit + 1 }, () =>
    transport.write(patch(`${server.url}/silent/late`), options(20_000, end.signal)),
  );
  await expect.poll(() => arrived() - before).toBeGreaterThanOrEqual(limit);
  await settle();
  const places = arrived() - before;
  end.abort();
  await Promise.all(late);
  return places;
}

it('after any mix of faults, aborts and deadlines on the wire every place is free again', async () => {
  const server = await bench.serve((seen, response) => {
    if (seen.headers['x-csrf-token'] === 'Fetch') {
      json(response, 200, {}, { 'x-csrf-token': 'token', 'set-cookie': 'sid=1' });
    } else misbehave(seen, response);
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 15, maxLength: 30 }), async requests => {
      const transport = createTransport(
        settings(server.url, {
          parallel: FULL,
          maxResponseBytes: 1_000,
          transientRetries: 1,
          csrf: { query: '' },
        }),
      );
      const sent = requests.map(({ kind: path, isWrite, endsBy, afterMs }) => {
        const [signal, stop] = [new AbortController(), new AbortController()];
        const isCut = endsBy === 'deadline' || path === 'silent';
        const limits = options(isCut ? afterMs : 30_000, signal.signal);
        const by = { ...limits, stop: stop.signal };
        if (endsBy === 'signal') setTimeout(() => signal.abort(), afterMs);
        if (endsBy === 'stop') setTimeout(() => stop.abort(), afterMs);
        const url = `${server.url}/${path}`;
        return isWrite ? transport.write(patch(url), by) : transport.read(get(url), by);
      });
      await Promise.all(sent);
      expect(await placesOf(server, transport)).toBe(transport.traffic.limit);
      await transport.close();
    }),
    { numRuns: 8 },
  );
});

it('what waits for its turn when the transport closes never leaves, and ends', async () => {
  const server = await bench.serve(() => undefined);
  const transport = createTransport(settings(server.url, { parallel: 1 }));
  const sent = ['a', 'b', 'c'].map(path =>
    transport.write(patch(`${server.url}/${path}`), options()),
  );
  await expect.poll(() => server.seen.length).toBe(1);
  await transport.close();
  const results = await Promise.all(sent);
  expect(results.map(result => (result.kind === 'fault' ? result.sent : 'answered'))).toEqual([
    'maybe',
    'no',
    'no',
  ]);
  expect(server.seen).toHaveLength(1);
});
