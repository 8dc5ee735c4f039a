import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeShift } from './judge/judge';
import { nextOf } from './judge/order-case';
import { passed, verdictLine } from './judge/summary';
import { OrderStory } from './order-story';

const judge = (...stories: OrderStory[]) =>
  judgeShift({
    events: stories.flatMap(({ events }) => events),
    reports: stories.flatMap(({ reports }) => reports),
    orders: new Map(
      stories.map((story, n) => [story.events[0]?.workOrder ?? n.toString(), story.record]),
    ),
  });

/** Kinds of faults that were found. */
const broken = (...stories: OrderStory[]) =>
  Object.entries(judge(...stories).faults)
    .filter(([, times]) => times > 0)
    .map(([kind]) => kind);

/** What a shift has to meet. */
const MET = {
  ...{ duplicates: 1, backgroundChanges: 1, statusChanges: 1 },
  ...{ opened: 1, refusedWrites: 1, lostResponses: 1 },
};

const REASON = { reason: 'The status "On Hold" may only become "In Progress".' };

describe('a shift in which nothing goes wrong', () => {
  it('passes, and the duplicate is counted', () => {
    const story = new OrderStory('Released').carriedOut('e1', 'In Progress');
    story.reported(story.sent('e1', 'In Progress'), 'duplicate');
    const verdict = judge(story.carriedOut('e2', 'Complete'));
    expect(verdict.findings).toEqual([]);
    expect(verdict).toMatchObject({ eligible: 2, withoutPerson: 1, met: { duplicates: 1 } });
    expect(passed({ ...verdict, met: MET })).toBe(true);
    expect(verdictLine({ ...verdict, met: MET })).toMatch(/^ok .*100\.0 % of 2 events/);
  });

  it('proves nothing when it met no lost answers, or hardly any event was possible', () => {
    const verdict = judge(new OrderStory('Released').carriedOut('e1', 'In Progress'));
    const calm = { ...verdict, met: { ...MET, lostResponses: 0 } };
    expect(passed(calm)).toBe(false);
    expect(verdictLine(calm)).toMatch(/^FAILED {2}shift change: lostResponses 0;/);
    const hopeless = { ...verdict, met: MET, tried: 10 };
    expect(verdictLine(hopeless)).toMatch(/^FAILED {2}shift change: eligible 1;/);
  });

  it('takes a write that was found in place for its one effect', () => {
    const story = new OrderStory('Released');
    const event = story.sent('e1', 'In Progress');
    story.write(event).change('background', { machineCycles: 1 });
    expect(broken(story.reported(event, 'already-applied'))).toEqual([]);
  });

  it('lets an event that failed come again', () => {
    const story = new OrderStory('Released');
    const event = story.sent('e1', 'In Progress');
    story.reported(event, 'unavailable', { reason: 'The API was not there.' });
    expect(broken(story.carriedOut('e1', 'In Progress'))).toEqual([]);
    expect(judge(story)).toMatchObject({ eligible: 1, withoutPerson: 1 });
  });

  it('leaves open what became of an uncertain event', () => {
    const story = new OrderStory('Released');
    const event = story.sent('e1', 'In Progress');
    expect(broken(story.write(event).reported(event, 'uncertain', REASON))).toEqual([]);
  });
});

