import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TransitionGuard } from '../../../lib/lifecycle/guard';
import { judge } from '../../../lib/lifecycle/judge';
import {
  isAllowed,
  nextStates,
  type StateMachine,
  type State,
} from '../../../lib/lifecycle/machine';
import { DONE_OUTCOMES, type Outcome } from '../../../lib/outcome/outcome';
import { fetchRecord } from '../../../lib/update/fetch';
import { updateRecord } from '../../../lib/update/loop';
import { OwnWrites } from '../../../lib/update/own-writes';
import { checkRequest, type UpdateRequestInput } from '../../../lib/update/request';
import { guardOf } from '../../../nodes/transition-guard/decide';
import { FATES, ModelRecord, type Entry } from '../../support/engine-model';
import { mortal, type Left } from '../../support/mortal';
import { mustHold } from '../../support/must-hold';
import { USUAL_UPDATE } from '../../support/usual-update';

/** Two to six states with any transitions between them; some need a reason. */
const machines: fc.Arbitrary<StateMachine> = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.boolean())
  .chain(([count, counted]) => {
    const names = Array.from({ length: count }, (_, n): State => (counted ? n : `S${String(n)}`));
    const states = names.map(name =>
      fc.record({
        name: fc.constant(name),
        next: fc.subarray(
          names.filter(other => other !== name),
          { minLength: 1 },
        ),
        required: fc.constantFrom([], ['reason']),
      }),
    );
    return fc.tuple(...states).map(rows => ({ states: rows }));
  });

const updates = fc.record({
  /** Which of the states that may follow. */
  target: fc.nat(5),
  rule: fc.constantFrom('report', 'theirs', 'overwrite', 'merge'),
  force: fc.boolean(),
  mode: fc.constantFrom('resolve', 'once'),
  writesNote: fc.boolean(),
  reason: fc.constantFrom(undefined, 'R1'),
  /** How old the event is, milliseconds. */
  age: fc.integer({ min: -5, max: 5 }),
  fates: fc.array(fc.constantFrom('answered', ...FATES), { maxLength: 3 }),
  /** How far a cache is behind, read by read. */
  behind: fc.array(fc.constantFrom(0, 0, 1, 2), { maxLength: 6 }),
  /** Writes after which the process is killed, before it has heard of them; the update is handed on again. */
  kills: fc.array(fc.constantFrom(false, false, true), { maxLength: 3 }),
});
type Plan = typeof updates extends fc.Arbitrary<infer T> ? T : never;

/** What an operator does at some time: anything, allowed or not. */
const actions = fc.oneof(
  fc.record({ status: fc.nat(5) }),
  fc.record({ note: fc.constantFrom('n0', 'n1') }),
  fc.record({ reason: fc.constantFrom('', '', 'R2') }),
  fc.record({ openedBy: fc.constantFrom('', '', 'operator 7') }),
  fc.record({ other: fc.nat(9) }),
);

/** What became of the record, and the times of the events by who wrote for them. */
interface Story {
  readonly history: readonly Entry[];
  readonly events: ReadonlyMap<string, string>;
}

interface Done {
  readonly id: string;
  readonly guard: TransitionGuard;
  readonly result: Left['result'];
  /** What the record's status was from the decision to the end. */
  readonly states: readonly unknown[];
}

/** What all automations have in common. */
interface Common {
  readonly machine: StateMachine;
  readonly ownWrites: OwnWrites;
}

/** One event: read, decide, write; a loop of single attempts, and of runs that were killed, goes on at most five times. */
async function handle(
  record: ModelRecord,
  { machine, ownWrites }: Common,
  id: string,
  plan: Plan,
): Promise<Done | undefined> {
  const context = { ...record.contextFor(id, plan.fates, plan.behind), ownWrites };
  const process = mortal(context, plan.kills);
  const read = await fetchRecord(record.ref, undefined, process.context);
  if (!('snapshot' in read)) throw new Error('not read');
  const { snapshot } = read;
  const next = nextStates(machine, snapshot.values.status);
  const to = next[plan.target % next.length];
  if (to === undefined) return undefined;
  const changes = {
    status: to,
    ...(plan.writesNote ? { note: id } : {}),
    ...(plan.reason === undefined ? {} : { reason: plan.reason }),
  };
  const eventAt = new Date(record.time.now() - plan.age).toISOString();
  const settings = { field: 'status', sinceField: 'statusSince', machine, open: OPEN };
  const guard = guardOf(settings, { ...snapshot, changes, to, eventAt }, undefined);
  const { values } = snapshot;
  // Otherwise transition-guard would not let it pass.
  if (judge(guard, { values, changes, now: record.time.now() }) !== undefined) return undefined;
  const { rule, force, mode } = plan;
  const how = { ...USUAL_UPDATE, rule, force, mode } as const;
  const request = { ...how, ref: record.ref, changes, transition: guard, snapshot };
  const start = record.values;
  const changesBefore = record.history.length;
  const result = await updateUntilDone(record, request, process);
  const later = record.history.slice(changesBefore).map(({ after }) => after);
  return { id, guard, result, states: [start, ...later].map(({ status }) => status) };
}

