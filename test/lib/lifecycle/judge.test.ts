import { describe, expect, it } from 'vitest';
import type { Circumstances, TransitionGuard } from '../../../lib/lifecycle/guard';
import { fieldsToJudge, judge } from '../../../lib/lifecycle/judge';
import { WORK_ORDERS } from '../../../lib/lifecycle/presets';
import { refusedEnding } from '../../../lib/outcome/ending';

const NOW = Date.parse('2025-02-08T14:00:00Z');

/** In Progress → Complete, decided on an event of 13:50. */
const GUARD: TransitionGuard = {
  url: 'http://127.0.0.1/work-orders/WO-1',
  field: 'status',
  from: 'In Progress',
  to: 'Complete',
  machine: WORK_ORDERS,
};

const REWORK = {
  reworkReasonCode: 'RR-2',
  defectType: 'scratch',
  qualityHoldStatus: 'Hold',
  reworkInstructions: 'polish',
  originalOperationId: 'OP-10',
};

function refusal(
  guard: Partial<TransitionGuard>,
  values: Circumstances['values'],
  changes?: Circumstances['changes'],
) {
  return judge({ ...GUARD, ...guard }, { values, changes, now: NOW });
}

describe('a transition of the table', () => {
  it('is allowed', () => {
    expect(refusal({}, { status: 'In Progress' }, { status: 'Complete' })).toBeUndefined();
  });

  it('is needless where the record is there already, whatever else it shows', () => {
    const guard = {
      eventAt: '2025-02-08T13:50:00Z',
      sinceField: 'statusSince',
      open: { rule: 'any', byField: 'openedBy' },
    } as const;
    expect(refusal(guard, { status: 'Complete', openedBy: 'ann' })).toBeUndefined();
    expect(refusal({ to: 'Scrapped' }, { status: 'Scrapped' })).toBeUndefined();
  });
});

describe('unknown-state', () => {
  it.each([
    ['the wanted one', { to: 'Finished' }, { status: 'In Progress' }, '"Finished" is not in'],
    ['the one of the record', {}, { status: 'Scrapped' }, 'status is "Scrapped", which is not in'],
    ['another case', { to: 'complete' }, { status: 'In Progress' }, 'The table has "Complete"'],
    ['blanks', {}, { status: 'In Progress ' }, 'The table has "In Progress"'],
    ['no status', {}, { status: null }, 'status is empty, which is not in'],
    ['another type', {}, { status: { code: 1 } }, 'status is an object, which is not in'],
  ] as const)('%s', (_, guard, values, words) => {
    const refused = refusal(guard, values);
    expect(refused?.code).toBe('STATE_UNKNOWN');
    expect(refused?.refusal.reason).toBe('unknown-state');
    expect(refused?.message).toContain(words);
  });

  it('text is no number', () => {
    const machine = {
      states: [
        { name: 1, next: [2] },
        { name: 2, next: [] },
      ],
    };
    const refused = refusal({ machine, from: 1, to: '2' }, { status: 1 });
    expect(refused?.message).toContain('"2" is not in the table');
    expect(refused?.message).toContain('The table has the number 2: case and type count');
  });

  it.each([
    ['status', {}, {}],
    [
      'statusSince',
      { eventAt: '2025-02-08T13:50:00Z', sinceField: 'statusSince' },
      { status: 'In Progress' },
    ],
    ['openedBy', { open: { rule: 'any', byField: 'openedBy' } }, { status: 'In Progress' }],
    [
      'openedAt',
      { open: { rule: 'any', byField: 'openedBy', atField: 'openedAt' } },
      { status: 'In Progress', openedBy: null },
    ],
  ] as const)('a record that does not show %s', (name, guard, values) => {
    const refused = refusal(guard, values);
    expect(refused?.code).toBe('STATE_UNKNOWN');
    expect(refused?.message).toContain(`does not show the field ${name}`);
    expect(refused?.message).toContain('etag-fetch');
  });

  it('a field that is not shown is empty where that is how the API says empty', () => {
    const guard = {
      missingMeansEmpty: true,
      eventAt: '2025-02-08T13:50:00Z',
      sinceField: 'statusSince',
      open: { rule: 'newer', atField: 'openedAt', minutes: 15 },
    } as const;
    expect(refusal(guard, { status: 'In Progress' })).toBeUndefined();
    expect(refusal(guard, {})?.code).toBe('STATE_UNKNOWN');
  });

  it('a name that every object has is not shown by the record for that', () => {
    expect(refusal({ field: 'constructor' }, {})?.message).toContain('does not show');
  });
});

