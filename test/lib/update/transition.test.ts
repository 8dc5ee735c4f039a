import { describe, expect, test } from 'vitest';
import type { RequestPart } from '../../support/engine';
import { CHANGES, guarded, OPEN, overtaken, SINCE, VALUES } from '../../support/engine-guard';
import { preceded } from '../../support/engine-record';

describe('an allowed transition', () => {
  test('is written as without a guard', async () => {
    const { api, update } = await guarded({ guard: { ...SINCE, ...OPEN } });
    const { result } = await update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true, reads: 1 });
    expect(result).not.toHaveProperty('refused');
    expect(api.methods).toEqual(['GET', 'PATCH']);
  });

  test('needs no read where the snapshot of the message shows all that is judged', async () => {
    const { api, engine, update } = await guarded({ guard: { ...SINCE, ...OPEN } });
    const { result } = await update({ snapshot: engine.snapshot(api.version, VALUES) });
    expect(result.outcome).toBe('updated');
    expect(api.methods).toEqual(['PATCH']);
  });

  test.each([
    ['as it is', {}],
    ['where a missing field is an empty one', { missingMeansEmpty: true } as const],
  ])('reads what the snapshot of the message lacks, %s', async (_name, part) => {
    const { api, engine, update } = await guarded({ guard: { ...OPEN, ...part } });
    api.change({ openedBy: 'operator 7' });
    const snapshot = engine.snapshot(api.version, { status: 'In Progress' });
    const { result } = await update({ snapshot });
    expect(result.outcome).toBe('busy');
    expect(api.methods).toEqual(['GET']);
  });

  test('asks for the fields that are judged, also those that the new state requires', async () => {
    const { api, update } = await guarded({
      engine: { family: 'odata' },
      guard: { to: 'Rework', ...SINCE, ...OPEN },
    });
    await update({ changes: { status: 'Rework', defectType: 'scratch' } });
    const asked = new URL(api.requests[0]?.url ?? '', api.url).searchParams.get('$select');
    expect(asked?.split(',').sort()).toEqual(
      ['defectType', 'openedAt', 'openedBy', 'reworkReasonCode', 'status', 'statusSince'].sort(),
    );
  });

  test('by PUT sends back the whole record', async () => {
    const { api, update } = await guarded();
    const { result } = await update({ method: 'PUT' });
    expect(result.outcome).toBe('updated');
    expect(api.values).toEqual({ ...VALUES, ...CHANGES });
  });

  test('that the API finds out of order on a state gone by is tried on the present one', async () => {
    const { api, update } = await guarded({ engine: { family: 'apriso' } });
    api.writes.push(() => {
      api.change({ status: 'On Hold' });
      api.change({ status: 'In Progress' });
      return { status: 409, body: { message: 'Cannot transition from current state' } };
    });
    const { result } = await update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 1 });
    expect(api.committed).toEqual([{ by: 'us', values: CHANGES }]);
  });

  test('that the API refuses on the state it was judged on is no transition', async () => {
    const { api, update } = await guarded();
    api.everyWrite = { status: 409, body: { message: 'Cannot transition from current state' } };
    const { result } = await update();
    expect(result).toMatchObject({ outcome: 'invalid-state', verified: true });
    expect(api.written).toHaveLength(1);
  });
});

