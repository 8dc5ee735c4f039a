import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createRetryBudget, type RetryBudget } from '../../../../lib/retry/budget';
import type { Held } from '../../../../lib/transport/transport';
import { asAnswer, asFault, Bench, get, json, options, patch } from '../support';

const bench = new Bench();
afterEach(() => bench.close());

/** A server that answers when the test says so, in the order of arrival. */
async function start(parallel: number) {
  const open: ServerResponse[] = [];
  const server = await bench.serve((_seen, response) => open.push(response));
  const transport = bench.transport(server.url, { parallel });
  const held: Held[] = [];
  const onHeld = (why: Held) => held.push(why);
  const write = (path: string, given = options()) =>
    transport.write(patch(`${server.url}/${path}`), { ...given, onHeld });
  const answer = (status = 200) => {
    const response = open.shift();
    if (response) json(response, status, {});
  };
  const paths = () => server.seen.map(({ path }) => path.slice(1));
  const arrived = (count: number) => expect.poll(() => server.seen.length).toBe(count);
  return { server, transport, held, write, answer, paths, arrived };
}

describe('the parallel limit', () => {
  it('lets so many requests out at a time, the others in their order', async () => {
    const { held, write, answer, paths, arrived } = await start(2);
    const all = ['a', 'b', 'c', 'd', 'e'].map(path => write(path));
    await arrived(2);
    expect(held).toEqual(['limited', 'limited', 'limited']);
    for (const count of [3, 4, 5]) {
      answer();
      await arrived(count);
    }
    expect(paths().slice(2)).toEqual(['c', 'd', 'e']);
    answer();
    answer();
    expect((await Promise.all(all)).map(result => asAnswer(result).status)).toEqual(
      Array.from({ length: 5 }, () => 200),
    );
  });

  it('has a connection for each of them', async () => {
    const { write, answer, arrived } = await start(150);
    const all = Array.from({ length: 150 }, (_, n) => write(String(n)));
    await arrived(150);
    for (let n = 0; n < 150; n++) answer();
    expect((await Promise.all(all)).every(result => asAnswer(result).status === 200)).toBe(true);
  });

  it('gives up in time, or when aborted, and the place goes to the next', async () => {
    const { write, answer, paths, arrived } = await start(1);
    const abort = new AbortController();
    const first = write('first');
    const late = write('late', options(20));
    const aborted = write('aborted', options(30_000, abort.signal));
    const last = write('last');
    expect(asFault(await late)).toMatchObject({ code: 'DEADLINE', sent: 'no', fatal: false });
    abort.abort();
    expect(asFault(await aborted)).toMatchObject({ code: 'ABORTED', sent: 'no' });
    await arrived(1);
    answer();
    await arrived(2);
    answer();
    await Promise.all([first, last]);
    expect(paths()).toEqual(['first', 'last']);
  });

  it('gives the place back however a request ends', async () => {
    const { server, transport, write, answer, arrived } = await start(1);
    const abort = new AbortController();
    const aborted = write('a', options(30_000, abort.signal));
    await arrived(1);
    abort.abort();
    await aborted;
    await write('never', options(30_000, AbortSignal.abort()));
    await write('never', options(0));
    expect(asFault(await write('slow', options(30))).code).toBe('TIMEOUT');
    const broken = write('broken');
    await arrived(3);
    server.seen.at(-1)?.socket.resetAndDestroy();
    expect(asFault(await broken).code).toBe('ECONNRESET');
    const last = transport.read(get(`${server.url}/b`), options());
    await arrived(4);
    for (let i = 0; i < 4; i++) answer();
    expect(asAnswer(await last).status).toBe(200);
  });

  it('shows how much the API takes at present', async () => {
    const { transport, write, answer, arrived } = await start(4);
    expect(transport.traffic).toMatchObject({ limit: 4, fullLimit: 4 });
    const all = ['a', 'b', 'c', 'd'].map(path => write(path));
    await arrived(4);
    for (let i = 0; i < 4; i++) answer(503);
    await Promise.all(all);
    expect(transport.traffic).toMatchObject({ limit: 2, fullLimit: 4 });
  });

  it('takes a place for each repeat of a read, none while it waits', async () => {
    const server = await bench.serve((_seen, response, count) =>
      json(response, count <= 2 ? 500 : 200, {}),
    );
    const transport = bench.transport(server.url, { parallel: 1, retryWait: () => 5 });
    const results = await Promise.all(
      ['a', 'b'].map(path => transport.read(get(`${server.url}/${path}`), options())),
    );
    expect(results.map(result => asAnswer(result).status)).toEqual([200, 200]);
    expect(server.seen.map(({ path }) => path).slice(0, 2)).toEqual(['/a', '/b']);
  });

  it('is absent without the setting', async () => {
    const server = await bench.serve((_seen, response) => json(response, 200, {}));
    expect(bench.transport(server.url).traffic).toMatchObject({
      limit: Infinity,
      fullLimit: Infinity,
    });
  });
});

