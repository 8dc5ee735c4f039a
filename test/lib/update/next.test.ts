import { describe, expect, test } from 'vitest';
import type { TransitionGuard } from '../../../lib/lifecycle/guard';
import { next, type Event } from '../../../lib/update/decide';
import { knownAtFirst } from '../../../lib/update/known';
import { WORK_ORDERS } from '../../support/engine-guard';
import {
  answered,
  AT,
  BEGUN,
  cached,
  endOf,
  GRANTED,
  play,
  read,
  REF,
  STOPPED,
  taskWith,
  unanswered,
  unread,
  USED_UP,
  VALUES,
  type TaskPart,
} from '../../support/next-play';

const DONE = { ...VALUES, status: 'Done' };
const TAKEN = { ...VALUES, status: 'Taken' };
const NOISE = { ...VALUES, note: 'n1' };

const { key, url } = REF;
const snapshot = { key, url, version: '"v1"', values: VALUES, readAt: '' };

/** How the API itself says that it failed. */
const TOLD = { error: { code: 'X1', message: 'The plug-in failed' } };

/** The write was lost, and the read after the wait shows what follows. */
const LOST = [BEGUN, read(1), unanswered('TIMEOUT'), GRANTED];
const REFUSED = [BEGUN, read(1), answered(412), GRANTED];

const GUARD: TransitionGuard = {
  url,
  field: 'status',
  from: 'In Progress',
  to: 'Complete',
  machine: WORK_ORDERS,
};
const IN_PROGRESS = { status: 'In Progress', note: 'n0' };
const ON_HOLD = { status: 'On Hold', note: 'n0' };
const guarded = (part: TaskPart = {}) =>
  taskWith({ changes: { status: 'Complete' }, transition: GUARD, ...part });

describe('the way of an update', () => {
  test.each<[string, TaskPart, readonly Event[], readonly string[]]>([
    ['without a snapshot', {}, [BEGUN], ['read']],
    ['with a snapshot', { snapshot }, [BEGUN], ['write']],
    [
      'a snapshot that shows all in place',
      { snapshot: { ...snapshot, values: DONE } },
      [BEGUN],
      ['read'],
    ],
    ['a snapshot that lacks a field', { snapshot: { ...snapshot, values: {} } }, [BEGUN], ['read']],
    ['PUT with a snapshot', { snapshot, method: 'PUT' }, [BEGUN], ['read']],
    ['a read that shows all in place', {}, [BEGUN, read(1, DONE)], ['read', 'end']],
    ['a read', {}, [BEGUN, read(1)], ['read', 'write']],
    ['an accepted write', {}, [BEGUN, read(1), answered(204)], ['read', 'write', 'end']],
    ['noise', {}, [...REFUSED, read(2, NOISE)], ['read', 'write', 'wait', 'read', 'write']],
    ['a collision', {}, [...REFUSED, read(2, TAKEN)], ['read', 'write', 'wait', 'read', 'end']],
    [
      'a collision with a rule to ask',
      { rule: () => Promise.resolve('report') },
      [...REFUSED, read(2, TAKEN)],
      ['read', 'write', 'wait', 'read', 'ask'],
    ],
    [
      'a decision to go on',
      { rule: () => Promise.resolve('report') },
      [...REFUSED, read(2, TAKEN), { kind: 'decided', answer: { decision: 'overwrite' } }],
      ['read', 'write', 'wait', 'read', 'ask', 'write'],
    ],
    [
      'a version that is refused although a read shows it: one more read',
      {},
      [...REFUSED, read(1), read(1)],
      ['read', 'write', 'wait', 'read', 'read', 'end'],
    ],
    [
      'accepted for later: re-reads until it is there',
      {},
      [BEGUN, read(1), answered(202), GRANTED, read(1), GRANTED, read(2, DONE)],
      ['read', 'write', 'wait', 'read', 'wait', 'read', 'end'],
    ],
    [
      'what never left goes again without a read',
      {},
      [BEGUN, read(1), unanswered('ECONNREFUSED', 'no'), GRANTED],
      ['read', 'write', 'wait', 'write'],
    ],
  ])('%s', (_name, part, events, steps) => {
    expect(play(taskWith(part), events).steps).toEqual(steps);
  });
});

