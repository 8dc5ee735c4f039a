import type { RetryBudget } from '../../retry/budget';

/**
 * What all who share one answer share of what follows: one draw, so that they wait equally long and go together again,
 * and one token of the retry budget, because it will be one request.
 */
export class Round {
  /** As the policies of the members see it; undefined: retries are bounded by their number only. */
  readonly budget: RetryBudget | undefined;
  private drawn: number | undefined;
  private isGranted: boolean | undefined;

  /** @param budget of the endpoint */
  constructor(
    private readonly draw: () => number,
    budget: RetryBudget | undefined,
  ) {
    if (budget === undefined) return;
    this.budget = {
      take: () => (this.isGranted ??= budget.take()),
      earn: () => {
        budget.earn();
      },
    };
  }

  /** Uniform in [0, 1). */
  readonly random = (): number => (this.drawn ??= this.draw());

  /** To be called just before the members of one answer are told. */
  next(): void {
    this.drawn = undefined;
    this.isGranted = undefined;
  }
}
