import { describe, expect, test } from 'vitest';
import { CACHED, cachedNow, STALE_MS } from '../../support/engine-cache';
import { guarded, OPEN, SINCE, VALUES } from '../../support/engine-guard';

/** What an event writes: with the status what belongs to it. */
const EVENT = { status: 'Complete', statusSince: '2026-02-08T11:00:00Z' };
/** An operator was faster. */
const OPERATOR = { status: 'Complete', statusSince: '2026-02-08T11:05:00Z' };

describe('a record in the wanted status', () => {
  test('is unchanged, whatever the guard says', async () => {
    const values = { ...VALUES, status: 'Complete', openedBy: 'operator 7' };
    const { api, update } = await guarded({ api: { values }, guard: OPEN });
    const { result } = await update();
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true });
    expect(result).not.toHaveProperty('kept');
    expect(api.methods).toEqual(['GET']);
  });

  test.each([
    ['PATCH', {}],
    ['PUT', { method: 'PUT' }],
    ['an action', { action: { name: 'complete', parameters: {} } }],
    ['force', { force: true }],
    ['overwrite', { rule: 'overwrite' }],
    ['a wired loop', { mode: 'once' }],
  ] as const)('%s: is left as it is, and what was not written is named', async (_name, part) => {
    const { api, update } = await guarded({ guard: SINCE });
    api.change(OPERATOR);
    const { result } = await update({ changes: EVENT, ...part });
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true, kept: ['statusSince'] });
    expect(api.methods).toEqual(['GET']);
  });

  test.each([409, 412])('is found so by the read after a %i, too', async status => {
    const { api, engine, update } = await guarded({ guard: SINCE });
    const snapshot = engine.snapshot(api.version, VALUES);
    api.writes.push(() => {
      api.change({ status: 'Complete' });
      return { status, body: { message: 'Cannot transition from current state' } };
    });
    const { result } = await update({ snapshot, changes: EVENT, rule: 'overwrite' });
    expect(result).toMatchObject({ outcome: 'unchanged', kept: ['statusSince'] });
    expect(api.methods).toEqual(['PATCH', 'GET']);
  });

  test('is found so also where the version did not move with the status', async () => {
    const { api, engine, update } = await guarded({ guard: SINCE });
    const snapshot = engine.snapshot(api.version, VALUES);
    api.values = { ...api.values, status: 'Complete' };
    api.writes.push({ status: 409, body: { message: 'Cannot transition from current state' } });
    const { result } = await update({ snapshot, changes: EVENT });
    expect(result).toMatchObject({ outcome: 'unchanged', kept: ['statusSince'] });
  });

  test('is read where only the message shows it', async () => {
    const { api, engine, update } = await guarded();
    const snapshot = engine.snapshot('"v0"', { ...VALUES, status: 'Complete' });
    const changes = { ...EVENT, note: 'ours' };
    const { result } = await update({ snapshot, changes, rule: 'overwrite' });
    expect(result.outcome).toBe('updated');
    // What the message's snapshot lacked is written all the same.
    expect(result).not.toHaveProperty('kept');
    expect(api.values).toMatchObject(changes);
  });

  test('after a lost answer is already-applied', async () => {
    const { api, update } = await guarded({ guard: OPEN });
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ openedBy: 'operator 7' });
      return 'reset';
    });
    expect((await update()).result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('after a write that never arrived, too, with the names of what is not ours', async () => {
    const { api, update } = await guarded({
      api: { values: { ...VALUES, writtenAt: '2026-02-01T00:00:00.000Z' } },
    });
    api.writes.push(() => {
      api.change(OPERATOR);
      return 'reset';
    });
    const { result } = await update({ changes: EVENT, stamp: 'writtenAt' });
    expect(result).toMatchObject({ outcome: 'already-applied', kept: ['statusSince'] });
    expect(api.committed).toEqual([]);
  });

  test('while a write that may still land is in doubt, is uncertain', async () => {
    const { api, update } = await guarded({
      engine: { policy: { requestTimeoutMs: 1_000 } },
      guard: SINCE,
    });
    api.writes.push(() => new Promise(() => undefined));
    const { result: first } = await update({ mode: 'once', changes: EVENT });
    expect(first).toMatchObject({ outcome: 'retry', pending: { seenUnmoved: true } });
    // A version that counts whole seconds.
    api.values = { ...api.values, ...OPERATOR };
    const { base, pending } = first;
    const { result } = await update({ base, pending, changes: EVENT });
    expect(result).toMatchObject({
      outcome: 'uncertain',
      verified: false,
      error: { code: 'WRITE_IN_DOUBT' },
      conflict: {
        fields: [{ name: 'status' }, { name: 'statusSince', theirs: OPERATOR.statusSince }],
      },
    });
    expect(api.written).toHaveLength(1);
  });
});

