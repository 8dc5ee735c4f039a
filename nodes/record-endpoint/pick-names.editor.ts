/** The part of a text that a list is about: all of it, or the name between two commas that the cursor is in. */
export interface Part {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export function partAt(text: string, cursor: number, isMany: boolean): Part {
  if (!isMany) return { text: text.trim(), from: 0, to: text.length };
  const from = text.lastIndexOf(',', cursor - 1) + 1;
  const comma = text.indexOf(',', cursor);
  const to = comma < 0 ? text.length : comma;
  return { text: text.slice(from, to).trim(), from, to };
}

/** The text with a name in the place of a part, and where the cursor goes. */
export function withName(
  text: string,
  { from, to }: Part,
  name: string,
  isMany: boolean,
): { readonly text: string; readonly cursor: number } {
  if (!isMany) return { text: name, cursor: name.length };
  // In such lists a name that holds a comma stands in quotes.
  const written = /[,"]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
  const before = from === 0 ? '' : `${text.slice(0, from)} `;
  return { text: before + written + text.slice(to), cursor: before.length + written.length };
}

/** What of a list fits a text: names that begin with it first. An exact name shows all, to choose another one. */
export function fitting<Item extends { readonly value: string; readonly detail: string }>(
  items: readonly Item[],
  text: string,
): readonly Item[] {
  const wanted = text.toLowerCase();
  if (wanted === '' || items.some(({ value }) => value.toLowerCase() === wanted)) return items;
  const begins = items.filter(({ value }) => value.toLowerCase().startsWith(wanted));
  const known = new Set(begins);
  const holds = items.filter(
    item =>
      !known.has(item) &&
      (item.value.toLowerCase().includes(wanted) || item.detail.toLowerCase().includes(wanted)),
  );
  return [...begins, ...holds];
}
