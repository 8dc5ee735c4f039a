/**
 * Tokens for retries after faults and throttling, shared by everything one endpoint sends. It stops retry storms:
 * an API that is down gets first tries only. Noise conflicts take none, since a refusal is a fast, healthy answer.
 */
export interface RetryBudget {
  /** Takes the token of one retry. False: there is none left, so the retry must not happen. */
  take(): boolean;
  /** A request was answered properly: earns its share of a token. */
  earn(): void;
}

export interface RetryBudgetSettings {
  /** Tokens to start with, and the most that can be held. */
  readonly capacity: number;
  /** Tokens per proper answer, between 0 and 1: 0.2 allows one retry for five answers. */
  readonly earned: number;
}

/** A full bucket of retry tokens. */
export function createRetryBudget({ capacity, earned }: RetryBudgetSettings): RetryBudget {
  let tokens = capacity;
  return {
    take: () => {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    earn: () => {
      tokens = Math.min(capacity, tokens + earned);
    },
  };
}
