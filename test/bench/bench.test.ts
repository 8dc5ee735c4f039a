import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { fastClockEnv } from '../support/fast-clock.mjs';

/** Every figure somebody may rely on. */
const KEYS = [
  ...['1', '16', '64'].flatMap(inFlight =>
    [
      'speedRatioToCore',
      'cpuRatioToCore',
      'speedRatioToUndici',
      'cpuRatioToUndici',
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
  ['soak', 'lost'],
  ['soak', 'duplicated'],
  ['soak', 'successWithoutOperator'],
  ['dedupe', 'eventsPerSecond'],
  ['dedupe', 'bytesPerId'],
  ['guard', 'perSecond'],
  ['shiftChange', 'meanMs'],
  ['shiftChange', 'p99Ms'],
];

test('the benchmark prints every figure as one JSON object on its last line', async () => {
  const results = await bench('--json', '--quick');
  for (const key of KEYS) {
    const figure = key.reduce<unknown>((value, name) => (value as Figures)[name], results);
    expect(figure, key.join('.')).toEqual(expect.any(Number));
  }
  expect(results).toMatchObject({
    flow: { '16': { requestsPerUpdate: 2, requestsPerUpdateWithSnapshot: 1 } },
    hotRecord: { requestsPerCommit: { locked: 2 } },
    soak: { lost: 0, duplicated: 0, misreported: 0, unreported: 0 },
  });
});

type Figures = Record<string, unknown>;

async function bench(...args: string[]): Promise<Figures> {
  const child = spawn(process.execPath, ['scripts/bench.mjs', ...args], {
    // What is measured says nothing then, but every figure comes as it does otherwise.
    env: { ...process.env, ...fastClockEnv(4) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect(code, errors).toBe(0);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures;
}