describe('a write', () => {
  test('names the version that was seen last', () => {
    const { step } = play(taskWith(), [...REFUSED, read(2, NOISE)]);
    expect(step).toMatchObject({ kind: 'write', plan: { precondition: { version: '"v2"' } } });
  });

  test('names any version only where it is forced', () => {
    const { step } = play(taskWith({ force: true }), [BEGUN, read(1)]);
    expect(step).toMatchObject({ kind: 'write', plan: { precondition: 'any' } });
    const forcedUnderGuard = play(guarded({ force: true }), [BEGUN, read(1, IN_PROGRESS)]);
    expect(forcedUnderGuard.step).toMatchObject({ plan: { precondition: { version: '"v1"' } } });
  });

  test('keeps its stamp on the same version and gets another one on the next', () => {
    const task = taskWith({ stamp: 'writtenAt' });
    const stamped = { ...VALUES, writtenAt: null };
    const { known, step } = play(task, [
      BEGUN,
      read(1, stamped),
      unanswered('ECONNRESET'),
      GRANTED,
    ]);
    expect(step.kind).toBe('read');
    const later = { ...AT, now: AT.now + 5_000 };
    const same = next(task, known, read(1, stamped), later).step;
    expect(same).toMatchObject({ plan: { changes: { writtenAt: '2026-02-08T10:00:00.000Z' } } });
    const refused = play(task, [BEGUN, read(1, stamped), answered(412), GRANTED]);
    const other = next(task, refused.known, read(2, stamped), later).step;
    expect(other).toMatchObject({ plan: { changes: { writtenAt: '2026-02-08T10:00:05.000Z' } } });
  });

  test('never goes once the time is over', () => {
    const late = { ...AT, leftMs: 0 };
    const ending = endOf(taskWith({ snapshot }), [BEGUN], late);
    expect(ending).toMatchObject({ outcome: 'exhausted', error: { code: 'DEADLINE' } });
  });
});

describe('law: the guard is asked on every state that a write goes out on', () => {
  const REWORK = { status: 'Rework', note: 'n0' };
  const overwrite: Event = { kind: 'decided', answer: { decision: 'overwrite' } };
  const inOrder = { ...snapshot, values: IN_PROGRESS };

  test.each<[string, TaskPart, readonly Event[]]>([
    ['the first read', {}, [BEGUN, read(1, ON_HOLD)]],
    [
      'a snapshot of the message, and the read it asks for',
      { snapshot: { ...snapshot, values: ON_HOLD } },
      [BEGUN, read(1, ON_HOLD)],
    ],
    [
      'the read after a refusal',
      {},
      [BEGUN, read(1, IN_PROGRESS), answered(412), GRANTED, read(2, ON_HOLD)],
    ],
    [
      'the read after a refusal, forced',
      { force: true },
      [BEGUN, read(1, IN_PROGRESS), answered(412), GRANTED, read(2, REWORK)],
    ],
    [
      'the read after a refusal, overwriting',
      { rule: 'overwrite' },
      [BEGUN, read(1, IN_PROGRESS), answered(412), GRANTED, read(2, REWORK)],
    ],
  ])('%s', (_name, part, events) => {
    const ending = endOf(guarded(part), events);
    expect(ending).toMatchObject({ outcome: 'invalid-state' });
  });

  test('a decision cannot pass it by', () => {
    const task = guarded({
      rule: () => Promise.resolve('overwrite'),
      changes: { status: 'Complete', note: 'mine' },
    });
    const asked = play(task, [
      BEGUN,
      read(1, IN_PROGRESS),
      answered(412),
      GRANTED,
      read(2, { ...IN_PROGRESS, note: 'theirs' }),
    ]);
    expect(asked.step.kind).toBe('ask');
    expect(next(task, asked.known, overwrite, AT).step.kind).toBe('write');
    const elsewhere: Event = { kind: 'decided', answer: { decision: { status: 'Cancelled' } } };
    expect(next(task, asked.known, elsewhere, AT).step).toMatchObject({
      ending: { outcome: 'conflict', error: { code: 'DECISION_UNUSABLE' } },
    });
  });

  test('the state that is allowed is written', () => {
    expect(play(guarded({ snapshot: inOrder }), [BEGUN]).step.kind).toBe('write');
  });
});