describe('what the judge finds', () => {
  const signalled = (status = 'In Progress') => {
    const story = new OrderStory('Released');
    return { story, event: story.sent('e1', status) };
  };

  it('missing: a delivery without a report', () => {
    const { story } = signalled();
    expect(broken(story)).toEqual(['missing']);
  });

  it('missing: an event of which every delivery was taken for a duplicate', () => {
    const { story, event } = signalled();
    expect(broken(story.reported(event, 'duplicate'))).toEqual(['missing']);
  });

  it('doubled: a second write of the same event, also of the same values', () => {
    const { story, event } = signalled();
    story.write(event).write(event).reported(event, 'updated');
    expect(broken(story)).toEqual(['doubled', 'invalidWrites', 'ourInvalidTransitions']);
  });

  it.each(['updated', 'already-applied', 'unchanged'])('lost: %s without an effect', end => {
    const { story, event } = signalled();
    expect(broken(story.reported(event, end))).toEqual(['lost']);
  });

  it('not lost: unchanged, because somebody else had done it', () => {
    const { story, event } = signalled();
    story.change('operator', { status: 'In Progress' });
    expect(broken(story.reported(event, 'unchanged'))).toEqual([]);
  });

  it('lost: unchanged, though it was in place only before, or nobody looked', () => {
    const { story, event } = signalled();
    story.change('operator', { status: 'In Progress' }).reportedUnseen(event, 'unchanged');
    expect(broken(story)).toEqual(['lost']);
    const gone = signalled();
    gone.story.change('operator', { status: 'In Progress' });
    gone.story.change('operator', { status: 'On Hold' }).reported(gone.event, 'unchanged');
    expect(broken(gone.story)).toEqual(['lost']);
  });

  it('invented: more reports than deliveries, or of an order that no machine runs', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'updated').reported(event, 'duplicate');
    expect(broken(story)).toEqual(['invented']);
    const other = signalled().story.write(event).reported(event, 'updated');
    const strange = { ...event, workOrder: 'WO-9', arrivedAt: 0, ms: 1, end: 'updated' };
    other.reports.push(strange);
    expect(broken(other)).toEqual(['invented', 'lost']);
  });

  it('triedAgain: not taken for a duplicate although the first is remembered', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'updated').sent('e1', 'In Progress');
    expect(broken(story.reported(event, 'unchanged'))).toEqual(['triedAgain']);
  });

  it.each([
    ...['updated', 'unchanged', 'already-applied', 'conflict', 'invalid-state', 'rejected'],
    ...['uncertain', 'unavailable', 'exhausted', 'busy', 'error'],
  ])('triedAgain: after %s only where that is forgotten', end => {
    const { story, event } = signalled();
    story.reported(event, end, REASON).change('background', {});
    story.reported(story.sent('e1', 'In Progress'), 'unavailable', REASON);
    const isForgotten = ['unavailable', 'exhausted', 'busy', 'error'].includes(end);
    expect(judge(story).faults.triedAgain).toBe(isForgotten ? 0 : 1);
  });

  it('triedAgain: not taken for a duplicate although the first is still tried', () => {
    const { story, event } = signalled();
    story.change('background', {}).reported(event, 'unavailable', REASON);
    story.sent('e1', 'In Progress', { at: Date.parse(event.at) });
    expect(broken(story.write(event).reported(event, 'updated'))).toEqual(['triedAgain']);
  });

  it('confirmedEarly: a duplicate is dropped for good before the effect', () => {
    const { story, event } = signalled();
    story.sent('e1', 'In Progress', { at: Date.parse(event.at) });
    story.reported(event, 'duplicate', { pending: true }).write(event).reported(event, 'updated');
    expect(broken(story)).toEqual([]);
    const early = signalled();
    early.story.sent('e1', 'In Progress', { at: Date.parse(early.event.at) });
    early.story.reported(early.event, 'duplicate').write(early.event);
    expect(broken(early.story.reported(early.event, 'updated'))).toEqual(['confirmedEarly']);
  });

  it('misreported: an effect of an event that is said to have none', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'invalid-state', REASON);
    expect(broken(story)).toEqual(['misreported']);
  });

  it('missing: an effect that no try accounts for', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'duplicate');
    expect(broken(story)).toEqual(['missing']);
  });

  it('unasked: a change of ours that no event of this order asks for', () => {
    const { story, event } = signalled();
    story.carriedOut('e2', 'In Progress').change('api', { status: 'On Hold' });
    expect(broken(story.reported(event, 'unchanged'))).toContain('unasked');
  });

  it('unasked: another status than the event asks for', () => {
    const { story, event } = signalled();
    story.write({ ...event, status: 'Cancelled' }).reported(event, 'updated');
    expect(broken(story)).toEqual(['unasked']);
  });

  it('unasked: a rework without what the event tells of the defect', () => {
    const story = new OrderStory('In Progress');
    const defect = { reasonCode: 'RR-2', type: 'Scratch', hold: 'Held', instructions: 'Polish' };
    const event = story.sent('e1', 'Rework', { defect, operationId: '0010' });
    expect(broken(story.write(event).reported(event, 'updated'))).toEqual(['unasked']);
  });

  it('unasked: a change of an order that no machine runs', () => {
    const idle = new OrderStory('In Progress', 'WO-2').change('api', { status: 'Complete' });
    const orders = new Map([['WO-2', idle.record]]);
    expect(judgeShift({ events: [], reports: [], orders }).faults.unasked).toBe(1);
  });

  it('late: a transition by an event that is older than the state it ends', () => {
    const { story, event } = signalled();
    const statusSince = new Date(Date.parse(event.at) + 1).toISOString();
    story.change('operator', { status: 'On Hold', statusSince }).write(event);
    expect(judge(story.reported(event, 'updated')).faults.late).toBe(1);
  });

  it('invalidWrites: a transition that is not allowed from the version it names', () => {
    const { story, event } = signalled('Complete');
    story.write(event, { answer: 409 }).reported(event, 'invalid-state', REASON);
    expect(broken(story)).toEqual(['invalidWrites']);
  });

  it('invalidWrites: to the status it has, or to none', () => {
    const { story, event } = signalled('Released');
    story.write(event, { answer: 409 }).reported(event, 'unchanged');
    expect(broken(story)).toEqual(['invalidWrites']);
    story.asked({ notes: 'hello' });
    expect(judge(story).faults.invalidWrites).toBe(2);
  });

  it('not invalid: overtaken, allowed from the version it names', () => {
    const { story, event } = signalled();
    const ifMatch = story.version;
    story.change('operator', { status: 'Cancelled' });
    story.write(event, { ifMatch, answer: 409 }).reported(event, 'invalid-state', REASON);
    expect(broken(story)).toEqual([]);
  });

  it.each(['*', '"v99"', ''])('invalidWrites: If-Match: %s names no version', ifMatch => {
    const { story, event } = signalled();
    expect(broken(story.write(event, { ifMatch }).reported(event, 'updated'))).toEqual([
      'invalidWrites',
    ]);
  });

  it('ourInvalidTransitions: a change of ours that the table does not have', () => {
    const { story, event } = signalled('Closed');
    story.change('api', { status: 'Closed', lastEventId: event.id });
    expect(broken(story.reported(event, 'updated'))).toEqual(['ourInvalidTransitions']);
  });

  it('leaves the transitions of operators to them', () => {
    const { story, event } = signalled();
    story.change('operator', { status: 'Closed' });
    expect(broken(story.reported(event, 'invalid-state', REASON))).toEqual([]);
  });

  it('overwritten: what an operator gave after the event had come in', () => {
    const { story, event } = signalled();
    story.change('operator', { notes: 'mine' });
    story.change('api', { status: 'In Progress', lastEventId: event.id, notes: 'ours' });
    expect(judge(story.reported(event, 'updated')).faults.overwritten).toBe(1);
    const before = new OrderStory('Released').change('operator', { notes: 'mine' });
    const later = before.sent('e1', 'In Progress', { at: Date.UTC(2026, 1, 8, 13) });
    before.change('api', { status: 'In Progress', lastEventId: later.id, notes: 'ours' });
    expect(judge(before.reported(later, 'updated')).faults.overwritten).toBe(0);
  });

  it('whileOpen: a transition of ours while an operator has the order open', () => {
    const { story, event } = signalled();
    story.change('operator', { openedBy: 'kim' }).write(event).reported(event, 'updated');
    expect(broken(story)).toEqual(['whileOpen']);
  });

  it('withoutReason: neither a sentence nor a reason of the guard', () => {
    const { story, event } = signalled('Cancelled');
    expect(broken(story.reported(event, 'invalid-state'))).toEqual(['withoutReason']);
  });

  it('withoutReason: a conflict without its diff, whatever it says', () => {
    const { story, event } = signalled();
    story.reported(event, 'conflict', { ...REASON, conflict: { fields: [] } });
    expect(broken(story)).toEqual(['withoutReason']);
  });

  it('withoutReason: a state that moved under the decision, without the diff', () => {
    const { story, event } = signalled('Complete');
    const refused = { reason: 'invalid-transition', from: 'On Hold', to: 'Complete' } as const;
    const moved = { ...refused, decidedOn: 'In Progress' };
    story.change('operator', { status: 'On Hold' });
    story.reported(event, 'invalid-state', { ...REASON, refused: moved });
    expect(broken(story)).toEqual(['withoutReason']);
  });

  it.each([
    ['a status that the record did not have', { from: 'On Hold' }],
    ['a status that was not wanted', { to: 'Cancelled' }],
    ['next statuses that the table does not have', { next: ['Complete'] }],
  ])('withoutReason: the guard names %s', (_what, wrong) => {
    const { story, event } = signalled('Complete');
    const next = ['In Progress', 'Cancelled'];
    const right = { reason: 'invalid-transition', from: 'Released', to: 'Complete', next } as const;
    story.reported(event, 'invalid-state', { ...REASON, refused: right });
    expect(broken(story)).toEqual([]);
    story.sent('e1', 'Complete');
    story.reported(event, 'invalid-state', { ...REASON, refused: { ...right, ...wrong } });
    expect(broken(story)).toContain('withoutReason');
  });

  it.each([{ base: 'Complete' }, { theirs: 'Complete' }])(
    'withoutReason: the difference shows what the field never was, %o',
    wrong => {
      const { story, event } = signalled('Cancelled');
      const right = { name: 'status', base: 'Released', ours: 'Cancelled', theirs: 'In Progress' };
      story.change('operator', { status: 'In Progress' });
      const told = (field: typeof right) =>
        broken(story.reported(event, 'conflict', { conflict: { fields: [field] } }));
      expect(told(right)).toEqual([]);
      story.sent('e1', 'Cancelled');
      expect(told({ ...right, ...wrong })).toContain('withoutReason');
    },
  );
});

