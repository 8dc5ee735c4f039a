import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { judgeShift } from '../../scripts/lib/shift-change/judge.mjs';
import { passed, verdictLine } from '../../scripts/lib/shift-change/summary.mjs';
import { TRANSITIONS } from '../../scripts/lib/shift-change/transitions.mjs';
import { NEXT_STATUSES } from '../../sandbox/work-order-schema';
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

const REASON = { reason: 'The status "On Hold" may only become "In Progress".' };

test('the judge knows the transitions of the server', () => {
  expect(TRANSITIONS).toEqual(NEXT_STATUSES);
});

describe('a shift in which nothing goes wrong', () => {
  it('passes, and the duplicate is counted', () => {
    const story = new OrderStory('Released').carriedOut('e1', 'In Progress');
    story.reported(story.sent('e1', 'In Progress'), 'duplicate');
    const verdict = judge(story.carriedOut('e2', 'Complete'));
    expect(verdict.findings).toEqual([]);
    expect(verdict).toMatchObject({ eligible: 2, withoutPerson: 1, met: { duplicates: 1 } });
    expect(passed(verdict)).toBe(true);
    expect(verdictLine(verdict)).toMatch(/^ok .*100\.0 % of 2 events/);
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
    expect(broken(story)).toEqual(['doubled']);
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

  it('lost: reported as updated twice with one effect', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'updated').reported(event, 'updated');
    expect(broken(story)).toEqual(expect.arrayContaining(['lost', 'doneTwice']));
  });

  it('misreported: an effect of an event that is said to have none', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'invalid-state', REASON);
    expect(broken(story)).toEqual(['misreported']);
  });

  it('duplicatesWithEffect: an effect that no try accounts for', () => {
    const { story, event } = signalled();
    story.write(event).reported(event, 'duplicate');
    expect(broken(story)).toContain('duplicatesWithEffect');
  });

  it('invalidWrites: a transition that is not allowed from the version it names', () => {
    const { story, event } = signalled('Complete');
    story.write(event, { answer: 409 }).reported(event, 'invalid-state', REASON);
    expect(broken(story)).toEqual(['invalidWrites']);
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
    story.reported(event, 'invalid-state', { ...REASON, refused: moved });
    expect(broken(story)).toEqual(['withoutReason']);
  });
});

describe('events that need a person', () => {
  const NEEDS_PERSON = { withoutPerson: 0, eligible: 1 };
  const ASIDE = { eligible: 0 };

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

  it('are not set aside for a state that an earlier event of ours was about to end', () => {
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

/** A walk through the state machine; each step picks one of the next statuses. */
const walk = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).map(picks => {
  let status = 'Released';
  return picks.flatMap(pick => {
    const next = TRANSITIONS[status] ?? [];
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
  doneTwice: ({ reports }: Shift, n: number) => reports.push(at(reports, n)),
  invalidWrites: ({ requests }: Shift, n: number) => {
    requests.splice(n, 1, { ...at(requests, n), ifMatch: '"v0"' });
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
        expect(passed(judge(told(statuses)))).toBe(true);
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
        expect(passed(verdict)).toBe(false);
      }),
    );
  });
});
