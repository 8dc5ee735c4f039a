import { randomUUID } from 'node:crypto';
import { createFamily } from '../../../lib/api/families';
import { DEFAULT_API_SETTINGS } from '../../../lib/api/settings';
import type { Fields } from '../../../lib/record/fields';
import { DEFAULT_POLICY } from '../../../lib/retry/policy';
import { setUnrefTimer, systemTime, type Time } from '../../../lib/retry/time';
import type { ArrivedUpdate } from '../../../lib/review/arrive';
import { Review } from '../../../lib/review/review';
import type { ReviewRunner, RunOrder } from '../../../lib/review/runner';
import { createInProcessDeadLetters } from '../../../lib/review/store/in-process-store';
import { createTransport } from '../../../lib/transport/client';
import type { UpdateContext } from '../../../lib/update/context';
import { updateRecord } from '../../../lib/update/loop';
import { OwnWrites } from '../../../lib/update/own-writes';
import { checkRequest, updateHash, type Computation } from '../../../lib/update/request';

/** Adds one to a count: the kind of change that must not happen twice. */
const ADD_ONE: Computation = {
  fields: ['count'],
  hash: 'add-one',
  of: record => Promise.resolve({ count: Number(record.values.count) + 1 }),
};

const STAMP = 'by';

/**
 * A process with a list of dead letters in that file. It fills an empty one with `count` updates, each of a record of its
 * own, and has all of them done once more. Ends when none is open.
 * @param generation each process after the first lives an hour later: claims of the one before are over
 */
export async function reviewAll(
  path: string,
  baseUrl: string,
  count: number,
  generation: number,
): Promise<void> {
  const time: Time = { ...systemTime, now: () => Date.now() + generation * 3_600_000 };
  const store = await createInProcessDeadLetters({
    time,
    journal: path,
    onTrouble: trouble => {
      if (trouble !== undefined && trouble.kind !== 'truncated') throw new Error(trouble.message);
    },
  });
  const review = new Review({
    store,
    runner: runnerAt(baseUrl, time),
    settings: {
      entries: 10_000,
      bytes: 64_000_000,
      entryBytes: 16_000,
      keepSettledMs: 1e10,
      keepOpenMs: 1e10,
    },
    time,
    newToken: randomUUID,
    setTimer: setUnrefTimer,
    onExpired: () => undefined,
    onEvicted: () => undefined,
    onActed: () => undefined,
  });
  const { open, settled } = await review.counts();
  for (let n = open + settled; n < count; n++) await review.add(updateOf(n));
  for (;;) {
    const wish = {
      filter: {},
      action: 'replay',
      by: 'test',
      perSecond: 1_000,
      look: false,
    } as const;
    const plan = await review.plan(wish);
    if (plan.runs === 0) break;
    review.start(plan.id);
    while (review.progress()?.state === 'running') await systemTime.sleep(5);
  }
  await store.close();
}

function updateOf(n: number): ArrivedUpdate {
  return {
    record: { key: `R${n}`, url: `practice:/orders/R${n}`, type: 'orders' },
    source: { node: 'n', type: 'conditional-update', name: '' },
    endpoint: undefined,
    outcome: 'unavailable',
    error: undefined,
    fields: [],
    seenAt: undefined,
    changes: undefined,
    isComputed: true,
    isAction: false,
    evidence: {},
    attempts: 0,
    message: { n },
    changesAt: undefined,
    leftOut: [],
    trace: { msgid: String(n) },
  };
}

/** As the node has them done, without Node-RED. */
function runnerAt(baseUrl: string, time: Time): ReviewRunner {
  const family = createFamily('rest', DEFAULT_API_SETTINGS);
  const policy = DEFAULT_POLICY;
  const transport = createTransport({
    baseUrl,
    auth: { kind: 'none' },
    requestTimeoutMs: 5_000,
    transientRetries: 2,
    maxResponseBytes: 100_000,
    retryWait: () => 0,
    time,
  });
  const stop = new AbortController().signal;
  const context: Omit<UpdateContext, 'beforeWrite'> = {
    family,
    transport,
    policy,
    time,
    random: Math.random,
    stop,
    kill: stop,
    turn: undefined,
    ownWrites: new OwnWrites(),
    newToken: randomUUID,
  };
  return {
    prepare: entry => {
      const key = entry.record.key ?? '';
      const ref = family.locate(new URL(baseUrl), 'orders', key);
      return Promise.resolve({
        kind: 'prepared',
        rules: { typeOf: () => undefined, readName: name => name, missingMeansNull: false },
        longestMs: policy.deadlineMs,
        read: () => Promise.reject(new Error('nobody looks')),
        run: async (order, beforeWrite) => {
          const request = checkRequest({ ...inputOf(order), ref }, family);
          const { result, record } = await updateRecord(request, { ...context, beforeWrite });
          return { update: result, record };
        },
      });
    },
  };

  function inputOf({ evidence: { base, pending } }: RunOrder) {
    const about = { computation: ADD_ONE, changes: {} as Fields };
    const url = base?.snapshot.url ?? '';
    const changesHash = updateHash({ ...about, ref: { key: '', collection: '', url } });
    return {
      ...about,
      sameValue: 'automatic' as const,
      guards: [],
      method: 'PATCH' as const,
      transition: undefined,
      action: undefined,
      stamp: STAMP,
      mode: 'resolve' as const,
      rule: 'report' as const,
      force: false,
      fieldTypes: {},
      turnWaitMs: 0,
      snapshot: undefined,
      base: base && { ...base, changesHash },
      pending,
    };
  }
}
