import { describe, expect, it } from 'vitest';
import { call, start, workOrder } from './client';

const PATH = workOrder('WO-12345');
const VERSION = { 'if-match': '"v7"' };
/** The statuses that may follow each; a status may always stay. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  Released: ['In Progress', 'Cancelled'],
  'In Progress': ['Complete', 'On Hold', 'Rework'],
  'On Hold': ['In Progress'],
  Rework: ['In Progress'],
  Complete: ['Closed'],
  Closed: [],
  Cancelled: [],
};
const REWORK = {
  status: 'Rework',
  reworkReasonCode: 'RR-2',
  defectType: 'Scratch',
  qualityHoldStatus: 'Held',
  reworkInstructions: 'Polish again',
  originalOperationId: 'OP-40',
};

describe('work orders', () => {
  it('shows WO-12345 in progress at version 7 in header and body', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'GET', PATH);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"v7"']);
    expect(answer.json).toMatchObject({
      workOrderId: 'WO-12345',
      status: 'In Progress',
      version: 7,
    });
  });

  it('answers a write with the record and the next version', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PATCH', PATH, VERSION, { status: 'Complete' });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"v8"']);
    expect(answer.json).toMatchObject({ status: 'Complete', version: 8 });
  });

  it.each([{ 'if-match': '"v6"' }, { 'if-match': 'W/"v7"' }, { 'if-match': 'v7' }])(
    'answers 409 to %j, which does not match strongly',
    async headers => {
      const sandbox = await start();
      const answer = await call(sandbox, 'PATCH', PATH, headers, { status: 'Complete' });
      expect(answer.status).toBe(409);
      expect(answer.json).toEqual({
        error: 'Work order status conflict',
        message: 'The record has been modified by another user',
      });
    },
  );

  it('takes the version in the body as a precondition too', async () => {
    const sandbox = await start();
    const stale = await call(sandbox, 'PATCH', PATH, {}, { status: 'Complete', version: 6 });
    const current = await call(sandbox, 'PATCH', PATH, {}, { status: 'Complete', version: 7 });
    expect([stale.status, current.status]).toEqual([409, 200]);
  });

  it('overwrites without a precondition', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'PATCH', PATH, {}, { notes: 'mine' })).status).toBe(200);
  });

  it('answers 409 to an invalid transition although the version is current', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PATCH', PATH, VERSION, { status: 'Closed' });
    expect(answer.status).toBe(409);
    expect(answer.json).toEqual({
      error: 'Work order status conflict',
      message: 'Cannot transition from current state',
    });
    expect(sandbox.workOrders.get('WO-12345')?.version).toBe('"v7"');
  });

  it.each([
    ['Released', ['In Progress', 'Cancelled']],
    ['In Progress', ['On Hold', 'Complete', 'Rework']],
    ['On Hold', ['In Progress']],
    ['Rework', ['In Progress']],
    ['Complete', ['Closed']],
    ['Closed', []],
    ['Cancelled', []],
  ])('lets %s become %j and nothing else', async (from, allowed) => {
    const sandbox = await start();
    const all = ['Released', 'In Progress', 'On Hold', 'Rework', 'Complete', 'Closed', 'Cancelled'];
    for (const to of all.filter(status => status !== from)) {
      const id = sandbox.workOrders.put({ ...REWORK, status: from });
      const { status } = await call(sandbox, 'PATCH', workOrder(id), {}, { status: to });
      expect([to, status]).toEqual([to, allowed.includes(to) ? 200 : 409]);
    }
  });

  it('lets every status be followed by those of its row, and by no other', async () => {
    const sandbox = await start();
    for (const [from, next] of Object.entries(NEXT)) {
      for (const to of Object.keys(NEXT)) {
        sandbox.workOrders.put({ workOrderId: 'WO-1', status: from });
        const { status } = await call(
          sandbox,
          'PATCH',
          workOrder('WO-1'),
          {},
          { ...REWORK, status: to },
        );
        expect(status, `${from} to ${to}`).toBe(from === to || next.includes(to) ? 200 : 409);
      }
    }
  });

  it('answers 422 and names the fields that Rework still needs', async () => {
    const sandbox = await start();
    const { defectType, ...rest } = REWORK;
    const refused = await call(sandbox, 'PATCH', PATH, VERSION, rest);
    expect([refused.status, refused.json.fields]).toEqual([422, ['defectType']]);
    const accepted = await call(sandbox, 'PATCH', PATH, VERSION, { ...rest, defectType });
    expect(accepted.status).toBe(200);
  });

  it('replaces the whole record on PUT', async () => {
    const sandbox = await start();
    const answer = await call(sandbox, 'PUT', PATH, VERSION, { status: 'On Hold', notes: 'x' });
    expect(answer.json).toMatchObject({ status: 'On Hold', notes: 'x', productCode: null });
    expect((await call(sandbox, 'PUT', PATH, {}, { notes: 'x' })).status).toBe(400);
  });

  it('refuses unknown fields, wrong types and missing records', async () => {
    const sandbox = await start();
    expect((await call(sandbox, 'PATCH', PATH, VERSION, { nope: 1 })).status).toBe(400);
    expect((await call(sandbox, 'PATCH', PATH, VERSION, { priority: 'high' })).status).toBe(400);
    expect((await call(sandbox, 'PATCH', workOrder('WO-1'), {}, { notes: 'x' })).status).toBe(404);
    expect((await call(sandbox, 'DELETE', PATH)).status).toBe(405);
    expect((await call(sandbox, 'GET', '/api/work-orders/a/b')).status).toBe(404);
  });
});
