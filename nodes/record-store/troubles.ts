import type { StoreTrouble } from '../../lib/coordination/store-trouble';

/** What is wrong with a store at present, and who wants to know. */
export class Troubles {
  private readonly listeners = new Set<() => void>();
  private latest: StoreTrouble | undefined;

  /** Undefined: nothing is. */
  get current(): StoreTrouble | undefined {
    return this.latest;
  }

  tell(trouble: StoreTrouble | undefined): void {
    this.latest = trouble;
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls back after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
