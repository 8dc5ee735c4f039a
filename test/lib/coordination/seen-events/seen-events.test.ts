import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createInProcessSeenEvents,
  type InProcessSeenEvents,
  type InProcessSeenEventsOptions,
} from '../../../../lib/coordination/in-process-seen-events';
import type { CheckResult, Claim, EventToCheck } from '../../../../lib/coordination/seen-events';
import type { StoreTrouble } from '../../../../lib/coordination/store-trouble';
import { FakeTime } from '../fake-time';
import { storeFile } from '../journal/store-files';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;

let time: FakeTime;
let told: (string | undefined)[];
let folder: string;
let events: InProcessSeenEvents;

beforeEach(async () => {
  time = new FakeTime();
  told = [];
  folder = await mkdtemp(join(tmpdir(), 'seen-'));
  events = await open();
});
afterEach(async () => {
  await events.close();
  await rm(folder, { recursive: true });
});

async function open(
  options: Partial<InProcessSeenEventsOptions> = {},
): Promise<InProcessSeenEvents> {
  const onTrouble = (trouble: StoreTrouble | undefined): void => void told.push(trouble?.kind);
  const { setTimer } = time;
  return createInProcessSeenEvents({ time, setTimer, limit: 1000, onTrouble, ...options });
}

function event(id: string, rest: Partial<EventToCheck> = {}): EventToCheck {
  return { id, windowMs: MINUTE, claimMs: 10 * SECOND, ...rest };
}

async function first(id: string, rest: Partial<EventToCheck> = {}): Promise<Claim> {
  const result = await events.check(event(id, rest));
  if (!result.first) throw new Error(`${id} is a duplicate by ${result.by}`);
  return result.claim;
}

async function confirmed(id: string, rest: Partial<EventToCheck> = {}): Promise<void> {
  expect(await events.confirm(await first(id, rest))).toEqual({ inTime: true, saved: true });
}

function duplicate(by: 'id' | 'same-target', pending: boolean, seenAt: number): CheckResult {
  return { first: false, by, pending, seenAt };
}

describe('an event', () => {
  it('is first once; what comes again is pending until the first is confirmed', async () => {
    const seenAt = time.now();
    const claim = await first('a');
    expect(claim).toEqual({ id: 'a', windowMs: MINUTE, token: expect.any(String) });
    time.pass(5 * SECOND);
    expect(await events.check(event('a'))).toEqual(duplicate('id', true, seenAt));
    expect(await events.confirm(claim)).toEqual({ inTime: true, saved: true });
    expect(await events.check(event('a'))).toEqual(duplicate('id', false, seenAt));
    expect(await events.check(event('b'))).toMatchObject({ first: true });
  });

  it('is remembered for its window from the confirmation, to the millisecond, whatever repeats it', async () => {
    await confirmed('a');
    time.pass(MINUTE - 1);
    expect(await events.check(event('a'))).toMatchObject({ first: false, pending: false });
    time.pass(1);
    expect(await events.check(event('a'))).toMatchObject({ first: true });
  });

  it('may come again when its claim has expired, which a duplicate does not put off', async () => {
    await first('a');
    time.pass(10 * SECOND - 1);
    expect(await events.check(event('a'))).toMatchObject({ first: false, pending: true });
    time.pass(1);
    expect(await events.check(event('a'))).toMatchObject({ first: true });
  });

  it('may come again at once when it is forgotten by who holds the claim', async () => {
    const claim = await first('a');
    expect(await events.forget({ ...claim, token: 'other' })).toBe(false);
    expect(await events.check(event('a'))).toMatchObject({ first: false });
    expect(await events.forget(claim)).toBe(true);
    expect(await events.forget(claim)).toBe(false);
    const again = await first('a');
    expect(again.token).not.toBe(claim.token);
    expect(await events.forget(claim)).toBe(false);
    await events.confirm(again);
    expect(await events.forget(again)).toBe(false);
  });

  it('is remembered after a late confirmation too', async () => {
    const claim = await first('a');
    time.pass(10 * SECOND);
    expect(await events.confirm(claim)).toEqual({ inTime: false, saved: true });
    expect(await events.check(event('a'))).toEqual(duplicate('id', false, time.now()));
    const foreign: Claim = { id: 'b', windowMs: MINUTE, token: 'of another process' };
    expect(await events.confirm(foreign)).toEqual({ inTime: false, saved: true });
    expect(await events.check(event('b'))).toMatchObject({ first: false, pending: false });
  });

  it('is settled by a late confirmation for the next holder of the claim as well', async () => {
    const late = await first('a');
    time.pass(10 * SECOND);
    const current = await first('a');
    expect(await events.confirm(late)).toMatchObject({ inTime: false });
    expect(await events.forget(current)).toBe(false);
    expect(await events.check(event('a'))).toMatchObject({ first: false, pending: false });
  });

  it('may be confirmed by its claim more than once; whoever lost the claim is told so each time', async () => {
    const claim = await first('a');
    for (const ms of [0, SECOND, 10 * SECOND]) {
      time.pass(ms);
      expect(await events.confirm(claim)).toMatchObject({ inTime: true });
    }
    const late = await first('b');
    time.pass(10 * SECOND);
    const current = await first('b');
    expect(await events.confirm(current)).toMatchObject({ inTime: true });
    expect(await events.confirm(late)).toMatchObject({ inTime: false });
    expect(await events.confirm(current)).toMatchObject({ inTime: true });
    expect(await events.confirm(late)).toMatchObject({ inTime: false });
  });

  it('is not remembered longer for being confirmed twice', async () => {
    const claim = await first('a');
    await events.confirm(claim);
    time.pass(MINUTE - 1);
    await events.confirm({ ...claim, windowMs: HOUR });
    time.pass(1);
    expect(await events.check(event('a'))).toMatchObject({ first: true });
  });

  it('is told from others by its whole id, however long', async () => {
    const ids = ['ä', 'Ä', '\ud800', '\ud801', 'x'.repeat(65), `${'x'.repeat(64)}y`, '1', ' 1', ''];
    for (const id of ids) await confirmed(id);
    for (const id of ids) expect(await events.check(event(id))).toMatchObject({ first: false });
    expect(events.size).toBe(ids.length);
  });

  it('may have a window of weeks, and each its own', async () => {
    await confirmed('long', { windowMs: 5 * WEEK });
    await confirmed('short', { windowMs: 1 });
    time.pass(5 * WEEK - 1);
    expect(await events.check(event('short'))).toMatchObject({ first: true });
    expect(await events.check(event('long'))).toMatchObject({ first: false });
    time.pass(1);
    expect(await events.check(event('long'))).toMatchObject({ first: true });
  });

  it.each([0, -1, NaN, Infinity])('cannot be remembered for %s ms', async ms => {
    await expect(events.check(event('a', { windowMs: ms }))).rejects.toThrow('windowMs');
    await expect(events.check(event('a', { claimMs: ms }))).rejects.toThrow('claimMs');
    const same = { record: 'r', target: 't', windowMs: ms };
    await expect(events.check(event('a', { same }))).rejects.toThrow('same.windowMs');
    await expect(events.confirm({ id: 'a', windowMs: ms, token: '' })).rejects.toThrow('windowMs');
  });
});

