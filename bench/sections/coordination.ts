import { redisProgram } from '../../scripts/lib/redis-server.mjs';
import { redis } from '../support/redis';
import { measureLocks, type LockFigures } from './locks';
import type { Plan } from './plan';
import { measureQueue, type QueueFigures } from './queue';

/** (k) One record, one writer, across processes. */
export interface CoordinationFigures {
  readonly locks: LockFigures;
  readonly queue: QueueFigures;
}

/** Undefined: there is no Redis on this machine, and a message said so. */
export async function measureCoordination({
  coordination,
}: Plan): Promise<CoordinationFigures | undefined> {
  if (redisProgram() === undefined) {
    console.error('coordination: NOT measured, redis-server is not installed.');
    return undefined;
  }
  const server = await redis('--appendonly', 'yes');
  try {
    return {
      locks: await measureLocks(server, coordination),
      queue: await measureQueue(server, coordination),
    };
  } finally {
    await server.stop();
  }
}
