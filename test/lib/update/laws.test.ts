// Laws of the update loop (docs/safety.md) whose breach no other test would notice.
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../lib/errors';
import type { Pending } from '../../../lib/outcome/outcome';
import type { Fields } from '../../../lib/record/fields';
import type { Event } from '../../../lib/update/decide';
import { updateHash, type Computation } from '../../../lib/update/request';
import { Engine } from '../../support/engine';
import { startRecordApi } from '../../support/engine-record';
import {
  answered,
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

const { key, url } = REF;
const TOKEN = '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';
const OTHER_TOKEN = '7d9e4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';
const DONE = { ...VALUES, status: 'Done' };
const NOISE = { ...VALUES, note: 'n1' };
/** How the API itself says that it failed. */
const TOLD = { error: { code: 'X1', message: 'The plug-in failed' } };
const REFUSED = [BEGUN, read(1), answered(412), GRANTED];
const LOST = [BEGUN, read(1), unanswered('TIMEOUT'), GRANTED];

function snapshotOf(n: number, values: Fields) {
  return { key, url, version: `"v${String(n)}"`, values, readAt: '' };
}

const COMPUTATION: Computation = {
  fields: undefined,
  hash: 'h',
  of: () => Promise.reject(new Error('played by hand')),
};
const COMPUTED: TaskPart = { computation: COMPUTATION };

function computed(changes: Fields, token = TOKEN): Event {
  return { kind: 'computed', answer: { changes, token } };
}

/** What a pass before left in doubt, of the update that these make. */
function pendingOf(part: TaskPart, more: Omit<Pending, 'changesHash'>): TaskPart {
  const { changes = { status: 'Done' }, computation } = part;
  const about = { ref: REF, changes: computation ? {} : changes, computation };
  return { ...part, pending: { ...more, changesHash: updateHash(about) } };
}

describe('a cache', () => {
  test('that shows what was wanted after noise is given time', () => {
    const { step } = play(taskWith(), [...REFUSED, cached(2, DONE)]);
    expect(step).toMatchObject({ kind: 'wait', wait: { for: 'cache' } });
  });

  test('does not show that a write accepted for later is in place, whatever version it names', () => {
    const accepted = answered(202, {}, { etag: '"v2"' });
    const events = [BEGUN, read(1), accepted, GRANTED];
    expect(play(taskWith(), [...events, cached(2, NOISE)]).step.kind).toBe('wait');
    expect(endOf(taskWith(), [...events, read(2, NOISE)]).outcome).toBe('updated');
  });

  test('does not make computed changes unchanged', () => {
    const task = taskWith(COMPUTED);
    const same = computed({ status: 'Open' });
    expect(play(task, [BEGUN, cached(1), same]).step.kind).toBe('write');
    expect(endOf(task, [BEGUN, read(1), same]).outcome).toBe('unchanged');
  });

  test('is no baseline, and no baseline takes its place from a cache or while a write is in doubt', () => {
    const task = taskWith({ guards: ['note'] });
    const refused = [BEGUN, cached(1), answered(412), GRANTED];
    const fresh = play(task, [...refused, read(2, NOISE)]);
    expect(fresh.known.base?.version).toBe('"v2"');
    expect(play(task, [...refused, cached(2, NOISE)]).known.base?.version).toBe('"v1"');
    const lost = [BEGUN, cached(1), unanswered('TIMEOUT'), GRANTED, read(2, NOISE)];
    expect(endOf(task, lost)).toMatchObject({ outcome: 'uncertain' });
  });
});

describe('a write in doubt', () => {
  test('of computed changes goes again, although the record shows its values', () => {
    const part = pendingOf(COMPUTED, { versionSent: '"v1"', seenUnmoved: true });
    const { step } = play(taskWith(part), [BEGUN, read(1), computed({ status: 'Open' })]);
    expect(step.kind).toBe('write');
  });

  test('outweighs an expression that fails', () => {
    const error = new InputError('EXPRESSION_FAILED', 'No stock left.');
    const failed: Event = { kind: 'computed', answer: { error } };
    expect(play(taskWith(COMPUTED), [BEGUN, read(1), failed]).step.kind).toBe('fail');
    const part = pendingOf(COMPUTED, { versionSent: '"v1"', seenUnmoved: true });
    expect(endOf(taskWith(part), [BEGUN, read(1), failed])).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'EXPRESSION_FAILED' },
    });
  });

  test('comes back where the version that reads still show is refused', () => {
    const events = [BEGUN, read(1), answered(500, TOLD), GRANTED, read(1)];
    const refused = [...events, answered(412), GRANTED, read(1), read(1), USED_UP];
    expect(endOf(taskWith(), refused)).toMatchObject({ outcome: 'uncertain', verified: false });
  });

  test('comes back where equality proves nothing, on a record that moved', () => {
    const task = taskWith({ sameValue: 'conflict', rule: 'overwrite' });
    const settled = [BEGUN, read(1), answered(500, TOLD), GRANTED, read(1)];
    const end = endOf(task, [...settled, answered(412), GRANTED, read(2, DONE)]);
    expect(end).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
  });

  test('that was accepted for later is one when the flow stops', () => {
    const { step } = play(taskWith(), [BEGUN, read(1), answered(202), STOPPED]);
    expect(step).toMatchObject({ kind: 'stop', code: 'UPDATE_UNCERTAIN' });
  });

  test('keeps its reason at the end: that it is not written is not said', () => {
    const { outcome, error } = endOf(taskWith(), [...LOST, read(2, NOISE)]);
    expect({ outcome, code: error?.code }).toEqual({
      outcome: 'uncertain',
      code: 'POSSIBLY_REVERTED',
    });
    const lost = [BEGUN, read(1), unanswered('TIMEOUT'), USED_UP, read(1), USED_UP];
    expect(endOf(taskWith(), lost).error?.code).toBe('TIMEOUT');
  });

  test('is forgotten with its version: what comes after has a fate of its own', () => {
    const task = taskWith({ stamp: 'at' });
    const former = { ...VALUES, at: '2026-02-07T08:12:31.417Z' };
    const lost = [BEGUN, read(1, former), unanswered('TIMEOUT'), GRANTED];
    const moved = [...lost, read(2, { ...former, note: 'n1' })];
    const told = [...moved, answered(500, TOLD), USED_UP, read(2, { ...former, note: 'n1' })];
    expect(endOf(task, told).outcome).toBe('unavailable');
  });

  test('of a forced write may still land on the version that it met', () => {
    const { steps } = play(taskWith({ force: true }), [
      ...[BEGUN, read(1), unanswered('TIMEOUT'), GRANTED, unread('unavailable')],
    ]);
    expect(steps.at(-1)).toBe('wait');
  });

  test('is looked for again while it may land, not before the time the API names', () => {
    const busy: Event = {
      kind: 'unread',
      ending: { outcome: 'exhausted', verified: false, notBefore: Date.UTC(2026, 1, 8, 10, 0, 7) },
      reads: 1,
    };
    const { step } = play(taskWith(), [...LOST, busy]);
    expect(step).toMatchObject({ kind: 'wait', wait: { for: 'accepted', atLeastMs: 7_000 } });
  });

  test('needs no further look once an ending tells its fate', () => {
    expect(endOf(taskWith(), [...LOST, unread('not-found')]).outcome).toBe('not-found');
  });

  test('is waited for by nobody but the flow in a wired loop', () => {
    const lost = [BEGUN, read(1), unanswered('TIMEOUT'), read(1)];
    expect(endOf(taskWith({ mode: 'once' }), lost).outcome).toBe('retry');
    const first = pendingOf({}, { versionSent: '"v1"', seenUnmoved: false });
    expect(endOf(taskWith(first), [BEGUN, unread('unavailable')]).outcome).toBe('uncertain');
  });

  test.each([
    ['uncertain', '<html><title>Bad gateway</title></html>'],
    ['denied', '<html><form><input type="password"></form></html>'],
  ])('is %s behind the page %s', async (outcome, page) => {
    const api = await startRecordApi();
    api.writes.push({ status: 200, headers: { 'content-type': 'text/html' }, body: page });
    const { result } = await new Engine(api.url).update({ mode: 'once' });
    expect(result.outcome).toBe(outcome);
  });

  test('the request at work is looked for when nothing is left to wait for', () => {
    const atWork = answered(409, { error: { code: 'idempotency_key_in_use', message: 'x' } });
    const { steps } = play(taskWith(), [BEGUN, read(1), atWork, USED_UP]);
    expect(steps.at(-1)).toBe('read');
  });
});

