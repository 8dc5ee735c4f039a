import { describe, expect, test } from 'vitest';
import type { UpdateOutput } from '../../../lib/update/known';
import { Engine, type RequestPart } from '../../support/engine';
import { lost, preceded, startRecordApi, type RecordApi } from '../../support/engine-record';

/** The next pass of a wired loop, with what the message carries. */
function nextPass(engine: Engine, before: UpdateOutput, part: RequestPart = {}) {
  const { base, pending } = before.result;
  return engine.update({ mode: 'once', base, pending, snapshot: before.record, ...part });
}

async function fetched(engine: Engine) {
  const read = await engine.fetch();
  if (!('snapshot' in read)) throw new Error('not read');
  return read.snapshot;
}

function noisy(api: RecordApi): void {
  api.writes.push(
    preceded(() => {
      api.noise();
    }),
  );
}

describe('one attempt', () => {
  test('ends like any other when it succeeds', async () => {
    const api = await startRecordApi();
    const { result } = await new Engine(api.url).update({ mode: 'once' });
    expect(result.outcome).toBe('updated');
    expect(result).not.toHaveProperty('base');
    expect(result).not.toHaveProperty('pending');
  });

  test('noise: try again, from the first baseline, without waiting', async () => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const { result, record } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'noise', verified: false });
    expect(result.base?.snapshot).toMatchObject({ version: '"v1"', values: { status: 'Open' } });
    expect(result.pending).toBeUndefined();
    expect(record?.version).toBe('"v2"');
    expect(engine.time.waits).toEqual([]);
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });

  test('throttled: try again, not before the time the API names', async () => {
    const api = await startRecordApi();
    api.writes.push({ status: 429, headers: { 'retry-after': '600' } });
    const engine = new Engine(api.url);
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'throttled' });
    expect(result.notBefore).toBe(new Date(engine.time.now() + 600_000).toISOString());
    expect(result.pending).toBeUndefined();
    expect(engine.time.waits).toEqual([]);
    expect(api.methods).toEqual(['GET', 'PATCH']);
  });

  test('a throttled read: try again, not before the time the API names', async () => {
    const api = await startRecordApi();
    api.reads.push({ status: 429, headers: { 'retry-after': '600' } });
    const engine = new Engine(api.url);
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'throttled' });
    expect(result.notBefore).toBe(new Date(engine.time.now() + 600_000).toISOString());
  });

  test('a time-out after which the record is as before: try again, the attempt is kept in mind', async () => {
    const api = await startRecordApi();
    api.writes.push(() => new Promise(() => undefined));
    const engine = new Engine(api.url, { policy: { requestTimeoutMs: 1_000 } });
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({
      outcome: 'retry',
      cause: 'transient',
      pending: { versionSent: '"v1"', seenUnmoved: true },
    });
  });

  test('a lost answer is looked at in the same pass', async () => {
    const api = await startRecordApi();
    api.writes.push(lost);
    const { result } = await new Engine(api.url).update({ mode: 'once' });
    expect(result.outcome).toBe('already-applied');
  });

  test('a read that fails: try again', async () => {
    const api = await startRecordApi();
    api.everyRead = { status: 502 };
    const engine = new Engine(api.url, { policy: { transientRetries: 1 } });
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'transient' });
    expect(result.error).toBeDefined();
  });

  test('the turn is not granted: try again', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url, {
      turn: () => Promise.resolve({ granted: false, reason: 'queue-full', waitedMs: 0 }),
    });
    const { result } = await engine.update({ mode: 'once' });
    expect(result).toMatchObject({ outcome: 'retry', cause: 'busy' });
  });

  test('an accepted write that does not show yet is uncertain, never repeated', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 202 };
    const { result } = await new Engine(api.url).update({ mode: 'once' });
    expect(result.outcome).toBe('uncertain');
    expect(api.written).toHaveLength(1);
  });

  test.each([
    [409, 'invalid-state'],
    [422, 'rejected'],
    [403, 'denied'],
  ])('%i is as final as in the other mode', async (status, outcome) => {
    const api = await startRecordApi();
    api.everyWrite = { status };
    expect((await new Engine(api.url).update({ mode: 'once' })).result.outcome).toBe(outcome);
  });
});

