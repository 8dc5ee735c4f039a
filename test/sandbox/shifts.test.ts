import { describe, expect, it } from 'vitest';
import { machineEvents, shiftName } from '../../sandbox';
import type { MachineEvent } from '../../sandbox';
import { createApriso } from '../../lib/api/rest/apriso';
import { PRACTICE_PATHS } from '../../nodes/record-endpoint/practice-paths';
import { call, start } from './client';

function shift(name: string): string {
  return `/api/machine-events/${name}`;
}

function eventsOf({ json }: { json: Record<string, unknown> }): MachineEvent[] {
  return json.events as MachineEvent[];
}

describe('machine events as a record', () => {
  it('are made for the work orders as they are at the first read', async () => {
    const sandbox = await start();
    sandbox.workOrders.touch('WO-12345', { status: 'Complete' });
    const before = Date.now();
    const answer = await call(sandbox, 'GET', shift(shiftName(7)));
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"v1"']);
    expect(Object.keys(answer.json)).toEqual(['id', 'events']);
    const events = eventsOf(answer);
    expect(events).toHaveLength(1000);
    expect(events.map(event => event.workOrder)).not.toContain('WO-12345');
    expect(new Set(events.map(event => event.workOrder)).size).toBe(49);
    for (const { at } of events) expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
  });

  it('are where the nodes look for the record machine-events of an Apriso endpoint', async () => {
    const sandbox = await start();
    const apriso = createApriso();
    const baseUrl = new URL(sandbox.url + PRACTICE_PATHS.apriso);
    const { url } = apriso.locate(baseUrl, 'machine-events', 'shift-7');
    expect(new URL(url).pathname).toBe(shift('shift-7'));
  });

  it('stay the same afterwards', async () => {
    const sandbox = await start();
    const first = await call(sandbox, 'GET', shift('shift-7'));
    sandbox.workOrders.touch('WO-12345', { status: 'Complete' });
    const second = await call(sandbox, 'GET', shift('shift-7'));
    expect(second.text).toBe(first.text);
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  });

  it('are of the seed and the count that the name says', async () => {
    const sandbox = await start();
    const events = eventsOf(await call(sandbox, 'GET', shift('shift-8-200')));
    const orders = sandbox.workOrders
      .ids()
      .map(id => ({ id, status: String(sandbox.workOrders.get(id)?.values.status) }));
    const startAt = parseInt(events[0]?.id.split('-')[2] ?? '', 36);
    expect(events).toEqual(machineEvents({ seed: 8, count: 200, orders, startAt }));
  });

  it.each(['shift', 'shift-x', 'shift-7-0', 'shift-7-10000', 'night-7', 'shift-7/1', ''])(
    'do not exist as %s',
    async name => {
      const sandbox = await start();
      expect((await call(sandbox, 'GET', shift(name))).status).toBe(404);
      expect(sandbox.shifts.ids()).toEqual([]);
    },
  );

  it.each(['PATCH', 'PUT', 'POST', 'DELETE'])('cannot be written by %s', async method => {
    const sandbox = await start();
    const body = method === 'DELETE' ? undefined : { events: [] };
    const answer = await call(sandbox, method, shift('shift-7'), {}, body);
    expect([answer.status, answer.json.error]).toEqual([405, 'Method Not Allowed']);
    expect(sandbox.shifts.ids()).toEqual([]);
  });

  it('may be there from the start, or be given', async () => {
    const sandbox = await start({ shifts: 2 });
    expect(sandbox.shifts.ids()).toEqual(['shift-1', 'shift-2']);
    const given = [{ id: 'one' }];
    const created = await call(
      sandbox,
      'POST',
      '/sandbox/records/shifts',
      {},
      { id: 'mine', events: given },
    );
    expect(created.json).toEqual({ id: 'mine' });
    expect((await call(sandbox, 'GET', shift('mine'))).json).toEqual({ id: 'mine', events: given });
    expect(() => sandbox.shifts.put({ id: 'yours' })).toThrow(/shift-7/);
  });

  it('need a token where one is required, and meet faults as other records do', async () => {
    const closed = await start({ auth: {} });
    expect((await call(closed, 'GET', shift('shift-7'))).status).toBe(401);
    const faulty = await start({ faults: [{ fault: 'unavailable', record: 'shift-7', times: 1 }] });
    expect((await call(faulty, 'GET', shift('shift-7'))).status).toBe(503);
    expect((await call(faulty, 'GET', shift('shift-7'))).status).toBe(200);
    expect(faulty.shifts.requests('shift-7').map(({ status }) => status)).toEqual([503, 200]);
  });
});