describe('invalid-transition', () => {
  it('names the states that may follow and the shortest way', () => {
    const refused = refusal({ from: 'Released' }, { status: 'Released' });
    expect(refused).toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(refused?.refusal).toEqual({
      reason: 'invalid-transition',
      from: 'Released',
      to: 'Complete',
      next: ['In Progress', 'Cancelled'],
      path: ['In Progress', 'Complete'],
    });
    expect(refused?.message).toContain('"In Progress" → "Complete"');
  });

  it('knows no way out of an end', () => {
    const refused = refusal({ from: 'Closed' }, { status: 'Closed' });
    expect(refused?.refusal).toMatchObject({ next: [] });
    expect(refused?.refusal).not.toHaveProperty('path');
    expect(refused?.message).toContain('Nothing may follow "Closed"');
  });

  it.each([
    ['from which it is not allowed', 'On Hold', ['In Progress', 'Complete'], ['In Progress']],
    [
      'that may come before as well',
      'In Progress',
      ['Complete'],
      ['Complete', 'On Hold', 'Rework'],
    ],
  ])('trap 7: the record moved to a state %s', (_, status, path, next) => {
    const refused = refusal({ from: 'Rework' }, { status });
    expect(refused?.code).toBe('STATE_MOVED');
    expect(refused?.refusal).toEqual({
      reason: 'invalid-transition',
      from: status,
      to: 'Complete',
      next,
      path,
      decidedOn: 'Rework',
    });
  });

  it.each([
    ['older', '2025-02-08T13:49:59.999Z', 'EVENT_LATE'],
    ['older by 100 ns', '2025-02-08T13:49:59.9999999Z', 'EVENT_LATE'],
    ['older in another zone', '2025-02-08T14:49:59+01:00', 'EVENT_LATE'],
    ['as old', '2025-02-08T14:50:00+01:00', undefined],
    ['newer', '2025-02-08T13:50:00.001Z', undefined],
  ])('an event that is %s than the present state', (_, eventAt, code) => {
    const since = '2025-02-08T13:50:00Z';
    const guard = { eventAt, sinceField: 'statusSince' };
    const refused = refusal(guard, { status: 'In Progress', statusSince: since });
    expect(refused?.code).toBe(code);
    expect(refused?.refusal.late).toEqual(code && { eventAt, since });
  });

  it.each([
    ['from before the API noted it', '2025-02-08T13:45:00Z', '13:50', undefined],
    ['of the same time', '2025-02-08T13:40:00Z', '13:50', undefined],
    ['that is older', '2025-02-08T13:39:59Z', '13:50', 'EVENT_LATE'],
    [
      'that is older, by an API whose clock is behind',
      '2025-02-08T13:39:59Z',
      '13:30',
      'EVENT_LATE',
    ],
  ])('an event %s is compared with the one that we have written', (_, eventAt, noted, code) => {
    const since = `2025-02-08T${noted}:00Z`;
    const own = { since, eventAt: '2025-02-08T13:40:00Z' };
    const guard = { eventAt, sinceField: 'statusSince', own };
    const refused = refusal(guard, { status: 'In Progress', statusSince: since });
    expect(refused?.code).toBe(code);
    expect(refused?.refusal.late).toEqual(code && { eventAt, since: own.eventAt });
  });

  it('an event is compared with what the record shows once somebody else has set its state', () => {
    const own = { since: '2025-02-08T13:50:00Z', eventAt: '2025-02-08T13:40:00Z' };
    const guard = { eventAt: '2025-02-08T13:45:00Z', sinceField: 'statusSince', own };
    const statusSince = '2025-02-08T13:51:00Z';
    const refused = refusal(guard, { status: 'In Progress', statusSince });
    expect(refused?.refusal.late).toMatchObject({ since: statusSince });
  });

  it.each([
    [null, undefined],
    ['', undefined],
    ['/Date(1739023200000)/', 'EVENT_LATE'],
    [1_739_023_200_000, 'EVENT_LATE'],
    ['yesterday', 'STATE_UNKNOWN'],
    ['2025-02-08T13:50:00', 'STATE_UNKNOWN'],
    ['2025-02-30T13:50:00Z', 'STATE_UNKNOWN'],
    [true, 'STATE_UNKNOWN'],
  ])('a since field that holds %j', (statusSince, code) => {
    const guard = { eventAt: '2025-02-08T13:50:00Z', sinceField: 'statusSince' };
    expect(refusal(guard, { status: 'In Progress', statusSince })?.code).toBe(code);
  });
});

