import { InputError } from '../../errors';
import { MAX_TIMER_MS, type Time } from '../../retry/time';
import type { AbortWatch, OnAbort } from '../abort-watch';
import { abortedFault, FaultError, queueTimeoutFault, throttledFault } from '../fault';
import type { Held, Place } from '../transport';
import type { ThrottleGate } from './gate';

/** What hands out the places. */
export interface Places {
  /** Takes a place, unless none is free or work that has begun waits for one. */
  tryEnter(): boolean;
  /** Gives a place back. */
  leave(): void;
}

export interface FairQueueParts {
  readonly places: Places;
  readonly gate: ThrottleGate;
  readonly time: Pick<Time, 'sleep'>;
  readonly aborts: AbortWatch;
  /** How many may wait at present; it may change between any two calls. */
  readonly maxWaiting: () => number;
}

/**
 * Where the updates of one credential wait for their first place. The nodes are served in turn, so that none waits until
 * another one's burst is over; what comes first to a node goes first. Nobody begins while the API throttles.
 */
export class FairQueue {
  readonly #parts: FairQueueParts;
  /** The lines in which somebody waits, in the order in which they are served. */
  readonly #lines = new Set<Line>();
  #waiting = 0;
  /** Ends the sleep until the API takes requests again. */
  #sleep: AbortController | undefined;

  constructor(parts: FairQueueParts) {
    this.#parts = parts;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting;
  }

  /** @param maxWaitMs longest wait of an update; undefined: no limit */
  entrance(maxWaitMs?: number): Entrance {
    return new Entrance(this, maxWaitMs);
  }

