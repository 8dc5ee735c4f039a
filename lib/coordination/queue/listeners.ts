/** Who wants to be told of something; whoever came first is told. */
export class Listeners<T> {
  private readonly all = new Set<(value: T) => void>();

  get areNone(): boolean {
    return this.all.size === 0;
  }

  /** Until the returned function is called. */
  add(listener: (value: T) => void): () => void {
    // The same function may listen twice.
    const own = (value: T): void => {
      listener(value);
    };
    this.all.add(own);
    return () => {
      this.all.delete(own);
    };
  }

  tellOne(...values: readonly T[]): void {
    for (const value of values) {
      const [first] = this.all;
      first?.(value);
    }
  }
}
