import { setMaxListeners } from 'node:events';
import { createDataverse } from '../../lib/api/odata/dataverse';
import { DONE_OUTCOMES } from '../../lib/outcome/outcome';
import { DEFAULT_POLICY, type RetryPolicy } from '../../lib/retry/policy';
import { systemTime } from '../../lib/retry/time';
import { createTransport } from '../../lib/transport/client';
import type { UpdateContext } from '../../lib/update/context';
import { updateRecord } from '../../lib/update/loop';
import { checkRequest, type UpdateRequest } from '../../lib/update/request';
import { orderId } from '../../sandbox/ids';
import { USUAL_UPDATE, usualContext } from '../../test/support/usual-update';
import { keepInFlight, upTo } from '../support/in-flight';
import { startServer, type Server } from '../support/server';
import { mean, pairedRatio, quantile, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (c) The default policy against a fixed list of waits, while background jobs touch the records. */
export interface NoiseFigures {
  readonly meanRatioToSchedule: number;
  readonly p99RatioToSchedule: number;
  /** Share of the updates, all rounds. */
  readonly successDefault: number;
  readonly successSchedule: number;
  /** Mean of all updates, for orientation. */
  readonly meanMs: { readonly default: number; readonly schedule: number };
}

export type NoisePercent = '15' | '40';

/** Long enough for every retry of both, so that retries alone limit them. */
const DEADLINE_MS = 120_000;
const DEFAULT: RetryPolicy = { ...DEFAULT_POLICY, deadlineMs: DEADLINE_MS };
const SCHEDULE: RetryPolicy = {
  ...DEFAULT,
  schedule: { kind: 'list', waitsMs: [500, 1_500, 4_000] },
  jitter: { kind: 'none' },
  firstAtOnce: false,
};

const IN_FLIGHT = 16;
const LATENCY_MS = 20;
/** No order has ever had it. */
const OLD_VERSION = 'W/"1"';

/** What one policy made of the records of one round. */
interface Pass {
  readonly latenciesMs: readonly number[];
  readonly succeeded: number;
}

/**
 * Both policies of a pair start at the same time, on the same server and on records of their own.
 * The list waits most of the time, so its passes run on while the next pairs start: one after the
 * other they would take ten minutes.
 */
export async function measureNoise(plan: Plan): Promise<Record<NoisePercent, NoiseFigures>> {
  const low = await startLane(15, plan);
  const high = await startLane(40, plan);
  try {
    for (let round = 0; round < plan.rounds; round += 1) {
      await high.startPair(round);
      await low.startPair(round);
    }
    return { '15': await low.figures(), '40': await high.figures() };
  } finally {
    await Promise.all([low.close(), high.close()]);
  }
}

interface Lane {
  /** Resolves when our pass of the pair is through. */
  startPair(round: number): Promise<void>;
  /** Waits for every pass. */
  figures(): Promise<NoiseFigures>;
  close(): Promise<void>;
}

async function startLane(noisePercent: number, { rounds, noiseRecords }: Plan): Promise<Lane> {
  const orders = String(rounds * 2 * noiseRecords);
  const server = await startServer(
    ...['--no-history', '--orders', orders, '--latency', String(LATENCY_MS)],
  );
  await server.setLoad({ noise: noisePercent / 100, target: 0 });
  const ours: Pass[] = [];
  const theirs: Promise<Pass>[] = [];
  const ranges = (pass: number): Range => ({ first: pass * noiseRecords, count: noiseRecords });
  return {
    startPair: async round => {
      theirs.push(runPass(server, SCHEDULE, ranges(2 * round)));
      ours.push(await runPass(server, DEFAULT, ranges(2 * round + 1)));
    },
    figures: async () => figuresOf(ours, await Promise.all(theirs)),
    close: () => server.close(),
  };
}

/** Records by number, counted from 0. */
interface Range {
  readonly first: number;
  readonly count: number;
}

/** Updates each record of the range once. */
async function runPass(server: Server, policy: RetryPolicy, range: Range): Promise<Pass> {
  const context = contextOf(server, policy);
  const latenciesMs: number[] = [];
  let succeeded = 0;
  await keepInFlight(IN_FLIGHT, upTo(range.count), async n => {
    const startedAt = performance.now();
    const { result } = await updateRecord(requestFor(server, range.first + n + 1), context);
    latenciesMs.push(performance.now() - startedAt);
    if (DONE_OUTCOMES.includes(result.outcome)) succeeded += 1;
  });
  await context.transport.close();
  return { latenciesMs, succeeded };
}

const FAMILY = createDataverse();

function baseUrl({ url }: Server): string {
  return `${url}/api/data/v9.0`;
}

function contextOf(server: Server, policy: RetryPolicy): UpdateContext {
  const transport = createTransport({
    baseUrl: baseUrl(server),
    auth: { kind: 'none' },
    requestTimeoutMs: policy.requestTimeoutMs,
    transientRetries: policy.transientRetries,
    maxResponseBytes: 1024 * 1024,
    retryWait: () => 0,
    time: systemTime,
  });
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  return { ...usualContext(FAMILY, transport), policy, stop: never, kill: never };
}

/** The message brings a snapshot whose version is old, so the first write always meets a conflict. */
function requestFor(server: Server, order: number): UpdateRequest {
  const ref = FAMILY.locate(baseUrl(server), 'salesorders', orderId(order));
  const { key, url } = ref;
  const values = { orderstatus: 'New' };
  return checkRequest(
    {
      ...USUAL_UPDATE,
      ref,
      changes: { orderstatus: 'Processing' },
      snapshot: { key, url, version: OLD_VERSION, values, readAt: '' },
    },
    FAMILY,
  );
}

function figuresOf(ours: readonly Pass[], schedule: readonly Pass[]): NoiseFigures {
  const means = (passes: readonly Pass[]): number[] =>
    passes.map(({ latenciesMs }) => mean(latenciesMs));
  const p99s = (passes: readonly Pass[]): number[] =>
    passes.map(({ latenciesMs }) => quantile(latenciesMs, 0.99));
  return {
    meanRatioToSchedule: rounded(pairedRatio(means(ours), means(schedule))),
    p99RatioToSchedule: rounded(pairedRatio(p99s(ours), p99s(schedule))),
    successDefault: success(ours),
    successSchedule: success(schedule),
    meanMs: {
      default: rounded(mean(means(ours)), 0),
      schedule: rounded(mean(means(schedule)), 0),
    },
  };
}

function success(passes: readonly Pass[]): number {
  const all = passes.flatMap(({ latenciesMs }) => latenciesMs).length;
  return rounded(passes.reduce((sum, { succeeded }) => sum + succeeded, 0) / all, 5);
}
