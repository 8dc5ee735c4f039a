// Updates of one record by several instances that share their locks on a real Redis.
import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTime } from '../../../lib/retry/time';
import { Chains } from '../../../lib/update/chains';
import type { Computation } from '../../../lib/update/request';
import { Engine } from '../../support/engine';
import { startRecordApi } from '../../support/engine-record';
import { openLocks } from '../../support/redis/open';
import { hasRedis, RedisServer } from '../../support/redis/server';

const INSTANCES = 4;
const UPDATES = 24;

const ADD_ONE: Computation = {
  fields: ['stock'],
  hash: 'add 1',
  of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + 1 }),
};

describe.skipIf(!hasRedis)('on Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.end());

  test('go on from each other within an instance, and count right across them', async () => {
    const api = await startRecordApi({ values: { stock: 0 } });
    const instance = async (): Promise<Engine> => {
      const locks = await openLocks(server.settings());
      const engine = new Engine(api.url, {
        time: systemTime,
        turn: (_waitMs, signal, onWait) =>
          locks.acquire('the record', { leaseMs: 600_000, waitMs: 600_000, signal, onWait }),
        policy: { deadlineMs: 600_000, requestTimeoutMs: 60_000 },
        context: { chains: new Chains() },
      });
      setMaxListeners(100, engine.stop.signal);
      return engine;
    };
    const engines = await Promise.all(Array.from({ length: INSTANCES }, instance));
    const all = await Promise.all(
      engines.flatMap(engine =>
        Array.from({ length: UPDATES }, () =>
          engine.update({ changes: undefined, computation: ADD_ONE, turnWaitMs: 600_000 }),
        ),
      ),
    );
    expect(all.map(({ result }) => result.outcome)).toEqual(all.map(() => 'updated'));
    expect(api.values.stock).toBe(all.length);
    // Under the turns nobody comes in between, and only who gets one from another instance reads.
    expect(api.written).toHaveLength(all.length);
    expect(api.requests.length).toBeLessThan(2 * all.length);
  });
});
