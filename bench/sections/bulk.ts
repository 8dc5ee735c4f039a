import { presetValues } from '../../nodes/record-endpoint/preset-values';
import { PRESETS } from '../../nodes/record-endpoint/presets';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { assignmentId } from '../../sandbox/ids';
import { DONE_OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import type { NodeSettings } from '../drivers/record-nodes';
import { startClient, type Client } from '../support/client-process';
import { keepInFlight, upTo } from '../support/in-flight';
import type { ListTimes } from '../support/lists';
import { startServer, type Server } from '../support/server';
import { median, pairedRatio, rounded } from '../support/statistics';
import { judgeList, type ListVerdict } from './list-judge';
import type { BulkPlan, Plan } from './plan';

/** (j) Lists of records against single updates of the same records, at the territory API. */
export interface BulkFigures {
  readonly records: number;
  /** Requests of one list that meets no conflict. */
  readonly calls: number;
  /** To single updates one after the other; of these a part is measured, and the time scaled by their number. */
  readonly timeRatioToSerial: number;
  /** To single updates, 8 in flight. */
  readonly timeRatioToParallel8: number;
  /** Client CPU, all threads, to single updates, 8 in flight. */
  readonly cpuRatioToSingle: number;
  /** Medians, for orientation. */
  readonly ms: Readonly<Record<'list' | 'serial' | 'parallel8' | 'long', number>>;
  readonly cpuMicrosPerRecord: Readonly<Record<'list' | 'single', number>>;
  /** While 15 % of all writes meet another version. */
  readonly noise: { readonly calls: number; readonly updated: number };
  readonly lag: LagFigures;
  /** Records of a long list. */
  readonly long: number;
  /** Growth of the used heap, after full collections, to the list as JSON. */
  readonly memoryRatioToPayload: number;
  /** Binary logarithm of what twice as many records take longer: 1 is linear. */
  readonly growthExponent: number;
  /** The same of the client's CPU time, which does not depend on what else the machine does. */
  readonly cpuGrowthExponent: number;
  /** At the sales orders. */
  readonly odata: Readonly<
    Record<'multipart' | 'json', { readonly calls: number; readonly ms: number }>
  >;
}

/** While 30 % of the writes meet another version, an operator changes some records, and reads are up to 2 s old. */
export interface LagFigures extends ListVerdict {
  readonly done: number;
  /** Not done, and said so. */
  readonly reported: number;
  readonly calls: number;
  readonly seconds: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

const LATENCY_MS = 20;
const LAG_MS = 2_000;
const OPERATORS = 0.02;

type Endpoint = Partial<RecordEndpointConfig>;

/** With the defaults of the dialog. */
const CX: Endpoint = { family: 'sap-cx' };

export async function measureBulk({ bulk }: Plan): Promise<BulkFigures> {
  const quiet = await measureQuiet(bulk);
  const long = await measureLong(bulk);
  const odata = {
    multipart: await measureOData(bulk, { family: 'dataverse' }),
    json: await measureOData(bulk, { family: 'odata' }),
  };
  const noise = await measureNoise(bulk);
  const lag = await measureLag(bulk);
  return {
    records: bulk.records,
    long: bulk.long,
    ...quiet,
    ...long,
    ms: { ...quiet.ms, ...long.ms },
    noise,
    lag,
    odata,
  };
}

/** Runs with a server and a client of lists, and ends both. */
async function withLists<T>(
  endpoint: Endpoint,
  args: readonly (string | number)[],
  work: (client: Client, server: Server) => Promise<T>,
  bulk: NodeSettings['bulk'] = {},
): Promise<T> {
  const server = await startServer(...args.map(String));
  try {
    const client = await startClient({
      variant: 'bulk',
      url: server.url,
      settings: { endpoint, bulk },
    });
    try {
      return await work(client, server);
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

interface Round {
  readonly list: ListTimes;
  /** Of so many lists as the plan says. */
  readonly lists: ListTimes;
  readonly serial: Omit<ListTimes, 'run'>;
  readonly parallel8: Omit<ListTimes, 'run'>;
}

type Quiet = Pick<
  BulkFigures,
  'calls' | 'timeRatioToSerial' | 'timeRatioToParallel8' | 'cpuRatioToSingle' | 'cpuMicrosPerRecord'
> & { readonly ms: Pick<BulkFigures['ms'], 'list' | 'serial' | 'parallel8'> };

/** In several pairs of processes: one build differs by some percent from one process to the next. */
async function measureQuiet(plan: BulkPlan): Promise<Quiet> {
  const rounds: Round[] = [];
  for (let n = 0; n < plan.pairs; n += 1) rounds.push(...(await measurePair(plan)));
  return quietFigures(rounds, plan);
}

function measurePair(plan: BulkPlan): Promise<Round[]> {
  const args = ['--no-history', '--territories', plan.records, '--latency', LATENCY_MS];
  return withLists(CX, args, async (lists, server) => {
    const settings: NodeSettings = { endpoint: CX, update: { collection: 'assignments' } };
    const singles = await startClient({ variant: 'node', url: server.url, settings });
    try {
      await warmUp(lists, singles, plan);
      const rounds: Round[] = [];
      for (let n = 0; n < plan.rounds; n += 1)
        rounds.push(await measureRound(lists, singles, plan));
      return rounds;
    } finally {
      await singles.close();
    }
  });
}

async function warmUp(lists: Client, singles: Client, plan: BulkPlan): Promise<void> {
  const { records, warmLists } = plan;
  await lists.lists({ records, lists: warmLists });
  for (let n = 0; n < warmLists; n += 1) await singles.singles({ records, inFlight: 50 });
}

async function measureRound(lists: Client, singles: Client, plan: BulkPlan): Promise<Round> {
  const { records, serial, cpuLists } = plan;
  return {
    list: await lists.lists({ records }),
    serial: await singles.singles({ records: serial, inFlight: 1 }),
    lists: await lists.lists({ records, lists: cpuLists }),
    parallel8: await singles.singles({ records, inFlight: 8 }),
  };
}

function quietFigures(rounds: readonly Round[], plan: BulkPlan): Quiet {
  const { records } = plan;
  const scaled = records / plan.serial;
  const list = rounds.map(round => round.list.ms);
  const serial = rounds.map(round => round.serial.ms * scaled);
  const parallel8 = rounds.map(round => round.parallel8.ms);
  const cpu = rounds.map(({ lists }) => lists.cpuMicros / (records * plan.cpuLists));
  const singleCpu = rounds.map(round => round.parallel8.cpuMicros / records);
  return {
    calls: median(rounds.map(round => round.list.run.summary.calls)),
    timeRatioToSerial: rounded(pairedRatio(list, serial), 5),
    timeRatioToParallel8: rounded(pairedRatio(list, parallel8), 4),
    cpuRatioToSingle: rounded(pairedRatio(cpu, singleCpu)),
    cpuMicrosPerRecord: { list: rounded(median(cpu), 0), single: rounded(median(singleCpu), 0) },
    ms: {
      list: rounded(median(list), 0),
      serial: rounded(median(serial), 0),
      parallel8: rounded(median(parallel8), 0),
    },
  };
}

/** Every write of a round meets 15 % others. */
function measureNoise({ records, rounds }: BulkPlan): Promise<BulkFigures['noise']> {
  const args = ['--no-history', '--territories', records, '--latency', LATENCY_MS];
  return withLists(CX, args, async (client, server) => {
    await server.setLoad({ noise: 0.15, target: 0 });
    const summaries = [];
    for (let n = 0; n < rounds; n += 1)
      summaries.push((await client.lists({ records })).run.summary);
    return {
      calls: median(summaries.map(({ calls }) => calls)),
      updated: Math.min(...summaries.map(({ updated }) => updated)),
    };
  });
}

/** As the preset has it. The list before has filled the cache, so that the next one begins with old versions. */
function measureLag({ records }: BulkPlan): Promise<LagFigures> {
  const args = ['--territories', records, '--latency', LATENCY_MS];
  return withLists(presetValues('sap-cx', PRESETS['sap-cx']), args, async (client, server) => {
    await server.setCx({ lagMs: LAG_MS });
    await client.lists({ records, mark: 'before' });
    await server.setLoad({ noise: 0.3, target: OPERATORS });
    const { ms, run } = await client.lists({ records, mark: 'measured' });
    const isDone = (outcome: Outcome): boolean => DONE_OUTCOMES.includes(outcome);
    const done = run.outcomes.filter(isDone).length;
    return {
      done,
      reported: records - done,
      ...(await verdictOf(run.outcomes, server)),
      calls: run.summary.calls,
      seconds: rounded(ms / 1000, 1),
      outcomes: counted(run.outcomes),
    };
  });
}

async function verdictOf(outcomes: readonly Outcome[], server: Server): Promise<ListVerdict> {
  const reported: {
    outcome: Outcome;
    history: Awaited<ReturnType<Server['assignmentHistory']>>;
  }[] = [];
  await keepInFlight(16, upTo(outcomes.length), async n => {
    const outcome = outcomes[n];
    if (outcome === undefined) throw new Error('a record has no outcome');
    const history = await server.assignmentHistory(assignmentId(n + 1));
    reported.push({ outcome, history });
  });
  return judgeList(reported, ({ by, fields }) => {
    const written = fields.notes?.after;
    return by === 'api' && typeof written === 'string' && written.endsWith('measured');
  });
}

function counted(outcomes: readonly Outcome[]): LagFigures['outcomes'] {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

type Long = Pick<BulkFigures, 'memoryRatioToPayload' | 'growthExponent' | 'cpuGrowthExponent'> & {
  readonly ms: Pick<BulkFigures['ms'], 'long'>;
};

/** Without latency, so that the work counts and not the waiting. */
function measureLong({ long, warmLong, longRounds, rounds }: BulkPlan): Promise<Long> {
  const args = ['--no-history', '--territories', long];
  return withLists(CX, args, async client => {
    await client.lists({ records: long, lists: warmLong });
    const growths: LongRound[] = [];
    for (let n = 0; n < longRounds; n += 1) growths.push(await measureLongRound(client, long));
    const ratios: number[] = [];
    for (let n = 0; n < rounds; n += 1) {
      const { growth, payload } = await client.listHeap({ records: long });
      ratios.push(growth / payload);
    }
    return {
      memoryRatioToPayload: rounded(median(ratios)),
      growthExponent: exponentOf(growths, 'ms'),
      cpuGrowthExponent: exponentOf(growths, 'cpuMicros'),
      ms: { long: rounded(median(growths.map(({ whole }) => whole.ms)), 0) },
    };
  });
}

type Effort = Pick<ListTimes, 'ms' | 'cpuMicros'>;

interface LongRound {
  readonly whole: Effort;
  /** Before it and after it: what is left of one list, garbage for one, is paid for by the next. */
  readonly halves: readonly [Effort, Effort];
}

async function measureLongRound(client: Client, long: number): Promise<LongRound> {
  const half = Math.round(long / 2);
  const before = await client.lists({ records: half });
  const whole = await client.lists({ records: long });
  return { whole, halves: [before, await client.lists({ records: half })] };
}

function exponentOf(rounds: readonly LongRound[], effort: keyof Effort): number {
  const ratio = pairedRatio(
    rounds.map(({ whole }) => whole[effort]),
    rounds.map(({ halves: [before, after] }) => (before[effort] + after[effort]) / 2),
  );
  return rounded(Math.log2(ratio));
}

function measureOData(
  { records, rounds }: BulkPlan,
  endpoint: Endpoint,
): Promise<BulkFigures['odata']['json']> {
  const args = ['--no-history', '--orders', records, '--latency', LATENCY_MS];
  const work = async (client: Client): Promise<BulkFigures['odata']['json']> => {
    await client.lists({ records, lists: 2, of: 'orders' });
    const runs: ListTimes[] = [];
    for (let n = 0; n < rounds; n += 1) runs.push(await client.lists({ records, of: 'orders' }));
    return {
      calls: median(runs.map(({ run }) => run.summary.calls)),
      ms: rounded(median(runs.map(({ ms }) => ms)), 0),
    };
  };
  return withLists(endpoint, args, work, { collection: 'salesorders' });
}
