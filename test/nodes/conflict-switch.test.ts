import { describe, expect, it } from 'vitest';
import type { SwitchRow } from '../../nodes/conflict-switch/config';
import { OUTCOMES } from '../../lib/outcome/outcome';
import { catcher, inboxes, switchNode } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();
const PORTS = [['done'], ['again'], ['person'], ['failed']];

function start(rows?: SwitchRow[], result = 'update'): Promise<Flow> {
  return Flow.start([
    switchNode('switch', PORTS, rows === undefined ? { result } : { rows, result }),
    ...inboxes('done', 'again', 'person', 'failed'),
    ...catcher(),
  ]);
}

const judged = (outcome: string): Msg => ({ update: { outcome } as never });

describe('the outcome in the message', () => {
  const EXPECTED: Record<string, string> = {
    updated: 'done',
    unchanged: 'done',
    'already-applied': 'done',
    retry: 'again',
    conflict: 'person',
    'invalid-state': 'person',
    uncertain: 'person',
  };

  it.each(OUTCOMES)('default rows: %s', async outcome => {
    const flow = await start();
    const { at, msg } = await flow.pass('switch', { ...judged(outcome), payload: { a: 1 } });
    expect(at).toBe(EXPECTED[outcome] ?? 'failed');
    expect(msg.update).toEqual({ outcome });
    expect(msg.payload).toEqual({ a: 1 });
  });

  it('own rows: the first that matches wins, and only that', async () => {
    const flow = await start([
      { outcomes: ['conflict'], otherwise: false },
      { outcomes: ['conflict', 'denied'], otherwise: false },
      { outcomes: [], otherwise: true },
      { outcomes: ['updated'], otherwise: false },
    ]);
    expect((await flow.pass('switch', judged('conflict'))).at).toBe('done');
    expect((await flow.pass('switch', judged('denied'))).at).toBe('again');
    expect((await flow.pass('switch', judged('updated'))).at).toBe('person');
    const received = ['done', 'again', 'person', 'failed'].map(id => flow.inbox(id).length);
    expect(received).toEqual([1, 1, 1, 0]);
  });

  it('that no row takes ends here, and is done with', async () => {
    const flow = await start([{ outcomes: ['retry'], otherwise: false }]);
    flow.send('switch', judged('updated'));
    await flow.until(() => flow.completionsOf('switch')[0], 'the end');
    expect(flow.completionsOf('switch').map(({ error }) => error)).toEqual([undefined]);
    expect(flow.inbox('done')).toEqual([]);
  });

  it('can be in another place', async () => {
    const flow = await start(undefined, 'my.result');
    const { at } = await flow.pass('switch', { my: { result: { outcome: 'conflict' } } });
    expect(at).toBe('person');
  });
});

describe('what the core http request node emits', () => {
  it.each([
    [409, {}, 'person', 'conflict'],
    [412, {}, 'person', 'conflict'],
    [429, {}, 'again', 'retry'],
    [401, {}, 'failed', 'denied'],
    [403, {}, 'failed', 'denied'],
    [404, {}, 'failed', 'not-found'],
    [400, {}, 'failed', 'rejected'],
    [422, {}, 'failed', 'rejected'],
    [428, {}, 'failed', 'unsupported'],
    ['ECONNREFUSED', {}, 'failed', 'unavailable'],
    ['ECONNRESET', {}, 'person', 'uncertain'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', {}, 'failed', 'unsupported'],
  ])('status %s', async (statusCode, headers, port, outcome) => {
    const flow = await start();
    const payload = { error: { code: 'x', message: 'said the API' } };
    const { at, msg } = await flow.pass('switch', { statusCode, headers, payload });
    expect([at, msg.update?.outcome]).toEqual([port, outcome]);
    expect(msg.update?.verified).toBe(false);
    expect(msg.payload).toEqual(payload);
  });

  it.each([
    [200, { status: 'Shipped' }],
    [204, ''],
  ])('status %s is done', async (statusCode, payload) => {
    const flow = await start();
    const { at, msg } = await flow.pass('switch', { statusCode, headers: {}, payload });
    expect([at, msg.update?.outcome, msg.update?.verified]).toEqual(['done', 'updated', false]);
  });

  it('row 4: status 200 with a body that reports a failure is looked at by a person', async () => {
    const flow = await start();
    const payload = { error: { code: 'x', message: 'said the API' } };
    const { at, msg } = await flow.pass('switch', { statusCode: 200, headers: {}, payload });
    expect([at, msg.update?.outcome]).toEqual(['person', 'uncertain']);
    expect(msg.update?.error?.message).toContain('said the API');
  });

  it.each([500, 502, 504])('status %s leaves a write in doubt', async statusCode => {
    const flow = await start();
    const { msg } = await flow.pass('switch', { statusCode, headers: {}, payload: '' });
    expect(msg.update?.outcome).toBe('uncertain');
  });

  it('a sign-in page with status 200 is no success', async () => {
    const flow = await start();
    const headers = { 'content-type': 'text/html' };
    const payload = '<!DOCTYPE html><html></html>';
    const { at, msg } = await flow.pass('switch', { statusCode: 200, headers, payload });
    expect(at).not.toBe('done');
    expect(msg.update?.outcome).not.toBe('updated');
  });

  it('429 carries the time the server named', async () => {
    const flow = await start();
    const headers = { 'retry-after': '60' };
    const { msg } = await flow.pass('switch', { statusCode: 429, headers, payload: '' });
    expect(msg.update).toMatchObject({ cause: 'throttled' });
    expect(Date.parse(msg.update?.notBefore ?? '')).toBeGreaterThan(Date.now() + 50_000);
  });

  it('is judged anew on every pass of a loop', async () => {
    const flow = await start();
    const first = await flow.pass('switch', { statusCode: 429, headers: {}, payload: '' });
    const second = await flow.pass('switch', { ...first.msg, statusCode: 204 });
    expect([first.at, second.at]).toEqual(['again', 'done']);
    expect(second.msg.update).toMatchObject({ outcome: 'updated', statusCode: 204 });
  });
});

describe('a message with nothing to judge', () => {
  it.each([
    ['nothing', {}],
    ['a result without outcome', { update: {} as never }],
    ['an outcome that is none', { update: { outcome: 'fine' } as never }],
    ['a result that is null', { update: null as never }],
    ['a status that is none', { statusCode: 'fine' }],
  ])('%s is an error at the Catch node, done once', async (_name, msg) => {
    const flow = await start();
    const out = await flow.pass('switch', { ...msg, payload: { a: 1 } });
    expect([out.at, out.msg.error?.code]).toEqual(['caught', 'OUTCOME_MISSING']);
    expect(out.msg.error?.message).toContain('msg.update');
    expect(out.msg.payload).toEqual({ a: 1 });
    expect(flow.completionsOf('switch')).toHaveLength(1);
  });
});
