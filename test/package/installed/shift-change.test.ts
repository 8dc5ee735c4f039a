import { beforeAll, describe, expect, it } from 'vitest';
import type { FlowNode } from '../../../scripts/lib/examples.mjs';
import { BROKEN_FLOWS } from '../../shift-change/broken-flows';
import type { Verdict } from '../../shift-change/judge/judge';
import type { EventReport } from '../../shift-change/judge/order-case';
import { passed, verdictLine } from '../../shift-change/judge/summary';
import { playShift } from '../../shift-change/play';
import { fastClockEnv } from '../../support/fast-clock.mjs';
import { startWithPackage } from '../../support/node-red';

const EVENTS = 1_000;
const DUPLICATES = 200;

describe('1,000 machine events at shift change, judged by the history of the work orders', () => {
  let reports: readonly EventReport[] = [];
  let verdict: Verdict;

  beforeAll(async () => {
    // By the real clock: on a busy machine events come later than operators the faster it goes.
    ({ reports, verdict } = await playShift(flows => startWithPackage({ flows })));
  });

  it('ends every event, and tells how', () => {
    expect(reports).toHaveLength(EVENTS);
  });

  it('gives every valid transition one effect, duplicates none, and never asks for an invalid one', () => {
    expect(verdict.findings).toEqual([]);
  });

  it('leaves at most 1 of 100 events that nothing stood against to a person', () => {
    expect(verdict.withoutPerson, verdictLine(verdict)).toBeGreaterThanOrEqual(0.99);
    expect(passed(verdict)).toBe(true);
  });

  it('sets few events aside', () => {
    expect(verdict.eligible).toBeGreaterThan((EVENTS - DUPLICATES) * 0.75);
  });

  // Without these the run would have proven nothing.
  it('met duplicates, operators, background jobs and lost answers', () => {
    const { duplicates, ...others } = verdict.met;
    expect(duplicates).toBe(DUPLICATES);
    for (const [name, times] of Object.entries(others)) expect(times, name).toBeGreaterThan(0);
    expect(verdict.outcomes['already-applied']).toBeGreaterThan(0);
    expect(verdict.outcomes['invalid-state']).toBeGreaterThan(0);
  });
});

// What proves nothing about a broken flow proves nothing about ours.
describe('a flow that is broken', () => {
  it.concurrent.each(BROKEN_FLOWS)('is found out: $name', async ({ fault, allOpen, spoil }) => {
    const env = fastClockEnv(4);
    const start = (flows: readonly FlowNode[]) => startWithPackage({ flows: spoil(flows), env });
    const { verdict } = await playShift(start, { shift: 'shift-1-200', env, allOpen });
    expect(verdict.faults[fault], verdictLine(verdict)).toBeGreaterThan(0);
    expect(passed(verdict)).toBe(false);
  });
});
