import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createInProcessLocks } from '../../../../lib/coordination/in-process-locks';
import { createInProcessSeenEvents } from '../../../../lib/coordination/in-process-seen-events';
import { createInProcessQueueStore } from '../../../../lib/coordination/queue/in-process-store';
import { systemTime } from '../../../../lib/retry/time';
import { locksContract } from './locks';
import { queueStoreContract } from './queue-store';
import { recordQueueContract } from './record-queue';
import { seenEventsContract } from './seen-events';
import { unreadableContract } from './unreadable';

describe('locks of this process', () => {
  locksContract(async () => Promise.resolve({ locks: createInProcessLocks({ time: systemTime }) }));
});

describe('seen events of this process', () => {
  seenEventsContract(() =>
    createInProcessSeenEvents({ time: systemTime, limit: 10_000, onTrouble: () => undefined }),
  );
});

describe('the store of a queue in this process', () => {
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'queue-contract-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const onTrouble = (trouble: unknown): void => expect(trouble).toBeUndefined();

  describe('in memory', () => {
    const open = (): ReturnType<typeof createInProcessQueueStore> =>
      createInProcessQueueStore({ time: systemTime, onTrouble });
    queueStoreContract({ open, mayLoseAnswers: false });
    describe('a queue', () => {
      recordQueueContract(open);
    });
    describe('a queue cannot read', () => {
      unreadableContract(open);
    });
  });

  describe('with a journal', () => {
    const open = (): ReturnType<typeof createInProcessQueueStore> => {
      const journal = join(folder, `${files++}.jsonl`);
      return createInProcessQueueStore({ time: systemTime, journal, onTrouble });
    };
    queueStoreContract({ open, mayLoseAnswers: false });
    describe('a queue', () => {
      recordQueueContract(open);
    });
    describe('a queue cannot read', () => {
      unreadableContract(open);
    });
  });
});
