import type { EndedUpdate } from '../../../lib/outcome/ended-update';
import type { Attempt, UpdateResult } from '../../../lib/outcome/outcome';

/** An update that has ended, as the tests of the monitor need it. */
export function ended(
  result: Partial<UpdateResult> = {},
  rest: Partial<Omit<EndedUpdate, 'result'>> = {},
): EndedUpdate {
  return {
    ref: { collection: 'orders', key: 1, url: 'http://localhost/orders(1)' },
    type: 'orders',
    isLaterPass: false,
    metEarlier: false,
    ...rest,
    result: {
      outcome: 'updated',
      key: 1,
      attempts: [ACCEPTED],
      reads: 1,
      retries: 0,
      durationMs: 80,
      verified: true,
      ...result,
    },
  };
}

export const ACCEPTED: Attempt = {
  when: '2026-11-21T06:00:00.000Z',
  versionSent: '"1"',
  class: 'success',
  status: 200,
  waitedMs: 0,
};

/** A write that somebody else was faster than. */
export function refused(changedBy?: string): Attempt {
  const versions = { versionSent: '"1"', versionSeen: '"2"' };
  const attempt = { ...ACCEPTED, ...versions, class: 'version-conflict' as const, status: 412 };
  return changedBy === undefined ? attempt : { ...attempt, changedBy };
}

/** Noise, and done at the second attempt. */
export function noisy(changedBy?: string): EndedUpdate {
  return ended({ attempts: [refused(changedBy), ACCEPTED], retries: 1, reads: 2 });
}

export function conflict(changedBy?: string): EndedUpdate {
  const fields = [{ name: 'status', base: 1, ours: 2, theirs: 3 }];
  const found = changedBy === undefined ? { fields } : { fields, changedBy };
  return ended({ outcome: 'conflict', attempts: [refused(changedBy)], conflict: found });
}
