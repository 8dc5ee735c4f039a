import { describe, expect, it } from 'vitest';
import { WORK_ORDERS } from '../../lib/lifecycle/presets';
import type { BackoffDelayConfig } from '../../nodes/backoff-delay/config';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { backoffNode, catcher, endpoint, inboxes } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
useFastClock(4);

const OWN: Partial<BackoffDelayConfig> = {
  policy: 'own',
  endpoint: '',
  schedule: 'list',
  waits: '0.01',
  jitter: 'none',
  firstAtOnce: false,
};

function start(
  node: Partial<BackoffDelayConfig> = OWN,
  config: Partial<RecordEndpointConfig> = {},
): Promise<Flow> {
  return Flow.start([
    endpoint(config),
    backoffNode('wait', [['again'], ['given-up']], node),
    ...inboxes('again', 'given-up'),
    ...catcher(),
  ]);
}

function retry(cause: string, more: object = {}): Msg {
  const update = { outcome: 'retry', cause, key: 'A1', attempts: [], reads: 1, ...more };
  return { key: 'A1', payload: { a: 1 }, update: update as never };
}

describe('again', () => {
  it('holds the message as long as its own policy says, and counts', async () => {
    const flow = await start({ ...OWN, waits: '0.03, 0.06' });
    const first = await flow.pass('wait', retry('noise'));
    expect(first.at).toBe('again');
    expect(first.msg).toMatchObject({ key: 'A1', payload: { a: 1 }, update: { outcome: 'retry' } });
    expect(first.msg.retry).toMatchObject({ node: 'wait', key: 'A1', count: 1, delayMs: 30 });
    const second = await flow.pass('wait', first.msg);
    expect(second.msg.retry).toMatchObject({ count: 2, delayMs: 60 });
    expect(second.msg.retry?.startedAt).toBe(first.msg.retry?.startedAt);
  });

  it('never tries a final outcome again: it may have been written', async () => {
    const flow = await start();
    for (const outcome of ['updated', 'conflict', 'uncertain']) {
      const { at, msg } = await flow.pass('wait', { ...retry('noise', { outcome }) });
      expect(at).toBe('given-up');
      expect(msg.update?.outcome).toBe(outcome);
    }
  });

  it('makes what was judged from an http answer final when it gives up', async () => {
    const flow = await start({ ...OWN, transientRetries: 0 });
    const { at, msg } = await flow.pass('wait', retry('throttled', { statusCode: 429 }));
    expect(at).toBe('given-up');
    expect(msg.update).toMatchObject({ outcome: 'exhausted', cause: 'throttled' });
    expect(msg.update).not.toHaveProperty('statusCode');
  });

  it('uses the policy of the endpoint', async () => {
    const flow = await start(
      { policy: 'endpoint' },
      { schedule: 'list', waits: '0.02', jitter: 'none', firstAtOnce: false },
    );
    const { msg } = await flow.pass('wait', retry('noise'));
    expect(msg.retry?.delayMs).toBe(20);
  });

  it('lets the first retry after noise go at once, when the policy says so', async () => {
    const flow = await start({ ...OWN, firstAtOnce: true, waits: '5' });
    const { msg } = await flow.pass('wait', retry('noise'));
    expect(msg.retry?.delayMs).toBe(0);
  });

  it('lets the time the server named win', async () => {
    const flow = await start();
    const notBefore = new Date(Date.now() + 300).toISOString();
    const { msg } = await flow.pass('wait', retry('throttled', { notBefore }));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(notBefore) - 5);
    // Its own wait is a hundredth of a second: what is waited is what was left when the message came.
    expect(msg.retry?.delayMs).toBeLessThan(400);
  });

  it('takes the key from the place the dialog names', async () => {
    const flow = await start({ ...OWN, key: 'order.id' });
    const { msg } = await flow.pass('wait', { ...retry('noise'), order: { id: 7 } });
    expect(msg.retry?.key).toBe(7);
  });

  it.each([
    ['another node', { node: 'other' }],
    ['another record', { key: 'B2' }],
    ['no counter', { causes: null }],
  ])('a counter of %s is not counted on', async (_name, part) => {
    const flow = await start();
    const counter = { node: 'wait', key: 'A1', count: 8, causes: { noise: 8 }, delayMs: 1 };
    const startedAt = new Date().toISOString();
    const msg = { ...retry('noise'), retry: { ...counter, startedAt, ...part } as never };
    const out = await flow.pass('wait', msg);
    expect([out.at, out.msg.retry?.count]).toEqual(['again', 1]);
  });
});

describe('the guard of a transition', () => {
  const guard = { field: 'status', machine: WORK_ORDERS } as never;

  it('travels with the loop', async () => {
    const flow = await start();
    const { msg } = await flow.pass('wait', { ...retry('busy'), guard });
    expect(msg.guard).toEqual(guard);
  });

  it('ends with the loop: the next update of the message is another one', async () => {
    const flow = await start({ ...OWN, transientRetries: 0 });
    const { at, msg } = await flow.pass('wait', { ...retry('busy'), guard });
    expect(at).toBe('given-up');
    expect(msg.update?.outcome).toBe('busy');
    expect(msg).not.toHaveProperty('guard');
  });

  it('is not taken for what somebody else calls a guard', async () => {
    const flow = await start({ ...OWN, transientRetries: 0 });
    const own = { name: 'night shift' } as never;
    const { msg } = await flow.pass('wait', { ...retry('busy'), guard: own });
    expect(msg.guard).toEqual(own);
  });
});

