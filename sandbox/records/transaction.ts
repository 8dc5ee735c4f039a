/**
 * Writes that hold together or not at all. Whoever works on it does so in one go: nobody else sees
 * what may still be undone. The others at the records stay, because what they change is not part of it.
 */
export class Transaction {
  private readonly undoings: (() => void)[] = [];
  private readonly notes: (() => void)[] = [];
  private readonly written = new Set<object>();

  /** Whether a row was written in it, so that nobody else gets at it. */
  holds(row: object): boolean {
    return this.written.has(row);
  }

  /** A row was written; `undo` takes that back. */
  wrote(row: object, undo: () => void): void {
    this.written.add(row);
    this.undoings.push(undo);
  }

  /** Done only when the transaction holds: what a journal tells has happened. */
  note(tell: () => void): void {
    this.notes.push(tell);
  }

  commit(): void {
    for (const tell of this.notes) tell();
  }

  rollBack(): void {
    for (const undo of this.undoings.reverse()) undo();
  }
}
