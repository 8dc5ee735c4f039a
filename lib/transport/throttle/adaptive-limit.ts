/**
 * How many requests an API takes at a time, found by additive increase and multiplicative decrease: one more after
 * every `limit` proper answers, half as many at a sign of overload. Always between 1 and `full`.
 */
export class AdaptiveLimit {
  #full: number;
  #limit: number;
  #answered = 0;
  #round = 0;

  constructor(full: number) {
    this.#full = full;
    this.#limit = full;
  }

  get full(): number {
    return this.#full;
  }

  /** A limit that nothing has lowered follows the full one. */
  set full(full: number) {
    this.#limit = this.#limit === this.#full ? full : Math.min(this.#limit, full);
    this.#full = full;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Counts the decreases. A request remembers the round in which it was sent. */
  get round(): number {
    return this.#round;
  }

  /** A request was answered properly. True when the limit has grown. */
  answered(): boolean {
    if (this.#limit === this.#full || ++this.#answered < this.#limit) return false;
    this.#answered = 0;
    this.#limit++;
    return true;
  }

  /**
   * A request found the API overloaded. One that was sent before the last decrease tells nothing new: the requests
   * under way at that time are one burst, and each may come back refused.
   */
  overloaded(sentInRound: number): void {
    if (sentInRound !== this.#round) return;
    this.#round++;
    this.#answered = 0;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }
}
