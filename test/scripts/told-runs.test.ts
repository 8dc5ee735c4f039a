import { describe, expect, it } from 'vitest';
import type { Example } from '../../scripts/lib/examples.mjs';
import type { Sighting } from '../../scripts/lib/run-examples.mjs';
import { ToldRuns } from '../../scripts/lib/told-runs.mjs';

const ORDERS = exampleOf('orders/01 - Update an order status', 'Update an order status');
const LOOP = exampleOf('orders/02 - Wire the retry loop yourself', 'Wire the retry loop yourself');
const CONFLICT = {
  conflict: {
    fields: [{ name: 'orderstatus', base: 'New', ours: 'Shipped', theirs: 'Cancelled' }],
  },
};

function exampleOf(name: string, label: string): Example {
  return { name, label, tab: name, nodes: [], expectation: undefined };
}

function sighting(outcome: string, update: object = {}, debug = 'result'): Sighting {
  return { example: '', debug, outcome, detailed: outcome, msg: { update } };
}

/** What is printed when an example shows something. */
function see(told: ToldRuns, { name }: Example, sightings: Sighting[], asked = false): string[] {
  return told.see({ example: name, sightings, asked }, '16:02:11');
}

/** The examples after their first run. */
function afterFirstRun(...sightings: Sighting[]): ToldRuns {
  const told = new ToldRuns([ORDERS]);
  expect(see(told, ORDERS, sightings)).toHaveLength(1);
  return told;
}

describe('the first run', () => {
  it('gives a row per example in the order of the tabs, whatever ends first', () => {
    const told = new ToldRuns([ORDERS, LOOP]);
    expect(see(told, LOOP, [sighting('updated'), sighting('updated')])).toEqual([]);
    expect(see(told, ORDERS, [sighting('updated')])).toEqual([
      'orders/01       Update an order status          updated',
      'orders/02       Wire the retry loop yourself    updated ×2',
    ]);
  });

  it('says which examples have shown nothing when the time is over', () => {
    const told = new ToldRuns([ORDERS, LOOP]);
    see(told, LOOP, [sighting('updated')]);
    expect(told.giveUp()).toEqual([
      'orders/01       Update an order status          nothing so far',
      'orders/02       Wire the retry loop yourself    updated',
    ]);
    expect(told.giveUp()).toEqual([]);
  });
});

describe('after that', () => {
  it('says nothing of what is as before', () => {
    const told = afterFirstRun(sighting('updated'));
    expect(see(told, ORDERS, [sighting('updated')])).toEqual([]);
  });

  it('says what differs from before', () => {
    const told = afterFirstRun(sighting('updated'));
    expect(see(told, ORDERS, [sighting('unchanged')])).toEqual([
      '16:02:11 orders/01       unchanged',
    ]);
    expect(see(told, ORDERS, [sighting('unchanged')])).toEqual([]);
  });

  it('says what was asked for, also when it is as before', () => {
    const told = afterFirstRun(sighting('unchanged'));
    const again = see(told, ORDERS, [sighting('unchanged')], true);
    expect(again).toEqual(['16:02:11 orders/01       unchanged']);
  });
});

describe('the words for a run', () => {
  it('count the writes of one update', () => {
    const told = afterFirstRun(sighting('unchanged'));
    expect(see(told, ORDERS, [sighting('updated', { attempts: [{}, {}] })])).toEqual([
      '16:02:11 orders/01       updated after 2 writes',
    ]);
  });

  it('count many updates by outcome', () => {
    const told = afterFirstRun(sighting('unchanged'));
    const attempts = [{}, {}];
    const run = [sighting('updated'), sighting('conflict'), sighting('updated', { attempts })];
    expect(see(told, ORDERS, run)).toEqual([
      '16:02:11 orders/01       updated ×2 (1 retried), conflict',
    ]);
  });

  it('show the values of a conflict', () => {
    const told = afterFirstRun(sighting('unchanged'));
    expect(see(told, ORDERS, [sighting('conflict', CONFLICT)])).toEqual([
      '16:02:11 orders/01       conflict in orderstatus, ours Shipped, theirs Cancelled',
    ]);
  });

  it('call a message without an outcome by its debug node', () => {
    const told = afterFirstRun(sighting('unchanged'));
    expect(see(told, ORDERS, [sighting('any', {}, 'shift report')])).toEqual([
      '16:02:11 orders/01       shift report',
    ]);
  });

  it('leave out what a line of 80 characters does not take', () => {
    const long = sighting('a-long-outcome-of-more-than-thirty-characters');
    const told = afterFirstRun(sighting('conflict', CONFLICT));
    const [line = ''] = see(told, ORDERS, [long, sighting('already-applied')]);
    expect(line).toBe('16:02:11 orders/01       a-long-outcome-of-more-than-thirty-characters, …');
    expect(line.length).toBeLessThanOrEqual(80);

    const longest = see(told, ORDERS, [sighting('x'.repeat(100))]);
    expect(longest).toEqual([`16:02:11 orders/01       ${'x'.repeat(54)}…`]);
  });
});
