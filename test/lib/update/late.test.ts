import { describe, expect, test } from 'vitest';
import {
  DEFAULT_EXCHANGE,
  type ExchangeSettings,
  type Meaning,
} from '../../../lib/api/rest/exchange';
import type { Computation } from '../../../lib/update/request';
import { Engine, type EngineOptions } from '../../support/engine';
import {
  lost,
  preceded,
  startRecordApi,
  type RecordApi,
  type Step,
} from '../../support/engine-record';
import type { Reply } from '../../support/scripted-server';

/** Ways of an exchange to end that do not end the work on it. */
const ENDS: readonly (readonly [string, Step])[] = [
  ['a reset', 'reset'],
  ['a 502', { status: 502 }],
  ['a 504', { status: 504, body: { error: { code: 'Timeout', message: 'No answer in time' } } }],
  ['a 520 of a content network', { status: 520, body: '<html>Unknown error</html>' }],
  ['a 524 of a content network', { status: 524 }],
  ['a 408', { status: 408 }],
  ['a page of something in between', { status: 500, body: '<html>Server Error</html>' }],
  ['a 503 without a word', { status: 503 }],
  ['a 503 in the words of HTTP', { status: 503, body: { message: 'Service Unavailable' } }],
  ['a 500 that is cut off', { status: 500, body: '{"error":{"code":"X1","mess', truncated: true }],
  ['a success that is cut off', { status: 200, body: '{"status":"Do', truncated: true }],
];

/** The API itself says that it failed. */
const TOLD: readonly (readonly [string, Reply])[] = [
  ['a 500', { status: 500, body: { error: { code: 'X1', message: 'The plug-in failed' } } }],
  ['a 500 with a code alone', { status: 500, body: { error: { code: 'X1' } } }],
  ['a 503', { status: 503, body: { message: 'Maintenance until 6 o’clock' } }],
];

/** A failure in words that mean something else in a refusal. */
const FAILED: readonly (readonly [string, EngineOptions, Reply])[] = [
  ['a page about a lock', {}, { status: 500, body: '<p>Lock request time out</p>' }],
  ['a line about a lock', {}, { status: 500, body: 'Being processed by node 2' }],
  [
    'the API about a lock',
    {},
    { status: 500, body: { message: 'Order is locked by user MILLER' } },
  ],
  [
    'what is described as throttling',
    { rest: { exchange: throttledBy({ statuses: [500], text: '' }) } },
    { status: 500 },
  ],
];

function throttledBy(throttled: Meaning): ExchangeSettings {
  return { ...DEFAULT_EXCHANGE, answers: { ...DEFAULT_EXCHANGE.answers, throttled } };
}

/** The write lands while the n-th look after it is answered, counted from the first read. */
function landsAt(api: RecordApi, look: number, then: () => void = () => undefined): Step {
  return (_request, proceed) => {
    const before: Step[] = Array.from({ length: look - 1 }, () => (_read, shown) => shown());
    api.reads.push(...before, (_read, shown) => {
      proceed();
      then();
      return shown();
    });
    return 'reset';
  };
}

describe('a write that may land after its exchange has ended', () => {
  test.each(ENDS)(
    'case U19: %s every time, and the record as before to the end, is uncertain',
    async (_name, end) => {
      const api = await startRecordApi();
      api.everyWrite = end;
      const { result } = await new Engine(api.url).update();
      expect(result).toMatchObject({ outcome: 'uncertain', verified: false, retries: 4 });
      expect(result.error?.message).toMatch(/may still be applied|in doubt/i);
    },
  );

  test('case U19: the same bytes go again on the same version, as often as the policy says, and then it is only looked at', async () => {
    const api = await startRecordApi();
    api.everyWrite = 'reset';
    const engine = new Engine(api.url, { policy: { transientRetries: 2 } });
    await engine.update();
    expect(api.written.map(({ headers }) => headers['if-match'])).toEqual(['"v1"', '"v1"', '"v1"']);
    expect(new Set(api.written.map(({ body }) => body)).size).toBe(1);
    const last = api.methods.lastIndexOf('PATCH');
    expect(api.methods.slice(last + 1).length).toBeGreaterThan(10);
    // Until there is no time for another look.
    expect(engine.time.monotonic()).toBeGreaterThan(27_000);
    expect(engine.time.monotonic()).toBeLessThanOrEqual(30_000);
  });

  test('case U19: it lands after the retries are used up: already applied', async () => {
    const api = await startRecordApi();
    api.writes.push(landsAt(api, 9));
    api.everyWrite = 'reset';
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'already-applied', verified: true });
    expect(api.committed).toHaveLength(1);
  });

  test('case U19: no retries at all: looked at until it lands', async () => {
    const api = await startRecordApi();
    api.writes.push(landsAt(api, 5));
    const { result } = await new Engine(api.url, { policy: { transientRetries: 0 } }).update();
    expect(result.outcome).toBe('already-applied');
    expect(api.written).toHaveLength(1);
  });

  test('case U19: a look that fails meanwhile is not the last one', async () => {
    const api = await startRecordApi();
    api.writes.push(landsAt(api, 5));
    api.everyWrite = 'reset';
    const options: EngineOptions = { policy: { transientRetries: 0 } };
    api.reads.push((_read, shown) => shown(), { status: 503 });
    const { result } = await new Engine(api.url, options).update();
    expect(result.outcome).toBe('already-applied');
  });

  test('case U19: a write that never left is not in doubt', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 429, headers: { 'retry-after': '600' } };
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('exhausted');
  });

  test('case U19: a 503 that names a time stays throttled', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 503, headers: { 'retry-after': '0' } };
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'THROTTLED' } });
  });

  test.each(TOLD)(
    'case U19: %s in the words of the API, and the record as before, was not applied',
    async (_name, reply) => {
      const api = await startRecordApi();
      api.everyWrite = reply;
      const { result } = await new Engine(api.url).update();
      expect(result).toMatchObject({ outcome: 'unavailable', retries: 4 });
      expect(api.committed).toHaveLength(0);
    },
  );

  test('case U19: one attempt in doubt is not settled by a later one that the API answers itself', async () => {
    const api = await startRecordApi();
    api.writes.push('reset');
    api.everyWrite = TOLD[0]?.[1];
    const { result } = await new Engine(api.url).update();
    expect(result.outcome).toBe('uncertain');
  });

  test('case U19: in a wired loop it is looked at once, and the next pass knows of it', async () => {
    const api = await startRecordApi();
    api.everyWrite = 'reset';
    const engine = new Engine(api.url);
    const first = await engine.update({ mode: 'once' });
    expect(first.result).toMatchObject({ outcome: 'retry', cause: 'transient' });
    expect(first.result.pending).toMatchObject({ versionSent: '"v1"', seenUnmoved: true });
    expect(first.result.pending).not.toHaveProperty('settled');
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });
});

