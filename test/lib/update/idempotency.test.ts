import { describe, expect, test } from 'vitest';
import type { UpdateOutput } from '../../../lib/update/known';
import { Engine, type EngineOptions, type RequestPart } from '../../support/engine';
import {
  lost,
  preceded,
  startRecordApi,
  type RecordApi,
  type Step,
} from '../../support/engine-record';

/** An engine that sends numbered keys. */
function engineWithKeys(api: RecordApi, options: EngineOptions = {}): Engine {
  let n = 0;
  const newKey = (): string => `key-${String(++n)}`;
  const idempotency = { header: 'Idempotency-Key', newKey };
  return new Engine(api.url, { ...options, context: { ...options.context, idempotency } });
}

function keys(api: RecordApi): unknown[] {
  return api.written.map(({ headers }) => headers['idempotency-key']);
}

const inProgress: Step = { status: 409, body: { message: 'The request is still being processed' } };

/** A request that is never answered; the caller's time-out ends it. */
const neverAnswered: Step = () => new Promise(() => undefined);

test('no key is sent unless the endpoint names a header', async () => {
  const api = await startRecordApi();
  await new Engine(api.url).update();
  expect(keys(api)).toEqual([undefined]);
});

describe('trap 24', () => {
  test.each([
    [undefined, '8e03978e-40d5'],
    [false, '8e03978e-40d5'],
    [true, '"8e03978e-40d5"'],
  ])(
    'case 16: trap 24: the key is sent in the header of the endpoint, quoted: %s',
    async (isQuoted, sent) => {
      const api = await startRecordApi();
      const named = { header: 'X-Request-Key', newKey: () => '8e03978e-40d5' };
      const idempotency = isQuoted === undefined ? named : { ...named, isQuoted };
      const { result } = await new Engine(api.url, { context: { idempotency } }).update();
      expect(result.outcome).toBe('updated');
      expect(api.written[0]?.headers['x-request-key']).toBe(sent);
    },
  );

  test.each<[string, Step]>([
    ['a broken connection', 'reset'],
    ['a time-out', neverAnswered],
    ['a 500', { status: 500 }],
    ['a 429', { status: 429 }],
    ['a lock', { status: 423 }],
  ])('trap 24: the same request after %s keeps its key', async (_name, step) => {
    const api = await startRecordApi();
    api.writes.push(step);
    // Only who gets no answer may wait for one in vain: on a busy machine every other one takes its time.
    const policy = step === neverAnswered ? { requestTimeoutMs: 1_000 } : {};
    const { result } = await engineWithKeys(api, { policy }).update();
    expect(result.outcome).toBe('updated');
    expect(keys(api)).toEqual(['key-1', 'key-1']);
    expect(api.written[1]?.body).toBe(api.written[0]?.body);
  });

  test('trap 24: a rebase gets a new key', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await engineWithKeys(api).update();
    expect(result.outcome).toBe('updated');
    expect(keys(api)).toEqual(['key-1', 'key-2']);
  });

  test('trap 24: a forced write that is tried again after a refusal gets a new key', async () => {
    const api = await startRecordApi();
    api.writes.push(() => {
      api.noise();
      return { status: 412 };
    });
    const { result } = await engineWithKeys(api).update({ force: true });
    expect(result.outcome).toBe('updated');
    expect(keys(api)).toEqual(['key-1', 'key-2']);
  });

  test('trap 24: a body that the conflict rule changed gets a new key', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.change({ status: 'Cancelled' });
      }),
    );
    const changes = { status: 'Done', note: 'ours' };
    const { result } = await engineWithKeys(api).update({ changes, rule: 'theirs' });
    expect(result.outcome).toBe('updated');
    expect(keys(api)).toEqual(['key-1', 'key-2']);
  });

  test('trap 24: a forced write refused for its state while the one before it is in progress leaves that one in doubt', async () => {
    const api = await startRecordApi();
    const refused: Step = {
      status: 409,
      body: { message: 'Cannot transition from current state' },
    };
    api.writes.push(inProgress, refused, refused, refused);
    const { result } = await engineWithKeys(api).update({ force: true });
    expect(result.attempts[0]?.class).toBe('in-progress');
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
  });

  test('trap 24: a request that is still in progress is sent again as it was, without a read in between', async () => {
    const api = await startRecordApi();
    api.writes.push(inProgress, inProgress);
    const engine = engineWithKeys(api);
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 2 });
    expect(result.attempts.map(attempt => attempt.class)).toEqual([
      'in-progress',
      'in-progress',
      'success',
    ]);
    expect(api.methods).toEqual(['GET', 'PATCH', 'PATCH', 'PATCH']);
    expect(keys(api)).toEqual(['key-1', 'key-1', 'key-1']);
    expect(engine.time.waits).toHaveLength(2);
  });

  test('trap 24: waiting for a request in progress is not shorter than Retry-After', async () => {
    const api = await startRecordApi();
    api.writes.push({ ...(inProgress as object), status: 409, headers: { 'retry-after': '7' } });
    const engine = engineWithKeys(api);
    await engine.update();
    expect(engine.time.waits[0]).toBeGreaterThanOrEqual(7_000);
  });

  test('trap 24: a 409 in the same words without a key is settled by a read', async () => {
    const api = await startRecordApi();
    api.everyWrite = inProgress;
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('invalid-state');
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });
});