describe('events that need a person', () => {
  const NEEDS_PERSON = { withoutPerson: 0, eligible: 1 };
  const ASIDE = { eligible: 0, withoutPerson: 0 };

  const started = (status = 'In Progress') => new OrderStory(status);

  it('count when nothing stood against them', () => {
    const story = started();
    const verdict = judge(story.reported(story.sent('e1', 'Complete'), 'exhausted', REASON));
    expect(verdict).toMatchObject(NEEDS_PERSON);
    expect(passed(verdict)).toBe(false);
    expect(verdictLine(verdict)).toMatch(/^FAILED .*withoutPerson 0/);
  });

  it('are set aside when an operator decided otherwise after the event', () => {
    const story = started();
    const event = story.sent('e1', 'Complete');
    story.change('operator', { status: 'On Hold' }).change('operator', { status: 'In Progress' });
    expect(judge(story.reported(event, 'conflict', REASON))).toMatchObject(ASIDE);
  });

  it("are not set aside for an operator's change before the event, or of something else", () => {
    const story = started('On Hold').change('operator', { status: 'In Progress' });
    story.change('background', { laborMinutes: 3 });
    const event = story.sent('e1', 'Complete');
    story.change('operator', { notes: 'soon' }).change('background', { laborMinutes: 4 });
    expect(judge(story.reported(event, 'conflict', REASON))).toMatchObject(NEEDS_PERSON);
  });

  it('are not set aside when the operator did just what the event asks for', () => {
    const story = started();
    const event = story.sent('e1', 'Complete');
    story.change('operator', { status: 'Complete' });
    expect(judge(story.reported(event, 'conflict', REASON))).toMatchObject(NEEDS_PERSON);
  });

  it('are set aside for another field only when they write it', () => {
    const changed = (id: string) => {
      const story = started();
      const event = story.sent(id, 'Rework');
      const fields = { status: 'Rework', lastEventId: 'e1', defectType: 'Scratch' };
      story.asked(fields).change('operator', { defectType: 'Burr' });
      return judge(story.reported(event, 'conflict', REASON));
    };
    expect(changed('e1')).toMatchObject(ASIDE);
    expect(changed('e2')).toMatchObject(NEEDS_PERSON);
  });

  it('are not set aside for the time that comes with a status', () => {
    const story = started();
    const event = story.sent('e1', 'Complete');
    story.asked({ status: 'Complete', lastEventId: 'e1', statusSince: '2026-02-08T12:00:00Z' });
    story.change('operator', { statusSince: '2026-02-08T12:00:09Z' });
    expect(judge(story.reported(event, 'conflict', REASON))).toMatchObject(NEEDS_PERSON);
  });

  it('are set aside while an operator has the order open, not after he closed it', () => {
    const open = started();
    const event = open.sent('e1', 'Complete');
    open.change('operator', { openedBy: 'kim' });
    expect(judge(open.reported(event, 'busy', REASON))).toMatchObject(ASIDE);
    open.change('operator', { openedBy: null }).change('background', { laborMinutes: 4 });
    open.reported(event, 'busy', REASON);
    expect(judge(open)).toMatchObject(NEEDS_PERSON);
  });

  it('are set aside when the table has no such transition', () => {
    const story = started('Released');
    const event = story.sent('e1', 'Complete');
    expect(judge(story.reported(event, 'invalid-state', REASON))).toMatchObject(ASIDE);
  });

  it('are not set aside when nobody looked at the record', () => {
    const story = started('Released');
    const event = story.sent('e1', 'Complete');
    story.change('operator', { status: 'Cancelled' });
    expect(judge(story.reportedUnseen(event, 'busy', REASON))).toMatchObject(NEEDS_PERSON);
  });

  it('are not set aside for a look before they came in, or after they had ended', () => {
    const before = started('Released');
    before.reported(before.sent('e0', 'Released'), 'unchanged');
    const later = before.change('background', { laborMinutes: 1 }).sent('e1', 'Complete');
    const seenBefore = judge(before.reportedUnseen(later, 'busy', REASON));
    expect(seenBefore).toMatchObject({ eligible: 2, withoutPerson: 0.5 });
    const after = started('Released');
    after.reportedUnseen(after.sent('e1', 'Complete'), 'busy', REASON);
    const other = after.change('background', { laborMinutes: 1 }).sent('e2', 'Released');
    const seenAfter = judge(after.reported(other, 'unchanged'));
    expect(seenAfter).toMatchObject({ eligible: 2, withoutPerson: 0.5 });
  });

  it('are not set aside for a state that an earlier event ended later, also after a background change', () => {
    const story = started('Released');
    const first = story.sent('e1', 'In Progress');
    const second = story.change('background', { laborMinutes: 0 }).sent('e2', 'Complete');
    story.reported(second, 'invalid-state', REASON).change('background', { laborMinutes: 1 });
    story.write(first).reported(first, 'updated');
    expect(judge(story)).toMatchObject({ eligible: 2, withoutPerson: 0.5 });
  });

  it('are not set aside for a state that an earlier event of ours had ended', () => {
    const story = started('Released');
    const first = story.sent('e1', 'In Progress');
    const second = story.sent('e2', 'Complete');
    story.write(first).reported(first, 'updated').reported(second, 'invalid-state', REASON);
    expect(judge(story)).toMatchObject({ eligible: 2, withoutPerson: 0.5 });
  });

  it('are set aside when a newer event had come in before and had its effect', () => {
    const story = started();
    const late = story.sent('e1', 'On Hold');
    const newer = story.sent('e2', 'On Hold', { at: Date.parse(late.at) + 10 });
    const arrivedAt = Date.parse(newer.at);
    story.write(newer).reported(newer, 'updated', { arrivedAt });
    const inOrder = { ...REASON, arrivedAt: arrivedAt - 1 };
    const outOfOrder = { ...REASON, arrivedAt: arrivedAt + 1 };
    const judgeLate = (details: typeof inOrder) => {
      const copy = Object.assign(new OrderStory('In Progress'), story);
      return judge(
        Object.assign(copy, { reports: [...story.reports] }).reported(
          late,
          'invalid-state',
          details,
        ),
      );
    };
    expect(judgeLate(outOfOrder)).toMatchObject({ eligible: 1, setAside: { late: 1 } });
    expect(judgeLate(inOrder)).toMatchObject({ eligible: 2, withoutPerson: 0.5 });
  });
});

