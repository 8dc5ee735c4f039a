/** Which items of a list are of the same record. Flat arrays of numbers, for lists are long. */
export interface Groups {
  readonly count: number;
  /** Places in the list, in its order. The groups stand in the order of their first items. */
  itemsOf(group: number): readonly number[];
  /** The groups in the order of their addresses: whoever takes the turns of several records takes them in it. */
  byAddress(): Iterable<number>;
}

/** @param urls by item; undefined: it is of no record, and a group of its own, before all addresses */
export function groupItems(urls: readonly (string | undefined)[]): Groups {
  const groupOf = new Uint32Array(urls.length);
  const firsts: number[] = [];
  const known = new Map<string, number>();
  for (const [item, url] of urls.entries()) {
    let group = url === undefined ? undefined : known.get(url);
    if (group === undefined) {
      group = firsts.length;
      firsts.push(item);
      if (url !== undefined) known.set(url, group);
    }
    groupOf[item] = group;
  }
  const order = ordered(firsts, urls);
  const { starts, items } = sorted(groupOf, firsts.length);
  return {
    count: firsts.length,
    itemsOf: group => between(items, starts[group] ?? 0, starts[group + 1] ?? 0),
    byAddress: () => order,
  };
}

/** Written out: nearly all are of one item, and a part of a typed array is dear to make. */
function between(items: Uint32Array, start: number, end: number): number[] {
  const found: number[] = [];
  for (let at = start; at < end; at++) found.push(items[at] ?? 0);
  return found;
}

function ordered(firsts: readonly number[], urls: readonly (string | undefined)[]): Uint32Array {
  const addressOf = (group: number): string => urls[firsts[group] ?? -1] ?? '';
  const order = Uint32Array.from(firsts.keys());
  return order.sort((one, other) => {
    const [a, b] = [addressOf(one), addressOf(other)];
    return a < b ? -1 : Number(a > b);
  });
}

/** The items of each group one after the other: those of group n between `starts[n]` and `starts[n + 1]`. */
function sorted(
  groupOf: Uint32Array,
  count: number,
): { readonly starts: Uint32Array; readonly items: Uint32Array } {
  const starts = new Uint32Array(count + 1);
  for (const group of groupOf) starts[group + 1] = (starts[group + 1] ?? 0) + 1;
  for (let group = 0; group < count; group++) {
    starts[group + 1] = (starts[group + 1] ?? 0) + (starts[group] ?? 0);
  }
  const next = starts.slice();
  const items = new Uint32Array(groupOf.length);
  for (const [item, group] of groupOf.entries()) {
    const place = next[group] ?? 0;
    items[place] = item;
    next[group] = place + 1;
  }
  return { starts, items };
}
