import { loadExamples } from '../../scripts/lib/examples.mjs';
import type { Example, FlowNode } from '../../scripts/lib/examples.mjs';
import type { NodeRed } from '../../scripts/lib/node-red.mjs';
import { PATIENCE_MS } from '../../scripts/lib/patience.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import type { FaultRule, MachineEvent } from '../../sandbox/index';
import { judgeShift } from './judge/judge';
import type { Verdict } from './judge/judge';
import type { EventReport, OrderRecord } from './judge/order-case';
import { passed, verdictLine } from './judge/summary';

const NAME = 'work-orders/03 - Shift change';
/** Name of the debug node that shows how every event ended. */
const REPORT = 'shift report';

/** Decides what operators and background jobs do, and every fault. */
const SEED = 20_260_208;

/** What else goes wrong at a shift change. */
const FAULTS: readonly FaultRule[] = [
  { fault: 'latency', ms: 2, jitterMs: 8 },
  { fault: 'lost-response', on: 'write', rate: 0.05 },
];

interface Address {
  readonly url: string;
  close(): Promise<void>;
}

interface Judged {
  /** In the order of their arrival. */
  readonly events: readonly MachineEvent[];
  readonly verdict: Verdict;
}

interface Played extends Judged {
  readonly reports: readonly EventReport[];
}

interface PlayOptions {
  /** Such as `shift-1-200`. Default: the one of the example. */
  readonly shift?: string;
  /** Added to the environment of the sandbox. */
  readonly env?: NodeJS.ProcessEnv;
  /** All work orders are open at terminals before the first event. */
  readonly allOpen?: boolean | undefined;
}

/** Plays a shift with the nodes of the example at a sandbox in a process of its own. */
export async function playShift(
  start: (flows: readonly FlowNode[]) => Promise<NodeRed>,
  { shift, env, allOpen = false }: PlayOptions = {},
): Promise<Played> {
  const sandbox = await startShiftSandbox(env);
  try {
    if (allOpen) await openAll(sandbox.url);
    const example = workingAt(findShiftExample(loadExamples()), sandbox.url, shift);
    const nodeRed = await start(example.nodes);
    try {
      const reports = await reportsOf(nodeRed, example);
      return { reports, ...(await judgeAt(sandbox.url, example, reports)) };
    } finally {
      await nodeRed.close();
    }
  } finally {
    await sandbox.close();
  }
}

/** A sandbox of its own at which it is shift change; `env` is added to the environment of its process. */
export async function startShiftSandbox(env?: NodeJS.ProcessEnv): Promise<Address> {
  const sandbox = await startSandbox('shift-change', SEED, env);
  try {
    for (const fault of FAULTS) await control(sandbox.url, 'POST', 'faults', fault);
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

const isShiftExample = ({ name }: Example): boolean => name === NAME;

export function findShiftExample(examples: readonly Example[]): Example {
  const found = examples.find(isShiftExample);
  if (found === undefined) throw new Error(`There is no example ${NAME}`);
  return found;
}

/** The examples, that of the shift change working at this server. */
export function shiftWorkingAt(examples: readonly Example[], url: string): readonly Example[] {
  return examples.map(example => (isShiftExample(example) ? workingAt(example, url) : example));
}

/** The example with its own nodes, working at this server; `shift` by default its own one. */
export function workingAt(example: Example, url: string, shift = shiftOf(example)): Example {
  const nodes = example.nodes.map(node => {
    if (node.type === 'record-endpoint') return { ...node, server: 'url', baseUrl: `${url}/api` };
    return node.type === 'inject' ? { ...node, props: propsOf(node, shift) } : node;
  });
  return { ...example, nodes };
}

interface InjectedProperty {
  readonly p: string;
  readonly v: string;
}

/** Name of the shift it works through. */
function shiftOf({ nodes }: Example): string {
  const inject = nodes.find(({ type }) => type === 'inject');
  const props: readonly InjectedProperty[] = inject?.props ?? [];
  const shift = props.find(({ p }) => p === 'payload')?.v;
  if (shift === undefined) throw new Error(`${NAME} injects no name of a shift`);
  return shift;
}

function propsOf({ props }: FlowNode, shift: string): readonly InjectedProperty[] {
  return (props as readonly InjectedProperty[]).map(prop =>
    prop.p === 'payload' ? { ...prop, v: shift } : prop,
  );
}

/**
 * Calls back once the example has reported how every event of its shift ended; what it returns ends
 * that.
 */
function onShiftReport(
  nodeRed: NodeRed,
  { tab }: Example,
  callback: (reports: readonly EventReport[]) => void,
): () => void {
  return nodeRed.onDebug(({ z, name, msg }) => {
    if (z === tab && name === REPORT) callback(msg.payload.events);
  });
}

/**
 * Listens for the report of a shift change among these examples; what it returns judges it by what
 * the sandbox at this address remembers.
 */
export function shiftJudge(
  nodeRed: NodeRed,
  examples: readonly Example[],
  url: string,
): () => Promise<{ readonly ok: boolean; readonly line: string }> {
  const example = findShiftExample(examples);
  let reports: readonly EventReport[] = [];
  onShiftReport(nodeRed, example, found => (reports = found));
  return async () => {
    if (reports.length === 0) return { ok: false, line: 'FAILED  shift change: no report came' };
    const { verdict } = await judgeAt(url, example, reports);
    return { ok: passed(verdict), line: verdictLine(verdict) };
  };
}

function reportsOf(nodeRed: NodeRed, example: Example): Promise<readonly EventReport[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      unwatch();
      const logged = nodeRed.logs.map(({ message }) => message).join('\n');
      reject(new Error(`No report of the shift within ${PATIENCE_MS / 1000} s\n${logged}`));
    }, PATIENCE_MS);
    const unwatch = onShiftReport(nodeRed, example, reports => {
      clearTimeout(timer);
      unwatch();
      resolve(reports);
    });
  });
}

/** Judges what the example reported by what the sandbox at this address remembers. */
async function judgeAt(
  url: string,
  example: Example,
  reports: readonly EventReport[],
): Promise<Judged> {
  const shift = await control(url, 'GET', `records/shifts/${shiftOf(example)}`);
  const { events } = (shift as { readonly values: { readonly events: Judged['events'] } }).values;
  return { events, verdict: judgeShift({ events, reports, orders: await recordsOf(url) }) };
}

/** What the server remembers of its work orders, by id. */
async function recordsOf(url: string): Promise<Map<string, OrderRecord>> {
  const records = new Map<string, OrderRecord>();
  for (const id of (await control(url, 'GET', 'records/work-orders')) as readonly string[]) {
    const history = (await control(
      url,
      'GET',
      `history/work-orders/${id}`,
    )) as OrderRecord['history'];
    const requests = (await control(
      url,
      'GET',
      `requests/work-orders/${id}`,
    )) as OrderRecord['requests'];
    records.set(id, { history, requests });
  }
  return records;
}

async function openAll(url: string): Promise<void> {
  for (const id of (await control(url, 'GET', 'records/work-orders')) as readonly string[]) {
    const opened = { fields: { openedBy: 'kim' }, by: 'operator' };
    await control(url, 'PATCH', `records/work-orders/${id}`, opened);
  }
}

/** What the sandbox answers to a command. Throws when it refuses. */
async function control(
  url: string,
  method: string,
  command: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${url}/sandbox/${command}`, {
    method,
    ...(body && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${command} answered ${response.status}: ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
