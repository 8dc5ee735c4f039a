import { describe, expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { lost, preceded, startRecordApi, type Step } from '../../support/engine-record';
import type { Scripted } from '../../support/scripted-server';

/** The API says itself that it failed, and has not touched the record. */
const failing: Step = { status: 500, body: { error: { code: 'X1', message: 'Not now' } } };

/** What a write of yesterday put into the stamp field. */
const EARLIER = '2026-02-07T10:00:00.123Z';

/** The request arrives and nothing comes back: it may still be at work. */
const neverAnswered: Step = () => new Promise(() => undefined);

describe('a lost answer', () => {
  test('of a write that never arrived: sent again with the same version', async () => {
    const api = await startRecordApi();
    api.writes.push('reset');
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true, retries: 1 });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v1"']);
    expect(api.written[0]?.body).toBe(api.written[1]?.body);
    expect(api.committed).toHaveLength(1);
  });

  test('then unmoved, then noise: it may have landed and been reverted', async () => {
    const api = await startRecordApi();
    api.writes.push(
      'reset',
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v1"']);
    expect(api.committed).toHaveLength(0);
  });

  test('that the API told of, then unmoved, then noise: heals', async () => {
    const api = await startRecordApi();
    api.writes.push(
      failing,
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('updated');
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v1"', '"v2"']);
    expect(api.committed).toHaveLength(1);
  });

  test('is no longer in doubt once the record moved on without it', async () => {
    const api = await startRecordApi();
    const noisy = preceded(() => {
      api.noise();
    });
    api.writes.push(failing, noisy, noisy);
    const { result } = await new Engine(api.url, { policy: { conflictRetries: 1 } }).update();
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'HOT_RECORD' } });
    expect(api.committed).toHaveLength(0);
  });

  test('trap 8: with a stamp, an outdated look does not settle it when the old value was written back', async () => {
    const api = await startRecordApi({ values: { status: 'Open', stamp: EARLIER } });
    let shown: Scripted = 'reset';
    const remembered: Step = (_request, proceed) => (shown = proceed());
    api.reads.push(remembered, () => shown);
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ status: 'Open' });
      return 'reset';
    });
    const { result } = await new Engine(api.url).update({ stamp: 'stamp' });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.committed).toHaveLength(1);
  });

  test('with a stamp, noise after a look that was not behind heals', async () => {
    const api = await startRecordApi({ values: { status: 'Open', stamp: EARLIER } });
    api.writes.push(
      'reset',
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await new Engine(api.url).update({ stamp: 'stamp' });
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test.each(['report', 'overwrite', 'merge', 'theirs'] as const)(
    'then changed by somebody: the rule %s is not used',
    async rule => {
      const api = await startRecordApi();
      api.writes.push((_request, proceed) => {
        proceed();
        api.change({ status: 'Cancelled' });
        return 'reset';
      });
      const { result } = await new Engine(api.url).update({ rule });
      expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'WRITE_IN_DOUBT' } });
      expect(result.conflict?.fields).toEqual([
        { name: 'status', base: 'Open', ours: 'Done', theirs: 'Cancelled' },
      ]);
      expect(api.committed).toHaveLength(1);
    },
  );

  test('applied, then noise on top: already applied', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      api.noise();
      return 'reset';
    });
    const { result, record } = await new Engine(api.url).update();
    expect(result.outcome).toBe('already-applied');
    expect(record?.version).toBe('"v3"');
    expect(api.written).toHaveLength(1);
  });

  test('one of two targets reverted: not repeated', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      api.change({ status: 'Open' });
      return 'reset';
    });
    const { result } = await new Engine(api.url).update({
      changes: { status: 'Done', note: 'n1' },
    });
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.written).toHaveLength(1);
  });

  test('and a read that fails: uncertain', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      api.everyRead = 'reset';
      return 'reset';
    });
    const { result } = await new Engine(api.url, { policy: { transientRetries: 2 } }).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(result.error?.code).not.toBe('');
    expect(api.committed).toHaveLength(1);
  });

  test.each<[string, Step]>([
    ['is denied', { status: 403 }],
    ['brings a web page', { status: 200, body: '<html></html>' }],
    ['brings no version', { status: 200, body: { status: 'Done' } }],
    ['is throttled for long', { status: 429, headers: { 'retry-after': '600' } }],
  ])('and a read that %s: uncertain', async (_name, step) => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      api.everyRead = step;
      return 'reset';
    });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(result.error).toBeDefined();
  });

  test.each<[string, Step, number]>([
    ['a refusal for its state', { status: 409 }, 1],
    ['a refused version that is the current one', { status: 412 }, 2],
    ['a failure reported with status 200', { status: 200, body: { success: false } }, 1],
    ['a web page', { status: 200, body: '<html></html>' }, 1],
  ])('that may still land, then %s: uncertain', async (_name, refusal, looks) => {
    const api = await startRecordApi();
    api.writes.push({ status: 504 }, refusal);
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    // It is not sent again, and looked at as long as there is time.
    expect(api.methods.slice(0, 4)).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
    expect(api.written).toHaveLength(2);
    expect(api.methods.slice(4).length).toBeGreaterThan(looks);
  });

  test('and the record gone: not found', async () => {
    const api = await startRecordApi();
    api.writes.push(() => {
      api.isGone = true;
      return 'reset';
    });
    expect((await new Engine(api.url).update()).result.outcome).toBe('not-found');
  });

  test('again and again by time-outs: uncertain once the retries are used up', async () => {
    const api = await startRecordApi();
    api.everyWrite = neverAnswered;
    const policy = { transientRetries: 2, requestTimeoutMs: 1_000 };
    const engine = new Engine(api.url, { policy });
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false, retries: 2 });
    expect(result.attempts).toHaveLength(3);
  });

  test('is not one where the API itself answered with a fault and the record is as before: unavailable', async () => {
    const api = await startRecordApi();
    api.everyWrite = failing;
    const { result } = await new Engine(api.url, { policy: { transientRetries: 2 } }).update();
    expect(result).toMatchObject({ outcome: 'unavailable', retries: 2 });
    expect(api.committed).toHaveLength(0);
  });

  test('then a refusal for good: uncertain, since the lost one may still land', async () => {
    const api = await startRecordApi();
    api.writes.push(neverAnswered, { status: 403 });
    const { result } = await new Engine(api.url, { policy: { requestTimeoutMs: 1_000 } }).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(result.error).toBeDefined();
  });

  test('with no retries left: still looked at once', async () => {
    const api = await startRecordApi();
    api.writes.push(lost);
    const { result } = await new Engine(api.url, { policy: { transientRetries: 0 } }).update();
    expect(result.outcome).toBe('already-applied');
  });

  test('by a time-out of ours: looked at, then sent again', async () => {
    const api = await startRecordApi();
    api.writes.push(neverAnswered);
    const { result } = await new Engine(api.url, { policy: { requestTimeoutMs: 1_000 } }).update();
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test('then a throttled resend without time for more: uncertain', async () => {
    const api = await startRecordApi();
    api.writes.push(neverAnswered, { status: 429, headers: { 'retry-after': '600' } });
    const { result } = await new Engine(api.url, { policy: { requestTimeoutMs: 1_000 } }).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
  });
});