  /** Gives out what places there are. To be called when one may have become free. */
  serve(): void {
    for (const line of this.#lines) {
      const heldMs = this.#parts.gate.heldForMs();
      if (heldMs > 0) this.#serveIn(heldMs);
      if (heldMs > 0 || !this.#parts.places.tryEnter()) return;
      // To the end of the row: a loop over a set comes to what is added meanwhile.
      this.#lines.delete(line);
      this.#lines.add(line);
      line.letIn();
    }
  }

  /** Called by `UpdatePlace.begin`, which tells what it returns. */
  enter(line: Line, place: UpdatePlace, wait: FirstWait): Promise<void> | undefined {
    const heldMs = this.#parts.gate.heldForMs();
    if (heldMs === 0 && this.#waiting === 0 && this.#parts.places.tryEnter()) {
      place.had();
      return undefined;
    }
    const refusal = this.#refusal(line, wait, heldMs);
    if (refusal !== undefined) return Promise.reject(refusal);
    wait.onHeld?.(heldMs > 0 ? 'throttled' : 'limited');
    if (heldMs > 0) this.#serveIn(heldMs);
    this.#waiting++;
    this.#lines.add(line);
    return line.wait(place, wait.stop, this.#parts.aborts);
  }

  /** Called by a line that somebody has left, with a place or without. */
  left(line: Line): void {
    if (line.isEmpty) this.#lines.delete(line);
    if (--this.#waiting > 0) return;
    this.#sleep?.abort();
    this.#sleep = undefined;
  }

  leave(): void {
    this.#parts.places.leave();
  }

  /** Ends all waits at one entrance. */
  end(entrance: Entrance): void {
    for (const line of [...this.#lines]) if (line.entrance === entrance) line.end();
  }

  /** Why somebody has waited in vain: an API that throttles has said from when on it takes requests. */
  late(maxWaitMs: number): FaultError {
    const heldMs = this.#parts.gate.heldForMs();
    return new FaultError(heldMs > 0 ? throttledFault(heldMs) : queueTimeoutFault(maxWaitMs));
  }

  #refusal({ entrance }: Line, { stop }: FirstWait, heldMs: number): Error | undefined {
    const { isClosed, maxWaitMs = Infinity } = entrance;
    if (isClosed || stop.aborted) return new FaultError(abortedFault(false));
    const most = this.#parts.maxWaiting();
    if (this.#waiting >= most) return queueFull(most);
    return heldMs >= maxWaitMs ? new FaultError(throttledFault(heldMs)) : undefined;
  }

  /** Nobody else may come by at the time from which on the API takes requests again. */
  #serveIn(ms: number): void {
    if (this.#sleep !== undefined) return;
    const sleep = new AbortController();
    this.#sleep = sleep;
    const wake = (): void => {
      if (this.#sleep !== sleep) return;
      this.#sleep = undefined;
      this.serve();
    };
    this.#parts.time.sleep(Math.min(Math.ceil(ms), MAX_TIMER_MS), sleep.signal).then(wake, wake);
  }
}

function queueFull(most: number): InputError {
  return new InputError(
    'QUEUE_FULL',
    `${String(most)} updates wait for this API already, so this one was not taken. Send fewer at a time, or raise "Waiting updates" in the endpoint.`,
  );
}

/** One endpoint's way into the queue. */
export class Entrance {
  readonly maxWaitMs: number | undefined;
  readonly #queue: FairQueue;
  readonly #lines = new WeakMap<object, Line>();
  #isClosed = false;

  constructor(queue: FairQueue, maxWaitMs: number | undefined) {
    this.#queue = queue;
    this.maxWaitMs = maxWaitMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The line of one node. */
  lineFor(node: object): Line {
    const known = this.#lines.get(node);
    if (known !== undefined) return known;
    const line = new Line(this.#queue, this);
    this.#lines.set(node, line);
    return line;
  }

  /** Whoever waits, or comes later, ends with FaultError `ABORTED`. Places that are held stay so. */
  close(): void {
    this.#isClosed = true;
    this.#queue.end(this);
  }
}

/** One node's updates that have not begun. */
export class Line {
  readonly entrance: Entrance;
  readonly #queue: FairQueue;
  readonly #waiting = new Set<UpdatePlace>();

  constructor(queue: FairQueue, entrance: Entrance) {
    this.#queue = queue;
    this.entrance = entrance;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** The place of one update, which has none yet. */
  place(): UpdatePlace {
    return new UpdatePlace(this.#queue, this);
  }

  wait(place: UpdatePlace, stop: AbortSignal, aborts: AbortWatch): Promise<void> {
    this.#waiting.add(place);
    return place.wait(stop, aborts);
  }

  /** The first one begins, in the place that was taken for it. */
  letIn(): void {
    for (const place of this.#waiting) {
      place.letIn();
      return;
    }
  }

  delete(place: UpdatePlace): void {
    this.#waiting.delete(place);
    this.#queue.left(this);
  }

  end(): void {
    for (const place of [...this.#waiting]) place.aborted();
  }
}

/** How an update waits for its first place. */
export interface FirstWait {
  /** Ends the wait. */
  readonly stop: AbortSignal;
  /** Told when it has to wait. */
  readonly onHeld?: ((why: Held) => void) | undefined;
}

/**
 * One update's place among the requests that are under way at a time, from its first request to its last; it is left
 * while the update sleeps. Waiting costs one promise, and a timer only where the wait is limited.
 */
export class UpdatePlace implements Place, OnAbort {
  readonly #queue: FairQueue;
  readonly #line: Line;
  #isHeld = false;
  #end: ((error?: FaultError) => void) | undefined;

  constructor(queue: FairQueue, line: Line) {
    this.#queue = queue;
    this.#line = line;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * Takes the first place. Undefined: it was free. Otherwise resolves when it is had; rejects with InputError
   * `QUEUE_FULL`, or with FaultError (sent `no`) `ABORTED`, also when the endpoint closes, and `QUEUE_TIMEOUT` or
   * `THROTTLED` where the wait is limited.
   */
  begin(wait: FirstWait): Promise<void> | undefined {
    return this.#queue.enter(this.#line, this, wait);
  }

  had(): void {
    this.#isHeld = true;
  }

  leave(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#queue.leave();
  }

  wait(stop: AbortSignal, aborts: AbortWatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#timer();
      this.#end = error => {
        clearTimeout(timer);
        aborts.delete(stop, this);
        this.#end = undefined;
        this.#line.delete(this);
        if (error === undefined) resolve();
        else reject(error);
      };
      aborts.add(stop, this);
    });
  }

  /** Held at once, so that whoever hears of it a moment later can give it back in any case. */
  letIn(): void {
    this.had();
    this.#end?.();
  }

  aborted(): void {
    this.#end?.(new FaultError(abortedFault(false)));
  }

  #timer(): NodeJS.Timeout | undefined {
    const { maxWaitMs } = this.#line.entrance;
    if (maxWaitMs === undefined) return undefined;
    return setTimeout(
      () => this.#end?.(this.#queue.late(maxWaitMs)),
      Math.min(maxWaitMs, MAX_TIMER_MS),
    );
  }
}
