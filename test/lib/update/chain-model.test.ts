// Updates that go on from each other's writes, under one turn after the other (docs/safety.md, "Snapshot chaining").
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createInProcessLocks,
  type InProcessLocks,
} from '../../../lib/coordination/in-process-locks';
import type { Attempt, Outcome, UpdateResult } from '../../../lib/outcome/outcome';
import type { Fields } from '../../../lib/record/fields';
import type { Snapshot } from '../../../lib/record/snapshot';
import { systemTime } from '../../../lib/retry/time';
import { Chains, type ChainedRecord } from '../../../lib/update/chains';
import type { UpdateContext } from '../../../lib/update/context';
import { fetchRecord } from '../../../lib/update/fetch';
import { updateRecord } from '../../../lib/update/loop';
import {
  checkRequest,
  type Computation,
  type UpdateRequestInput,
} from '../../../lib/update/request';
import {
  FATES,
  ModelRecord,
  type Entry,
  type Fate,
  type ModelAnswers,
} from '../../support/engine-model';
import { mortal, type Left } from '../../support/mortal';
import { mustHold } from '../../support/must-hold';

const STAMP = 'writtenBy';
const FORMER = '0b8f4c1e-6d0f-4a55-9a57-5d1a2c3b4e5f';
const RUNS = 500;
const LONG_MS = 2 ** 30;

/** Mostly nothing: what is told of the others is looked at more closely. */
function seldom<T>(some: fc.Arbitrary<T[]>): fc.Arbitrary<T[]> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary: some });
}

/** One update: it adds to the stock, writes a note of its own, or the note that all of them write. */
const updates = fc.record({
  kind: fc.constantFrom('increment', 'increment', 'note', 'same'),
  amount: fc.integer({ min: 1, max: 9 }),
  stamped: fc.boolean(),
  guarded: fc.boolean(),
  mode: fc.constantFrom('resolve', 'resolve', 'resolve', 'once'),
  rule: fc.constantFrom('report', 'overwrite', 'merge'),
  /** Whether it takes its turn. Others write meanwhile as somebody else would. */
  takesTurn: fc.constantFrom(true, true, true, false),
  /** Whether the message brings the record as it was when it came. */
  brings: fc.boolean(),
  fates: fc.array(fc.constantFrom<Fate>('answered', 'answered', ...FATES), { maxLength: 3 }),
  /** How far reads are behind, read by read. */
  behind: seldom(fc.array(fc.constantFrom(0, 1, 2), { maxLength: 3 })),
  kills: seldom(fc.array(fc.boolean(), { maxLength: 2 })),
});
type Plan = typeof updates extends fc.Arbitrary<infer T> ? T : never;

interface Done {
  readonly id: string;
  readonly plan: Plan;
  readonly result: Left['result'];
  /** How many changes the record had seen when its turn came. */
  readonly since: number;
  /** And when it ended. */
  readonly until: number;
}

/** One record, and what those who update it share. */
interface World {
  readonly record: ModelRecord;
  readonly locks: InProcessLocks;
  readonly chains: Chains;
}

function adding(amount: number): Computation {
  return {
    fields: ['stock'],
    hash: `add ${String(amount)}`,
    of: ({ values }) => Promise.resolve({ stock: Number(values.stock) + amount }),
  };
}

function requestFor({ record }: World, id: string, plan: Plan): UpdateRequestInput {
  const isIncrement = plan.kind === 'increment';
  return {
    ref: record.ref,
    changes: isIncrement ? undefined : { note: plan.kind === 'same' ? 'the same' : id },
    computation: isIncrement ? adding(plan.amount) : undefined,
    sameValue: 'automatic',
    stamp: plan.stamped ? STAMP : undefined,
    mode: plan.mode,
    rule: plan.rule,
    method: 'PATCH',
    guards: plan.guarded ? ['guard'] : [],
    fieldTypes: {},
    transition: undefined,
    action: undefined,
    force: false,
    turnWaitMs: LONG_MS,
    snapshot: undefined,
    base: undefined,
    pending: undefined,
  };
}

