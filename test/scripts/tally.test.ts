import { expect, it } from 'vitest';
import { Tally } from '../../scripts/lib/tally.mjs';

/** A tally whose time is set by hand, and what it prints. */
function tallied(options: { strict?: boolean } = {}) {
  const lines: string[] = [];
  const clock = { now: 0 };
  const tally = new Tally({
    ...options,
    print: line => lines.push(line),
    now: () => clock.now,
  });
  return { tally, lines, clock };
}

it('ends with a line that counts, and with 0 when nothing failed', () => {
  const { tally } = tallied();
  tally.pass();
  tally.skip('a.test.ts > adds');
  expect(tally.close(0)).toEqual({ lines: ['1 passed, 0 failed, 1 skipped'], exitCode: 0 });
});

it('shows what failed when it fails, and names it again at the end', () => {
  const { tally, lines } = tallied();
  tally.pass();
  tally.fail('a.test.ts > adds', 'Error: 3 is not 2');
  expect(lines.join('\n')).toMatch(/FAILED {2}a\.test\.ts > adds\nError: 3 is not 2/);
  const { lines: last, exitCode } = tally.close(0);
  expect(last).toEqual(['Failed:', '  a.test.ts > adds', '1 passed, 1 failed']);
  expect(exitCode).toBe(1);
});

it('takes what is skipped for failed where nothing may be skipped', () => {
  const { tally } = tallied({ strict: true });
  tally.pass();
  tally.skip('a.test.ts > adds');
  const { lines } = tally.close(0);
  expect(lines[0]).toContain('skipped: a.test.ts > adds');
  expect(lines.at(-1)).toBe('1 passed, 1 failed');
});

it('has failed when nothing was run', () => {
  const { lines, exitCode } = tallied().tally.close(0);
  expect([lines.at(-1), exitCode]).toEqual(['0 passed, 1 failed', 1]);
});

it('case U17: names what had not ended when it was stopped, and counts it', () => {
  const { tally } = tallied();
  tally.pass();
  tally.begin('b.test.ts > waits');
  const { lines, exitCode } = tally.close(143);
  expect(lines).toEqual(['not finished: b.test.ts > waits', '1 passed, 1 failed']);
  expect(exitCode).toBe(143);
});

it('names the files that were never begun, and counts them', () => {
  const { tally } = tallied();
  for (let n = 1; n <= 12; n++) tally.plan(`${String(n)}.test.ts`);
  tally.begin('1.test.ts');
  tally.end('1.test.ts');
  tally.pass();
  const { lines, exitCode } = tally.close(0);
  expect(lines.slice(0, 2)).toEqual(['not run: 2.test.ts', 'not run: 3.test.ts']);
  expect(lines.slice(-2)).toEqual(['not run: 1 more', '1 passed, 11 failed']);
  expect(exitCode).toBe(1);
});

it('says what is still running after a minute, with how long', () => {
  const { tally, clock } = tallied();
  tally.begin('slow');
  clock.now = 59_999;
  tally.begin('fresh');
  expect(tally.stillRunning()).toEqual([]);
  clock.now = 125_000;
  tally.end('fresh');
  expect(tally.stillRunning()).toEqual(['still running after 125 s: slow']);
  tally.end('slow');
  expect(tally.stillRunning()).toEqual([]);
});

it('tells the ten slowest files', () => {
  const { tally } = tallied();
  for (let n = 1; n <= 12; n++) tally.file(`${String(n)}.test.ts`, n * 1000, 1);
  tally.pass();
  const { lines } = tally.close(0);
  expect(lines.slice(0, 2)).toEqual(['Slowest files:', '  12.0 s  12.test.ts']);
  expect(lines).toHaveLength(12);
});

it('takes a beginning that is told after its end for what it is', () => {
  const { tally } = tallied();
  tally.end('short');
  tally.pass();
  tally.begin('short');
  expect(tally.stillRunning()).toEqual([]);
  expect(tally.close(0).lines.at(-1)).toBe('1 passed, 0 failed');
});
