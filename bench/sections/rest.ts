import { createFamily } from '../../lib/api/families';
import type { ApiFamily } from '../../lib/api/family';
import { DEFAULT_EXCHANGE } from '../../lib/api/rest/exchange';
import { DEFAULT_API_SETTINGS } from '../../lib/api/settings';
import { systemTime } from '../../lib/retry/time';
import { createTransport } from '../../lib/transport/client';
import type { Transport } from '../../lib/transport/transport';
import { updateRecord } from '../../lib/update/loop';
import { checkRequest } from '../../lib/update/request';
import { workOrderId } from '../../sandbox/ids';
import { USUAL_UPDATE, usualContext } from '../../test/support/usual-update';
import { keepInFlight, upTo } from '../support/in-flight';
import { startServer } from '../support/server';
import { median, pairedRatio, rounded } from '../support/statistics';
import type { Plan } from './plan';

/** (n) Work orders by the described exchange of the general family, and by the family that knows them. */
export interface RestFigures {
  readonly cpuRatioToFamily: number;
  /** Medians, for orientation. */
  readonly cpuMicrosPerUpdate: { readonly described: number; readonly family: number };
}

const RECORDS = 200;
const IN_FLIGHT = 16;

/** The same requests as the family sends, each part of them described. */
const DESCRIBED = {
  ...DEFAULT_API_SETTINGS,
  exchange: {
    ...DEFAULT_EXCHANGE,
    address: { ...DEFAULT_EXCHANGE.address, template: '{collection}/{key}', key: 'segment' },
    media: {
      ...DEFAULT_EXCHANGE.media,
      accept: 'application/json',
      contentType: 'application/json',
    },
    version: { ...DEFAULT_EXCHANGE.version, to: 'header', names: ['If-Match'] },
    answers: { ...DEFAULT_EXCHANGE.answers, errorMessage: 'message' },
  },
} as const;

/** Every update writes a value that the record never held. */
let written = 0;

export async function measureRest({ rounds, measureMs }: Plan): Promise<RestFigures> {
  const server = await startServer('--no-history', '--work-orders', String(RECORDS));
  const url = `${server.url}/api`;
  const transport = createTransport({
    baseUrl: url,
    auth: { kind: 'none' },
    requestTimeoutMs: 30_000,
    transientRetries: 0,
    maxResponseBytes: 100_000,
    retryWait: () => 0,
    time: systemTime,
  });
  const families = {
    described: createFamily('rest', DESCRIBED),
    family: createFamily('apriso', DEFAULT_API_SETTINGS),
  };
  const updates = Math.max(50, measureMs);
  const cpu = { described: [] as number[], family: [] as number[] };
  try {
    for (const family of Object.values(families)) await cpuOf(family, transport, url, updates);
    for (let round = 0; round < rounds * 2; round += 1) {
      // In turn, so that neither always meets what the other has left behind.
      const names = ['described', 'family'] as const;
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        cpu[name].push(await cpuOf(families[name], transport, url, updates));
      }
    }
  } finally {
    await transport.close();
    await server.close();
  }
  return {
    cpuRatioToFamily: rounded(pairedRatio(cpu.described, cpu.family)),
    cpuMicrosPerUpdate: {
      described: rounded(median(cpu.described), 0),
      family: rounded(median(cpu.family), 0),
    },
  };
}

/** Microseconds of CPU of this process for one update. */
async function cpuOf(
  family: ApiFamily,
  transport: Transport,
  url: string,
  updates: number,
): Promise<number> {
  const context = usualContext(family, transport);
  const before = process.cpuUsage();
  await keepInFlight(IN_FLIGHT, upTo(updates), async n => {
    const ref = family.locate(url, 'work-orders', workOrderId((n % RECORDS) + 1));
    const { result } = await updateRecord(
      checkRequest({ ...USUAL_UPDATE, ref, changes: next() }, family),
      context,
    );
    if (result.outcome !== 'updated') throw new Error(`an update ended as ${result.outcome}`);
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / updates;
}

function next(): { readonly notes: string } {
  written += 1;
  return { notes: `update ${String(written)}` };
}
