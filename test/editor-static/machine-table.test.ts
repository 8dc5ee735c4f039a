import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SALES_ORDERS, WORK_ORDERS } from '../../lib/lifecycle/presets';
import {
  checkStates,
  readMachine,
  stateTypeOf,
} from '../../nodes/transition-guard/check-states.editor';
import { joinNames, splitNames, toState } from '../../nodes/transition-guard/names.editor';
import { renames, toStates, type RowText } from '../../nodes/transition-guard/rows-text.editor';
import { findings, machineInWords } from '../../nodes/transition-guard/words.editor';

/** The key with what is filled into the text. */
const t = (key: string, values: Readonly<Record<string, unknown>> = {}): string =>
  [key, ...Object.values(values)].join(' ').replace('transition-guard.', '');

const row = (name: string, next = '', more: Partial<RowText> = {}): RowText => ({
  name,
  next,
  required: '',
  role: '',
  knownAs: name,
  ...more,
});

describe('names in a field of the table', () => {
  it.each([
    ['In Progress, Cancelled', ['In Progress', 'Cancelled']],
    [' a ,, b , ', ['a', 'b']],
    ['"On Hold, QA", "say ""', ['On Hold, QA', '"say ""']],
    ['"a \\"b\\" c", d', ['a "b" c', 'd']],
    ['', []],
  ])('%j', (text, names) => {
    expect(splitNames(text)).toEqual(names);
  });

  it('come back as they were written', () => {
    const names = fc.array(
      fc
        .string()
        .map(text => text.trim())
        .filter(text => text !== ''),
    );
    fc.assert(
      fc.property(names, list => {
        expect(splitNames(joinNames(list))).toEqual(list);
      }),
    );
  });

  it('are numbers only where numbers are wanted', () => {
    expect(toState('10', 'number')).toBe(10);
    expect(toState('10', 'text')).toBe('10');
    expect(toState('open', 'number')).toBe('open');
    expect(toState('', 'number')).toBe('');
  });
});

describe('rows of the table', () => {
  it('become states, without rows that were never filled in', () => {
    const rows = [
      row('Released', 'Rework', { role: 'start' }),
      row('', ''),
      row(' Rework ', '', { required: 'defectType, reworkReasonCode', role: 'end' }),
    ];
    expect(toStates(rows, 'text')).toEqual([
      { name: 'Released', role: 'start', next: ['Rework'] },
      { name: 'Rework', role: 'end', next: [], required: ['defectType', 'reworkReasonCode'] },
    ]);
  });

  it('keep a row that lacks its name, so that the check can say so', () => {
    expect(toStates([row('', 'Rework')], 'text')).toEqual([{ name: '', next: ['Rework'] }]);
  });

  it('take over the new name of a state', () => {
    const rows = [row('Released', 'In Progress'), row('Running', '', { knownAs: 'In Progress' })];
    expect(toStates(rows, 'text')[0]?.next).toEqual(['Running']);
  });

  it.each([
    ['while the name is empty', [row('', '', { knownAs: 'a' }), row('b', 'a')]],
    ['where it is that of another row now', [row('b', '', { knownAs: 'a' }), row('b', 'a')]],
    ['where another row has the old one', [row('c', '', { knownAs: 'a' }), row('a', 'b')]],
  ])('keep the old name %s', (_name, rows) => {
    expect([...renames(rows)]).toEqual([]);
  });
});

describe('the check of the table', () => {
  it.each([
    ['work orders', WORK_ORDERS],
    ['sales orders', SALES_ORDERS],
  ])('takes the preset for %s', (_name, { states }) => {
    expect(checkStates(t, states, 'text')).toBe(true);
    expect(stateTypeOf(states)).toBe('text');
    expect(findings(t, states)).toEqual([]);
  });

  it.each([
    ['no states', [], 'text', /^errors.no-states$/],
    ['none at all', undefined, 'text', /^errors.no-states$/],
    [
      'a next state without a row',
      [{ name: 'A', next: ['b'] }],
      'text',
      /^label.states: label.row 1, "A": fault.next-unknown "b"/,
    ],
    [
      'a name twice',
      [
        { name: 'A', next: [] },
        { name: 'A', next: [] },
      ],
      'text',
      /label.row 2, "A": fault.name-twice .*1$/,
    ],
    ['text for numbers', [{ name: 'A', next: [] }], 'number', /^errors.no-number A$/],
  ])('refuses %s', (_name, states, type, words) => {
    expect(checkStates(t, states, type)).toMatch(words);
  });

  it('takes numbers, also as text', () => {
    expect(checkStates(t, [{ name: 1, next: [] }], 'number')).toBe(true);
    expect(checkStates(t, [{ name: '1', next: [] }], 'number')).toBe(true);
  });

  it.each([
    ['{', /^errors.json$/],
    ['[]', /^JSON: fault.no-list/],
    ['{"states": []}', /^JSON: fault.no-rows/],
    ['{"states": [{"name": "A", "next": ["B"]}]}', /^JSON: label.row 1, "A": fault.next-unknown/],
    ['{"states": [{"next": []}]}', /^JSON: label.row 1: fault.name-type –/],
    [`{"states": [{"name": "${'A'.repeat(80)}"}]}`, /^JSON: label.row 1, "A{59}…: fault.next-type/],
    ['{"states": [{"name": 1, "next": []}, {"name": "B", "next": []}]}', /^errors.no-number B$/],
  ])('refuses to import %s', (text, words) => {
    expect(readMachine(t, text)).toMatch(words);
  });

  it('imports what was exported', () => {
    expect(readMachine(t, JSON.stringify(WORK_ORDERS))).toEqual(WORK_ORDERS);
    const numbers = {
      states: [
        { name: 1, next: [2] },
        { name: 2, next: [] },
      ],
    };
    expect(readMachine(t, JSON.stringify(numbers))).toEqual(numbers);
    expect(stateTypeOf(numbers.states)).toBe('number');
  });

  it('points out what is odd about a sound table', () => {
    const states = [
      { name: 'New', role: 'start' as const, next: ['Stuck'] },
      { name: 'Stuck', next: [] },
      { name: 'Lost', role: 'end' as const, next: [] },
    ];
    expect(checkStates(t, states, 'text')).toBe(true);
    expect(findings(t, states)).toEqual(['tip.unreachable Lost', 'tip.dead-end Stuck']);
    expect(findings(t, [{ name: 'a', role: 'end', next: [] }])).toEqual(['tip.no-start']);
  });

  it('says a table in words, for those who cannot see the picture', () => {
    expect(
      machineInWords(t, [
        { name: 'New', role: 'start', next: ['Done', 'Gone'] },
        { name: 'Done', role: 'end', next: [] },
      ]),
    ).toBe(
      'New: option.role-start; label.leads-to Done, Gone. Done: option.role-end. Gone: label.unknown.',
    );
  });
});
