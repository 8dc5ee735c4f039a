/** A comma-separated text by RFC 4180, in UTF-8 with the mark by which spreadsheets know it. */
export const BYTE_ORDER_MARK = '\uFEFF';

const LINE_END = '\r\n';

export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',') + LINE_END;
}

/**
 * Where a spreadsheet would begin a formula: at the beginning of a cell, and after whatever may separate cells, since a
 * spreadsheet set to another country splits at semicolons or tabs and then heeds no quotes. A plain number is none.
 */
const FORMULA =
  /(^|[;,|\t\r\n])([\s"'\u00A0]*)(?=[=+\-@\uFF0B\uFF0D\uFF1D\uFF20])(?![+-]?\d+(?:[.,]\d+)?(?:$|[;,|\t\r\n"\]}]))/g;

/** A cell that is shown as what it says, and never computed: what would be a formula gets an apostrophe in front. */
function csvCell(text: string): string {
  const harmless = text.replace(FORMULA, "$1$2'");
  return `"${harmless.replaceAll('"', '""')}"`;
}
