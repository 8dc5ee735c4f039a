/** A key and its value, which end some time after they began. */
export interface Found<V> {
  readonly value: V;
  readonly lastsMs: number;
}

/** Entries that last equally long. They end in the order in which they came. */
class Group<V> {
  readonly entries = new Map<string, V>();
  private rest: Iterator<[string, V]> | undefined;
  private first: [string, V] | undefined;

  /** The entry that came first. */
  oldest(): [string, V] | undefined {
    // Going on from where the last search ended: a fresh iterator steps over the places of all that have gone.
    while (this.first === undefined || this.entries.get(this.first[0]) !== this.first[1]) {
      this.rest ??= this.entries.entries();
      const next = this.rest.next();
      if (next.done === true) {
        this.rest = undefined;
        this.first = undefined;
        return undefined;
      }
      this.first = next.value;
    }
    return this.first;
  }

  /** Lets go of the search: it would keep the map as it was then in memory while that grows. */
  rewind(): void {
    this.rest = undefined;
    this.first = undefined;
  }
}

/** Values by key that each last for a time. Cheap where few different times are in use, as with settings of nodes. */
export class Lasting<V> {
  private readonly groups = new Map<number, Group<V>>();
  private count = 0;

  /** @param startOf when a value began; later ones must not begin earlier, or they go late */
  constructor(private readonly startOf: (value: V) => number) {}

  /** Entries that have ended count until they are removed. */
  get size(): number {
    return this.count;
  }

  /** Undefined also when it has ended. */
  find(key: string, now: number): Found<V> | undefined {
    for (const [lastsMs, { entries }] of this.groups) {
      const value = entries.get(key);
      if (value === undefined) continue;
      return this.startOf(value) + lastsMs > now ? { value, lastsMs } : undefined;
    }
    return undefined;
  }

  /** Takes the place of an entry of the same key. */
  set(key: string, value: V, lastsMs: number): void {
    this.delete(key);
    let group = this.groups.get(lastsMs);
    if (group === undefined) this.groups.set(lastsMs, (group = new Group()));
    group.entries.set(key, value);
    this.count++;
  }

  /** What it was, ended or not. */
  delete(key: string): V | undefined {
    for (const [lastsMs, { entries }] of this.groups) {
      const value = entries.get(key);
      if (value === undefined) continue;
      entries.delete(key);
      if (entries.size === 0) this.groups.delete(lastsMs);
      this.count--;
      return value;
    }
    return undefined;
  }

  /** Removes the entry that began first. */
  deleteOldest(): void {
    let oldest: [string, V] | undefined;
    for (const group of this.groups.values()) {
      const first = group.oldest();
      if (first === undefined) continue;
      if (oldest === undefined || this.startOf(first[1]) < this.startOf(oldest[1])) oldest = first;
    }
    if (oldest !== undefined) this.delete(oldest[0]);
  }

  /** Removes what has ended, at most so many, and returns that. */
  deleteEnded(now: number, most: number): V[] {
    const ended: V[] = [];
    for (const [lastsMs, group] of this.groups) {
      for (let first = group.oldest(); first !== undefined; first = group.oldest()) {
        if (ended.length >= most || this.startOf(first[1]) + lastsMs > now) break;
        this.delete(first[0]);
        ended.push(first[1]);
      }
    }
    return ended;
  }

  /** When the next one ends; Infinity: none is left. */
  nextEnd(): number {
    let next = Infinity;
    for (const [lastsMs, group] of this.groups) {
      const first = group.oldest();
      group.rewind();
      if (first !== undefined) next = Math.min(next, this.startOf(first[1]) + lastsMs);
    }
    return next;
  }

  *[Symbol.iterator](): Generator<[key: string, value: V, lastsMs: number]> {
    for (const [lastsMs, { entries }] of this.groups) {
      for (const [key, value] of entries) yield [key, value, lastsMs];
    }
  }
}
