import helper from 'node-red-node-test-helper';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ON_TAB, recordNodes, UPDATE_ID } from '../bench/drivers/record-nodes';
import { judgeSoak } from '../bench/soak/judge';
import {
  runSoak,
  SOAK_FAULTS,
  SOAK_PLAN,
  SOAK_SEED,
  type SendJob,
  type SoakJob,
} from '../bench/soak/soak';
import type { UpdateResult } from '../lib/outcome/outcome';
import conditionalUpdate from '../nodes/conditional-update/conditional-update';
import recordEndpoint from '../nodes/record-endpoint/record-endpoint';
import { startSandbox, type Sandbox } from '../sandbox/index';
import { useFastClock } from './support/use-fast-clock';

const EXIT = 'exit';

let sandbox: Sandbox;

useFastClock(5);
/** Waits are shorter by this clock. What ends an exchange or an update is not: a busy machine needs as long as ever. Seconds. */
const LIMITS = { timeout: 100, deadline: 600 };

beforeAll(async () => {
  sandbox = await startSandbox({
    seed: SOAK_SEED,
    load: 'peak',
    orders: SOAK_PLAN.orders,
    faults: SOAK_FAULTS,
  });
});

afterAll(async () => {
  await helper.unload();
  await sandbox.close();
});

test('2,000 updates by 64 workers at peak noise with faults: nothing is lost, nothing is applied twice', async () => {
  const reports = await runSoak(await startNodes(), SOAK_PLAN);
  const verdict = await judgeSoak(reports, id => sandbox.orders.history(id));
  expect(verdict).toMatchObject({
    lost: 0,
    duplicated: 0,
    misreported: 0,
    unreported: 0,
    invented: 0,
  });
  // A connection that is reset before a write arrives, and noise before it goes again: nobody can tell that it never landed.
  const uncertain = (verdict.outcomes.uncertain ?? 0) / SOAK_PLAN.updates;
  expect(uncertain).toBeLessThanOrEqual(0.004);
  expect(verdict.successWithoutOperator + uncertain).toBeGreaterThanOrEqual(0.999);
  // Without these the run would have proven nothing.
  expect(verdict.operatorChanges).toBeGreaterThan(0);
  expect(verdict.outcomes['already-applied']).toBeGreaterThan(0);
  expect(sandbox.stats().changes.background).toBeGreaterThan(SOAK_PLAN.updates / 10);
});

/** Deploys endpoint and update node; what is sent goes through them. */
async function startNodes(): Promise<SendJob> {
  const exit = { id: EXIT, type: 'helper', ...ON_TAB, wires: [] };
  const flow = [
    { id: 'tab', type: 'tab' },
    ...recordNodes(sandbox.url, EXIT, { endpoint: LIMITS }),
    exit,
  ];
  await helper.load([recordEndpoint, conditionalUpdate], flow as never);
  const waiting = new Map<string, (update: UpdateResult) => void>();
  helper.getNode(EXIT).on('input', msg => {
    const { payload, update } = msg as unknown as {
      payload: SoakJob['changes'];
      update: UpdateResult;
    };
    waiting.get(payload.description)?.(update);
  });
  return ({ key, changes }) =>
    new Promise(resolve => {
      waiting.set(changes.description, resolve);
      helper.getNode(UPDATE_ID).receive({ key, payload: changes });
    });
}
