import type { RequestHandler } from 'express';
import type { NodeAPI } from './node-api';

/** How long a request waits at most for the end of a deploy, milliseconds: a node has 15 s to close. */
const LONGEST_MS = 20_000;
/** Within this time nodes that were stopped are started again, or they are not at all, milliseconds. */
const START_MS = 2_000;

/** What nodes have to know of the deploy that stops them. */
export interface Deploys {
  /** Only some nodes are being stopped: the flow around them goes on, and waits for them meanwhile. */
  readonly isPartial: boolean;
  /** Lets work end although its node is closed already; a stop of everything waits for it. */
  inBackground(work: Promise<unknown>): void;
  /** Resolves when nothing is left in the background. */
  settled(): Promise<unknown>;
  /** Calls back when the nodes of a deploy have been started, until the returned function is called. */
  onStarted(listener: () => void): () => void;
  /** Resolves when no deploy is under way: while one is, nodes are missing that are there again in a moment. */
  over(): Promise<void>;
}

class Watch implements Deploys {
  isPartial = false;
  private readonly listeners = new Set<() => void>();
  private readonly background = new Set<Promise<unknown>>();
  private readonly waiting = new Set<() => void>();
  private isUnderWay = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  inBackground(work: Promise<unknown>): void {
    const ended = work.catch(() => undefined);
    this.background.add(ended);
    void ended.then(() => this.background.delete(ended));
  }

  settled(): Promise<unknown> {
    return Promise.all(this.background);
  }

  onStarted(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  async over(): Promise<void> {
    if (this.isUnderWay) await new Promise<void>(resolve => this.waiting.add(resolve));
  }

  /** The next step of a deploy is expected within this time; without it, there is none. */
  expect(ms: number): void {
    this.isUnderWay = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.ended();
    }, ms);
    this.timer.unref();
  }

  readonly started = (): void => {
    for (const listener of [...this.listeners]) listener();
    this.ended();
  };

  private ended(): void {
    clearTimeout(this.timer);
    this.isUnderWay = false;
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/**
 * One listener per runtime, whatever its nodes are. Not on a config node, where other state lives: a deploy belongs to
 * none of them, nodes without one need it as well, and its start is told before they are made anew. Nothing in here
 * outlives its runtime.
 */
const WATCHES = new WeakMap<object, Watch>();

/** The deploys of this runtime. */
export function deploysOf({ events }: Pick<NodeAPI, 'events'>): Deploys {
  const known = WATCHES.get(events);
  if (known !== undefined) return known;
  const watch = new Watch();
  WATCHES.set(events, watch);
  // Emitted before the first node is closed. A stop of everything, as at the end of the process, is of type "full".
  events.on('flows:stopping', (stop: { readonly type?: unknown } | undefined) => {
    watch.isPartial = stop?.type === 'nodes' || stop?.type === 'flows';
    watch.expect(LONGEST_MS);
  });
  // Nothing tells of a start that does not come, as with types that are missing or flows that are stopped by hand.
  events.on('flows:stopped', () => {
    watch.expect(START_MS);
  });
  events.on('flows:starting', () => {
    watch.expect(LONGEST_MS);
  });
  events.on('flows:started', watch.started);
  return watch;
}

/** For routes that look for deployed nodes: a request lets a deploy end first, which Node-RED reports before it starts the nodes. */
export function afterDeploy(RED: Pick<NodeAPI, 'events'>): RequestHandler {
  const deploys = deploysOf(RED);
  return (_request, _response, next) => {
    void deploys.over().then(next);
  };
}