describe('memory', () => {
  it('is freed within a second after a claim or a window ends, by one timer', async () => {
    await confirmed('a');
    await first('b');
    await first('c', { claimMs: 100 });
    expect(time.timerCount).toBe(1);
    expect(events.size).toBe(3);
    time.pass(1100);
    expect(events.size).toBe(2);
    time.pass(10 * SECOND);
    expect(events.size).toBe(1);
    time.pass(50 * SECOND);
    expect(events.size).toBe(0);
    expect(time.timerCount).toBe(0);
  });

  it('is freed bit by bit where much ends at a time', async () => {
    await events.close();
    events = await open({ limit: 25_000 });
    for (let i = 0; i < 25_000; i++) await confirmed(`event ${i}`);
    time.pass(MINUTE);
    expect(events.size).toBe(0);
  });

  it('loses the timer when it is closed', async () => {
    await confirmed('a');
    await events.close();
    expect(time.timerCount).toBe(0);
    await expect(events.check(event('b'))).rejects.toThrow('closed');
    expect(time.timerCount).toBe(0);
  });

  it('forgets the oldest confirmed events at its limit, and says so once until there is room again', async () => {
    events = await open({ limit: 3 });
    for (const id of ['a', 'b', 'c']) await confirmed(id);
    expect(told).toEqual([]);
    await confirmed('d', { windowMs: HOUR });
    await confirmed('e');
    expect(events.size).toBe(3);
    expect(told).toEqual(['full']);
    expect(events.trouble).toMatchObject({ kind: 'full' });
    expect(await events.check(event('c'))).toMatchObject({ first: false });
    time.pass(MINUTE + SECOND);
    expect(told).toEqual(['full', undefined]);
    expect(events.trouble).toBeUndefined();
    expect(await events.check(event('d'))).toMatchObject({ first: false });
    for (const id of ['f', 'g', 'h']) await confirmed(id);
    expect(told).toEqual(['full', undefined, 'full']);
  });

  it('never forgets claims: when they alone fill it, further events are refused', async () => {
    events = await open({ limit: 2 });
    await confirmed('old');
    const a = await first('a');
    await first('b');
    await expect(events.check(event('c'))).rejects.toMatchObject({ code: 'EVENT_STORE_FULL' });
    expect(await events.check(event('a'))).toMatchObject({ first: false, pending: true });
    await events.forget(a);
    await first('c');
    time.pass(10 * SECOND);
    await first('d');
    expect(events.size).toBeLessThanOrEqual(2);
  });

  it.each([0, 1.5, 2 ** 24, NaN])('cannot have a limit of %s', async limit => {
    await expect(open({ limit })).rejects.toThrow('limit must be');
  });
});

