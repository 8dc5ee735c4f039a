import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpdateResult } from '../../lib/outcome/outcome';
import { draw, hashText } from '../../sandbox/random';
import { fastClockEnv } from '../support/fast-clock.mjs';
import { useNodeRed, type Flow } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';
import { capFlow } from './cap-flow';
import { CapPeer, type CapChange } from './cap-peer';

/** How much faster the clock goes, here and in the service; all times below are those of this clock. */
const CLOCK = 5;
/** The service's server ends a connection that is silent for so long, and its handlers work on. */
const SERVER_TIMEOUT_MS = 400;
/** Twice the usual one: on a busy machine what was found out takes its time, too. */
const DEADLINE_MS = 60_000;
/** `CAP_SLOW_UPDATES=3000` makes it the load that a release has to stand; the figures are then shown. */
const UPDATES = Number(process.env.CAP_SLOW_UPDATES ?? 150);
const WORKERS = 32;
/** Of the real clock, before the load counts as hung. */
const LONGEST_MS = 300_000 + UPDATES * 200;
const SEED = 20_251_128;

let peer: CapPeer;

useFastClock(CLOCK);
useNodeRed();

beforeAll(async () => {
  peer = await CapPeer.start({
    ...fastClockEnv(CLOCK),
    SERVER_TIMEOUT_MS: String(SERVER_TIMEOUT_MS),
  });
});

afterAll(async () => {
  await peer.close();
});

/** One update of a record of its own; the handler before it works as long as its note says. */
interface Job {
  readonly ID: string;
  readonly note: string;
  readonly worksMs: number;
}

interface Report {
  readonly job: Job;
  readonly update: UpdateResult;
}

async function newJob(n: number, worksMs: number, does = `works ${worksMs} ms`): Promise<Job> {
  const ID = randomUUID();
  await peer.create('Orders', { ID, status: 'New', note: 'before' });
  return { ID, note: `update ${n}, handler ${does}`, worksMs };
}

async function startFlow(): Promise<Flow> {
  const { flow } = await capFlow(peer, {
    endpoint: { base: 0.5, cap: 2, deadline: DEADLINE_MS / 1_000 },
  });
  return flow;
}

/** Sends all jobs, so many at a time; what came of them, in their order. */
async function run(flow: Flow, jobs: readonly Job[]): Promise<readonly Report[]> {
  const waiting = new Map<unknown, (update: UpdateResult) => void>();
  for (const inbox of ['updated', 'not-updated']) {
    flow.onReceive(inbox, ({ key, update }) => {
      if (update !== undefined) waiting.get(key)?.(update);
    });
  }
  const reports: Report[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < jobs.length; n = next++) {
      const job = jobs[n];
      if (job === undefined) return;
      const update = await new Promise<UpdateResult>(resolve => {
        waiting.set(job.ID, resolve);
        flow.send('update', { key: job.ID, payload: { note: job.note } });
      });
      reports[n] = { job, update };
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return reports;
}

/** How often each update is in the history of the service, once no handler works any more. */
async function commits(): Promise<(report: Report) => number> {
  await peer.quiet();
  const own = (await peer.history()).filter(({ by }) => by === 'anonymous');
  const of = (change: CapChange): string =>
    `${String(change.after?.ID)} ${String(change.after?.note)}`;
  const times = new Map<string, number>();
  for (const change of own) times.set(of(change), (times.get(of(change)) ?? 0) + 1);
  return ({ job }) => times.get(`${job.ID} ${job.note}`) ?? 0;
}

function named(reports: readonly Report[]): string[] {
  return reports.map(({ job, update }) => `${job.note}: ${update.outcome}`);
}

const DONE: readonly string[] = ['updated', 'unchanged', 'already-applied'];

describe('a server that ends the exchange while its handler works on', () => {
  it('case U19: ten updates whose handlers take longer than the server waits are not told as unwritten', async () => {
    const jobs = await Promise.all(Array.from({ length: 10 }, (_, n) => newJob(n, 5_000)));
    const reports = await run(await startFlow(), jobs);
    const timesOf = await commits();
    expect(reports.map(timesOf)).toEqual(jobs.map(() => 1));
    expect(named(reports.filter(({ update }) => update.outcome !== 'already-applied'))).toEqual([]);
  });

  it('case U19: a handler that works until after the deadline leaves the update uncertain', async () => {
    const job = await newJob(0, DEADLINE_MS + 10_000);
    const reports = await run(await startFlow(), [job]);
    expect(reports.map(({ update }) => update.outcome)).toEqual(['uncertain']);
    expect(reports.map(await commits())).toEqual([1]);
  });

  it(
    `case U19: of ${String(UPDATES)} updates, 40 % of them with a handler slower than the server waits, none is told wrongly`,
    async () => {
      const jobs: Job[] = [];
      for (let n = 0; n < UPDATES; n++) {
        jobs.push(n % 50 === 49 ? await newJob(n, 0, 'fails') : await newJob(n, worksMs(n)));
      }
      const reports = await run(await startFlow(), jobs);
      const timesOf = await commits();

      const misreported = reports.filter(
        report =>
          !DONE.includes(report.update.outcome) &&
          report.update.outcome !== 'uncertain' &&
          timesOf(report) > 0,
      );
      const lost = reports.filter(
        report => DONE.includes(report.update.outcome) && timesOf(report) === 0,
      );
      expect(named(misreported)).toEqual([]);
      // What the service says itself needs no doubt.
      const [told, failed] = parted(reports, ({ job }) => job.note.endsWith('fails'));
      const ends = failed.map(({ update }) => update.outcome);
      expect(ends.filter(end => DONE.includes(end))).toEqual([]);
      expect(ends).toContain('unavailable');
      expect(named(lost)).toEqual([]);
      expect(named(reports.filter(report => timesOf(report) > 1))).toEqual([]);
      const inTime = told.filter(({ job }) => job.worksMs < DEADLINE_MS * 0.9);
      const uncertain = inTime.filter(({ update }) => update.outcome === 'uncertain');
      expect(uncertain.length, named(uncertain).join('\n')).toBeLessThanOrEqual(
        inTime.length / 100,
      );
      if (process.env.CAP_SLOW_UPDATES !== undefined)
        console.log(counted(reports), uncertain.length);
    },
    LONGEST_MS,
  );
});

/** Of those that do not fail: 60 % at once, 36 % between the server's time-out and the deadline, 4 % beyond it. */
function worksMs(n: number): number {
  const kind = draw(hashText('kind', SEED), n, 0);
  const part = draw(hashText('duration', SEED), n, 0);
  if (kind < 0.6) return 0;
  if (kind < 0.96) return Math.round(1_000 + part * 14_000);
  return DEADLINE_MS + Math.round(5_000 + part * 5_000);
}

/** Those that it does not hold for, and those that it holds for. */
function parted(
  reports: readonly Report[],
  test: (report: Report) => boolean,
): [Report[], Report[]] {
  return [reports.filter(report => !test(report)), reports.filter(test)];
}

function counted(reports: readonly Report[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { update } of reports) counts[update.outcome] = (counts[update.outcome] ?? 0) + 1;
  return counts;
}
