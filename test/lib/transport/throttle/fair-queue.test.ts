import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Admission } from '../../../../lib/transport/throttle/admission';
import type { UpdatePlace } from '../../../../lib/transport/throttle/fair-queue';
import { ManualTime } from './manual-time';

/** All callbacks that are due have run. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve));

type State = 'waiting' | 'inside' | 'gone';

interface Guest {
  readonly place: UpdatePlace;
  readonly stop: AbortController;
  readonly node: number;
  state: State;
}

const who = fc.nat(5);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), node: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), ms: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'overload' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'settle' as const }) },
);

const FULL = 3;

/** Updates of three nodes at one API. */
class Crowd {
  readonly time = new ManualTime();
  readonly admission = new Admission(this.time);
  readonly guests: Guest[] = [];
  /** In the order in which they began. */
  readonly begun: Guest[] = [];
  private readonly entrance = this.admission.lease({ parallel: FULL }).entrance;
  private readonly nodes = [{}, {}, {}];

  in(state: State): Guest[] {
    return this.guests.filter(guest => guest.state === state);
  }

  begin(node: number): void {
    const place = this.entrance.lineFor(this.nodes[node] ?? {}).place();
    const guest: Guest = { place, stop: new AbortController(), node, state: 'waiting' };
    this.guests.push(guest);
    const letIn = (): void => {
      guest.state = 'inside';
      this.begun.push(guest);
    };
    const waiting = place.begin({ stop: guest.stop.signal });
    if (waiting === undefined) letIn();
    else waiting.then(letIn, () => (guest.state = 'gone'));
  }

  leave(guest: Guest | undefined): void {
    if (guest === undefined) return;
    guest.state = 'gone';
    guest.place.leave();
    guest.place.leave();
  }

  get held(): number {
    return this.guests.filter(({ place }) => place.isHeld).length;
  }
}

it('after any mix of begins, ends, stops, holds and overload all places are free and nobody waits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async steps => {
      const crowd = new Crowd();
      const { admission, time } = crowd;
      for (const next of steps) {
        if (next.do === 'begin') crowd.begin(next.node);
        if (next.do === 'leave') crowd.leave(crowd.in('inside')[next.who]);
        if (next.do === 'sleep') crowd.in('inside')[next.who]?.place.leave();
        if (next.do === 'stop') crowd.in('waiting')[next.who]?.stop.abort();
        if (next.do === 'hold') admission.gate.hold(next.ms);
        if (next.do === 'advance') time.advance(next.ms);
        if (next.do === 'overload') admission.limit.overloaded(admission.limit.round);
        if (next.do === 'settle') await settle();
        expect(crowd.held).toBeLessThanOrEqual(FULL);
      }
      while (crowd.in('gone').length < crowd.guests.length) {
        time.advance(100);
        await settle();
        for (const guest of crowd.in('inside')) crowd.leave(guest);
      }
      expect(admission.waiting).toBe(0);
      expect(time.sleeping).toBe(0);
      const { limit } = admission.limit;
      const entered = Array.from({ length: FULL + 1 }, () => admission.places.tryEnter());
      expect(entered.filter(isIn => isIn)).toHaveLength(limit);
    }),
    { numRuns: 200 },
  );
});

it('serves nodes in turn, and each node in the order of its messages, whatever the mix', async () => {
  const nodes = fc.array(fc.nat(2), { minLength: 4, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(nodes, async order => {
      const crowd = new Crowd();
      for (const node of order) crowd.begin(node);
      while (crowd.in('gone').length < crowd.guests.length) {
        await settle();
        crowd.leave(crowd.in('inside')[0]);
      }
      const numbers = crowd.begun.map(guest => crowd.guests.indexOf(guest));
      for (const node of [0, 1, 2]) {
        const own = numbers.filter(n => crowd.guests[n]?.node === node);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
      // While two nodes wait, neither is served more than once between two services of the other.
      const late = crowd.begun.slice(FULL).map(({ node }) => node);
      for (const [n, node] of late.entries()) {
        const next = late.indexOf(node, n + 1);
        if (next < 0) continue;
        const between = late.slice(n + 1, next);
        expect(new Set(between).size).toBe(between.length);
      }
    }),
    { numRuns: 100 },
  );
});

it('gives a place that was given at the moment of a stop back', async () => {
  const crowd = new Crowd();
  for (let n = 0; n < 4; n++) crowd.begin(0);
  const last = crowd.guests[3];
  crowd.leave(crowd.guests[0]);
  last?.stop.abort();
  await settle();
  expect(last?.place.isHeld).toBe(true);
  last?.place.leave();
  expect(crowd.held).toBe(2);
});

it('costs an update that does not wait no promise', () => {
  const crowd = new Crowd();
  crowd.begin(0);
  expect(crowd.guests[0]?.state).toBe('inside');
});
