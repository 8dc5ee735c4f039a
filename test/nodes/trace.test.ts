import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { traceHeaders } from '../../lib/transport/traced';
import {
  bulkNode,
  endpoint,
  fetchNode,
  inboxes,
  queueNode,
  settleNode,
  storeNode,
  updateNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';

useNodeRed();

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const B3 = '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1';

/** An API of one record, and the headers of all requests that reached it. */
async function api(): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  let version = 1;
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    seen.push(request.headers);
    if (request.method !== 'GET') version++;
    response.setHeader('etag', `"${String(version)}"`);
    response.setHeader('content-type', 'application/json');
    request.resume();
    request.on('end', () => response.end(JSON.stringify({ id: 1, status: version })));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  );
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, seen };
}

describe('the trace of a message', () => {
  const change = { key: 1, payload: { status: 77 } };

  async function deployed() {
    const { url, seen } = await api();
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: url }),
      storeNode({ keep: 'memory' }),
      updateNode('update', [['updated'], ['not-updated']]),
      bulkNode('bulk', [['done'], ['not-done'], ['progress']], { input: 'list' }),
      fetchNode('fetch', [['read'], ['unread']]),
      queueNode('queue', [['update-queued'], [], []]),
      updateNode('update-queued', [['settle'], ['settle']]),
      settleNode('settle', [['settled'], [], []]),
      ...inboxes('updated', 'not-updated', 'done', 'not-done', 'progress', 'read', 'unread'),
      ...inboxes('settled'),
    ]);
    return { flow, seen };
  }

  it('goes on at the API, with every request of an update', async () => {
    const { flow, seen } = await deployed();
    const headers = { traceparent: TRACE, tracestate: 'a=1', b3: B3, 'X-B3-Sampled': '1' };
    await flow.pass('update', { ...change, headers: { ...headers, cookie: 'x', 'if-match': '*' } });
    expect(seen).toHaveLength(2);
    for (const one of seen) {
      expect(one).toMatchObject({
        traceparent: TRACE,
        tracestate: 'a=1',
        b3: B3,
        'x-b3-sampled': '1',
      });
      expect(one.cookie).toBeUndefined();
      expect(one['if-match']).not.toBe('*');
    }
  });

  it('comes from an HTTP in node where the message has none of its own', async () => {
    const { flow, seen } = await deployed();
    const req = { headers: { traceparent: TRACE, authorization: 'Bearer secret' } };
    await flow.pass('update', { ...change, req });
    expect(seen.map(({ traceparent }) => traceparent)).toEqual([TRACE, TRACE]);
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it('goes with a read alone, and with a list of updates', async () => {
    const { flow, seen } = await deployed();
    await flow.pass('fetch', { ...change, headers: { traceparent: TRACE } });
    await flow.pass('bulk', { payload: [{ key: 1, changes: { status: 5 } }], headers: { b3: B3 } });
    expect(seen[0]?.traceparent).toBe(TRACE);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.slice(1).every(({ b3 }) => b3 === B3)).toBe(true);
  });

  it('survives the queue, and so does the id under which tracing packages know the run', async () => {
    const { flow, seen } = await deployed();
    const msg = { ...change, headers: { traceparent: TRACE }, otelRootMsgId: 'run-1' };
    const { msg: settled } = await flow.pass('queue', msg);
    expect(settled.otelRootMsgId).toBe('run-1');
    expect(seen.map(({ traceparent }) => traceparent)).toEqual([TRACE, TRACE]);
  });

  it('that looks like none is left out, and the update goes on', async () => {
    const { flow, seen } = await deployed();
    const headers = { traceparent: 'nonsense\r\nx: y', tracestate: 'a=1', b3: 7 };
    const { at } = await flow.pass('update', { ...change, headers });
    expect(at).toBe('updated');
    expect(seen.every(one => one.traceparent === undefined && one.tracestate === undefined)).toBe(
      true,
    );
  });

  it('is read from what has headers only', () => {
    for (const nothing of [undefined, null, 'text', 7, [], {}, { accept: 'x' }]) {
      expect(traceHeaders(nothing)).toBeUndefined();
    }
    expect(traceHeaders({ B3: 'd' })).toEqual({ b3: 'd' });
  });
});