describe('a stamp', () => {
  const STAMPED: TaskPart = { ...COMPUTED, stamp: 'at' };
  const values = { status: 'Open', at: TOKEN };

  test('that is no token proves no computed change', () => {
    const own = pendingOf(STAMPED, { versionSent: '"v1"', seenUnmoved: false, stamp: 'x' });
    const shown = { ...values, at: 'x' };
    expect(endOf(taskWith(own), [BEGUN, read(2, shown)]).outcome).toBe('uncertain');
  });

  test('of another version is not passed on, and proves nothing', () => {
    const part = pendingOf(STAMPED, { versionSent: '"v1"', seenUnmoved: false });
    const task = taskWith({ ...part, snapshot: snapshotOf(1, values), mode: 'once' });
    const events = [BEGUN, read(1, values), computed({ status: 'Held' }, OTHER_TOKEN)];
    const { known } = play(task, [...events, answered(412), read(1, values), read(1, values)]);
    expect(known.doubt.stamp).toEqual({ version: '"v1"', value: OTHER_TOKEN });
  });
});

describe('the same value from another hand', () => {
  const count: TaskPart = { changes: { stock: 6 }, snapshot: snapshotOf(1, { stock: 5 }) };

  test('is a lost change also where the record is read before anything is written', () => {
    const task = taskWith({ ...count, method: 'PUT' });
    expect(endOf(task, [BEGUN, read(2, { stock: 6 })])).toMatchObject({
      outcome: 'conflict',
      error: { code: 'SAME_VALUE' },
    });
  });

  test('is one within objects, too', () => {
    const part = { changes: { of: { stock: 6 } }, snapshot: snapshotOf(1, { of: { stock: 5 } }) };
    const events = [BEGUN, answered(412), GRANTED, read(2, { of: { stock: 6 } })];
    expect(endOf(taskWith(part), events)).toMatchObject({ error: { code: 'SAME_VALUE' } });
  });

  test('is not said of what a write of ours may have set', () => {
    const { known } = play(taskWith(), [...LOST, read(2, DONE)]);
    expect(known.sameByOthers).toEqual([]);
    expect(play(taskWith(), [...REFUSED, read(2, DONE)]).known.sameByOthers).toEqual(['status']);
  });

  test('is done where it is the number of a guarded status', () => {
    const field = 'stateNumber';
    const states = [
      { name: 1, role: 'start', next: [2] },
      { name: 2, next: [] },
    ] as const;
    const transition = { url, field, from: 1, to: 2, machine: { states } };
    const part = { changes: { [field]: 2 }, transition, snapshot: snapshotOf(1, { [field]: 1 }) };
    const events = [BEGUN, answered(412), GRANTED, read(2, { [field]: 2 })];
    expect(endOf(taskWith(part), events).outcome).toBe('unchanged');
  });
});

test('a refusal for the state is final where a rule settles what else was changed', async () => {
  const api = await startRecordApi();
  api.writes.push(() => {
    api.change({ status: 'Held' });
    return { status: 409 };
  });
  const engine = new Engine(api.url, { rest: { conflictStatuses: [412] } });
  const { result } = await engine.update({ rule: 'overwrite' });
  expect(result.outcome).toBe('invalid-state');
  expect(api.written).toHaveLength(1);
});
