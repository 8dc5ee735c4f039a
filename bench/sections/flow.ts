import { startClient, type Client, type Variant } from '../support/client-process';
import { startServer, type Server } from '../support/server';
import { median, pairedRatio, rounded } from '../support/statistics';
import type { Throughput } from '../support/work';
import type { Plan } from './plan';

/** (a) One message flow against the same work done by core nodes, and by a plain undici pool. */
export interface FlowFigures {
  readonly speedRatioToCore: number;
  readonly cpuRatioToCore: number;
  readonly speedRatioToUndici: number;
  readonly cpuRatioToUndici: number;
  /** Without conflict. */
  readonly requestsPerUpdate: number;
  /** When the message brings the snapshot of the update before. */
  readonly requestsPerUpdateWithSnapshot: number;
  /** Medians, for orientation: only the ratios compare. */
  readonly updatesPerSecond: Readonly<Record<Variant, number>>;
  readonly cpuMicrosPerUpdate: Readonly<Record<Variant, number>>;
  /** Share of one core that the server used. */
  readonly serverCpu: Readonly<Record<Variant, number>>;
}

export const IN_FLIGHT = [1, 16, 64] as const;
export type InFlight = `${(typeof IN_FLIGHT)[number]}`;

const VARIANTS: readonly Variant[] = ['node', 'core', 'undici'];
const RECORDS = 500;

interface Round extends Throughput {
  readonly serverCpu: number;
  readonly requestsPerUpdate: number;
}

type Clients = Readonly<Record<Variant, Client>>;
type Rounds = Readonly<Record<Variant, Round[]>>;

export async function measureFlow(plan: Plan): Promise<Record<InFlight, FlowFigures>> {
  const server = await startServer('--no-history', '--orders', String(RECORDS));
  const clients = await startClients(server);
  try {
    for (const variant of VARIANTS) {
      await clients[variant].measure({ inFlight: 16, ms: plan.warmUpMs, records: RECORDS });
    }
    const withSnapshot = await countWithSnapshot(server, clients.node, plan);
    const rounds = await measureRounds(server, clients, plan);
    const figures = (inFlight: InFlight): FlowFigures => ({
      ...figuresOf(rounds[inFlight]),
      requestsPerUpdateWithSnapshot: withSnapshot,
    });
    return { '1': figures('1'), '16': figures('16'), '64': figures('64') };
  } finally {
    await Promise.all(VARIANTS.map(variant => clients[variant].close()));
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
  const empty = (): Rounds => ({ node: [], core: [], undici: [] });
  const rounds = { '1': empty(), '16': empty(), '64': empty() };
  for (let n = 0; n < plan.rounds; n += 1) {
    for (const inFlight of IN_FLIGHT) {
      for (const variant of VARIANTS) {
        const round = await measureRound(server, clients[variant], inFlight, plan.measureMs);
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
  const all = (variant: Variant, field: keyof Round): number[] =>
    rounds[variant].map(round => round[field]);
  const ratio = (field: keyof Round, to: Variant): number =>
    rounded(pairedRatio(all('node', field), all(to, field)));
  const medians = (field: keyof Round, digits: number): Record<Variant, number> => ({
    node: rounded(median(all('node', field)), digits),
    core: rounded(median(all('core', field)), digits),
    undici: rounded(median(all('undici', field)), digits),
  });
  return {
    speedRatioToCore: ratio('updatesPerSecond', 'core'),
    cpuRatioToCore: ratio('cpuMicrosPerUpdate', 'core'),
    speedRatioToUndici: ratio('updatesPerSecond', 'undici'),
    cpuRatioToUndici: ratio('cpuMicrosPerUpdate', 'undici'),
    requestsPerUpdate: median(all('node', 'requestsPerUpdate')),
    updatesPerSecond: medians('updatesPerSecond', 0),
    cpuMicrosPerUpdate: medians('cpuMicrosPerUpdate', 0),
    serverCpu: medians('serverCpu', 2),
  };
}