describe('trap 7: a status that moved is never overwritten', () => {
  const RULES: readonly (readonly [string, RequestPart])[] = [
    ['report', { rule: 'report' }],
    ['theirs', { rule: 'theirs' }],
    ['overwrite', { rule: 'overwrite' }],
    ['merge', { rule: 'merge' }],
    ['a decision', { rule: () => Promise.resolve({ status: 'Complete' }) }],
    ['force', { force: true }],
  ];
  const CHANGED_TOO = { status: 'Complete', note: 'ours' };

  test.each(RULES)('trap 7: %s, moved between read and write', async (_name, part) => {
    const { api, update } = await guarded();
    overtaken(api, { status: 'On Hold', note: 'theirs' });
    const { result } = await update({ ...part, changes: CHANGED_TOO });
    expect(result).toMatchObject({
      outcome: 'invalid-state',
      verified: true,
      error: { code: 'STATE_MOVED' },
      refused: { reason: 'invalid-transition', from: 'On Hold', to: 'Complete' },
      conflict: {
        fields: [{ name: 'status', base: 'In Progress', ours: 'Complete', theirs: 'On Hold' }],
      },
    });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"']);
    expect(api.committed).toEqual([]);
  });

  test.each(RULES)('trap 7: %s, moved before the first read', async (_name, part) => {
    const { api, update } = await guarded({ api: { values: { ...VALUES, status: 'On Hold' } } });
    const { result } = await update({ ...part, changes: CHANGED_TOO });
    expect(result).toMatchObject({ outcome: 'invalid-state', refused: { from: 'On Hold' } });
    expect(api.methods).toEqual(['GET']);
  });

  test.each(RULES)('trap 7: %s, the message shows the state gone by', async (_name, part) => {
    const { api, engine, update } = await guarded();
    const snapshot = engine.snapshot(api.version, VALUES);
    api.change({ status: 'Rework' });
    const { result } = await update({ ...part, changes: CHANGED_TOO, snapshot });
    expect(result).toMatchObject({ outcome: 'invalid-state', refused: { from: 'Rework' } });
    expect(api.methods).toEqual(['PATCH', 'GET']);
    expect(api.committed).toEqual([]);
  });

  test('trap 7: moved after two rounds of noise', async () => {
    const { api, update } = await guarded();
    overtaken(api, { other: 1 });
    overtaken(api, { other: 2 });
    overtaken(api, { status: 'On Hold' });
    const { result } = await update({ rule: 'overwrite' });
    expect(result).toMatchObject({ outcome: 'invalid-state', reads: 4 });
    expect(api.committed).toEqual([]);
  });

  test('trap 7: moved to a state from which the table allows the new one', async () => {
    const { api, update } = await guarded({ guard: { from: 'Released', to: 'In Progress' } });
    api.change({ status: 'Released' });
    overtaken(api, { status: 'On Hold' });
    const { result } = await update({ changes: { status: 'In Progress' }, rule: 'overwrite' });
    expect(result).toMatchObject({
      outcome: 'invalid-state',
      refused: { from: 'On Hold', decidedOn: 'Released' },
    });
    expect(api.committed).toEqual([]);
  });

  test('trap 7: an action is not called', async () => {
    const { api, update } = await guarded();
    api.change({ status: 'On Hold' });
    const action = { name: 'complete', parameters: {} };
    const { result } = await update({ action, rule: 'overwrite' });
    expect(result.outcome).toBe('invalid-state');
    expect(api.methods).toEqual(['GET']);
  });

  test('trap 7: PUT does not send the record back', async () => {
    const { api, update } = await guarded();
    overtaken(api, { status: 'On Hold' });
    const { result } = await update({ method: 'PUT', rule: 'overwrite' });
    expect(result.outcome).toBe('invalid-state');
    expect(api.values.status).toBe('On Hold');
  });
});

describe('force', () => {
  test('names the version that the transition was judged on, and overrules fields only', async () => {
    const { api, update } = await guarded();
    overtaken(api, { note: 'theirs' });
    const changes = { status: 'Complete', note: 'ours' };
    const { result } = await update({ force: true, guards: ['openedBy'], changes });
    expect(result.outcome).toBe('updated');
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
    expect(api.values).toMatchObject(changes);
  });
});

