import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../../../lib/outcome/outcome';
import { Engine } from '../../support/engine';
import { startRecordApi, type Step } from '../../support/engine-record';

interface Case {
  readonly name: string;
  readonly step: Step;
  readonly outcome: Outcome;
  readonly code: string;
}

const ETAG = { etag: '"v1"' };

const WRITES: readonly Case[] = [
  { name: '400', step: { status: 400 }, outcome: 'rejected', code: 'VALIDATION' },
  { name: '401', step: { status: 401 }, outcome: 'denied', code: 'AUTH' },
  { name: '403', step: { status: 403 }, outcome: 'denied', code: 'FORBIDDEN' },
  { name: '404', step: { status: 404 }, outcome: 'not-found', code: 'NOT_FOUND' },
  { name: '405', step: { status: 405 }, outcome: 'unsupported', code: 'METHOD_NOT_ALLOWED' },
  { name: '410', step: { status: 410 }, outcome: 'not-found', code: 'NOT_FOUND' },
  { name: '413', step: { status: 413 }, outcome: 'unsupported', code: 'BODY_TOO_LARGE' },
  { name: '422', step: { status: 422 }, outcome: 'rejected', code: 'VALIDATION' },
  { name: '428', step: { status: 428 }, outcome: 'unsupported', code: 'PRECONDITION_LOST' },
  {
    name: '409 duplicate',
    step: { status: 409, body: { message: 'duplicate key value' } },
    outcome: 'rejected',
    code: 'DUPLICATE',
  },
  {
    name: 'redirect to a sign-in page',
    step: { status: 302, headers: { location: 'https://login.example.com/' } },
    outcome: 'unsupported',
    code: 'REDIRECT',
  },
];

const READS: readonly Case[] = [
  { name: '401', step: { status: 401 }, outcome: 'denied', code: 'AUTH' },
  { name: '403', step: { status: 403 }, outcome: 'denied', code: 'FORBIDDEN' },
  { name: '404', step: { status: 404 }, outcome: 'not-found', code: 'NOT_FOUND' },
  { name: '500', step: { status: 500 }, outcome: 'unavailable', code: 'TRANSIENT' },
  {
    name: 'a redirect',
    step: { status: 301, headers: { location: '/new' } },
    outcome: 'unsupported',
    code: 'REDIRECT',
  },
  {
    name: 'a sign-in page',
    step: { status: 200, headers: ETAG, body: '<!DOCTYPE html><html></html>' },
    outcome: 'denied',
    code: 'HTML_ANSWER',
  },
  {
    name: 'unreadable JSON',
    step: { status: 200, headers: ETAG, body: '{"status": ' },
    outcome: 'unavailable',
    code: 'BODY_UNREADABLE',
  },
  {
    name: 'an empty body',
    step: { status: 200, headers: ETAG },
    outcome: 'unavailable',
    code: 'BODY_EMPTY',
  },
  {
    name: 'an oversized body',
    step: { status: 200, headers: ETAG, body: { filler: 'x'.repeat(200_000) } },
    outcome: 'unsupported',
    code: 'RESPONSE_TOO_LARGE',
  },
  {
    name: 'a record without a version',
    step: { status: 200, body: { status: 'Done' } },
    outcome: 'unsupported',
    code: 'NO_VERSION',
  },
  {
    name: 'a version that cannot be sent back',
    step: { status: 200, headers: { etag: 'v1' }, body: { status: 'Done' } },
    outcome: 'unsupported',
    code: 'VERSION_UNUSABLE',
  },
  {
    name: 'a list instead of a record',
    step: { status: 200, headers: ETAG, body: [{ status: 'Done' }] },
    outcome: 'unsupported',
    code: 'RECORD_UNREADABLE',
  },
];

test('a record without a version ends with the way out of its API', async () => {
  const api = await startRecordApi();
  api.everyRead = { status: 200, body: { status: 'Open' } };
  const familyPart = { noVersionFix: 'Switch on ETags for this table.' };
  const { result } = await new Engine(api.url, { familyPart }).update();
  expect(result).toMatchObject({ outcome: 'unsupported', error: { code: 'NO_VERSION' } });
  expect(result.error?.message).toMatch(/ Switch on ETags for this table\.$/);
});

describe('answers to a write', () => {
  test.each(WRITES)('$name: $outcome', async ({ step, outcome, code }) => {
    const api = await startRecordApi();
    api.everyWrite = step;
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome, error: { code } });
    expect(result.error?.message).not.toBe('');
    expect(api.written).toHaveLength(1);
    expect(api.committed).toHaveLength(0);
  });

  test('the words and the code of the API are passed on', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 400, body: { error: { code: 'E42', message: 'Wrong status' } } };
    const { result } = await new Engine(api.url).update();
    expect(result.error).toMatchObject({ apiCode: 'E42' });
    expect(result.error?.message).toContain('Wrong status');
  });
});

describe('answers to a read', () => {
  test.each(READS)('$name: $outcome', async ({ step, outcome, code }) => {
    const api = await startRecordApi();
    api.everyRead = step;
    const engine = new Engine(api.url, { policy: { transientRetries: 1 } });
    const { result, record } = await engine.update();
    expect(result).toMatchObject({ outcome, verified: false, error: { code } });
    expect(record).toBeUndefined();
    expect(api.written).toHaveLength(0);

    const fetched = await engine.fetch();
    expect(fetched).toMatchObject({ result: { outcome, error: { code }, attempts: [] } });
  });

  test('one fault is repeated by one layer only', async () => {
    const api = await startRecordApi();
    api.everyRead = { status: 503, headers: { 'retry-after': '0' } };
    const engine = new Engine(api.url, { policy: { transientRetries: 3 } });
    const { result } = await engine.update();
    expect(['exhausted', 'unavailable']).toContain(result.outcome);
    expect(api.requests).toHaveLength(4);
  });
});