describe('law: a write in doubt ends as uncertain', () => {
  const denied = answered(403);
  const again = [...LOST, read(1)];

  test.each<[string, TaskPart, readonly Event[]]>([
    [
      'a refusal for good, and a record that does not show the values',
      {},
      [...again, denied, read(1), USED_UP],
    ],
    ['a refusal for good, and no read', {}, [...again, denied, unread('unavailable'), USED_UP]],
    ['no read after the loss', {}, [...LOST, unread('denied')]],
    ['a record that moved and shows the old values', {}, [...LOST, read(2, NOISE)]],
    ['a record that moved in a field of the update', {}, [...LOST, read(2, TAKEN)]],
    ['no retry left', {}, [BEGUN, read(1), unanswered('TIMEOUT'), USED_UP, read(1), USED_UP]],
    ['a state that refuses it by now', {}, [...again, answered(409), GRANTED, read(1), USED_UP]],
    [
      'a version that does not progress',
      {},
      [...again, answered(412), GRANTED, read(1), read(1), USED_UP],
    ],
    [
      'a page in place of an answer',
      {},
      [
        ...again,
        answered(200, '<html>', { 'content-type': 'text/html' }),
        GRANTED,
        read(1),
        USED_UP,
      ],
    ],
    ['accepted for later, and time over', {}, [BEGUN, read(1), answered(202), USED_UP]],
    [
      'accepted for later, and the record gone',
      {},
      [BEGUN, read(1), answered(202), GRANTED, unread('not-found')],
    ],
  ])('%s', (_name, part, events) => {
    expect(endOf(taskWith(part), events)).toMatchObject({ outcome: 'uncertain', verified: false });
  });

  test('also before anything is tried in this pass', () => {
    const task = taskWith();
    const pending = { versionSent: '"v1"', seenUnmoved: false, changesHash: '' };
    const known = knownAtFirst(task);
    const doubt = {
      ...known.doubt,
      fate: { kind: 'in-doubt', ...pending } as const,
      everInDoubt: true,
    };
    const noTurn: Event = { kind: 'no-turn', isQueueFull: true, waitedMs: 0 };
    expect(next(task, { ...known, doubt }, noTurn, AT).step).toMatchObject({
      ending: { outcome: 'uncertain', error: { code: 'TURN_NOT_GRANTED' } },
    });
  });

  test('and when the time is over', () => {
    const { known } = play(taskWith(), LOST);
    const late = { ...AT, leftMs: 0 };
    expect(next(taskWith(), known, read(1), late).step).toMatchObject({
      ending: { outcome: 'uncertain', error: { code: 'DEADLINE' } },
    });
  });

  test('and when the flow stops', () => {
    expect(play(taskWith(), [...LOST, STOPPED]).step).toMatchObject({ code: 'UPDATE_UNCERTAIN' });
    expect(play(taskWith(), [BEGUN, read(1), STOPPED]).step).toMatchObject({ code: 'STOPPED' });
  });

  test.each<[string, readonly Event[], string]>([
    ['the record shows it', [...LOST, read(2, DONE)], 'already-applied'],
    ['the record is gone', [...LOST, unread('not-found')], 'not-found'],
    [
      'a refusal followed it, and the record shows it',
      [...again, denied, read(2, DONE)],
      'already-applied',
    ],
  ])('unless %s', (_name, events, outcome) => {
    expect(endOf(taskWith(), events).outcome).toBe(outcome);
  });

  test('not where the API itself said that it failed and a re-read showed it not in place', () => {
    const events = [BEGUN, read(1), answered(500, TOLD), USED_UP, read(1)];
    expect(endOf(taskWith(), events).outcome).toBe('unavailable');
  });

  test.each(['TIMEOUT', 'ECONNRESET', 'UND_ERR_SOCKET', 'RESPONSE_TOO_LARGE'])(
    'an unmoved record settles nothing after %s: it is read again as long as there is time',
    code => {
      const lost = [BEGUN, read(1), unanswered(code), USED_UP, read(1)];
      const reads = [GRANTED, read(1), GRANTED, unread('unavailable'), GRANTED];
      const { steps } = play(taskWith(), [...lost, ...reads]);
      expect(steps.slice(2)).toEqual([
        'wait',
        'read',
        'wait',
        'read',
        'wait',
        'read',
        'wait',
        'read',
      ]);
      expect(endOf(taskWith(), [...lost, ...reads, read(1), USED_UP]).outcome).toBe('uncertain');
      expect(endOf(taskWith(), [...lost, ...reads, read(2, DONE)]).outcome).toBe('already-applied');
    },
  );
});

