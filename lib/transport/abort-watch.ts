/** Told when a signal aborts. */
export interface OnAbort {
  aborted(): void;
}

/**
 * Listens to a signal once for all requests that it ends, from the first one on for as long as there is the signal. A
 * signal searches its list of listeners for each one that comes or goes, and a node has one signal for all of its messages.
 */
export class AbortWatch {
  readonly #watched = new WeakMap<AbortSignal, Listeners>();

  /** `waiting` is told once, unless it leaves before. */
  add(signal: AbortSignal, waiting: OnAbort): void {
    let listeners = this.#watched.get(signal);
    if (listeners === undefined) {
      listeners = new Listeners();
      this.#watched.set(signal, listeners);
      signal.addEventListener('abort', listeners, { once: true });
    }
    listeners.waiting.add(waiting);
  }

  delete(signal: AbortSignal, waiting: OnAbort): void {
    const listeners = this.#watched.get(signal);
    if (listeners === undefined) return;
    listeners.waiting.delete(waiting);
    // A set that grows old keeps the garbage collector from what has left it.
    if (listeners.waiting.size === 0) listeners.waiting = new Set();
  }
}

class Listeners implements EventListenerObject {
  waiting = new Set<OnAbort>();

  handleEvent(): void {
    for (const waiting of [...this.waiting]) waiting.aborted();
  }
}
