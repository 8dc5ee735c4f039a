import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeAPI, NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import { onTestFinished } from 'vitest';
import type { UpdateResult } from '../../lib/outcome/outcome';
import {
  loadExamples,
  patientNode,
  type FlowNode as SavedNode,
} from '../../scripts/lib/examples.mjs';
import { TAB } from './flow-nodes';
import { Flow, type Completion, type Msg } from './flow-runtime';
import { nodeRedRequire } from './node-red-require';

/** One line of the debug sidebar. */
export interface DebugLine {
  /** Name of the debug node. */
  readonly name: string | undefined;
  readonly text: string;
}

interface Published {
  readonly topic: string;
  readonly data: { readonly name?: string; readonly msg: string };
}

const { events } = nodeRedRequire('node-red') as { readonly events: NodeJS.EventEmitter };

/** Core nodes that examples need. */
const CORE = [
  ...['common/20-inject', 'common/21-debug', 'common/25-catch', 'common/60-link'],
  ...['common/90-comment', 'function/15-change', 'function/80-template', 'sequence/17-split'],
  ...['function/10-switch', 'parsers/70-CSV', 'network/21-httpin', 'network/21-httprequest'],
  ...['function/10-function', 'function/89-delay'],
].map(file => nodeRedRequire(`@node-red/nodes/core/${file}.js`) as NodeInitializer);

/** Core nodes that the helper loads by itself once per node of that type, though twice fails. */
const loadedByHelper = helper as unknown as { readonly _nodeModules: object };

/** An example of the Import menu in the runtime of the test, with all that its debug nodes show. */
export class ExampleFlow {
  readonly lines: DebugLine[] = [];

  private constructor(
    readonly flow: Flow,
    private readonly nodes: readonly SavedNode[],
  ) {}

  /** Deploys it; `change` may put other nodes in the place of some. */
  static async start(
    name: string,
    change: (node: SavedNode) => SavedNode = node => node,
  ): Promise<ExampleFlow> {
    const found = loadExamples().find(example => example.name === name);
    if (found === undefined) throw new Error(`There is no example ${name}`);
    return ExampleFlow.run(found.nodes, change);
  }

  /** Deploys the nodes of flows; where they have `http in` nodes, `change` finds their address in NODE_RED_URL. */
  static async run(
    saved: readonly SavedNode[],
    change: (node: SavedNode) => SavedNode = node => node,
  ): Promise<ExampleFlow> {
    const nodes = saved.filter(({ type }) => type !== 'tab').map(placed);
    const web = nodes.some(({ type }) => type === 'http in') ? [await served()] : [];
    const changed = nodes.map(change);
    Reflect.deleteProperty(loadedByHelper._nodeModules, 'catch');
    const flow = await Flow.start(changed, {}, [...CORE, ...web]);
    const example = new ExampleFlow(flow, nodes);
    example.watch();
    return example;
  }

  /** Presses an inject node, by its name. */
  press(name: string): void {
    this.flow.send(this.idOf('inject', name), {});
  }

  /** Hands a message to a node, by its name. */
  send(type: string, name: string, msg: Msg): void {
    this.flow.send(this.idOf(type, name), msg);
  }

  /** Waits for the n-th line of the sidebar, counted from 1. */
  async line(n: number): Promise<DebugLine> {
    return this.flow.until(() => this.lines[n - 1], `line ${String(n)} of the debug sidebar`);
  }

  /** Waits for the n-th message at a debug node, counted from 1, and hands out its update. */
  async update(name: string, n: number): Promise<UpdateResult | undefined> {
    const id = this.idOf('debug', name);
    const look = (): Completion | undefined => this.flow.completionsOf(id)[n - 1];
    return (await this.flow.until(look, `message ${String(n)} at ${name}`)).msg.update;
  }

  /** The id of the first node of a type with this name. */
  idOf(type: string, name: string): string {
    const node = this.nodes.find(found => found.type === type && found.name === name);
    if (node === undefined) throw new Error(`There is no ${type} node ${name}`);
    return node.id;
  }

  private watch(): void {
    const onPublished = ({ topic, data }: Published): void => {
      if (topic === 'debug') this.lines.push({ name: data.name, text: data.msg });
    };
    events.on('comms', onPublished);
    onTestFinished(() => void events.off('comms', onPublished));
  }
}

/** On the tab of the test; what an inject node does by itself after a deploy it does soon. */
function placed(node: SavedNode): SavedNode {
  const own = patientNode(node);
  const onTab = own.z === undefined ? own : { ...own, z: TAB };
  return node.type === 'inject' ? { ...onTab, onceDelay: 0.05 } : onTab;
}

/** Serves the `http in` nodes where the flow finds them by NODE_RED_URL; to be loaded with the nodes. */
async function served(): Promise<NodeInitializer> {
  let listener: RequestListener | undefined;
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) =>
    listener?.(request, response),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const before = process.env.NODE_RED_URL;
  process.env.NODE_RED_URL = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  onTestFinished(() => {
    if (before === undefined) delete process.env.NODE_RED_URL;
    else process.env.NODE_RED_URL = before;
    server.closeAllConnections();
    server.close();
  });
  return (RED: NodeAPI) => {
    listener = RED.httpNode;
  };
}
