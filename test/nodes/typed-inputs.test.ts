import helper from 'node-red-node-test-helper';
import { describe, expect, it } from 'vitest';
import type { ConditionalUpdateConfig } from '../../nodes/conditional-update/config';
import { catcher, fetchNode, inboxes, updateNode } from '../support/flow-nodes';
import { ORDER, ordersAt, startPractice, WORK_ORDER, workOrdersAt } from '../support/flow-practice';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const NUMBER = 'SO-2025-0007';
const MSG = { key: ORDER, payload: { orderstatus: 'Shipped' } };

/** Puts a value into the flow's and the global context, as a function node would. */
async function remember(name: string, value: unknown): Promise<void> {
  const context = helper.getNode('update').context();
  for (const scope of [context.flow, context.global]) {
    await new Promise<void>(resolve => {
      scope.set(name, value, undefined, () => {
        resolve();
      });
    });
  }
}

async function update(
  node: Partial<ConditionalUpdateConfig>,
  msg: Msg,
  context: Record<string, unknown> = {},
): Promise<{ at: string; msg: Msg; status: unknown }> {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    ordersAt(sandbox),
    updateNode('update', [['updated'], ['not-updated']], node),
    ...inboxes('updated', 'not-updated'),
    ...catcher(),
  ]);
  for (const [name, value] of Object.entries(context)) await remember(name, value);
  const out = await flow.pass('update', msg);
  return { ...out, status: sandbox.orders.get(ORDER)?.values.orderstatus };
}

describe('Records', () => {
  it.each([
    ['str', 'salesorders', {}],
    ['msg', 'place.set', { place: { set: 'salesorders' } }],
    ['env', 'RECORD_UPDATES_TEST_SET', {}],
    ['jsonata', '"sales" & "orders"', {}],
    ['flow', 'set', {}],
    ['global', 'set', {}],
  ] as const)('as %s', async (collectionType, collection, more) => {
    process.env.RECORD_UPDATES_TEST_SET = 'salesorders';
    const out = await update(
      { collection, collectionType },
      { ...MSG, ...more },
      { set: 'salesorders' },
    );
    expect([out.at, out.status]).toEqual(['updated', 'Shipped']);
  });

  it('an expression that fails names the field', async () => {
    const { at, msg } = await update({ collection: '$nope(', collectionType: 'jsonata' }, MSG);
    expect([at, msg.error?.code]).toEqual(['caught', 'EXPRESSION_FAILED']);
    expect(msg.error?.message).toContain('Records');
  });
});

describe('Key', () => {
  it.each([
    ['str', ORDER, {}],
    ['msg', 'order.id', { order: { id: ORDER } }],
    ['json', `{"ordernumber": "${NUMBER}"}`, {}],
    ['env', 'RECORD_UPDATES_TEST_KEY', {}],
    ['jsonata', '{"ordernumber": "SO-2025-" & nr}', { nr: '0007' }],
    ['flow', 'order.id', {}],
    ['global', 'order.id', {}],
  ] as const)('as %s', async (keyType, key, more) => {
    process.env.RECORD_UPDATES_TEST_KEY = ORDER;
    const { payload } = MSG;
    const out = await update({ key, keyType }, { payload, ...more }, { order: { id: ORDER } });
    expect([out.at, out.status]).toEqual(['updated', 'Shipped']);
  });

  it('as num', async () => {
    const sandbox = await startPractice();
    sandbox.workOrders.put({ workOrderId: '4711' });
    const flow = await Flow.start([
      workOrdersAt(sandbox),
      fetchNode('fetch', [['read'], ['not-read']], {
        collection: 'work-orders',
        key: '4711',
        keyType: 'num',
      }),
      ...inboxes('read', 'not-read'),
    ]);
    const { at, msg } = await flow.pass('fetch', { payload: {} });
    expect([at, msg.record?.key]).toEqual(['read', 4711]);
  });

  it('another place than msg.key does not fall back to the snapshot', async () => {
    const record = { key: ORDER, url: '', version: 'W/"1"', values: {}, readAt: '' };
    const again = { payload: MSG.payload, record };
    const { at, msg } = await update({ key: 'order.id', keyType: 'msg' }, again);
    expect([at, msg.error?.code]).toEqual(['caught', 'KEY_INVALID']);
  });
});

describe('Changes', () => {
  it.each([
    ['msg', 'change.now', { change: { now: { orderstatus: 'Shipped' } } }],
    ['json', '{"orderstatus": "Shipped"}', {}],
    ['jsonata', '{"orderstatus": $uppercase("s") & "hipped"}', {}],
    ['flow', 'change', {}],
    ['global', 'change', {}],
  ] as const)('as %s', async (changesType, changes, more) => {
    const out = await update(
      { changes, changesType },
      { key: ORDER, payload: 'something else', ...more },
      { change: { orderstatus: 'Shipped' } },
    );
    expect([out.at, out.status]).toEqual(['updated', 'Shipped']);
    expect(out.msg.payload).toBe('something else');
  });
});

it('the generic API takes a plain path key', async () => {
  const sandbox = await startPractice();
  const flow = await Flow.start([
    workOrdersAt(sandbox),
    updateNode('update', [['updated'], ['not-updated']], { collection: 'work-orders' }),
    ...inboxes('updated', 'not-updated'),
  ]);
  const { msg } = await flow.pass('update', { key: WORK_ORDER, payload: { status: 'Complete' } });
  expect(msg.update?.outcome).toBe('updated');
  expect(sandbox.workOrders.requests(WORK_ORDER).at(-1)?.ifMatch).toBe('"v7"');
});