describe('a write that lands late and is reverted before it goes again', () => {
  test.each(ENDS.slice(0, 8))('case U20: after %s: uncertain', async (_name, end) => {
    const api = await startRecordApi();
    api.writes.push((_request, proceed) => {
      api.reads.push((_read, shown) => {
        const seen = shown();
        proceed();
        api.change({ status: 'Open' });
        return seen;
      });
      return end as Reply;
    });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'uncertain', error: { code: 'POSSIBLY_REVERTED' } });
    expect(api.history.map(({ values }) => values.status)).toEqual(['Done', 'Open']);
  });
});

describe('a failure after the write, in words that mean something else in a refusal', () => {
  test.each(FAILED)(
    'case U20: %s: no second write over what followed',
    async (_n, options, end) => {
      const api = await startRecordApi();
      api.writes.push((_request, proceed) => {
        proceed();
        api.change({ status: 'Open' });
        return end;
      });
      const { result } = await new Engine(api.url, options).update();
      expect(result.outcome).toBe('uncertain');
      expect(api.history.map(({ values }) => values.status)).toEqual(['Done', 'Open']);
    },
  );

  test.each(FAILED)('case U1: %s: an increment counts at most once', async (_n, options, end) => {
    const api = await startRecordApi({ values: { stock: 5 } });
    api.writes.push((_request, proceed) => {
      proceed();
      return end;
    });
    const computation: Computation = {
      fields: ['stock'],
      hash: 'add 1',
      of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + 1 }),
    };
    const engine = new Engine(api.url, options);
    const { result } = await engine.update({ changes: undefined, computation });
    expect(result.outcome).toBe('uncertain');
    expect(api.values.stock).toBe(6);
  });
});

describe('documents whose reads are behind', () => {
  const couch: EngineOptions = { family: 'couchdb', collection: 'stock' };
  const put = { method: 'PUT' } as const;

  async function startCouch(): Promise<RecordApi> {
    return startRecordApi({ evidence: 'field', answers: 'version' });
  }

  /** Answers with the record as it is at this moment. */
  function remembered(api: RecordApi): Step {
    let shown: Reply | undefined;
    api.reads.unshift((_read, show) => (shown = show()));
    return () => shown ?? { status: 500 };
  }

  test('case U21: a lost answer and a 409, each followed by a read that is behind: already applied', async () => {
    const api = await startCouch();
    const behind = remembered(api);
    api.reads.push(behind, behind);
    api.writes.push(lost);
    const { result } = await new Engine(api.url, couch).update(put);
    expect(result).toMatchObject({ outcome: 'already-applied', verified: true });
    expect(api.committed).toHaveLength(1);
  });

  test('case U21: noise, a 409 and one read that is behind: healed', async () => {
    const api = await startCouch();
    const behind = remembered(api);
    api.reads.push(behind);
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await new Engine(api.url, couch).update(put);
    expect(result.outcome).toBe('updated');
    expect(api.committed).toHaveLength(1);
  });

  test('case U21: reads that stay behind end as unsupported, in doubt as uncertain, never as a refused state', async () => {
    const api = await startCouch();
    api.everyRead = remembered(api);
    api.writes.push(
      preceded(() => {
        api.noise();
      }),
    );
    const { result } = await new Engine(api.url, couch).update(put);
    const code = 'VERSION_NOT_PROGRESSING';
    expect(result).toMatchObject({ outcome: 'unsupported', error: { code } });
    const second = await startCouch();
    second.everyRead = remembered(second);
    second.writes.push(lost);
    const doubtful = await new Engine(second.url, couch).update(put);
    expect(doubtful.result.outcome).toBe('uncertain');
  });
});
