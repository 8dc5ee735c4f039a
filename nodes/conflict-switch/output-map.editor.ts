interface Placed {
  /** The output before the dialog was opened; none for a new row. */
  output?: number;
}

/** Tells the editor where each old output went, so that its wires move along. */
export interface OutputMap<Item extends Placed> {
  removed(item: Item): void;
  update(items: readonly Item[]): void;
}

/** Writes the map into the hidden field `outputs`: old index (or a name for a new row) to new index, −1 for gone. */
export function createOutputMap<Item extends Placed>(hidden: JQuery): OutputMap<Item> {
  const gone = new Set<number>();
  return {
    removed(item) {
      if (item.output !== undefined) gone.add(item.output);
    },
    update(items) {
      const map: Record<string, number> = {};
      for (const output of gone) map[String(output)] = -1;
      items.forEach((item, index) => {
        map[item.output === undefined ? `new-${String(index)}` : String(item.output)] = index;
      });
      hidden.val(JSON.stringify(map));
    },
  };
}