describe('the same target for the same record', () => {
  const RUN = { same: { record: 'WO-1', target: 'In Progress', windowMs: MINUTE } };
  const HOLD = { same: { record: 'WO-1', target: 'On Hold', windowMs: MINUTE } };

  it('is a duplicate within its window from the first claim, pending as that is', async () => {
    const seenAt = time.now();
    const claim = await first('a', { ...RUN, claimMs: HOUR });
    expect(claim.same).toEqual(RUN.same);
    expect(await events.check(event('b', RUN))).toEqual(duplicate('same-target', true, seenAt));
    time.pass(SECOND);
    await events.confirm(claim);
    time.pass(MINUTE - SECOND - 1);
    expect(await events.check(event('b', RUN))).toEqual(duplicate('same-target', false, seenAt));
    time.pass(1);
    expect(await events.check(event('b', RUN))).toMatchObject({ first: true });
  });

  it('says that the id is the same where it is', async () => {
    await confirmed('a', RUN);
    expect(await events.check(event('a', RUN))).toMatchObject({ by: 'id' });
  });

  it('counts for each record, and only where asked for', async () => {
    await confirmed('a', RUN);
    await first('b');
    await first('c', { same: { ...RUN.same, record: 'WO-2' } });
  });

  it('is three times valid in In Progress, On Hold, In Progress within a minute', async () => {
    await confirmed('a', RUN);
    await first('b', HOLD);
    await confirmed('c', RUN);
    expect(await events.check(event('d', RUN))).toMatchObject({ by: 'same-target' });
  });

  it('is forgotten when another target is seen, even in a duplicate', async () => {
    await confirmed('a', RUN);
    await confirmed('b', HOLD);
    expect(await events.check(event('a', RUN))).toMatchObject({ first: false, by: 'id' });
    await first('c', HOLD);
  });

  it('is forgotten when the first is forgotten or expires', async () => {
    await events.forget(await first('a', RUN));
    await first('b', RUN);
    time.pass(10 * SECOND);
    const late = await first('c', RUN);
    time.pass(10 * SECOND);
    await events.confirm(late);
    await first('d', RUN);
  });

  it('is bounded by the limit too', async () => {
    events = await open({ limit: 2 });
    for (const record of ['1', '2', '3']) {
      const same = { record, target: 'Complete', windowMs: HOUR };
      await confirmed(record, { windowMs: 1, same });
      time.pass(2 * SECOND);
    }
    expect(events.size).toBe(0);
    expect(told).toEqual(['full']);
    await first('4', { same: { record: '1', target: 'Complete', windowMs: HOUR } });
  });

  it('survives a restart once it is confirmed, unless another target came', async () => {
    const journal = join(folder, 'seen.jsonl');
    events = await open({ journal });
    await confirmed('a', RUN);
    await first('open', { same: { ...RUN.same, record: 'WO-2' } });
    await confirmed('b', { same: { ...RUN.same, record: 'WO-3' } });
    await first('c', { same: { ...HOLD.same, record: 'WO-3' } });
    await events.close();
    time.pass(MINUTE - 1);
    events = await open({ journal });
    expect(await events.check(event('d', RUN))).toMatchObject({
      by: 'same-target',
      pending: false,
    });
    await first('e', { same: { ...RUN.same, record: 'WO-2' } });
    await first('f', { same: { ...RUN.same, record: 'WO-3' } });
    time.pass(1);
    await first('g', RUN);
  });

  it('is gone from the file before another one is handed out', async () => {
    const journal = join(folder, 'seen.jsonl');
    events = await open({ journal });
    await confirmed('a', RUN);
    await first('b', HOLD);
    expect(readFileSync(storeFile(journal), 'utf8')).toMatch(/ \{"record":"WO-1"\}\n$/);
  });
});

