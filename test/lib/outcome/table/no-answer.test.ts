// Rows that no answer decides alone: what a re-read after a 412 shows, and faults on the way.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../../support/engine';
import { lost, startRecordApi, type Step } from '../../../support/engine-record';
import type { End } from './case';

const RECORD = { status: 'Open' };

describe('what the re-read after a 412 shows', () => {
  test('row 33: the record is gone: not-found, and nothing is written any more', async () => {
    const api = await startRecordApi();
    api.writes.push(() => {
      api.isGone = true;
      return { status: 412 };
    });
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({ outcome: 'not-found', error: { code: 'NOT_FOUND' } });
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET']);
  });

  test('row 34: the version that was sent: one more read, then unsupported', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 412 };
    const { result } = await new Engine(api.url).update();
    expect(result).toMatchObject({
      outcome: 'unsupported',
      error: { code: 'VERSION_NOT_PROGRESSING' },
    });
    expect(api.methods).toEqual(['GET', 'PATCH', 'GET', 'GET']);
  });
});

describe('no connection', () => {
  test('row 51: refused: the same write again, then unavailable, and nothing in doubt', async () => {
    const engine = new Engine(await closedPort(), { policy: { transientRetries: 2 } });
    const snapshot = engine.snapshot('"v1"', RECORD);
    const { result } = await engine.update({ snapshot });
    expect(result).toMatchObject({
      outcome: 'unavailable',
      error: { code: 'ECONNREFUSED' },
      retries: 2,
      reads: 0,
      attempts: [],
    });
  });

  test('row 53: a certificate that is not accepted: unsupported at once', async () => {
    const engine = new Engine(await tlsServer());
    const snapshot = engine.snapshot('"v1"', RECORD);
    const { result } = await engine.update({ snapshot });
    expect(result).toMatchObject({ outcome: 'unsupported', retries: 0, reads: 0, attempts: [] });
    expect(result.error?.code).toMatch(/CERT/);
    expect(engine.time.waits).toEqual([]);
  });
});

const cut: Step = () => ({ status: 200, body: '{"status":', truncated: true });
const oversized: Step = () => ({ status: 200, body: { filler: 'x'.repeat(200_000) } });
const silent: Step = () => new Promise(() => undefined);
/** The record takes the write before the answer goes wrong. */
const after =
  (step: Step): Step =>
  (request, proceed) => {
    proceed();
    return typeof step === 'function' ? step(request, proceed) : step;
  };

const FAULTS: readonly (readonly [what: string, step: Step, end: End])[] = [
  ['reset before the write', 'reset', ['read write', 'updated']],
  ['reset after the write', lost, ['read', 'already-applied']],
  ['an answer that is cut off, before the write', cut, ['read write', 'updated']],
  ['an answer that is cut off, after the write', after(cut), ['read', 'already-applied']],
  ['an answer that is too large, after the write', after(oversized), ['read', 'already-applied']],
  ['no answer in time, before the write', silent, ['read write', 'updated']],
  ['no answer in time, after the write', after(silent), ['read', 'already-applied']],
];

describe('no answer', () => {
  test.each(FAULTS)('row 52: %s', async (_what, step, [then, outcome]) => {
    const api = await startRecordApi();
    api.writes.push(step);
    const engine = new Engine(api.url, { policy: { requestTimeoutMs: 1_000 } });
    const { result } = await engine.update();
    const asked = api.methods.slice(2).map(method => (method === 'GET' ? 'read' : 'write'));
    expect({ then: asked.join(' '), outcome: result.outcome }).toEqual({ then, outcome });
    expect(api.committed).toHaveLength(1);
    expect(new Set(api.written.map(({ headers }) => headers['if-match'])).size).toBe(1);
  });

  test('row 52: nothing but lost answers: uncertain', async () => {
    const api = await startRecordApi();
    api.writes.push('reset');
    api.reads.push((_request, proceed) => {
      api.everyRead = { status: 503 };
      return proceed();
    });
    const { result } = await new Engine(api.url, { policy: { transientRetries: 1 } }).update();
    expect(result).toMatchObject({ outcome: 'uncertain', verified: false });
    expect(api.written).toHaveLength(1);
  });
});

/** An address where nothing listens any more. */
async function closedPort(): Promise<string> {
  const server = createTcpServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return `http://127.0.0.1:${String(port)}`;
}

/** A server whose certificate no one has signed. */
async function tlsServer(): Promise<string> {
  const material = (name: string): Buffer =>
    readFileSync(new URL(`../../../support/tls/${name}.pem`, import.meta.url));
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
