import { describe } from 'vitest';
import { createInProcessLocks } from '../../../../lib/coordination/in-process-locks';
import { systemTime } from '../../../../lib/retry/time';
import { locksContract } from './locks';

describe('locks of this process', () => {
  locksContract(async () => Promise.resolve({ locks: createInProcessLocks({ time: systemTime }) }));
});
