import type { Node } from 'node-red';
import { describe, expect, it } from 'vitest';
import { showPhase } from '../../nodes/shared/phase';
import { StatusLine } from '../../nodes/shared/status';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import helper from 'node-red-node-test-helper';
import { GRACE_MS } from '../../nodes/shared/on-input';
import {
  catcher,
  endpoint,
  endpointConfig,
  fetchNode,
  inboxes,
  updateNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scripted-server';

useNodeRed();
useFastClock(4);

const PORTS = [['out'], ['out']] as const;
const PLACE = { collection: 'orders' };
const RECORD = { status: 200, headers: { etag: '"v1"' }, body: { status: 'Open' } } as const;
const THROTTLED = { status: 429, headers: { 'retry-after': '600' } } as const;
const CHANGE = { key: 'A1', payload: { status: 'Shipped' } };

const at = (server: ScriptedServer, config: Partial<RecordEndpointConfig>, id = 'endpoint') =>
  endpoint({ server: 'url', family: 'rest', baseUrl: server.url, deadline: 3_600, ...config }, id);

const refuseWrites: Script = ({ method }) => (method === 'GET' ? RECORD : THROTTLED);

describe('an API that throttles', () => {
  it('trap 18: holds every endpoint with the same credential, and both nodes show it', async () => {
    const server = await startScriptedServer(refuseWrites);
    const auth = { auth: 'bearer' } as const;
    const flow = await Flow.start(
      [
        at(server, auth),
        at(server, auth, 'other'),
        updateNode('update', PORTS, PLACE),
        fetchNode('fetch', PORTS, { ...PLACE, endpoint: 'other' }),
        ...inboxes('out'),
        ...catcher(),
      ],
      { endpoint: { token: 'same' }, other: { token: 'same' } },
    );
    flow.send('update', CHANGE);
    const shown = await flow.shows('update', 'conditional-update.status.throttled');
    expect(shown).toMatchObject({ fill: 'yellow', shape: 'ring' });
    const before = server.requests.length;
    flow.send('fetch', { key: 'B2' });
    await flow.shows('fetch', 'etag-fetch.status.throttled');
    expect(server.requests).toHaveLength(before);
  });

  it('trap 18: holds a test from the dialog too, which says so instead of asking', async () => {
    const server = await startScriptedServer(refuseWrites);
    const flow = await Flow.start([
      at(server, {}),
      updateNode('update', PORTS, PLACE),
      ...inboxes('out'),
    ]);
    flow.send('update', CHANGE);
    await flow.shows('update', 'conditional-update.status.throttled');
    const before = server.requests.length;
    const config = endpointConfig({ server: 'url', family: 'rest', baseUrl: server.url });
    const answer = await helper
      .request()
      .post('/record-updates/endpoint/endpoint/test')
      .send({ config, credentials: {}, ...PLACE, key: 'A1' });
    expect(answer.body).toMatchObject({ ok: false });
    expect(answer.text).toContain('The API throttles this credential');
    expect(server.requests).toHaveLength(before);
  });

  it('holds a write until the flow stops, which ends it at once and for good', async () => {
    const server = await startScriptedServer(refuseWrites);
    const flow = await Flow.start([
      at(server, {}),
      updateNode('update', PORTS, PLACE),
      updateNode('held', PORTS, PLACE),
      ...inboxes('out'),
      ...catcher(),
    ]);
    flow.send('update', CHANGE);
    await flow.shows('update', 'conditional-update.status.throttled');
    const url = `${server.url}/orders/B2`;
    const record = { key: 'B2', url, version: '"v1"', values: { status: 'Open' }, readAt: '' };
    flow.send('held', { ...CHANGE, key: 'B2', record });
    await flow.shows('held', 'conditional-update.status.throttled');
    expect(await flow.stopsWithin(GRACE_MS)).toBe(true);
    expect(flow.completionsOf('held').map(({ error }) => error?.code)).toEqual(['STOPPED']);
    expect(server.requests.filter(({ url: path }) => path.includes('B2'))).toEqual([]);
  });

  it('holds nobody who signs in differently', async () => {
    const server = await startScriptedServer(refuseWrites);
    const auth = { auth: 'bearer' } as const;
    const flow = await Flow.start(
      [
        at(server, auth),
        at(server, auth, 'other'),
        updateNode('update', PORTS, PLACE),
        fetchNode('fetch', PORTS, { ...PLACE, endpoint: 'other' }),
        ...inboxes('out'),
      ],
      { endpoint: { token: 'one' }, other: { token: 'another' } },
    );
    flow.send('update', CHANGE);
    await flow.shows('update', 'conditional-update.status.throttled');
    const { msg } = await flow.pass('fetch', { key: 'B2' });
    expect(msg.record?.version).toBe('"v1"');
  });

  it('is no longer waited for after a deploy that takes its endpoints away', async () => {
    const server = await startScriptedServer((_request, index) =>
      index === 0 ? THROTTLED : RECORD,
    );
    const nodes = [at(server, {}), fetchNode('fetch', PORTS, PLACE), ...inboxes('out')];
    const flow = await Flow.start(nodes);
    flow.send('fetch', { key: 'A1' });
    await flow.shows('fetch', 'etag-fetch.status.throttled');
    await flow.redeploy(nodes);
    const { msg } = await flow.pass('fetch', { key: 'A1' });
    expect(msg.record?.version).toBe('"v1"');
  });
});

describe('a full endpoint', () => {
  it('sends no more at a time than it may, and shows the limit', async () => {
    let under = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const server = await startScriptedServer(async () => {
      most = Math.max(most, ++under);
      await new Promise<void>(resolve => release.push(resolve));
      under--;
      return RECORD;
    });
    const flow = await Flow.start([
      at(server, { parallel: 2 }),
      updateNode('update', PORTS, PLACE),
      fetchNode('fetch', PORTS, PLACE),
      ...inboxes('out'),
    ]);
    for (const key of ['A1', 'B2', 'C3']) flow.send('fetch', { key });
    await flow.shows('fetch', 'etag-fetch.status.limited');
    flow.send('update', CHANGE);
    const shown = await flow.shows('update', 'conditional-update.status.limited');
    expect(shown).toMatchObject({ fill: 'yellow', shape: 'ring' });
    await expect.poll(() => release.length).toBe(2);
    const free = setInterval(() => {
      for (const next of release.splice(0)) next();
    }, 5);
    await flow.count('out', 4);
    clearInterval(free);
    expect(most).toBe(2);
  });

  it.each([0, 1001, 1.5, 'many', ''])('cannot take %j requests at a time', async parallel => {
    const server = await startScriptedServer(() => RECORD);
    const flow = await Flow.start([
      at(server, { parallel }),
      fetchNode('fetch', PORTS, PLACE),
      ...inboxes('out'),
      ...catcher(),
    ]);
    const { msg } = await flow.pass('fetch', { key: 'A1' });
    expect(msg.error?.code).toBe('NUMBER_INVALID');
    expect(msg.error?.message).toContain('Parallel requests');
  });
});

describe('the retry budget', () => {
  async function failing(config: Partial<RecordEndpointConfig>): Promise<number> {
    const server = await startScriptedServer(() => ({ status: 503 }));
    const flow = await Flow.start([
      at(server, { base: 0.001, cap: 0.001, transientRetries: 4, parallel: 1, ...config }),
      fetchNode('fetch', PORTS, PLACE),
      ...inboxes('out'),
    ]);
    for (const key of ['A1', 'B2', 'C3']) await flow.pass('fetch', { key });
    return server.requests.length;
  }

  it('lets an API that is down have first tries only, once it is used up', async () => {
    expect(await failing({ retryBudget: 2, retryEarned: 0 })).toBe(3 + 2);
  });

  it('is none where the field is empty', async () => {
    expect(await failing({ retryBudget: '' })).toBe(3 * 5);
  });
});

describe('the text of a status', () => {
  const shownBy = (phase: Parameters<typeof showPhase>[1], heldForMs: number): unknown => {
    const shown: unknown[] = [];
    const node = {
      type: 'etag-fetch',
      on: () => undefined,
      status: (status: unknown) => shown.push(status),
    } as unknown as Node;
    const translate = (key: string, values?: object): string => `${key} ${JSON.stringify(values)}`;
    const line = new StatusLine({ _: translate }, node);
    showPhase(line, phase, { heldForMs: () => heldForMs, limit: 5, fullLimit: 50 });
    return shown[0];
  };
  const waiting = { fill: 'yellow', shape: 'ring' };

  it.each([
    ['throttled', 11_001, 'etag-fetch.status.throttled {"seconds":12}'],
    ['waiting', 500, 'etag-fetch.status.throttled {"seconds":1}'],
    ['waiting', 0, 'etag-fetch.status.waiting'],
    ['throttled', 0, 'etag-fetch.status.waiting'],
    ['queued', 500, 'etag-fetch.status.queued'],
    ['limited', 0, 'etag-fetch.status.limited {"limit":5,"full":50}'],
  ] as const)('%s, held for %i ms', (phase, heldForMs, text) => {
    expect(shownBy(phase, heldForMs)).toEqual({ ...waiting, text });
  });

  it('of work is not about waiting', () => {
    const text = 'etag-fetch.status.writing';
    expect(shownBy('writing', 500)).toEqual({ fill: 'blue', shape: 'dot', text });
  });
});
