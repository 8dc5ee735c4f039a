import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import RED, { type Node, type NodeDef } from 'node-red';
import { ON_TAB } from '../drivers/record-nodes';
import { packageName } from './build';
import { linkPackage } from './link-package';
import { ROOT } from './paths';

export type FlowNode = Readonly<Record<string, unknown>>;
export type Message = Record<string, unknown>;

/** A running flow between an entry node, which works like inject, and an exit node. */
export interface Flow {
  /**
   * Sends a message into the flow; resolves with the message that arrives at the exit.
   * @param isLast asked of each that arrives, where several do
   */
  send(msg: Message, isLast?: (msg: Message) => boolean): Promise<Message>;
  close(): Promise<void>;
}

/** Ids of the two nodes: wire `ENTRY` to the first node of the flow and the last ones to `EXIT`. */
export const ENTRY = 'entry';
export const EXIT = 'exit';

/** On a machine that has much else to do, too. */
const START_LIMIT_MS = 120_000;

/** The part of Node-RED's inner interface that its types leave out. */
interface InnerNodes {
  registerType(set: string, type: string, constructor: unknown): void;
  createNode(node: Node, definition: NodeDef): void;
}

/**
 * Starts Node-RED in this process, without editor, with a built package installed and this flow deployed.
 * @param build folder of the package
 */
export async function startFlow(
  first: string,
  nodes: readonly FlowNode[],
  build = ROOT,
): Promise<Flow> {
  const userDir = mkdtempSync(join(tmpdir(), 'record-updates-bench-'));
  linkPackage(userDir, build);
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flowFile(first, nodes)));
  RED.init(createServer(), settings(userDir, build));
  const ports = registerPorts();
  const started = once(RED.events, 'flows:started', {
    signal: AbortSignal.timeout(START_LIMIT_MS),
  });
  await RED.start();
  await started;
  return {
    send: ports.send,
    close: async () => {
      await RED.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
}

function flowFile(first: string, nodes: readonly FlowNode[]): FlowNode[] {
  const own = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: ENTRY, type: 'bench-entry', wires: [[first]] },
    { id: EXIT, type: 'bench-exit', wires: [] },
    { id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [[EXIT]] },
  ];
  return [...own, ...nodes].map(node => ('wires' in node ? { ...node, ...ON_TAB } : node));
}

/** Nodes of Node-RED's own that the flows here are made of. */
const CORE_NODES = ['10-function.js', '21-httprequest.js', '24-complete.js', '25-catch.js'];

/** Loads no more than the flows need: a start reads every package that lies around otherwise, and loads all nodes. */
function settings(userDir: string, build: string): Parameters<typeof RED.init>[1] {
  return {
    userDir,
    flowFile: 'flows.json',
    nodesIncludes: [...CORE_NODES, basename(packageName(build))],
    credentialSecret: false,
    httpAdminRoot: false,
    httpNodeRoot: false,
    telemetry: { enabled: false },
    externalModules: { palette: { allowInstall: false }, modules: { allowInstall: false } },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  } as unknown as Parameters<typeof RED.init>[1];
}

/** Who waits at the exit. */
interface Arrival {
  readonly resolve: (msg: Message) => void;
  readonly isLast: (msg: Message) => boolean;
}

/** The two node types at the ends of the flow: closures of this process, which no file could be. */
function registerPorts(): Pick<Flow, 'send'> {
  const inner = RED.nodes as InnerNodes;
  const waiting = new Map<number, Arrival>();
  let enter: ((msg: Message) => void) | undefined;
  let sent = 0;

  inner.registerType('bench', 'bench-entry', function (this: Node, definition: NodeDef) {
    inner.createNode(this, definition);
    enter = msg => this.send(msg);
  });
  inner.registerType('bench', 'bench-exit', function (this: Node, definition: NodeDef) {
    inner.createNode(this, definition);
    this.on('input', (msg, _send, done) => {
      const message = msg as unknown as Message;
      const place = message.bench as number;
      const arrival = waiting.get(place);
      done();
      if (arrival?.isLast(message) !== true) return;
      waiting.delete(place);
      arrival.resolve(message);
    });
  });
  return {
    send: (msg, isLast = () => true) =>
      new Promise(resolve => {
        sent += 1;
        waiting.set(sent, { resolve, isLast });
        // Not a spread that adds a member: V8 gives each object of that kind a shape of its own, which no cache knows.
        enter?.(Object.assign({}, msg, { bench: sent }));
      }),
  };
}
