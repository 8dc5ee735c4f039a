/** A value that changes, and who wants to know. */
export class Told<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private latest: T) {}

  get current(): T {
    return this.latest;
  }

  tell(value: T): void {
    this.latest = value;
    for (const listener of [...this.listeners]) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
