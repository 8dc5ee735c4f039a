import { describe, expect, it, onTestFinished } from 'vitest';
import { recordNodes, UPDATE_ID } from '../../../bench/drivers/record-nodes';
import { startNodeRed } from '../../../scripts/lib/node-red.mjs';
import type { NodeRed } from '../../../scripts/lib/node-red.mjs';
import { startSandbox } from '../../../sandbox/index';
import type { Sandbox } from '../../../sandbox/index';
import { makeUserDir } from '../../support/node-red';

const MESSAGES = 96;
const WORKERS = 12;
/** Node-RED is interrupted as soon as so many messages had their effect. */
const INTERRUPTED_AT = [24, 60];
/** Effects without an answer before it is interrupted. */
const UNANSWERED = 4;
const PATH = '/api/updates';

type Interrupt = 'kill' | 'terminate';

/** What a source posts; with `record` it says what it was decided on. */
interface Message {
  readonly key: string;
  readonly payload: { readonly description: string };
  readonly record?: object;
}

/** What came of one message, told by the history of its record. */
interface Story {
  readonly end: string;
  /** How often it was sent until it was acknowledged. */
  readonly times: number;
  /** Its own changes and those of others, in their order. */
  readonly history: readonly string[];
}

const TAKE = 'Object.assign(msg, msg.payload); return msg;';
const ANSWER = `
msg.payload = { end: msg.update.outcome };
msg.statusCode = 200;
msg.headers = {};
return msg;`;

function flowFor(url: string): object[] {
  const place = { z: 'tab', x: 100, y: 100 };
  const code = { type: 'function', outputs: 1, libs: [], ...place };
  return [
    { id: 'tab', type: 'tab' },
    { id: 'in', type: 'http in', url: '/updates', method: 'post', wires: [['take']], ...place },
    { ...code, id: 'take', func: TAKE, wires: [[UPDATE_ID]] },
    ...recordNodes(url, 'answer'),
    { ...code, id: 'answer', func: ANSWER, wires: [['out']] },
    { id: 'out', type: 'http response', wires: [], ...place },
  ];
}

/** One Node-RED after the other, in one user directory. */
class Restarted {
  running: Promise<NodeRed>;
  private readonly dir = makeUserDir();

  constructor(private readonly flows: readonly object[]) {
    this.running = this.start();
  }

  /** Ends the process, lets something happen while it is down, and starts the next one. */
  async interrupt(how: Interrupt, meanwhile: () => Promise<void>): Promise<void> {
    const nodeRed = await this.running;
    this.running = nodeRed[how]().then(async () => {
      await meanwhile();
      return this.start();
    });
    await this.running;
  }

  async close(): Promise<void> {
    await (await this.running).close();
    this.dir.remove();
  }

  private start(): Promise<NodeRed> {
    return startNodeRed({ userDir: this.dir.userDir, flows: this.flows });
  }
}