describe('given up', () => {
  const pending = { versionSent: '"1"', changesHash: 'h', seenUnmoved: false };

  it.each([
    ['noise', {}, 'exhausted'],
    ['throttled', {}, 'exhausted'],
    ['transient', {}, 'unavailable'],
    ['busy', {}, 'busy'],
    ['transient', { pending }, 'uncertain'],
    ['noise', { pending }, 'uncertain'],
    ['transient', { pending: { ...pending, settled: true } }, 'unavailable'],
  ])('retry because of %s %j becomes %s', async (cause, more, outcome) => {
    const flow = await start({ ...OWN, conflictRetries: 0, transientRetries: 0 });
    const base = { snapshot: {}, changesHash: 'h' };
    const { at, msg } = await flow.pass('wait', retry(cause, { base, ...more }));
    expect(at).toBe('given-up');
    expect(msg.update).toMatchObject({ outcome, cause, reads: 1 });
    for (const name of ['base', 'pending']) expect(msg.update).not.toHaveProperty(name);
    expect(msg).not.toHaveProperty('retry');
    expect(msg.payload).toEqual({ a: 1 });
    await flow.shows('wait', 'backoff-delay.status.given-up');
  });

  it('counts noise and faults apart', async () => {
    const flow = await start({ ...OWN, conflictRetries: 1, transientRetries: 2 });
    let msg = (await flow.pass('wait', retry('noise'))).msg;
    for (const cause of ['transient', 'busy']) {
      const out = await flow.pass('wait', { ...retry(cause), retry: msg.retry } as Msg);
      expect(out.at).toBe('again');
      ({ msg } = out);
    }
    const noise = await flow.pass('wait', { ...retry('noise'), retry: msg.retry } as Msg);
    expect(noise.at).toBe('given-up');
    const fault = await flow.pass('wait', { ...retry('throttled'), retry: msg.retry } as Msg);
    expect(fault.at).toBe('given-up');
  });

  it('when the deadline does not allow the wait', async () => {
    const flow = await start({ ...OWN, deadline: 1, waits: '2' });
    const { at } = await flow.pass('wait', retry('transient'));
    expect(at).toBe('given-up');
  });

  it('when the server named a time beyond the deadline: the time stays in the message', async () => {
    const flow = await start({ ...OWN, deadline: 5 });
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const { at, msg } = await flow.pass('wait', retry('throttled', { notBefore }));
    expect(at).toBe('given-up');
    expect(msg.update).toMatchObject({ outcome: 'exhausted', notBefore });
  });

  it('keeps an outcome that is final already', async () => {
    const flow = await start({ ...OWN, transientRetries: 0 });
    const { msg } = await flow.pass('wait', retry('transient', { outcome: 'denied' }));
    expect(msg.update?.outcome).toBe('denied');
  });
});

describe('msg.reset', () => {
  it('sends everything that waits to the second port, and drops nothing', async () => {
    const flow = await start({ ...OWN, waits: '20' });
    for (let n = 0; n < 5; n++) flow.send('wait', { ...retry('noise'), n });
    await flow.shows('wait', 'backoff-delay.status.waiting');
    flow.send('wait', { reset: true });
    const out = await flow.count('given-up', 5);
    expect(out.map(msg => msg.n).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(out.map(msg => msg.update?.outcome)).toEqual(Array(5).fill('exhausted'));
    expect(flow.inbox('again')).toEqual([]);
    expect(flow.completionsOf('wait')).toHaveLength(6);
  });

  it('leaves the messages after it alone', async () => {
    const flow = await start();
    flow.send('wait', { reset: true });
    const { at } = await flow.pass('wait', retry('noise'));
    expect(at).toBe('again');
  });
});

describe('bad settings', () => {
  it.each([
    ['number of retries', { conflictRetries: 'many' }, 'NUMBER_INVALID'],
    ['waits', { waits: '1;2' }, 'RETRY_INVALID'],
    ['endpoint', { policy: 'endpoint' as const, endpoint: 'gone' }, 'ENDPOINT_MISSING'],
    ['key', { key: '$nope(', keyType: 'jsonata' as const }, 'EXPRESSION_FAILED'],
  ])('%s: an error at the Catch node with the whole message', async (_name, config, code) => {
    const flow = await start({ ...OWN, ...config });
    const { at, msg } = await flow.pass('wait', retry('noise'));
    expect([at, msg.error?.code]).toEqual(['caught', code]);
    expect(msg).toMatchObject({ key: 'A1', payload: { a: 1 }, update: { outcome: 'retry' } });
    await flow.shows('wait', 'backoff-delay.status.error');
  });
});