describe('the next pass', () => {
  test('goes on from the snapshot of the pass before', async () => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const second = await nextPass(engine, await engine.update({ mode: 'once' }));
    expect(second.result).toMatchObject({ outcome: 'updated', reads: 0 });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
  });

  test('compares with the first baseline: an operator in between is a conflict', async () => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once' });
    api.change({ status: 'Cancelled' });
    const second = await nextPass(engine, first, { snapshot: await fetched(engine) });
    expect(second.result.outcome).toBe('conflict');
    expect(second.result.conflict?.fields).toEqual([
      { name: 'status', base: 'Open', ours: 'Done', theirs: 'Cancelled' },
    ]);
    expect(second.result).not.toHaveProperty('base');
    expect(api.written).toHaveLength(1);
  });

  test('a guard that moved in between is a conflict', async () => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once', guards: ['owner'] });
    api.change({ owner: 'somebody' });
    const snapshot = await fetched(engine);
    const second = await nextPass(engine, first, { snapshot, guards: ['owner'] });
    expect(second.result.outcome).toBe('conflict');
  });

  test('applies the conflict rule to what happened in between', async () => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const part = { changes: { status: 'Done', note: 'ours' }, rule: 'theirs' } as const;
    const first = await engine.update({ mode: 'once', ...part });
    api.change({ status: 'Cancelled' });
    const second = await nextPass(engine, first, { snapshot: await fetched(engine), ...part });
    expect(second.result).toMatchObject({ outcome: 'updated', kept: ['status'] });
    expect(api.values).toMatchObject({ status: 'Cancelled', note: 'ours' });
  });

  test('keeps the first baseline through many passes', async () => {
    const api = await startRecordApi();
    noisy(api);
    noisy(api);
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once' });
    const second = await nextPass(engine, first, { snapshot: await fetched(engine) });
    expect(second.result.outcome).toBe('retry');
    expect(second.result.base).toEqual(first.result.base);
  });

  test.each<[string, RequestPart]>([
    ['other changes', { changes: { status: 'Closed' } }],
    ['another value of the same type', { changes: { status: 'done' } }],
  ])('ignores the baseline of %s', async (_name, part) => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once' });
    api.change({ status: 'Cancelled' });
    const second = await nextPass(engine, first, { snapshot: await fetched(engine), ...part });
    expect(second.result.outcome).toBe('updated');
  });

  test('ignores the baseline of another record', async () => {
    const api = await startRecordApi();
    noisy(api);
    const first = await new Engine(api.url).update({ mode: 'once' });
    api.change({ status: 'Cancelled' });
    const other = new Engine(api.url, { key: 'B2' });
    const second = await nextPass(other, first, { snapshot: await fetched(other) });
    expect(second.result.outcome).toBe('updated');
  });

  test('survives JSON', async () => {
    const api = await startRecordApi();
    noisy(api);
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once' });
    expect(JSON.parse(JSON.stringify(first.result.base))).toEqual(first.result.base);
  });
});

describe('an attempt in doubt', () => {
  /** A lost write, after which the record could not be read. */
  async function unseen(api: RecordApi, engine: Engine, wasApplied: boolean) {
    api.writes.push((_request, proceed) => {
      if (wasApplied) proceed();
      api.reads.push('reset');
      return 'reset';
    });
    return engine.update({ mode: 'once' });
  }

  async function start() {
    const api = await startRecordApi();
    return { api, engine: new Engine(api.url, { policy: { transientRetries: 0 } }) };
  }

  test('is passed on with the outcome', async () => {
    const { api, engine } = await start();
    const { result } = await unseen(api, engine, true);
    expect(result).toMatchObject({
      outcome: 'retry',
      cause: 'transient',
      pending: { versionSent: '"v1"', seenUnmoved: false },
    });
  });

  test('that was applied is found in place by the next pass', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    const second = await nextPass(engine, first, { snapshot: await fetched(engine) });
    expect(second.result.outcome).toBe('already-applied');
    expect(second.result).not.toHaveProperty('pending');
    expect(api.committed).toHaveLength(1);
  });

  test('that the next pass finds unmoved may still land, whatever the API says of that pass', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, false);
    api.writes.push({ status: 429 }, { status: 403 });
    const second = await nextPass(engine, first);
    expect(second.result).toMatchObject({ outcome: 'retry', pending: { seenUnmoved: true } });
    const third = await nextPass(engine, second);
    expect(third.result).toMatchObject({ outcome: 'uncertain', verified: false });
  });

  test('is looked for by the next pass before it writes, whatever snapshot the message holds', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    const second = await nextPass(engine, first);
    expect(second.result.outcome).toBe('already-applied');
    expect(api.written).toHaveLength(1);
  });

  test('that never arrived is sent again by the next pass', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, false);
    const second = await nextPass(engine, first, { snapshot: await fetched(engine) });
    expect(second.result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test('that may have been reverted is not repeated', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    api.change({ status: 'Open' });
    const second = await nextPass(engine, first, { snapshot: await fetched(engine) });
    expect(second.result).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'POSSIBLY_REVERTED' },
    });
    expect(api.committed).toHaveLength(1);
  });

  test('that may have been reverted is not repeated from a snapshot read before it either', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    api.change({ status: 'Open' });
    const second = await nextPass(engine, first);
    expect(second.result).toMatchObject({
      outcome: 'uncertain',
      error: { code: 'POSSIBLY_REVERTED' },
    });
    expect(api.committed).toHaveLength(1);
    expect(api.values.status).toBe('Open');
  });

  test('of other changes does not count', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    const snapshot = await fetched(engine);
    const second = await nextPass(engine, first, { snapshot, changes: { note: 'n0' } });
    expect(second.result.outcome).toBe('unchanged');
  });

  test('is what a pass that resolves by itself and gets no turn ends with', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    const busy = new Engine(api.url, {
      turn: () => Promise.resolve({ granted: false, reason: 'timeout', waitedMs: 1 }),
    });
    const last = await nextPass(busy, first, { mode: 'resolve' });
    expect(last.result).toMatchObject({ outcome: 'uncertain', verified: false });
  });

  test('survives a pass that did not get its turn', async () => {
    const { api, engine } = await start();
    const first = await unseen(api, engine, true);
    const busy = new Engine(api.url, {
      turn: () => Promise.resolve({ granted: false, reason: 'timeout', waitedMs: 1 }),
    });
    const second = await nextPass(busy, first);
    expect(second.result).toMatchObject({ outcome: 'retry', cause: 'busy' });
    expect(second.result.pending).toEqual(first.result.pending);
    expect(second.result.base).toEqual(first.result.base);
  });
});