describe('what a shift met', () => {
  it('is counted, each by itself', () => {
    const story = new OrderStory('Released').change('background', { laborMinutes: 1 });
    story.change('operator', { status: 'In Progress' }).change('operator', { notes: 'mine' });
    story.change('operator', { openedBy: 'kim' }).change('operator', { openedBy: null });
    story.asked({ status: 'Complete' }).asked({ status: 'Complete' }, { answer: 412 });
    story.asked({ status: 'Complete' }, { answer: 200, answered: false });
    story.asked({ status: 'Complete' }, { answer: 503, answered: false });
    story.reported(story.sent('e1', 'Complete'), 'duplicate');
    expect(judge(story).met).toEqual(MET);
    expect(judge(new OrderStory('Released')).met).toEqual({
      ...{ duplicates: 0, backgroundChanges: 0, statusChanges: 0 },
      ...{ opened: 0, refusedWrites: 0, lostResponses: 0 },
    });
  });
});

/** A walk through the state machine; each step picks one of the next statuses. */
const walk = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).map(picks => {
  let status = 'Released';
  return picks.flatMap(pick => {
    const next = nextOf(status);
    status = next[pick % next.length] ?? status;
    return next.length === 0 ? [] : [status];
  });
});

/** What can go wrong with one of the events of a shift, and what it must be found as. */
const WRONGS = {
  missing: ({ reports }: Shift, n: number) => reports.splice(n, 1),
  lost: ({ history }: Shift, n: number) => {
    history.splice(n + 1, 1, { ...at(history, n + 1), by: 'background' });
  },
  doubled: ({ history }: Shift, n: number) => {
    history.splice(n + 1, 0, at(history, n + 1));
  },
  misreported: ({ reports }: Shift, n: number) => {
    reports.splice(n, 1, { ...at(reports, n), end: 'unavailable', reason: 'no answer' });
  },
  withoutReason: ({ reports }: Shift, n: number) => {
    reports.splice(n, 1, { ...at(reports, n), end: 'rejected' });
  },
  triedAgain: ({ reports }: Shift, n: number) => reports.push(at(reports, n)),
  unasked: ({ history }: Shift, n: number) => {
    const change = at(history, n + 1);
    const lastEventId = { before: null, after: 'e99' };
    history.splice(n + 1, 1, { ...change, fields: { ...change.fields, lastEventId } });
  },
  invalidWrites: ({ requests }: Shift, n: number) => {
    const writes = requests.filter(({ method }) => method === 'PATCH');
    const write = at(writes, n);
    requests.splice(requests.indexOf(write), 1, { ...write, ifMatch: '"v0"' });
  },
} as const;

