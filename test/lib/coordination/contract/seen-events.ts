import { beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  CheckResult,
  Claim,
  EventToCheck,
  SeenEvents,
} from '../../../../lib/coordination/seen-events';

const HOUR = 3_600_000;
let count = 0;

/**
 * What every kind of seen events does. Runs on real time: what ends is asked for until it has, what must not end has an
 * hour.
 */
export function seenEventsContract(open: () => Promise<SeenEvents>): void {
  let events: SeenEvents;
  /** Begins every id and record: one store may serve all tests. */
  let own: string;

  beforeEach(async () => {
    events = await open();
    own = `${++count}:`;
  });

  function event(id: string, rest: Partial<EventToCheck> = {}): EventToCheck {
    return { id: own + id, windowMs: HOUR, claimMs: HOUR, ...rest };
  }

  async function first(id: string, rest: Partial<EventToCheck> = {}): Promise<Claim> {
    const result = await events.check(event(id, rest));
    if (!result.first) throw new Error(`${id} is a duplicate by ${result.by}`);
    return result.claim;
  }

  async function confirmed(id: string, rest: Partial<EventToCheck> = {}): Promise<void> {
    expect(await events.confirm(await first(id, rest))).toEqual({ inTime: true, saved: true });
  }

  /** Asks until the event is first again. */
  async function firstAgain(id: string, rest: Partial<EventToCheck> = {}): Promise<Claim> {
    return vi.waitFor(() => first(id, rest), { timeout: 240_000, interval: 5 });
  }

  const check = (id: string, rest: Partial<EventToCheck> = {}): Promise<CheckResult> =>
    events.check(event(id, rest));

  describe('an event', () => {
    it('is first once; what comes again is pending until the first is confirmed', async () => {
      const before = Date.now();
      const claim = await first('a');
      expect(claim).toEqual({ id: `${own}a`, windowMs: HOUR, token: expect.any(String) });
      const again = await check('a');
      expect(again).toMatchObject({ first: false, pending: true, by: 'id' });
      if (again.first) throw new Error('first');
      expect(Math.abs(again.seenAt - before)).toBeLessThan(60_000);
      expect(await events.confirm(claim)).toEqual({ inTime: true, saved: true });
      const later = await check('a');
      expect(later).toMatchObject({ first: false, pending: false, by: 'id' });
      if (later.first) throw new Error('first');
      // Wall clock and steady clock round apart.
      expect(Math.abs(later.seenAt - again.seenAt)).toBeLessThan(1000);
      await first('b');
    });

    it('of many that come at the same moment one is first', async () => {
      const results = await Promise.all(Array.from({ length: 50 }, () => check('a')));
      expect(results.filter(({ first }) => first)).toHaveLength(1);
    });

    it('is remembered for its window, then it may come again', async () => {
      await confirmed('a', { windowMs: 30 });
      await firstAgain('a');
    });

    it('may come again when its claim has expired', async () => {
      await first('a', { claimMs: 30 });
      await firstAgain('a');
    });

    it('is remembered for its window although its claim was short', async () => {
      await events.confirm(await first('a', { claimMs: 30 }));
      // Claimed later, and for as long: by then the claim of the other one is over.
      await first('b', { claimMs: 30 });
      await firstAgain('b');
      expect(await check('a')).toMatchObject({ first: false, pending: false });
    });

    it('may come again at once when it is forgotten by who holds the claim', async () => {
      const claim = await first('a');
      expect(await events.forget({ ...claim, token: 'other' })).toBe(false);
      expect(await check('a')).toMatchObject({ first: false });
      expect(await events.forget(claim)).toBe(true);
      expect(await events.forget(claim)).toBe(false);
      const again = await first('a');
      expect(again.token).not.toBe(claim.token);
      expect(await events.forget(claim)).toBe(false);
      await events.confirm(again);
      expect(await events.forget(again)).toBe(false);
    });

    it('is remembered after a late confirmation too, which says so each time', async () => {
      const late = await first('a', { claimMs: 20 });
      const current = await firstAgain('a');
      expect(await events.confirm(late)).toEqual({ inTime: false, saved: true });
      expect(await events.forget(current)).toBe(false);
      expect(await check('a')).toMatchObject({ first: false, pending: false });
      expect(await events.confirm(late)).toMatchObject({ inTime: false });
      const foreign: Claim = { id: `${own}b`, windowMs: HOUR, token: 'of another process' };
      expect(await events.confirm(foreign)).toEqual({ inTime: false, saved: true });
      expect(await check('b')).toMatchObject({ first: false, pending: false });
    });

    it('may be confirmed by its claim more than once, and is not remembered longer for it', async () => {
      let tries = 0;
      const id = await vi.waitFor(
        async () => {
          // All of it within the window: on a busy machine not always with the first one.
          const claim = await first(`try ${++tries}`, { windowMs: 200 });
          for (const windowMs of [200, HOUR, HOUR]) {
            const confirmed = await events.confirm({ ...claim, windowMs });
            expect(confirmed).toEqual({ inTime: true, saved: true });
          }
          return `try ${tries}`;
        },
        { timeout: 240_000, interval: 5 },
      );
      await firstAgain(id);
    });

    it('is told from others by its whole id, however long', async () => {
      const ids = [
        'ä',
        'Ä',
        '\ud800',
        '\ud801',
        'x'.repeat(65),
        `${'x'.repeat(64)}y`,
        '1',
        ' 1',
        '',
      ];
      for (const id of ids) await confirmed(id);
      for (const id of ids) expect(await check(id)).toMatchObject({ first: false });
    });

    it.each([0, -1, NaN, Infinity])('cannot be remembered for %s ms', async ms => {
      await expect(check('a', { windowMs: ms })).rejects.toThrow('windowMs');
      await expect(check('a', { claimMs: ms })).rejects.toThrow('claimMs');
      const same = { record: 'r', target: 't', windowMs: ms };
      await expect(check('a', { same })).rejects.toThrow('same.windowMs');
      await expect(events.confirm({ id: 'a', windowMs: ms, token: '' })).rejects.toThrow();
    });
  });

  describe('the same target for the same record', () => {
    const to = (target: string, windowMs = HOUR, record = 'WO-1') => ({
      same: { record: own + record, target, windowMs },
    });

    it('is a duplicate within its window, pending as the first one is', async () => {
      const claim = await first('a', to('In Progress'));
      expect(claim.same).toEqual(to('In Progress').same);
      expect(await check('b', to('In Progress'))).toMatchObject({
        by: 'same-target',
        pending: true,
      });
      await events.confirm(claim);
      expect(await check('b', to('In Progress'))).toMatchObject({
        by: 'same-target',
        pending: false,
      });
      expect(await check('a', to('In Progress'))).toMatchObject({ by: 'id' });
    });

    it('ends with its window, counted from the claim', async () => {
      await confirmed('a', to('In Progress', 50));
      await firstAgain('b', to('In Progress', 50));
    });

    it('counts for each record, and only where asked for', async () => {
      await confirmed('a', to('In Progress'));
      await first('b');
      await first('c', to('In Progress', HOUR, 'WO-2'));
    });

    it('is forgotten when another target is seen, even in a duplicate', async () => {
      await confirmed('a', to('In Progress'));
      await first('b', to('On Hold'));
      await confirmed('c', to('In Progress'));
      expect(await check('d', to('In Progress'))).toMatchObject({ by: 'same-target' });
      expect(await check('b', to('On Hold'))).toMatchObject({ first: false, by: 'id' });
      await first('e', to('In Progress'));
    });

    it('is forgotten when the first is forgotten or its claim expires', async () => {
      await events.forget(await first('a', to('In Progress')));
      await first('b', { ...to('In Progress'), claimMs: 20 });
      await firstAgain('c', to('In Progress'));
    });

    it('is not brought back by a late confirmation', async () => {
      const late = await first('a', { ...to('In Progress'), claimMs: 20 });
      const current = await firstAgain('b', to('In Progress'));
      await events.confirm(late);
      expect(await check('c', to('In Progress'))).toMatchObject({
        by: 'same-target',
        pending: true,
      });
      expect(await events.forget(current)).toBe(true);
      await first('c', to('In Progress'));
    });
  });
}
