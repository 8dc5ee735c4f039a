import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createThrottleGate } from '../../../lib/transport/throttle/gate';
import type { TransportSettings } from '../../../lib/transport/settings';
import { asAnswer, asFault, Bench, json, options, patch, type Handle } from './support';
import { ManualTime } from './throttle/manual-time';

const bench = new Bench();
afterEach(() => bench.close());

/** Writes that the flow can stop while they have not left. Nothing but `stop` could end them soon. */
async function start(handle: Handle, overrides: Partial<TransportSettings> = {}) {
  const server = await bench.serve(handle);
  const transport = bench.transport(server.url, overrides);
  const flow = new AbortController();
  const write = (path = 'a') =>
    transport.write(patch(`${server.url}/${path}`), { ...options(), stop: flow.signal });
  const writes = () => server.seen.filter(({ method }) => method === 'PATCH');
  return { server, flow, write, writes };
}

const NEVER: Handle = () => undefined;
const UNSENT = { code: 'ABORTED', sent: 'no' };

describe('a write that has not left ends with the flow, at once, while it waits', () => {
  it('for the gate', async () => {
    const time = new ManualTime();
    const gate = createThrottleGate(time);
    gate.hold(20_000);
    const { flow, write, writes } = await start(NEVER, { time, gate });
    const held = write();
    await expect.poll(() => time.sleeping).toBe(1);
    flow.abort();
    expect(asFault(await held)).toMatchObject(UNSENT);
    time.advance(20_000);
    expect(asFault(await write())).toMatchObject(UNSENT);
    expect(writes()).toEqual([]);
  });

  it('for its turn, and the place stays with who has it', async () => {
    const { server, flow, write, writes } = await start(NEVER, { parallel: 1 });
    const first = write('first');
    await expect.poll(() => writes().length).toBe(1);
    const waiting = write('waiting');
    flow.abort();
    expect(asFault(await waiting)).toMatchObject(UNSENT);
    server.seen[0]?.socket.resetAndDestroy();
    expect(asFault(await first).code).toBe('ECONNRESET');
    expect(writes()).toHaveLength(1);
  });

  it('for an access token', async () => {
    const tokens = await bench.serve(NEVER);
    const auth = {
      kind: 'oauth2',
      tokenUrl: tokens.url,
      clientId: 'c',
      client: { by: 'body', secret: 's' },
    } as const;
    const { flow, write, writes } = await start(NEVER, { auth });
    const waiting = write();
    await expect.poll(() => tokens.seen.length).toBe(1);
    flow.abort();
    expect(asFault(await waiting)).toMatchObject(UNSENT);
    expect(writes()).toEqual([]);
  });

  it('for a session', async () => {
    const { server, flow, write, writes } = await start(NEVER, { csrf: { query: '' } });
    const waiting = write();
    await expect.poll(() => server.seen.length).toBe(1);
    flow.abort();
    expect(asFault(await waiting)).toMatchObject(UNSENT);
    expect(writes()).toEqual([]);
  });

  it('for a connection', async () => {
    const sockets: Socket[] = [];
    const proxy = createServer(socket => sockets.push(socket));
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const { flow, write, writes } = await start(NEVER, {
      proxy: { url: `http://127.0.0.1:${String(port)}` },
    });
    bench.closing(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>(resolve => proxy.close(() => resolve()));
    });
    const waiting = write();
    await expect.poll(() => sockets.length).toBe(1);
    flow.abort();
    expect(asFault(await waiting)).toMatchObject(UNSENT);
    expect(writes()).toEqual([]);
  });
});

describe('a write that has left', () => {
  it('is finished', async () => {
    const { flow, write } = await start((_seen, response) => {
      flow.abort();
      json(response, 200, {});
    });
    expect(asAnswer(await write()).status).toBe(200);
  });

  it('is not sent again with fresh credentials once the flow stops', async () => {
    const tokens = await bench.serve((_seen, response) =>
      json(response, 200, { access_token: 't' }),
    );
    const auth = {
      kind: 'oauth2',
      tokenUrl: tokens.url,
      clientId: 'c',
      client: { by: 'body', secret: 's' },
    } as const;
    const { flow, write, writes } = await start(
      (_seen, response) => {
        flow.abort();
        json(response, 401, {});
      },
      { auth },
    );
    expect(asFault(await write())).toMatchObject(UNSENT);
    expect(writes()).toHaveLength(1);
  });

  it('is not sent again with a new session once the flow stops', async () => {
    const { flow, write, writes } = await start(
      ({ method }, response) => {
        if (method === 'GET') json(response, 200, {}, { 'x-csrf-token': 't' });
        else {
          flow.abort();
          json(response, 403, {}, { 'x-csrf-token': 'Required' });
        }
      },
      { csrf: { query: '' } },
    );
    expect(asFault(await write())).toMatchObject(UNSENT);
    expect(writes()).toHaveLength(1);
  });
});