describe('a request that stays in progress', () => {
  test('is uncertain once the retries are used up and no look has shown it', async () => {
    const api = await startRecordApi();
    api.everyWrite = inProgress;
    const { result } = await engineWithKeys(api, { policy: { transientRetries: 2 } }).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(result.error?.message).toContain('still being processed');
    expect(api.methods.slice(0, 5)).toEqual(['GET', 'PATCH', 'PATCH', 'PATCH', 'GET']);
    expect(api.written).toHaveLength(3);
  });

  test('is already applied when that look shows it in place', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      return inProgress;
    });
    const { result } = await engineWithKeys(api, { policy: { transientRetries: 0 } }).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('and was reverted meanwhile is not written a second time', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ status: 'Open' });
      return inProgress;
    });
    const { result } = await engineWithKeys(api).update();
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.committed).toHaveLength(1);
  });
});

describe('a wired loop', () => {
  function pass(engine: Engine, before?: UpdateOutput, part: RequestPart = {}) {
    const kept = before && {
      base: before.result.base,
      pending: before.result.pending,
      snapshot: before.record,
    };
    return engine.update({ mode: 'once', ...kept, ...part });
  }

  test('trap 24: a request in progress is sent again as it was by the next pass', async () => {
    const api = await startRecordApi();
    api.writes.push(inProgress);
    const engine = engineWithKeys(api);
    const first = await pass(engine, undefined, { stamp: 'writtenAt' });
    expect(first.result).toMatchObject({
      outcome: 'retry',
      cause: 'transient',
      pending: { versionSent: '"v1"', idempotency: { key: 'key-1' } },
    });
    engine.time.advance(2_500);
    const second = await pass(engine, JSON.parse(JSON.stringify(first)) as UpdateOutput, {
      stamp: 'writtenAt',
    });
    expect(second.result.outcome).toBe('updated');
    expect(api.methods).toEqual(['GET', 'PATCH', 'PATCH']);
    expect(keys(api)).toEqual(['key-1', 'key-1']);
    expect(api.written[1]?.body).toBe(api.written[0]?.body);
  });

  test('keeps the key of an attempt in doubt, and forgets it with the doubt', async () => {
    const api = await startRecordApi();
    api.writes.push(neverAnswered, lost);
    const engine = engineWithKeys(api, { policy: { requestTimeoutMs: 1_000 } });
    const first = await pass(engine);
    expect(first.result.pending?.idempotency?.key).toBe('key-1');
    const second = await pass(engine, first);
    expect(second.result.outcome).toBe('already-applied');
    expect(second.result).not.toHaveProperty('pending');
    expect(keys(api)).toEqual(['key-1', 'key-1']);
  });

  test('trap 24: gets a new key when the same body goes on another version', async () => {
    const api = await startRecordApi();
    api.writes.push({ status: 429 });
    const engine = engineWithKeys(api);
    const first = await pass(engine);
    api.change({ status: 'Cancelled' });
    const read = await engine.fetch();
    const snapshot = 'snapshot' in read ? read.snapshot : undefined;
    const second = await pass(engine, first, { rule: 'overwrite', snapshot });
    expect(second.result.outcome).toBe('updated');
    expect(api.written[1]?.body).toBe(api.written[0]?.body);
    expect(keys(api)).toEqual(['key-1', 'key-2']);
  });

  test('gets a new key when the record moved', async () => {
    const api = await startRecordApi();
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const engine = engineWithKeys(api);
    await pass(engine, await pass(engine));
    expect(keys(api)).toEqual(['key-1', 'key-2']);
  });
});
