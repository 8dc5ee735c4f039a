import { describe, expect, test } from 'vitest';
import { guarded, OPEN, overtaken, VALUES } from '../../support/engine-guard';

describe('while a write is in doubt', () => {
  test('a status that moved is uncertain: the write may have been applied before that', async () => {
    const { api, update } = await guarded();
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ status: 'Closed' });
      return 'reset';
    });
    const { result } = await update({ rule: 'overwrite' });
    expect(result).toMatchObject({
      outcome: 'uncertain',
      verified: false,
      error: { code: 'WRITE_IN_DOUBT' },
      conflict: { fields: [{ name: 'status', theirs: 'Closed' }] },
    });
    expect(api.committed).toHaveLength(1);
  });

  test('force does not go over it either', async () => {
    const { api, update } = await guarded();
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ status: 'Closed' });
      return 'reset';
    });
    const { result } = await update({ force: true });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
    expect(api.values.status).toBe('Closed');
  });

  test('a write that may still land is in doubt on the version it was sent on, too', async () => {
    const { api, update } = await guarded({
      engine: { policy: { requestTimeoutMs: 1_000 } },
      guard: OPEN,
    });
    api.writes.push(() => new Promise(() => undefined));
    const { result: first } = await update({ mode: 'once' });
    expect(first).toMatchObject({ outcome: 'retry', pending: { seenUnmoved: true } });
    // A version that does not count who has the record open.
    api.values = { ...api.values, openedBy: 'operator 7' };
    const { result } = await update({ base: first.base, pending: first.pending });
    expect(result).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'WRITE_IN_DOUBT' },
      refused: { reason: 'busy', openedBy: 'operator 7' },
      conflict: { fields: [{ name: 'status', theirs: 'In Progress' }] },
    });
    expect(api.written).toHaveLength(1);
  });

  test('a stamp that proves the write away leaves the refusal as it is', async () => {
    const { api, update } = await guarded({
      api: { values: { ...VALUES, writtenAt: '2026-02-01T00:00:00.000Z' } },
    });
    api.writes.push(() => {
      api.change({ status: 'On Hold' });
      return 'reset';
    });
    const { result } = await update({ stamp: 'writtenAt' });
    expect(result).toMatchObject({ outcome: 'invalid-state', verified: true });
    expect(api.committed).toEqual([]);
  });
});

describe('a wired loop', () => {
  test('waits for an operator who has the record open, and goes on from the first baseline', async () => {
    const { api, engine, update } = await guarded({ guard: OPEN });
    overtaken(api, { openedBy: 'operator 7' });
    const first = await update({ mode: 'once' });
    expect(first.result).toMatchObject({
      outcome: 'retry',
      cause: 'busy',
      verified: false,
      refused: { openedBy: 'operator 7' },
      base: { snapshot: { version: '"v1"' } },
    });
    const { base } = first.result;
    const held = await update({ mode: 'once', base, snapshot: first.record });
    expect(held.result).toMatchObject({ outcome: 'retry', cause: 'busy', attempts: [] });
    api.change({ openedBy: null });
    const fresh = engine.snapshot(api.version, api.values);
    const done = await update({ mode: 'once', base: held.result.base, snapshot: fresh });
    expect(done.result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test('keeps a write in doubt in mind while it waits', async () => {
    const { api, update } = await guarded({
      engine: { policy: { requestTimeoutMs: 1_000 } },
      guard: OPEN,
    });
    api.writes.push(() => new Promise(() => undefined));
    const { result: first } = await update({ mode: 'once' });
    api.values = { ...api.values, openedBy: 'operator 7' };
    const { result } = await update({ mode: 'once', base: first.base, pending: first.pending });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'busy' });
    expect(result.pending).toEqual(first.pending);
  });

  test('ends when the status moved between two passes', async () => {
    const { api, engine, update } = await guarded();
    overtaken(api, { other: 1 });
    const { result: first } = await update({ mode: 'once' });
    expect(first.outcome).toBe('retry');
    api.change({ status: 'On Hold' });
    const snapshot = engine.snapshot(api.version, api.values);
    const { result } = await update({ mode: 'once', base: first.base, snapshot });
    expect(result).toMatchObject({ outcome: 'invalid-state', refused: { from: 'On Hold' } });
    expect(result).not.toHaveProperty('base');
    expect(api.committed).toEqual([]);
  });
});

describe('conflict rules on the other fields', () => {
  const changes = { status: 'Complete', note: 'ours' };

  test('leave the status to be written', async () => {
    const { api, update } = await guarded();
    overtaken(api, { note: 'theirs' });
    const { result } = await update({ changes, rule: 'theirs' });
    expect(result).toMatchObject({ outcome: 'updated', kept: ['note'] });
    expect(api.values).toMatchObject({ status: 'Complete', note: 'theirs' });
  });

  test('may decide the status as it is to be', async () => {
    const { api, update } = await guarded();
    overtaken(api, { note: 'theirs' });
    const rule = () => Promise.resolve({ status: 'Complete', note: 'both' });
    expect((await update({ changes, rule })).result.outcome).toBe('updated');
    expect(api.values).toMatchObject({ status: 'Complete', note: 'both' });
  });

  test('cannot decide another status', async () => {
    const { api, update } = await guarded();
    overtaken(api, { note: 'theirs' });
    const rule = () => Promise.resolve({ status: 'Closed', note: 'both' });
    const { result } = await update({ changes, rule });
    expect(result).toMatchObject({ outcome: 'conflict', error: { code: 'DECISION_UNUSABLE' } });
    expect(result.error?.message).toContain('it sets status to "Closed"');
    expect(api.committed).toEqual([]);
  });

  test.each([
    ['theirs', { rule: 'theirs' }],
    ['merge', { rule: 'merge' }],
    ['a decision without it', { rule: () => Promise.resolve({ note: 'both' }) }],
  ] as const)('never write the rest without the status: %s', async (_name, part) => {
    const { api, engine, update } = await guarded();
    // The baseline is from before the state that the guard was made on.
    const snapshot = engine.snapshot('"v0"', { ...VALUES, status: 'Released' });
    const { result } = await update({ changes, snapshot, ...part });
    expect(result).toMatchObject({ outcome: 'conflict', conflict: { resolution: 'theirs' } });
    expect(api.written).toEqual([]);
  });
});
