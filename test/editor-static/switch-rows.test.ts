import { describe, expect, it } from 'vitest';
import { DEFAULT_ROWS, type SwitchRow } from '../../nodes/conflict-switch/config';
import { createOutputMap } from '../../nodes/conflict-switch/output-map.editor';
import { checkRows, rowSummary } from '../../nodes/conflict-switch/rows.editor';

const t = (key: string): string => key;
const check = checkRows(t);
const OTHERWISE: SwitchRow = { outcomes: [], otherwise: true };

describe('rows of conflict-switch', () => {
  it('takes the rows of a new node', () => {
    expect(check(DEFAULT_ROWS)).toBe(true);
  });

  it.each<[string, SwitchRow[]]>([
    ['no-rows', []],
    ['empty-row', [{ outcomes: [], otherwise: false }, OTHERWISE]],
    ['after-otherwise', [OTHERWISE, { outcomes: ['retry'], otherwise: false }]],
    [
      'taken-twice',
      [
        { outcomes: ['retry', 'busy'], otherwise: false },
        { outcomes: ['busy'], otherwise: false },
      ],
    ],
  ])('says %s', (error, rows) => {
    expect(check(rows)).toBe(`conflict-switch.errors.${error}`);
  });

  it('says in words what a row takes', () => {
    expect(rowSummary(t, { outcomes: ['retry', 'busy'], otherwise: false })).toBe('retry, busy');
    expect(rowSummary(t, OTHERWISE)).toBe('conflict-switch.label.otherwise');
  });
});

describe('map of outputs', () => {
  it('moves wires along with their rows', () => {
    let written = '';
    const hidden = { val: (text: string) => (written = text) } as unknown as JQuery;
    const map = createOutputMap(hidden);
    map.removed({ output: 1 });
    map.update([{ output: 2 }, {}, { output: 0 }]);
    expect(JSON.parse(written)).toEqual({ '0': 2, '1': -1, '2': 0, 'new-1': 1 });
  });
});
