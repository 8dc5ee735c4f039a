import { orderId } from '../../sandbox/ids';
import { ENDPOINT_DEFAULTS } from '../../nodes/record-endpoint/config';
import { startClient, type Client, type Variant } from '../support/client-process';
import { keepInFlight, upTo } from '../support/in-flight';
import { startServer, type Server } from '../support/server';
import { quantile, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (i) Many rows at once, more than the API takes in one deadline. */
export interface BurstFigures {
  readonly rows: number;
  /** Of one request, milliseconds. */
  readonly latencyMs: number;
  /** Requests under way at a time. */
  readonly parallel: number;
  readonly written: number;
  readonly requestsPerRow: number;
  /** Milliseconds from the first message to the last end. */
  readonly wallMs: number;
  /** The least that it can take: two requests a row, so many at a time. */
  readonly boundMs: number;
  readonly wallRatio: number;
  /** Milliseconds between the read of a row and its write, as the API sees them; NaN when nothing was written. */
  readonly readToWriteP95Ms: number;
  /** To the latency. */
  readonly readToWriteP95Ratio: number;
  /** How another build does, where one was given. */
  readonly base?: Pick<BurstFigures, 'written' | 'requestsPerRow' | 'wallRatio'>;
}

type Figures = Omit<BurstFigures, 'base'>;

export async function measureBurst(plan: Plan): Promise<BurstFigures> {
  const figures = await measureBuild(plan, 'node');
  if (plan.base === undefined) return figures;
  const { written, requestsPerRow, wallRatio } = await measureBuild(plan, 'base');
  return { ...figures, base: { written, requestsPerRow, wallRatio } };
}

/** With the defaults of the dialogs. */
async function measureBuild({ burst, base }: Plan, variant: Variant): Promise<Figures> {
  const { rows, latencyMs } = burst;
  const server = await startServer('--orders', `${rows}`, '--latency', `${latencyMs}`);
  try {
    const build = variant === 'base' && base !== undefined ? { build: base } : {};
    const client = await startClient({ variant, url: server.url, ...build });
    try {
      return await figuresOf(server, client, burst);
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

async function figuresOf(
  server: Server,
  client: Client,
  { rows, latencyMs }: Plan['burst'],
): Promise<Figures> {
  const parallel = Number(ENDPOINT_DEFAULTS.parallel);
  await client.burst({ rows: Math.min(rows, 2 * parallel) });
  const before = requestsIn(await server.stats());
  const { written, ms } = await client.burst({ rows });
  const requests = requestsIn(await server.stats()) - before;
  const boundMs = (rows * 2 * latencyMs) / parallel;
  const p95 = quantile(await readToWrite(server, rows), 0.95);
  return {
    rows,
    latencyMs,
    parallel,
    written,
    requestsPerRow: rounded(requests / rows),
    wallMs: Math.round(ms),
    boundMs,
    wallRatio: rounded(ms / boundMs),
    readToWriteP95Ms: p95,
    readToWriteP95Ratio: rounded(p95 / latencyMs),
  };
}

function requestsIn({ requests }: Awaited<ReturnType<Server['stats']>>): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}

/** Milliseconds between the last read and the last write of each row. */
async function readToWrite(server: Server, rows: number): Promise<number[]> {
  const gaps: number[] = [];
  await keepInFlight(16, upTo(rows), async n => {
    const requests = await server.requests(orderId(n + 1));
    const write = requests.findLast(({ method }) => method === 'PATCH');
    const read = requests.findLast(({ method }) => method === 'GET');
    if (write !== undefined && read !== undefined) {
      gaps.push(Date.parse(write.at) - Date.parse(read.at));
    }
  });
  return gaps;
}
