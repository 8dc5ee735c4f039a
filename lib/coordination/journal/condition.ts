import type { Time } from '../../retry/time';
import type { StoreTrouble } from '../store-trouble';

export interface ConditionOptions {
  readonly time: Pick<Time, 'monotonic'>;
  readonly describe: (error: Error) => StoreTrouble;
  /** Called when it begins to fail, and with undefined when that is over. */
  readonly onTrouble: (trouble: StoreTrouble | undefined) => void;
}

/** Trying again must not take up disk and processor: a whole file may have to be written for it. */
const MIN_PAUSE_MS = 1000;
const PAUSE_PER_EFFORT = 10;

/** Something that may fail for a while: it says so once, and is tried again at a bearable pace. */
export class Condition {
  private failing: { readonly error: Error; readonly trouble: StoreTrouble } | undefined;
  private retryAt = -Infinity;

  constructor(private readonly options: ConditionOptions) {}

  get trouble(): StoreTrouble | undefined {
    return this.failing?.trouble;
  }

  /**
   * Rejects with what went wrong; too soon after that, with the same once more.
   * @param isPaced the caller comes again at a bearable pace of its own
   */
  async attempt(action: () => Promise<unknown>, isPaced = false): Promise<void> {
    const { time } = this.options;
    const begun = time.monotonic();
    if (this.failing !== undefined && !isPaced && begun < this.retryAt) throw this.failing.error;
    try {
      await action();
    } catch (error) {
      const now = time.monotonic();
      this.retryAt = now + Math.max(MIN_PAUSE_MS, (now - begun) * PAUSE_PER_EFFORT);
      this.fail(error as Error);
      throw error;
    }
    this.recover();
  }

  private fail(error: Error): void {
    const { describe, onTrouble } = this.options;
    const before = this.failing?.trouble;
    const now = describe(error);
    // The same once more is not told again, even if it says so in other words.
    const trouble = before?.kind === now.kind ? before : now;
    this.failing = { error, trouble };
    if (trouble !== before) onTrouble(trouble);
  }

  private recover(): void {
    if (this.failing === undefined) return;
    this.failing = undefined;
    this.options.onTrouble(undefined);
  }
}
