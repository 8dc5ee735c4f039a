import { describe } from 'vitest';
import { createInProcessLocks } from '../../../../lib/coordination/in-process-locks';
import { createInProcessSeenEvents } from '../../../../lib/coordination/in-process-seen-events';
import { systemTime } from '../../../../lib/retry/time';
import { locksContract } from './locks';
import { seenEventsContract } from './seen-events';

describe('locks of this process', () => {
  locksContract(async () => Promise.resolve({ locks: createInProcessLocks({ time: systemTime }) }));
});

describe('seen events of this process', () => {
  seenEventsContract(() =>
    createInProcessSeenEvents({ time: systemTime, limit: 10_000, onTrouble: () => undefined }),
  );
});
