import { deadlineFault } from '../fault';
import { patiently } from '../patiently';
import type { SendOptions } from '../transport';

const LATE = deadlineFault('it was the turn of the request');

/** Lets so many in at a time, first come, first served. */
export class Turnstile {
  readonly #limit: () => number;
  readonly #queue = new Set<() => void>();
  #inside = 0;

  /** @param limit how many at present; it may change between any two calls */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Undefined: in, at once. Otherwise resolves when in; rejects with FaultError `ABORTED` or `DEADLINE`. */
  enter(options: SendOptions): Promise<void> | undefined {
    if (this.#queue.size > 0 || this.#inside >= this.#limit()) return this.#wait(options);
    this.#inside++;
    return undefined;
  }

  /** To be called once by everyone who got in. */
  leave(): void {
    this.#inside--;
    for (const letIn of this.#queue) {
      if (this.#inside >= this.#limit()) return;
      this.#queue.delete(letIn);
      this.#inside++;
      letIn();
    }
  }

  async #wait(options: SendOptions): Promise<void> {
    let letIn: (() => void) | undefined;
    const turn = () =>
      new Promise<void>(resolve => {
        letIn = resolve;
        this.#queue.add(resolve);
      });
    try {
      await patiently(turn, options, LATE);
    } catch (error) {
      // Let in at the very moment of giving up: the place is for the next one.
      if (letIn !== undefined && !this.#queue.delete(letIn)) this.leave();
      throw error;
    }
  }
}