async function updateUntilDone(
  record: ModelRecord,
  request: UpdateRequestInput,
  { context, survivedBy }: ReturnType<typeof mortal>,
): Promise<Left['result']> {
  const pass = (part: Partial<UpdateRequestInput>): Promise<Left> =>
    survivedBy(updateRecord(checkRequest({ ...request, ...part }, record.family), context));
  let { result, record: snapshot } = await pass({});
  for (let n = 1; n < 5 && result.outcome === 'retry'; n++) {
    const { base, pending } = result;
    ({ result, record: snapshot } = await pass({ snapshot, base, pending }));
  }
  return result;
}

const OPEN = { rule: 'any', byField: 'openedBy' } as const;

/**
 * No event is older than what anybody else has done to the status before; nor than the event of ours that has set it, or
 * than the time at which the API says so.
 */
function isInTime(entry: Entry, eventAt: string, { history, events }: Story): boolean {
  const setters = history
    .slice(0, history.indexOf(entry))
    .filter(({ before, after }) => before.status !== after.status);
  const others = setters.filter(({ by }) => !events.has(by));
  const own = events.get(setters.at(-1)?.by ?? '') ?? '~';
  return (
    others.every(({ after }) => String(after.statusSince) <= eventAt) &&
    (own <= eventAt || String(entry.before.statusSince) <= eventAt)
  );
}

/** An entry of ours keeps to the machine, from the state right before it, and to all else that the guard stands for. */
function expectAllowed(entry: Entry, { guard, result }: Done, story: Story): void {
  const { before, after } = entry;
  const about = (): unknown => ({ before, after, guard, result });
  mustHold(after.status === guard.to && before.status === guard.from, about);
  mustHold(isAllowed(guard.machine, before.status, after.status), about);
  mustHold(before.openedBy === '', about);
  mustHold(isInTime(entry, String(guard.eventAt), story), about);
  const { required } = guard.machine.states.find(({ name }) => name === after.status) ?? {};
  mustHold(
    (required ?? []).every(field => after[field] !== ''),
    about,
  );
}

/** How many events were written that had happened before our write of the one before them came in. */
function overtaking({ history, events }: Story): number {
  const isOvertaking = ({ by, before }: Entry): boolean =>
    String(before.statusSince) > (events.get(by) ?? '~');
  return history.filter(isOvertaking).length;
}

const MAY_BE_DONE: readonly Outcome[] = ['already-applied', 'uncertain', 'retry'];

function expectTruth(story: Story, done: Done): void {
  const { history } = story;
  const entries = history.filter(({ by }) => by === done.id);
  const { outcome } = done.result;
  const about = (): unknown => [done, history];
  for (const entry of entries) expectAllowed(entry, done, story);
  // The message goes on as done: so it was, between the decision and the end.
  mustHold(!DONE_OUTCOMES.includes(outcome) || done.states.includes(done.guard.to), about);
  if (outcome === 'updated') mustHold(entries.length === 1, about);
  else if (MAY_BE_DONE.includes(outcome)) mustHold(entries.length < 2, about);
  else mustHold(entries.length === 0, about);
}

test('random machines, operators and automations: only allowed transitions, once each, truly reported', async () => {
  const outcomes = new Map<string, number>();
  let overtook = 0;
  const runs = fc.asyncProperty(
    fc.scheduler(),
    machines,
    fc.array(fc.array(updates, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 }),
    fc.array(fc.array(actions, { maxLength: 6 }), { minLength: 1, maxLength: 2 }),
    async (scheduler, machine, automations, operators) => {
      const names = machine.states.map(({ name }) => name);
      const start = { status: names[0], note: 'n0', reason: 'R0', openedBy: '', other: 0 };
      const record = new ModelRecord(start, () => scheduler.schedule(Promise.resolve()));
      const done: Done[] = [];
      const common = { machine, ownWrites: new OwnWrites() };
      const automate = async (plans: readonly Plan[], n: number): Promise<void> => {
        for (const [event, plan] of plans.entries()) {
          const id = `automation ${String(n)}, event ${String(event)}`;
          const handled = await handle(record, common, id, plan);
          if (handled !== undefined) done.push(handled);
        }
      };
      const operate = async (steps: (typeof operators)[number]): Promise<void> => {
        for (const step of steps) {
          await record.step();
          const status = 'status' in step ? { status: names[step.status % names.length] } : {};
          record.change({ ...step, ...status }, 'operator');
        }
      };
      await scheduler.waitFor(
        Promise.all([...automations.map(automate), ...operators.map(operate)]),
      );
      // What was still under way arrives.
      await scheduler.waitIdle();
      const events = new Map(done.map(({ id, guard }) => [id, String(guard.eventAt)]));
      const story = { history: record.history, events };
      overtook += overtaking(story);
      for (const update of done) {
        expectTruth(story, update);
        const { outcome } = update.result;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    },
  );
  await fc.assert(runs, { numRuns: 2000 });
  // Otherwise the runs would prove nothing.
  const seen = ['updated', 'already-applied', 'invalid-state', 'busy', 'rejected', 'uncertain'];
  expect(overtook).toBeGreaterThan(0);
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(seen));
});
