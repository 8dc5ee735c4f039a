import { describe, expect, it } from 'vitest';
import { InputError, StopError } from '../../lib/errors';
import type { Outcome, UpdateResult } from '../../lib/outcome/outcome';
import { Lost } from '../../nodes/bulk-update/lost';

const result = (key: string, outcome: Outcome): UpdateResult => ({
  outcome,
  key,
  verified: true,
  attempts: [],
  reads: 0,
  retries: 0,
  durationMs: 0,
});

describe('results that could not be passed on', () => {
  it('are no error where there are none', () => {
    const stopped = new StopError('STOPPED', 'The flow was stopped.');
    expect(new Lost().with()).toBeUndefined();
    expect(new Lost().with(stopped)).toBe(stopped);
  });

  it('are named with their outcomes, behind the reason', () => {
    const lost = new Lost();
    lost.add(result('T001', 'updated'), new InputError('MESSAGE_NOT_PASSED', 'Cannot be copied.'));
    lost.add(result('T002', 'conflict'));
    expect(lost.with()).toMatchObject({
      code: 'MESSAGE_NOT_PASSED',
      message:
        'Cannot be copied. 2 records were over, and the results could not be passed on: "T001" updated, "T002" conflict.',
    });
  });

  it('leave a stop what it is, unless one of them is in doubt', () => {
    const lost = new Lost();
    const stopped = new StopError('STOPPED', 'The flow was stopped.');
    lost.add(result('T001', 'updated'));
    expect(lost.with(stopped)).toMatchObject({ name: 'StopError', code: 'STOPPED' });
    lost.add(result('T002', 'uncertain'));
    expect(lost.with(stopped)).toMatchObject({ name: 'StopError', code: 'UPDATE_UNCERTAIN' });
  });

  it('are not all named where they are many', () => {
    const lost = new Lost();
    for (let n = 0; n < 500; n++) lost.add(result(`T${n}`, 'updated'));
    const { message } = lost.with() ?? {};
    expect(message).toContain('500 records were over');
    expect(message?.length).toBeLessThan(600);
  });
});
