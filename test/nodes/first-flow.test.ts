import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';
import { DONE_OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import { ExampleFlow } from '../support/flow-example';
import { useNodeRed } from '../support/flow-runtime';

useNodeRed();

const RECIPE = readFileSync(inRoot('docs/recipes/orders-at-peak-hours.md'), 'utf8');
const EXAMPLE = 'orders/01 - Update an order status';

it('heals one conflict on the first deploy, and writes again at each press', async () => {
  const example = await ExampleFlow.start(EXAMPLE);
  expect(await example.line(1)).toEqual({
    name: 'updated',
    text: 'updated after 2 writes: 412 → 200 (somebody changed another field)',
  });
  for (const press of [2, 3]) {
    example.press('ship order SO-2025-0145');
    expect(await example.line(press)).toEqual({
      name: 'updated',
      text: 'updated after 1 write: 200 (nobody came in between)',
    });
  }
});

it('shows a conflict with three different values at each press of the second button', async () => {
  const example = await ExampleFlow.start(EXAMPLE);
  await example.line(1);
  let base = 'New';
  for (const [press, theirs] of ['Cancelled', 'Processing', 'Cancelled'].entries()) {
    example.press('ship order SO-2025-0150');
    expect(await example.line(press + 2)).toEqual({
      name: 'not updated',
      text: `conflict in orderstatus: base ${base}, ours Shipped, theirs ${theirs}`,
    });
    base = theirs;
  }
});

it('shows what the recipe says', async () => {
  const example = await ExampleFlow.start(EXAMPLE);
  await example.line(1);
  example.press('ship order SO-2025-0145');
  await example.line(2);
  example.press('ship order SO-2025-0150');
  await example.line(3);
  for (const { text } of example.lines) expect(RECIPE).toContain(`\n${text}\n`);
});

const NO_ANSWER = { class: 'transient' };
const MISMATCH = { class: 'version-conflict', status: 412 };
const HOLD = { name: 'hold', base: false, theirs: true };

it.each<[Outcome, object, string]>([
  [
    'updated',
    { attempts: [MISMATCH, NO_ANSWER, { class: 'success', status: 204 }] },
    'updated after 3 writes: 412 → no answer → 204 (somebody changed another field)',
  ],
  ['unchanged', { attempts: [] }, 'unchanged: the record holds these values already'],
  [
    'already-applied',
    { attempts: [NO_ANSWER, MISMATCH] },
    'already-applied after 2 writes: no answer → 412 (our own write had arrived)',
  ],
  [
    'conflict',
    {
      attempts: [MISMATCH],
      conflict: { fields: [HOLD, { name: 'a', base: 1, ours: 2, theirs: null }] },
    },
    'conflict in hold: base false, ours not written, theirs true; in a: base 1, ours 2, theirs null',
  ],
  [
    'uncertain',
    {
      attempts: [NO_ANSWER],
      conflict: { fields: [{ name: 'a', base: 1, ours: 2, theirs: 3 }] },
      error: { message: 'The answer was lost.' },
    },
    'uncertain in a: base 1, ours 2, theirs 3',
  ],
  [
    'unavailable',
    { attempts: [], error: { message: 'The API cannot be reached.' } },
    'unavailable: The API cannot be reached.',
  ],
  ['busy', { attempts: [] }, 'busy'],
])('says in one line what became of an update that ended as %s', async (outcome, rest, text) => {
  const example = await ExampleFlow.start(EXAMPLE);
  await example.line(1);
  const name = DONE_OUTCOMES.includes(outcome) ? 'updated' : 'not updated';
  example.send('debug', name, { update: { outcome, ...rest } as never });
  expect(await example.line(2)).toEqual({ name, text });
});
