import { once } from 'node:events';
import { clearTimeout as stopWaiting, setTimeout as waitAtMost } from 'node:timers';
import type { NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest';
import { PATIENCE_MS } from '../../scripts/lib/patience.mjs';
import backoffDelay from '../../nodes/backoff-delay/backoff-delay';
import bulkUpdate from '../../nodes/bulk-update/bulk-update';
import conditionalUpdate from '../../nodes/conditional-update/conditional-update';
import conflictMonitor from '../../nodes/conflict-monitor/conflict-monitor';
import conflictSwitch from '../../nodes/conflict-switch/conflict-switch';
import etagFetch from '../../nodes/etag-fetch/etag-fetch';
import deadLetter from '../../nodes/dead-letter/dead-letter';
import eventDedupe from '../../nodes/event-dedupe/event-dedupe';
import recordEndpoint from '../../nodes/record-endpoint/record-endpoint';
import recordLock from '../../nodes/record-lock/record-lock';
import recordStore from '../../nodes/record-store/record-store';
import transitionGuard from '../../nodes/transition-guard/transition-guard';
import updateQueue from '../../nodes/update-queue/update-queue';
import type { TransitionGuard } from '../../lib/lifecycle/guard';
import type { UpdateResult } from '../../lib/outcome/outcome';
import type { Snapshot } from '../../lib/record/snapshot';
import type { LeaseInMessage } from '../../nodes/shared/lease';
import type { RetryCounter } from '../../nodes/shared/retry-counter';
import { TAB, type FlowNode } from './flow-nodes';
import { filledIn } from './words';
import { nodeRedRequire } from './node-red-require';

/** A message as these tests look at it. */
export interface Msg {
  [name: string]: unknown;
  payload?: unknown;
  key?: unknown;
  record?: Snapshot;
  update?: UpdateResult;
  retry?: RetryCounter;
  lock?: LeaseInMessage;
  guard?: TransitionGuard;
  error?: { readonly message: string; readonly code?: string; readonly source: { id: string } };
}

export interface LogLine {
  readonly level: number;
  readonly id?: string;
  readonly msg: unknown;
}

/** One message that a node has finished with, as the runtime was told. */
export interface Completion {
  readonly node: string;
  readonly msg: Msg;
  readonly error: (Error & { readonly code?: string }) | undefined;
}

export interface ShownStatus {
  readonly id: string;
  readonly status: { readonly fill?: string; readonly shape?: string; readonly text?: string };
}

/** The parts of the runtime that the helper does not hand out. */
interface Runtime {
  readonly hooks: {
    add(id: string, hook: (event: CompletionEvent) => void): void;
    remove(id: string): void;
  };
  readonly events: NodeJS.EventEmitter;
}

interface CompletionEvent {
  readonly msg: Msg;
  readonly error?: Completion['error'];
  readonly node: { readonly id: string };
}

/** Both return promises since 0.3.5, which their types do not say. */
const server = helper as unknown as Record<'startServer' | 'stopServer', () => Promise<void>>;

/** What stands behind `setFlows` of the helper. */
const deployer = helper as unknown as {
  readonly _redNodes: { setFlows(flows: object, credentials: object, type: string): Promise<void> };
};

const NODES = [
  recordEndpoint,
  etagFetch,
  conditionalUpdate,
  bulkUpdate,
  conflictSwitch,
  backoffDelay,
  recordLock,
  recordStore,
  deadLetter,
  eventDedupe,
  transitionGuard,
  updateQueue,
  conflictMonitor,
].map(speaking);

export const WARN = 30;

const TURN_MS = 10;

/** The helper gives nodes no texts. A status stays a key, as the runtime hands it to the editor. */
function speaking(init: unknown): NodeInitializer {
  const _ = (key: string, values?: Record<string, string | number>): string =>
    key.includes('.status.') ? key : filledIn(key, values);
  return RED => (init as NodeInitializer)(Object.create(RED, { _: { value: _ } }));
}

/** Node-RED for all tests of a file. */
export function useNodeRed(): void {
  beforeAll(async () => {
    helper.init(nodeRedRequire.resolve('node-red'));
    await server.startServer();
  });
  afterEach(async () => {
    await helper.unload();
  });
  afterAll(async () => {
    await server.stopServer();
  });
}

/** The user directory for the flows that are started from now on; undefined: none. */
export function useUserDir(userDir: string | undefined): void {
  helper.settings({ userDir });
}

/** A running flow and everything that came out of it. */
export class Flow {
  readonly completions: Completion[] = [];
  readonly statuses: ShownStatus[] = [];
  private readonly received = new Map<string, Msg[]>();
  private readonly collected = new WeakSet<object>();
  private readonly watchers = new Set<() => void>();

  /** Deploys the nodes; ends with the test. */
  static async start(
    nodes: readonly FlowNode[],
    credentials: Record<string, Record<string, string>> = {},
    extra: readonly NodeInitializer[] = [],
  ): Promise<Flow> {
    const flow = new Flow();
    flow.watch();
    await helper.load([...NODES, ...extra], tabWith(nodes), credentials);
    flow.collect(nodes);
    return flow;
  }

  /** How many listen to an event of the runtime. */
  static listening(event: string): number {
    return (nodeRedRequire('node-red') as Runtime).events.listenerCount(event);
  }

  /** Every log line so far. */
  get logs(): LogLine[] {
    return helper.log().args.map(([line]) => line as LogLine);
  }

  get warnings(): string[] {
    return this.logs.filter(({ level }) => level === WARN).map(({ msg }) => String(msg));
  }

  get errors(): Msg[] {
    return this.inbox('caught');
  }

  /** Everything an inbox has received. */
  inbox(id: string): Msg[] {
    const found = this.received.get(id) ?? [];
    this.received.set(id, found);
    return found;
  }

  /** Calls back at once with whatever reaches an inbox. */
  onReceive(id: string, callback: (msg: Msg) => void): void {
    helper.getNode(id).on('input', msg => {
      callback(msg);
    });
  }

  /** Hands a message to a node, as a wire would. */
  send(id: string, msg: Msg): void {
    helper.getNode(id).receive(msg);
  }

  /** Sends one message and waits for what any of the inboxes receives next. */
  async pass(id: string, msg: Msg): Promise<{ readonly at: string; readonly msg: Msg }> {
    const before = new Map([...this.received].map(([at, list]) => [at, list.length]));
    this.send(id, msg);
    return this.until(() => {
      for (const [at, list] of this.received) {
        const next = list[before.get(at) ?? 0];
        if (next !== undefined) return { at, msg: next };
      }
      return undefined;
    }, `an answer to the message for ${id}`);
  }

  /** Waits until an inbox has received that many messages. */
  async count(id: string, count: number): Promise<Msg[]> {
    return this.until(
      () => (this.inbox(id).length >= count ? this.inbox(id) : undefined),
      `${String(count)} messages at ${id}`,
    );
  }

  /** Waits for something that a message, a status, a log line or a completion brings about. */
  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const found = look();
    if (found !== undefined) return found;
    return new Promise<T>((resolve, reject) => {
      // By the real clock: a faster one would leave a busy machine less time.
      const timer = waitAtMost(() => {
        this.watchers.delete(check);
        reject(new Error(`waited in vain for ${what}; errors: ${JSON.stringify(this.errors)}`));
      }, PATIENCE_MS);
      const check = (): void => {
        const now = look();
        if (now === undefined) return;
        stopWaiting(timer);
        this.watchers.delete(check);
        resolve(now);
      };
      this.watchers.add(check);
    });
  }

  /** Waits until a node shows this status. */
  async shows(id: string, text: string): Promise<ShownStatus['status']> {
    return this.until(
      () => this.statuses.find(shown => shown.id === id && shown.status.text === text)?.status,
      `status ${text} of ${id}`,
    );
  }

  /** How often a node has finished with a message. */
  completionsOf(id: string): Completion[] {
    return this.completions.filter(({ node }) => node === id);
  }

  /** Stops all nodes, as a restart does. */
  async stop(): Promise<void> {
    await helper.clearFlows();
  }

  /**
   * Stops all nodes; whether that took less. The turns of an interval tell, not the time: while the process stands still
   * there are none.
   */
  async stopsWithin(ms: number): Promise<boolean> {
    let turns = 0;
    const clock = setInterval(() => turns++, TURN_MS);
    await this.stop();
    clearInterval(clock);
    return turns * TURN_MS < ms;
  }

  /** Stops everything and takes it away, as the end of the process does: another flow can be started then. */
  async end(): Promise<void> {
    (nodeRedRequire('node-red') as Runtime).hooks.remove('onComplete.flow-test');
    await helper.unload();
  }

  /** Deploys everything anew, or only the nodes that are different. */
  async redeploy(nodes: readonly FlowNode[], type: 'full' | 'nodes' = 'full'): Promise<void> {
    // The helper's own waits 300 ms for the start, however busy the computer is.
    const started = once((nodeRedRequire('node-red') as Runtime).events, 'flows:started');
    await deployer._redNodes.setFlows(tabWith(nodes), {}, type);
    await started;
    this.collect(nodes);
  }

  private watch(): void {
    const runtime = nodeRedRequire('node-red') as Runtime;
    const onStatus = (shown: ShownStatus): void => {
      this.statuses.push(shown);
      this.notify();
    };
    runtime.events.on('node-status', onStatus);
    runtime.hooks.add('onComplete.flow-test', ({ msg, error, node }) => {
      this.completions.push({ node: node.id, msg, error });
      this.notify();
    });
    onTestFinished(() => {
      runtime.events.off('node-status', onStatus);
      runtime.hooks.remove('onComplete.flow-test');
    });
  }

  private collect(nodes: readonly FlowNode[]): void {
    for (const { id, type } of nodes) {
      if (type !== 'helper') continue;
      const inbox = helper.getNode(id);
      // A deploy of single nodes leaves the others as they are.
      if (this.collected.has(inbox)) continue;
      this.collected.add(inbox);
      const list = this.inbox(id);
      inbox.on('input', msg => {
        list.push(msg);
        this.notify();
      });
    }
  }

  private notify(): void {
    // After the runtime is through with this event, so that all of its effects can be seen.
    setImmediate(() => {
      for (const check of [...this.watchers]) check();
    });
  }
}

function tabWith(nodes: readonly FlowNode[]): never {
  return [{ id: TAB, type: 'tab', label: 'Test', disabled: false, info: '' }, ...nodes] as never;
}