interface Shift {
  readonly reports: OrderStory['reports'];
  readonly history: OrderStory['record']['history'][number][];
  readonly requests: OrderStory['record']['requests'][number][];
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`nothing at ${String(index)}`);
  return found;
}

describe('any walk through the state machine', () => {
  const told = (statuses: readonly string[]): OrderStory =>
    statuses.reduce(
      (story, status, n) => story.carriedOut(`e${String(n)}`, status),
      new OrderStory('Released'),
    );

  it('passes when every step was carried out once', () => {
    fc.assert(
      fc.property(walk, statuses => {
        expect(judge(told(statuses)).findings).toEqual([]);
        expect(passed({ ...judge(told(statuses)), met: MET })).toBe(true);
      }),
    );
  });

  it.each(Object.entries(WRONGS))('is found out when one step is wrong: %s', (kind, spoil) => {
    fc.assert(
      fc.property(walk, fc.nat(), (statuses, pick) => {
        const { events, reports, record } = told(statuses);
        const shift = { reports, history: [...record.history], requests: [...record.requests] };
        spoil(shift, pick % statuses.length);
        const verdict = judgeShift({ events, reports, orders: new Map([['WO-1', shift]]) });
        expect(verdict.findings.map(found => found.kind)).toContain(kind);
        expect(passed({ ...verdict, met: MET })).toBe(false);
      }),
    );
  });
});