describe('law: a cache proves nothing', () => {
  test.each<[string, readonly Event[], string]>([
    ['values that only a cache shows are written all the same', [BEGUN, cached(1, DONE)], 'write'],
    ['the version that was sent is read again after a pause', [...REFUSED, cached(1)], 'wait'],
    ['the values after a loss are read again', [...LOST, cached(2, DONE)], 'wait'],
    ['a moved record after a loss is read again', [...LOST, cached(2, NOISE)], 'wait'],
  ])('%s', (_name, events, kind) => {
    expect(play(taskWith(), events).step.kind).toBe(kind);
  });

  test('after a loss it never tells that the write is in place', () => {
    const events = [...LOST, cached(2, DONE), USED_UP];
    expect(endOf(taskWith(), events)).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'SHOWN_BY_CACHE' },
    });
  });

  test('nor settles a lost write by an unmoved version', () => {
    const lost = [BEGUN, read(1), answered(500, TOLD), GRANTED];
    const { known } = play(taskWith(), [...lost, cached(1), USED_UP]);
    expect(known.doubt.fate).toMatchObject({ kind: 'in-doubt' });
    expect(play(taskWith(), [...lost, read(1)]).known.doubt.fate).toMatchObject({
      kind: 'not-in-place',
    });
  });

  test('nor ends a transition', () => {
    const complete = { status: 'Complete', note: 'n0' };
    expect(play(guarded(), [BEGUN, cached(1, complete)]).step.kind).toBe('wait');
    const end = endOf(guarded(), [BEGUN, cached(1, complete), USED_UP]);
    expect(end).toMatchObject({ outcome: 'exhausted', error: { code: 'SHOWN_BY_CACHE' } });
  });

  test('it is given time to catch up three times, then the update goes on', () => {
    const pauses = [1, 2, 3].flatMap(() => [cached(1), GRANTED]);
    const { steps } = play(taskWith(), [...REFUSED, ...pauses, cached(1)]);
    expect(steps.slice(4)).toEqual(['wait', 'read', 'wait', 'read', 'wait', 'read', 'end']);
  });
});

