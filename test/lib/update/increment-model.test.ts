import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../lib/outcome/outcome';
import type { Snapshot } from '../../../lib/record/snapshot';
import { fetchRecord, type Fetched } from '../../../lib/update/fetch';
import { updateRecord } from '../../../lib/update/loop';
import {
  checkRequest,
  type Computation,
  type UpdateRequestInput,
} from '../../../lib/update/request';
import { FATES, ModelRecord, type Entry, type Fate } from '../../support/engine-model';
import { mortal, type Left } from '../../support/mortal';
import { mustHold } from '../../support/must-hold';

const STAMP = 'writtenBy';
const FORMER = '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';
const RUNS = 1_000;
const PARTIES = 4;

const fates = fc.array(fc.constantFrom<Fate>('answered', ...FATES), { maxLength: 4 });

/** One update: half of them add to the stock, the others write a note. */
const updates = fc.record({
  kind: fc.constantFrom('increment', 'note'),
  amount: fc.integer({ min: 1, max: 9 }),
  stamped: fc.boolean(),
  mode: fc.constantFrom('resolve', 'resolve', 'once'),
  fates,
  /** How far a cache is behind, read by read. */
  behind: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { maxLength: 6 }),
  /** What the message of each pass brings: the record as the pass before left it, as just fetched, or none. */
  brings: fc.array(fc.constantFrom('kept', 'fetched', 'none'), { maxLength: 8 }),
  /** Writes after which the process is killed, before it has heard of them; the update is handed on again. */
  kills: fc.array(fc.constantFrom(false, false, true), { maxLength: 4 }),
});
type Plan = typeof updates extends fc.Arbitrary<infer T> ? T : never;

interface Done {
  readonly id: string;
  readonly plan: Plan;
  readonly outcome: Outcome;
}

function adding(amount: number): Computation {
  return {
    fields: ['stock'],
    hash: `add ${String(amount)}`,
    of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + amount }),
  };
}

function requestFor(
  record: ModelRecord,
  id: string,
  { kind, amount, stamped, mode }: Plan,
): UpdateRequestInput {
  const isIncrement = kind === 'increment';
  return {
    ref: record.ref,
    changes: isIncrement ? undefined : { note: id },
    computation: isIncrement ? adding(amount) : undefined,
    sameValue: 'automatic',
    stamp: stamped ? STAMP : undefined,
    mode,
    rule: 'overwrite',
    method: 'PATCH',
    guards: [],
    fieldTypes: {},
    transition: undefined,
    action: undefined,
    force: false,
    turnWaitMs: 0,
    snapshot: undefined,
    base: undefined,
    pending: undefined,
  };
}

/** One update; a loop of single attempts, and of runs that were killed, goes on at most eight times. */
async function handle(record: ModelRecord, id: string, plan: Plan): Promise<Done> {
  const { context, survivedBy } = mortal(
    record.contextFor(id, plan.fates, plan.behind),
    plan.kills,
  );
  const request = requestFor(record, id, plan);
  const pass = async (n: number, before?: Left): Promise<Left> => {
    const { base, pending } = structuredClone(before?.result) ?? {};
    const snapshot = await broughtBy(plan.brings[n], before, () =>
      fetchRecord(record.ref, undefined, context),
    );
    const checked = checkRequest({ ...request, base, pending, snapshot }, record.family);
    return survivedBy(updateRecord(checked, context));
  };
  let done = await pass(0);
  for (let n = 1; n < 8 && done.result.outcome === 'retry'; n++) done = await pass(n, done);
  return { id, plan, outcome: done.result.outcome };
}

async function broughtBy(
  how: Plan['brings'][number] = 'kept',
  before: Left | undefined,
  fetched: () => Promise<Fetched>,
): Promise<Snapshot | undefined> {
  if (how === 'none') return undefined;
  if (how === 'kept') return structuredClone(before?.record);
  const read = await fetched();
  return 'snapshot' in read ? read.snapshot : undefined;
}

const MAY_BE_DONE: readonly Outcome[] = ['uncertain', 'retry'];

