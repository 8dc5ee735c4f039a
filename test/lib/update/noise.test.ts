import { describe, expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { preceded, startRecordApi, type RecordApi } from '../../support/engine-record';

function noisyWrites(api: RecordApi, count: number): void {
  for (let n = 0; n < count; n++) {
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
  }
}

describe('baseline', () => {
  test('reads, writes, and needs no more', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const { result, record } = await engine.update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true, reads: 1, retries: 0 });
    expect(result.attempts).toMatchObject([
      { status: 200, versionSent: '"v1"', versionSeen: '"v2"', class: 'success', waitedMs: 0 },
    ]);
    expect(record).toMatchObject({ version: '"v2"', values: { status: 'Done', note: 'n0' } });
    expect(engine.phases).toEqual(['reading', 'writing']);
  });

  test('a snapshot in the message saves the read', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    const { result } = await engine.update({ snapshot });
    expect(result).toMatchObject({ outcome: 'updated', reads: 0 });
    expect(api.methods).toEqual(['PATCH']);
  });

  test('desired values that a read shows are not written again', async () => {
    const api = await startRecordApi({ values: { status: 'Done' } });
    const { result, record } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true, attempts: [] });
    expect(record?.version).toBe('"v1"');
    expect(api.methods).toEqual(['GET']);
  });

  test('desired values that only the message shows are read again', async () => {
    const api = await startRecordApi({ values: { status: 'Done' } });
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    expect((await engine.update({ snapshot })).result.outcome).toBe('unchanged');
    expect(api.methods).toEqual(['GET']);
  });

  test('a stale snapshot that shows the desired values meets what others did since', async () => {
    const api = await startRecordApi({ values: { status: 'Done' } });
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.change({ status: 'Cancelled' });
    const { result } = await engine.update({ snapshot });
    expect(result.outcome).toBe('conflict');
    expect(result.conflict?.fields).toEqual([
      { name: 'status', base: 'Done', ours: 'Done', theirs: 'Cancelled' },
    ]);
    expect(api.methods).toEqual(['GET']);
  });

  test('two updates in series on one message do not conflict with each other', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const first = await engine.update();
    const second = await engine.update({ changes: { status: 'Closed' }, snapshot: first.record });
    expect(second.result).toMatchObject({ outcome: 'updated', reads: 0 });
    expect(api.committed).toHaveLength(2);
  });

  test('the second update of a series can tell noise although it writes another field', async () => {
    const api = await startRecordApi();
    api.everyRead = (request, proceed) => {
      const shown = proceed();
      const names = new URL(request.url, 'http://api').searchParams.get('$select')?.split(',');
      const all = Object.entries(api.values);
      return { ...shown, body: Object.fromEntries(all.filter(([name]) => names?.includes(name))) };
    };
    api.everyWrite = (_request, proceed) => ({ ...proceed(), body: undefined, status: 204 });
    const engine = new Engine(api.url, { family: 'dataverse', collection: 'salesorders' });
    const first = await engine.update();
    noisyWrites(api, 1);
    const second = await engine.update({ changes: { note: 'n1' }, snapshot: first.record });
    expect(second.result.outcome).toBe('updated');
    expect(api.values).toMatchObject({ status: 'Done', note: 'n1' });
  });
});

