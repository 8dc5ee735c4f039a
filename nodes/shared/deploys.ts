import type { NodeAPI } from './node-api';

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
}

class Watch implements Deploys {
  isPartial = false;
  private readonly listeners = new Set<() => void>();
  private readonly background = new Set<Promise<unknown>>();

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

  readonly started = (): void => {
    for (const listener of [...this.listeners]) listener();
  };
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
  });
  events.on('flows:started', watch.started);
  return watch;
}