/** A source that repeats every message until it is acknowledged. */
class Source {
  readonly ends = new Map<string, { readonly end: string; readonly times: number }>();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly nodeRed: Restarted) {}

  async sendAll(messages: readonly Message[]): Promise<void> {
    const left = [...messages];
    const worker = async (): Promise<void> => {
      for (let message = left.shift(); message !== undefined; message = left.shift()) {
        await this.deliver(message);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
  }

  /** Resolves when what was acknowledged is known: an answer may be on its way although its sender has ended. */
  async heard(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async deliver(message: Message): Promise<void> {
    for (let times = 1; !this.ends.has(message.key); times += 1) {
      const delivery = this.deliverOnce(await this.nodeRed.running, message, times);
      this.underWay.add(delivery);
      await delivery;
      this.underWay.delete(delivery);
    }
  }

  private async deliverOnce(nodeRed: NodeRed, message: Message, times: number): Promise<void> {
    const end = await post(nodeRed, message).catch(() => undefined);
    if (end !== undefined) this.ends.set(message.key, { end, times });
  }
}

async function post(nodeRed: NodeRed, message: Message): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(message);
  const response = await nodeRed.request(PATH, { method: 'POST', headers, body });
  if (!response.ok) return undefined;
  return ((await response.json()) as { end: string }).end;
}

/**
 * All messages through a Node-RED that is ended twice in the middle. While it is down, somebody changes every record
 * whose message was written and not acknowledged.
 */
async function play(how: Interrupt, withRecord: boolean): Promise<readonly Story[]> {
  const sandbox = await startSandbox({ orders: MESSAGES, faults: [{ fault: 'latency', ms: 10 }] });
  onTestFinished(() => sandbox.close());
  const nodeRed = new Restarted(flowFor(sandbox.url));
  onTestFinished(() => nodeRed.close());
  const messages = sandbox.orders.ids().map((key, n) => messageFor(sandbox, key, n, withRecord));
  const source = new Source(nodeRed);
  const sent = source.sendAll(messages);
  for (const effects of INTERRUPTED_AT) {
    await until(() => sandbox.stats().changes.api >= effects);
    // From here on every effect stays without an answer.
    sandbox.faults.add({ fault: 'lost-response', on: 'write' });
    const unanswered = sandbox.stats().changes.api + UNANSWERED;
    await until(() => sandbox.stats().changes.api >= unanswered);
    // Nor does a read tell of it, however long it takes to interrupt Node-RED.
    sandbox.faults.add({ fault: 'latency', ms: 600_000, on: 'read' });
    await nodeRed.interrupt(how, async () => {
      await source.heard();
      sandbox.faults.clear();
      sandbox.faults.add({ fault: 'latency', ms: 10 });
      for (const { key } of messages) {
        if (source.ends.has(key) || storyOf(sandbox, key).length === 0) continue;
        if (storyOf(sandbox, key).includes('somebody')) continue;
        sandbox.orders.touch(key, { description: 'by somebody' });
      }
    });
  }
  await sent;
  return messages.map(({ key }) => {
    const { end, times } = source.ends.get(key) ?? { end: 'none', times: 0 };
    return { end, times, history: storyOf(sandbox, key) };
  });
}

function messageFor(sandbox: Sandbox, key: string, n: number, withRecord: boolean): Message {
  const message = { key, payload: { description: `message ${String(n)}` } };
  if (!withRecord) return message;
  const { version, values } = sandbox.orders.get(key) ?? { version: '', values: {} };
  const url = `${sandbox.url}/api/data/v9.0/salesorders(${key})`;
  return { ...message, record: { key, url, version, values, readAt: new Date().toISOString() } };
}

function storyOf(sandbox: Sandbox, key: string): string[] {
  return sandbox.orders
    .history(key)
    .filter(({ fields, by }) => by !== 'seed' && fields.description !== undefined)
    .map(({ by }) => (by === 'api' ? 'message' : 'somebody'));
}

/** The sandbox runs in this process: there is nothing to be awaited but its state. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 1));
}

const interrupts: readonly (readonly [string, Interrupt])[] = [
  ['kill -9', 'kill'],
  ['SIGTERM', 'terminate'],
];

const writtenOver = ({ history }: Story): boolean =>
  history.includes('somebody') && history.lastIndexOf('message') > history.indexOf('somebody');

describe.each(interrupts)(
  'messages that their source repeats, with %s in the middle',
  (_name, how) => {
    it('case U28: nothing that was acknowledged is unfinished, and a repeated message without a record is decided anew', async () => {
      const stories = await play(how, false);
      expect(stories.filter(({ history }) => !history.includes('message'))).toEqual([]);
      // docs/safety.md says so: what somebody wrote meanwhile is all that the repeated message knows of.
      const met = stories.filter(({ history }) => history.includes('somebody'));
      expect(met.length).toBeGreaterThan(0);
      expect(met.filter(story => !writtenOver(story))).toEqual([]);
      expect(met.filter(({ times }) => times < 2)).toEqual([]);
      expect(stories.filter(story => !met.includes(story) && story.history.length !== 1)).toEqual(
        [],
      );
    });

    it('case U28: with the record that it was decided on, no repeated message is written over what somebody wrote', async () => {
      const stories = await play(how, true);
      expect(stories.filter(({ history }) => !history.includes('message'))).toEqual([]);
      const met = stories.filter(({ history }) => history.includes('somebody'));
      expect(met.length).toBeGreaterThan(0);
      expect(met.filter(writtenOver)).toEqual([]);
      expect(met.map(({ end }) => end)).toEqual(met.map(() => 'conflict'));
      expect(stories.filter(story => !met.includes(story) && story.history.length !== 1)).toEqual(
        [],
      );
    });
  },
);
