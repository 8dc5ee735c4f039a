import { startClient, type Client } from '../support/client-process';
import { startServer } from '../support/server';
import { median, pairedRatio, quantile, rounded } from '../support/statistics';
import type { Throughput } from '../support/work';
import type { Plan } from './plan';

/** This build to another one, over pairs of processes: one build differs by some percent from one process to the next. */
export interface BuildFigures {
  /** Medians of the pairs. */
  readonly speedRatioToBase: number;
  readonly cpuRatioToBase: number;
  /** Lower and upper quartile of the pairs. */
  readonly cpuQuartilesToBase: readonly [number, number];
}

interface Pair {
  readonly speed: number;
  readonly cpu: number;
}

/** Compares at each number of messages in flight, in the order given. */
export async function measureBuilds(
  build: string,
  inFlight: readonly number[],
  records: number,
  plan: Plan,
): Promise<BuildFigures[]> {
  const pairs: Pair[][] = inFlight.map(() => []);
  for (let n = 0; n < plan.pairs; n += 1) {
    // Who starts first has an advantage, or the opposite.
    const found = await measurePair(build, n % 2 === 0, { inFlight, records, plan });
    found.forEach((pair, at) => pairs[at]?.push(pair));
  }
  return pairs.map(figuresOf);
}

function figuresOf(pairs: readonly Pair[]): BuildFigures {
  const cpu = pairs.map(pair => pair.cpu);
  return {
    speedRatioToBase: rounded(median(pairs.map(pair => pair.speed))),
    cpuRatioToBase: rounded(median(cpu)),
    cpuQuartilesToBase: [rounded(quantile(cpu, 0.25)), rounded(quantile(cpu, 0.75))],
  };
}

interface Work {
  readonly inFlight: readonly number[];
  readonly records: number;
  readonly plan: Plan;
}

/** Both builds in new processes, at a new server. */
async function measurePair(build: string, isFirst: boolean, work: Work): Promise<Pair[]> {
  const server = await startServer('--no-history', '--orders', String(work.records));
  const clients: Client[] = [];
  const start = async (isOurs: boolean): Promise<Client> => {
    const { url } = server;
    const client = await startClient(
      isOurs ? { variant: 'node', url } : { variant: 'base', url, build },
    );
    clients.push(client);
    return client;
  };
  try {
    const first = await start(isFirst);
    const second = await start(!isFirst);
    return await measureClients(isFirst ? [first, second] : [second, first], work);
  } finally {
    await Promise.all(clients.map(client => client.close()));
    await server.close();
  }
}

async function measureClients(
  [ours, theirs]: readonly [Client, Client],
  { inFlight, records, plan }: Work,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const messages of inFlight) {
    // Of the first thousands of updates, compiling takes as much as the work; who has to wait for a place runs other code.
    for (const client of [ours, theirs]) {
      await client.count({ updates: plan.warmUpdates, inFlight: messages, records, carry: false });
    }
    const rounds: { readonly ours: Throughput; readonly theirs: Throughput }[] = [];
    const measure = (client: Client): Promise<Throughput> =>
      client.measure({ inFlight: messages, ms: plan.measureMs, records });
    for (let n = 0; n < plan.pairRounds; n += 1) {
      if (n % 2 === 0) rounds.push({ ours: await measure(ours), theirs: await measure(theirs) });
      else {
        const last = await measure(theirs);
        rounds.push({ ours: await measure(ours), theirs: last });
      }
    }
    const ratio = (figure: 'updatesPerSecond' | 'cpuMicrosPerUpdate'): number =>
      pairedRatio(
        rounds.map(round => round.ours[figure]),
        rounds.map(round => round.theirs[figure]),
      );
    pairs.push({ speed: ratio('updatesPerSecond'), cpu: ratio('cpuMicrosPerUpdate') });
  }
  return pairs;
}
