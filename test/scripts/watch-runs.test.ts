import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { Run } from '../../scripts/lib/told-runs.mjs';
import { Runs } from '../../scripts/lib/watch-runs.mjs';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** What is told, as `example: outcomes`, with `!` behind what was asked for. */
function collected(): { runs: Runs; told: string[] } {
  const told: string[] = [];
  const runs = new Runs(({ example, sightings, asked }: Run) => {
    told.push(`${example}: ${sightings.map(({ outcome }) => outcome).join()}${asked ? '!' : ''}`);
  });
  return { runs, told };
}

function see(runs: Runs, example: string, outcome: string): void {
  runs.see({ example, debug: 'result', outcome, detailed: outcome, msg: {} });
}

it('tells a run when its example is quiet, each example for itself', () => {
  const { runs, told } = collected();
  see(runs, 'a', 'updated');
  vi.advanceTimersByTime(900);
  see(runs, 'a', 'conflict');
  see(runs, 'b', 'busy');
  vi.advanceTimersByTime(900);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(told).toEqual(['a: updated,conflict', 'b: busy']);
});

it('waits longer for an example that takes longer', () => {
  const { runs, told } = collected();
  for (let second = 0; second < 9; second += 1) {
    see(runs, 'a', 'updated');
    vi.advanceTimersByTime(900);
  }
  vi.advanceTimersByTime(1_500);
  see(runs, 'a', 'report');
  vi.runAllTimers();
  expect(told).toHaveLength(1);
});

it('tells now and then of an example that is never quiet', () => {
  const { runs, told } = collected();
  for (let second = 0; second < 60; second += 1) {
    see(runs, 'a', 'updated');
    vi.advanceTimersByTime(1_000 - 1);
  }
  expect(told.length).toBeGreaterThan(1);
  expect(told.length).toBeLessThan(5);
});

it('tells what was asked for, once', () => {
  const { runs, told } = collected();
  runs.ask('a');
  see(runs, 'a', 'updated');
  vi.runAllTimers();
  see(runs, 'a', 'updated');
  vi.runAllTimers();
  expect(told).toEqual(['a: updated!', 'a: updated']);
});

it('tells nothing after it was stopped', () => {
  const { runs, told } = collected();
  see(runs, 'a', 'updated');
  runs.stop();
  vi.runAllTimers();
  expect(told).toEqual([]);
});