describe('missing-fields', () => {
  const TO_REWORK = { to: 'Rework' } as const;
  const VALUES = { status: 'In Progress' };

  it.each([undefined, null, '', '  '])('%j counts as empty', reworkReasonCode => {
    const refused = refusal(TO_REWORK, VALUES, { ...REWORK, reworkReasonCode });
    expect(refused).toMatchObject({
      code: 'FIELDS_MISSING',
      refusal: { reason: 'missing-fields' },
    });
    expect(refused?.refusal.missing).toEqual(['reworkReasonCode']);
    expect(refused?.message).toContain('reworkReasonCode');
  });

  it('0 and false are values', () => {
    const changes = { ...REWORK, reworkReasonCode: 0, qualityHoldStatus: false };
    expect(refusal(TO_REWORK, VALUES, changes)).toBeUndefined();
  });

  it('what the record holds counts, unless the changes empty it', () => {
    const values = { ...VALUES, ...REWORK };
    expect(refusal(TO_REWORK, values, {})).toBeUndefined();
    expect(refusal(TO_REWORK, values, { defectType: null })?.refusal.missing).toEqual([
      'defectType',
    ]);
  });

  it('names all of them, in the order of the table', () => {
    expect(refusal(TO_REWORK, VALUES, {})?.refusal.missing).toEqual(Object.keys(REWORK));
  });

  it('is not looked at while the changes are not known', () => {
    expect(refusal(TO_REWORK, VALUES, undefined)).toBeUndefined();
  });
});

describe('busy', () => {
  const AGO_14 = '2025-02-08T13:46:00Z';
  const AGO_15 = '2025-02-08T13:45:00Z';
  const AHEAD = '2025-02-08T14:30:00Z';
  const ANY = { rule: 'any', byField: 'openedBy', atField: 'openedAt' } as const;
  const OTHER = { ...ANY, rule: 'other', ours: '42' } as const;
  const NEWER = { ...ANY, rule: 'newer', minutes: 15 } as const;

  it.each([
    [ANY, 'ann', AGO_15, true],
    [ANY, null, AGO_14, false],
    [ANY, ' ', AGO_14, false],
    [ANY, false, AGO_14, false],
    [ANY, true, AGO_14, true],
    [OTHER, false, AGO_14, false],
    [OTHER, 'ann', null, true],
    [OTHER, '42', AGO_14, false],
    [OTHER, 42, AGO_14, false],
    [OTHER, null, AGO_14, false],
    [NEWER, null, AGO_14, true],
    [NEWER, 'ann', AGO_15, false],
    [NEWER, 'ann', AHEAD, true],
    [NEWER, 'ann', null, false],
  ])('rule %o, opened by %j at %j: %j', (open, openedBy, openedAt, isBusy) => {
    const refused = refusal({ open }, { status: 'In Progress', openedBy, openedAt });
    expect(refused?.refusal.reason).toBe(isBusy ? 'busy' : undefined);
  });

  it('says who and since when, as far as the record does', () => {
    const values = { status: 'In Progress', openedBy: 'ann', openedAt: AGO_14 };
    const refused = refusal({ open: ANY }, values);
    expect(refused?.code).toBe('RECORD_OPEN');
    expect(refused?.refusal).toMatchObject({ openedBy: 'ann', openedAt: AGO_14 });
    expect(refused?.message).toContain(`by "ann", since "${AGO_14}"`);
    const alone = refusal({ open: ANY }, { ...values, openedAt: null })?.refusal;
    expect(alone).not.toHaveProperty('openedAt');
  });

  it('a time that cannot be read is not taken for closed', () => {
    const values = { status: 'In Progress', openedBy: null, openedAt: 'now' };
    expect(refusal({ open: NEWER }, values)?.code).toBe('STATE_UNKNOWN');
  });
});

