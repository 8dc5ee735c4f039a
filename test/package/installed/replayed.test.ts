import { expect, it, onTestFinished } from 'vitest';
import { startNodeRed, type NodeRed } from '../../../scripts/lib/node-red.mjs';
import type { BulkPlan, BulkProgress, ReviewCounts, ReviewPage } from '../../../lib/review/desk';
import { capOrders, committedTo } from '../../peers/cap-bulk';
import { useCapPeer } from '../../peers/cap-peer';
import { FaultProxy } from '../../support/fault-proxy';
import { reads, writes, type SeenRequest } from '../../support/fault-proxy-rules';
import { deadLetterNode, endpoint, storeNode, TAB, updateNode } from '../../support/flow-nodes';
import { makeUserDir } from '../../support/node-red';
import { RedisServer } from '../../support/redis/server';

/** `REVIEW_ENTRIES=2000` makes it the load that a release has to stand, in a file and on Redis. */
const ENTRIES = Number(process.env.REVIEW_ENTRIES ?? 200);
const IS_LONG = process.env.REVIEW_ENTRIES !== undefined;
/** Node-RED is killed as soon as so large a part of the writes has left. */
const KILLED_AT = IS_LONG ? [0.15, 0.35, 0.55] : [0.15, 0.45];

const LIST = '/record-updates/review/letters';
const HOUR_MS = 3_600_000;

const peer = useCapPeer();

/** Every other one adds to a number, which must not happen twice. */
const isAdding = (n: number): boolean => n % 2 === 1;

interface Store {
  readonly nodes: readonly object[];
  /** Whether its clock is that of Node-RED, which the test sets forward: claims of a killed one are over then. */
  readonly hasOwnClock: boolean;
}

const STORES: readonly (readonly [string, () => Promise<Store>])[] = [
  ['a file', () => Promise.resolve({ nodes: [storeNode()], hasOwnClock: false })],
  ['Redis', onRedis],
];

async function onRedis(): Promise<Store> {
  const { port } = await RedisServer.forTest('--appendonly', 'yes');
  const server = `redis://127.0.0.1:${String(port)}`;
  return { nodes: [storeNode({ keep: 'redis', server })], hasOwnClock: true };
}

function flowsFor(baseUrl: string, { nodes }: Store): object[] {
  const collection = 'Orders';
  const add = { field: 'quantity', valueType: 'add', value: '1', optional: false };
  return [
    { id: TAB, type: 'tab', label: 'Orders' },
    ...nodes,
    endpoint({
      server: 'url',
      family: 'odata',
      baseUrl,
      transientRetries: 1,
      base: 0.01,
      cap: 0.05,
      deadline: 5,
      parallel: 16,
    }),
    { ...button('start'), wires: [['each']] },
    {
      ...button('each'),
      type: 'function',
      func: 'for (const [at, one] of msg.payload) node.send(at === 1 ? [null, one] : [one, null]);',
      outputs: 2,
      libs: [],
      wires: [['set'], ['add']],
    },
    updateNode('set', [[], ['letters']], { collection }),
    updateNode('add', [[], ['letters']], {
      collection,
      changesType: 'fields',
      fields: [add] as never,
      stamp: 'seenBy',
    }),
    deadLetterNode('letters', [[], [], []]),
  ];
}

function button(id: string) {
  return {
    id,
    type: 'inject',
    z: TAB,
    x: 100,
    y: 100,
    name: id,
    props: [],
    repeat: '',
    crontab: '',
  };
}

/** One Node-RED after the other in one user directory, each living an hour later than the one before. */
class Reviewing {
  private readonly dir = makeUserDir();
  private generation = 0;
  nodeRed: NodeRed | undefined;

  constructor(
    private readonly flows: readonly object[],
    private readonly store: Store,
  ) {}

