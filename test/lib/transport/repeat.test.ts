import { afterEach, describe, expect, it } from 'vitest';
import { isRepeated } from '../../../lib/transport/repeated';
import type { RetryWait } from '../../../lib/transport/settings';
import { asAnswer, asFault, Bench, get, json, options, patch } from './support';

const bench = new Bench();
afterEach(() => bench.close());

describe('reads', () => {
  it.each([408, 421, 425, 500, 502, 503, 504])('are repeated after a %i', async status => {
    const server = await bench.serve((_seen, response, count) =>
      json(response, count < 3 ? status : 200, { count }),
    );
    const answer = asAnswer(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(answer.json).toEqual({ count: 3 });
  });

  it('are repeated after a broken connection', async () => {
    const server = await bench.serve(({ socket }, response, count) =>
      count === 1 ? socket.resetAndDestroy() : json(response, 200, { count }),
    );
    const answer = asAnswer(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(answer.json).toEqual({ count: 2 });
  });

  it('give the last answer when every repeat failed', async () => {
    const server = await bench.serve((_seen, response, count) => json(response, 503, { count }));
    const answer = asAnswer(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(answer).toMatchObject({ status: 503, json: { count: 4 } });
  });

  it('give the last fault when every repeat failed', async () => {
    const server = await bench.serve(({ socket }) => socket.resetAndDestroy());
    const fault = asFault(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(fault.code).toBe('ECONNRESET');
    expect(server.seen).toHaveLength(4);
  });

  it.each([400, 401, 404, 412, 429, 501])('are not repeated after a %i', async status => {
    const server = await bench.serve((_seen, response) => json(response, status, {}));
    const answer = asAnswer(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(answer.status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  it('ask the policy for every wait, with the wait before and the time the server named', async () => {
    const asked: Parameters<RetryWait>[0][] = [];
    const server = await bench.serve((_seen, response, count) =>
      json(response, count < 3 ? 503 : 200, {}, count === 2 ? { 'retry-after': '0' } : {}),
    );
    const retryWait: RetryWait = input => {
      asked.push(input);
      return 1;
    };
    await bench.transport(server.url, { retryWait }).read(get(`${server.url}/a`), options());
    expect(asked).toEqual([
      { retry: 1, previousMs: 0 },
      { retry: 2, previousMs: 1, retryAfterMs: 0 },
    ]);
  });

  it('return a Retry-After beyond the time left at once', async () => {
    const server = await bench.serve((_seen, response) =>
      json(response, 503, {}, { 'retry-after': '31' }),
    );
    const answer = asAnswer(
      await bench.transport(server.url).read(get(`${server.url}/a`), options()),
    );
    expect(answer.status).toBe(503);
    expect(server.seen).toHaveLength(1);
  });

  it('trap 17: never wait longer than a timer can', async () => {
    const server = await bench.serve((_seen, response) =>
      json(response, 503, {}, { 'retry-after': '2147484' }),
    );
    const sent = bench.transport(server.url).read(get(`${server.url}/a`), options(Infinity));
    expect(asAnswer(await sent).status).toBe(503);
    expect(server.seen).toHaveLength(1);
  });

  it('never wait past the deadline', async () => {
    const server = await bench.serve((_seen, response) => json(response, 500, {}));
    const transport = bench.transport(server.url, { retryWait: ({ retry }) => retry * 30_000 });
    const answer = asAnswer(await transport.read(get(`${server.url}/a`), options(20_000)));
    expect(answer.status).toBe(500);
    expect(server.seen).toHaveLength(1);
  });

  it('stop waiting at an abort', async () => {
    const abort = new AbortController();
    const server = await bench.serve((_seen, response) => json(response, 500, {}));
    const retryWait = () => {
      queueMicrotask(() => abort.abort());
      return 20_000;
    };
    const transport = bench.transport(server.url, { retryWait });
    const result = await transport.read(get(`${server.url}/a`), options(30_000, abort.signal));
    expect(asFault(result).code).toBe('ABORTED');
    expect(server.seen).toHaveLength(1);
  });
});

describe('writes', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('are not repeated after a %i', async status => {
    const server = await bench.serve((_seen, response) => json(response, status, {}));
    const answer = asAnswer(
      await bench.transport(server.url).write(patch(`${server.url}/a`), options()),
    );
    expect(answer.status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  it('are not repeated after a broken connection, a kept one included', async () => {
    const server = await bench.serve(({ socket }, response, count) =>
      count === 1 ? json(response, 200, {}) : socket.resetAndDestroy(),
    );
    const transport = bench.transport(server.url);
    await transport.write(patch(`${server.url}/a`), options());
    const fault = asFault(await transport.write(patch(`${server.url}/a`), options()));
    expect(fault.sent).toBe('maybe');
    expect(server.seen).toHaveLength(2);
  });
});

it('is said in one place who repeats what', () => {
  for (const status of [408, 421, 425, 500, 502, 503, 504]) {
    expect([isRepeated('read', status), isRepeated('token', status)]).toEqual([true, true]);
    expect(isRepeated('once', status)).toBe(false);
  }
  expect(isRepeated('read', 429)).toBe(false);
  expect(isRepeated('token', 429)).toBe(true);
  for (const status of [200, 304, 400, 401, 404, 409, 412, 413, 501]) {
    expect(isRepeated('read', status)).toBe(false);
  }
});
