import type { Node } from 'node-red';
import { describe, expect, it } from 'vitest';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { endedAs, showOutcome, StatusLine } from '../../nodes/shared/status';
import { catcher, endpoint, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';
import { BurstApi } from '../support/burst-api';
import { filledIn } from '../support/words';

useNodeRed();

const PORTS = [['out'], ['out']] as const;
const PLACE = { collection: 'rows' };

const startApi = () => new BurstApi(() => performance.now()).start();

const at = (api: BurstApi, config: Partial<RecordEndpointConfig> = {}, id = 'endpoint') =>
  endpoint({ server: 'url', family: 'rest', baseUrl: api.url, ...config }, id);

const row = (key: string): Msg => ({ key, payload: { status: 'Done' } });

const arrived = ({ open }: BurstApi, count: number) => expect.poll(() => open.length).toBe(count);

/** From now on everything is answered at once. */
function answerAll(api: BurstApi): void {
  api.onArrival = () => {
    api.answerAll();
  };
  api.answerAll();
}

describe('a burst', () => {
  it('is written whole, each row right after it was read, whatever came first', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 3 }),
      updateNode('update', PORTS, PLACE),
      ...inboxes('out'),
      ...catcher(),
    ]);
    for (let n = 0; n < 60; n++) flow.send('update', row(String(n)));
    await flow.shows(
      'update',
      'conditional-update.status.count-done · conditional-update.status.count-waiting',
    );
    answerAll(api);
    const ended = await flow.count('out', 60);
    expect(ended.map(({ update }) => update?.outcome)).toEqual(Array(60).fill('updated'));
    expect(api.requests).toHaveLength(120);
    expect(api.most).toBeLessThanOrEqual(3);
    // With three at a time, at most two others come in between.
    for (const [n, { method, key }] of api.requests.entries()) {
      if (method !== 'PATCH') continue;
      const read = api.requests.findLastIndex(
        (request, m) => m < n && request.method === 'GET' && request.key === key,
      );
      expect(n - read).toBeLessThanOrEqual(6);
    }
  });

  it('does not hold up another node of the credential', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 1 }),
      at(api, { parallel: 1 }, 'other'),
      updateNode('update', PORTS, PLACE),
      fetchNode('fetch', [['seen'], ['seen']], { ...PLACE, endpoint: 'other' }),
      ...inboxes('out', 'seen'),
    ]);
    for (let n = 0; n < 20; n++) flow.send('update', row(String(n)));
    await arrived(api, 1);
    flow.send('fetch', { key: 'urgent' });
    await flow.shows('fetch', 'etag-fetch.status.limited');
    answerAll(api);
    await flow.count('out', 20);
    const urgent = api.requests.findIndex(({ key }) => key === 'urgent');
    // After the row that was under way, and one more.
    expect(urgent).toBeLessThanOrEqual(4);
  });

  it('has a connection for each of the parallel requests', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 200 }),
      fetchNode('fetch', [['out'], ['out']], PLACE),
      ...inboxes('out'),
    ]);
    for (let n = 0; n < 210; n++) flow.send('fetch', row(String(n)));
    await arrived(api, 200);
    answerAll(api);
    await flow.count('out', 210);
    expect(api.most).toBe(200);
  });

  it('lets the next pass of a wired loop go first', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 1 }),
      fetchNode('fetch', [['out'], ['out']], PLACE),
      ...inboxes('out'),
    ]);
    for (let n = 0; n < 20; n++) flow.send('fetch', row(String(n)));
    await arrived(api, 1);
    const update = { outcome: 'retry', cause: 'noise', key: 'again', attempts: [] } as never;
    flow.send('fetch', { ...row('again'), update });
    answerAll(api);
    await flow.count('out', 21);
    expect(api.requests.findIndex(({ key }) => key === 'again')).toBeLessThanOrEqual(2);
  });

  it('reads ahead of nothing: fetch and update in a row take turns', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 1 }),
      fetchNode('fetch', [['update'], ['out']], PLACE),
      updateNode('update', PORTS, PLACE),
      ...inboxes('out'),
      ...catcher(),
    ]);
    answerAll(api);
    for (let n = 0; n < 10; n++) flow.send('fetch', row(String(n)));
    const ended = await flow.count('out', 10);
    expect(ended.map(({ update }) => update?.outcome)).toEqual(Array(10).fill('updated'));
    expect(api.requests).toHaveLength(20);
    const place = (method: string, key: string): number =>
      api.requests.findIndex(request => request.method === method && request.key === key);
    for (const { key } of api.requests) {
      expect(place('PATCH', key) - place('GET', key)).toBeLessThanOrEqual(6);
    }
  });
});

