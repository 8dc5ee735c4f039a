import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  backoffNode,
  catcher,
  fetchNode,
  inboxes,
  lockNode,
  releaseNode,
  switchNode,
  updateNode,
} from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice } from '../support/flow-practice';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

/** The text behind a status key, as the editor looks it up in the node's catalogue. */
function catalogueText(key: string): unknown {
  const [type = ''] = key.split('.');
  const file = new URL(`../../locales/en-US/${type}.json`, import.meta.url);
  const catalogue: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return key.split('.').reduce<unknown>((part, name) => {
    return (part as Record<string, unknown> | undefined)?.[name];
  }, catalogue);
}

it('every status is a key of the catalogue, in the colours of its meaning', async () => {
  const sandbox = await startPractice({
    load: { noise: 1, target: 0 },
    faults: [{ fault: 'latency', ms: 120 }],
  });
  const flow = await Flow.start([
    ordersAt(sandbox, { conflictRetries: 1, base: 0.3, jitter: 'none', firstAtOnce: false }),
    lockNode('acquire', [['fetch'], ['end']], { wait: 0.1 }),
    fetchNode('fetch', [['update'], ['end']]),
    updateNode('update', [['switch'], ['switch']], { mode: 'once' }),
    switchNode('switch', [['release'], ['wait'], ['release'], ['release']]),
    backoffNode('wait', [['fetch'], ['release']]),
    releaseNode('release', [['end']]),
    updateNode('alone', [['end'], ['end']]),
    ...inboxes('end'),
    ...catcher(),
  ]);
  const payload = { orderstatus: 'Shipped' };
  flow.send('acquire', { key: ORDER, payload });
  flow.send('acquire', { key: ORDER, payload });
  flow.send('alone', { key: { ordernumber: 'SO-2025-0001' }, payload });
  flow.send('alone', { key: '..', payload });
  flow.send('fetch', { key: '..', payload });
  await flow.count('end', 3);
  await flow.shows('release', 'record-lock.status.released');
  await flow.shows('alone', 'conditional-update.status.exhausted');

  // An empty status clears the line: backoff-delay holds nothing any more.
  expect(flow.statuses.some(({ id, status }) => id === 'wait' && !status.text)).toBe(true);
  const shown = flow.statuses.filter(({ id, status }) => id !== 'catch' && status.text);
  expect(new Set(shown.map(({ id }) => id)).size).toBeGreaterThanOrEqual(5);
  for (const { status } of shown) {
    expect(catalogueText(status.text ?? ''), status.text).toEqual(expect.any(String));
    expect(status.text).toMatch(/^[a-z]+-[a-z]+\.status\.[a-z-]+$/);
  }
  const look = (text: string): string[] => {
    const found = shown.find(({ status }) => status.text === text)?.status;
    return [found?.fill ?? '', found?.shape ?? ''];
  };
  expect(look('etag-fetch.status.reading')).toEqual(['blue', 'dot']);
  expect(look('backoff-delay.status.waiting')).toEqual(['yellow', 'ring']);
  expect(look('record-lock.status.released')).toEqual(['green', 'dot']);
  expect(look('conditional-update.status.exhausted')).toEqual(['red', 'ring']);
});

it('a busy node changes its status a few times a second at most, and ends on the latest', async () => {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    ordersAt(sandbox),
    updateNode('update', [['out'], ['out']]),
    ...inboxes('out'),
  ]);
  for (let n = 0; n < 60; n++) {
    flow.send('update', { key: ORDER, payload: { description: String(n) } });
  }
  await flow.count('out', 60);
  await flow.shows('update', 'conditional-update.status.updated');
  expect(flow.statuses.filter(({ id }) => id === 'update').length).toBeLessThan(30);
});