describe('a write that timed out and lands late', () => {
  const policy = { requestTimeoutMs: 1_000 };

  test('is already applied, whatever the resend is answered', async () => {
    const api = await startRecordApi();
    api.writes.push(neverAnswered, (_request, proceed) => {
      proceed();
      return { status: 422, body: { message: 'Nothing to change' } };
    });
    const { result } = await new Engine(api.url, { policy }).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.committed).toHaveLength(1);
  });

  test('trap 8: and was reverted before the resend: uncertain, not written a second time', async () => {
    const api = await startRecordApi();
    api.writes.push(
      neverAnswered,
      preceded(() => {
        api.change({ status: 'Done' });
        api.change({ status: 'Open' });
      }),
    );
    const { result } = await new Engine(api.url, { policy }).update();
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.committed).toHaveLength(0);
  });
});

describe('an error after which the write may be in place', () => {
  test.each([500, 502, 503, 504, 408])('%i, applied: already applied', async status => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      return { status };
    });
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.written).toHaveLength(1);
  });

  test('500, not applied: sent again', async () => {
    const api = await startRecordApi();
    api.writes.push(failing);
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test.each<[string, Step]>([
    ['truncated', { status: 200, body: '{"status":"Do', truncated: true }],
    ['unreadable', { status: 200, body: '{"status":' }],
    ['oversized', { status: 200, body: 'x'.repeat(200_000) }],
  ])('a success whose body is %s is verified by a read', async (_name, answer) => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      proceed();
      return answer as Exclude<Step, (...args: never[]) => unknown>;
    });
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.written).toHaveLength(1);
  });
});

describe('an accepted write (202)', () => {
  test('is looked for until the record shows it', async () => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      const apply = preceded(() => {
        proceed();
      });
      api.reads.push((_read, shown) => shown(), apply);
      return { status: 202 };
    });
    const { result, record } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'updated', verified: true, reads: 3 });
    expect(record?.version).toBe('"v2"');
    expect(api.written).toHaveLength(1);
  });

  test('that never shows is uncertain at the deadline, and not repeated', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 202 };
    const engine = new Engine(api.url, { policy: { deadlineMs: 5_000 } });
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(api.written).toHaveLength(1);
    expect(engine.time.monotonic()).toBeLessThanOrEqual(5_000);
  });

  test('is not polled without pause, whatever the policy says', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 202 };
    const schedule = { kind: 'list', waitsMs: [0] } as const;
    const engine = new Engine(api.url, { policy: { deadlineMs: 5_000, schedule } });
    api.everyRead = (_request, proceed) => {
      engine.time.advance(1); // so that even polling without pause comes to an end
      return proceed();
    };
    await engine.update();
    expect(api.methods.length).toBeLessThanOrEqual(60);
  });
});
