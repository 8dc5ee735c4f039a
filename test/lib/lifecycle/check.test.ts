import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../lib/errors';
import { checkGuard } from '../../../lib/lifecycle/check-guard';
import { checkMachine } from '../../../lib/lifecycle/check-machine';
import type { TransitionGuard } from '../../../lib/lifecycle/guard';
import { WORK_ORDERS } from '../../../lib/lifecycle/presets';
import { asIsoTime } from '../../../lib/lifecycle/times';

function faultOf(check: () => unknown): InputError {
  try {
    check();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('no fault was found');
}

describe('checkMachine', () => {
  const A = { name: 'A', next: ['B'] };
  const B = { name: 'B', next: [] };

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'States: there is no list of states.'],
    ['rows alone', [A, B], 'States: there is no list of states.'],
    ['no rows', { states: [] }, 'States: no states.'],
    ['a row that is no object', { states: [A, 'B'] }, 'States: row 2: a state must be an object.'],
    ['an empty name', { states: [{ ...A, name: ' ' }] }, 'States: row 1: the name is empty.'],
    ['a name that harms', { states: [{ ...A, name: '__proto__' }] }, 'row 1: the name __proto__'],
    ['no name', { states: [{ next: [] }] }, 'row 1: the name must be text or a number, not empty.'],
    ['a name of another type', { states: [{ ...A, name: true }] }, 'or a number, not true.'],
    ['a name that is no number', { states: [{ ...A, name: NaN }] }, 'or a number, not NaN.'],
    ['two of one name', { states: [A, B, A] }, 'row 3, "A": row 1 has that name already.'],
    [
      'a state that leads to itself',
      { states: [{ ...A, next: ['A'] }] },
      'row 1, "A": leads to itself',
    ],
    [
      'a state that is not there',
      { states: [A] },
      'row 1, "A": leads to "B", which is not in the table.',
    ],
    ['no list of next states', { states: [{ name: 'A' }] }, 'must be a list of states'],
    ['a next state of another type', { states: [{ ...A, next: [null] }] }, 'a list of states'],
    ['another role', { states: [{ ...B, role: 'middle' }] }, '"start", "end" or left out'],
    ['required that is no list', { states: [{ ...B, required: 'x' }] }, 'must be a list of names'],
    ['a hole in the states', { states: new Array(1) }, 'row 1: a state must be an object'],
    ['a hole in the next states', { states: [{ ...B, next: new Array(1) }] }, 'a list of states'],
    ['a hole in required', { states: [{ ...B, required: new Array(1) }] }, 'a list of names'],
    ['a required field without a name', { states: [{ ...B, required: [''] }] }, 'a list of names'],
  ])('%s', (_, machine, words) => {
    const fault = faultOf(() => checkMachine(machine, 'States'));
    expect(fault.code).toBe('MACHINE_INVALID');
    expect(fault.message).toContain(words);
  });

  it.each([
    ['Completed', '"Complete"'],
    ['complete', '"Complete"'],
    ['Hold', '"On Hold"'],
    ['Progress', '"In Progress"'],
  ])('%s: asks whether %s was meant', (name, meant) => {
    const [released, ...others] = WORK_ORDERS.states;
    const fault = faultOf(() =>
      checkMachine({ states: [...others, { ...released, next: [name] }] }, 'machine.json'),
    );
    expect(fault.message).toBe(
      `machine.json: row 7, "Released": leads to "${name}", which is not in the table; did you mean ${meant}?`,
    );
  });

  it('a number and its text are two states', () => {
    const states = [
      { name: 1, next: ['1'] },
      { name: '1', next: [1] },
    ];
    expect(checkMachine({ states }, 'States')).toEqual({ states });
  });

  it('keeps nothing that does not belong there, and nothing twice', () => {
    const row = { ...A, next: ['B', 'B'], required: ['x', 'x'], colour: 'red' };
    expect(checkMachine({ states: [row, { ...B, required: [] }], version: 1 }, 'States')).toEqual({
      states: [{ name: 'A', next: ['B'], required: ['x'] }, B],
    });
  });
});

