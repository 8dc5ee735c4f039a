import { describe, expect, it } from 'vitest';
import { csvLine } from '../../plugins/conflicts-sidebar/csv';

/** How a spreadsheet that splits at one separator reads a line whose quotes it heeds only at the beginning of a cell. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    let text = '';
    if (line[at] === '"') {
      at += 1;
      while (at < line.length) {
        if (line.startsWith('""', at)) {
          text += '"';
          at += 2;
        } else if (line[at] === '"') {
          at += 1;
          break;
        } else text += line[at++] ?? '';
      }
    }
    while (at < line.length && line[at] !== separator) text += line[at++] ?? '';
    cells.push(text);
    at += 1;
  }
  return cells;
}

const isFormula = (cell: string): boolean =>
  /^[\s"\u00A0]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]/.test(cell) &&
  !/^[\s"]*[+-]?\d+([.,]\d+)?["\]}]?/.test(cell);

describe('a line of CSV', () => {
  it('is that of RFC 4180: quotes are doubled, and whatever is in them stays', () => {
    expect(csvLine(['SO-1', 'a "b", c', 'two\r\nlines', ''])).toBe(
      '"SO-1","a ""b"", c","two\r\nlines",""\r\n',
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1+1', "'+1+1"],
    ['-2+cmd|x', "'-2+cmd|x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1+1', "\t'=1+1"],
    [' =1+1', " '=1+1"],
    ['"=1+1', '"\'=1+1'],
    ['\uFF1D1+1', "'\uFF1D1+1"],
    ['a;=1+1', "a;'=1+1"],
    ['a\r\n=1+1', "a\r\n'=1+1"],
    ['a,"=1+1"', 'a,"\'=1+1"'],
  ])('shows %j as what it says', (text, shown) => {
    expect(cellsOf(csvLine([text]).slice(0, -2), ',')).toEqual([shown]);
  });

  it.each([
    '-5',
    '+4.5',
    '-1,5',
    'SO-2025-0145',
    'a = b',
    '[1,-2]',
    'mira@example.com',
    '2026-01-01',
  ])('leaves %j alone', text => {
    expect(cellsOf(csvLine([text]).slice(0, -2), ',')).toEqual([text]);
  });

  it('begins no formula in a spreadsheet of another country either', () => {
    const texts = ['x;=1+1', '=a;+b', 'x\t@y', 'x|-y()', '";=1+1', 'x,=1+1', 'x\n=1+1'];
    for (const text of texts) {
      const line = csvLine(['key', text, 'end']).slice(0, -2);
      for (const separator of [',', ';', '\t', '|']) {
        const rows = separator === ',' ? [line] : line.split(/\r?\n/);
        const cells = rows.flatMap(row => cellsOf(row, separator));
        expect(cells.filter(isFormula), `${text} by ${separator}`).toEqual([]);
      }
    }
  });
});