describe('noise', () => {
  test('heals with the first rebase at once, on the version just read', async () => {
    const api = await startRecordApi();
    noisyWrites(api, 1);
    const engine = new Engine(api.url);
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'updated', reads: 2, retries: 1 });
    expect(engine.time.waits).toEqual([]);
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v2"']);
  });

  test('further rebases wait by the policy', async () => {
    const api = await startRecordApi();
    noisyWrites(api, 3);
    const schedule = { kind: 'list', waitsMs: [500, 1500] } as const;
    const engine = new Engine(api.url, { policy: { schedule, jitter: { kind: 'none' } } });
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 3 });
    expect(engine.time.waits).toEqual([500, 1500]);
    expect(result.attempts.map(({ waitedMs }) => waitedMs)).toEqual([0, 0, 500, 1500]);
  });

  test('a hot record exhausts the conflict retries', async () => {
    const api = await startRecordApi();
    noisyWrites(api, 20);
    const { result, record } = await new Engine(api.url, {
      policy: { conflictRetries: 3 },
    }).update();
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'HOT_RECORD' } });
    expect(result.attempts).toHaveLength(4);
    expect(record?.version).toBe(api.version);
    expect(api.committed).toHaveLength(0);
  });

  test('the last look still notices that somebody else did the work', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Done' });
      }),
    );
    const { result } = await new Engine(api.url, { policy: { conflictRetries: 0 } }).update();
    expect(result).toMatchObject({ outcome: 'unchanged', verified: true });
    expect(api.committed).toHaveLength(0);
  });

  test('the deadline ends the waiting: no wait reaches beyond it, and no write leaves after it', async () => {
    const api = await startRecordApi();
    noisyWrites(api, 20);
    const schedule = { kind: 'list', waitsMs: [400] } as const;
    const policy = { deadlineMs: 1_000, schedule, jitter: { kind: 'none' } } as const;
    const engine = new Engine(api.url, { policy });
    const { result } = await engine.update();
    expect(result.outcome).toBe('exhausted');
    expect(engine.time.waits).toEqual([400, 400]);
    expect(api.written).toHaveLength(4);
  });

  test('a turn that took all the time leaves none for a write', async () => {
    const api = await startRecordApi();
    const engine: Engine = new Engine(api.url, {
      policy: { deadlineMs: 1_000 },
      turn: () => {
        engine.time.advance(1_000);
        const release = (): Promise<boolean> => Promise.resolve(true);
        return Promise.resolve({ ...LEASE, release });
      },
    });
    const snapshot = engine.snapshot(api.version, api.values);
    const { result } = await engine.update({ snapshot });
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'DEADLINE' } });
    expect(result.attempts).toEqual([]);
    expect(api.requests).toHaveLength(0);
  });

  test('a turn that is not granted makes the update busy', async () => {
    const api = await startRecordApi();
    let askedMs = 0;
    const engine = new Engine(api.url, {
      policy: { deadlineMs: 3_000 },
      turn: waitMs => {
        askedMs = waitMs;
        return Promise.resolve({ granted: false, reason: 'timeout', waitedMs: waitMs });
      },
    });
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'busy', error: { code: 'TURN_NOT_GRANTED' } });
    expect(askedMs).toBe(3_000);
    expect(api.requests).toHaveLength(0);
  });
});

const LEASE = {
  granted: true,
  key: 'orders/A1',
  token: 't',
  fence: 1,
  expiresAt: 0,
  signal: new AbortController().signal,
  extend: (): Promise<boolean> => Promise.resolve(true),
} as const;

test('waits with decorrelated jitter grow from the wait before, for noise and faults apart', async () => {
  const api = await startRecordApi();
  const noisy = preceded(() => {
    api.noise();
  });
  api.writes.push(noisy, { status: 423 }, noisy, { status: 423 }, noisy);
  const engine = new Engine(api.url, {
    policy: {
      schedule: { kind: 'list', waitsMs: [100, 1_000_000] },
      jitter: { kind: 'decorrelated' },
      firstAtOnce: false,
      deadlineMs: 1_000_000,
    },
    context: { random: () => 0.5 },
  });
  const { result } = await engine.update();
  expect(result.outcome).toBe('updated');
  // 100 to 3 times the wait before, in the middle: 200, 350, 575 for noise; 200, 350 for faults.
  expect(engine.time.waits).toEqual([200, 200, 350, 350, 575]);
});

test('MERGE carries the changes as PATCH does', async () => {
  const api = await startRecordApi();
  noisyWrites(api, 1);
  const { result } = await new Engine(api.url).update({ method: 'MERGE' });
  expect(result.outcome).toBe('updated');
  expect(api.methods).toEqual(['GET', 'MERGE', 'GET', 'MERGE']);
  expect(api.values).toMatchObject({ status: 'Done', note: 'n0' });
});

test('waits that are stretched share the time that is left, so that all retries fit in', async () => {
  const api = await startRecordApi();
  api.everyWrite = preceded(() => {
    api.noise();
  });
  const engine = new Engine(api.url, {
    policy: {
      schedule: { kind: 'list', waitsMs: [1000] },
      jitter: { kind: 'none' },
      firstAtOnce: false,
      conflictRetries: 6,
      deadlineMs: 10_000,
      stretch: 4,
    },
  });
  const { result } = await engine.update();
  expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'HOT_RECORD' } });
  expect(engine.time.waits).toEqual([1400, 1400, 1400, 1400, 1400, 1500]);
});
