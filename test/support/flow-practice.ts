import { onTestFinished } from 'vitest';
import type { FamilyId } from '../../lib/api/family-ids';
import type { RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { PRACTICE_PATHS } from '../../nodes/record-endpoint/practice-paths';
import {
  orderId,
  startSandbox,
  workOrderId,
  type Sandbox,
  type SandboxOptions,
} from '../../sandbox/index';
import { endpoint, type FlowNode } from './flow-nodes';

/** The sales order most tests update, and its GUID. */
export const ORDER = orderId(7);
export const WORK_ORDER = workOrderId(45);

/** A sandbox of its own for one test. */
export async function startPractice(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ orders: 20, workOrders: 60, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** An endpoint for the sandbox's sales orders, reached over HTTP like any other server. */
export function ordersAt(sandbox: Sandbox, config: Partial<RecordEndpointConfig> = {}): FlowNode {
  return endpoint({ server: 'url', baseUrl: `${sandbox.url}/api/data/v9.0`, ...config });
}

/** An endpoint for the sandbox's work orders. */
export function workOrdersAt(
  sandbox: Sandbox,
  config: Partial<RecordEndpointConfig> = {},
): FlowNode {
  return endpoint({ server: 'url', family: 'rest', baseUrl: `${sandbox.url}/api`, ...config });
}

/** An endpoint for the records of a family in the sandbox, reached over HTTP like any other server. */
export function familyAt(
  sandbox: Sandbox,
  family: FamilyId,
  config: Partial<RecordEndpointConfig> = {},
): FlowNode {
  const baseUrl = sandbox.url + PRACTICE_PATHS[family];
  return endpoint({ server: 'url', family, baseUrl, ...config });
}

/** Requests of any kind that reached the sandbox. */
export function requestCount(sandbox: Sandbox): number {
  return Object.values(sandbox.stats().requests).reduce((sum, count) => sum + count, 0);
}

/** Methods of the requests that named a record, in their order. */
export function methodsOf(records: Sandbox['orders'], id: string): string[] {
  return records.requests(id).map(({ method }) => method);
}
