import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Change, FaultRule, LoadRates, LoggedRequest, Stats } from '../../sandbox/index';
import type { CxControl } from '../../sandbox/territories/cx';
import { inRoot } from './paths';

/** The sandbox in a process of its own. */
export interface Server {
  readonly url: string;
  stats(): Promise<Stats>;
  setLoad(load: LoadRates): Promise<void>;
  addFault(rule: FaultRule): Promise<void>;
  /** Settings of the territory API. */
  setCx(cx: Partial<CxControl>): Promise<void>;
  /** Every change of a sales order, oldest first. */
  history(orderId: string): Promise<readonly Change[]>;
  /** Every change of a territory assignment, oldest first. */
  assignmentHistory(id: string): Promise<readonly Change[]>;
  /** Every request for a sales order, oldest first. */
  requests(orderId: string): Promise<readonly LoggedRequest[]>;
  close(): Promise<void>;
}

/** Starts it with these command-line arguments. Rejects with what it printed when it does not start. */
export async function startServer(...args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, [inRoot('dist/sandbox/main.js'), '--port', '0', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await announcedUrl(child);
  return {
    url,
    stats: () => control(url, 'GET', 'stats') as Promise<Stats>,
    setLoad: async load => {
      await control(url, 'PUT', 'load', { load });
    },
    addFault: async rule => {
      await control(url, 'POST', 'faults', rule);
    },
    setCx: async cx => {
      await control(url, 'PUT', 'cx', cx);
    },
    assignmentHistory: id =>
      control(url, 'GET', `history/territories/${id}`) as Promise<readonly Change[]>,
    history: id => control(url, 'GET', `history/orders/${id}`) as Promise<readonly Change[]>,
    requests: id =>
      control(url, 'GET', `requests/orders/${id}`) as Promise<readonly LoggedRequest[]>,
    close: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function announcedUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The sandbox has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    return (JSON.parse(line) as { url: string }).url;
  }
  throw new Error('The sandbox ended without telling its address');
}

async function control(
  url: string,
  method: string,
  command: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(`${url}/sandbox/${command}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${command}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
