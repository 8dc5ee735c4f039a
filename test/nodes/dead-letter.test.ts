import type { NodeAPI, NodeInitializer } from 'node-red';
import { describe, expect, it } from 'vitest';
import type { ActResult, ReviewLook, ReviewPage } from '../../lib/review/desk';
import type { StoredDeadLetter } from '../../lib/review/dead-letter';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import type { DeadLetterConfig } from '../../nodes/dead-letter/config';
import { deadLetterNodes } from '../../nodes/dead-letter/lookup';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import type { Sandbox } from '../../sandbox/index';
import {
  catcher,
  deadLetterNode,
  fetchNode,
  inboxes,
  storeNode,
  updateNode,
  type FlowNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const SHIPPED = { orderstatus: 'Shipped' };

interface Setup {
  readonly endpoint?: Partial<RecordEndpointConfig>;
  readonly update?: Partial<ConditionalUpdateConfig>;
  readonly node?: Partial<DeadLetterConfig>;
}

class Desk {
  constructor(
    readonly flow: Flow,
    readonly sandbox: Sandbox,
    readonly nodes: readonly FlowNode[],
  ) {}

  /** What a flow asks for by message, and what it is answered. */
  async ask<Answer>(review: object): Promise<Answer> {
    const before = this.flow.inbox('answers').length;
    this.flow.send('letters', { review });
    const answers = await this.flow.count('answers', before + 1);
    return answers[before]?.payload as Answer;
  }

  async list(query: object = {}): Promise<ReviewPage> {
    return this.ask({ action: 'list', ...query });
  }

  async only(query: object = {}): Promise<StoredDeadLetter> {
    const { records } = await this.list(query);
    const heads = records.flatMap(record => record.heads);
    expect(heads).toHaveLength(1);
    return this.ask({ action: 'get', id: heads[0]?.id });
  }

  act(action: string, id: string, more: object = {}): Promise<ActResult> {
    return this.ask({ action, id, by: 'ann', ...more });
  }

  /** An update that was decided on the record as it is, and meets somebody else's change. */
  async conflict(msg: Msg = {}, theirs: Record<string, unknown> = { orderstatus: 'Cancelled' }) {
    const { flow, sandbox } = this;
    const before = flow.inbox('answers').length;
    const { msg: read } = await flow.pass('fetch', { key: ORDER, payload: SHIPPED, ...msg });
    sandbox.orders.touch(ORDER, theirs, 'operator');
    flow.send('update', read);
    await flow.count('answers', before + 1);
  }

  values(): Record<string, unknown> {
    return this.sandbox.orders.get(ORDER)?.values as Record<string, unknown>;
  }
}

function nodesOf(sandbox: Sandbox, setup: Setup = {}): FlowNode[] {
  return [
    ordersAt(sandbox, setup.endpoint),
    storeNode({ keep: 'memory' }),
    fetchNode('fetch', [['read'], ['unread']]),
    updateNode('update', [['updated'], ['letters']], setup.update),
    deadLetterNode('letters', [['replayed'], ['settled'], ['answers']], setup.node),
    ...inboxes('read', 'unread', 'updated', 'replayed', 'settled', 'answers'),
    ...catcher(),
  ];
}

async function deploy(setup: Setup = {}): Promise<Desk> {
  const sandbox = await startPractice();
  const nodes = nodesOf(sandbox, setup);
  return new Desk(await Flow.start(nodes), sandbox, nodes);
}

describe('what leaves unsettled', () => {
  it('is kept with what the flow wanted, what it was and what it is now', async () => {
    const desk = await deploy();
    await desk.conflict({ topic: 'night', headers: { traceparent: '00-a-b-01' } });
    const { entry } = await desk.only();
    expect(entry).toMatchObject({
      state: 'open',
      record: { key: ORDER, type: 'salesorders' },
      source: { node: 'update', type: 'conditional-update' },
      endpoint: { node: 'endpoint', baseUrl: `${desk.sandbox.url}/api/data/v9.0` },
      outcome: 'conflict',
      changes: SHIPPED,
      isComputed: false,
      failures: 1,
      attempts: 1,
      message: { topic: 'night', key: ORDER },
      changesAt: 'payload',
      trace: { traceparent: '00-a-b-01' },
      leftOut: [],
    });
    expect(entry.fields).toEqual([
      {
        name: 'orderstatus',
        base: expect.any(String) as string,
        ours: 'Shipped',
        theirs: 'Cancelled',
        changedByUs: true,
        changedByThem: true,
        conflicting: true,
        isGuard: false,
      },
    ]);
    expect(entry.evidence.base?.snapshot.values.orderstatus).not.toBe('Cancelled');
    expect(desk.flow.inbox('answers')[0]?.review).toMatchObject({ did: 'kept', isNew: true });
  });

  it('once more of the same update adds to its entry, another update of the record is another one', async () => {
    const desk = await deploy();
    await desk.conflict();
    await desk.conflict({}, { orderstatus: 'Invoiced' });
    await desk.conflict({ payload: { orderstatus: 'Delivered' } }, { orderstatus: 'New' });
    const page = await desk.list();
    expect(page).toMatchObject({ totalRecords: 1, totalEntries: 2 });
    const { heads } = page.records[0] ?? { heads: [] };
    const failures = heads.map(head => head.failures).sort();
    expect(failures).toEqual([1, 2]);
  });

  it('holds no secret, and says what it left out', async () => {
    const desk = await deploy();
    await desk.conflict({
      headers: { authorization: 'Bearer abc', 'x-api-key': 'abc', accept: 'json' },
      account: { user: 'u', password: 'abc', deep: [{ clientSecret: 'abc' }] },
      req: { headers: {} },
      call: () => 'abc',
    });
    const { entry } = await desk.only();
    expect(JSON.stringify(entry)).not.toContain('abc');
    expect(entry.message).toMatchObject({
      headers: { accept: 'json' },
      account: { user: 'u', deep: [{}] },
    });
    expect(entry.leftOut.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'msg.headers.authorization',
        'msg.headers.x-api-key',
        'msg.account.password',
        'msg.account.deep[0].clientSecret',
        'msg.req',
        'msg.call',
      ]),
    );
  });

  it('does not keep what ended as wanted', async () => {
    const desk = await deploy();
    desk.flow.send('letters', {
      key: ORDER,
      update: { outcome: 'updated', attempts: [] } as never,
    });
    expect(await desk.list()).toMatchObject({ totalEntries: 0 });
  });
});

