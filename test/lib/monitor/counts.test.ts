import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRow, countInto, emptyRow, ratesOf } from '../../../lib/monitor/counts';
import { packed, unpacked } from '../../../lib/monitor/packed';
import type { EndedUpdate } from '../../../lib/outcome/ended-update';
import { ACCEPTED, conflict, ended, noisy, refused } from './ended';

function rates(...all: EndedUpdate[]) {
  const row = emptyRow();
  for (const one of all) countInto(row, one);
  return ratesOf(row);
}

describe('what is counted of an update', () => {
  it('outcomes, attempts and reads', () => {
    expect(rates(ended(), ended({ outcome: 'unchanged', attempts: [] }), noisy())).toMatchObject({
      updates: 3,
      done: 3,
      byOutcome: { updated: 2, unchanged: 1 },
      attempts: 3,
      reads: 4,
    });
  });

  it('conflicts, and of these noise and what needs a person', () => {
    const givenUp = ended({
      outcome: 'conflict',
      attempts: [refused()],
      conflict: { fields: [], resolution: 'theirs' },
    });
    const hot = ended({ outcome: 'exhausted', attempts: [refused(), refused()], retries: 1 });
    const found = rates(ended(), noisy(), conflict(), givenUp, hot);
    expect(found).toMatchObject({ conflicts: 4, noise: 2, permanent: 2, conflictRate: 0.8 });
    expect(found.noiseRate).toBe(0.4);
  });

  it('a refusal that may mean something else counts where the version had moved', () => {
    const open = { ...refused(), class: 'undetermined' as const };
    const same = { ...open, versionSeen: open.versionSent };
    expect(rates(ended({ attempts: [open, ACCEPTED] })).conflicts).toBe(1);
    expect(rates(ended({ outcome: 'invalid-state', attempts: [same] })).conflicts).toBe(0);
  });

  it('what a merge left to the other side was no noise', () => {
    const merged = ended({ attempts: [refused(), ACCEPTED], kept: ['status'] });
    expect(rates(merged)).toMatchObject({ conflicts: 1, noise: 0, permanent: 0 });
  });

  it('retries per success, and how many succeed that are tried again', () => {
    const failed = ended({ outcome: 'unavailable', retries: 4 });
    const found = rates(ended(), noisy(), ended({ retries: 3 }), failed);
    expect(found).toMatchObject({ retried: 3, retrySuccess: 2 / 3, retriesPerSuccess: 4 / 3 });
  });

  it('a pass of a wired loop is no ended update; the last pass is one that was tried again', () => {
    const pass = ended({ outcome: 'retry', cause: 'noise', attempts: [refused()] });
    expect(rates(pass)).toMatchObject({ updates: 0, byOutcome: { retry: 1 }, attempts: 1 });
    const last = ended({}, { isLaterPass: true, metEarlier: true });
    expect(rates(pass, last)).toMatchObject({
      updates: 1,
      attempts: 2,
      retried: 1,
      retriesPerSuccess: 1,
      conflicts: 1,
      noise: 1,
    });
  });

  it('durations by bucket', () => {
    const took = (durationMs: number): EndedUpdate => ended({ durationMs });
    const found = rates(...[3, 100, 101, 5_000, 5_001, 60_000].map(took));
    expect(found.latency).toEqual([2, 1, 0, 0, 0, 1, 1, 0, 1]);
    expect(found).toMatchObject({ medianMs: 250, p95Ms: Infinity });
  });

  it('nothing: no shares', () => {
    expect(rates()).toMatchObject({
      updates: 0,
      conflictRate: undefined,
      retrySuccess: undefined,
      retriesPerSuccess: undefined,
      medianMs: undefined,
    });
  });

  it('rows add up', () => {
    const sum = emptyRow();
    const one = emptyRow();
    countInto(one, noisy());
    addRow(sum, one);
    addRow(sum, one);
    expect(ratesOf(sum)).toEqual(rates(noisy(), noisy()));
  });
});

describe('a count in 16 bits', () => {
  it('is exact below 4,096 and within one part in 4,096 above', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 134_000_000 }), count => {
        const bits = packed(count);
        expect(bits).toBeLessThan(2 ** 16);
        const error = Math.abs(unpacked(bits) - count);
        expect(error).toBeLessThanOrEqual(count < 4_096 ? 0 : count / 4_096);
        expect(packed(unpacked(bits))).toBe(bits);
      }),
    );
  });

  it('stops at its largest', () => {
    expect(unpacked(packed(1e12))).toBe(134_184_960);
  });
});