describe('more than may wait', () => {
  it('goes to the Catch node with QUEUE_FULL, the message as it came', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 1, maxWaiting: 2 }),
      updateNode('update', PORTS, PLACE),
      fetchNode('fetch', PORTS, PLACE),
      ...inboxes('out'),
      ...catcher(),
    ]);
    for (const key of ['a', 'b', 'c']) flow.send('update', row(key));
    flow.send('update', { ...row('d'), topic: 'kept' });
    const [update] = await flow.count('caught', 1);
    flow.send('fetch', row('e'));
    const [, fetch] = await flow.count('caught', 2);
    expect(update).toMatchObject({ ...row('d'), topic: 'kept', error: { code: 'QUEUE_FULL' } });
    expect(update?.error?.message).toContain('"Waiting updates" in the endpoint');
    expect(update?.update).toBeUndefined();
    expect(fetch).toMatchObject({ key: 'e', error: { code: 'QUEUE_FULL' } });
    answerAll(api);
    const ended = await flow.count('out', 3);
    expect(ended.map(({ update: result }) => result?.outcome)).toEqual(Array(3).fill('updated'));
  });

  it('ends as exhausted where the wait is limited', async () => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { parallel: 1, maxWait: 0.1 }),
      updateNode('update', PORTS, PLACE),
      ...inboxes('out'),
    ]);
    flow.send('update', row('a'));
    flow.send('update', row('b'));
    const [late] = await flow.count('out', 1);
    expect(late?.update).toMatchObject({
      key: 'b',
      outcome: 'exhausted',
      error: { code: 'QUEUE_TIMEOUT' },
    });
    answerAll(api);
    await flow.count('out', 2);
    expect(api.written).toEqual(['a']);
  });

  it.each([
    ['maxWaiting', -1, 'Waiting updates'],
    ['maxWaiting', 1.5, 'Waiting updates'],
    ['maxWaiting', '', 'Waiting updates'],
    ['maxWait', 0, 'Longest wait'],
    ['maxWait', 'long', 'Longest wait'],
  ])('%s cannot be %j', async (field, value, label) => {
    const api = await startApi();
    const flow = await Flow.start([
      at(api, { [field]: value }),
      fetchNode('fetch', PORTS, PLACE),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { msg } = await flow.pass('fetch', { key: 'a' });
    expect(msg.error?.code).toBe('NUMBER_INVALID');
    expect(msg.error?.message).toContain(label);
  });
});

it('a deploy ends at once what waits, each message with its record in the log', async () => {
  const api = await startApi();
  const flow = await Flow.start([
    at(api, { parallel: 1 }),
    updateNode('update', PORTS, PLACE),
    ...inboxes('out'),
    ...catcher(),
  ]);
  for (let n = 0; n < 30; n++) flow.send('update', row(`row-${String(n)}`));
  await arrived(api, 1);
  await flow.stop();
  const codes = flow.completionsOf('update').map(({ error }) => error?.code);
  expect(codes).toEqual(Array(30).fill('STOPPED'));
  for (let n = 0; n < 30; n++) {
    const own = flow.warnings.filter(line => line.includes(`"row-${String(n)}"`));
    expect(own).toHaveLength(1);
  }
  expect(api.requests).toHaveLength(1);
});

describe('the status of a burst', () => {
  /** A line whose texts are those of the English catalogue, and what it showed. */
  function lineOf(type: string) {
    const shown: string[] = [];
    const node = {
      type,
      on: () => undefined,
      status: ({ text }: { text: string }) => shown.push(text),
    } as unknown as Node;
    const line = new StatusLine({ _: filledIn }, node);
    return { line, shown };
  }

  /** So many messages that have come and have to wait. */
  const held = ({ tally }: StatusLine, count: number) =>
    Array.from({ length: count }, () => {
      const passage = tally.enter();
      passage.hold();
      passage.hold();
      return passage;
    });

  it('counts what was written, what waits and what was not written', () => {
    const { line, shown } = lineOf('conditional-update');
    const all = held(line, 12);
    for (const passage of all.slice(0, 9)) passage.begin();
    const outcomes = ['updated', 'unchanged', 'conflict', 'conflict', 'retry', 'rejected'] as const;
    for (const [n, outcome] of outcomes.entries()) all[n]?.end(endedAs(outcome));
    line.working('reading');
    expect(shown).toEqual(['written 2 · waiting 3 · conflicts 2 · try again 1 · not updated 1']);
  });

  it('has the forms of one and of none', () => {
    const { line, shown } = lineOf('conditional-update');
    const all = held(line, 10);
    for (const passage of all) passage.begin();
    all[0]?.end('conflict');
    line.working('writing');
    expect(shown).toEqual(['written 0 · conflict 1']);
  });

  it('says besides that the API throttles', () => {
    const { line, shown } = lineOf('etag-fetch');
    held(line, 10);
    line.allWaitFor('throttled', { seconds: 12 });
    expect(shown).toEqual(['read 0 · waiting 10 · throttled, 12 s']);
  });

  it('is that of one message below ten that wait, and of the last one when all have ended', () => {
    const { line, shown } = lineOf('conditional-update');
    held(line, 9);
    const unheld = Array.from({ length: 20 }, () => line.tally.enter());
    for (const passage of unheld) {
      passage.begin();
      passage.hold();
    }
    line.working('reading');
    expect(shown).toEqual(['conditional-update.status.reading']);
    const { line: other, shown: last } = lineOf('conditional-update');
    for (const passage of held(other, 10)) passage.end('done');
    showOutcome(other, 'updated');
    expect(last).toEqual(['conditional-update.status.updated']);
  });

  it('begins anew with the next burst, and counts each message once', () => {
    const { line, shown } = lineOf('conditional-update');
    for (const passage of held(line, 10)) {
      passage.end('done');
      passage.end('other');
    }
    for (const passage of held(line, 10)) {
      passage.begin();
      passage.begin();
    }
    line.working('reading');
    expect(shown).toEqual(['written 0']);
  });
});
