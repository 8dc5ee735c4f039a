import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Answer, Fault } from '../../../../lib/outcome/answer';
import { AdaptiveLimit } from '../../../../lib/transport/throttle/adaptive-limit';
import { TrafficControl } from '../../../../lib/transport/throttle/traffic-control';
import { ManualTime } from './manual-time';

function answer(status: number): Answer {
  return { kind: 'answer', status, headers: {}, text: '', json: undefined, roundTripMs: 1 };
}

function fault(code: string): Fault {
  return { kind: 'fault', sent: 'maybe', code, message: '', fatal: false };
}

const options = { signal: new AbortController().signal, remainingMs: () => Infinity };
const control = (parallel: number) => new TrafficControl({ time: new ManualTime(), parallel });

/** Sends one request that ends like that. */
function pass(traffic: TrafficControl, result: Answer | Fault, round = traffic.round): void {
  void traffic.enter(options);
  traffic.ended(result, round);
}

it('halves at overload, down to one', () => {
  const limit = new AdaptiveLimit(9);
  const seen = Array.from({ length: 5 }, () => {
    limit.overloaded(limit.round);
    return limit.limit;
  });
  expect(seen).toEqual([4, 2, 1, 1, 1]);
});

it('grows by one for as many proper answers as the limit is, up to the full one', () => {
  const limit = new AdaptiveLimit(4);
  limit.overloaded(limit.round);
  const seen = Array.from({ length: 8 }, () => {
    limit.answered();
    return limit.limit;
  });
  expect(seen).toEqual([2, 3, 3, 3, 4, 4, 4, 4]);
});

it('halves once for all requests that were under way', () => {
  const traffic = control(16);
  const { round } = traffic;
  for (let i = 0; i < 16; i++) pass(traffic, answer(429), round);
  expect(traffic.limit).toBe(8);
  pass(traffic, answer(429));
  expect(traffic.limit).toBe(4);
});

it.each<[string, Answer | Fault]>([
  ['429', answer(429)],
  ['503', answer(503)],
  ['504', answer(504)],
  ['408', answer(408)],
  ['TIMEOUT', fault('TIMEOUT')],
])('shrinks at %s', (_what, result) => {
  const traffic = control(8);
  pass(traffic, result);
  expect([traffic.limit, traffic.fullLimit]).toEqual([4, 8]);
});

it.each(['ECONNRESET', 'ABORTED', 'DEADLINE'])('takes %s for no sign of overload', code => {
  const traffic = control(8);
  pass(traffic, fault(code));
  expect(traffic.limit).toBe(8);
});

it('is never decreased by 412, 409 or any other answer', () => {
  const statuses = fc.integer({ min: 200, max: 599 });
  const calm = statuses.filter(status => ![408, 429, 503, 504].includes(status));
  const settings = fc.tuple(
    fc.integer({ min: 1, max: 64 }),
    fc.array(fc.oneof(calm, fc.constantFrom(409, 412))),
  );
  fc.assert(
    fc.property(settings, ([full, results]) => {
      const traffic = control(full);
      pass(traffic, answer(503));
      let before = traffic.limit;
      for (const status of results) {
        pass(traffic, answer(status));
        expect(traffic.limit).toBeGreaterThanOrEqual(before);
        before = traffic.limit;
      }
    }),
  );
});

it('stays between one and the full limit, in whole numbers', () => {
  const event = fc.record({ isAnswered: fc.boolean(), age: fc.nat(3) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.array(event), (full, events) => {
      const limit = new AdaptiveLimit(full);
      for (const { isAnswered, age } of events) {
        if (isAnswered) limit.answered();
        else limit.overloaded(limit.round - age);
        expect(Number.isInteger(limit.limit)).toBe(true);
        expect(limit.limit).toBeGreaterThanOrEqual(1);
        expect(limit.limit).toBeLessThanOrEqual(full);
      }
    }),
  );
});

it.each([0, -1, 1.5, NaN, Infinity])('refuses %d parallel requests', parallel => {
  expect(() => control(parallel)).toThrow(expect.objectContaining({ code: 'PARALLEL_INVALID' }));
});
