import { redis } from '../support/redis';
import { measureLocks, type LockFigures } from './locks';
import type { Plan } from './plan';

/** (k) One record, one writer, across processes. */
export interface CoordinationFigures {
  readonly locks: LockFigures;
}

export async function measureCoordination({ coordination }: Plan): Promise<CoordinationFigures> {
  const server = await redis('--appendonly', 'yes');
  try {
    return { locks: await measureLocks(server, coordination) };
  } finally {
    await server.stop();
  }
}