describe('a restart', () => {
  let journal: string;

  beforeEach(async () => {
    journal = join(folder, 'store', 'seen.jsonl');
    await restart();
  });

  async function restart(options: Partial<InProcessSeenEventsOptions> = {}): Promise<void> {
    await events.close();
    events = await open({ journal, ...options });
  }

  it('keeps what was confirmed for the rest of its window, and no claims', async () => {
    const seenAt = time.now();
    const claim = await first('a');
    time.pass(2 * SECOND);
    await events.confirm(claim);
    await first('b');
    await restart();
    expect(events.size).toBe(1);
    expect(await events.check(event('a'))).toEqual(duplicate('id', false, seenAt));
    await first('b');
    time.pass(MINUTE - 1);
    await restart();
    expect(await events.check(event('a'))).toMatchObject({ first: false });
    time.pass(1);
    await first('a');
    await restart();
    expect(events.size).toBe(0);
    expect(told).toEqual([]);
  });

  it('keeps the newest where the limit is lower now', async () => {
    for (const id of ['a', 'b', 'c']) await confirmed(id);
    await restart({ limit: 2 });
    expect(told).toEqual(['full']);
    expect(await events.check(event('c'))).toMatchObject({ first: false });
    expect(await events.check(event('a'))).toMatchObject({ first: true });
  });

  it('keeps ids with any characters', async () => {
    const ids = ['\ud800', 'ä', '\n', 'x'.repeat(1000), '\0'];
    for (const id of ids) await confirmed(id);
    await restart();
    for (const id of ids) expect(await events.check(event(id))).toMatchObject({ first: false });
  });

  it('tells of a damaged file, and keeps the events in it that can be read', async () => {
    await confirmed('a');
    const content = await readFile(storeFile(journal), 'utf8');
    await events.close();
    await writeFile(
      storeFile(journal),
      `${content.split('\n')[0] ?? ''}\n00000000 {}\n${content.split('\n')[1] ?? ''}\n`,
    );
    events = await open({ journal });
    expect(told).toEqual(['damaged']);
    expect(events.trouble).toMatchObject({ kind: 'damaged' });
    expect(await events.check(event('a'))).toMatchObject({ first: false });
  });

  describe('and the clock of the computer', () => {
    it('may be set while events are remembered: each lasts its window', async () => {
      for (const shift of [-WEEK, WEEK]) {
        const id = `set by ${shift}`;
        await confirmed(id);
        time.setWall(time.now() + shift);
        time.pass(MINUTE - 1);
        expect(await events.check(event(id))).toEqual(
          duplicate('id', false, time.now() + 1 - MINUTE),
        );
        time.pass(1);
        await first(id);
      }
    });

    it('may be set back over a restart: nothing is forgotten early, nor kept longer than its window from then on', async () => {
      await confirmed('a');
      await events.close();
      time.setWall(time.now() - 52 * WEEK);
      await restart();
      time.pass(MINUTE - 1);
      await restart();
      expect(await events.check(event('a'))).toMatchObject({ first: false });
      time.pass(1);
      await restart();
      await first('a');
    });
  });
});

describe('the order of events', () => {
  let checked: string[];

  beforeEach(async () => {
    checked = [];
    events = await open({ journal: join(folder, 'events.jsonl') });
  });

  async function check(id: string, rest: Partial<EventToCheck> = {}): Promise<void> {
    await first(id, rest);
    checked.push(id);
  }

  it('is kept where it has to be looked first whether the file is still ours', async () => {
    // A process that stood still for so long may have lost the file.
    time.pass(10 * SECOND);
    const waiting = [check('a'), check('b'), check('c')];
    await waiting[0];
    await Promise.all([...waiting, check('d')]);
    expect(checked).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is kept where the file has to forget the target before one of them', async () => {
    const same = { record: 'WO-1', target: 'In Progress', windowMs: MINUTE };
    await confirmed('a', { same });
    await Promise.all([check('b', { same: { ...same, target: 'On Hold' } }), check('c', { same })]);
    expect(checked).toEqual(['b', 'c']);
  });
});

describe('a file that cannot be written', () => {
  it('leaves events remembered in memory and says so, until it can', async () => {
    const blocker = join(folder, 'file');
    await writeFile(blocker, 'text');
    const journal = join(blocker, 'seen.jsonl');
    events = await open({ journal });
    expect(told).toEqual(['unwritable']);
    expect(events.trouble).toMatchObject({ kind: 'unwritable' });
    const claim = await first('a');
    expect(await events.confirm(claim)).toEqual({ inTime: true, saved: false });
    expect(await events.check(event('a'))).toMatchObject({ first: false, pending: false });
    await rm(blocker);
    time.pass(SECOND);
    expect(await events.confirm(claim)).toEqual({ inTime: true, saved: true });
    expect(told).toEqual(['unwritable', undefined]);
    expect(events.trouble).toBeUndefined();
    await events.close();
    events = await open({ journal });
    expect(await events.check(event('a'))).toMatchObject({ first: false });
  });
});
