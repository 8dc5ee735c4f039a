import { expect, it } from 'vitest';
import type { Example } from '../../scripts/lib/examples.mjs';
import { ExampleRun } from '../../scripts/lib/run-examples.mjs';

/** What is found in an example of which this is expected, when it shows these: `debug node: outcome statuses`. */
function faults(expected: Record<string, string[]>, ...seen: string[]): readonly string[] {
  const example = { name: 'a', nodes: [], expectation: { debug: expected } };
  const run = new ExampleRun(example as unknown as Example);
  for (const line of seen) {
    const [debug = '', detailed = ''] = line.split(': ');
    run.see({ example: 'a', debug, outcome: detailed.split(' ')[0] ?? '', detailed, msg: {} });
  }
  return run.result().faults;
}

it('has to show what is expected, may show what is marked so, and nothing else', () => {
  const expected = { done: ['updated', 'unchanged?'] };
  expect(faults(expected, 'done: updated 200')).toEqual([]);
  expect(faults(expected, 'done: updated 200', 'done: unchanged')).toEqual([]);
  expect(faults(expected, 'done: unchanged')).toEqual(['missing "done: updated"']);
  expect(faults(expected, 'done: updated 200', 'not done: conflict 412')).toEqual([
    'unexpected "not done: conflict"',
  ]);
});

it('may find a write in place whose answer came too late, where it is done anyway, and has to be in time once', () => {
  const expected = { done: ['updated'], 'not done': ['conflict'] };
  const shown = ['done: updated 200', 'not done: conflict 412'];
  expect(faults(expected, ...shown, 'done: already-applied none')).toEqual([]);
  expect(faults(expected, 'done: already-applied none', 'not done: conflict 412')).toEqual([
    'missing "done: updated"',
  ]);
  expect(faults(expected, ...shown, 'not done: already-applied none')).toEqual([
    'unexpected "not done: already-applied"',
  ]);
});

it('tells answers apart where they are expected one by one', () => {
  const expected = { done: ['updated 412 200'] };
  expect(faults(expected, 'done: updated 412 200')).toEqual([]);
  expect(faults(expected, 'done: updated 412 200', 'done: updated 200')).toEqual([
    'unexpected "done: updated"',
  ]);
});
