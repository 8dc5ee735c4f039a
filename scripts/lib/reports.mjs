import { EventEmitter } from 'node:events';

/** Of a Node-RED that nobody watches: more would only fill the memory. */
const KEPT = 10_000;

/**
 * What a Node-RED reports, in its order. Flows begin by themselves as soon as they are deployed, so what comes before
 * anybody listens is kept for the first who do: else whatever comes first in a flow is seen or not by chance.
 * @template {Record<string, any>} Kinds kind of report → what is told
 */
export class Reports {
  #heard = new EventEmitter();
  /** Undefined once somebody listens. @type {[string, unknown][] | undefined} */
  #kept = [];
  #tooMany = 0;
  #limit;

  /** @param {number} [limit] so many are kept */
  constructor(limit = KEPT) {
    this.#limit = limit;
  }

  /** @template {keyof Kinds & string} Kind @param {Kind} kind @param {Kinds[Kind]} report */
  tell(kind, report) {
    if (this.#kept === undefined) this.#heard.emit(kind, report);
    else if (this.#kept.length < this.#limit) this.#kept.push([kind, report]);
    else this.#tooMany += 1;
  }

  /**
   * @template {keyof Kinds & string} Kind
   * @param {Kind} kind
   * @param {(report: Kinds[Kind]) => void} listener
   * @returns {() => void} ends it
   */
  listen(kind, listener) {
    if (this.#tooMany > 0)
      throw new Error(`Reports that came too early to be kept: ${this.#tooMany}`);
    // All who begin in one go hear what was kept.
    if (this.#heard.eventNames().length === 0) queueMicrotask(() => this.#handOver());
    this.#heard.on(kind, listener);
    return () => void this.#heard.off(kind, listener);
  }

  #handOver() {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const [kind, report] of kept) this.#heard.emit(kind, report);
  }
}
