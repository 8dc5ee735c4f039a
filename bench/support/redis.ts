import { startRedis } from '../../scripts/lib/redis-server.mjs';
import { RedisConnection } from '../../lib/coordination/redis/connection';
import type { RedisSettings } from '../../lib/coordination/redis/settings';
import { systemTime } from '../../lib/retry/time';

/** A Redis for one section, and what was opened on it. */
export interface Redis {
  readonly port: number;
  readonly settings: RedisSettings;
  /** Ready for commands. */
  connect(): Promise<RedisConnection>;
  /** It goes on to exist and answers nothing any more. */
  freeze(): void;
  stop(): Promise<void>;
}

export async function redis(...args: readonly string[]): Promise<Redis> {
  const server = await startRedis(...args);
  const opened: RedisConnection[] = [];
  const settings: RedisSettings = {
    host: '127.0.0.1',
    port: server.port,
    database: 0,
    tls: undefined,
    user: undefined,
    password: undefined,
    prefix: 'bench:',
  };
  return {
    port: server.port,
    settings,
    connect: async () => {
      const connection = await RedisConnection.open(settings, { time: systemTime });
      opened.push(connection);
      await connection.probe();
      return connection;
    },
    freeze: server.freeze,
    stop: async () => {
      for (const connection of opened) connection.close();
      await server.stop();
    },
  };
}