describe('throttling', () => {
  test('of a read is waited out', async () => {
    const api = await startRecordApi();
    api.reads.push({ status: 429, headers: { 'retry-after': '2' } });
    const engine = new Engine(api.url);
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'updated', reads: 2, retries: 1 });
    expect(engine.time.waits[0]).toBeGreaterThanOrEqual(2_000);
  });

  test('of a read beyond the deadline: exhausted, with the time to come back', async () => {
    const api = await startRecordApi();
    api.everyRead = { status: 429, headers: { 'retry-after': '600' } };
    const engine = new Engine(api.url);
    const { result } = await engine.update();
    expect(result.outcome).toBe('exhausted');
    expect(result.notBefore).toBe(new Date(engine.time.now() + 600_000).toISOString());
    expect(engine.time.waits).toEqual([]);
    expect(api.requests).toHaveLength(1);
  });

  test.each([
    [429, ['GET', 'PATCH', 'PATCH']],
    // A gateway may have passed the write on before it answered 503: looked at first.
    [503, ['GET', 'PATCH', 'GET', 'PATCH']],
  ])('of a write (%i) sends the same write again', async (status, methods) => {
    const api = await startRecordApi();
    api.writes.push({ status, headers: { 'retry-after': '3' } });
    const engine = new Engine(api.url);
    const { result } = await engine.update();
    expect(result.outcome).toBe('updated');
    expect(api.methods).toEqual(methods);
    expect(engine.time.waits[0]).toBeGreaterThanOrEqual(3_000);
  });

  test('of every write: exhausted after the retries', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 429 };
    const engine = new Engine(api.url, { policy: { transientRetries: 2 } });
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome: 'exhausted', error: { code: 'THROTTLED' } });
    expect(result.attempts).toHaveLength(3);
  });

  test('and noise have retries of their own', async () => {
    const api = await startRecordApi();
    const noisy: Step = (_request, proceed) => {
      api.noise();
      return proceed();
    };
    api.writes.push(noisy, { status: 429 }, noisy, { status: 429 });
    const policy = { conflictRetries: 2, transientRetries: 2 };
    const { result } = await new Engine(api.url, { policy }).update();
    expect(result).toMatchObject({ outcome: 'updated', retries: 4 });
  });
});

describe('no connection', () => {
  test('refused: unavailable, and nothing is in doubt', async () => {
    const engine = new Engine('http://127.0.0.1:1', { policy: { transientRetries: 1 } });
    const read = await engine.update();
    expect(read.result).toMatchObject({ outcome: 'unavailable', error: { code: 'ECONNREFUSED' } });
    const snapshot = engine.snapshot('"v1"', { status: 'Open' });
    const written = await engine.update({ snapshot });
    expect(written.result).toMatchObject({
      outcome: 'unavailable',
      verified: false,
      error: { code: 'ECONNREFUSED' },
    });
  });

  test('a certificate that is not trusted: unsupported, at once', async () => {
    const url = await startTlsServer();
    const engine = new Engine(url);
    const snapshot = engine.snapshot('"v1"', { status: 'Open' });
    for (const part of [{}, { snapshot }]) {
      const { result } = await engine.update(part);
      expect(result.outcome).toBe('unsupported');
      expect(result.error?.code).toMatch(/CERT/);
      expect(result.error?.message).toContain('TLS settings');
      expect(engine.time.waits).toEqual([]);
    }
  });
});

async function startTlsServer(): Promise<string> {
  const material = (name: string): Buffer =>
    readFileSync(new URL(`../../support/tls/${name}.pem`, import.meta.url));
  const server = createServer({ cert: material('cert'), key: material('key') }, (_, response) => {
    response.end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test.each([
  ['E3289411A7695DF1', 'it does not stand in quotes'],
  ['w/"7"', 'the W of a weak one is a capital letter'],
  ['"2026-02-08 10:00"', 'it holds a blank'],
  ['"a"b"', 'it holds a quote'],
  ['"1", "2"', 'there are several of them'],
  ['"\u00e9"', 'it holds other characters than printable ASCII'],
  ['*', 'as a condition it would match every version'],
])('case 8: of the ETag %s the error says what is wrong', async (etag, problem) => {
  for (const family of ['rest', 'odata', 'sap-cx', 'apriso'] as const) {
    const api = await startRecordApi();
    api.everyRead = { status: 200, headers: { etag }, body: { status: 'Open' } };
    const { result } = await new Engine(api.url, { family }).update();
    expect(result).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'VERSION_UNUSABLE', message: expect.stringContaining(problem) as string },
    });
    expect(result.error?.message).toContain('If-Match');
    expect(api.methods).toEqual(['GET']);
  }
});

test.each([404, 412])(
  'case U16: a forced PUT on a record that is gone is not found, also where the API answers %i',
  async status => {
    const api = await startRecordApi();
    api.writes.push(() => {
      api.isGone = true;
      return { status };
    });
    const { result } = await new Engine(api.url).update({ method: 'PUT', force: true });
    expect(result.outcome).toBe('not-found');
    expect(api.written).toHaveLength(1);
  },
);
