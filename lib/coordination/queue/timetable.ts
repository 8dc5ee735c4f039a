/** One key and its time. */
interface Place {
  readonly key: string;
  readonly at: number;
  /** Of two at the same time the one that came first goes first. */
  readonly order: number;
}

/** Compaction is not worth its while below. */
const SPARE = 64;

/**
 * Keys, each with a time: which is the first? A binary heap, in which those that were moved or removed stay until they
 * come up or outweigh the others.
 */
export class Timetable {
  private readonly places = new Map<string, Place>();
  private heap: Place[] = [];
  private order = 0;

  get size(): number {
    return this.places.size;
  }

  at(key: string): number | undefined {
    return this.places.get(key)?.at;
  }

  /** A key that has that time already keeps its place among those of the same time. */
  set(key: string, at: number): void {
    if (this.places.get(key)?.at === at) return;
    const place = { key, at, order: ++this.order };
    this.places.set(key, place);
    this.push(place);
    this.compact();
  }

  delete(key: string): void {
    if (this.places.delete(key)) this.compact();
  }

  first(): Place | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined || this.isCurrent(top)) return top;
      this.pop();
    }
  }

  /** The first keys, in order. @param until of none that comes later */
  firsts(most: number, until = Infinity): string[] {
    const found: Place[] = [];
    while (found.length < most) {
      const top = this.first();
      if (top === undefined || top.at > until) break;
      found.push(top);
      this.pop();
    }
    for (const place of found) this.push(place);
    return found.map(({ key }) => key);
  }

  private isCurrent(place: Place): boolean {
    return this.places.get(place.key) === place;
  }

  private compact(): void {
    if (this.heap.length <= 2 * this.places.size + SPARE) return;
    // What is sorted is a heap.
    this.heap = [...this.places.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  private push(place: Place): void {
    const { heap } = this;
    let index = heap.push(place) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(place, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = place;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.firstChild(index);
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }

  private firstChild(index: number): number {
    const left = 2 * index + 1;
    const [a, b] = [this.heap[left], this.heap[left + 1]];
    return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