  async start(): Promise<void> {
    const { userDir } = this.dir;
    const ms = this.store.hasOwnClock ? 0 : HOUR_MS * this.generation++;
    const later = `const { now } = Date; Date.now = () => now.call(Date) + ${String(ms)};`;
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(later)}` };
    this.nodeRed = await startNodeRed({ userDir, flows: this.flows, env });
  }

  async ask<Answer>(path: string, body?: object): Promise<Answer> {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const init = body === undefined ? {} : { ...post, body: JSON.stringify(body) };
    const answer = await this.nodeRed?.request(path, init);
    if (answer?.ok !== true) throw new Error(`${path} was not answered`);
    return (await answer.json()) as Answer;
  }

  /** A list has none while a busy store keeps it waiting. */
  async counts(): Promise<ReviewCounts> {
    for (;;) {
      const { lists } = await this.ask<{ lists: { counts?: ReviewCounts }[] }>(
        '/record-updates/review',
      );
      if (lists[0] === undefined) throw new Error('There is no list.');
      if (lists[0].counts !== undefined) return lists[0].counts;
      await shortly();
    }
  }

  async send(messages: readonly unknown[]): Promise<void> {
    const __user_inject_props__ = [{ p: 'payload', v: JSON.stringify(messages), vt: 'json' }];
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ __user_inject_props__ });
    await this.nodeRed?.request('/inject/start', { method: 'POST', headers, body });
  }

  /** Has all that can be done once more done so; false: there is nothing to do at present. */
  async replayAll(): Promise<boolean> {
    const filter = {};
    const wish = { filter, action: 'replay', perSecond: 1_000, look: false };
    const plan = await this.ask<BulkPlan>(`${LIST}/plan`, wish);
    if (plan.runs === 0) return false;
    await this.ask(`${LIST}/start`, { plan: plan.id });
    for (;;) {
      const progress = await this.ask<BulkProgress>(`${LIST}/progress`);
      if (progress.state !== 'running') return true;
      await shortly();
    }
  }

  async settledAs(): Promise<Record<string, number>> {
    const outcomes: Record<string, number> = {};
    for (let skip = 0; ; skip += 200) {
      const query = `state=settled&most=200&skip=${String(skip)}`;
      const { records, totalRecords } = await this.ask<ReviewPage>(`${LIST}/entries?${query}`);
      for (const { settled } of records.flatMap(({ heads }) => heads)) {
        const outcome = settled?.outcome ?? 'none';
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
      if (skip + 200 >= totalRecords) return outcomes;
    }
  }

  async close(): Promise<void> {
    await this.nodeRed?.close();
    this.dir.remove();
  }
}

function shortly(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 20));
}

/** The night before: no write is answered. A part of them is done; nobody who asks is told. */
function silence(proxy: FaultProxy): void {
  const written = new Set<string>();
  const recordOf = ({ url }: SeenRequest): string => url.replace(/\?.*$/, '');
  let nth = 0;
  let isDone = false;
  const isToBeDone = (request: SeenRequest): boolean => {
    if (writes(request)) {
      isDone = !written.has(recordOf(request)) && nth++ % 4 === 0;
      written.add(recordOf(request));
    }
    return writes(request) && isDone;
  };
  proxy.use([
    { fault: 'reset', on: request => reads(request) && written.has(recordOf(request)) },
    { fault: 'lost-response', on: isToBeDone },
    { fault: 'reset', on: request => writes(request) && !isDone },
  ]);
}

function disturb(proxy: FaultProxy, onWrite: () => void): void {
  const counted = (request: SeenRequest): boolean => {
    if (writes(request)) onWrite();
    return false;
  };
  proxy.use([
    { fault: 'latency', on: counted },
    { fault: 'lost-response', on: writes, rate: 0.1 },
    { fault: 'reset-after', on: writes, rate: 0.1 },
    { fault: 'error-after-commit', on: writes, rate: 0.1 },
    { fault: 'reset', on: reads, rate: 0.02 },
  ]);
}

it.each(IS_LONG ? STORES : STORES.slice(0, 1))(
  `${String(ENTRIES)} dead letters replayed at SAP CAP, answers lost and Node-RED killed in the middle, kept in %s: none is lost, none is done twice`,
  async (_name, openStore) => {
    const store = await openStore();
    const proxy = await FaultProxy.start(peer().url);
    onTestFinished(() => proxy.close());
    const ids = await capOrders(peer(), ENTRIES);
    const review = new Reviewing(flowsFor(`${proxy.url}/odata/v4/orders`, store), store);
    onTestFinished(() => review.close());
    await review.start();

    silence(proxy);
    await review.send(
      ids.map((key, n) => [
        isAdding(n) ? 1 : 0,
        { key, payload: isAdding(n) ? {} : { note: `update ${String(n)}` } },
      ]),
    );
    while ((await review.counts()).open < ENTRIES) await shortly();
    await peer().quiet();
    const before = await committedTo(peer(), ids);
    const doneBefore = ids.filter(ID => before.get(ID)?.length === 1).length;

    const started = performance.now();
    let written = 0;
    for (const part of KILLED_AT) {
      let isKilled = false;
      const killed = new Promise<void>(resolve => {
        disturb(proxy, () => {
          if (++written < part * ENTRIES || isKilled) return;
          isKilled = true;
          resolve(review.nodeRed?.kill());
        });
      });
      // It ends with the process; at times there is nothing to do at present.
      const replayed = async (): Promise<void> => {
        while (!isKilled) {
          const isDone = await review.replayAll().catch(() => false);
          if (!isDone) await shortly();
        }
      };
      await replayed();
      await killed;
      await peer().quiet();
      await review.start();
    }
    disturb(proxy, () => undefined);
    while ((await review.counts()).open > 0) {
      if (!(await review.replayAll())) await shortly();
    }
    const seconds = (performance.now() - started) / 1_000;

    await peer().quiet();
    const commits = await committedTo(peer(), ids);
    const countOf = (ID: string): number => commits.get(ID)?.length ?? 0;
    expect(ids.filter(ID => countOf(ID) === 0)).toEqual([]);
    expect(ids.filter(ID => countOf(ID) > 1)).toEqual([]);
    const wrong = ids.filter((ID, n) => {
      const after = commits.get(ID)?.[0]?.after;
      return isAdding(n) ? after?.quantity !== 2 : after?.note !== `update ${String(n)}`;
    });
    expect(wrong).toEqual([]);
    const settled = await review.settledAs();
    expect(Object.values(settled).reduce((sum, count) => sum + count, 0)).toBe(ENTRIES);
    // Without these the run would have proven nothing.
    expect(doneBefore).toBeGreaterThan(ENTRIES / 10);
    expect(settled['already-applied']).toBeGreaterThan(doneBefore);
    for (const fault of ['lost-response', 'reset-after', 'error-after-commit'] as const) {
      expect(proxy.count(fault), fault).toBeGreaterThan(0);
    }
    if (IS_LONG) console.log(settled, { doneBefore, seconds: Math.round(seconds) });
  },
  IS_LONG ? 1_800_000 : undefined,
);