describe('what is judged again besides the state', () => {
  test('an event that is older than the present state comes late', async () => {
    const { api, update } = await guarded({ guard: SINCE });
    api.writes.push(
      preceded(() => {
        api.change({ status: 'On Hold' });
        api.change({ status: 'In Progress', statusSince: '2026-02-08T09:45:00.000Z' });
      }),
    );
    const { result } = await update({ rule: 'overwrite' });
    expect(result).toMatchObject({
      outcome: 'invalid-state',
      error: { code: 'EVENT_LATE' },
      refused: { late: { eventAt: SINCE.eventAt, since: '2026-02-08T09:45:00.000Z' } },
    });
    expect(api.committed).toEqual([]);
  });

  test('the time of the state alone is noise where the event is newer', async () => {
    const { api, update } = await guarded({ guard: SINCE });
    overtaken(api, { statusSince: '2026-02-08T09:15:00.000Z' });
    expect((await update()).result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  test('a field that the new state requires and somebody emptied', async () => {
    const { api, update } = await guarded({ guard: { to: 'Rework' } });
    api.change({ reworkReasonCode: 'R1' });
    overtaken(api, { reworkReasonCode: '' });
    const { result } = await update({ changes: { status: 'Rework', defectType: 'scratch' } });
    expect(result).toMatchObject({
      outcome: 'rejected',
      verified: true,
      refused: { reason: 'missing-fields', missing: ['reworkReasonCode'] },
    });
    expect(api.committed).toEqual([]);
  });

  test('a required field that the conflict rule left to the others, who emptied it', async () => {
    const { api, update } = await guarded({ guard: { to: 'Rework' } });
    api.change({ reworkReasonCode: 'R1', defectType: 'dent' });
    overtaken(api, { reworkReasonCode: '' });
    const changes = { status: 'Rework', reworkReasonCode: 'R2' };
    const { result } = await update({ changes, rule: 'theirs' });
    expect(result).toMatchObject({
      outcome: 'rejected',
      refused: { missing: ['reworkReasonCode'] },
    });
    expect(api.committed).toEqual([]);
  });

  test('an operator who opens the record in between', async () => {
    const { api, update } = await guarded({ guard: OPEN });
    overtaken(api, { openedBy: 'operator 7', openedAt: '2026-02-08T09:59:00Z' });
    const { result } = await update({ rule: 'overwrite' });
    expect(result).toMatchObject({
      outcome: 'busy',
      verified: true,
      error: { code: 'RECORD_OPEN' },
      refused: { openedBy: 'operator 7', openedAt: '2026-02-08T09:59:00Z' },
    });
    expect(api.committed).toEqual([]);
  });

  test('the operator who opened and closed it is noise', async () => {
    const { api, update } = await guarded({ guard: OPEN });
    api.writes.push(
      preceded(() => {
        api.change({ openedBy: 'operator 7' });
        api.change({ openedBy: '' });
      }),
    );
    expect((await update()).result).toMatchObject({ outcome: 'updated', retries: 1 });
  });

  test('the age of an open record, by the clock of the update', async () => {
    const open = { rule: 'newer', atField: 'openedAt', minutes: 15 } as const;
    const { api, engine, update } = await guarded({ guard: { open } });
    api.change({ openedAt: '2026-02-08T09:50:00Z' });
    expect((await update()).result.outcome).toBe('busy');
    engine.time.advance(5 * 60_000);
    expect((await update()).result.outcome).toBe('updated');
  });

  test('a status that the record stopped to show', async () => {
    const { api, update } = await guarded();
    api.writes.push(
      preceded(() => {
        api.noise();
        api.values = { note: 'n0' };
      }),
    );
    const { result } = await update({ rule: 'overwrite' });
    expect(result).toMatchObject({
      outcome: 'invalid-state',
      refused: { reason: 'unknown-state' },
    });
    expect(result.error?.message).toContain('status');
  });

  test('fields that a record leaves out are empty ones where the endpoint says so', async () => {
    const { update } = await guarded({
      api: { values: { status: 'In Progress' } },
      engine: { rest: { missingMeansNull: true } },
      guard: OPEN,
    });
    expect((await update()).result.outcome).toBe('updated');
  });

  test('a refusal is not taken from a snapshot that may be behind', async () => {
    const { api, engine, update } = await guarded({ guard: OPEN });
    const snapshot = engine.snapshot('"v0"', { ...VALUES, openedBy: 'operator 7' });
    expect((await update({ snapshot })).result.outcome).toBe('updated');
    expect(api.methods).toEqual(['GET', 'PATCH']);
  });
});

describe('a guard of something else', () => {
  test.each([
    ['another record', { url: 'http://127.0.0.1/orders/other' }, CHANGES, 'another record'],
    ['another field', { field: 'phase' }, CHANGES, '"phase"'],
    ['another state', { to: 'On Hold' }, CHANGES, '"On Hold"'],
    ['a state of another type', { to: 7 }, { status: '7' }, '"7"'],
    ['a field that is not written', {}, { note: 'n1' }, '"status"'],
  ])('%s: refused before any request', async (_name, part, changes, named) => {
    const { api, engine, guard } = await guarded();
    const transition = { ...guard, ...part };
    const fault = { code: 'GUARD_MISMATCH', message: expect.stringContaining(named) as string };
    expect(() => engine.update({ changes, transition })).toThrow(expect.objectContaining(fault));
    expect(api.requests).toEqual([]);
  });
});