describe('law: one attempt per message', () => {
  const once = { mode: 'once' } as const;
  const noTurn: Event = { kind: 'no-turn', isQueueFull: false, waitedMs: 5 };

  test.each<[string, readonly Event[], string]>([
    ['no turn', [noTurn], 'busy'],
    ['a throttled read', [BEGUN, unread('exhausted')], 'throttled'],
    ['a read that failed', [BEGUN, unread('unavailable')], 'transient'],
    ['noise', [BEGUN, read(1), answered(412), read(2, NOISE)], 'noise'],
    ['a throttled write', [BEGUN, read(1), answered(429)], 'throttled'],
    ['a write that never left', [BEGUN, read(1), unanswered('ECONNREFUSED', 'no')], 'transient'],
    [
      'a lost write and an unmoved record',
      [BEGUN, read(1), unanswered('ECONNRESET'), read(1)],
      'transient',
    ],
    ['a cache behind the write', [BEGUN, read(1), answered(412), cached(1)], 'noise'],
  ])('%s', (_name, events, cause) => {
    const { step, steps } = play(taskWith(once), events);
    expect(step).toMatchObject({
      kind: 'end',
      ending: { outcome: 'retry', cause, verified: false },
    });
    expect(steps).not.toContain('wait');
    expect(steps.filter(kind => kind === 'write').length).toBeLessThan(2);
  });

  test('a record that an operator has open', () => {
    const open = { rule: 'any', byField: 'openedBy' } as const;
    const task = guarded({ ...once, transition: { ...GUARD, open } });
    const ending = endOf(task, [BEGUN, read(1, { ...IN_PROGRESS, openedBy: 'op' })]);
    expect(ending).toMatchObject({ outcome: 'retry', cause: 'busy' });
  });

  test('a read is not patient', () => {
    expect(play(taskWith(once), [BEGUN]).step).toMatchObject({ patiently: false });
    expect(play(taskWith(), [BEGUN]).step).toMatchObject({ patiently: true });
  });

  test('what ends for good is no retry', () => {
    expect(endOf(taskWith(once), [BEGUN, unread('denied')]).outcome).toBe('denied');
    const events = [BEGUN, read(1), answered(412), read(2, TAKEN)];
    expect(endOf(taskWith(once), events).outcome).toBe('conflict');
  });
});

describe('values', () => {
  test('the baseline stays across re-reads; the conflict rule moves it for the fields it decided', () => {
    const task = taskWith({ rule: 'overwrite', changes: { status: 'Done', note: 'mine' } });
    const { known } = play(task, [...REFUSED, read(2, TAKEN)]);
    expect(known.base?.values).toEqual({ status: 'Taken', note: 'n0' });
    expect(known.firstBase?.values).toEqual(VALUES);
    expect(play(taskWith(), [...REFUSED, read(2, NOISE)]).known.base?.version).toBe('"v1"');
  });

  test('one function drives many updates: nothing of one is seen in another', () => {
    const tasks = [taskWith(), taskWith({ rule: 'overwrite' }), taskWith({ rule: 'theirs' })];
    const events = [...REFUSED, read(2, TAKEN)];
    const alone = tasks.map(task => play(task, events).step);
    let runs = tasks.map(task => ({ task, known: knownAtFirst(task), step: alone[0] }));
    for (const event of events) {
      runs = runs.map(run => ({ ...run, ...next(run.task, run.known, event, AT) }));
    }
    expect(runs.map(({ step }) => step)).toEqual(alone);
  });

  test('an event that answers another step is a fault of the shell', () => {
    expect(() => play(taskWith(), [BEGUN, GRANTED])).toThrow('does not answer "reading"');
    expect(() => play(taskWith(), [BEGUN, read(1), read(1)])).toThrow('does not answer "answer"');
    expect(() => play(taskWith(), [BEGUN, answered(204)])).toThrow('does not answer "reading"');
  });

  test('attempts carry what changed only for the version log', () => {
    const events = [...REFUSED, read(2, TAKEN)];
    expect(play(taskWith(), events).known.attempts[0]).not.toHaveProperty('diff');
    expect(play(taskWith({}, true), events).known.attempts[0]).toMatchObject({
      versionSeen: '"v2"',
      diff: [{ name: 'status', base: 'Open', ours: 'Done', theirs: 'Taken' }],
    });
  });
});