it('finds all lists, each with its desk', async () => {
  let runtime: NodeAPI | undefined;
  const sandbox = await startPractice();
  const listen: NodeInitializer = RED => {
    runtime = RED;
  };
  await Flow.start(nodesOf(sandbox), {}, [listen]);
  if (runtime === undefined) throw new Error('no runtime');
  const [found, ...others] = deadLetterNodes(runtime);
  expect([found?.id, others]).toEqual(['letters', []]);
  const desk = await found?.desk();
  expect(await desk?.counts()).toMatchObject({ open: 0, isFull: false });
});

describe('a decision', () => {
  it('replay: compared anew, so that what somebody else has changed stays', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry } = await desk.only();
    const first = await desk.act('replay', entry.id);
    expect(first).toMatchObject({ kind: 'open', update: { outcome: 'conflict' } });
    expect(desk.values().orderstatus).toBe('Cancelled');
    const base = entry.fields[0]?.base;
    desk.sandbox.orders.touch(ORDER, { orderstatus: base }, 'operator');
    const second = await desk.act('replay', entry.id);
    expect(second).toMatchObject({ kind: 'settled', update: { outcome: 'updated' } });
    const [out] = await desk.flow.count('replayed', 1);
    expect(out).toMatchObject({
      key: ORDER,
      payload: SHIPPED,
      update: { outcome: 'updated' },
      review: { did: 'replay', id: entry.id, by: 'ann' },
    });
    expect(await desk.list()).toMatchObject({ totalEntries: 0 });
    expect(desk.values().orderstatus).toBe('Shipped');
  });

  it('ours: written over what was looked at, and not over what nobody has seen', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry } = await desk.only();
    const look = await desk.ask<ReviewLook>({ action: 'look', id: entry.id });
    if (look.kind !== 'seen') throw new Error(look.kind);
    expect(look).toMatchObject({ is: 'same', fields: [{ theirs: 'Cancelled' }] });
    desk.sandbox.orders.touch(ORDER, { orderstatus: 'Invoiced' }, 'operator');
    const again = await desk.act('ours', entry.id, { shown: look.shown });
    expect(again).toMatchObject({ kind: 'open', update: { outcome: 'conflict' } });
    const now = await desk.only();
    expect(now.entry.fields[0]).toMatchObject({ base: 'Cancelled', theirs: 'Invoiced' });
    expect(await desk.act('ours', entry.id)).toMatchObject({ kind: 'settled' });
    expect(desk.values().orderstatus).toBe('Shipped');
  });

  it('theirs: nothing is written, and who decided on what is kept', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry, revision } = await desk.only();
    const requests = desk.sandbox.stats().requests;
    expect(await desk.act('theirs', entry.id, { revision })).toMatchObject({ kind: 'settled' });
    expect(desk.sandbox.stats().requests.PATCH).toBe(requests.PATCH);
    const settled = await desk.only({ state: 'settled' });
    expect(settled.entry).toMatchObject({
      settled: { action: 'theirs', by: 'ann' },
      message: {},
      evidence: {},
    });
    expect(settled.entry.history.at(-1)).toMatchObject({
      what: 'theirs',
      by: 'ann',
      showed: { orderstatus: 'Cancelled' },
    });
    const [out] = await desk.flow.count('settled', 1);
    expect(out).toMatchObject({ update: { outcome: 'conflict' }, review: { did: 'theirs' } });
  });

  it('edit: other values are written', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry } = await desk.only();
    const changes = { orderstatus: 'Processing', description: 'by hand' };
    expect(await desk.act('edit', entry.id, { changes })).toMatchObject({ kind: 'settled' });
    expect(desk.values()).toMatchObject(changes);
    const [out] = await desk.flow.count('replayed', 1);
    expect(out?.payload).toEqual(changes);
  });

  it('discard: needs a reason', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry } = await desk.only();
    expect(await desk.act('discard', entry.id)).toMatchObject({ code: 'REASON_MISSING' });
    const reason = 'order was cancelled';
    expect(await desk.act('discard', entry.id, { reason })).toMatchObject({ kind: 'settled' });
    const [out] = await desk.flow.count('settled', 1);
    expect(out?.review).toMatchObject({ did: 'discard', reason });
  });

  it('of two at once, the second is told', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry, revision } = await desk.only();
    desk.sandbox.faults.add({ fault: 'latency', ms: 50 });
    const before = desk.flow.inbox('answers').length;
    for (const by of ['ann', 'bob']) {
      desk.flow.send('letters', { review: { action: 'ours', id: entry.id, by, revision } });
    }
    const answers = (await desk.flow.count('answers', before + 2)).slice(before);
    const kinds = answers.map(({ payload }) => payload as ActResult);
    const refused = kinds.find(({ kind }) => kind === 'refused');
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(['refused', 'settled']);
    expect(refused).toMatchObject({ code: expect.stringMatching(/^ENTRY_/) as string });
    expect(await desk.act('theirs', entry.id)).toMatchObject({ code: 'ENTRY_SETTLED' });
  });

  it('on a revision that has gone by is refused, with what is there now', async () => {
    const desk = await deploy();
    await desk.conflict();
    const { entry, revision } = await desk.only();
    await desk.conflict({}, { orderstatus: 'Invoiced' });
    const refused = await desk.act('theirs', entry.id, { revision });
    expect(refused).toMatchObject({ code: 'ENTRY_CHANGED', now: { entry: { failures: 2 } } });
  });
});
