import { createRequire } from 'node:module';
import type { NodeInitializer } from 'node-red';
import { onTestFinished } from 'vitest';
import type { UpdateResult } from '../../lib/outcome/outcome';
import { loadExamples, type FlowNode as SavedNode } from '../../scripts/lib/examples.mjs';
import { TAB } from './flow-nodes';
import { Flow, type Completion, type Msg } from './flow-runtime';

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

const require = createRequire(import.meta.url);
const { events } = require('node-red') as { readonly events: NodeJS.EventEmitter };

/** Core nodes that examples need. */
const CORE = ['common/20-inject', 'common/21-debug', 'common/90-comment'].map(
  file => require(`@node-red/nodes/core/${file}.js`) as NodeInitializer,
);

/** An example of the Import menu in the runtime of the test, with all that its debug nodes show. */
export class ExampleFlow {
  readonly lines: DebugLine[] = [];

  private constructor(
    private readonly nodes: readonly SavedNode[],
    private readonly flow: Flow,
  ) {}

  /** Deploys it. */
  static async start(name: string): Promise<ExampleFlow> {
    const found = loadExamples().find(example => example.name === name);
    if (found === undefined) throw new Error(`There is no example ${name}`);
    const nodes = found.nodes.filter(({ type }) => type !== 'tab').map(placed);
    const example = new ExampleFlow(nodes, await Flow.start(nodes, {}, CORE));
    example.watch();
    return example;
  }

  /** Presses an inject node, by its name. */
  press(name: string): void {
    this.flow.send(this.idOf('inject', name), {});
  }

  /** Hands a message to a debug node, by its name. */
  show(name: string, msg: Msg): void {
    this.flow.send(this.idOf('debug', name), msg);
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

  private idOf(type: string, name: string): string {
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
  const onTab = node.z === undefined ? node : { ...node, z: TAB };
  return node.type === 'inject' ? { ...onTab, onceDelay: 0.05 } : onTab;
}