/** One message; a loop of single attempts, and of runs that were killed, goes on at most six times. */
async function handle(world: World, id: string, plan: Plan): Promise<Done> {
  const { record, chains, locks } = world;
  let since = record.history.length;
  const takeTurn: UpdateContext['turn'] = async (_waitMs, signal, onWait) => {
    const lease = await locks.acquire('the record', {
      leaseMs: LONG_MS,
      waitMs: LONG_MS,
      signal,
      onWait,
    });
    since = record.history.length;
    return lease;
  };
  const turn = plan.takesTurn ? takeTurn : undefined;
  const { context, survivedBy } = mortal(
    { ...record.contextFor(id, plan.fates, plan.behind), turn, chains },
    plan.kills,
  );
  const brought = plan.brings ? await broughtBy(record, context) : undefined;
  const request = requestFor(world, id, plan);
  let done: Left | undefined;
  for (let n = 0; n < 6 && (done === undefined || done.result.outcome === 'retry'); n++) {
    const { base, pending } = structuredClone(done?.result) ?? {};
    const snapshot = done === undefined ? brought : structuredClone(done.record);
    const checked = checkRequest({ ...request, base, pending, snapshot }, record.family);
    done = await survivedBy(updateRecord(checked, context));
  }
  if (done === undefined) throw new Error('no pass');
  return { id, plan, result: done.result, since, until: record.history.length };
}

async function broughtBy(
  record: ModelRecord,
  context: UpdateContext,
): Promise<Snapshot | undefined> {
  const read = await fetchRecord(record.ref, undefined, context);
  return 'snapshot' in read ? read.snapshot : undefined;
}

const MAY_BE_DONE: readonly Outcome[] = ['uncertain', 'retry'];

/** Acknowledged: exactly once; uncertain: at most once; anything else: not at all. */
function expectTruth({ record }: World, done: Done): void {
  const { id, plan, result } = done;
  const entries = record.history.filter(({ by }) => by === id);
  const about = (): unknown => ({ ...done, history: record.history });
  // A value that others write too may be in place by their hand.
  const isOwn = plan.kind !== 'same';
  if (result.outcome === 'updated' || (isOwn && result.outcome === 'already-applied')) {
    mustHold(entries.length === 1, about);
  } else if (MAY_BE_DONE.includes(result.outcome)) mustHold(entries.length < 2, about);
  else if (isOwn) mustHold(entries.length === 0, about);
  const isAdded = ({ before, after }: Entry): boolean =>
    after.stock === Number(before.stock) + plan.amount;
  mustHold(plan.kind !== 'increment' || entries.every(isAdded), about);
}

/** What is told of a record that nobody has written was seen while the update had its turn, and not before. */
function expectSeen({ record }: World, { plan, result, since, until, ...done }: Done): void {
  if (plan.behind.length > 0 || plan.mode === 'once' || plan.kills.length > 0) return;
  const first = record.history[since]?.before ?? record.values;
  const shown = [first, ...record.history.slice(since, until).map(({ after }) => after)];
  const about = (): unknown => ({ ...done, plan, result, shown });
  const isSame = ({ note }: Fields): boolean => note === 'the same';
  mustHold(result.outcome !== 'unchanged' || shown.some(isSame), about);
  for (const { name, base, theirs } of result.conflict?.fields ?? []) {
    const values = shown.map(record => record[name]);
    mustHold(values.includes(theirs), about);
    // Nobody has decided on what another update has left; only a write in doubt may have been sent on it.
    if (!plan.brings && result.outcome === 'conflict') mustHold(values.includes(base), about);
  }
}

/** What the chains of a run came to. */
class WatchedChains extends Chains {
  accepted = 0;
  refused = 0;

  override learn(chained: ChainedRecord, attempts: readonly Attempt[]): void {
    super.learn(chained, attempts);
    const [first] = attempts;
    if (first?.versionSent !== chained.snapshot.version) return;
    if (first.class === 'success') this.accepted++;
    else if (first.class === 'version-conflict') this.refused++;
  }
}

interface Model {
  readonly answers?: ModelAnswers;
  readonly withFaults: boolean;
  readonly chains: () => WatchedChains;
}