describe('the order of the checks', () => {
  // Everything is wrong at first; each step puts right what was found.
  const guard: TransitionGuard = {
    ...GUARD,
    from: 'Released',
    to: 'Rework',
    eventAt: '2025-02-08T13:40:00Z',
    sinceField: 'statusSince',
    open: { rule: 'any', byField: 'openedBy' },
  };
  const since = '2025-02-08T13:50:00Z';
  const open = { status: 'Complete', statusSince: since, openedBy: 'ann' };

  it.each([
    ['STATE_UNKNOWN', {}, { ...open, status: 'done' }, {}],
    ['STATE_UNKNOWN', {}, { status: 'Complete', statusSince: since }, {}],
    ['STATE_MOVED', {}, open, {}],
    ['INVALID_TRANSITION', { from: 'Complete' }, open, {}],
    ['EVENT_LATE', { from: 'In Progress' }, { ...open, status: 'In Progress' }, {}],
    [
      'FIELDS_MISSING',
      { from: 'In Progress', eventAt: since },
      { ...open, status: 'In Progress' },
      {},
    ],
    [
      'RECORD_OPEN',
      { from: 'In Progress', eventAt: since },
      { ...open, status: 'In Progress' },
      REWORK,
    ],
    [
      undefined,
      { from: 'In Progress', eventAt: since },
      { ...open, status: 'In Progress', openedBy: null },
      REWORK,
    ],
  ])('%s', (code, extra, values, changes) => {
    expect(judge({ ...guard, ...extra }, { values, changes, now: NOW })?.code).toBe(code);
  });
});

describe('fieldsToJudge', () => {
  it('names what a read has to bring, the status first', () => {
    const guard: TransitionGuard = {
      ...GUARD,
      to: 'Rework',
      eventAt: '2025-02-08T13:50:00Z',
      sinceField: 'statusSince',
      open: { rule: 'any', byField: 'openedBy', atField: 'defectType' },
    };
    expect(fieldsToJudge(guard)).toEqual([
      'status',
      'statusSince',
      'openedBy',
      'defectType',
      'reworkReasonCode',
      'qualityHoldStatus',
      'reworkInstructions',
      'originalOperationId',
    ]);
  });

  it('needs no since field without an event', () => {
    expect(fieldsToJudge({ ...GUARD, sinceField: 'statusSince' })).toEqual(['status']);
  });
});

describe('how an update ends', () => {
  const OPEN = { rule: 'any', byField: 'openedBy' } as const;

  it.each([
    ['invalid-state', { from: 'Released' }, { status: 'Released' }],
    ['invalid-state', {}, { status: 'Scrapped' }],
    ['rejected', { to: 'Rework' }, { status: 'In Progress' }],
    ['busy', { open: OPEN }, { status: 'In Progress', openedBy: 'ann' }],
  ] as const)('%s', (outcome, guard, values) => {
    const refused = refusal(guard, values, {});
    if (refused === undefined) throw new Error('allowed');
    expect(refusedEnding({ ...GUARD, ...guard }, refused)).toEqual({
      outcome,
      error: { code: refused.code, message: refused.message },
      refused: refused.refusal,
    });
  });

  it.each([
    ['STATE_MOVED', {}, { status: 'On Hold' }, 'On Hold'],
    [
      'EVENT_LATE',
      { eventAt: '2025-02-08T13:00:00Z', sinceField: 'since' },
      { status: 'In Progress', since: '2025-02-08T13:30:00Z' },
      'In Progress',
    ],
  ])('%s comes with the diff', (code, extra, values, theirs) => {
    const guard = { ...GUARD, ...extra };
    const refused = judge(guard, { values, changes: undefined, now: NOW });
    if (refused === undefined) throw new Error('allowed');
    const { error, conflict } = refusedEnding(guard, refused);
    expect(error.code).toBe(code);
    expect(conflict).toEqual({
      fields: [{ name: 'status', base: 'In Progress', ours: 'Complete', theirs }],
    });
  });
});
