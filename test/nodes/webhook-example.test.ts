import { expect, it } from 'vitest';
import { OUTCOMES, type Outcome } from '../../lib/outcome/outcome';
import { ExampleFlow } from '../support/flow-example';
import { useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const EXAMPLE = 'orders/06 - Update from a webhook';

it('answers what became of the order', async () => {
  const example = await ExampleFlow.start(EXAMPLE);
  expect(await example.line(1)).toEqual({ name: 'what the shop gets', text: '200 updated' });
  const answers = {
    'SO-2025-0145 is shipped': '200 updated',
    'SO-2025-0150 is shipped':
      '409 conflict in orderstatus: base New, ours Shipped, theirs Cancelled',
    'SO-2025-9999 is shipped': '404 not-found',
  };
  let count = 1;
  for (const [press, text] of Object.entries(answers)) {
    example.press(press);
    count += 1;
    expect(await example.line(count)).toEqual({ name: 'what the shop gets', text });
  }
});

it('answers 400 with the reason to changes that are none, and shows the fault', async () => {
  const example = await ExampleFlow.start(EXAMPLE);
  await example.line(1);
  example.press('SO-2025-0145, no object');
  await example.line(3);
  const [, ...lines] = example.lines;
  const seen = new Map(lines.map(({ name, text }) => [name, text]));
  expect(seen.get('what the shop gets')).toMatch(/^400 .*object/);
  expect(seen.get('fault')).toMatch(/object/);
});

/** The flow with nobody at its end but the test. */
async function startWithoutWeb(): Promise<ExampleFlow> {
  return ExampleFlow.start(EXAMPLE, node => {
    if (node.type === 'inject') return { ...node, once: false };
    return node.type === 'http response' ? { ...node, type: 'helper' } : node;
  });
}

const STATUS: Record<Outcome, number> = {
  updated: 200,
  unchanged: 200,
  'already-applied': 200,
  conflict: 409,
  'invalid-state': 409,
  rejected: 422,
  denied: 502,
  'not-found': 404,
  busy: 503,
  exhausted: 503,
  unavailable: 503,
  uncertain: 502,
  unsupported: 502,
  'rolled-back': 502,
  'never-ran': 502,
  retry: 502,
};

it.each(OUTCOMES)('answers an update that ended as %s', async outcome => {
  const example = await startWithoutWeb();
  const error = { message: 'why', code: 'CODE' };
  const conflict = { fields: [{ name: 'a', base: 1, ours: 2, theirs: 3 }] };
  const record = { values: { orderstatus: 'Shipped' } };
  const msg = { record, update: { outcome, error, conflict } } as unknown as Msg;
  example.send('change', 'body', msg);
  const [answer] = await example.flow.count(example.idOf('http response', 'answer'), 1);
  expect(answer?.statusCode).toBe(STATUS[outcome]);
  const order = STATUS[outcome] === 200 ? { order: record.values } : {};
  expect(answer?.payload).toEqual({ outcome, error: 'why', fields: conflict.fields, ...order });
});

it('says when to come again where the API has said so', async () => {
  const example = await startWithoutWeb();
  const notBefore = new Date(Date.now() + 90_000).toISOString();
  for (const update of [{ outcome: 'exhausted', notBefore }, { outcome: 'exhausted' }]) {
    example.send('change', 'body', { update } as unknown as Msg);
  }
  const answers = await example.flow.count(example.idOf('http response', 'answer'), 2);
  const [first, second] = answers.map(({ headers }) => headers as Record<string, string>);
  expect(Number(first?.['Retry-After'])).toBeGreaterThan(60);
  expect(Number(first?.['Retry-After'])).toBeLessThanOrEqual(90);
  expect(second).toEqual({});
});

it('answers 500 to a fault of its own, without its words', async () => {
  const example = await startWithoutWeb();
  const error = { message: 'words of ours', code: 'ENDPOINT_MISSING' };
  example.send('change', '400 or 500', { error } as never);
  const id = example.idOf('http response', 'answer to a fault');
  const [answer] = await example.flow.count(id, 1);
  expect(answer?.statusCode).toBe(500);
  expect(JSON.stringify(answer?.payload)).not.toContain('words');
});