const GUARD: TransitionGuard = {
  url: 'http://127.0.0.1/work-orders/WO-1',
  field: 'status',
  from: 'In Progress',
  to: 'Complete',
  eventAt: '2025-02-08T13:50:00Z',
  sinceField: 'statusSince',
  own: { since: '2025-02-08T13:49:00Z', eventAt: '2025-02-08T13:40:00Z' },
  machine: WORK_ORDERS,
  open: { rule: 'newer', atField: 'openedAt', byField: 'openedBy', minutes: 15 },
  missingMeansEmpty: true,
};

describe('checkGuard', () => {
  it.each<[string, Partial<TransitionGuard>]>([
    ['everything', {}],
    ['rule any', { open: { rule: 'any', byField: 'openedBy' } }],
    ['rule other', { open: { rule: 'other', byField: 'openedBy', ours: 'MES' } }],
  ])('takes a guard with %s, also after a journey as JSON', (_, part) => {
    const guard = { ...GUARD, ...part };
    expect(checkGuard(guard)).toEqual(guard);
    expect(checkGuard(JSON.parse(JSON.stringify(guard)))).toEqual(guard);
  });

  it('takes a guard with the least there is', () => {
    const { url, field, from, to, machine } = GUARD;
    const least = { url, field, from, to, machine };
    expect(checkGuard(least)).toEqual(least);
  });

  it('takes a guard that a function node made', () => {
    const guard: unknown = runInNewContext(`JSON.parse(text)`, { text: JSON.stringify(GUARD) });
    expect(checkGuard(guard)).toEqual(GUARD);
  });

  it.each<[string, unknown]>([
    ['it is not an object', 'guard'],
    ['it is not an object', null],
    ['it is not an object', [GUARD]],
    ['url must be text', { ...GUARD, url: undefined }],
    ['field must be text', { ...GUARD, field: '' }],
    ['from must be text or a number', { ...GUARD, from: null }],
    ['to must be text or a number', { ...GUARD, to: {} }],
    ['eventAt must be a time', { ...GUARD, eventAt: 'now' }],
    ['sinceField must be text', { ...GUARD, sinceField: 1 }],
    ['own must be an object', { ...GUARD, own: true }],
    ['since must be text or a number', { ...GUARD, own: { ...GUARD.own, since: null } }],
    ['own.eventAt must be a time', { ...GUARD, own: { since: '' } }],
    ['eventAt must be a time', { ...GUARD, own: { since: '', eventAt: 'now' } }],
    ['machine: there is no list of states', { ...GUARD, machine: undefined }],
    [
      'machine: row 1, "A": leads to itself',
      { ...GUARD, machine: { states: [{ name: 'A', next: ['A'] }] } },
    ],
    ['open must be an object', { ...GUARD, open: true }],
    ['open.rule must be', { ...GUARD, open: { rule: 'off' } }],
    ['byField must be text', { ...GUARD, open: { rule: 'any' } }],
    ['ours must be text', { ...GUARD, open: { rule: 'other', byField: 'openedBy' } }],
    ['atField must be text', { ...GUARD, open: { rule: 'newer', minutes: 1 } }],
    ['open.minutes must be', { ...GUARD, open: { rule: 'newer', atField: 'x', minutes: '1' } }],
    ['open.minutes', { ...GUARD, open: { rule: 'newer', atField: 'x', minutes: Infinity } }],
  ])('%s', (words, guard) => {
    const fault = faultOf(() => checkGuard(guard));
    expect(fault.code).toBe('GUARD_INVALID');
    expect(fault.message).toContain(words);
  });
});

describe('asIsoTime', () => {
  it.each<[unknown, string | undefined]>([
    ['2025-02-08T14:00:00Z', '2025-02-08T14:00:00Z'],
    ['2025-02-08T14:00:00.1234567+01:00', '2025-02-08T14:00:00.1234567+01:00'],
    ['/Date(1739023200000)/', '2025-02-08T14:00:00.000Z'],
    [1_739_023_200_000, '2025-02-08T14:00:00.000Z'],
    [new Date(1_739_023_200_000), '2025-02-08T14:00:00.000Z'],
    [runInNewContext('new Date(1739023200000)'), '2025-02-08T14:00:00.000Z'],
    ['2025-02-08T14:00:00', undefined],
    ['2025-02-08', undefined],
    ['1739023200000', undefined],
    ['', undefined],
    [Infinity, undefined],
    [new Date(Number.NaN), undefined],
    [null, undefined],
    [{}, undefined],
  ])('%o: %s', (value, iso) => {
    expect(asIsoTime(value)).toBe(iso);
  });
});
