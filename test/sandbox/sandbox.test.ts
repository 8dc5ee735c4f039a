import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { orderId, startSandbox } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { call, order, start } from './client';

const ID = orderId(1);

describe('a sandbox', () => {
  it('starts the same every time', async () => {
    const [one, two] = [await start(), await start()];
    const timeless = (sandbox: Sandbox): unknown[] =>
      sandbox.orders.ids().map(id => ({ ...sandbox.orders.get(id)?.values, modifiedon: '' }));
    expect(timeless(one)).toEqual(timeless(two));
    expect(one.workOrders.ids()).toContain('WO-12345');
  });

  it('has 200 records of each kind by default', async () => {
    const sandbox = await startSandbox();
    expect([sandbox.orders.ids().length, sandbox.workOrders.ids().length]).toEqual([200, 200]);
    await sandbox.close();
  });

  it('rejects a port that is taken', async () => {
    const { port } = await start();
    await expect(startSandbox({ port })).rejects.toThrow('EADDRINUSE');
  });

  it('hands out copies, not its own values', async () => {
    const sandbox = await start();
    (sandbox.orders.get(ID)?.values as Record<string, unknown>).name = 'tampered';
    expect(sandbox.orders.get(ID)?.values.name).not.toBe('tampered');
  });

  it('keeps no history, or only the newest entries, when told so', async () => {
    const none = await start({ keepHistory: false });
    const two = await start({ keepHistory: 2 });
    for (const sandbox of [none, two]) {
      for (const name of ['a', 'b', 'c']) await call(sandbox, 'PATCH', order(ID), {}, { name });
    }
    expect([none.orders.history(ID), none.orders.requests(ID)]).toEqual([[], []]);
    expect(none.stats().changes.api).toBe(3);
    expect(two.orders.history(ID).map(change => change.fields.name?.after)).toEqual(['b', 'c']);
    expect(two.orders.requests(ID)).toHaveLength(2);
  });

  it('drops a connection that sends more than it takes', async () => {
    const sandbox = await start();
    const huge = { description: 'x'.repeat(17_000_000) };
    await expect(call(sandbox, 'PATCH', order(ID), {}, huge)).rejects.toThrow();
    expect(sandbox.orders.history(ID)).toHaveLength(1);
  });

  it('answers 404 elsewhere', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'GET', '/')).status).toBe(404);
    expect((await call(sandbox, 'GET', '/api/data/v9.0/accounts')).status).toBe(404);
  });
});

describe('closing a sandbox', () => {
  it('ends idle keep-alive connections at once', async () => {
    const sandbox = await start();
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await sandbox.close();
    await ended;
    await sandbox.close();
  });

  it('commits nothing afterwards, not even a write that waits', async () => {
    const sandbox = await start({ faults: [{ fault: 'latency', ms: 30 }] });
    const other = await start({ faults: [{ fault: 'latency', ms: 60 }] });
    const pending = call(sandbox, 'PATCH', order(ID), {}, { name: 'late' });
    const failed = expect(pending).rejects.toThrow();
    while (sandbox.stats().maxInFlight === 0) await new Promise(setImmediate);
    await sandbox.close();
    await failed;
    // Answered later than the write would have been committed.
    await call(other, 'GET', order(ID));
    expect(sandbox.orders.history(ID)).toHaveLength(1);
  });
});
