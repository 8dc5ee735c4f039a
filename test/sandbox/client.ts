import { afterEach } from 'vitest';
import { startSandbox } from '../../sandbox';
import type { Sandbox, SandboxOptions } from '../../sandbox';

const running: Sandbox[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(sandbox => sandbox.close()));
});

/** Few records of each kind, so that a sandbox starts at once. */
const FEW = {
  orders: 5,
  workOrders: 50,
  financeOrders: 10,
  financeLines: 10,
  sapOrders: 5,
  territories: 5,
  documents: 5,
};

/** A sandbox that is closed after the test. */
export async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ ...FEW, ...options });
  running.push(sandbox);
  return sandbox;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty when there is none. */
  readonly json: Record<string, unknown>;
}

/** Sends one request; follows no redirect. Rejects when no whole answer comes. */
export async function call(
  sandbox: Sandbox,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answered> {
  const content = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(sandbox.url + path, {
    method,
    redirect: 'manual',
    headers: { ...content, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Path of a sales order by whatever stands between the parentheses. */
export function order(key: string, query = ''): string {
  return `/api/data/v9.0/salesorders(${key})${query}`;
}

export function workOrder(id: string): string {
  return `/api/work-orders/${id}`;
}

/** `error.code` of a Dataverse answer. */
export function codeOf(answer: Answered): unknown {
  return (answer.json.error as { code?: unknown } | undefined)?.code;
}
