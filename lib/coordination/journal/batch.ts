/** Lines that reach the disk together. */
export class Batch {
  readonly lines: string[] = [];
  readonly done: Promise<void>;
  private resolve: (outcome: Promise<void>) => void = () => undefined;

  constructor() {
    this.done = new Promise(resolve => {
      this.resolve = resolve;
    });
  }

  /** `done` takes the outcome over. Resolves when that is known; never rejects. */
  async settle(outcome: Promise<void>): Promise<void> {
    this.resolve(outcome);
    await outcome.catch(() => undefined);
  }
}
