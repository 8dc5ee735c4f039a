// docs/decision-table.md gives every row number of the code its home.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createFamily } from '../../lib/api/families';
import { FAMILY_IDS, type FamilyId } from '../../lib/api/family-ids';
import { DEFAULT_EXCHANGE } from '../../lib/api/rest/exchange';
import { DEFAULT_API_SETTINGS, type ApiSettings } from '../../lib/api/settings';
import type { Row } from '../../lib/outcome/row';
import type { ResponseClass } from '../../lib/outcome/response-class';
import { outcomeOfClass } from '../../lib/outcome/ending';
import { REPEAT_ROWS, COMMON_ROWS } from '../../lib/outcome/rows';
import { inRoot } from '../../scripts/lib/root.mjs';

/** Settings that bring out every row a family has. */
const SETTINGS: readonly Partial<ApiSettings>[] = [
  { conflictStatuses: [412, 422], conflictText: 'changed by', createdIsUpdate: true },
  { conflictStatuses: [409, 412, 422], conflictText: 'changed by', crossCompany: false },
  {
    exchange: {
      ...DEFAULT_EXCHANGE,
      answers: {
        ...DEFAULT_EXCHANGE.answers,
        state: { statuses: [], text: 'closed' },
        again: { statuses: [], text: 'job' },
        throttled: { statuses: [], text: 'busy' },
        refusedValue: 'false',
      },
    },
  },
];

const SECTION_OF_FAMILY: Readonly<Record<FamilyId, string>> = {
  dataverse: 'Rows of Dataverse',
  'finance-operations': 'Rows of Finance & Operations',
  'sap-gateway': 'Rows of SAP Gateway',
  odata: 'Rows of OData',
  'sap-cx': 'Rows of SAP CX',
  apriso: 'Rows of Apriso',
  couchdb: 'Rows of CouchDB',
  rest: 'Rows of generic REST',
};

const LISTS: readonly (readonly [section: string, rows: readonly Row[]])[] = [
  ['Rows about repeated requests', REPEAT_ROWS],
  ['Rows of every API', COMMON_ROWS],
  ...FAMILY_IDS.map(id => [SECTION_OF_FAMILY[id], rowsOf(id)] as const),
];

interface Line {
  readonly row: number;
  /** Everything behind the number. */
  readonly text: string;
}

const PAGE = readFileSync(inRoot('docs/decision-table.md'), 'utf8');

/** The lines of a section's tables whose first column is a row number. */
function linesOf(section: string): Line[] {
  const [, rest = ''] = `\n${PAGE}`.split(`\n## ${section}\n`);
  const [text = ''] = rest.split('\n## ');
  return text
    .split('\n')
    .map(line => /^\| (\d+) +\|(.*)$/.exec(line))
    .flatMap(match => (match === null ? [] : [{ row: Number(match[1]), text: match[2] ?? '' }]));
}

function rowsOf(id: FamilyId): Row[] {
  return SETTINGS.flatMap(
    settings => createFamily(id, { ...DEFAULT_API_SETTINGS, ...settings }).rows,
  );
}

/** What a line must hold: class and code, status, header, and whether the write may have been applied. */
function describes({ row: number, text }: Line, row: Row): boolean {
  return (
    number === row.row &&
    text.includes(`\`${row.class}\``) &&
    (row.code === undefined || text.includes(`\`${row.code}\``)) &&
    text.includes('in doubt') === (row.ambiguous ?? false) &&
    (row.apiCode ?? []).every(code => text.includes(`\`${code}\``)) &&
    // Row 39 is about the statuses that the endpoint lists.
    (row.status ?? []).every(status => row.row === 39 || text.includes(String(status))) &&
    (row.header === undefined || text.toLowerCase().includes(row.header[0]))
  );
}

/** Class and outcome, from the table of the classes. */
function classPairs(): (readonly [name: string, outcome: string])[] {
  const [, rest = ''] = PAGE.split('\n| Class ');
  const [table = ''] = rest.split('\n\n');
  return table.split('\n').flatMap(line => {
    const names = [...line.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
    const outcome = names.pop() ?? '';
    return names.map(name => [name, outcome] as const);
  });
}

describe('docs/decision-table.md', () => {
  it.each(LISTS)('%s: holds every row of the code', (section, rows) => {
    const lines = linesOf(section);
    expect(rows.filter(row => !lines.some(line => describes(line, row)))).toEqual([]);
  });

  it.each(LISTS)('%s: holds no row that the code does not have', (section, rows) => {
    const lines = linesOf(section);
    expect(lines.filter(line => !rows.some(row => describes(line, row)))).toEqual([]);
  });

  it('holds every row of a fault', () => {
    expect(linesOf('When no answer came').map(({ row }) => row)).toEqual([51, 52, 53]);
  });

  it('holds every class with its outcome', () => {
    const pairs = classPairs();
    for (const [name, outcome] of pairs) {
      expect([name, outcomeOfClass(name as ResponseClass)]).toEqual([name, outcome]);
    }
    const classes = LISTS.flatMap(([, rows]) => rows.map(row => row.class));
    const named = new Set(pairs.map(([name]) => name));
    expect(classes.filter(name => !named.has(name))).toEqual([]);
  });

  it('says of every number up to 61 where it belongs', () => {
    const numbers = LISTS.flatMap(([section]) => linesOf(section)).map(({ row }) => row);
    const elsewhere = [31, 33, 34, 42, 51, 52, 53, 54, 55, 56, 57, 59];
    const known = new Set([...numbers, ...elsewhere]);
    const all = Array.from({ length: 61 }, (_, n) => n + 1);
    expect(all.filter(number => !known.has(number))).toEqual([]);
  });
});
