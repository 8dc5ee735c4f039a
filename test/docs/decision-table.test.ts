// docs/decision-table.md gives every row number of the code its home.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFamily, FAMILY_IDS } from '../../lib/api/families';
import type { RestSettings } from '../../lib/api/family';
import type { Row } from '../../lib/outcome/classify';
import { COMMON_ROWS } from '../../lib/outcome/rows';
import { inRoot } from '../../scripts/lib/root.mjs';

const REST: RestSettings = {
  versionFrom: 'etag',
  versionField: '',
  versionTo: 'header',
  recordPath: '',
  conflictStatuses: [412, 422],
  missingMeansNull: false,
};

interface Line {
  readonly row: number;
  /** Everything behind the number. */
  readonly text: string;
}

/** The lines of the tables whose first column is a row number. */
const lines: readonly Line[] = readFileSync(inRoot('docs/decision-table.md'), 'utf8')
  .split('\n')
  .map(line => /^\| (\d+) +\|(.*)$/.exec(line))
  .flatMap(match => (match === null ? [] : [{ row: Number(match[1]), text: match[2] ?? '' }]));

/** What a line must hold: class and code, and whether the write may have been applied. */
function describes({ text }: Line, row: Row): boolean {
  return (
    text.includes(`\`${row.class}\``) &&
    (row.code === undefined || text.includes(`\`${row.code}\``)) &&
    text.includes('in doubt') === (row.ambiguous ?? false) &&
    (row.apiCode ?? []).every(code => text.includes(`\`${code}\``)) &&
    (row.status ?? []).every(status => row.row === 39 || text.includes(String(status)))
  );
}

/** Rows that no line of the page describes. */
function missing(rows: readonly Row[]): readonly Row[] {
  return rows.filter(row => !lines.some(line => line.row === row.row && describes(line, row)));
}

describe('docs/decision-table.md', () => {
  it('holds every common row', () => {
    expect(missing(COMMON_ROWS)).toEqual([]);
  });

  it.each(FAMILY_IDS)('holds every row of the family %s', id => {
    const { rows } = createFamily(id, REST);
    expect(rows.length).toBeGreaterThan(0);
    expect(missing(rows)).toEqual([]);
  });

  it('holds no number that the code does not know', () => {
    const used = [COMMON_ROWS, ...FAMILY_IDS.map(id => createFamily(id, REST).rows)].flat();
    // Row 51 to 53 are about the absence of an answer, which no row of the code can match.
    const known = new Set([...used.map(({ row }) => row), 51, 52, 53]);
    expect(lines.filter(({ row }) => !known.has(row))).toEqual([]);
  });
});
