/** Lines of columns: names to the left, figures to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map(row => row.map(String));
  const columns = Math.max(...cells.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map(row => row[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return cells.map(row => `  ${row.map(pad).join('  ')}`.trimEnd()).join('\n');
}
