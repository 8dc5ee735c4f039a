import { startClient, type Client } from '../support/client-process';
import { startServer, type Server } from '../support/server';
import { median, pairedRatio, rounded } from '../support/statistics';
import type { Throughput } from '../support/work';
import { measureBuilds, type BuildFigures } from './builds';
import type { Plan } from './plan';

/** (a) One message flow against the same work done by core nodes, and by a plain undici pool. */
export interface FlowFigures extends Partial<BuildFigures> {
  readonly speedRatioToCore: number;
  readonly cpuRatioToCore: number;
  readonly speedRatioToUndici: number;
  readonly cpuRatioToUndici: number;
  /** Without conflict. */
  readonly requestsPerUpdate: number;
  /** When the message brings the snapshot of the update before. */
  readonly requestsPerUpdateWithSnapshot: number;
  /** Medians, for orientation: only the ratios compare. */
  readonly updatesPerSecond: PerVariant<number>;
  readonly cpuMicrosPerUpdate: PerVariant<number>;
  /** Share of one core that the server used. */
  readonly serverCpu: PerVariant<number>;
}

type Variant = 'node' | 'core' | 'undici';
type PerVariant<T> = Readonly<Record<Variant, T>>;

export const IN_FLIGHT = [1, 16, 64] as const;
export type InFlight = `${(typeof IN_FLIGHT)[number]}`;

const RECORDS = 500;

interface Round extends Throughput {
  readonly serverCpu: number;
  readonly requestsPerUpdate: number;
}

type Clients = PerVariant<Client>;
type Rounds = PerVariant<Round[]>;

export async function measureFlow(plan: Plan): Promise<Record<InFlight, FlowFigures>> {
  const flow = await measureVariants(plan);
  if (plan.base === undefined) return flow;
  const builds = await measureBuilds(plan.base, IN_FLIGHT, RECORDS, plan);
  const figures = IN_FLIGHT.map(n => [`${n}`, flow[`${n}`]] as const);
  return Object.fromEntries(figures.map(([n, of], at) => [n, { ...of, ...builds[at] }])) as Record<
    InFlight,
    FlowFigures
  >;
}

async function measureVariants(plan: Plan): Promise<Record<InFlight, FlowFigures>> {
  const server = await startServer('--no-history', '--orders', String(RECORDS));
  const clients = await startClients(server);
  try {
    for (const client of Object.values(clients)) {
      await client.measure({ inFlight: 16, ms: plan.warmUpMs, records: RECORDS });
    }
    const withSnapshot = await countWithSnapshot(server, clients.node, plan);
    const rounds = await measureRounds(server, clients, plan);
    const figures = (inFlight: InFlight): FlowFigures => ({
      ...figuresOf(rounds[inFlight]),
      requestsPerUpdateWithSnapshot: withSnapshot,
    });
    return { '1': figures('1'), '16': figures('16'), '64': figures('64') };
  } finally {
    await Promise.all(Object.values(clients).map(client => client.close()));
    await server.close();
  }
}

async function startClients({ url }: Server): Promise<Clients> {
  return {
    node: await startClient({ variant: 'node', url }),
    core: await startClient({ variant: 'core', url }),
    undici: await startClient({ variant: 'undici', url }),
  };
}

/** Interleaved: every round takes each number of messages in flight and each variant in turn. */
async function measureRounds(
  server: Server,
  clients: Clients,
  plan: Plan,
): Promise<Record<InFlight, Rounds>> {
  const empty = (): Rounds => mapped(clients, () => []);
  const rounds = { '1': empty(), '16': empty(), '64': empty() };
  for (let n = 0; n < plan.rounds; n += 1) {
    for (const inFlight of IN_FLIGHT) {
      for (const [variant, client] of variantsOf(clients)) {
        const round = await measureRound(server, client, inFlight, plan.measureMs);
        rounds[`${inFlight}`][variant].push(round);
      }
    }
  }
  return rounds;
}

async function measureRound(
  server: Server,
  client: Client,
  inFlight: number,
  ms: number,
): Promise<Round> {
  const before = await server.stats();
  const startedAt = performance.now();
  const throughput = await client.measure({ inFlight, ms, records: RECORDS });
  const micros = (performance.now() - startedAt) * 1000;
  const after = await server.stats();
  return {
    ...throughput,
    serverCpu: (after.cpuMicros - before.cpuMicros) / micros,
    requestsPerUpdate: (requests(after) - requests(before)) / throughput.updates,
  };
}

/** Reads the record once, then goes on from snapshot to snapshot: the first update is not counted. */
async function countWithSnapshot(server: Server, client: Client, plan: Plan): Promise<number> {
  const updates = plan.hotUpdates;
  const before = requests(await server.stats());
  await client.count({ updates: updates + 1, inFlight: 1, records: 1, carry: true });
  const withFirst = requests(await server.stats()) - before;
  return (withFirst - 2) / updates;
}

function requests({ requests }: Awaited<ReturnType<Server['stats']>>): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}

function figuresOf(rounds: Rounds): Omit<FlowFigures, 'requestsPerUpdateWithSnapshot'> {
  const ratio = (field: keyof Round, to: readonly Round[]): number =>
    rounded(pairedRatio(valuesOf(rounds.node, field), valuesOf(to, field)));
  const medians = (field: keyof Round, digits: number): PerVariant<number> =>
    mapped(rounds, all => rounded(median(valuesOf(all, field)), digits));
  const { node, core, undici } = rounds;
  return {
    speedRatioToCore: ratio('updatesPerSecond', core),
    cpuRatioToCore: ratio('cpuMicrosPerUpdate', core),
    speedRatioToUndici: ratio('updatesPerSecond', undici),
    cpuRatioToUndici: ratio('cpuMicrosPerUpdate', undici),
    requestsPerUpdate: median(valuesOf(node, 'requestsPerUpdate')),
    updatesPerSecond: medians('updatesPerSecond', 0),
    cpuMicrosPerUpdate: medians('cpuMicrosPerUpdate', 0),
    serverCpu: medians('serverCpu', 2),
  };
}

function valuesOf(rounds: readonly Round[], field: keyof Round): number[] {
  return rounds.map(round => round[field]);
}

function variantsOf<T>(values: PerVariant<T>): [Variant, T][] {
  return Object.entries(values) as [Variant, T][];
}

function mapped<From, To>(values: PerVariant<From>, map: (value: From) => To): PerVariant<To> {
  const entries = variantsOf(values).map(([variant, value]) => [variant, map(value)]);
  return Object.fromEntries(entries) as PerVariant<To>;
}