describe('a cache that is behind', () => {
  const BEHIND = { engine: { familyPart: CACHED }, guard: SINCE };

  test('does not end a transition that is still to be made', async () => {
    const { api, engine, update } = await guarded(BEHIND);
    api.change({ status: 'Complete' });
    api.reads.push(cachedNow(api));
    api.change({ status: 'In Progress' });
    const { result } = await update({ changes: EVENT });
    expect(result).toMatchObject({ outcome: 'updated', verified: true });
    expect(api.values).toMatchObject(EVENT);
    expect(engine.time.waits).toEqual([STALE_MS]);
  });

  test('does not refuse one either', async () => {
    const { api, update } = await guarded(BEHIND);
    api.change({ status: 'On Hold' });
    api.reads.push(cachedNow(api));
    api.change({ status: 'In Progress' });
    expect((await update({ changes: EVENT })).result.outcome).toBe('updated');
  });

  test('does so after a refused write neither', async () => {
    const { api, update } = await guarded(BEHIND);
    api.writes.push(() => {
      api.change({ status: 'Complete' });
      api.reads.push(cachedNow(api));
      api.change({ status: 'In Progress', statusSince: VALUES.statusSince });
      return { status: 412 };
    });
    expect((await update({ changes: EVENT })).result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test.each([
    ['all that is wanted', EVENT],
    ['the wanted status', OPERATOR],
  ])('and never catches up proves nothing: it shows %s', async (_name, values) => {
    const { api, engine, update } = await guarded(BEHIND);
    api.change(values);
    api.everyRead = cachedNow(api);
    api.change({ status: 'In Progress' });
    const { result } = await update({ changes: EVENT });
    expect(result).toMatchObject({
      outcome: 'exhausted',
      verified: false,
      error: { code: 'SHOWN_BY_CACHE' },
    });
    expect(result).not.toHaveProperty('kept');
    expect(engine.time.waits).toEqual([STALE_MS, STALE_MS, STALE_MS]);
    expect(api.written).toEqual([]);
  });

  test('and shows a state that allows nothing is not taken as proof', async () => {
    const { api, update } = await guarded(BEHIND);
    api.change({ status: 'On Hold' });
    api.everyRead = cachedNow(api);
    const { result } = await update({ changes: EVENT });
    expect(result).toMatchObject({ outcome: 'invalid-state', verified: false });
    expect(api.written).toEqual([]);
  });

  test('is told to a wired loop, which comes again', async () => {
    const { api, engine, update } = await guarded(BEHIND);
    api.change(OPERATOR);
    api.everyRead = cachedNow(api);
    const { result } = await update({ changes: EVENT, mode: 'once' });
    expect(result).toMatchObject({
      outcome: 'retry',
      cause: 'noise',
      verified: false,
      notBefore: new Date(engine.time.now() + STALE_MS).toISOString(),
    });
    expect(api.methods).toEqual(['GET']);
  });
});

describe('a refusal by the API on the version that was judged', () => {
  test('says what the guard sees by then', async () => {
    const { api, update } = await guarded({ guard: OPEN });
    api.writes.push(() => {
      // A version that does not count who has the record open.
      api.values = { ...api.values, openedBy: 'operator 7' };
      return { status: 409, body: { message: 'The order is being edited' } };
    });
    const { result } = await update({ mode: 'once' });
    expect(result).toMatchObject({
      outcome: 'retry',
      cause: 'busy',
      refused: { reason: 'busy', openedBy: 'operator 7' },
    });
  });
});
