import { describe, expect, it } from 'vitest';
import { FAMILY_IDS } from '../../lib/api/family-ids';
import { ENDPOINT_DEFAULTS } from '../../nodes/record-endpoint/config';
import { PRESET_IDS, PRESETS } from '../../nodes/record-endpoint/presets.editor';
import { retryPolicy } from '../../nodes/shared/retry-policy';

describe.each(PRESET_IDS)('the preset %s', id => {
  const preset = PRESETS[id];
  const policy = retryPolicy(preset);

  it('is a usable part of an endpoint', () => {
    expect(Object.keys(ENDPOINT_DEFAULTS)).toEqual(expect.arrayContaining(Object.keys(preset)));
    expect(FAMILY_IDS).toContain(preset.family);
    expect(Number(preset.parallel)).toBeGreaterThanOrEqual(1);
    expect(Number(preset.parallel)).toBeLessThanOrEqual(1000);
  });

  it('fills in the same fields as every other one, so that none of the one before stays', () => {
    expect(Object.keys(preset).sort()).toEqual(Object.keys(PRESETS.odata).sort());
  });

  it('has a deadline that all of its waits fit into, and a request after each', () => {
    const { schedule, conflictRetries, jitter } = policy;
    if (schedule.kind !== 'list') {
      expect(policy.firstAtOnce).toBe(true);
      return;
    }
    expect(schedule.waitsMs).toHaveLength(conflictRetries);
    const longest = jitter.kind === 'percent' ? 1 + jitter.percent / 100 : 1;
    const waitsMs = schedule.waitsMs.reduce((sum, waitMs) => sum + waitMs * longest, 0);
    expect(waitsMs + conflictRetries * 2_000).toBeLessThan(policy.deadlineMs);
  });
});

it('the presets hold the numbers from the field', () => {
  const numbers = PRESET_IDS.map(id => {
    const { conflictRetries, schedule, waits, jitter, jitterPercent, parallel } = PRESETS[id];
    const fixed = schedule === 'list' ? waits : 'growing';
    return [id, conflictRetries, fixed, jitter === 'percent' ? jitterPercent : jitter, parallel];
  });
  expect(numbers).toEqual([
    ['dataverse', 3, '0.5, 1.5, 4', 'full', 40],
    ['finance-operations', 3, '1, 2, 4', 'full', 20],
    ['sap-cx', 5, '2, 4, 8, 16, 32', 'full', 5],
    ['apriso', 3, '0.5, 1, 2', 10, 10],
    ['sap-gateway', 8, 'growing', 'full', 8],
    ['odata', 8, 'growing', 'full', 50],
  ]);
});
