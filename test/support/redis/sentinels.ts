import { expect, onTestFinished, vi } from 'vitest';
import type { Sentinels } from '../../../lib/coordination/redis/settings';
import { ACCESS, RedisServer } from './server';

export const MASTER = 'orders';

export function sentinelSettings(port: number, rest: Partial<Sentinels> = {}): Sentinels {
  return {
    sentinels: [{ host: '127.0.0.1', port }],
    master: MASTER,
    database: 0,
    sentinelUser: undefined,
    sentinelPassword: undefined,
    ...ACCESS,
    ...rest,
  };
}

/** A master, its replica, and one sentinel that watches them. */
export class RedisPair {
  private constructor(
    readonly master: RedisServer,
    readonly replica: RedisServer,
    readonly sentinel: RedisServer,
  ) {}

  /** For one test. @param rest lines of the sentinel's configuration */
  static async forTest(...rest: readonly string[]): Promise<RedisPair> {
    const master = await RedisServer.forTest('--repl-diskless-sync-delay', '0');
    const replica = await RedisServer.forTest('--replicaof', `127.0.0.1 ${master.port}`);
    // The sentinel asks at once, and then every ten seconds, who copies the master.
    await vi.waitFor(
      async () => {
        const told = await master.ask(client => client.info('replication'));
        expect(told).toMatch(/slave0:.*state=online/);
      },
      { timeout: 240_000, interval: 20 },
    );
    const sentinel = await RedisServer.startSentinel([
      `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} 1`,
      // On a busy machine a master may be silent for a while: see loseMaster.
      `sentinel down-after-milliseconds ${MASTER} 60000`,
      `sentinel failover-timeout ${MASTER} 1000`,
      ...rest,
    ]);
    onTestFinished(() => sentinel.end());
    return new RedisPair(master, replica, sentinel);
  }

  settings(rest: Partial<Sentinels> = {}): Sentinels {
    return sentinelSettings(this.sentinel.port, rest);
  }

  /** `kill -9` of the master; the replica takes over soon. */
  async loseMaster(): Promise<void> {
    await this.master.kill();
    await this.sentinel.ask(client =>
      client.call('SENTINEL', 'SET', MASTER, 'down-after-milliseconds', 300),
    );
  }

  /** Resolves when the sentinel knows of the replica. */
  async isKnown(): Promise<void> {
    await vi.waitFor(
      async () => {
        const known = await this.sentinel.ask(client => client.info('sentinel'));
        expect(known).toMatch(/status=ok.*slaves=1/);
      },
      { timeout: 240_000, interval: 20 },
    );
  }
}
