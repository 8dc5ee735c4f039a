import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createFamily } from '../../../../lib/api/families';
import { FAMILY_IDS, type FamilyId } from '../../../../lib/api/family-ids';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../../../lib/api/settings';
import { classify, findRow } from '../../../../lib/outcome/classify';
import type { Row } from '../../../../lib/outcome/row';
import { REPEAT_ROWS, COMMON_ROWS } from '../../../../lib/outcome/rows';
import { answerOf } from './answer';
import { SENT, type TableCase } from './case';
import { CASES } from './cases';

describe('the decision table', () => {
  test.each(CASES.map(one => [nameOf(one), one] as const))('%s', (_name, one) => {
    const asked = questionOf(one);
    expect(findRow(...asked)?.row).toBe(one.row);
    const { fix, ...verdict } = classify(...asked);
    expect(verdict).toEqual(one.means);
    if (fix !== undefined) expect(fix).toMatch(/^[A-Z].+[.]$/);
    if (CURED_BY_HAND.includes(verdict.class)) expect(fix).toBeDefined();
  });

  test('has a case for every row of every API', () => {
    expect(unmet([...REPEAT_ROWS, ...COMMON_ROWS], CASES)).toEqual([]);
  });

  test.each(FAMILY_IDS)('has a case for every row of the family %s', id => {
    const cases = CASES.filter(({ family }) => family === id);
    const settings = [{}, ...cases.map(one => one.settings)];
    const rows = settings.flatMap(part => familyOf(id, part).rows);
    expect(unmet(rows, cases)).toEqual([]);
  });
});

/** An answer of these classes ends the update, and only a person can change that. */
const CURED_BY_HAND: readonly string[] = ['redirect', 'unsupported'];

function nameOf({ row, family, what, sent }: TableCase): string {
  const number = row === undefined ? 'no row' : `row ${String(row)}`;
  return `${number}: ${family}: ${what}${sent === 'patch' ? '' : ` (${sent})`}`;
}

function familyOf(id: FamilyId, settings: Partial<ApiSettings>) {
  return createFamily(id, { ...DEFAULT_API_SETTINGS, ...settings });
}

/** Rows that decide none of the cases. Rows are told apart by what they say: a family makes its own ones anew. */
function unmet(rows: readonly Row[], cases: readonly TableCase[]): string[] {
  const met = new Set(cases.map(one => textOf(findRow(...questionOf(one)))));
  return [...new Set(rows.map(textOf))].filter(row => !met.has(row));
}

/** What `classify` is asked about a case. */
function questionOf(one: TableCase): Parameters<typeof classify> {
  const family = familyOf(one.family, one.settings);
  const answer = answerOf(one.answer);
  return [answer, SENT[one.sent], family.errorOf(answer), family.rows];
}

function textOf(row: Row | undefined): string {
  return inspect(row, { depth: null, breakLength: Infinity });
}