/** Acknowledged: exactly once; uncertain: at most once; anything else: not at all. */
function expectCounted(record: ModelRecord, { id, plan, outcome }: Done): void {
  const entries = record.history.filter(({ by }) => by === id);
  const isIncrement = plan.kind === 'increment';
  const about = (): unknown => ({ id, plan, outcome, history: record.history });
  if (outcome === 'updated' || outcome === 'already-applied') mustHold(entries.length === 1, about);
  else if (MAY_BE_DONE.includes(outcome)) mustHold(entries.length < 2, about);
  else if (isIncrement) mustHold(entries.length === 0, about);
  const isAdded = ({ before, after }: Entry): boolean =>
    after.stock === Number(before.stock) + plan.amount;
  mustHold(!isIncrement || entries.every(isAdded), about);
}

/** What all of them together have made of the stock, less what others added. */
function expectSum(record: ModelRecord, all: readonly Done[], byOthers: number): void {
  const increments = all.filter(({ plan }) => plan.kind === 'increment');
  const sum = (outcomes: readonly Outcome[]): number =>
    increments
      .filter(({ outcome }) => outcomes.includes(outcome))
      .reduce((total, { plan }) => total + plan.amount, 0);
  const acknowledged = sum(['updated', 'already-applied']);
  const added = Number(record.values.stock) - byOthers;
  expect(added).toBeGreaterThanOrEqual(acknowledged);
  expect(added).toBeLessThanOrEqual(acknowledged + sum(MAY_BE_DONE));
}

interface Model {
  readonly withFaults: boolean;
  readonly seen: Map<Outcome, number>;
}

async function run(
  scheduler: fc.Scheduler,
  automations: readonly (readonly Plan[])[],
  operator: readonly number[],
  { withFaults, seen }: Model,
): Promise<number> {
  const start = { stock: 0, note: 'n0', other: 0, [STAMP]: FORMER };
  const record = new ModelRecord(start, () => scheduler.schedule(Promise.resolve()));
  const all: Done[] = [];
  const automate = async (plans: readonly Plan[], n: number): Promise<void> => {
    for (const [event, plan] of plans.entries()) {
      const known = withFaults ? plan : { ...plan, fates: [], behind: [], kills: [] };
      all.push(await handle(record, `automation ${String(n)}, update ${String(event)}`, known));
    }
  };
  let byOthers = 0;
  const operate = async (): Promise<void> => {
    for (const amount of operator) {
      await record.step();
      byOthers += amount;
      const stock = Number(record.values.stock) + amount;
      record.change(amount === 0 ? { other: record.history.length } : { stock }, 'operator');
    }
  };
  await scheduler.waitFor(Promise.all([...automations.map(automate), operate()]));
  // What was still under way arrives.
  await scheduler.waitIdle();
  for (const done of all) {
    expectCounted(record, done);
    if (done.plan.kind === 'increment') seen.set(done.outcome, (seen.get(done.outcome) ?? 0) + 1);
  }
  expectSum(record, all, byOthers);
  return all.length;
}

test.each([
  ['without lost answers the sum is exact', false, ['updated']],
  [
    'with lost answers what is acknowledged counts once, and what is uncertain at most once',
    true,
    ['updated', 'already-applied', 'uncertain'],
  ],
] as const)('case U1: %s', async (_name, withFaults, expected) => {
  const seen = new Map<Outcome, number>();
  let updatesRun = 0;
  const runs = fc.asyncProperty(
    fc.scheduler(),
    fc.array(fc.array(updates, { minLength: 2, maxLength: 4 }), {
      minLength: PARTIES,
      maxLength: PARTIES,
    }),
    // The small ones make the very sum that an update is about to write.
    fc.array(fc.oneof(fc.constantFrom(0, 0, 100), fc.integer({ min: 1, max: 9 })), {
      maxLength: 6,
    }),
    async (scheduler, automations, operator) => {
      updatesRun += await run(scheduler, automations, operator, { withFaults, seen });
    },
  );
  await fc.assert(runs, { numRuns: RUNS });
  expect(updatesRun).toBeGreaterThan(10_000);
  // Otherwise the runs would prove nothing.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([...expected]));
  if (!withFaults) expect([...seen.keys()]).not.toContain('uncertain');
});
