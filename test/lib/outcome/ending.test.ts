import { describe, expect, it } from 'vitest';
import { describeVerdict, outcomeOfClass } from '../../../lib/outcome/ending';
import type { Outcome } from '../../../lib/outcome/outcome';
import type { ResponseClass } from '../../../lib/outcome/response-class';

const EXPECTED: Record<ResponseClass, Outcome> = {
  success: 'updated',
  unverified: 'uncertain',
  'unexpected-create': 'uncertain',
  pending: 'uncertain',
  'version-conflict': 'exhausted',
  undetermined: 'exhausted',
  'state-conflict': 'invalid-state',
  'in-progress': 'uncertain',
  validation: 'rejected',
  duplicate: 'rejected',
  'not-found': 'not-found',
  auth: 'denied',
  forbidden: 'denied',
  csrf: 'denied',
  redirect: 'unsupported',
  'precondition-required': 'unsupported',
  unsupported: 'unsupported',
  throttled: 'exhausted',
  transient: 'unavailable',
};

describe('outcomeOfClass', () => {
  it.each(Object.entries(EXPECTED))('%s ends as %s', (responseClass, outcome) => {
    expect(outcomeOfClass(responseClass as ResponseClass)).toBe(outcome);
  });
});

describe('describeVerdict', () => {
  it('joins status, the words of the API and the fix', () => {
    const verdict = { class: 'unsupported', code: 'REDIRECT', fix: 'Use https.' } as const;
    expect(describeVerdict(verdict, { code: 'E1', message: 'Moved' }, 301)).toEqual({
      message: 'HTTP 301: Moved. Use https.',
      code: 'REDIRECT',
      apiCode: 'E1',
    });
  });

  it('falls back to the class as code', () => {
    expect(describeVerdict({ class: 'not-found' }, {}, 404)).toEqual({
      message: 'HTTP 404',
      code: 'NOT_FOUND',
    });
  });
});