async function run(
  scheduler: fc.Scheduler,
  automations: readonly (readonly Plan[])[],
  operator: readonly Record<string, unknown>[],
  { answers, withFaults, chains: newChains }: Model,
) {
  const start = { stock: 0, note: 'n0', guard: 0, other: 0, [STAMP]: FORMER };
  const record = new ModelRecord(start, () => scheduler.schedule(Promise.resolve()), answers);
  const chains = newChains();
  const world: World = { record, chains, locks: createInProcessLocks({ time: systemTime }) };
  const all: Done[] = [];
  const automate = async (plans: readonly Plan[], n: number): Promise<void> => {
    for (const [event, plan] of plans.entries()) {
      const known = withFaults ? plan : { ...plan, fates: [], kills: [] };
      all.push(await handle(world, `automation ${String(n)}, update ${String(event)}`, known));
    }
  };
  const operate = async (): Promise<void> => {
    for (const values of operator) {
      await record.step();
      record.change(values, 'operator');
    }
  };
  await scheduler.waitFor(Promise.all([...automations.map(automate), operate()]));
  // What was still under way arrives.
  await scheduler.waitIdle();
  for (const done of all) {
    expectTruth(world, done);
    if (answers?.isSilent !== true) expectSeen(world, done);
  }
  expect(world.locks.size).toBe(0);
  return { outcomes: all.map(({ result }) => result.outcome), chains };
}

const PARTIES = fc.array(fc.array(updates, { minLength: 2, maxLength: 3 }), {
  minLength: 4,
  maxLength: 4,
});

const OPERATOR = fc.array(
  fc.oneof(
    fc.record({ other: fc.nat(9) }),
    fc.record({ guard: fc.nat(2) }),
    fc.record({ note: fc.constantFrom('n0', 'the same', 'another') }),
  ),
  { minLength: 2, maxLength: 6 },
);

/** Runs the model and counts. */
async function explore(model: Model, numRuns = RUNS) {
  const seen = new Map<UpdateResult['outcome'], number>();
  const tried = { accepted: 0, refused: 0 };
  const property = fc.asyncProperty(
    fc.scheduler(),
    PARTIES,
    OPERATOR,
    async (scheduler, automations, operator) => {
      const { outcomes, chains } = await run(scheduler, automations, operator, model);
      for (const outcome of outcomes) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      tried.accepted += chains.accepted;
      tried.refused += chains.refused;
    },
  );
  await fc.assert(property, { numRuns });
  return { outcomes: [...seen.keys()], tried };
}

const chains = (): WatchedChains => new WatchedChains();

test.each([
  ['answers that all arrive', false, ['updated', 'unchanged', 'conflict']],
  ['lost answers', true, ['updated', 'unchanged', 'conflict', 'already-applied', 'uncertain']],
] as const)('with %s every update is told as it was', async (_name, withFaults, expected) => {
  const { outcomes, tried } = await explore({ answers: { isSlow: true }, withFaults, chains });
  // Otherwise the runs would prove nothing.
  expect(outcomes).toEqual(expect.arrayContaining([...expected]));
  expect(tried.accepted).toBeGreaterThan(RUNS / 2);
  expect(tried.refused).toBeGreaterThan(15);
  if (!withFaults) expect(outcomes).not.toContain('uncertain');
});

test('with reads that are behind and do not say so, what is acknowledged is written once', async () => {
  const { tried } = await explore({ answers: { isSilent: true }, withFaults: false, chains });
  expect(tried.accepted).toBeGreaterThan(RUNS / 2);
});

test.each(['part', 'version', 'nothing'] as const)(
  'an answer that shows the %s of a record leaves what it shows, and no more',
  async writes => {
    const { tried } = await explore({ answers: { writes }, withFaults: true, chains }, 200);
    if (writes === 'part') expect(tried.accepted).toBeGreaterThan(30);
    else expect(tried).toEqual({ accepted: 0, refused: 0 });
  },
);

/** Shows the record as it was before the write that made the version. */
class LyingChains extends WatchedChains {
  override take(left: object | undefined): ChainedRecord | undefined {
    const chained = super.take(left);
    if (chained === undefined) return undefined;
    const { snapshot } = chained;
    const values = { ...snapshot.values, stock: Number(snapshot.values.stock) - 1 };
    return { ...chained, snapshot: { ...snapshot, values } };
  }
}

test('the model notices a chain that lies', async () => {
  await expect(explore({ withFaults: false, chains: () => new LyingChains() })).rejects.toThrow(
    'Property failed',
  );
});