describe('the retry budget', () => {
  function spied(budget: RetryBudget) {
    const calls: string[] = [];
    const spy: RetryBudget = {
      take: () => {
        calls.push('take');
        return budget.take();
      },
      earn: () => {
        calls.push('earn');
        budget.earn();
      },
    };
    return { spy, calls };
  }

  it('ends the repeats of reads, and proper answers fill it again', async () => {
    const budget = createRetryBudget({ capacity: 2, earned: 0.5 });
    let status = 500;
    const server = await bench.serve((_seen, response) => json(response, status, {}));
    const transport = bench.transport(server.url, { budget });
    const requests = async () => {
      const before = server.seen.length;
      await transport.read(get(`${server.url}/a`), options());
      return server.seen.length - before;
    };
    expect([await requests(), await requests()]).toEqual([3, 1]);
    status = 412;
    for (let i = 0; i < 2; i++) await transport.write(patch(`${server.url}/a`), options());
    status = 500;
    expect([await requests(), await requests()]).toEqual([2, 1]);
  });

  it.each([
    [200, ['earn']],
    [404, ['earn']],
    [412, ['earn']],
    [429, []],
    [501, []],
  ])('earns from proper answers only: %i', async (status, expected) => {
    const { spy, calls } = spied(createRetryBudget({ capacity: 1, earned: 1 }));
    const server = await bench.serve((_seen, response) => json(response, status, {}));
    await bench.transport(server.url, { budget: spy }).write(patch(`${server.url}/a`), options());
    expect(calls).toEqual(expected);
  });

  it('has nothing to do with the token endpoint', async () => {
    const { spy, calls } = spied(createRetryBudget({ capacity: 0, earned: 1 }));
    const tokens = await bench.serve((_seen, response, count) =>
      json(response, count < 3 ? 503 : 200, { access_token: 't' }),
    );
    const api = await bench.serve((_seen, response) => json(response, 429, {}));
    const auth = {
      kind: 'oauth2',
      tokenUrl: tokens.url,
      clientId: 'c',
      client: { by: 'body', secret: 's' },
    } as const;
    const transport = bench.transport(api.url, { auth, budget: spy });
    expect(asAnswer(await transport.read(get(`${api.url}/a`), options())).status).toBe(429);
    expect(tokens.seen).toHaveLength(3);
    expect(calls).toEqual([]);
  });

  it('loses nothing to a repeat that would come too late', async () => {
    const { spy, calls } = spied(createRetryBudget({ capacity: 1, earned: 1 }));
    const server = await bench.serve((_seen, response) => json(response, 500, {}));
    const transport = bench.transport(server.url, { budget: spy, retryWait: () => 60_000 });
    await transport.read(get(`${server.url}/a`), options());
    expect(calls).toEqual([]);
  });
});
