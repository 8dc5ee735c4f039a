import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AbortWatch } from '../../../../lib/transport/abort-watch';
import { Semaphore } from '../../../../lib/transport/throttle/semaphore';

interface Guest {
  readonly abort: AbortController;
  state: 'waiting' | 'inside' | 'gone';
}

/** All callbacks that are due have run. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve));

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'enter' } as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), who: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: 'settle' } as const) },
);

it('lets in first come, first served, as many as the limit says, and loses no place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async steps => {
      let limit = 2;
      const order: number[] = [];
      const guests: Guest[] = [];
      const semaphore = new Semaphore({ limit: () => limit, aborts: new AbortWatch() });
      const inside = () => guests.filter(({ state }) => state === 'inside');
      const letIn = (guest: Guest): void => {
        guest.state = 'inside';
        order.push(guests.indexOf(guest));
      };
      const enter = (): void => {
        const guest: Guest = { abort: new AbortController(), state: 'waiting' };
        guests.push(guest);
        if (semaphore.tryEnter()) letIn(guest);
        else {
          void semaphore.wait(60_000, guest.abort.signal).then(waited => {
            if (waited === 'in') letIn(guest);
            else guest.state = 'gone';
          });
        }
      };
      const leave = (guest: Guest | undefined): void => {
        if (guest === undefined) return;
        guest.state = 'gone';
        semaphore.leave();
      };
      for (const next of steps) {
        // Whoever was let in hears of it a moment later; only an abort may come in between.
        if (next.do === 'enter' || next.do === 'limit') await settle();
        const before = inside().length;
        if (next.do === 'enter') enter();
        if (next.do === 'leave') leave(inside()[next.who]);
        if (next.do === 'abort') {
          guests.filter(({ state }) => state === 'waiting')[next.who]?.abort.abort();
        }
        if (next.do === 'limit') limit = next.limit;
        if (next.do === 'settle') await settle();
        expect(inside().length).toBeLessThanOrEqual(Math.max(before, limit));
      }
      for (;;) {
        await settle();
        if (inside().length === 0) break;
        for (const guest of inside()) leave(guest);
      }
      expect(guests.every(({ state }) => state === 'gone')).toBe(true);
      limit = 1;
      expect(semaphore.tryEnter()).toBe(true);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
});

it('a place that was given at the moment of an abort goes to the next', async () => {
  const semaphore = new Semaphore({ limit: () => 1, aborts: new AbortWatch() });
  const abort = new AbortController();
  expect(semaphore.tryEnter()).toBe(true);
  const aborted = semaphore.wait(60_000, abort.signal);
  const next = semaphore.wait(60_000, undefined);
  semaphore.leave();
  abort.abort();
  expect(await aborted).toBe('aborted');
  expect(await next).toBe('in');
  semaphore.leave();
  expect(semaphore.tryEnter()).toBe(true);
});

it('who waits may come too late, and takes no place then', async () => {
  const semaphore = new Semaphore({ limit: () => 1, aborts: new AbortWatch() });
  expect(semaphore.tryEnter()).toBe(true);
  const late = semaphore.wait(0, undefined);
  const patient = semaphore.wait(60_000, undefined);
  expect(await late).toBe('timeout');
  semaphore.leave();
  expect(await patient).toBe('in');
});
