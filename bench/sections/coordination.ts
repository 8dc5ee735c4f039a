import { redisProgram } from '../../scripts/lib/redis-server.mjs';
import { redis } from '../support/redis';
import { measureBacklog, type BacklogFigures } from './backlog';
import { measureCommits, type CommitFigures } from './commits';
import { measureDurable, type DurableFigures } from './durable';
import { measureLocks, type LockFigures } from './locks';
import type { Plan } from './plan';
import { measureQueue, type QueueFigures } from './queue';
import { measureRecovery, type RecoveryFigures } from './recovery';

/** (k) One record, one writer, across processes. */
export interface CoordinationFigures {
  readonly locks: LockFigures;
  readonly queue: QueueFigures;
  readonly durable: DurableFigures;
  readonly backlog: BacklogFigures;
  readonly recovery: RecoveryFigures;
  readonly requestsPerCommit: CommitFigures;
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
      durable: await measureDurable(coordination),
      backlog: await measureBacklog(server, coordination),
      recovery: await measureRecovery(server, coordination),
      requestsPerCommit: await measureCommits(server, coordination),
    };
  } finally {
    await server.stop();
  }
}
