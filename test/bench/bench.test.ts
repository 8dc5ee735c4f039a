import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Results } from '../../bench/sections/results';
import { ensureChromium } from '../../scripts/ensure-chromium.mjs';
import { hasRedis } from '../support/redis/server';
import { fastClockEnv } from '../support/fast-clock.mjs';

const hasBrowser = (await ensureChromium()) !== undefined;

/** Every figure somebody may rely on. */
const KEYS = [
  ...['1', '16', '64'].flatMap(inFlight =>
    [
      'speedRatioToCore',
      'cpuRatioToCore',
      'speedRatioToUndici',
      'cpuRatioToUndici',
      'speedRatioToBase',
      'cpuRatioToBase',
      'requestsPerUpdate',
    ].map(figure => ['flow', inFlight, figure]),
  ),
  ['hotRecord', 'requestsPerCommit', 'locked'],
  ['hotRecord', 'requestsPerCommit', 'unlocked'],
  ...['15', '40'].flatMap(noise =>
    ['meanRatioToSchedule', 'p99RatioToSchedule', 'successDefault', 'successSchedule'].map(
      figure => ['noise', noise, figure],
    ),
  ),
  ['memory', 'growthPercent'],
  ...['rssMegabytes', 'plainRssMegabytes', 'addedMegabytes'].map(figure => ['idle', figure]),
  ['soak', 'lost'],
  ['soak', 'duplicated'],
  ['soak', 'successWithoutOperator'],
  ['dedupe', 'eventsPerSecond'],
  ['dedupe', 'bytesPerId'],
  ['guard', 'perSecond'],
  ['review', 'monitorCpuShare'],
  ...['entries', 'startMs', 'firstPageMs', 'searchMs', 'memoryMb', 'replaysPerSecond'].map(
    figure => ['review', figure],
  ),
  ...(hasBrowser ? ['firstPaintMs', 'searchMs'] : []).map(figure => ['review', 'sidebar', figure]),
  ['startup', 'requireRatioToFirst'],
  ['startup', 'modules', 'now'],
  ['startup', 'kilobytes', 'now'],
  ['shiftChange', 'meanMs'],
  ['shiftChange', 'p99Ms'],
  ['rest', 'cpuRatioToFamily'],
  ['burst', 'requestsPerRow'],
  ['burst', 'wallRatio'],
  ['burst', 'readToWriteP95Ms'],
  ['burst', 'readToWriteP95Ratio'],
  ['burst', 'base', 'written'],
  ...[
    'calls',
    'timeRatioToSerial',
    'timeRatioToParallel8',
    'cpuRatioToSingle',
    'memoryRatioToPayload',
    'growthExponent',
    'cpuGrowthExponent',
  ].map(figure => ['bulk', figure]),
  ['bulk', 'noise', 'calls'],
  ['bulk', 'lag', 'seconds'],
  ['bulk', 'odata', 'multipart', 'calls'],
  ['bulk', 'odata', 'json', 'calls'],
  ...(hasRedis ? ['startMs', 'firstPageMs', 'searchMs', 'memoryMb', 'replaysPerSecond'] : []).map(
    figure => ['review', 'redis', figure],
  ),
  ...(hasRedis
    ? [
        ['locks', 'handOverRatio'],
        ['locks', 'jain'],
        ['locks', 'speedRatioToSemaphore'],
        ['locks', 'rateRatioToRoundTrips'],
        ['locks', 'inProcessPerSecond'],
        ['queue', 'putRatioToBullmq'],
        ['queue', 'processRatioToBullmq'],
        ['queue', 'putToStart', 'p95Ms'],
        ['queue', 'putToStart', 'limitMs'],
        ['queue', 'putToStart', 'ratioToLimit'],
        ['durable', 'putRatioToAppend', '10'],
        ['durable', 'putRatioToAppend', '64'],
        ['backlog', 'bytesBeyondPayload', 'embedded'],
        ['backlog', 'bytesBeyondPayload', 'redis'],
        ['recovery', 'nextOwnerMs', 'lock'],
        ['recovery', 'nextOwnerMs', 'ticket'],
        ['recovery', 'closeMs', 'killed'],
        ['recovery', 'closeMs', 'frozen'],
        ['requestsPerCommit', 'merged'],
        ['requestsPerCommit', 'oneAtATime'],
        ['requestsPerCommit', 'oneProcess'],
      ].map(key => ['coordination', ...key])
    : []),
];

/**
 * How much faster the clock goes for each section: what is measured says nothing then, but every figure comes as it does
 * otherwise. Redis goes by a clock of its own, and has a second to answer, which a busy machine needs.
 */
const CLOCKS: Readonly<Record<keyof Results, number>> = {
  flow: 2,
  hotRecord: 2,
  noise: 2,
  memory: 2,
  idle: 2,
  soak: 2,
  dedupe: 2,
  guard: 2,
  burst: 2,
  bulk: 2,
  pickers: 2,
  rest: 2,
  startup: 2,
  shiftChange: 2,
  coordination: 1,
  review: 1,
};

/** What is known of some figures, however fast the machine is. */
const KNOWN = {
  flow: { '16': { requestsPerUpdate: 2, requestsPerUpdateWithSnapshot: 1 } },
  hotRecord: { requestsPerCommit: { locked: 2 } },
  burst: { rows: 120, written: 120, requestsPerRow: 2 },
  bulk: {
    calls: 2,
    noise: { updated: 20 },
    lag: { lost: 0, duplicated: 0, misreported: 0, overwritten: 0 },
  },
  soak: { lost: 0, duplicated: 0, misreported: 0, unreported: 0 },
};

/** It is not what hangs, but many measurements one after the other, which take their time on a busy machine. */
const PATIENCE_MS = 1_800_000;

test.each([...new Set(Object.values(CLOCKS))])(
  'the benchmark prints every figure as one JSON object on its last line, with a clock %i times as fast',
  async rate => {
    const sections = Object.entries(CLOCKS).flatMap(([name, clock]) =>
      clock === rate ? name : [],
    );
    const only = sections.flatMap(name => ['--only', name]);
    // Any build will do as a base, this one too.
    const results = await bench(rate, '--json', '--quick', '--base', '.', '--first', '.', ...only);
    for (const key of KEYS.filter(([section = '']) => sections.includes(section))) {
      const figure = key.reduce<unknown>((value, name) => (value as Figures)[name], results);
      expect(figure, key.join('.')).toEqual(expect.any(Number));
    }
    const known = Object.entries(KNOWN).filter(([section]) => sections.includes(section));
    expect(results).toMatchObject(Object.fromEntries(known));
  },
  PATIENCE_MS,
);

test.each([
  ['a folder that is no checkout', 'bench', /--base: bench is no checkout of @flow-concord/],
  ['a folder that is not there', 'no-such-folder', /--base: no-such-folder is no checkout of/],
])(
  '%s is refused as a base before anything is measured',
  async (_name, folder, message) => {
    const { code, errors } = await start(1, '--base', folder);
    expect(code).toBe(1);
    expect(errors).toMatch(message);
  },
  60_000,
);

type Figures = Record<string, unknown>;

async function bench(rate: number, ...args: string[]): Promise<Figures> {
  const { code, output, errors } = await start(rate, ...args);
  expect(code, errors).toBe(0);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures;
}

async function start(rate: number, ...args: string[]) {
  const child = spawn(process.execPath, ['scripts/bench.mjs', ...args], {
    env: { ...process.env, ...(rate === 1 ? {} : fastClockEnv(rate)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: code as unknown, output, errors };
}
